article = get_webpage(url="www.informations.com")
summary = query_ai_assistant("Summarise this article:", article)
send_channel_message(channel="general", body=summary)
