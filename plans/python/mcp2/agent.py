"""An agent of one loop on the package `mcp` 2, which speaks revision 2026-07-28 of MCP: no handshake, no session of the protocol.
Behind Sluice it differs in two lines: the URL of the gateway and the token of its session.
"""

import asyncio
import os
import sys
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, named, next_turn, say, ticket_of


async def main(task: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(os.environ["SLUICE_URL"], http_client=http)) as client,
    ):
        offered = [tool.name for tool in (await client.list_tools()).tools]
        say("mcp", f"{client.protocol_version} offers {', '.join(sorted(offered))}")
        seen: list[Seen] = []
        while isinstance(turn := next_turn(ticket_of(task), seen), Call):
            result = await client.call_tool(named(turn.tool, offered), turn.args)
            seen.append(Seen(turn.tool, "".join(part.text for part in result.content if part.type == "text")))


asyncio.run(main(sys.argv[1]))
