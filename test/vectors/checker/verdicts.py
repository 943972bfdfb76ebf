"""Verdicts: a naive evaluator of small plans, from the text "Meaning of a plan" alone. What it does not implement it skips, and says so."""

import re

from .arguments import LEFT_OUT, Misfit, Skip, bytes_of, path_of, resolve, rule_of
from .digests import milliseconds
from .json_text import canonical, same
from .labels import Space, label_of

LEASE_MS = 300_000
WINDOWS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
PLAN_MEMBERS = {"sluice", "name", "task", "params", "labels", "limits", "flows", "notAfter", "nodes"}
NODE_MEMBERS = {"tool", "args", "times", "after", "optional", "constraints", "labels", "description"}
CONSTRAINTS = {"idempotent", "approve", "maxBytes", "rate", "budget", "readOnly", "noExternalNetwork"}


class Run:
    def __init__(self, number, node, at):
        self.number, self.node, self.at = number, node, at
        self.status, self.value, self.label, self.settled = "flight", None, None, None


class Session:
    def __init__(self, vector):
        frozen = vector["plan"]
        self.plan, self.tools, self.nodes = frozen["plan"], frozen["tools"], frozen["plan"]["nodes"]
        self.refuse_unknown(frozen)
        self.id, self.key, self.opened = (vector["session"][name] for name in ("id", "key", "at"))
        self.space = Space({**frozen["labels"], **self.plan.get("labels", {})}, self.plan.get("flows", []))
        self.context = self.space.of(["user_input"])
        if "context" in vector:
            self.context = self.context.join(label_of(vector["context"]))
        self.first_context, self.agent_params = self.context, vector.get("agentParams", [])
        given = {name: spec["default"] for name, spec in self.plan.get("params", {}).items() if "default" in spec}
        self.params = {**given, **vector["params"]}
        self.runs, self.settlements, self.closed, self.now = [], 0, False, self.opened
        self.spent = []

    def refuse_unknown(self, frozen):
        if "policy" in frozen:
            raise Skip("policies")
        for name in sorted(set(self.plan) - PLAN_MEMBERS):
            raise Skip(f"plans with `{name}`")
        for spec in self.plan.get("params", {}).values():
            if set(spec) - {"type", "default"}:
                raise Skip("parameters with constraints")
        for name, node in sorted(self.nodes.items()):
            for member in sorted(set(node) - NODE_MEMBERS):
                raise Skip(f"nodes with `{member}`")
            for constraint in sorted(set(node.get("constraints", {})) - CONSTRAINTS):
                raise Skip(f"constraints by `{constraint}`")
            facts = self.tools[node["tool"]]["facts"]
            if "parse" in facts or "resource" in facts or "execute" in facts["effects"]:
                raise Skip("tools that parse, or have resources")
            for arg, rule in node.get("args", {}).items():
                rule_of(rule)
                if arg not in facts["roles"]:
                    raise Skip("arguments whose role is inferred")
        if any("approve" in rule for rule in self.plan.get("flows", [])):
            raise Skip("flow rules that ask a human")

    # What the state says.

    def times(self, node):
        times = node.get("times", 1)
        least, most = (times.get("min", 1), times.get("max", 1)) if isinstance(times, dict) else (times, times)
        return (0 if node.get("optional") else least), most

    def runs_of(self, name):
        return [run for run in self.runs if run.node == name]

    def label_of_param(self, name):
        return self.first_context if name in self.agent_params else self.space.of(["user_input"])

    def predecessors(self, node):
        rules = [rule_of(rule) for rule in node.get("args", {}).values()]
        return {*node.get("after", []), *(path_of(rule["from"])[0] for kind, rule in rules if kind == "from")}

    def settled(self, name):
        statuses = [run.status for run in self.runs_of(name)]
        return statuses.count("ok") >= self.times(self.nodes[name])[0] and "flight" not in statuses

    def is_closed(self, name):
        followers = [each for each, node in self.nodes.items() if name in self.predecessors(node)]
        return self.nodes[name].get("optional", False) and any(self.runs_of(each) for each in followers)

    def own_labels(self, node):
        declared = self.tools[node["tool"]]["facts"].get("labels")
        if declared is None and "labels" not in node:
            return self.space.of(["unknown"])
        return self.space.of([*(declared or []), *node.get("labels", [])])

    def at(self, now):
        self.now = now
        for run in self.runs:
            if run.status == "flight" and now >= run.at + LEASE_MS:
                self.settle(run, "error")

    def settle(self, run, status):
        run.status, run.settled = status, self.settlements
        self.settlements += 1

    # The check of a call, stage by stage.

    def check(self, call):
        self.at(call["at"])
        try:
            candidates, args = self.stage0(call)
        except Misfit as misfit:
            return {"verdict": "deny", "code": misfit.code}
        fits, worst = [], None
        for name in candidates:
            try:
                fits.append((name, *self.fit(name, args)))
            except Misfit as misfit:
                if worst is None or misfit.stage > worst.stage:
                    worst = misfit
        if len(fits) > 1:
            return {"verdict": "deny", "code": "CALL_AMBIGUOUS"}
        return self.allow(*fits[0]) if fits else {"verdict": "deny", "code": worst.code}

    def stage0(self, call):
        limits, args, named = self.plan.get("limits", {}), call["args"], call.get("node")
        if self.closed:
            raise Misfit(0, "SESSION_CLOSED")
        if "notAfter" in self.plan and self.now > milliseconds(self.plan["notAfter"]):
            raise Misfit(0, "PLAN_EXPIRED")
        if self.now > self.opened + limits.get("seconds", 86_400) * 1000:
            raise Misfit(0, "SESSION_EXPIRED")
        if not isinstance(args, dict):
            raise Misfit(0, "CALL_MALFORMED")
        if "sluice_node" in args:
            named, args = args["sluice_node"], {name: value for name, value in args.items() if name != "sluice_node"}
        candidates = [name for name in sorted(self.nodes) if self.nodes[name]["tool"] == call["tool"] and named in (None, name)]
        if not candidates:
            raise Misfit(0, "CALL_NOT_IN_PLAN")
        if len(self.runs) >= limits.get("calls", len(self.runs) + 1):
            raise Misfit(0, "CALL_LIMIT")
        if "maxBytes" in limits and bytes_of(args) > limits["maxBytes"]:
            raise Misfit(0, "CALL_TOO_LARGE")
        return candidates, args

    def fit(self, name, args):
        """Final arguments, their labels and the label of the call, if it fits this node."""
        node = self.nodes[name]
        if self.is_closed(name) or not all(map(self.settled, self.predecessors(node))):
            raise Misfit(1, "CALL_OUT_OF_ORDER")
        constraints = node.get("constraints", {})
        started = [run for run in self.runs_of(name) if not (run.status == "error" and constraints.get("idempotent"))]
        if len(started) >= self.times(node)[1]:
            raise Misfit(3, "CALL_REPEATED")
        rules, tool = node.get("args", {}), self.tools[node["tool"]]
        properties = tool["definition"].get("inputSchema", {}).get("properties", {})
        for arg, value in args.items():
            default = properties.get(arg, {})
            dropped = value is None or ("default" in default and same(value, default["default"]))
            if arg not in rules and not dropped:
                raise Misfit(4, "ARG_UNEXPECTED")
        resolved = {arg: resolve(self, rules[arg], args.get(arg, LEFT_OUT)) for arg in sorted(rules)}
        final = {arg: value for arg, (value, _, _) in resolved.items() if value is not LEFT_OUT}
        self.flow(node, tool, resolved, final)
        self.constrain(name, constraints, final)
        if constraints.get("approve"):
            raise Misfit(8, "CALL_NEEDS_APPROVAL")
        return final, {arg: label for arg, (_, label, _) in resolved.items()}

    def flow(self, node, tool, resolved, final):
        roles, facts = tool["facts"]["roles"], tool["facts"]
        for arg, (_, label, is_choice) in resolved.items():
            if is_choice and roles[arg] != "content" and self.space.untrusted(label) and not node.get("constraints", {}).get("approve"):
                raise Misfit(6, "FLOW_CHOICE_UNTRUSTED")
        looked_at = {arg: label for arg, (_, label, _) in resolved.items() if arg in final or roles[arg] != "content"}
        for rule in self.space.flows:
            globs = rule["to"] if isinstance(rule["to"], list) else [rule["to"]]
            if not any(re.fullmatch(".*".join(map(re.escape, glob.split("*"))), node["tool"]) for glob in globs):
                continue
            if "control" in rule.get("roles", []) and self.space.denied(self.context, rule):
                raise Misfit(6, "FLOW_CONTROL_DENIED")
            for arg, label in looked_at.items():
                meant = arg in rule.get("args", [arg]) and roles[arg] in rule.get("roles", [roles[arg]])
                if meant and self.space.denied(label, rule):
                    raise Misfit(6, "FLOW_SINK_DENIED")
        audience = facts.get("audience", "public" if {"network", "message"} & set(facts["effects"]) else None)
        if isinstance(audience, dict):
            names = audience["arg"] if isinstance(audience["arg"], list) else [audience["arg"]]
            audience = [each for arg in names for each in (final.get(arg) if isinstance(final.get(arg), list) else [final.get(arg)])]
        for label in looked_at.values():
            if audience is None or label.readers is None:
                continue
            if audience == "public" or not audience or not all(each in label.readers for each in audience):
                raise Misfit(6, "FLOW_AUDIENCE_DENIED")

    def constrain(self, name, constraints, final):
        if bytes_of(final) > constraints.get("maxBytes", bytes_of(final)):
            raise Misfit(7, "CALL_TOO_LARGE")
        rate = constraints.get("rate")
        if rate is not None and len(self.within(name, rate)) >= rate["calls"]:
            raise Misfit(7, "CALL_RATE")
        budgets = constraints.get("budget", [])
        for budget in budgets if isinstance(budgets, list) else [budgets]:
            if budget.get("scope", "session") != "session":
                raise Skip("budgets that sessions share")
            amounts = [self.amount(budget, args) for _, args in self.within(name, budget)]
            own = self.amount(budget, final)
            if own is None or own < 0 or sum(amounts) + own > budget["max"]:
                raise Misfit(7, "CALL_BUDGET")

    def within(self, name, window):
        """Calls of a node in a sliding window. What an idempotent node failed at is not spent."""
        length = WINDOWS[window["per"]] if "per" in window else self.now + 1
        free = self.nodes[name].get("constraints", {}).get("idempotent")
        spent = [(run, args) for run, args in self.spent if run.node == name and not (free and run.status == "error" and "calls" not in window)]
        return [(run, args) for run, args in spent if run.at > self.now - length]

    def amount(self, budget, args):
        if "sum" not in budget:
            return 1
        value = args.get(budget["sum"])
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def allow(self, name, final, labels):
        run = Run(len(self.runs), name, self.now)
        run.label = self.own_labels(self.nodes[name])
        for label in labels.values():
            run.label = run.label.join(label)
        self.runs.append(run)
        self.spent.append((run, final))
        shown = {arg: labels[arg].value() for arg in final}
        return {"verdict": "allow", "run": run.number, "node": name, "args": final, "labels": shown}

    # What else happens.

    def batch(self, calls):
        for call in calls:
            for node in self.nodes.values():
                if node["tool"] == call["tool"]:
                    self.context = self.context.join(self.own_labels(node))
        return [self.check(call) for call in calls]

    def record(self, result):
        self.at(result["at"])
        if result["run"] >= len(self.runs):
            return {"code": "RUN_UNKNOWN"}
        run = self.runs[result["run"]]
        if run.status != "flight":
            return {"code": "RUN_SETTLED"}
        self.context = self.context.join(run.label)
        is_error, shown = "error" in result, result.get("error", result.get("value"))
        limits = [self.plan.get("limits", {}), self.nodes[run.node].get("constraints", {})]
        too_large = not is_error and any(bytes_of(shown) > each.get("maxBytes", bytes_of(shown)) for each in limits)
        self.settle(run, "error" if is_error or too_large else "ok")
        run.value = shown
        if too_large:
            return {"delivered": None, "isError": True, "code": "RESULT_TOO_LARGE"}
        return {"delivered": shown, "isError": is_error}

    def happen(self, event):
        if "call" in event:
            return {**self.check(event["call"]), "context": self.context.value()}
        if "batch" in event:
            return [{**each, "context": self.context.value()} for each in self.batch(event["batch"])]
        if "close" in event:
            self.closed = True
            return {}
        return {**self.record(event["result"]), "context": self.context.value()}


def named(got, expected):
    """Only what the vector names; a code always."""
    if isinstance(got, list):
        return [named(each, wanted) for each, wanted in zip(got, expected, strict=True)]
    return {name: value for name, value in got.items() if name in expected or name == "code"}


def check(vector):
    session = Session(vector)
    got = [named(session.happen(event), expected) for event, expected in zip(vector["events"], vector["expect"], strict=True)]
    return canonical(got), canonical(vector["expect"])
