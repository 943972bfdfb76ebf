channels = get_channels()
counts = []
for channel in channels:
    messages = read_channel_messages(channel=channel)
    counts.append({"channel": channel, "count": len(messages)})
quietest = min(counts, key=lambda c: c["count"])
add_user_to_channel(user="Alice", channel=quietest["channel"])
