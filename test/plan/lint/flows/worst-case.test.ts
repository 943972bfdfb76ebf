/** The flows of the worst case, one line each: which are listed, in which order, with what. */
import { describe, expect, it } from "vitest";
import { subjectOf, worstCaseFlows } from "../../../../src/plan/lint.ts";
import { worstCaseOf } from "../../../../src/plan/lint/flows/worst-case.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { plan } from "../linting.ts";
import { catalogue, endorsed, find, flowsOf, get, hidden, page, pay, save, send, two, write } from "./worst-case.ts";

const listed: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  // Which part of a value the data is.
  [
    "a reference, which is the whole value",
    plan({ hidden, pay: pay({ to: { from: "hidden$.to" } }) }),
    ["untrusted: hidden [web] > pay.to"],
  ],
  [
    "a field of a row, which is the whole value",
    plan({ hidden, pay: pay({ to: { item: "$.to" } }, { each: { from: "hidden$.rows", max: 3 } }) }),
    ["untrusted: hidden [web] > pay.to"],
  ],
  [
    "an expression, of which it is a part",
    plan({ hidden, pay: pay({ to: { expr: "hidden.to" } }) }),
    ["untrusted: hidden [web] > pay.to > partly"],
  ],
  [
    "a list, of which it is a part",
    plan({ hidden, pay: pay({ to: [{ from: "hidden$.to" }] }) }),
    ["untrusted: hidden [web] > pay.to > partly"],
  ],
  [
    "a computation between, which is no call",
    plan({ hidden, sum: { let: "hidden.a" }, pay: pay({ to: { from: "sum$" } }) }),
    ["untrusted: hidden [web] > pay.to"],
  ],
  [
    "two sources in one argument",
    plan({ hidden, page, pay: pay({ to: { expr: "[hidden.a, page.b][0]" } }) }),
    ["untrusted: hidden [web] > pay.to > partly", "untrusted: page [page] > pay.to > partly"],
  ],
  [
    "a source that is read twice in one argument, with the labels of both places",
    plan({
      both: { tool: "own/get", args: { q: { from: "hidden$.q" } }, removes: { labels: ["web"], paths: ["$.n"] }, show: "none" },
      hidden,
      pay: pay({ to: { expr: "[both.n, both.m][0]" } }),
    }),
    ["untrusted: hidden [web] > both > pay.to > partly", "untrusted: hidden [web] > both.q"],
  ],
  [
    "another argument of the node than the one that reads",
    plan({ hidden, pay: pay({ to: "x", memo: { from: "hidden$.to" } }) }),
    ["untrusted: hidden [web] > pay.memo"],
  ],
  ["a node that only waits", plan({ hidden, pay: pay({ to: "x" }, { after: ["hidden"] }) }), []],
  ["data that only decides whether a node runs", plan({ hidden, pay: pay({ to: "x" }, { when: "hidden.ok" }) }), []],
  // Bits.
  [
    "values that are counted, times the runs of the node",
    plan({ hidden, pay: pay({ to: { from: "hidden$.to", match: { enum: ["a", "b"] } } }, { times: 5 }) }),
    ["untrusted: hidden [web] > pay.to > 1 bits, 5 in a session"],
  ],
  [
    "bits that are no whole number, rounded to hundredths",
    plan({ hidden, pay: pay({ to: { from: "hidden$.to", match: { enum: ["a", "b", "c"] } } }, { times: 3 }) }),
    ["untrusted: hidden [web] > pay.to > 1.59 bits, 4.77 in a session"],
  ],
  // The conversation.
  [
    "text of an agent that has read something untrusted",
    plan({ get, send: send({ to: "a", body: write }, { after: ["get"] }) }),
    ["untrusted: conversation [web] > send.body"],
  ],
  ["text of an agent that was shown nothing", plan({ hidden, send: send({ to: "a", body: write }, { after: ["hidden"] }) }), []],
  ["text of an agent that reads later", plan({ get: { ...get, after: ["send"] }, send: send({ to: "a", body: write }) }), []],
  [
    "text of an agent that may read before",
    plan({ get, send: send({ to: "a", body: write }) }),
    ["untrusted: conversation [web] > send.body"],
  ],
  [
    "text of a node whose own result comes too late",
    plan({ post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"] } }),
    [],
  ],
  [
    "text of a node that runs twice, and has its first result before it",
    plan({ post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], times: 2 } }),
    ["untrusted: conversation [own,web] > post.text"],
  ],
  [
    "text of a node that may run twice",
    plan({ post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], times: { min: 1, max: 2 } } }),
    ["untrusted: conversation [own,web] > post.text"],
  ],
  [
    "text of a node that may run once at most",
    plan({ post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], times: { min: 0, max: 1 } } }),
    [],
  ],
  [
    "text of a node that runs at least once, whose most is left to the default",
    plan({ post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], times: { min: 1 } } }),
    [],
  ],
  [
    "text of a node that runs for each row",
    plan({
      hidden,
      post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], each: { from: "hidden$.rows", max: 2 } },
    }),
    ["untrusted: conversation [own,web] > post.text"],
  ],
  [
    "text of a node whose label another node shows, too",
    plan({ get, post: { tool: "note/save", args: { id: "1", text: write }, labels: ["web"], after: ["get"] } }),
    ["untrusted: conversation [web] > post.text"],
  ],
  [
    "text after several labels, in ascending order",
    plan({
      a: { tool: "web/get", args: { q: "x" } },
      b: { tool: "page/get", args: { q: "x" } },
      send: send({ to: "a", body: write }, { after: ["a", "b"] }),
    }),
    ["untrusted: conversation [page,web] > send.body"],
  ],
  [
    "a choice that will be denied, as the conversation is untrusted",
    plan({ get, send: send({ to: two, body: "x" }, { after: ["get"] }) }),
    [],
  ],
  [
    "a choice in content",
    plan({ get, send: send({ to: "a", body: two }, { after: ["get"] }) }),
    ["untrusted: conversation [web] > send.body > 1 bits, 1 in a session"],
  ],
  [
    "a choice that is endorsed",
    plan({ get, send: send({ to: endorsed("web"), body: "x" }, { after: ["get"] }) }),
    ["untrusted: conversation [web] > send.to > 1 bits, 1 in a session > endorsed"],
  ],
  [
    "a choice that is endorsed for one label of two",
    plan({ get, shown: { ...page, show: "all" }, send: send({ to: endorsed("web"), body: "x" }, { after: ["get", "shown"] }) }),
    [],
  ],
  [
    "a choice that is endorsed for both labels",
    plan({
      get,
      shown: { ...page, show: "all" },
      send: send({ to: endorsed(["web", "page"]), body: "x" }, { after: ["get", "shown"] }),
    }),
    ["untrusted: conversation [page,web] > send.to > 1 bits, 1 in a session > endorsed"],
  ],
  [
    "a choice beside what nobody labelled, which no endorsement takes away",
    plan({
      get: { tool: "raw/get", args: { q: "x" } },
      send: send({ to: endorsed(["unknown"]), body: "x" }, { after: ["get"] }),
    }),
    [],
  ],
  [
    "a choice after restricted data alone, which is trusted",
    plan({ shown: { ...find, show: "all" }, send: send({ to: two, body: "x" }, { after: ["shown"] }) }),
    [],
  ],
  // Why it matters.
  [
    "trusted data that everyone may read",
    plan({ own: { tool: "own/get", args: { q: "x" } }, send: send({ to: { from: "own$.to" }, body: "x" }) }),
    [],
  ],
  [
    "one untrusted label of two",
    plan({ both: { tool: "both/get", args: { q: "x" } }, pay: pay({ to: { from: "both$.to" } }) }),
    ["untrusted: both [own,web] > pay.to"],
  ],
  [
    "restricted data in a message",
    plan({ find, send: send({ to: { from: "find$.to" }, body: "x" }) }),
    ["readers: find [crm] > send.to"],
  ],
  [
    "restricted data on the network",
    plan({ find, n: { tool: "net/get", args: { q: { from: "find$.to" } } } }),
    ["readers: find [crm] > n.q"],
  ],
  [
    "restricted data where the audience is said",
    plan({ find, n: { tool: "named/get", args: { q: { from: "find$.to" } } } }),
    ["readers: find [crm] > n.q"],
  ],
  ["restricted data that stays inside", plan({ find, pay: pay({ to: { from: "find$.to" } }) }), []],
  [
    "one restricted label of two",
    plan({ mixed: { tool: "crm/mixed", args: { q: "x" }, show: "none" }, send: send({ to: { from: "mixed$.to" }, body: "x" }) }),
    ["readers: mixed [own,crm] > send.to"],
  ],
  // The order: whether it is untrusted, whether it steers, what the tool does, what the argument is for, how free it is.
  [
    "untrusted content before restricted targets",
    plan({ hidden, find, a: send({ to: { from: "find$.to" }, body: "x" }), b: send({ to: "x", body: { from: "hidden$.x" } }) }),
    ["untrusted: hidden [web] > b.body", "readers: find [crm] > a.to"],
  ],
  [
    "a target that is written before a text that moves money",
    plan({ hidden, a: pay({ to: "x", memo: { from: "hidden$.x" } }), b: save({ id: { from: "hidden$.x" } }) }),
    ["untrusted: hidden [web] > b.id", "untrusted: hidden [web] > a.memo"],
  ],
  [
    "what the tool does before what the argument is",
    plan({
      hidden,
      a: save({ mode: { from: "hidden$.x" } }),
      b: pay({ to: { from: "hidden$.x" } }),
      c: { tool: "sh/run", args: { key: { from: "hidden$.x" } } },
    }),
    ["untrusted: hidden [web] > c.key", "untrusted: hidden [web] > b.to", "untrusted: hidden [web] > a.mode"],
  ],
  [
    "a command before a credential, and a target before control",
    plan({
      hidden,
      a: { tool: "sh/run", args: { key: { from: "hidden$.x" }, command: { from: "hidden$.x" } } },
      b: save({ mode: { from: "hidden$.x" }, id: { from: "hidden$.x" } }),
    }),
    [
      "untrusted: hidden [web] > a.command",
      "untrusted: hidden [web] > a.key",
      "untrusted: hidden [web] > b.id",
      "untrusted: hidden [web] > b.mode",
    ],
  ],
  [
    "what cannot be counted before many bits, and those before few",
    plan({
      hidden,
      a: pay({ to: { from: "hidden$.x", match: { enum: ["a", "b"] } } }),
      b: pay({ to: { from: "hidden$.x", match: { enum: ["a", "b", "c", "d"] } } }),
      c: pay({ to: { from: "hidden$.x", match: { pattern: "[a-p]{40}" } } }),
      d: pay({ to: { from: "hidden$.x" } }),
    }),
    [
      "untrusted: hidden [web] > d.to",
      "untrusted: hidden [web] > c.to > 160 bits, 160 in a session",
      "untrusted: hidden [web] > b.to > 2 bits, 2 in a session",
      "untrusted: hidden [web] > a.to > 1 bits, 1 in a session",
    ],
  ],
  [
    "what is equally bad by node, argument and source",
    plan({
      z: hidden,
      y: hidden,
      c: pay({ to: { from: "z$.x" }, amount: { from: "z$.x" } }),
      b: pay({ to: { expr: "[z.x, y.x][0]" } }),
    }),
    [
      "untrusted: y [web] > b.to > partly",
      "untrusted: z [web] > b.to > partly",
      "untrusted: z [web] > c.amount",
      "untrusted: z [web] > c.to",
    ],
  ],
];

describe("the flows of the worst case", () => {
  it.each(listed)("of %s", (_what, value, lines) => {
    expect(flowsOf(value)).toEqual(lines);
  });

  it("name the tool of their node, and nothing for the conversation", () => {
    const value = plan({ get, send: send({ to: { from: "get$.to" }, body: write }) });
    expect(worstCaseFlows(value, catalogue).map(({ from, source, role, to }) => ({ from, source, role, to }))).toEqual([
      { from: "get", source: "web/get", role: "target", to: "mail/send" },
      { from: "conversation", source: undefined, role: "content", to: "mail/send" },
    ]);
    expect(worstCaseFlows(value, catalogue).map((flow) => Object.hasOwn(flow, "source"))).toEqual([true, false]);
  });

  it("are worked out once for a plan", () => {
    const subject = subjectOf(plan({ get, pay: pay({ to: { from: "get$.to" } }) }), catalogue, {});
    expect(worstCaseOf(subject)).toBe(worstCaseOf(subject));
  });
});
