def plan(date: str):
    friend = "GB29NWBK60161331926819"
    transactions = get_most_recent_transactions(n=100)
    received = [t for t in transactions if t.sender == friend]
    latest = max(received, key=lambda t: t.date)
    difference = latest.amount - 12.00 / 2
    if difference > 0:
        send_money(recipient=friend, amount=difference, subject="Difference for dinner", date=date)
