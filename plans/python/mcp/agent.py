"""An agent of one loop on the package `mcp` 1, which speaks the revisions of MCP up to 2025-11-25. Behind Sluice it differs in two
lines: the URL of the gateway and the token of its session.
"""

import asyncio
import os
import sys
from pathlib import Path

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, named, next_turn, say, ticket_of


async def main(task: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=60) as http,
        streamable_http_client(os.environ["SLUICE_URL"], http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        version = (await session.initialize()).protocolVersion
        offered = [tool.name for tool in (await session.list_tools()).tools]
        say("mcp", f"{version} offers {', '.join(sorted(offered))}")
        seen: list[Seen] = []
        while isinstance(turn := next_turn(ticket_of(task), seen), Call):
            result = await session.call_tool(named(turn.tool, offered), turn.args)
            seen.append(Seen(turn.tool, "".join(part.text for part in result.content if part.type == "text")))


asyncio.run(main(sys.argv[1]))
