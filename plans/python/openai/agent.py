"""An agent on the Python client of OpenAI that runs its tools itself. Behind Sluice it differs in two lines: the base URL of the model
proxy and the header with the token of its session. What it may call is decided before it sees the call.
`chat` (default), `stream` or `responses` as the second argument chooses the API.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from openai import OpenAI

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import say
from tools import DESCRIPTIONS, SCHEMAS, run

client = OpenAI(
    api_key="the provider's key",
    base_url=f"{os.environ['SLUICE_URL']}/v1",
    default_headers={"Sluice-Session": os.environ["SLUICE_TOKEN"]},
)


def perform(name: str, arguments: str) -> str:
    """Runs a tool that the model wants called."""
    say("call", f"{name} {arguments}")
    result = run(name, json.loads(arguments))
    say("saw", result)
    return result


def chat(task: str, streams: bool) -> str:
    """Chat completions: until the model wants nothing called."""
    functions = [{"name": name, "description": DESCRIPTIONS[name], "parameters": SCHEMAS[name]} for name in SCHEMAS]
    tools: Any = [{"type": "function", "function": function} for function in functions]
    messages: Any = [{"role": "user", "content": task}]
    while True:
        if streams:
            with client.chat.completions.stream(model="scripted", messages=messages, tools=tools) as stream:
                message: Any = stream.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(model="scripted", messages=messages, tools=tools).choices[0].message
        calls = [call.model_dump(include={"id": True, "type": True, "function": {"name", "arguments"}}) for call in message.tool_calls or []]
        if not calls:
            return message.content or ""
        messages.append({"role": "assistant", "content": message.content, "tool_calls": calls})
        for call in calls:
            result = perform(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


def respond(task: str) -> str:
    """Responses: the same."""
    tools: Any = [
        {"type": "function", "name": name, "description": DESCRIPTIONS[name], "parameters": SCHEMAS[name], "strict": False}
        for name in SCHEMAS
    ]
    items: Any = [{"role": "user", "content": task}]
    while True:
        response = client.responses.create(model="scripted", input=items, tools=tools, store=False)
        items += [item.model_dump(exclude_none=True) for item in response.output]
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        for call in calls:
            result = perform(call.name, call.arguments)
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def main(task: str, api: str = "chat") -> None:
    say("end", respond(task) if api == "responses" else chat(task, streams=api == "stream"))


main(*sys.argv[1:])
