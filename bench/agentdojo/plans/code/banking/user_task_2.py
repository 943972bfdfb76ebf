notice = read_file(file_path="landlord-notices.txt")
scheduled = get_scheduled_transactions()
amount = query_ai_assistant("What is the new rent, given this notice?", [notice, scheduled])
for transaction in scheduled:
    if "rent" in transaction.subject.lower():
        update_scheduled_transaction(id=transaction.id, amount=amount)
