channels = get_channels()
counts = []
for channel in channels:
    messages = read_channel_messages(channel=channel)
    counts.append({"channel": channel, "count": len(messages)})
quietest = min(counts, key=lambda c: c["count"])
all_users = []
for channel in channels:
    for user in get_users_in_channel(channel=channel):
        if user not in all_users:
            all_users.append(user)
members = get_users_in_channel(channel=quietest["channel"])
for user in all_users:
    if user not in members:
        add_user_to_channel(user=user, channel=quietest["channel"])
