"""JSONPath (RFC 9535) without `match` and `search`: a query on a value gives its nodes as [location, value].

A recursive descent over the grammar of the RFC; errors are the codes of the vectors.
"""

from .json_text import canonical

DEPTH_MAX = 16
INT_MAX = 2**53 - 1
BLANK = " \t\n\r"
NOTHING = object()


class PathError(Exception):
    pass


def fail(code="LANG_PATH_SYNTAX"):
    raise PathError(code)


class Reader:
    def __init__(self, text):
        self.text, self.at, self.depth = text, 0, 0

    def peek(self, token):
        return self.text.startswith(token, self.at)

    def take(self, token):
        if not self.peek(token):
            return False
        self.at += len(token)
        return True

    def need(self, token):
        return self.take(token) or fail()

    def blanks(self):
        while self.at < len(self.text) and self.text[self.at] in BLANK:
            self.at += 1

    def run(self, is_part):
        start = self.at
        while self.at < len(self.text) and is_part(self.text[self.at]):
            self.at += 1
        return self.text[start : self.at]

    def deeper(self, read):
        self.depth += 1
        if self.depth > DEPTH_MAX:
            fail("LANG_PATH_LIMIT")
        value = read()
        self.depth -= 1
        return value


def is_first(char):
    return char == "_" or char.isascii() and char.isalpha() or ord(char) >= 0x80


def is_digit(char):
    return char in "0123456789"


def segments(r):
    found = []
    while True:
        start = r.at
        r.blanks()
        if r.take(".."):
            found.append((True, selectors(r) if r.peek("[") else [dotted(r)]))
        elif r.take("."):
            found.append((False, [dotted(r)]))
        elif r.peek("["):
            found.append((False, selectors(r)))
        else:
            r.at = start
            return found


def dotted(r):
    if r.take("*"):
        return ("all",)
    if r.at >= len(r.text) or not is_first(r.text[r.at]):
        fail()
    return ("name", r.run(lambda char: is_first(char) or is_digit(char)))


def selectors(r):
    r.need("[")
    found = []
    while True:
        r.blanks()
        found.append(selector(r))
        r.blanks()
        if r.take("]"):
            return found
        r.need(",")


def selector(r):
    if r.peek("'") or r.peek('"'):
        return ("name", quoted(r))
    if r.take("*"):
        return ("all",)
    if r.take("?"):
        r.blanks()
        return ("filter", r.deeper(lambda: disjunction(r)))
    start = integer(r)
    r.blanks()
    if not r.take(":"):
        return ("index", fail() if start is None else start)
    r.blanks()
    end = integer(r)
    r.blanks()
    step = None
    if r.take(":"):
        r.blanks()
        step = integer(r)
    return ("slice", start, end, 1 if step is None else step)


def integer(r):
    start = r.at
    r.take("-")
    digits = r.run(is_digit)
    text = r.text[start : r.at]
    if digits == "":
        return None if text == "" else fail()
    if digits[0] == "0" and text != "0" or int(digits) > INT_MAX:
        fail()
    return int(text)


ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\"}


def quoted(r):
    quote = r.text[r.at]
    r.at += 1
    out = []
    while not r.take(quote):
        if r.at >= len(r.text) or ord(r.text[r.at]) < 0x20:
            fail()
        char = r.text[r.at]
        r.at += 1
        if char != "\\":
            out.append(char)
        elif r.take(quote):
            out.append(quote)
        elif r.take("u"):
            out.append(escaped(r))
        elif r.at < len(r.text) and r.text[r.at] in ESCAPES:
            out.append(ESCAPES[r.text[r.at]])
            r.at += 1
        else:
            fail()
    return "".join(out)


def escaped(r):
    unit = hexadecimal(r)
    if 0xD800 <= unit < 0xDC00:
        r.need("\\u")
        low = hexadecimal(r)
        if not 0xDC00 <= low < 0xE000:
            fail()
        return chr(0x10000 + (unit - 0xD800) * 0x400 + low - 0xDC00)
    return fail() if 0xDC00 <= unit < 0xE000 else chr(unit)


def hexadecimal(r):
    digits = r.text[r.at : r.at + 4]
    if len(digits) < 4 or any(char not in "0123456789abcdefABCDEF" for char in digits):
        fail()
    r.at += 4
    return int(digits, 16)


def disjunction(r):
    parts = [conjunction(r)]
    while True:
        r.blanks()
        if not r.take("||"):
            return ("or", parts)
        r.blanks()
        parts.append(conjunction(r))


def conjunction(r):
    parts = [basic(r)]
    while True:
        r.blanks()
        if not r.take("&&"):
            return ("and", parts)
        r.blanks()
        parts.append(basic(r))


def basic(r):
    is_not = r.take("!")
    r.blanks()
    if r.take("("):
        r.blanks()
        inner = r.deeper(lambda: disjunction(r))
        r.blanks()
        r.need(")")
        return ("not", inner) if is_not else inner
    left = operand(r)
    r.blanks()
    if not is_not:
        for operator in ("==", "!=", "<=", ">=", "<", ">"):
            if r.take(operator):
                r.blanks()
                return ("compare", operator, single(left), single(operand(r)))
    if left[0] != "query":
        fail()
    return ("not", ("exists", left)) if is_not else ("exists", left)


def operand(r):
    if r.peek("'") or r.peek('"'):
        return ("literal", quoted(r))
    for sigil in "$@":
        if r.take(sigil):
            return ("query", sigil, segments(r))
    if r.at < len(r.text) and (r.text[r.at] == "-" or is_digit(r.text[r.at])):
        return ("literal", number(r))
    name = r.run(lambda char: char.isascii() and (char.islower() or is_digit(char)) or char == "_")
    if r.take("("):
        return call(r, name)
    return ("literal", {"true": True, "false": False, "null": None}[name]) if name in ("true", "false", "null") else fail()


def number(r):
    start = r.at
    r.take("-")
    digits = r.run(is_digit)
    if digits == "" or digits[0] == "0" and digits != "0":
        fail()
    if r.take(".") and r.run(is_digit) == "":
        fail()
    if r.take("e") or r.take("E"):
        r.take("+") or r.take("-")
        if r.run(is_digit) == "":
            fail()
    return float(r.text[start : r.at])


def call(r, name):
    if name not in ("length", "count", "value"):
        fail("LANG_PATH_FUNCTION")
    r.blanks()
    argument = r.deeper(lambda: operand(r))
    r.blanks()
    r.need(")")
    if name == "length":
        return ("call", name, single(argument))
    return ("call", name, argument) if argument[0] == "query" else fail()


def single(part):
    """An operand that has one value at most."""
    if part[0] == "query":
        for is_deep, chosen in part[2]:
            if is_deep or len(chosen) != 1 or chosen[0][0] not in ("name", "index"):
                fail()
    return part


def children(value):
    if isinstance(value, list):
        return list(enumerate(value))
    # In the order of UTF-16 units, as canonical JSON has them.
    return sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be")) if isinstance(value, dict) else []


def select(nodes, path, root):
    for is_deep, chosen in path:
        if is_deep:
            nodes = [below for node in nodes for below in descendants(node)]
        nodes = [found for node in nodes for one in chosen for found in apply(one, node, root)]
    return nodes


def descendants(node):
    """The node and all below it: each before what is below it, in the order of its siblings."""
    yield node
    where, value = node
    for key, inner in children(value):
        yield from descendants(([*where, key], inner))


def apply(chosen, node, root):
    where, value = node
    kind = chosen[0]
    if kind == "name":
        has = isinstance(value, dict) and chosen[1] in value
        return [([*where, chosen[1]], value[chosen[1]])] if has else []
    if kind == "all":
        return [([*where, key], inner) for key, inner in children(value)]
    if kind == "filter":
        return [([*where, key], inner) for key, inner in children(value) if holds(chosen[1], inner, root)]
    if not isinstance(value, list):
        return []
    if kind == "index":
        at = chosen[1] + len(value) if chosen[1] < 0 else chosen[1]
        return [([*where, at], value[at])] if 0 <= at < len(value) else []
    if chosen[3] == 0:
        return []
    return [([*where, at], value[at]) for at in range(*slice(*chosen[1:]).indices(len(value)))]


def holds(test, value, root):
    kind = test[0]
    if kind == "or":
        return any(holds(part, value, root) for part in test[1])
    if kind == "and":
        return all(holds(part, value, root) for part in test[1])
    if kind == "not":
        return not holds(test[1], value, root)
    if kind == "exists":
        return queried(test[1], value, root) != []
    operator, left, right = test[1], valued(test[2], value, root), valued(test[3], value, root)
    if operator in ("==", "!="):
        return equal(left, right) == (operator == "==")
    if operator in ("<=", ">=") and equal(left, right):
        return True
    return less(left, right) if operator[0] == "<" else less(right, left)


def queried(query, value, root):
    return select([([], root if query[1] == "$" else value)], query[2], root)


def valued(part, value, root):
    if part[0] == "literal":
        return part[1]
    if part[0] == "query":
        found = queried(part, value, root)
        return found[0][1] if found else NOTHING
    name, argument = part[1], part[2]
    if name == "length":
        inner = valued(argument, value, root)
        return len(inner) if isinstance(inner, (str, list, dict)) else NOTHING
    found = queried(argument, value, root)
    if name == "count":
        return len(found)
    return found[0][1] if len(found) == 1 else NOTHING


def equal(left, right):
    if left is NOTHING or right is NOTHING:
        return left is right
    return canonical(left) == canonical(right)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def less(left, right):
    # Python compares texts by code points, as the RFC does.
    if isinstance(left, str) and isinstance(right, str) or is_number(left) and is_number(right):
        return left < right
    return False


def run(source, value):
    """The nodes, or the code of an error."""
    reader = Reader(source)
    try:
        reader.need("$")
        path = segments(reader)
        if reader.at < len(source):
            fail()
    except PathError as error:
        return {"error": str(error)}
    return {"ok": canonical([[where, inner] for where, inner in select([([], value)], path, value)])}
