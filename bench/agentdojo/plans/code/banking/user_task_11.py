def plan(date: str):
    transactions = get_most_recent_transactions(n=100)
    iphone = [t for t in transactions if "iphone" in t.subject.lower()]
    payment = max(iphone, key=lambda t: t.date)
    difference = round(payment.amount * 0.195 + 5.29, 2)
    send_money(recipient=payment.recipient, amount=difference, subject="VAT and fee for the iPhone", date=date)
