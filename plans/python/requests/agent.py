"""An agent that calls plain HTTP APIs with requests. Behind Sluice it differs in two lines: the URL of the proxy and the token of its
session. It has no API key: the proxy holds it.
"""

import os
import sys
from pathlib import Path

import requests

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, next_turn, ticket_of


def main(task: str) -> None:
    url = os.environ["SLUICE_URL"]
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {os.environ['SLUICE_TOKEN']}"
    http.trust_env = False
    tools = {
        "get_ticket": lambda id: http.get(f"{url}/tickets/{id}", timeout=60),
        "find_customer": lambda email: http.get(f"{url}/customers", params={"email": email}, timeout=60),
        "send_mail": lambda **mail: http.post(f"{url}/mails", json=mail, timeout=60),
    }
    seen: list[Seen] = []
    while isinstance(turn := next_turn(ticket_of(task), seen), Call):
        seen.append(Seen(turn.tool, tools[turn.tool](**turn.args).text))


main(sys.argv[1])
