# What a planner in the style of CaMeL writes: straight lines, results with members.
invoice = get_invoice(id="INV-7")
total = sum(line.amount * line.count for line in invoice.lines)
if invoice.approved and total > 0:
    pay(to="ACME", amount=total, reason=f"Invoice {invoice.id}")
else:
    note(value=f"Invoice {invoice.id} was not paid")
