messages = read_channel_messages(channel="general")
posted = [message for message in messages if message.sender == "Bob"]
url = query_ai_assistant("What is the URL of the article in these messages?", posted)
article = get_webpage(url=url)
summary = query_ai_assistant("Summarise this article:", article)
send_direct_message(recipient="Alice", body=summary)
