"""Random code plans: typed enough that most run, with the places where Python and other languages disagree.

Never makes a program that needs more than the tools of `record.py`.
"""

TEXTS = ['"a"', "'it''s'", '"Zo\\u00eb"', '"x" "y"', 'r"\\d"', '"urgent"', '"5"', '""', '"""two\nlines"""', '"{}"', "'%s'", '"\\\\"']


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.names = {"order": [], "items": [], "int": [], "float": [], "number": [], "text": [], "bool": [], "texts": [], "numbers": []}
        self.count = 0

    def pick(self, *options):
        chosen = self.rng.choice(options)
        return chosen() if callable(chosen) else chosen

    def fresh(self, kind):
        self.count += 1
        name = f"{kind}_{self.count}"
        return name

    def known(self, kind):
        return self.rng.choice(self.names[kind]) if self.names[kind] else None

    # Expressions; `row` is the name of a variable of a loop or comprehension.
    def integer(self, depth=2, row=None):
        r = self.rng
        leaves = [str(r.choice([0, 1, 2, 3, 5, 10, -3, 1_000]))]
        if row:
            leaves += [f"{row}.quantity", f'{row}["quantity"]']
        order = self.known("order")
        if order:
            leaves += [f"{order}.count", f'{order}["count"]', f"len({order}.items)", f"len({order}.tags)"]
        if self.known("int"):
            leaves.append(self.known("int"))
        if depth == 0 or r.random() < 0.4:
            return r.choice(leaves)
        a, b = self.integer(depth - 1, row), self.integer(depth - 1, row)
        return self.pick(
            f"{a} + {b}",
            f"{a} - {b}",
            f"{a} * {b}",
            f"({a}) // {r.choice([2, 3, -2])}",
            f"({a}) % {r.choice([2, 3, 7, -3])}",
            f"abs({a})",
            f"min({a}, {b})",
            f"max({a}, {b})",
            f"round({self.number(depth - 1, row)})",
            f"int({self.number(depth - 1, row)})",
            f"len({self.text(depth - 1, row)})",
            f"-({a})",
            f"({a} if {self.test(depth - 1, row)} else {b})",
            f"({a}) * 2 + ({b})",
            f"({self.mixed(row)})",
        )

    def number(self, depth=2, row=None):
        r = self.rng
        leaves = [r.choice(["1.5", "0.1", "2.0", "1e2", "0.25", ".5"]), self.integer(0, row)]
        if row:
            leaves += [f"{row}.price"] * 2
        order = self.known("order")
        if order:
            leaves += [f"{order}.total"] * 2
        for kind in ("number", "float"):
            if self.known(kind):
                leaves.append(self.known(kind))
        if depth == 0 or r.random() < 0.35:
            return r.choice(leaves)
        a, b = self.number(depth - 1, row), self.number(depth - 1, row)
        options = [
            f"{a} + {b}",
            f"{a} - {b}",
            f"({a}) * ({b})",
            f"({a}) / {r.choice([2, 4, 3, 0.5])}",
            f"({a}) * 1.19",
            f"round({a}, {r.choice([1, 2, 3, 0])})",
            f"({a}) % {r.choice([2, 0.5, -3])}",
            f"({a}) // {r.choice([2, 0.1, 0.5])}",
            f"abs({a})",
            f"min({a}, {b})",
            f"max({a}, {b}, 1)",
            f"({a} if {self.test(depth - 1, row)} else {b})",
            f"float({a})",
        ]
        if order:
            options += [f"sum({order}.amounts)", f"sum(i.price * i.quantity for i in {order}.items)", f"max({order}.amounts)"]
        return r.choice(options)

    def mixed(self, row=None):
        """Operators without brackets: precedence is the reader's."""
        r = self.rng
        out = [r.choice(["", "-", "- -"]) + self.integer(0, row)]
        for _ in range(r.randint(1, 5)):
            operator = r.choice([" + ", " - ", " * ", " // ", " % ", " - -", " * -"])
            out.append(operator + (str(r.choice([2, 3, 7])) if "/" in operator or "%" in operator else self.integer(0, row)))
        return "".join(out)

    def mixed_test(self, row=None):
        r = self.rng
        out = []
        for _ in range(r.randint(2, 4)):
            side = self.pick(lambda: self.test(0, row), lambda: f"{self.integer(0, row)} {r.choice(['<', '==', '>=', '!='])} {self.integer(0, row)}",
                             lambda: f"{self.integer(0, row)} < {self.integer(0, row)} + 1 <= {self.integer(0, row)} * 2",
                             lambda: f"{self.integer(0, row)} {r.choice(['in', 'not in'])} [1, 2, 3]")
            out.append(r.choice(["", "not ", "not not "]) + side)
        return "".join(part + (r.choice([" and ", " or "]) if at + 1 < len(out) else "") for at, part in enumerate(out))

    def text(self, depth=2, row=None):
        r = self.rng
        leaves = [r.choice(TEXTS)]
        if row:
            leaves += [f"{row}.sku", f'{row}["sku"]']
        order = self.known("order")
        if order:
            leaves += [f"{order}.customer.name", f"{order}.id", f'{order}["customer"]["email"]']
        if self.known("text"):
            leaves += [self.known("text")] * 2
        if depth == 0 or r.random() < 0.3:
            return r.choice(leaves)
        a, b = self.text(depth - 1, row), self.text(depth - 1, row)
        options = [
            f"{a} + {b}",
            f"str({self.integer(depth - 1, row)})",
            f"str({self.number(depth - 1, row)})",
            f"str({self.test(depth - 1, row)})",
            f"({a}).replace('a', 'b')",
            f"({a} if {self.test(depth - 1, row)} else {b})",
            f"({a})[0:3]",
            f"({a})[:2]",
            f"({a})[1:]",
            f"({a})[-2:]",
            self.fstring(depth - 1, row),
            self.fstring(depth - 1, row),
            self.fstring(depth - 1, row),
        ]
        if order:
            options += [f"', '.join({order}.tags)", f"'/'.join(i.sku for i in {order}.items)", f"({order}.memo or 'none')"]
        return r.choice(options)

    def fstring(self, depth=1, row=None):
        r = self.rng
        parts = []
        for _ in range(r.randint(1, 3)):
            parts.append(r.choice(["Order ", "total: ", "{{x}}", " & ", "€", "100%"]))
            inner = self.pick(
                lambda: self.integer(depth, row),
                lambda: self.number(depth, row),
                lambda: self.number(depth, row) + r.choice([":.2f", ":.1f", ":.0f", ":.3f"]),
                lambda: self.leaf_text(row),
                lambda: self.integer(depth, row) + r.choice([":d", ":03d", ":,", ""]),
                lambda: self.leaf_test(row),
            )
            if '"' in inner or "\n" in inner or "\\" in inner:
                continue
            parts.append("{" + inner + "}")
        return 'f"' + "".join(parts) + '"'

    def leaf_text(self, row):
        order = self.known("order")
        return self.rng.choice([x for x in [row and f"{row}.sku", order and f"{order}.customer.name", order and f"{order}.memo", self.known("text")] if x] or ["1"])

    def leaf_test(self, row):
        order = self.known("order")
        return self.rng.choice([x for x in [row and f"{row}.in_stock", order and f"{order}.paid", "True"] if x])

    def test(self, depth=1, row=None):
        r = self.rng
        leaves = [r.choice(["True", "False"])]
        order = self.known("order")
        if row:
            leaves += [f"{row}.in_stock"] * 2
        if order:
            leaves += [f"{order}.paid"] * 2
        if depth == 0 or r.random() < 0.2:
            return r.choice(leaves)
        a, b = self.number(depth - 1, row), self.number(depth - 1, row)
        options = [
            f"{a} < {b}",
            f"{a} >= {b}",
            f"{a} == {b}",
            f"{a} != {self.integer(0, row)}",
            f"0 < {a} <= {b}",
            f"{self.text(depth - 1, row)} == {self.text(depth - 1, row)}",
            f"{self.text(depth - 1, row)} < {self.text(depth - 1, row)}",
            f"'a' in ({self.text(depth - 1, row)})",
            f"({self.text(depth - 1, row)}).startswith('S-')",
            f"not {self.test(depth - 1, row)}",
            f"({self.test(depth - 1, row)} and {self.test(depth - 1, row)})",
            f"({self.test(depth - 1, row)} or {self.test(depth - 1, row)})",
            f"{self.integer(depth - 1, row)} in [1, 2, 3]",
            f"{self.integer(depth - 1, row)} == {self.test(0, row)}",
            f"bool({a})",
            f"({self.mixed_test(row)})",
            f"({self.mixed_test(row)})",
        ]
        if order:
            options += [
                f"{order}.memo is None",
                f"{order}.memo is not None",
                f"{order}.memo",
                f"{order}.items",
                f"not {order}.tags",
                f"{order}.count",
                f"'urgent: pay' in {order}.tags",
                f"'A-17' not in {order}.tags",
                f"any(i.in_stock for i in {order}.items)",
                f"all(i.price > 1 for i in {order}.items)",
                f"{order}.memo == {order}.customer.name",
                f"{order}.total == {order}.paid",
            ]
        return r.choice(options)

    def anything(self, row=None):
        order = self.known("order")
        return self.pick(
            lambda: self.integer(2, row),
            lambda: self.number(2, row),
            lambda: self.text(2, row),
            lambda: self.fstring(1, row),
            lambda: self.test(1, row),
            lambda: self.mixed(row),
            lambda: self.mixed_test(row),
            lambda: f"[{self.integer(1, row)}, {self.text(1, row)}]",
            lambda: "{" + f"'a': {self.number(1, row)}, 'b': [{self.text(1, row)}]" + "}",
            lambda: f"{order}.memo" if order else "None",
            lambda: f"[i.sku for i in {order}.items if i.quantity > {self.rng.randint(0, 3)}]" if order else "[]",
            lambda: f"[i.price * 2 for i in {order}.items]" if order else "1.0",
            lambda: f"sorted({order}.tags)" if order else "()",
            lambda: f"{order}.items[{self.rng.choice([0, -1, 1])}]" if order else "'x'",
            lambda: f"{order}.tags[:2]" if order else "-1",
            lambda: f"{order}.get('memo')" if order else "not 1",
            lambda: f"{order}.get('nothing', 'else')" if order else "1 < 2 < 3",
        )

    # Statements.
    def assign(self, indent):
        kind = self.rng.choice(["int", "number", "text", "text"])
        value = {"int": self.integer, "number": self.number, "text": self.text}[kind](2)
        if self.names[kind] and self.rng.random() < 0.25:
            name = self.known(kind)
            if kind == "int" and self.rng.random() < 0.5:
                self.emit(indent, f"{name} += {value}")
                return
        else:
            name = self.fresh(kind)
        self.emit(indent, f"{name} = {value}")
        if name not in self.names[kind]:
            self.names[kind].append(name)

    def emit(self, indent, line):
        self.lines.append("    " * indent + line)

    def read(self, indent):
        name = self.fresh("order")
        self.emit(indent, f"{name} = get_order({self.pick('id=', '')}{self.pick(lambda: self.text(0), '1')!s})" if self.rng.random() < 0.7 else f'{name} = get_order("A", 2031)')
        self.names["order"].append(name)

    def note(self, indent, row=None):
        more = self.rng.choice(["", f', title={self.text(1, row)}', f", {self.text(0, row)}", f", extra={self.anything(row)}"])
        self.emit(indent, f"note({self.pick('value=', '') if ', ' not in more or '=' in more else ''}{self.anything(row)}{more})")

    def scoped(self, indent):
        """Names that a branch makes are not used after it."""
        before = {kind: list(names) for kind, names in self.names.items()}
        for _ in range(self.rng.randint(1, 2)):
            self.rng.choice([self.note, self.note, self.assign])(indent)
        self.names = before

    def branch(self, indent):
        self.emit(indent, f"if {self.test(2)}:")
        self.scoped(indent + 1)
        if self.rng.random() < 0.3:
            self.emit(indent, f"elif {self.test(1)}:")
            self.scoped(indent + 1)
        if self.rng.random() < 0.5:
            self.emit(indent, "else:")
            self.scoped(indent + 1)

    def loop(self, indent):
        order = self.known("order")
        if order is None or self.rng.random() < 0.3:
            rows = self.pick("[1, 2, 3]", '["a", "b"]', "range(2)", "(True, None)")
            self.emit(indent, f"for x in {rows}:")
            self.emit(indent + 1, f"note(x, title={self.text(1)})")
            return
        self.emit(indent, f"for item in {order}.items:")
        if self.rng.random() < 0.4:
            self.emit(indent + 1, f"if {self.test(1, 'item')}:")
            self.note(indent + 2, "item")
        else:
            self.note(indent + 1, "item")


    def odd(self, indent):
        """What is easily taken for something else: texts and objects that are gone through, lists that are unpacked, names that are reused."""
        order = self.known("order")
        if order is None:
            return
        for line in self.rng.choice([
            [f"for x in {order}:", "    note(x)"],
            [f"for x in {order}.customer.name:", "    note(x)"],
            [f"for x in {order}.tags:", "    note(x, title=x)"],
            [f"for x in {order}.amounts:", "    note(x, title=f'{x:.2f}')"],
            [f"for x in {order}.items:", "    for tag in x.tags:", "        note(tag, title=x.sku)"],
            [f"for x in {order}.items:", "    for y in {order}.tags:".replace("{order}", order), "        note(x.sku, title=y)"],
            [f"for x in {order}.items[:2]:", "    note(x.sku)"],
            [f"for x in [i for i in {order}.items if i.quantity > 1]:", "    note(x.sku)"],
            [f"for x in sorted({order}.tags):", "    note(x)"],
            [f"for x in {order}.items:", "    found = get_order(x.sku)", "    note(found.total, title=x.sku)"],
            [f"for x in {order}.items:", "    if x.in_stock:", "        found = get_text(x.sku)", "        if found:", "            note(found)"],
            [f"texts = [get_text(i.sku) for i in {order}.items]", "note(texts)"],
            [f"texts = [get_text(t) for t in {order}.tags if t]", "for x in texts:", "    note(x)"],
            [f"a, b = {order}.tags", "note(a, title=b)"],
            [f"a, b = {order}.count, {order}.id", "a, b = b, a", "note(a, title=b)"],
            [f"xs = [x for x in {order}.customer]", "note(xs)"],
            [f"xs = [x for x in {order}.customer.name]", "note(xs)"],
            [f"note({order}.tags + {order}.amounts)"],
            [f"note({order}.count == True, extra={order}.paid == 1)"],
            [f"note({order}.count in [True, False], extra={order}.paid in [0, 1])"],
            [f"note({order}.paid == {order}.count)"],
            [f"note({order}.total == {order}.count)"],
            [f"note({order}.tags == [], extra={order}.items == {order}.items)"],
            [f"note('a' in {order}.customer, extra='name' in {order}.customer)"],
            [f"note('' in {order}.tags, extra='' in {order}.id)"],
            [f"note({order}.customer.name.lower(), title={order}.customer.name.upper(), extra={order}.customer.name.strip())"],
            [f"note({order}.id.split('-'), title={order}.id.replace('', 'x') if {order}.id else 'e')"],
            [f"note(int({order}.id) if {order}.id == '5' else 0)"],
            [f"note(min({order}.amounts), title=str(max({order}.tags)))"],
            [f"best = max({order}.items, key=lambda i: i.price)", "note(best.sku, extra=best.price)"],
            [f"ranked = sorted({order}.items, key=lambda i: i.quantity, reverse=True)", "note([i.sku for i in ranked])"],
            [f"note(len(set({order}.tags)), extra=sorted(set({order}.tags)))"],
            [f"if not {order}.items:", "    raise ValueError('none')"],
            [f"if {order}.paid:", "    x = get_text('a')", "else:", "    x = get_text('b')", "note(x)"],
            ["total = 0", f"for x in {order}.amounts:", "    total += x", "note(total)"],
            ["out = []", f"for x in {order}.items:", "    if x.in_stock:", "        continue", "    out.append(x.sku)", "note(out)"],
            ["out = ['first']", f"for x in {order}.tags:", "    out.append(x)", "same = out", "same.append('last')", "note(out)"],
            ["last = None", f"for x in {order}.items:", "    last = x.sku", "note(last)"],
            [f"note(next(i for i in {order}.items if i.quantity > 1).sku)"],
            [f"x = {order}.memo", "x = x or 'none'", "note(x)", "x = [x]", "note(x)"],
            [f"assert {order}.count > 2, 'few'", "note('many')"],
            [f"print(get_text('printed'))"],
            [f"note({order}.amounts[-1], extra={order}.tags[0])"],
            [f"note(sum(i.quantity for i in {order}.items) / len({order}.items))"],
            [f"note(round({order}.total), extra=[int({order}.total), -{order}.total // 1, {order}.total % 1])"],
        ]):
            self.emit(indent, line)


def generate(rng):
    """The text of one program."""
    maker = Maker(rng)
    maker.read(0)
    for _ in range(rng.randint(1, 5)):
        rng.choice([maker.assign, maker.assign, maker.note, maker.note, maker.branch, maker.loop, maker.read, maker.odd, maker.odd])(0)
    maker.note(0)
    return "\n".join(maker.lines) + "\n"
