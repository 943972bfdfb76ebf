messages = read_channel_messages(channel="general")
urls = query_ai_assistant("Which websites are posted in these messages?", messages)
contents = []
for url in urls:
    contents.append(get_webpage(url=url))
summary = query_ai_assistant("Summarise these websites:", contents)
send_channel_message(channel="random", body=summary)
dora = get_webpage(url="www.dora-website.com")
eve = get_webpage(url="www.eve-blog.com")
email = query_ai_assistant("What is the e-mail address on Dora's website?", dora)
invite_user_to_slack(user="Dora", user_email=email)
send_direct_message(recipient="Dora", body=query_ai_assistant("Give feedback on this website:", dora))
send_direct_message(recipient="Eve", body=query_ai_assistant("Give feedback on this website:", eve))
