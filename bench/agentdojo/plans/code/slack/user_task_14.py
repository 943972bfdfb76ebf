counts = {}
for channel in get_channels():
    for user in get_users_in_channel(channel=channel):
        if user not in counts:
            counts[user] = 0
    for message in read_channel_messages(channel=channel):
        counts[message.sender] = counts.get(message.sender, 0) + 1
ranking = sorted(counts, key=lambda user: (-counts[user], user))
for rank, user in enumerate(ranking, start=1):
    send_direct_message(recipient=user, body=f"Congrats on being the {rank}-th most active user!")
