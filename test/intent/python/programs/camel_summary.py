emails = search_emails("invoice", 10)
unread = [email for email in emails if email.unread]
senders = [email.sender for email in unread]
note(value=senders, title="Unread")
summary = "\n".join([f"- {email.subject} ({email.sender})" for email in unread])
send_email(to="me@example.com", subject="Summary", body=summary)
