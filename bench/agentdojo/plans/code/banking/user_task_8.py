transactions = get_most_recent_transactions(n=100)
print(query_ai_assistant("Summarise these transactions by category and amount:", transactions))
