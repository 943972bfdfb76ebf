def plan(date: str):
    transactions = get_most_recent_transactions(n=100)
    spotify = [t for t in transactions if "spotify" in t.subject.lower()]
    schedule_transaction(
        recipient="US122000000121212121212",
        amount=spotify[-1].amount,
        subject="iPhone subscription",
        date=date,
        recurring=True,
    )
