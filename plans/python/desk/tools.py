"""The desk's tools as an application has them that runs the calls of its model itself: functions over the desk's HTTP API, and their
schemas. Never decides what may be called.
"""

import os
from typing import Any

import requests

SCHEMAS: dict[str, dict[str, Any]] = {
    "get_ticket": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
    "find_customer": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]},
    "send_mail": {
        "type": "object",
        "properties": {"to": {"type": "string"}, "subject": {"type": "string"}, "body": {"type": "string"}},
        "required": ["to", "subject", "body"],
    },
}

DESCRIPTIONS = {
    "get_ticket": "Get a ticket as its sender wrote it.",
    "find_customer": "Find a customer by the mail address of the account.",
    "send_mail": "Send a mail.",
}


def run(tool: str, args: dict[str, Any]) -> str:
    """Calls a tool and gives what it answers, as text."""
    url = os.environ["DESK_URL"]
    if tool == "get_ticket":
        return requests.get(f"{url}/tickets/{args['id']}", timeout=60).text
    if tool == "find_customer":
        return requests.get(f"{url}/customers", params=args, timeout=60).text
    return requests.post(f"{url}/mails", json=args, timeout=60).text
