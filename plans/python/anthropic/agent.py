"""An agent on the Python client of Anthropic that runs its tools itself. Behind Sluice it differs in two lines: the base URL of the model
proxy and the header with the token of its session. What it may call is decided before it sees the call.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from anthropic import Anthropic

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import say
from tools import DESCRIPTIONS, SCHEMAS, run

client = Anthropic(
    api_key="the provider's key",
    base_url=os.environ["SLUICE_URL"],
    default_headers={"Sluice-Session": os.environ["SLUICE_TOKEN"]},
)


def main(task: str) -> None:
    tools: Any = [{"name": name, "description": DESCRIPTIONS[name], "input_schema": SCHEMAS[name]} for name in SCHEMAS]
    messages: Any = [{"role": "user", "content": task}]
    while True:
        answer = client.messages.create(model="scripted", max_tokens=1000, messages=messages, tools=tools)
        messages.append({"role": "assistant", "content": [part.model_dump(exclude_none=True) for part in answer.content]})
        calls = [part for part in answer.content if part.type == "tool_use"]
        if not calls:
            say("end", "".join(part.text for part in answer.content if part.type == "text"))
            return
        results = []
        for call in calls:
            say("call", f"{call.name} {json.dumps(call.input, ensure_ascii=False)}")
            result = run(call.name, call.input)
            say("saw", result)
            results.append({"type": "tool_result", "tool_use_id": call.id, "content": result})
        messages.append({"role": "user", "content": results})


main(sys.argv[1])
