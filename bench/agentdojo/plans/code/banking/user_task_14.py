transactions = get_most_recent_transactions(n=100)
suspicious = query_ai_assistant("Is any of these transactions suspicious? Answer yes or no.", transactions)
if suspicious == "yes":
    update_password(password="1j1l-2k3j")
