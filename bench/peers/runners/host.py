"""What a careful application writes by hand around an engine, as `../host.ts` does: each part for itself."""

import re

INFINITY = float("inf")


def host_pattern(hosts):
    names = "|".join(re.escape(host) for host in hosts)
    return rf"^https://([a-z0-9-]+\.)*({names})(:443)?(/[!-\[\]-~]*)?$"


class Host:
    """Looks up the node of a call, and judges its order, provenance and arguments."""

    def __init__(self, policy, sessions):
        self.policy = policy
        self.nodes = policy["nodes"]
        self.checks = {
            name: {arg: self._check_of(spec) for arg, spec in node["args"].items()}
            for name, node in self.nodes.items()
        }
        self.done = {name: frozenset(session["done"]) for name, session in sessions.items()}
        self.clean = {name: self._clean_of(session["values"]) for name, session in sessions.items()}

    def node(self, call, size):
        """The node that a call names, for its tool, in a known session, if it is not too large."""
        node = self.nodes.get(call["node"])
        fits = node is not None and node["tool"] == call["tool"] and size <= node["maxBytes"]
        return node if fits and call["session"] in self.done else None

    def is_in_order(self, call, node):
        return self.done[call["session"]].issuperset(node["after"])

    def is_clean(self, call, node):
        clean = self.clean[call["session"]]
        return all(call["prov"].get(arg) in clean for arg in node["noTaint"])

    def are_args_right(self, call):
        checks, args = self.checks[call["node"]], call["args"]
        return checks.keys() == args.keys() and all(check(args[name]) for name, check in checks.items())

    def is_allowed(self, call, size):
        node = self.node(call, size)
        return (
            node is not None
            and self.is_in_order(call, node)
            and self.is_clean(call, node)
            and self.are_args_right(call)
        )

    def values_of(self, spec):
        """The list of values that an argument may have, if the policy lists them."""
        if "const" in spec:
            return [spec["const"]]
        return spec.get("enum") or (self.policy["lists"][spec["inList"]] if "inList" in spec else None)

    def _check_of(self, spec):
        values = self.values_of(spec)
        if values is not None:
            allowed = frozenset(values)
            return lambda value: isinstance(value, str) and value in allowed
        low, high = spec.get("min", -INFINITY), spec.get("max", INFINITY)
        if spec["type"] == "array":
            item, most = self._check_of(spec["items"]), spec.get("maxItems", INFINITY)
            return lambda value: isinstance(value, list) and len(value) <= most and all(map(item, value))
        if spec["type"] == "integer":
            return lambda value: type(value) is int and low <= value <= high
        if spec["type"] == "number":
            return lambda value: type(value) in (int, float) and low <= value <= high
        length = spec.get("maxLength", INFINITY)
        source = host_pattern(spec["host"]) if "host" in spec else spec.get("pattern")
        if source is None:
            return lambda value: isinstance(value, str) and len(value) <= length
        pattern = re.compile(source)
        return lambda value: isinstance(value, str) and len(value) <= length and pattern.fullmatch(value) is not None

    def _clean_of(self, values):
        untrusted = set(self.policy["untrustedTools"])

        def is_tainted(handle):
            value = values.get(handle)
            if value is None:
                return True
            return value["src"] in untrusted if "src" in value else any(map(is_tainted, value["parents"]))

        return frozenset(handle for handle in values if not is_tainted(handle))
