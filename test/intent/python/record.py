#!/usr/bin/env python3
"""Runs code plans natively, with scripted tools, and records the calls that they make.

    python3 test/intent/python/record.py            rewrites test/intent/python/recorded.jsonl and broken.jsonl
    python3 test/intent/python/record.py SEED COUNT prints COUNT other generated programs, a JSON line each
    python3 test/intent/python/record.py SEED -     prints the programs of standard input (JSON strings, a line each)

A line is {"name", "code", "calls": [{"tool", "args", "result"}], "raised"?}. The test holds the plans that are imported to these lines, so
that it needs no Python. Results are what `json.loads` makes of canonical JSON (RFC 8785): a number without a fraction is an `int`.
Never imports anything but the standard library, and never lets a program do anything but call the scripted tools.
"""
import asyncio
import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from generate import generate  # noqa: E402


class Row:
    """What a tool returns, as planners write about it: `row.name`, `row["name"]` and `row.get("name")` are the same member."""

    def __init__(self, members):
        self.__dict__["_members"] = members

    def __getattr__(self, name):
        if name in self._members:
            return self._members[name]
        raise AttributeError(name)

    def __getitem__(self, name):
        return self._members[name]

    def __contains__(self, name):
        return name in self._members

    def __len__(self):
        return len(self._members)

    def __iter__(self):
        return iter(self._members)

    def __eq__(self, other):
        return isinstance(other, Row) and self._members == other._members

    __hash__ = None

    def get(self, name, otherwise=None):
        return self._members.get(name, otherwise)


def wrap(value):
    if isinstance(value, dict):
        return Row({name: wrap(member) for name, member in value.items()})
    if isinstance(value, list):
        return [wrap(element) for element in value]
    return value


class NoJson(Exception):
    pass


def unwrap(value):
    if isinstance(value, Row):
        return {name: unwrap(member) for name, member in value._members.items()}
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise NoJson
        return {name: unwrap(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [unwrap(element) for element in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise NoJson


WORDS = ["alpha", "Beta", "gamma ray", "urgent: pay", "A-17", "x@y.example", "", "Zoë", "5", "naïve 🙂", "  padded "]


def number(rng):
    return rng.choice([0, 1, 2, 3, 7, 12, 41, 250, -4, 0.5, 2.5, 3.75, 99.99, 1.005, 2.675, 0.1, -1.25, 1234.565, 19.999])


def item(rng):
    return {
        "sku": f"S-{rng.randint(1, 99)}",
        "price": number(rng),
        "quantity": rng.randint(0, 5),
        "note": rng.choice([None, *WORDS]),
        "in_stock": rng.random() < 0.5,
        "tags": [rng.choice(WORDS) for _ in range(rng.randint(0, 3))],
    }


def result_of(tool, args, rng):
    if tool == "get_order":
        return {
            "id": str(args.get("id", "")),
            "customer": {"name": rng.choice(WORDS), "email": rng.choice(["kim@example.com", "lee@example.com"])},
            "total": number(rng),
            "count": rng.randint(0, 9),
            "paid": rng.random() < 0.5,
            "memo": rng.choice([None, *WORDS]),
            "tags": [rng.choice(WORDS) for _ in range(rng.randint(0, 4))],
            "amounts": [number(rng) for _ in range(rng.randint(0, 4))],
            "items": [item(rng) for _ in range(rng.randint(0, 4))],
        }
    if tool == "list_items":
        return [item(rng) for _ in range(rng.randint(0, 4))]
    if tool == "get_text":
        return rng.choice(WORDS)
    if tool == "get_number":
        return number(rng)
    if tool == "search_emails":
        return [
            {
                "id": f"m{index}",
                "sender": rng.choice(["kim@example.com", "lee@example.com", "pat@example.org"]),
                "subject": rng.choice(WORDS),
                "body": rng.choice(["Please pay 12.50 to A-17", "Hi there", "", "urgent: call me"]),
                "unread": rng.random() < 0.5,
            }
            for index in range(rng.randint(0, 4))
        ]
    if tool == "get_users":
        names = rng.sample(["Kim", "Lee", "Pat", "Zoë"], rng.randint(1, 4))
        return {"users": [{"name": name, "email": f"{name.lower()}@example.com", "age": rng.randint(17, 60)} for name in names]}
    if tool == "get_invoice":
        lines = [{"text": rng.choice(WORDS), "amount": number(rng), "count": rng.randint(1, 4)} for _ in range(rng.randint(1, 3))]
        return {"id": str(args.get("id")), "due": rng.choice(["2031-01-31", None]), "lines": lines, "approved": rng.random() < 0.6}
    return {"ok": True, "id": f"n{rng.randint(1, 999)}"}


# Values of every type, of those that languages take for each other, and of those at the edges of a type.
STRANGERS = [None, True, False, 0, 1, -1, 2, -0.5, 0.1, 1e-7, 0.00001, 2.675, 1.005, 12.5, 2.5]
STRANGERS += ["", "0", "1", " 5 ", "true", "None", "12.5", "alpha", "x@y.example", "\U0001f600b"]
STRANGERS += [[], [[]], [1, 2], ["a", "b"], [None], [True], {}, {"name": "n"}, {"sku": "n", "price": "7"}, [{"id": "x", "amount": True}]]


def broken(value, rng):
    """A result in which some values are of another type than the tool says, missing, or there twice."""
    if rng.random() < 0.06:
        return rng.choice(STRANGERS)
    if isinstance(value, list):
        elements = [broken(element, rng) for element in value]
        return elements + elements[:1] if rng.random() < 0.2 else elements
    if isinstance(value, dict):
        return {name: broken(member, rng) for name, member in value.items() if rng.random() > 0.04}
    return value


TOOLS = {
    "get_order": ["id", "year"],
    "list_items": ["folder", "limit"],
    "get_text": ["name"],
    "get_number": ["name"],
    "note": ["value", "title", "extra"],
    "search_emails": ["query", "limit"],
    "get_users": ["team"],
    "get_invoice": ["id"],
    "send_email": ["to", "subject", "body"],
    "post_message": ["channel", "text"],
    "pay": ["to", "amount", "reason"],
}


def run(name, code, seed, is_broken=False):
    """The line of one program; `is_broken`: its tools break what they promise."""
    rng = random.Random(seed)
    calls = []

    def tool(called):
        def call(*positional, **named):
            if len(positional) > len(TOOLS[called]) or set(named) - set(TOOLS[called]):
                raise TypeError("no such argument")
            args = dict(zip(TOOLS[called], positional))
            if set(args) & set(named):
                raise TypeError("given twice")
            args = unwrap({**args, **named})
            result = result_of(called, args, rng)
            if is_broken:
                result = broken(result, rng)
            # As it comes through JSON: a copy, without what only Python tells apart.
            calls.append({"tool": called, "args": json.loads(json.dumps(args)), "result": result})
            if len(calls) > 200:
                raise RuntimeError("too many calls")
            return wrap(json.loads(json.dumps(result)))

        return call

    scope = {called: tool(called) for called in TOOLS}
    is_async = "await " in code
    if is_async:
        scope = {called: (lambda made: lambda *p, **n: asyncio.sleep(0, made(*p, **n)))(made) for called, made in scope.items()}
        scope["asyncio"] = asyncio
    line = {"name": name, "code": code, "calls": calls}
    sys.modules["tools"] = type(sys)("tools")
    sys.modules["tools"].__dict__.update(scope)
    try:
        flags = 0x2000 if is_async else 0  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        made = eval(compile(code, name, "exec", flags=flags, dont_inherit=True), {**scope, "print": lambda *_: None, "__name__": "__main__"})
        if made is not None:
            asyncio.run(made) if asyncio.iscoroutine(made) else None
        json.dumps(calls, allow_nan=False)
    except (Exception, SystemExit) as error:  # noqa: BLE001
        line["raised"] = type(error).__name__
    return line


def write(line):
    return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def main():
    if len(sys.argv) == 3 and sys.argv[2] == "-":
        for index, text in enumerate(sys.stdin):
            print(write(run(f"given/{index}", json.loads(text), f"{sys.argv[1]}/{index}")))
        return
    if len(sys.argv) == 3:
        seed, count = int(sys.argv[1]), int(sys.argv[2])
        for index in range(count):
            code = generate(random.Random(f"{seed}/{index}"))
            print(write(run(f"{seed}/{index}", code, f"{seed}/{index}")))
        return
    lines = []
    for path in sorted((HERE / "programs").glob("*.py")):
        for seed in range(6):
            lines.append(run(f"{path.stem}#{seed}", path.read_text(), seed))
    for index in range(400):
        lines.append(run(f"generated/{index}", generate(random.Random(index)), index))
    (HERE / "recorded.jsonl").write_text("".join(write(line) + "\n" for line in lines))
    (HERE / "broken.jsonl").write_text("".join(write(line) + "\n" for line in broken_lines()))


BEFORE = 'o = get_order(id="1")\nt = get_text("a")\nn = get_number("x")\nitems = list_items("f")\n'


def broken_lines():
    """Three runs, that do not raise, of each expression whose meaning follows the types of values."""
    for number, expression in enumerate((HERE / "expressions.txt").read_text().splitlines()):
        code = f"{BEFORE}v = {expression}\nif v:\n    note(v)\nelse:\n    pay(to=\"a\", amount=1)\n"
        runs = (run(f"broken/{number}/{seed}", code, f"{number}/{seed}", True) for seed in range(30))
        yield from [line for line in runs if "raised" not in line][:3]


if __name__ == "__main__":
    main()
