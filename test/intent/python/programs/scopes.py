x = "outer"
xs = [x for x in ["inner"]]
note(x, extra=xs)
for x in [1, 2]:
    y = x * 2
note(x, extra=y)
if x == 2:
    z = "two"
else:
    z = "other"
note(z)
names = []
for user in get_users(team="a").users:
    if user.age > 30:
        names.append(user.name)
    else:
        names.append("young")
note(names, title="".join(names))
total = 0
text = ""
for line in get_invoice("I-1").lines:
    total += line.amount
    text += f"[{line.text}]"
note(total, title=text)
