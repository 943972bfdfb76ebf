"""NeMo Guardrails without a model: an output rail in Colang that asks an action of ours, which holds all rules. Never a rail that asks a model."""

import asyncio
import json

from host import Host
from nemoguardrails import LLMRails, RailsConfig
from nemoguardrails.rails.llm.options import RailStatus, RailType
from process import measure_peer

YAML = """
models: []
rails:
  output:
    flows:
      - check tool call
"""
COLANG = """
define bot refuse to respond
  "denied"

define subflow check tool call
  $allowed = execute check_tool_call
  if not $allowed
    bot refuse to respond
    stop
"""


def open_peer(policy, sessions):
    host = Host(policy, sessions)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    async def check_tool_call(context=None):
        text = context["bot_message"]
        return host.is_allowed(json.loads(text), len(text.encode()))

    rails = LLMRails(RailsConfig.from_content(colang_content=COLANG, yaml_content=YAML))
    rails.register_action(check_tool_call, "check_tool_call")

    def check(raw):
        messages = [{"role": "assistant", "content": raw.decode()}]
        result = loop.run_until_complete(rails.check_async(messages, rail_types=[RailType.OUTPUT]))
        return result.status == RailStatus.PASSED

    return check


measure_peer(open_peer)
