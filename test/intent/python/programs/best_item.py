items = list_items("shop")
available = [item for item in items if item.in_stock]
if len(available) > 0:
    cheapest = min(available, key=lambda item: item.price)
    note(cheapest.sku, title=f"{cheapest.price:.2f}")
    ranked = sorted(available, key=lambda item: item.quantity, reverse=True)
    note([item.sku for item in ranked])
    found = next(item for item in items if item.in_stock)
    note(found.sku)
