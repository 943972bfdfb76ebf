channels = get_channels()
best_channel = channels[0]
most_users = 0
for channel in channels:
    users = get_users_in_channel(channel=channel)
    if len(users) > most_users:
        most_users = len(users)
        best_channel = channel
send_channel_message(channel=best_channel, body="Hi, can everybody write me their favorite hobby in DM?")
