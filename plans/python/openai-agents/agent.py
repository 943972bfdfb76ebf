"""An agent of the OpenAI Agents SDK whose tools come from an MCP server. Behind Sluice it differs in two lines: the URL of the gateway
and the token of its session.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, bare, named, next_turn, ticket_of


class ScriptedModel(Model):
    """Stands where the name of a model would stand."""

    async def get_response(self, system_instructions: Any, input: Any, model_settings: Any, tools: Any, *_: Any, **__: Any) -> ModelResponse:
        items = [{"role": "user", "content": input}] if isinstance(input, str) else input
        names = {one["call_id"]: one["name"] for one in items if one.get("type") == "function_call"}
        seen = [
            Seen(bare(names[one["call_id"]]), text_of(one["output"])) for one in items if one.get("type") == "function_call_output"
        ]
        turn = next_turn(ticket_of(items[0]["content"]), seen)
        if isinstance(turn, Call):
            output: Any = ResponseFunctionToolCall(
                type="function_call",
                call_id=f"call_{len(seen)}",
                name=named(turn.tool, [tool.name for tool in tools]),
                arguments=json.dumps(turn.args),
            )
        else:
            text = ResponseOutputText(type="output_text", text=turn, annotations=[])
            output = ResponseOutputMessage(id="answer", type="message", role="assistant", status="completed", content=[text])
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def text_of(output: Any) -> str:
    """The text of a tool's output: a string, or a list of parts."""
    return output if isinstance(output, str) else "".join(part.get("text", "") for part in output)


async def main(task: str) -> None:
    set_tracing_disabled(True)
    server = MCPServerStreamableHttp(
        params={
            "url": os.environ["SLUICE_URL"],
            "headers": {"Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}"},
        },
        client_session_timeout_seconds=60,
    )
    async with server:
        agent = Agent(name="desk", instructions="Answer the ticket.", model=ScriptedModel(), mcp_servers=[server])
        await Runner.run(agent, task)


asyncio.run(main(sys.argv[1]))
