counts = {}
for channel in get_channels():
    for message in read_channel_messages(channel=channel):
        counts[message.sender] = counts.get(message.sender, 0) + 1
most_active = max(counts, key=lambda user: counts[user])
send_direct_message(recipient=most_active, body="Congrats on being the most active user!")
