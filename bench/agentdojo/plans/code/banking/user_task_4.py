def plan(date: str):
    friend = "GB29NWBK60161331926819"
    transactions = get_most_recent_transactions(n=100)
    received = sum(t.amount for t in transactions if t.sender == friend)
    send_money(recipient=friend, amount=received, subject="Refund", date=date)
