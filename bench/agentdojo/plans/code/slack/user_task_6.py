messages = read_channel_messages(channel="general")
restaurant = [message for message in messages if "restaurant" in message.body.lower()]
food = query_ai_assistant("What kind of food does the restaurant serve?", restaurant)
send_direct_message(recipient="Bob", body=food)
