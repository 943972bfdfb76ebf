import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json/value.ts";
import { refusals, type Scheme } from "./world.ts";

const page = { tool: "web/get", args: { url: "https://a.example/" } } as const;

function scheme(nodes: string, more = "{}"): Scheme {
  return { ...(JSON.parse(more) as object), nodes: JSON.parse(nodes) } as Scheme;
}

describe("a plan that would deceive its approver", () => {
  const cases: readonly (readonly [string, string, Scheme])[] = [
    ["a node named __proto__", "PLAN_NAME", scheme('{"__proto__":{"tool":"safe/read"}}')],
    ["a node with a blank in its name", "PLAN_NAME", scheme('{"a b":{"tool":"safe/read"}}')],
    ["a node named in another script", "PLAN_NAME", scheme('{"раy":{"tool":"safe/read"}}')],
    [
      "a parameter named __proto__",
      "PLAN_NAME",
      scheme('{"a":{"tool":"safe/read"}}', '{"params":{"__proto__":{"type":"string"}}}'),
    ],
    [
      "a label named __proto__",
      "PLAN_NAME",
      scheme('{"a":{"tool":"safe/read"}}', '{"labels":{"__proto__":{"integrity":"trusted"}}}'),
    ],
    [
      "`unknown` declared trusted",
      "PLAN_LABEL_RESERVED",
      scheme('{"a":{"tool":"odd/read"}}', '{"labels":{"unknown":{"integrity":"trusted"}}}'),
    ],
    [
      "`untrusted` declared as a label",
      "PLAN_LABEL_RESERVED",
      scheme('{"a":{"tool":"odd/read"}}', '{"labels":{"untrusted":{"integrity":"trusted"}}}'),
    ],
    ["an empty list of labels for what nobody labelled", "PLAN_LABELS_EMPTY", scheme('{"a":{"tool":"odd/read","labels":[]}}')],
    ["an argument named sluice_node", "PLAN_NAME", scheme('{"a":{"tool":"safe/read","args":{"sluice_node":"x"}}}')],
    ["a tool that nobody has", "TOOL_UNKNOWN", scheme('{"a":{"tool":"bank/steal"}}')],
    ["a tool named constructor", "TOOL_UNKNOWN", scheme('{"a":{"tool":"constructor"}}')],
    ["a member that no plan has", "PLAN_MEMBER", scheme('{"a":{"tool":"safe/read","allowAll":true}}')],
    ["a rule of two classes", "PLAN_RULE", scheme('{"a":{"tool":"safe/read","args":{"key":{"const":1,"choose":{}}}}}')],
    ["a node that waits for itself", "PLAN_CYCLE", scheme('{"a":{"tool":"safe/read","after":["a"]}}')],
    [
      "two nodes that read each other",
      "PLAN_CYCLE",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"from":"b$"}}},"b":{"tool":"safe/check","args":{"data":{"from":"a$"}}}}'),
    ],
    [
      "a reference to a node that is not there",
      "PLAN_UNKNOWN_NODE",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"from":"ghost$"}}}}'),
    ],
    [
      "a reference to a parameter that is not there",
      "PLAN_UNKNOWN_PARAM",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"param":"ghost"}}}}'),
    ],
    ["a node that runs never", "PLAN_RANGE", scheme('{"a":{"tool":"safe/read","times":0}}')],
    [
      "a node that runs a negative number of times",
      "PLAN_RANGE",
      scheme('{"a":{"tool":"safe/read","times":{"min":-1,"max":1}}}'),
    ],
    [
      "a budget below nothing",
      "PLAN_RANGE",
      scheme('{"a":{"tool":"bank/pay","args":{"to":"x","amount":1},"constraints":{"budget":{"sum":"amount","max":-1}}}}'),
    ],
    ["a constant that is no JSON text", "PLAN_JSON", { nodes: { a: { tool: "safe/read", args: { key: "\ud800" } } } }],
    ["a number without end", "PLAN_JSON", { nodes: { a: { tool: "safe/read", args: { key: Number.POSITIVE_INFINITY } } } }],
    [
      "a pattern that refers back to itself",
      "LANG_MATCH_VALUE",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"choose":{"pattern":"(a)\\\\1"}}}}}'),
    ],
    [
      "a template with a hole that nothing fills",
      "PLAN_TEMPLATE_HOLE",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"template":"text","text":"{x}"}}}}'),
    ],
    [
      "a template that the agent fills",
      "PLAN_TEMPLATE_HOLE",
      scheme('{"a":{"tool":"safe/read","args":{"key":{"template":"text","text":"{x}","with":{"x":{"choose":{}}}}}}}'),
    ],
    [
      "SQL with a hole where a name stands",
      "TEMPLATE_HOLE_MISPLACED",
      scheme('{"a":{"tool":"base/sql","args":{"sql":{"template":"sql","text":"SELECT a FROM {x}","with":{"x":{"const":"t"}}}}}}'),
    ],
    [
      "a read-only promise on a tool that pays",
      "PLAN_READ_ONLY",
      scheme('{"a":{"tool":"bank/pay","args":{"to":"x","amount":1},"constraints":{"readOnly":true}}}'),
    ],
  ];
  it.each(cases)("is refused: %s, with %s", (_, code, plan) => {
    expect(refusals(plan)).toContain(code);
  });
});

describe("a catalogue in which one tool shadows another", () => {
  const tool = (name: string): JsonObject => ({ name, sluice: { effects: ["read"], labels: ["safe"], roles: {} } });

  it("is refused where two tools have the same name", () => {
    expect(refusals({ nodes: { page } }, [tool("bank/pay")])).toContain("CATALOGUE_DUPLICATE");
  });

  it("makes a bare name that two servers have ambiguous, never the first of them", () => {
    expect(refusals({ nodes: { a: { tool: "pay", args: { to: "x", amount: 1 } } } })).toEqual([]);
    expect(refusals({ nodes: { a: { tool: "pay", args: { to: "x", amount: 1 } } } }, [tool("other/pay")])).toContain(
      "TOOL_AMBIGUOUS",
    );
  });
});
