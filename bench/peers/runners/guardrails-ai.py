"""guardrails-ai: a validator of ours, which holds all rules, run by a guard on the text of the call. Never its hub, nor a model."""

import json

from guardrails import Guard
from guardrails.validator_base import FailResult, PassResult, Validator, register_validator
from host import Host
from process import measure_peer


def open_peer(policy, sessions):
    host = Host(policy, sessions)

    @register_validator(name="perf/tool-call", data_type="string")
    class ToolCall(Validator):
        def _validate(self, value, metadata):
            if host.is_allowed(json.loads(value), len(value.encode())):
                return PassResult()
            return FailResult(error_message="the policy does not allow the call")

    guard = Guard().use(ToolCall(on_fail="noop"))
    return lambda raw: guard.validate(raw.decode()).validation_passed


measure_peer(open_peer)
