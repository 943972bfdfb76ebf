import { describe, expect, it } from "vitest";
import { importPython } from "../../../src/intent/python/import-python.ts";
import { codeCharsMax } from "../../../src/limits.ts";
import { desk } from "./native.ts";

type Refusal = readonly [code: string, error: string, place: readonly [line: number, column: number], message: string];

/** What is not Python, or what only some versions read. */
const syntax: readonly Refusal[] = [
  ["note(1", "IMPORT_CODE_SYNTAX", [1, 7], "not Python"],
  ["x = 1\n  note(x)", "IMPORT_CODE_SYNTAX", [2, 3], "unexpected indent"],
  [" note(1)", "IMPORT_CODE_SYNTAX", [1, 2], "unexpected indent"],
  ["if True:\n    note(1)\n\tnote(2)", "IMPORT_CODE_SYNTAX", [3, 1], "not Python"],
  ["if True:\n\tnote(1)\nif True:\n        note(2)", "IMPORT_CODE_SYNTAX", [4, 9], "blanks or with tabs"],
  ["if True:\nnote(1)", "IMPORT_CODE_SYNTAX", [2, 1], "not Python"],
  ["note('a)", "IMPORT_CODE_SYNTAX", [1, 9], "not Python"],
  ["x = 'a\nnote(x)", "IMPORT_CODE_SYNTAX", [1, 5], "does not end"],
  ["x = r'a\\'\nnote(x)", "IMPORT_CODE_SYNTAX", [1, 5], "does not end"],
  ["note(f'}')", "IMPORT_CODE_SYNTAX", [1, 8], "brace twice"],
  ["note(0777)", "IMPORT_CODE_SYNTAX", [1, 6], "no number"],
  ["note(1__0)", "IMPORT_CODE_SYNTAX", [1, 6], "no number"],
  ["note(1_)", "IMPORT_CODE_SYNTAX", [1, 6], "no number"],
  ["note(1if True else 2)", "IMPORT_CODE_SYNTAX", [1, 7], "blank belongs"],
  ["note('\\x4')", "IMPORT_CODE_SYNTAX", [1, 7], "hexadecimal"],
  ["note('\\U00110000')", "IMPORT_CODE_SYNTAX", [1, 7], "no such character"],
  ["note('a\rb')", "IMPORT_CODE_SYNTAX", [1, 8], "carriage return"],
  ["note('a\0b')", "IMPORT_CODE_SYNTAX", [1, 8], "control character"],
  ["note(1)\fnote(2)", "IMPORT_CODE_SYNTAX", [1, 8], "control character"],
  ["note('\ud800')", "IMPORT_CODE_SYNTAX", [1, 7], "surrogate"],
  ["note('a\u202eb')", "IMPORT_CODE_SYNTAX", [1, 8], "direction-changing"],
  ["note(value=1, 2)", "IMPORT_CODE_OUTSIDE", [1, 15], "by place come before"],
  ["note(1)\nreturn 1", "IMPORT_CODE_SYNTAX", [2, 1], "in a function"],
  ["print 'a'", "IMPORT_CODE_OUTSIDE", [1, 1], "Python 2"],
];

/** Python that no plan says exactly. */
const outside: readonly Refusal[] = [
  ["while True:\n  note(1)", "IMPORT_CODE_OUTSIDE", [1, 1], "for x in xs"],
  ["try:\n  note(1)\nexcept Exception:\n  note(2)", "IMPORT_CODE_OUTSIDE", [1, 1], "after an error"],
  ["with get_text('a') as f:\n  note(f)", "IMPORT_CODE_OUTSIDE", [1, 1], "opens nothing"],
  ["class A:\n  pass", "IMPORT_CODE_OUTSIDE", [1, 1], "classes"],
  ["def f():\n  note(1)\ndef g():\n  note(2)", "IMPORT_CODE_OUTSIDE", [3, 1], "one function"],
  ["def f():\n  def g():\n    note(1)\n  g()", "IMPORT_CODE_OUTSIDE", [2, 3], "one function"],
  ["@cache\ndef f():\n  note(1)", "IMPORT_CODE_OUTSIDE", [1, 1], "decorators"],
  ["match 1:\n  case 1:\n    note(1)", "IMPORT_CODE_OUTSIDE", [1, 1], "elif"],
  ["for x in [1]:\n  note(x)\n  break", "IMPORT_CODE_OUTSIDE", [3, 3], "whole list"],
  ["for x in [1]:\n  note(x)\nelse:\n  note(2)", "IMPORT_CODE_OUTSIDE", [1, 1], "no `else`"],
  ["for i in range(len([1])):\n  note(i)", "IMPORT_CODE_OUTSIDE", [1, 10], "written out"],
  ["for i in range(10**9):\n  note(i)", "IMPORT_CODE_OUTSIDE", [1, 10], "at most"],
  ["note(eval('1'))", "IMPORT_CODE_OUTSIDE", [1, 6], "`eval`"],
  ["__import__('os').system('ls')", "IMPORT_CODE_OUTSIDE", [1, 1], "`system`"],
  ["import os\nos.system('ls')", "IMPORT_CODE_OUTSIDE", [1, 1], "`os`"],
  ["from datetime import datetime\nnote(datetime.now())", "IMPORT_CODE_OUTSIDE", [1, 1], "`datetime`"],
  ["from desk import *", "IMPORT_CODE_OUTSIDE", [1, 18], "by their names"],
  ["note(get_text('a').__class__)", "IMPORT_CODE_OUTSIDE", [1, 20], "Python itself"],
  ["ﬁle = 1\nnote(1)", "IMPORT_CODE_OUTSIDE", [1, 1], "ASCII"],
  ["note(b'a')", "IMPORT_CODE_OUTSIDE", [1, 6], "bytes"],
  ["note('\\N{DASH}')", "IMPORT_CODE_OUTSIDE", [1, 7], "instead of its name"],
  ["note('\\d')", "IMPORT_CODE_OUTSIDE", [1, 7], "twice"],
  ["note('\\ud83d\\ude00')", "IMPORT_CODE_OUTSIDE", [1, 7], "surrogate"],
  ["note(1j)", "IMPORT_CODE_OUTSIDE", [1, 6], "imaginary"],
  ["note(1e999)", "IMPORT_CODE_OUTSIDE", [1, 6], "larger than a double"],
  ["note({1, 2})", "IMPORT_CODE_OUTSIDE", [1, 6], "set"],
  ["note({k: 1 for k in ['a']})", "IMPORT_CODE_OUTSIDE", [1, 6], "named when"],
  ["note(x for x in [1])", "IMPORT_CODE_OUTSIDE", [1, 5], "generator"],
  ["note({'a': 1, 'a': 2})", "IMPORT_CODE_OUTSIDE", [1, 15], "twice"],
  ["note({1: 2})", "IMPORT_CODE_OUTSIDE", [1, 7], "strings"],
  ["note(**{'value': 1})", "IMPORT_CODE_OUTSIDE", [1, 6], "`**`"],
  ["note(*[1])", "IMPORT_CODE_OUTSIDE", [1, 7], "`*`"],
  ["note(lambda x: x)", "IMPORT_CODE_OUTSIDE", [1, 6], "function"],
  ["note(y := 1)", "IMPORT_CODE_OUTSIDE", [1, 6], "an argument"],
  ["note((y := 1))", "IMPORT_CODE_OUTSIDE", [1, 7], "`:=`"],
  ["note(f'{1!r}')", "IMPORT_CODE_OUTSIDE", [1, 10], "`!s`"],
  ["note(f'{1:>5}')", "IMPORT_CODE_OUTSIDE", [1, 10], "formats"],
  ["note(f'{1=}')", "IMPORT_CODE_OUTSIDE", [1, 10], "one value"],
  ["note('%s' % 1)", "IMPORT_CODE_OUTSIDE", [1, 11], "f-string"],
  ["note('a' * 3)", "IMPORT_CODE_OUTSIDE", [1, 10], "repeats"],
  ["note(1 << 2)", "IMPORT_CODE_OUTSIDE", [1, 8], "no such operator"],
  ["note(~1)", "IMPORT_CODE_OUTSIDE", [1, 6], "no such operator"],
  ["note(get_number('a') ** 2)", "IMPORT_CODE_OUTSIDE", [1, 22], "`**`"],
  ["note(1 is 1)", "IMPORT_CODE_OUTSIDE", [1, 8], "`is`"],
  ["note('abc'[::2])", "IMPORT_CODE_OUTSIDE", [1, 6], "step"],
  ["x = get_order('a')\nx['total'] = 5\nnote(x)", "IMPORT_CODE_OUTSIDE", [2, 1], "not changed"],
  ["x = get_order('a')\nx.total += 5\nnote(x)", "IMPORT_CODE_OUTSIDE", [2, 1], "not changed"],
  ["a = get_order('a').tags\na += get_order('b').tags\nnote(a)", "IMPORT_CODE_OUTSIDE", [2, 1], "all its names"],
  ["a = (1, 2)\nnote(a == get_text('x'))", "IMPORT_CODE_OUTSIDE", [2, 8], "tuple"],
  ["note(1 + \\\n  2)", "IMPORT_CODE_OUTSIDE", [1, 10], "brackets"],
  ["x = 1\ndel x\nnote(1)", "IMPORT_CODE_OUTSIDE", [2, 1], "deletes"],
  ["global x\nnote(1)", "IMPORT_CODE_OUTSIDE", [1, 1], "scope"],
  ["note('a'.title())", "IMPORT_CODE_OUTSIDE", [1, 6], "`title`"],
  ["def f(n: int = 'a'):\n  note(n)", "IMPORT_CODE_OUTSIDE", [1, 16], "of its type"],
  ["def f(n: int = 1.5):\n  note(n)", "IMPORT_CODE_OUTSIDE", [1, 16], "of its type"],
  ["note(-0.0)", "IMPORT_CODE_OUTSIDE", [1, 6], "below zero"],
];

describe("importPython refuses", () => {
  it.each([...syntax, ...outside])("%j with %s at %j", (code, error, [line, column], message) => {
    const imported = importPython(code, desk);
    if (imported.ok) throw new Error(`imported as ${JSON.stringify(imported.value.plan.nodes)}`);
    expect(imported.error).toMatchObject({ code: error, place: { line, column } });
    expect(imported.error.message).toContain(message);
  });

  it("text that is too long, or nested too deep, at once", () => {
    const long = importPython(" ".repeat(codeCharsMax + 1), desk);
    expect(long.ok ? undefined : long.error.code).toBe("IMPORT_TOO_LARGE");
    for (const count of [100, 1_000, 20_000]) {
      for (const code of ["(", "[", "{", "f(", "x[", "not ", "-", "[x for x in ", "lambda: ", "await "]) {
        const imported = importPython(`note(${code.repeat(count).slice(0, codeCharsMax - 10)})`, desk);
        expect(imported.ok ? "imported" : imported.error.code).toMatch(/^IMPORT_(?:TOO_LARGE|CODE_SYNTAX|CODE_OUTSIDE)$/);
      }
      const nested = importPython(`note(${"[".repeat(count)}1${"]".repeat(count)})`, desk);
      expect(nested.ok).toBe(false);
    }
    const branches = `if True:\n  note(1)\n${"elif True:\n  note(2)\n".repeat(4_000)}`;
    expect(importPython(branches, desk).ok).toBe(false);
    expect(importPython(`note(${"1 + ".repeat(20_000)}1)`, desk).ok).toBe(false);
  });
});
