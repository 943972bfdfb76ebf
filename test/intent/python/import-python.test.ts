import { describe, expect, it } from "vitest";
import { importPython } from "../../../src/intent/python/import-python.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { desk } from "./native.ts";

function planOf(code: string) {
  const imported = importPython(code, desk, { name: "plan", task: "Do it" });
  if (!imported.ok) throw new Error(JSON.stringify(imported.error));
  const frozen = freezePlan(imported.value.plan, desk);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return imported.value;
}

describe("importPython", () => {
  it("makes nodes of calls, references of variables, conditions of branches and loops of rows", () => {
    const { plan } = planOf(`
order = get_order("A-1", year=2031)
if order.paid and order.total > 10:
    for item in order.items:
        note(item.sku, title=f"{item.quantity} of {order.id}")
`);
    expect(plan).toMatchObject({
      name: "plan",
      task: "Do it",
      nodes: {
        order: { tool: "desk/get_order", args: { id: "A-1", year: 2031 } },
        note: {
          tool: "desk/note",
          each: { from: "order$.items[*]" },
          when: "order.paid ? order.total > 10 : false",
          args: { value: { item: "$.sku" } },
        },
      },
    });
  });

  it("makes inputs of the parameters of the one function that holds the plan", () => {
    const { plan } = planOf(
      'def plan(city: str, limit: int = 3, tags: list[str] = ["a"]):\n    note(city, title=tags, extra=limit)\n',
    );
    expect(plan.params).toEqual({
      city: { type: "string" },
      limit: { type: "integer", default: 3 },
      tags: { type: "array", default: ["a"] },
    });
    expect(plan.nodes.note?.args).toMatchObject({
      value: { param: "city" },
      title: { param: "tags" },
      extra: { param: "limit" },
    });
  });

  it("finds tools under the names that imports give them, and by their names in strings", () => {
    const { plan } = planOf(`
import desk as d
from tools import note as remember
remember(d.get_text(name="a"))
call_tool("desk/send_email", {"to": "a@example.com", "subject": "s", "body": "b"})
`);
    expect(Object.values(plan.nodes).map(({ tool }) => tool)).toEqual(["desk/get_text", "desk/note", "desk/send_email"]);
  });

  it("says what it left out, with the line", () => {
    const { findings } = planOf('import typing\nx = get_text("a")\nprint(x)\nnote(x)\nfinal_answer(x)\n');
    const dropped = findings.filter(({ code }) => code === "IMPORT_CODE_DROPPED").map(({ message }) => message);
    expect(dropped).toHaveLength(3);
    expect(dropped[0]).toContain("import");
    expect(dropped[1]).toMatch(/print.*line 3/u);
    expect(dropped[2]).toMatch(/final_answer.*line 5/u);
  });

  it("keeps the calls within what it leaves out", () => {
    const { plan } = planOf('print("x", get_text("a"), sep=get_text("b"))\n');
    expect(Object.values(plan.nodes).map(({ args }) => args)).toEqual([{ name: "a" }, { name: "b" }]);
  });

  it("never takes a function or a module of Python for a tool where there is no catalogue", () => {
    for (const code of [
      'eval("1")',
      'exec("1")',
      'open("/etc/passwd")',
      'getattr(1, "a")',
      'import subprocess\nsubprocess.run(["ls"])',
      'from os import system\nsystem("ls")',
      'import urllib.request as r\nr.urlopen("http://a.example")',
      "def f():\n    f()\n    note(value=1)",
    ]) {
      const imported = importPython(code, undefined);
      expect([code, imported.ok ? "imported" : imported.error.code]).toEqual([code, "IMPORT_CODE_OUTSIDE"]);
    }
  });

  it("reads the same plan whatever the line ends and the kind of indentation", () => {
    const text = "if get_order('a').paid:\n    note(1)\n    if True:\n        note(2)\nnote('''a\nb''')\n";
    const { plan } = planOf(text);
    for (const other of [
      text.replaceAll("\n", "\r\n"),
      `\ufeff${text}`,
      text.replaceAll("    ", "\t"),
      text.replaceAll("    ", "  "),
    ])
      expect(planOf(other).plan).toEqual(plan);
  });

  it("compiles computations that each read the two before in time that does not double with each", () => {
    const lines = Array.from({ length: 60 }, (_, i) => `x${i + 2} = x${i + 1} + x${i}`);
    const code = ["order = get_order('a')", "x0 = order.total + 1", "x1 = order.total + 2", ...lines, "note(x61)", "note(x60)"];
    const imported = importPython(code.join("\n"), desk);
    expect(imported.ok && Object.keys(imported.value.plan.nodes).length).toBeGreaterThan(60);
  });
});
