"""A LangGraph agent whose tools come from MCP servers through langchain-mcp-adapters. Behind Sluice it differs in two lines: the URL
of the gateway and the token of its session.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_mcp_adapters.client import MultiServerMCPClient
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

sys.path.append(str(Path(__file__).parents[1] / "desk"))
from scripted import Call, Seen, bare, named, next_turn, ticket_of


class ScriptedChat(GenericFakeChatModel):
    """Stands where ChatOpenAI, ChatAnthropic and so on would stand."""

    messages: Any = iter(())
    offered: list[str] = []

    def bind_tools(self, tools: Any, **_: Any) -> "ScriptedChat":
        return ScriptedChat(offered=[tool.name for tool in tools])

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        seen = [Seen(bare(one.name or ""), str(one.text)) for one in messages if isinstance(one, ToolMessage)]
        turn = next_turn(ticket_of(str(messages[0].content)), seen)
        if isinstance(turn, Call):
            call = {"name": named(turn.tool, self.offered), "args": turn.args, "id": f"call_{len(messages)}"}
            message = AIMessage(content="", tool_calls=[call])
        else:
            message = AIMessage(content=turn)
        return ChatResult(generations=[ChatGeneration(message=message)])


async def main(task: str) -> None:
    client = MultiServerMCPClient(
        {
            "desk": {
                "transport": "streamable_http",
                "url": os.environ["SLUICE_URL"],
                "headers": {"Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}"},
            }
        }
    )
    tools = await client.get_tools()
    model = ScriptedChat().bind_tools(tools)
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode(tools))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    await graph.compile().ainvoke({"messages": [{"role": "user", "content": task}]})


asyncio.run(main(sys.argv[1]))
