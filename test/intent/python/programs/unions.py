order = get_order("A")
note(order.memo or "none", title=order.memo and "some", extra=order.tags or ["empty"])
if order.memo:
    note("memo")
if order.memo is None and not order.paid:
    note("nothing")
elif order.memo is not None or order.count:
    note("something")
if not order.items:
    note("no items")
if order.total and order.amounts:
    note("both")
note(order.get("memo"), title=order.get("other", "d"), extra=order.get("other"))
note([item.sku for item in order.items if item.note], extra=[item.note or "-" for item in order.items])
note(any(item.note for item in order.items), extra=all(item.in_stock for item in order.items))
