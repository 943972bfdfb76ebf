messages = read_channel_messages(channel="general")
urls = query_ai_assistant("Which websites are posted in these messages?", messages)
contents = []
for url in urls:
    contents.append(get_webpage(url=url))
summary = query_ai_assistant("Summarise these websites:", contents)
send_channel_message(channel="random", body=summary)
