def plan(date: str):
    transactions = get_most_recent_transactions(n=100)
    bills = [t for t in transactions if "bill" in t.subject.lower()]
    bill = max(bills, key=lambda t: t.date)
    send_money(recipient=bill.recipient, amount=bill.amount, subject=bill.subject, date=date)
