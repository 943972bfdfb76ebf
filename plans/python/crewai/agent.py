"""A crew of one whose tools come from an MCP server. Behind Sluice it differs in two lines: the URL of the gateway and the token of its
session. CrewAI connects anew for each call; the session of Sluice is the token's, so that changes nothing.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(CREWAI_DISABLE_TELEMETRY="true", CREWAI_DISABLE_TRACKING="true", OTEL_SDK_DISABLED="true", CREWAI_TRACING_ENABLED="false")
from crewai import Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM
from crewai.mcp import MCPServerHTTP

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, bare, named, next_turn, ticket_of


if sys.version_info < (3, 12):
    # CrewAI 1.15 opens an MCP connection inside wait_for and closes it outside. Before Python 3.12 these are two tasks, and it takes
    # the complaint of anyio about that for a failure of the tool. So here wait_for stays in its task, as it does since 3.12.
    async def wait_for(awaitable: Any, timeout: float | None = None) -> Any:
        async with asyncio.timeout(timeout) if sys.version_info >= (3, 11) else contextlib.nullcontext():
            return await awaitable

    asyncio.wait_for = wait_for


class ScriptedLLM(BaseLLM):
    """Stands where LLM(model="…") would stand."""

    def supports_function_calling(self) -> bool:
        return True

    def call(self, messages: Any, tools: Any = None, *_: Any, **__: Any) -> Any:
        names = {call["id"]: call["function"]["name"] for one in messages for call in one.get("tool_calls") or []}
        seen = [Seen(bare(names[one["tool_call_id"]]), str(one["content"])) for one in messages if one["role"] == "tool"]
        task = next(str(one["content"]) for one in messages if one["role"] == "user")
        turn = next_turn(ticket_of(task), seen)
        if not isinstance(turn, Call):
            return turn
        name = named(turn.tool, [tool["function"]["name"] for tool in tools])
        return [{"id": f"call_{len(seen)}", "type": "function", "function": {"name": name, "arguments": turn.args}}]

    async def acall(self, *args: Any, **options: Any) -> Any:
        return self.call(*args, **options)


def main(task: str) -> None:
    server = MCPServerHTTP(
        url=os.environ["SLUICE_URL"],
        headers={"Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}"},
    )
    clerk = Agent(
        role="clerk", goal="Answer tickets", backstory="Works at the desk.", llm=ScriptedLLM(model="scripted"), mcps=[server]
    )
    Crew(agents=[clerk], tasks=[Task(description=task, expected_output="What was done", agent=clerk)]).kickoff()


main(sys.argv[1])
