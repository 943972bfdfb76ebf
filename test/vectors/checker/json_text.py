"""Strict JSON (RFC 8259, RFC 7493) with the place of the first fault, and canonical JSON (RFC 8785). Shares no code with Sluice."""

from decimal import Decimal

DEPTH_MAX = 64
SAFE = 2**53 - 1
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Refused(Exception):
    """A text that is refused: `code`, and the `line`, `column` (UTF-16 units) and `pointer` of the place."""

    def __init__(self, code, text, offset, path):
        super().__init__(code)
        before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
        if text[offset - 1 : offset + 1] == "\r\n":
            before = before[:-1] + "?"  # Between the two that end a line: still on that line.
        self.code = code
        self.line = before.count("\n") + 1
        self.column = sum(2 if ord(each) > 0xFFFF else 1 for each in before[before.rfind("\n") + 1 :]) + 1
        self.pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.path = []

    def fail(self, code, offset=None):
        raise Refused(code, self.text, self.at if offset is None else offset, self.path)

    def peek(self):
        return self.text[self.at : self.at + 1]

    def skip(self):
        while self.peek() in (" ", "\n", "\r", "\t"):
            self.at += 1
        return self.peek()

    def read(self):
        value = self.value()
        self.skip()
        if self.at < len(self.text):
            self.fail("JSON_SYNTAX")
        return value

    def value(self):
        first = self.skip()
        if first == '"':
            return self.string()
        if first == "{" or first == "[":
            if len(self.path) >= DEPTH_MAX:
                self.fail("JSON_TOO_DEEP")
            return self.object() if first == "{" else self.array()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if first == word[0]:
                if not self.text.startswith(word, self.at):
                    self.fail("JSON_SYNTAX")
                self.at += len(word)
                return value
        return self.number()

    def array(self):
        values = []
        self.at += 1
        if self.skip() == "]":
            self.at += 1
            return values
        while True:
            self.path.append(len(values))
            values.append(self.value())
            self.path.pop()
            if self.end("]"):
                return values

    def object(self):
        members = {}
        self.at += 1
        if self.skip() == "}":
            self.at += 1
            return members
        while True:
            if self.skip() != '"':
                self.fail("JSON_SYNTAX")
            offset = self.at
            key = self.string()
            if key in members:
                self.path.append(key)
                self.fail("JSON_DUPLICATE_KEY", offset)
            if self.skip() != ":":
                self.fail("JSON_SYNTAX")
            self.at += 1
            self.path.append(key)
            members[key] = self.value()
            self.path.pop()
            if self.end("}"):
                return members

    def end(self, bracket):
        following = self.skip()
        if following not in (",", bracket) or following == "":
            self.fail("JSON_SYNTAX")
        self.at += 1
        return following == bracket

    def string(self):
        parts = []
        self.at += 1
        while True:
            char = self.peek()
            if char == "" or char < " ":
                self.fail("JSON_SYNTAX")
            if char == "\\":
                parts.append(self.escape())
                continue
            if "\ud800" <= char <= "\udfff":
                self.fail("JSON_LONE_SURROGATE")
            self.at += 1
            if char == '"':
                return "".join(parts)
            parts.append(char)

    def escape(self):
        start = self.at
        self.at += 1
        if self.peek() in ESCAPES:
            self.at += 1
            return ESCAPES[self.text[self.at - 1]]
        unit = self.unit()
        if unit < 0xD800 or unit > 0xDFFF:
            return chr(unit)
        if unit >= 0xDC00 or not self.text.startswith("\\u", self.at):
            self.fail("JSON_LONE_SURROGATE", start)
        self.at += 1
        low = self.unit()
        if not 0xDC00 <= low <= 0xDFFF:
            self.fail("JSON_LONE_SURROGATE", start)
        return chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))

    def unit(self):
        if self.peek() != "u":
            self.fail("JSON_SYNTAX")
        self.at += 1
        unit = 0
        for _ in range(4):
            digit = "0123456789abcdef".find(self.peek().lower() or "-")
            if digit < 0:
                self.fail("JSON_SYNTAX")
            unit = unit * 16 + digit
            self.at += 1
        return unit

    def digits(self):
        start = self.at
        while self.peek() and self.peek() in "0123456789":
            self.at += 1
        if self.at == start:
            self.fail("JSON_SYNTAX")

    def number(self):
        start = self.at
        if self.peek() == "-":
            self.at += 1
        if self.peek() == "0":
            self.at += 1
        else:
            self.digits()
        whole = True
        if self.peek() == ".":
            whole = False
            self.at += 1
            self.digits()
        if self.peek() in ("e", "E"):
            whole = False
            self.at += 1
            if self.peek() in ("+", "-"):
                self.at += 1
            self.digits()
        token = self.text[start : self.at]
        double = float(token)
        if double in (float("inf"), float("-inf")):
            self.fail("JSON_NUMBER_RANGE", start)
        if whole:
            return int(token)
        return double if double != 0 else 0


def read(text):
    """The value of a text. Integers stay integers, so that no digit is lost; whatever has a fraction or an exponent is a double."""
    if text.startswith("\ufeff"):
        raise Refused("JSON_BOM", text, 0, [])
    return Reader(text).read()


def read_bytes(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise Refused("JSON_INVALID_UTF8", before, len(before), []) from None
    return read(text)


def order(text):
    """The order of RFC 8785 §3.2.3: by UTF-16 code units."""
    return text.encode("utf-16-be")


def number(value):
    """A double as ECMAScript writes it (Number::toString), or an integer beyond 2^53 by its digits."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + exponent
    minus = "-" if sign else ""
    if len(text) <= point <= 21:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= 21:
        return minus + text[:point] + "." + text[point:]
    if -6 < point <= 0:
        return minus + "0." + "0" * -point + text
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def string(value):
    return '"' + "".join(SHORT.get(each) or (f"\\u{ord(each):04x}" if each < " " else each) for each in value) + '"'


def canonical(value):
    """The canonical text of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return "{" + ",".join(f"{string(key)}:{canonical(value[key])}" for key in sorted(value, key=order)) + "}"


def same(a, b):
    """Whether two values are one: numerically equal numbers, the same code points, members in any order."""
    return canonical(a) == canonical(b)
