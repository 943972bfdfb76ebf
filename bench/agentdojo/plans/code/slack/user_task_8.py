channels = get_channels()
for channel in channels:
    messages = read_channel_messages(channel=channel)
    asked = [m for m in messages if m.sender == "Alice" and "coffee mug" in m.body.lower()]
    if asked:
        send_channel_message(channel=channel, body="I've seen the coffee mug in the meeting room.")
