"""Labels: a set of sources and a set of readers (None: everyone). Written from the definitions, with sets and nothing clever."""

from .json_text import order

BUILT_IN = {
    "user_input": {"integrity": "trusted"},
    "database_record": {"integrity": "untrusted"},
    "external_api": {"integrity": "untrusted"},
}


def meet(a, b):
    return b if a is None else a if b is None else a & b


def within(a, b):
    """Whether readers `a` are among readers `b`."""
    return b is None or (a is not None and a <= b)


def ordered(names):
    return sorted(names, key=order)


class Label:
    def __init__(self, sources=(), readers=None):
        self.sources = frozenset(sources)
        self.readers = None if readers is None else frozenset(readers)

    def join(self, other):
        return Label(self.sources | other.sources, meet(self.readers, other.readers))

    def value(self):
        return {"sources": ordered(self.sources), "readers": None if self.readers is None else ordered(self.readers)}


BOTTOM = Label()


def label_of(value):
    return Label(value["sources"], value["readers"])


class Space:
    """What the names of one plan mean."""

    def __init__(self, declared, flows=()):
        self.declared = declared
        self.flows = flows

    def spec(self, name):
        if name == "*":
            return {"integrity": "untrusted", "readers": []}
        if name != "unknown" and name in self.declared:
            return self.declared[name]
        if name in BUILT_IN:
            return BUILT_IN[name]
        closed = self.declared.get("unknown", {}).get("readers")
        return {"integrity": "untrusted"} if closed is None else {"integrity": "untrusted", "readers": closed}

    def trusted(self, name):
        return self.spec(name)["integrity"] == "trusted"

    def untrusted(self, label):
        return any(not self.trusted(name) for name in label.sources)

    def of(self, names):
        label = BOTTOM
        for name in names:
            label = label.join(Label([name], self.spec(name).get("readers")))
        return label

    def flows_to(self, a, b):
        return ("*" in b.sources or a.sources <= b.sources) and within(b.readers, a.readers)

    def remove(self, label, names):
        return Label(label.sources - (set(names) - {"unknown", "*"}), label.readers)

    def widen(self, label, readers):
        if readers == "public" or label.readers is None:
            return Label(label.sources)
        return Label(label.sources, label.readers | set(readers))

    def denied(self, label, rule):
        def hit(name):
            if name == "*":
                return len(rule["deny"]) > 0
            return name in rule["deny"] or ("untrusted" in rule["deny"] and not self.trusted(name))

        return any(hit(name) for name in label.sources)

    def restriction_of(self, label, names):
        if "*" in label.sources:
            return False
        readers = self.of(label.sources & set(names)).readers
        return label.readers is None or within(readers, label.readers)

    def to_foreign(self, label):
        untrusted = ordered(name for name in label.sources if not self.trusted(name))
        return {**label.value(), **({"untrusted": untrusted} if untrusted else {})}

    def from_foreign(self, value):
        laundered = any(self.trusted(name) for name in value.get("untrusted", []))
        label = self.of(value["sources"] + (["unknown"] if laundered else []))
        return Label(label.sources, meet(label.readers, None if value["readers"] is None else frozenset(value["readers"])))


def join_values(a, b):
    joined = label_of(a).join(label_of(b)).value()
    untrusted = ordered({*a.get("untrusted", []), *b.get("untrusted", [])})
    return {**joined, **({"untrusted": untrusted} if untrusted else {})}


def check(vector):
    """What comes of a vector of labels.json."""
    space = Space(vector["labels"], vector["flows"])
    a, b = (label_of(vector.get(each, {"sources": [], "readers": None})) for each in "ab")
    names, operation = vector.get("names", []), vector["operation"]

    def shown(label):
        return {**label.value(), "isUntrusted": space.untrusted(label)}

    if operation == "of":
        return shown(space.of(names))
    if operation == "join":
        return shown(a.join(b))
    if operation == "joinValues":
        return join_values(vector["a"], vector["b"])
    if operation == "flowsTo":
        return space.flows_to(a, b)
    if operation == "remove":
        return shown(space.remove(a, names))
    if operation == "widen":
        return shown(space.widen(a, vector["readers"]))
    if operation == "denied":
        return [rule["id"] for rule in space.flows if space.denied(a, rule)]
    if operation == "isTrusted":
        return [space.trusted(name) for name in names]
    if operation == "isRestrictionOf":
        return space.restriction_of(a, names)
    if operation == "toForeign":
        return space.to_foreign(a)
    if operation == "fromForeign":
        return shown(space.from_foreign(vector["a"]))
    raise ValueError(f"no operation {operation}")
