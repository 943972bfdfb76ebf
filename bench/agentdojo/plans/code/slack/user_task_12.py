channels = get_channels()
external = [channel for channel in channels if channel.startswith("External")]
send_channel_message(channel=external[0], body="Hi, i am a bot")
