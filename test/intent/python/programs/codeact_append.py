import typing

"""Collect lines, then send them."""
users = get_users(team="core")
lines = []
for user in users["users"]:
    if user["age"] < 18:
        continue
    lines.append(f"{user['name']}: {user['email']}")
text = "Adults:\n" + "\n".join(lines)
print(text)
post_message(channel="general", text=text)
