"""Invariant: its rules for the arguments, one policy a node, run locally on the call as a message; by host: node, size, order, provenance (its own
arrows are about the order of messages, not about values). Never its remote service."""

import asyncio
import json

from host import Host, host_pattern
from invariant.analyzer import LocalPolicy
from process import measure_peer


def rules_of(node, host):
    """The rules that a call of the node may not break, as text."""
    conditions = [f"not (call is tool:{node['tool']})", f"len(call.function.arguments) != {len(node['args'])}"]
    for arg, spec in node["args"].items():
        at = f"call.function.arguments.{arg}"
        conditions.append(f'not ("{arg}" in call.function.arguments)')
        conditions += conditions_of(at, spec, host)
    return "\n".join(f'raise "rule {number}" if:\n    (call: ToolCall)\n    {each}\n' for number, each in enumerate(conditions))


def conditions_of(at, spec, host):
    values = host.values_of(spec)
    if values is not None:
        return [f"not ({at} in {json.dumps(values)})"]
    if spec["type"] == "array":
        inner = conditions_of("each", spec["items"], host)[0]
        return [f"len({at}) > {spec['maxItems']}", f"any([{inner} for each in {at}])"]
    if spec["type"] != "string":
        whole = [f"({at} % 1) != 0"] if spec["type"] == "integer" else []
        return [f"{at} < {spec['min']}", f"{at} > {spec['max']}", *whole]
    conditions = [f"len({at}) > {spec['maxLength']}"] if "maxLength" in spec else []
    pattern = host_pattern(spec["host"]) if "host" in spec else spec.get("pattern")
    # `match` is Python's, whose `$` lets a newline stand behind it.
    whole = None if pattern is None else pattern.removesuffix("$") + r"\Z"
    return conditions if whole is None else [*conditions, f'not match(r"""{whole}""", {at})']


def open_peer(policy, sessions):
    host = Host(policy, sessions)
    policies = {name: LocalPolicy.from_string(rules_of(node, host)) for name, node in policy["nodes"].items()}
    loop = asyncio.new_event_loop()

    def check(raw):
        call = json.loads(raw)
        node = host.node(call, len(raw))
        if node is None or not host.is_in_order(call, node) or not host.is_clean(call, node):
            return False
        function = {"name": call["tool"], "arguments": call["args"]}
        message = {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function", "function": function}]}
        try:
            return not loop.run_until_complete(policies[call["node"]].a_analyze([message])).errors
        except Exception:  # a rule that cannot be evaluated has not been kept
            return False

    return check


measure_peer(open_peer)
