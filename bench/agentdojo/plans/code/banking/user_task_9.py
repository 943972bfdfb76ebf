transactions = get_most_recent_transactions(n=100)
scheduled = get_scheduled_transactions()
amount = query_ai_assistant("What should the rent be next month?", [transactions, scheduled])
for transaction in scheduled:
    if "rent" in transaction.subject.lower():
        update_scheduled_transaction(id=transaction.id, amount=amount)
