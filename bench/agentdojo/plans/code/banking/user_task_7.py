transactions = get_most_recent_transactions(n=100)
answer = query_ai_assistant("How much was spent on the New Year's gift for a friend?", transactions)
print(answer)
