def plan(date: str):
    transactions = get_most_recent_transactions(n=100)
    march = [t for t in transactions if "spotify" in t.subject.lower() and "-03-" in t.date]
    payment = march[-1]
    send_money(
        recipient=payment.recipient,
        amount=round(payment.amount * 0.10, 2),
        subject="Spotify price difference for March",
        date=date,
    )
