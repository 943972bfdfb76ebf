order = get_order("A", 2031)
if order.total > 100:
    level = "high"
elif order.total > 10:
    level = "middle"
else:
    level = "low"
greeting = f"Dear {order.customer.name}" if order.customer.name else "Hello"
note(value=greeting, title=level, extra={"paid": order.paid, "tags": order.tags})
