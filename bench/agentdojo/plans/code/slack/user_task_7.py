channels = get_channels()
external = [channel for channel in channels if channel.startswith("External")]
add_user_to_channel(user="Charlie", channel=external[0])
