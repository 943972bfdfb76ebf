/**
 * Argument classes that are fixed by the plan or chosen by the agent: constants, parameters, references, choices, texts, objects, lists.
 */
import { allow, type Case, call, deny, handle, result } from "./case.ts";

const to = "bob@example.com";

/** A node that only sends, with these rules. */
function send(args: Case["nodes"][string]["args"] & object): Case["nodes"] {
  return { send: { tool: "s/send", args } };
}

/** A node that reads trusted data before it sends. */
function after(args: Case["nodes"][string]["args"] & object): Case["nodes"] {
  return { calc: { tool: "s/calc" }, ...send(args) };
}

const calc = (value: Parameters<typeof result>[1]) =>
  [call("s/calc", {}, allow("calc", {}, { run: 0 })), result(0, value)] as const;

export const classCases: readonly Case[] = [
  {
    name: "const: what the agent omits is filled in",
    nodes: send({ to, text: "hi" }),
    steps: [call("s/send", {}, allow("send", { to, text: "hi" }, { run: 0 }))],
  },
  {
    name: "const: what the agent sends may be equal",
    nodes: send({ to, text: "hi" }),
    steps: [call("s/send", { text: "hi", to }, allow("send", { to, text: "hi" }))],
  },
  {
    name: "const: what the agent sends may not differ",
    nodes: send({ to, text: "hi" }),
    steps: [call("s/send", { to: "eve@example.com" }, deny("ARG_MISMATCH"))],
  },
  {
    name: "const: null stands for an omitted argument",
    nodes: send({ to }),
    steps: [call("s/send", { to: null }, allow("send", { to }))],
  },
  {
    name: "const: a null of the plan is sent",
    nodes: send({ to: null }),
    steps: [call("s/send", {}, allow("send", { to: null }))],
  },
  { name: "const: a text is no number", nodes: send({ to: 5 }), steps: [call("s/send", { to: "5" }, deny("ARG_MISMATCH"))] },
  {
    name: "const: texts are compared by code point, not normalised",
    nodes: send({ to: "caf\u00e9" }),
    steps: [call("s/send", { to: "cafe\u0301" }, deny("ARG_MISMATCH"))],
  },
  {
    name: "const: integers beyond 2^53 are compared by all their digits",
    nodes: { send: { tool: "s/send", args: { to: 9007199254740993n }, times: 2 } },
    steps: [
      call("s/send", { to: 9007199254740992n }, deny("ARG_MISMATCH")),
      call("s/send", { to: 9007199254740993n }, allow("send", { to: 9007199254740993n })),
    ],
  },
  {
    name: "const: the order of members does not matter",
    nodes: send({ to: { const: { a: 1, b: [true, null] } } }),
    steps: [call("s/send", { to: { b: [true, null], a: 1 } }, allow("send", { to: { a: 1, b: [true, null] } }))],
  },
  {
    name: "const: the order of elements does",
    nodes: send({ to: ["a", "b"] }),
    steps: [call("s/send", { to: ["b", "a"] }, deny("ARG_MISMATCH"))],
  },
  {
    name: "unmentioned: an argument that the plan does not mention is denied",
    nodes: send({ to }),
    steps: [call("s/send", { to, cc: "eve@example.com" }, deny("ARG_UNEXPECTED"))],
  },
  { name: "unmentioned: null is dropped", nodes: send({ to }), steps: [call("s/send", { to, cc: null }, allow("send", { to }))] },
  {
    name: "unmentioned: the default of the tool's schema is dropped, another value is denied",
    nodes: { format: { tool: "s/format", args: { text: "x" } } },
    steps: [
      call("s/format", { style: "bold" }, deny("ARG_UNEXPECTED")),
      call("s/format", { style: "plain" }, allow("format", { text: "x" })),
    ],
  },
  {
    name: "unmentioned: __proto__ is an argument like any other",
    nodes: send({ to }),
    steps: [call("s/send", JSON.parse('{"__proto__":{"to":"x"}}'), deny("ARG_UNEXPECTED"))],
  },
  {
    name: "param: the value of the session is filled in, and nothing else is taken",
    params: { who: { type: "string" } },
    given: { who: to },
    nodes: send({ to: { param: "who" } }),
    steps: [call("s/send", { to: "eve@example.com" }, deny("ARG_MISMATCH")), call("s/send", {}, allow("send", { to }))],
  },
  {
    name: "param: a default stands in",
    params: { who: { type: "string", default: to } },
    nodes: send({ to: { param: "who" } }),
    steps: [call("s/send", {}, allow("send", { to }))],
  },
  {
    name: "from: exactly one value is filled in",
    nodes: after({ to: { from: "calc$.to" } }),
    steps: [
      ...calc({ to, score: 1 }),
      call("s/send", { to: "eve@example.com" }, deny("ARG_MISMATCH")),
      call("s/send", {}, allow("send", { to })),
    ],
  },
  {
    name: "from: no value denies",
    nodes: after({ to: { from: "calc$.to" } }),
    steps: [...calc({ score: 1 }), call("s/send", { to }, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "from: several values deny",
    nodes: after({ to: { from: "calc$.rows[*]" } }),
    steps: [...calc({ rows: [to, to] }), call("s/send", { to }, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "from: pick first and last",
    nodes: after({ to: { from: "calc$.rows[*]", pick: "first" }, text: { from: "calc$.rows[*]", pick: "last" } }),
    steps: [...calc({ rows: ["a", "b", "c"] }), call("s/send", {}, allow("send", { to: "a", text: "c" }))],
  },
  {
    name: "from: where filters by item and parameters",
    params: { id: { type: "integer" } },
    given: { id: 2 },
    nodes: after({ data: { from: "calc$.rows[*]", where: "item.id == params.id" } }),
    steps: [...calc({ rows: [{ id: 1 }, { id: 2, x: "y" }] }), call("s/send", {}, allow("send", { data: { id: 2, x: "y" } }))],
  },
  {
    name: "from: optional means left out where there is nothing, and nothing else may be sent",
    nodes: { calc: { tool: "s/calc" }, send: { tool: "s/send", args: { to, text: { from: "calc$.text", optional: true } } } },
    steps: [...calc({}), call("s/send", { text: "x" }, deny("ARG_MISMATCH")), call("s/send", {}, allow("send", { to }))],
  },
  {
    name: "from: otherwise stands in where there is nothing",
    nodes: after({ to: { from: "calc$.to", otherwise: "nobody" } }),
    steps: [...calc({}), call("s/send", {}, allow("send", { to: "nobody" }))],
  },
  {
    name: "from: the first ok run counts, pick last sees the newest",
    nodes: {
      calc: { tool: "s/calc", times: { min: 1, max: 3 } },
      send: { tool: "s/send", args: { subject: { from: "calc$.x" }, text: { from: "calc$.x", pick: "last" } } },
    },
    steps: [
      ...calc({ x: "one" }),
      call("s/calc", {}, allow("calc", {}, { run: 1 })),
      result(1, { x: "two" }),
      call("s/send", {}, allow("send", { subject: "one", text: "two" })),
    ],
  },
  {
    name: "from: pick agent takes a candidate and nothing else",
    nodes: after({ text: { from: "calc$.rows[*]", pick: "agent" } }),
    steps: [
      ...calc({ rows: ["a", "b"] }),
      call("s/send", {}, deny("ARG_MISSING")),
      call("s/send", { text: "c" }, deny("ARG_MISMATCH")),
      call("s/send", { text: "b" }, allow("send", { text: "b" })),
    ],
  },
  {
    name: "from: pick agent is filled in where all candidates are the same value",
    nodes: after({ text: { from: "calc$.rows[*]", pick: "agent" } }),
    steps: [...calc({ rows: ["a", "a"] }), call("s/send", {}, allow("send", { text: "a" }))],
  },
  {
    name: "from: a value has its handle, and so has what contains it",
    nodes: after({ to: { from: "calc$.a.to" } }),
    steps: [
      ...calc({ a: { to }, b: 1 }),
      call("s/send", { to: handle("calc", 0, ["b"]) }, deny("ARG_HANDLE")),
      call("s/send", { to: handle("calc", 1, ["a", "to"]) }, deny("ARG_HANDLE")),
      call("s/send", { to: handle("calc", 0, ["a"]) }, allow("send", { to })),
    ],
  },
  {
    name: "choose: a value within the constraint",
    nodes: { send: { tool: "s/send", args: { to, subject: { choose: { enum: ["low", "high"] } } }, times: { min: 0, max: 9 } } },
    steps: [
      call("s/send", { subject: "middle" }, deny("ARG_CONSTRAINT")),
      call("s/send", {}, deny("ARG_MISSING")),
      call("s/send", { subject: null }, deny("ARG_MISSING")),
      call("s/send", { subject: handle("send", 0) }, deny("ARG_HANDLE")),
      call("s/send", { subject: "high" }, allow("send", { to, subject: "high" })),
    ],
  },
  {
    name: "choose: numbers in a range, and no text",
    nodes: {
      send: {
        tool: "s/send",
        args: { data: { choose: { type: "integer", minimum: 1, maximum: 10 } } },
        times: { min: 0, max: 9 },
      },
    },
    steps: [
      call("s/send", { data: 11 }, deny("ARG_CONSTRAINT")),
      call("s/send", { data: 1.5 }, deny("ARG_CONSTRAINT")),
      call("s/send", { data: "5" }, deny("ARG_CONSTRAINT")),
      call("s/send", { data: 5 }, allow("send", { data: 5 })),
    ],
  },
  {
    name: "choose: a pattern matches the whole text",
    nodes: {
      send: { tool: "s/send", args: { subject: { choose: { type: "string", pattern: "[A-Z]{3}" } } }, times: { min: 0, max: 9 } },
    },
    steps: [
      call("s/send", { subject: "xABC" }, deny("ARG_CONSTRAINT")),
      call("s/send", { subject: "ABC\n" }, deny("ARG_CONSTRAINT")),
      call("s/send", { subject: "ABC" }, allow("send", { subject: "ABC" })),
    ],
  },
  {
    name: "choose: optional may be left out",
    nodes: send({ to, subject: { choose: { type: "string" }, optional: true } }),
    steps: [call("s/send", {}, allow("send", { to }))],
  },
  {
    name: "write: length counts code points",
    nodes: { send: { tool: "s/send", args: { text: { write: { maxLength: 3 } } }, times: { min: 0, max: 9 } } },
    steps: [
      call("s/send", { text: "abcd" }, deny("ARG_CONSTRAINT")),
      call("s/send", { text: 5 }, deny("ARG_CONSTRAINT")),
      call("s/send", {}, deny("ARG_MISSING")),
      call("s/send", { text: "\u{1f600}\u{1f600}\u{1f600}" }, allow("send", { text: "\u{1f600}\u{1f600}\u{1f600}" })),
    ],
  },
  {
    name: "write: control and bidirectional characters are refused, line feed and tab are not",
    nodes: { send: { tool: "s/send", args: { text: { write: {} } }, times: { min: 0, max: 9 } } },
    steps: [
      call("s/send", { text: "a\u0000b" }, deny("ARG_TEXT")),
      call("s/send", { text: "a\u202eb" }, deny("ARG_TEXT")),
      call("s/send", { text: "a\u001b[31m" }, deny("ARG_TEXT")),
      call("s/send", { text: "a\n\tb" }, allow("send", { text: "a\n\tb" })),
    ],
  },
  {
    name: "write: links go to hosts of the plan only",
    params: { site: { type: "string" } },
    given: { site: "https://wiki.example.net/page" },
    nodes: {
      send: {
        tool: "s/send",
        args: { subject: { param: "site" }, data: "https://www.example.com/", text: { write: {} } },
        times: { min: 0, max: 9 },
      },
    },
    steps: [
      call("s/send", { text: "see https://evil.example/x" }, deny("ARG_TEXT")),
      call(
        "s/send",
        { text: "see https://wiki.example.net/other and https://www.example.com/a" },
        { verdict: "allow", node: "send" },
      ),
    ],
  },
  {
    name: "write: no links, or those of a list",
    nodes: {
      none: { tool: "s/send", args: { text: { write: { links: "none" } } }, optional: true },
      some: { tool: "s/post", args: { text: { write: { links: ["*.example.com"] } } }, optional: true },
    },
    steps: [
      call("s/send", { text: "https://a.example.com" }, deny("ARG_TEXT")),
      call("s/post", { text: "https://a.example.com.evil.example" }, deny("ARG_TEXT")),
      call("s/post", { text: "https://a.example.com/x" }, allow("some", { text: "https://a.example.com/x" })),
    ],
  },
  {
    name: "object: every member follows its rule, and no other is taken",
    params: { who: { type: "string" } },
    given: { who: to },
    nodes: {
      send: {
        tool: "s/send",
        args: { data: { object: { kind: "note", who: { param: "who" }, text: { write: {} } } } },
        times: { min: 0, max: 9 },
      },
    },
    steps: [
      call("s/send", { data: { text: "x", more: 1 } }, deny("ARG_UNEXPECTED")),
      call("s/send", { data: { kind: "order", text: "x" } }, deny("ARG_MISMATCH")),
      call("s/send", {}, deny("ARG_MISSING")),
      call("s/send", { data: { text: "x" } }, allow("send", { data: { kind: "note", text: "x", who: to } })),
    ],
  },
  {
    name: "list: every element follows its rule, and there are as many",
    params: { who: { type: "string" } },
    given: { who: to },
    nodes: { send: { tool: "s/send", args: { data: ["a", { param: "who" }] }, times: { min: 0, max: 9 } } },
    steps: [
      call("s/send", { data: ["a"] }, deny("ARG_MISMATCH")),
      call("s/send", { data: ["a", "b"] }, deny("ARG_MISMATCH")),
      call("s/send", { data: ["a", to] }, allow("send", { data: ["a", to] })),
      call("s/send", {}, allow("send", { data: ["a", to] })),
    ],
  },
  {
    name: "match: the final value keeps the constraint",
    nodes: after({ to: { from: "calc$.to", match: { enum: [to] } } }),
    steps: [...calc({ to: "eve@example.com" }), call("s/send", {}, deny("ARG_CONSTRAINT"))],
  },
];
