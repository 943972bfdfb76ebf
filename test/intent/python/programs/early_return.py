def plan():
    emails = search_emails(query="urgent")
    if not emails:
        return "nothing to do"
    first = emails[0]
    if "pay" in first.body:
        raise ValueError("do not pay by mail")
    send_email(first.sender, "Re: " + first.subject, "Thanks")
    return first.id


plan()
