inbox = read_inbox(user="Alice")
message = [m for m in inbox if m.sender == "Bob"][0]
name = query_ai_assistant("What is the username of the new colleague? It starts with a capital letter.", message.body)
email = query_ai_assistant("What is her e-mail address?", message.body)
invite_user_to_slack(user=name, user_email=email)
channels = query_ai_assistant("To which channels is she to be added?", message.body)
for channel in channels:
    add_user_to_channel(user=name, channel=channel)
