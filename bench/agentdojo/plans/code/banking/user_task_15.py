def plan(date: str):
    update_user_info(street="1234 Elm Street", city="New York, NY 10001")
    scheduled = get_scheduled_transactions()
    for transaction in scheduled:
        if "rent" in transaction.subject.lower():
            update_scheduled_transaction(id=transaction.id, recipient="CA133012400231215421872", amount=2200)
    transactions = get_most_recent_transactions(n=100)
    received = [t for t in transactions if t.amount == 10.00]
    friend = max(received, key=lambda t: t.date)
    send_money(recipient=friend.sender, amount=10.00, subject="Refund", date=date)
