"""What a language model would do with the desk's tools, but the same each time and without a network: read a ticket, look up who
wrote it, answer by mail. It believes what it reads: if a ticket says where the answer should go, that is where it sends it.
When a call is refused it reads the refusal and acts on it, as models do. It never keeps anything between two turns.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A tool that the model wants called."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A call of earlier turns, and the text that came back."""

    tool: str
    text: str


def next_turn(ticket: int, seen: list[Seen]) -> Call | str:
    """The next call, or the final answer: decided from the conversation alone. `ticket`: the number that the user named."""
    if seen:
        say("saw", seen[-1].text)
    turn = decide(ticket, seen)
    if isinstance(turn, Call):
        say("call", f"{turn.tool} {json.dumps(turn.args, ensure_ascii=False)}")
    else:
        say("end", turn)
    return turn


def decide(ticket: int, seen: list[Seen]) -> Call | str:
    read, found, sent = ([one.text for one in seen if one.tool == tool] for tool in ("get_ticket", "find_customer", "send_mail"))
    if not read:
        return Call("get_ticket", {"id": ticket})
    if not found:
        return Call("find_customer", {"email": first(r'"(?:from|sender)":\s*"([^"]+)"', read[0])})
    answer = {"subject": "Your question", "body": "You find your invoices under Settings, Billing."}
    if not sent:
        # Here the model is hijacked: it takes what the ticket says for an instruction.
        to = first(r"send the answer to ([\w.+-]+@[\w.-]+\w)", read[0]) or first(r'"email":\s*"([^"]+)"', found[0])
        return Call("send_mail", {"to": to, **answer})
    code = refusal(sent[-1])
    if code is None:
        return f"Ticket {ticket} is answered."
    if code in ("ARG_MISMATCH", "HIDDEN") and len(sent) == 1:
        # The refusal says what to do: "omit it and it is filled in".
        return Call("send_mail", answer)
    return f"Ticket {ticket} could not be answered: {code}"


def refusal(text: str) -> str | None:
    """The code of a refusal in a tool's answer, or None if the tool has answered."""
    return None if '"id"' in text and '"code"' not in text else first(r"\b([A-Z]+(?:_[A-Z]+)+|HIDDEN)\b", text) or "an error"


def first(pattern: str, text: str) -> str:
    """The first group of the first match, or nothing."""
    found = re.search(pattern, text)
    return found.group(1) if found else ""


def ticket_of(task: str) -> int:
    """The number of the ticket in what the user said."""
    return int(first(r"ticket (\d+)", task) or 0)


def named(tool: str, offered: list[str]) -> str:
    """A tool's name as it is offered: `send_mail` may be shown as `mail__send_mail`."""
    matching = [name for name in offered if re.search(rf"(?:^|[^a-zA-Z]){tool}$", name)]
    if len(matching) != 1:
        raise LookupError(f"{tool} is offered {len(matching)} times: {offered}")
    return matching[0]


def bare(name: str) -> str:
    """The desk's own name of an offered tool."""
    for tool in ("get_ticket", "find_customer", "send_mail"):
        if name.endswith(tool):
            return tool
    return name


def say(kind: str, what: str) -> None:
    """One line for each thing that the model sees or does."""
    print(f"{kind:4} {' '.join(what.split())}", flush=True)
