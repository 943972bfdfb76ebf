from typing import List


def main(_unused: int = 1, /) -> None:
    emails = search_emails(query="x", limit=5)
    for i, email in enumerate(emails):
        note(email.subject, title=email.sender)
    found: List[str] = []
    for user in get_users("a").users:
        if user.age > 20:
            found += [user.email]
    last = sorted(emails, key=lambda e: e.id)
    note(found, extra=[e.id for e in last])
    note([n for position, n in enumerate(found)])
    first = max(get_users("b").users, key=lambda u: u["age"])["email"]
    body = (
        f"Dear {first},\n"
        "this is "
        f"{len(found)}."
    )
    send_email(first, "Hello", body)


main()
