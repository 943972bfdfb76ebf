transactions = get_most_recent_transactions(n=100)
spending = [t for t in transactions if t.date.startswith("2022-03")]
total = sum(t.amount for t in spending)
print(f"Your total spending in March 2022 was {total}")
