/** What an approver reads before signing: each sentence in its words, the worst first, and nothing that is left out unsaid. */
import { describe, expect, it } from "vitest";
import { approvalSummary } from "../../../../src/plan/lint/approver/summary.ts";
import { flowSentence } from "../../../../src/plan/lint/approver/sentence.ts";
import type { WorstCaseFlow } from "../../../../src/plan/lint/flows/worst-case.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, tool } from "../linting.ts";

const catalogue = catalogueOf(
  [
    tool("web/get", ["q"], { effects: ["read"], labels: ["web"], roles: { q: "selector" } }),
    ...["write", "money", "message", "execute"].map((effect) =>
      tool(`${effect}/do`, ["to", "text"], {
        effects: ["read", effect],
        labels: ["own"],
        roles: { to: "target", text: "content" },
      }),
    ),
    tool("all/do", ["to"], { effects: ["write", "money", "message", "execute"], labels: ["own"], roles: { to: "target" } }),
  ],
  { web: { integrity: "untrusted" }, own: { integrity: "trusted" } },
);
const get = { tool: "web/get", args: { q: "x" }, show: "none" };
const act = (name: string, more: object = {}): object => ({ tool: `${name}/do`, args: { to: "x" }, ...more });
const summary = (value: Plan): readonly string[] => approvalSummary(value, catalogue);

const flow = (more: Partial<WorstCaseFlow>): WorstCaseFlow => ({
  from: "get",
  source: "web/get",
  labels: ["web", "own"],
  node: "act",
  to: "write/do",
  argument: "to",
  role: "target",
  via: [],
  concern: "untrusted",
  ...more,
});
const via = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `n${i}`);

describe("a flow is told as a sentence", () => {
  it.each<[string, Partial<WorstCaseFlow>, unknown]>([
    ["of a target", {}, "whoever writes in `web/get` chooses `to` of `write/do`"],
    ["of content", { role: "content" }, "whoever writes in `web/get` writes into `to` of `write/do`"],
    ["of a part", { partly: true }, "whoever writes in `web/get` chooses part of `to` of `write/do`"],
    [
      "of the conversation",
      { from: "conversation" },
      "whoever writes what the agent has read (`web`, `own`) chooses `to` of `write/do`",
    ],
    [
      "of restricted data",
      { concern: "readers" },
      "data of `web/get` that not everyone may read (`web`, `own`) reaches `to` of `write/do`",
    ],
    [
      "of restricted data of the conversation",
      { concern: "readers", from: "conversation", via: ["a"] },
      "data of the conversation that not everyone may read (`web`, `own`) reaches `to` of `write/do`, by way of `a`",
    ],
    ["with its bound", { bits: 1 }, "whoever writes in `web/get` chooses `to` of `write/do` within 1 bit"],
    ["with a bound of several bits", { bits: 2.5 }, "whoever writes in `web/get` chooses `to` of `write/do` within 2.5 bits"],
    ["with the bound of one value", { bits: 0 }, "whoever writes in `web/get` chooses `to` of `write/do`, which has one value"],
    ["with the widest bound that is said", { bits: 64 }, "whoever writes in `web/get` chooses `to` of `write/do` within 64 bits"],
    ["without a bound that is no comfort", { bits: 64.01 }, "whoever writes in `web/get` chooses `to` of `write/do`"],
    ["with its way", { via: ["a", "b"] }, "whoever writes in `web/get` chooses `to` of `write/do`, by way of `a`, `b`"],
    [
      "with five places of its way",
      { via: via(5) },
      "whoever writes in `web/get` chooses `to` of `write/do`, by way of `n0`, `n1`, `n2`, `n3`, `n4`",
    ],
    [
      "with five places of a longer way",
      { via: via(6) },
      "whoever writes in `web/get` chooses `to` of `write/do`, by way of `n0`, `n1`, `n2`, `n3`, `n4`, …",
    ],
  ])("%s", (_what, more, sentence) => {
    expect(flowSentence(flow(more))).toBe(sentence);
  });

  it("by the node, where its tool is not known", () => {
    const { source: _, ...rest } = flow({});
    expect(flowSentence(rest)).toBe("whoever writes in `get` chooses `to` of `write/do`");
  });
});

describe("the summary of a plan", () => {
  it.each<[string, Plan, unknown]>([
    ["that only reads", plan({ get }), ["nothing untrusted reaches an argument of a tool", "at most 9 calls within 9 seconds"]],
    [
      "that does each thing",
      plan({ a: act("write"), b: act("money"), c: act("message"), d: act("execute"), e: act("all") }),
      [
        "nothing untrusted reaches an argument of a tool",
        "`a` changes data with `write/do`, once",
        "`b` moves money with `money/do`, once",
        "`c` sends messages with `message/do`, once",
        "`d` runs code with `execute/do`, once",
        "`e` changes data, moves money, sends messages, runs code with `all/do`, once",
        "at most 9 calls within 9 seconds",
      ],
    ],
    [
      "that does it often, and asks",
      plan({ a: act("write", { times: 3, constraints: { approve: "human" } }) }),
      [
        "nothing untrusted reaches an argument of a tool",
        "`a` changes data with `write/do`, up to 3 times, each time after a human has approved",
        "at most 9 calls within 9 seconds",
      ],
    ],
    [
      "that steers before it writes",
      plan({
        get,
        a: act("write", { args: { to: "x", text: { from: "get$.x" } } }),
        b: act("write", { args: { to: { from: "get$.x" } } }),
      }),
      [
        "whoever writes in `web/get` chooses `to` of `write/do`",
        "whoever writes in `web/get` writes into `text` of `write/do`",
        "`a` changes data with `write/do`, once",
        "`b` changes data with `write/do`, once",
        "at most 9 calls within 9 seconds",
      ],
    ],
    [
      "that says one thing twice",
      plan({ get, a: act("write", { args: { to: { from: "get$.x" } } }), b: act("write", { args: { to: { from: "get$.x" } } }) }),
      [
        "whoever writes in `web/get` chooses `to` of `write/do`",
        "`a` changes data with `write/do`, once",
        "`b` changes data with `write/do`, once",
        "at most 9 calls within 9 seconds",
      ],
    ],
    [
      "without limits",
      plan({ get }, { limits: {} }),
      ["nothing untrusted reaches an argument of a tool", "no limit on the calls of a session"],
    ],
    [
      "with a limit of calls",
      plan({ get }, { limits: { calls: 3 } }),
      ["nothing untrusted reaches an argument of a tool", "at most 3 calls"],
    ],
    [
      "with a limit of time",
      plan({ get }, { limits: { seconds: 3 } }),
      ["nothing untrusted reaches an argument of a tool", "any number of calls within 3 seconds"],
    ],
    [
      "that ends, and has a task",
      plan({ get }, { notAfter: "2030-01-01T00:00:00Z", task: "Read\n  and \u202e tell" }),
      [
        "nothing untrusted reaches an argument of a tool",
        "at most 9 calls within 9 seconds",
        "the plan ends at 2030-01-01T00:00:00Z",
        "the author says that the task is: Read and \\u{202e} tell",
      ],
    ],
    [
      "with parameters, in ascending order, and how they are read",
      plan(
        { get },
        {
          params: {
            b: { type: "string" },
            a: { type: "number", read: { kind: "amount", currency: "EUR" } },
            c: { type: "array", read: { kind: "email", list: true } },
            d: { type: "string", read: "date" },
          },
        },
      ),
      [
        "nothing untrusted reaches an argument of a tool",
        "at most 9 calls within 9 seconds",
        "the host gives `a` (read as amount in EUR), `b`, `c` (read as a list of email), `d` (read as date)",
      ],
    ],
    [
      "that amendments may widen",
      plan(
        { get },
        {
          envelope: [
            { tool: "write/do", args: { to: { from: "get$.x" } }, times: 2 },
            { tool: "web/get", args: { q: "y" } },
          ],
        },
      ),
      [
        "whoever writes in `web/get` chooses `to` of `write/do`",
        "while the plan runs, the agent may add 2 calls of `write/do` within this shape, and nobody is asked",
        "while the plan runs, the agent may add 1 call of `web/get` within this shape, and nobody is asked",
        "at most 9 calls within 9 seconds",
      ],
    ],
  ])("%s", (_what, value, sentences) => {
    expect(summary(value)).toEqual(sentences);
  });

  it("counts what is beyond fifty of a kind", () => {
    const acts = (count: number): Plan =>
      plan(Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, act("write")])));
    expect(summary(acts(50)).filter((sentence) => sentence.includes("changes data"))).toHaveLength(50);
    expect(summary(acts(50)).some((sentence) => sentence.includes("more of this kind"))).toBe(false);
    expect(summary(acts(52)).filter((sentence) => sentence.includes("changes data"))).toHaveLength(50);
    expect(summary(acts(52))).toContain("and 2 more of this kind");
  });

  it("says that flows are left out", () => {
    const sources = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`s${i}`, { ...get }]));
    const value = plan({
      ...sources,
      sum: { let: `[${Object.keys(sources).join(", ")}][0]` },
      a: act("write", { args: { to: { from: "sum$" } } }),
    });
    expect(summary(value)).toContain("there are more flows than can be listed");
  });
});
