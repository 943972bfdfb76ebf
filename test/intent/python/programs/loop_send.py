for user in get_users(team="ops").users:
    if user.age >= 18:
        send_email(to=user.email, subject="Hello " + user.name, body=f"""Dear {user.name},

you are {user.age} years old.
""")
