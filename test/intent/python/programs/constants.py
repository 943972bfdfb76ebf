LIMIT = 2_000
CHANNEL: str = "alerts"
threshold = LIMIT // 3
post_message(CHANNEL, f"limit {LIMIT}, threshold {threshold}")
for index, name in enumerate(["a", "b", "c"], start=1):
    note(value=index, title=name)
for i in range(3):
    note(i, extra=i % 2 == 0)
