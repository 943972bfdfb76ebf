"""Arguments of a call by their classes: constants, parameters, references by plain member paths, choices, texts without links.

`Skip` says what is not implemented here; `Misfit` is a denial.
"""

import re

from .digests import handle
from .json_text import canonical, same
from .labels import BOTTOM

KNOWN = {"const", "param", "from", "choose", "write", "optional", "otherwise", "pick", "match", "endorse", "declassify"}
PATH = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)\$((?:\.[A-Za-z_][A-Za-z0-9_]*|\[\*\]|\[[0-9]+\])*)")
STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\*|[0-9]+)\]")
# Patterns that mean the same in every dialect; a pattern matches the whole text.
PLAIN_PATTERN = re.compile(r"(?:\[[A-Za-z0-9-]+\]|[A-Za-z0-9_-])(?:\{[0-9,]+\}|[+*?])?(?:(?:\[[A-Za-z0-9-]+\]|[A-Za-z0-9_-])(?:\{[0-9,]+\}|[+*?])?)*")
LINK = re.compile(r"://|www\.|[A-Za-z0-9]\.[A-Za-z]{2,}", re.IGNORECASE)
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Skip(Exception):
    """Something that this checker does not implement."""


class Misfit(Exception):
    """A call does not fit a node: how far it got, and the code."""

    def __init__(self, stage, code):
        super().__init__(code)
        self.stage = stage
        self.code = code


def rule_of(written):
    """The class of a rule, and its members."""
    if isinstance(written, list):
        if any(isinstance(each, (dict, list)) for each in written):
            raise Skip("a list of rules")
        return "const", {"const": written}
    if not isinstance(written, dict):
        return "const", {"const": written}
    for name in written:
        if name not in KNOWN:
            raise Skip(f"rules with `{name}`")
    for name in ("const", "param", "from", "choose", "write"):
        if name in written:
            return name, written
    raise Skip("a rule of another class")


def path_of(source):
    match = PATH.fullmatch(source)
    if match is None:
        raise Skip("paths beyond members, indexes and [*]")
    steps = [name or (index if index == "*" else int(index)) for name, index in STEP.findall(match[2])]
    return match[1], steps


def select(value, steps, path=()):
    """The values at a path, each with its place."""
    if not steps:
        return [(list(path), value)]
    step, rest = steps[0], steps[1:]
    if step == "*":
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [each for key, inner in members for each in select(inner, rest, (*path, key))]
    if isinstance(step, str):
        return select(value[step], rest, (*path, step)) if isinstance(value, dict) and step in value else []
    return select(value[step], rest, (*path, step)) if isinstance(value, list) and step < len(value) else []


def keeps(spec, value):
    """Whether a value is within a constraint."""
    for name, bound in spec.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if name == "enum":
            fits = any(same(value, each) for each in bound)
        elif name == "const":
            fits = same(value, bound)
        elif name == "type":
            kinds = {"string": isinstance(value, str), "number": number, "boolean": isinstance(value, bool)}
            kinds["integer"] = number and value == int(value)
            if bound not in kinds:
                raise Skip("types other than text, number, integer, boolean")
            fits = kinds[bound]
        elif name in ("minimum", "maximum"):
            fits = not number or (value >= bound if name == "minimum" else value <= bound)
        elif name in ("minLength", "maxLength"):
            fits = not isinstance(value, str) or (len(value) >= bound if name == "minLength" else len(value) <= bound)
        elif name == "pattern" and PLAIN_PATTERN.fullmatch(bound):
            fits = not isinstance(value, str) or re.fullmatch(bound, value) is not None
        else:
            raise Skip(f"constraints by `{name}`")
        if not fits:
            return False
    return True


def written_text(spec, value):
    """`write`: a text of the agent's own."""
    for name in spec:
        if name != "maxLength":
            raise Skip("texts with links")
    if not isinstance(value, str) or len(value) > spec.get("maxLength", len(value)):
        raise Misfit(4, "ARG_CONSTRAINT")
    if LINK.search(value):
        raise Skip("texts with links")
    if BIDI.search(value) or CONTROL.search(value):
        raise Misfit(4, "ARG_TEXT")


LEFT_OUT = object()


def chosen(session, rule, sent):
    """The value of a choice or a text, and its label."""
    kind = "choose" if "choose" in rule else "write"
    spec = rule[kind]
    if sent is None and not (kind == "choose" and keeps(spec, None)) or sent is LEFT_OUT:
        if rule.get("optional"):
            return LEFT_OUT, session.context
        raise Misfit(4, "ARG_MISSING")
    if isinstance(sent, str) and sent.startswith("sluice:h:"):
        raise Misfit(4, "ARG_HANDLE")
    if kind == "write":
        written_text(spec, sent)
    elif not keeps(spec, sent):
        raise Misfit(4, "ARG_CONSTRAINT")
    return sent, session.context


def candidates(session, rule):
    """The values that a reference selects, each with its run and path, and the label of what was looked at."""
    name, steps = path_of(rule["from"])
    if name not in session.nodes:
        raise Skip("references to what is no node")
    pick, runs, node = rule.get("pick"), session.runs_of(name), session.nodes[name]
    fine = sorted((run for run in runs if run.status == "ok"), key=lambda run: run.settled)
    # Without a pick the first run that was begun counts, however often the agent calls again.
    seen = fine if pick else sorted(fine, key=lambda run: run.number)[:1]
    label = BOTTOM
    for run in [*seen, *(run for run in runs if run.status == "error")]:
        label = label.join(run.label)
    least, most = session.times(node)
    if node.get("optional") or least == 0 or pick == "agent" or (pick and most > 1):
        label = label.join(session.context)
    return [(run, path, value) for run in seen for path, value in select(run.value, steps)], label


def place_of(found):
    run, path, value = found
    return value, (run.node, run.number, path)


def referred(session, rule):
    """The value that a reference selects, its place as (node, run, path), and its label."""
    found, label = candidates(session, rule)
    pick = rule.get("pick")
    if pick and found:
        found = [found[0] if pick == "first" else found[-1]]
    if len(found) == 1:
        return *place_of(found[0]), label
    if not found and rule.get("optional"):
        return LEFT_OUT, None, label
    if "otherwise" in rule:
        return rule["otherwise"], None, label
    raise Misfit(4, "ARG_UNRESOLVED")


def picked(session, rule, sent):
    """The candidate that the agent sends, or the only one that there is."""
    found, label = candidates(session, rule)
    if not found or "optional" in rule:
        raise Skip("no candidates to pick from")
    if sent is LEFT_OUT or sent is None:
        if any(not same(value, found[0][2]) for _, _, value in found):
            raise Misfit(4, "ARG_MISSING")
        return found[0][2], label
    for value, place in map(place_of, found):
        if same(sent, value) or is_handle_of(session, sent, place):
            return value, label
    raise Misfit(4, "ARG_MISMATCH")


def is_handle_of(session, sent, place):
    """Whether a text is the handle of the value at a place, or of what contains it."""
    name, run, path = place
    return any(handle(session.key, [session.id, name, run, path[:length]]) == sent for length in range(len(path) + 1))


def filled(session, rule):
    if "const" in rule:
        return rule["const"], None, BOTTOM
    if "param" in rule:
        return session.params[rule["param"]], None, session.label_of_param(rule["param"])
    return referred(session, rule)


def listed(names):
    return names if isinstance(names, list) else [names]


def relabelled(space, rule, label):
    """A label after `endorse` and `declassify`."""
    endorse, declassify = rule.get("endorse"), rule.get("declassify")
    if endorse and label.sources & (set(listed(endorse["from"])) - {"unknown", "*"}):
        label = space.remove(label, listed(endorse["from"])).join(space.of([endorse["to"]]))
    if declassify and label.sources & set(listed(declassify["from"])) and space.restriction_of(label, listed(declassify["from"])):
        label = space.widen(label, declassify["to"])
    return label


def resolve(session, written, sent):
    """The final value of one argument (or LEFT_OUT), its label, and whether the agent chose it."""
    kind, rule = rule_of(written)
    is_pick = rule.get("pick") == "agent"
    value, label = (chosen if kind in ("choose", "write") else picked if is_pick else agreed)(session, rule, sent)
    if value is not LEFT_OUT and not keeps(rule.get("match", {}), value):
        raise Misfit(4, "ARG_CONSTRAINT")
    return value, relabelled(session.space, rule, label), kind == "choose" or is_pick


def agreed(session, rule, sent):
    """A value that the plan fills in: the agent leaves it out, sends the same, or a handle of it."""
    value, place, label = filled(session, rule)
    if sent is LEFT_OUT or (sent is None and value is not None):
        return value, label
    if value is not LEFT_OUT and same(sent, value):
        return value, label
    if isinstance(sent, str) and sent.startswith("sluice:h:"):
        if place is not None and is_handle_of(session, sent, place):
            return value, label
        raise Misfit(4, "ARG_HANDLE")
    raise Misfit(4, "ARG_MISMATCH")


def bytes_of(value):
    return len(canonical(value).encode("utf-8"))
