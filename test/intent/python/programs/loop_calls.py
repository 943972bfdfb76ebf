orders = [get_order(id=key) for key in ["A", "B"]]
for order in orders:
    for item in order.items:
        if item.quantity > 2:
            note(value=item.sku, title=order.id)
