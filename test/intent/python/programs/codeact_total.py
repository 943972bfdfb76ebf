items = list_items(folder="cart", limit=10)
total = 0
count = 0
for item in items:
    if item.in_stock and item.quantity > 0:
        total += item.price * item.quantity
        count += item.quantity
average = total / count if count else 0
note(value=total, title=f"{count} pieces", extra=average)
