/** The flows of the worst case, one line each: which are listed, in which order, with what, and which are left out. */
import { describe, expect, it } from "vitest";
import { lintPlan, worstCaseFlows } from "../../../../src/plan/lint.ts";
import { subjectOf } from "../../../../src/plan/lint.ts";
import { worstCaseOf, type WorstCaseFlow } from "../../../../src/plan/lint/flows/worst-case.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const reader = (name: string, labels: readonly string[], more: object = {}): object =>
  tool(name, ["q"], { effects: ["read"], labels, roles: { q: "selector" }, ...more });

const catalogue = catalogueOf(
  [
    reader("web/get", ["web"]),
    reader("page/get", ["page"]),
    reader("both/get", ["own", "web"]),
    reader("crm/find", ["crm"]),
    reader("crm/mixed", ["own", "crm"]),
    reader("own/get", ["own"]),
    reader("net/get", ["own"], { effects: ["read", "network"] }),
    reader("named/get", ["own"], { audience: "public" }),
    tool("raw/get", ["q"], { effects: ["read"], roles: { q: "selector" } }),
    tool("bank/pay", ["to", "amount", "memo"], {
      effects: ["money"],
      labels: ["own"],
      roles: { to: "target", amount: "target", memo: "content" },
    }),
    tool("mail/send", ["to", "body"], { effects: ["message"], labels: ["own"], roles: { to: "target", body: "content" } }),
    tool("note/save", ["id", "text", "mode"], {
      effects: ["write"],
      labels: ["own"],
      roles: { id: "target", text: "content", mode: "control" },
    }),
    tool("sh/run", ["command", "key"], {
      effects: ["execute"],
      labels: ["own"],
      roles: { command: "command", key: "credential" },
    }),
  ],
  {
    web: { integrity: "untrusted" },
    page: { integrity: "untrusted" },
    own: { integrity: "trusted" },
    crm: { integrity: "trusted", readers: ["me"] },
  },
);

const line = (flow: WorstCaseFlow): string =>
  [
    `${flow.concern}: ${flow.from} [${flow.labels.join()}]`,
    ...flow.via,
    `${flow.node}.${flow.argument}`,
    ...(flow.bits === undefined ? [] : [`${flow.bits} bits, ${flow.bitsPerSession} in a session`]),
    ...(flow.partly === true ? ["partly"] : []),
    ...(flow.endorsed === true ? ["endorsed"] : []),
  ].join(" > ");
const flowsOf = (value: Plan): readonly string[] => worstCaseFlows(value, catalogue).map(line);

const get = { tool: "web/get", args: { q: "x" } };
const hidden = { ...get, show: "none" };
const page = { tool: "page/get", args: { q: "x" }, show: "none" };
const find = { tool: "crm/find", args: { q: "x" }, show: "none" };
const pay = (args: object, more: object = {}): object => ({ tool: "bank/pay", args, ...more });
const send = (args: object, more: object = {}): object => ({ tool: "mail/send", args, ...more });
const save = (args: object, more: object = {}): object => ({ tool: "note/save", args, ...more });
const write = { write: {} };
const two = { choose: { enum: ["a", "b"] } };
const endorsed = (from: unknown): object => ({ ...two, endorse: { from, to: "own", why: "two of us looked" } });

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

const rule = (more: object): object => ({ flows: [{ id: "f", deny: ["untrusted"], to: "bank/*", ...more }] });
const toBank = { hidden, pay: pay({ to: { from: "hidden$.to" } }) };
const remains = "untrusted: hidden [web] > pay.to";

const denials: readonly (readonly [what: string, value: Plan, flows: readonly string[], denied: unknown])[] = [
  [
    "of everything untrusted",
    plan(toBank, rule({})),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  [
    "of the label by its name",
    plan(toBank, rule({ deny: ["web"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another label", plan(toBank, rule({ deny: ["page"] })), [remains], []],
  [
    "of tools in a list, one of which fits",
    plan(toBank, rule({ to: ["mail/*", "bank/*"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of other tools", plan(toBank, rule({ to: ["mail/*"] })), [remains], []],
  [
    "of the argument",
    plan(toBank, rule({ args: ["to"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another argument", plan(toBank, rule({ args: ["memo"] })), [remains], []],
  [
    "of the role",
    plan(toBank, rule({ roles: ["target"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another role", plan(toBank, rule({ roles: ["content"] })), [remains], []],
  ["that a human may lift", plan(toBank, rule({ approve: "human" })), [remains], []],
  [
    "of an argument of role control, which only a rule that says so means",
    plan({ hidden, save: save({ id: "1", mode: { from: "hidden$.m" } }) }, rule({ to: "note/*" })),
    ["untrusted: hidden [web] > save.mode"],
    [],
  ],
  [
    "of control",
    plan({ hidden, save: save({ id: "1", mode: { from: "hidden$.m" } }) }, rule({ to: "note/*", roles: ["control"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/save/args/mode: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  [
    "of an argument that may be left out",
    plan({ hidden, pay: pay({ to: { from: "hidden$.to", optional: true } }) }, rule({})),
    [],
    [],
  ],
  ["of what the agent writes", plan({ get, pay: pay({ to: "x", memo: write }, { after: ["get"] }) }, rule({})), [], []],
  [
    "of a value that is endorsed",
    plan(
      {
        hidden,
        pay: pay({ to: { from: "hidden$.to", match: { enum: ["a", "b"] }, endorse: { from: "web", to: "own", why: "seen" } } }),
      },
      rule({}),
    ),
    ["untrusted: hidden [web] > pay.to > 1 bits, 1 in a session > endorsed"],
    [],
  ],
];

describe("a flow rule", () => {
  it.each(denials)("%s", (_what, value, flows, denied) => {
    expect(flowsOf(value)).toEqual(flows);
    expect(said(value, catalogue, "LINT_FLOW_DENIED")).toEqual(denied);
  });
});

describe("a plan with more sources than are kept for one node", () => {
  const many = (count: number): Record<string, object> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`s${String(i).padStart(3, "0")}`, { ...hidden, labels: [`l${i}`] }]),
    );
  const labels = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, { integrity: "untrusted" }]));
  const sumOf = (count: number): object => ({ let: `[${Object.keys(many(count)).join(", ")}][0]` });

  it("loses no label: what the listing dropped is found by another way, with the nodes between", () => {
    const nodes = {
      ...many(34),
      sum: sumOf(34),
      mid: { tool: "own/get", args: { q: { from: "sum$" } }, show: "none" },
      pay: pay({ to: { from: "mid$.x" } }),
    };
    const flows = worstCaseFlows(plan(nodes, { labels: labels(34) }), catalogue).filter(({ node }) => node === "pay");
    const reached = new Set(flows.flatMap((flow) => flow.labels));
    for (let i = 0; i < 34; i++) expect(reached).toContain(`l${i}`);
    expect(flows.filter(({ from }) => from === "s033" || from === "s032").map(line)).toEqual([
      "untrusted: s032 [l32] > mid > pay.to",
      "untrusted: s033 [l33] > mid > pay.to",
    ]);
    expect(said(plan(nodes, { labels: labels(34) }), catalogue, "LINT_FLOWS_CUT")).toEqual([
      "info LINT_FLOWS_CUT /nodes: the plan is too large to list every flow: the worst are listed",
    ]);
  });

  it("says nothing of a cut where all are kept", () => {
    const nodes = { ...many(31), sum: sumOf(31), pay: pay({ to: { from: "sum$.x" } }) };
    const value = plan(nodes, { labels: labels(31) });
    expect(worstCaseFlows(value, catalogue)).toHaveLength(31);
    expect(said(value, catalogue, "LINT_FLOWS_CUT")).toEqual([]);
  });

  it("says that they are cut from one more on, which the payment's own result is", () => {
    const value = plan({ ...many(32), sum: sumOf(32), pay: pay({ to: { from: "sum$.x" } }) }, { labels: labels(32) });
    expect(worstCaseFlows(value, catalogue)).toHaveLength(32);
    expect(said(value, catalogue, "LINT_FLOWS_CUT")).toHaveLength(1);
  });

  it("searches first for what is lost where most harm is done", () => {
    const saves = Array.from({ length: 60 }, (_, i) => [`a${i}`, save({ id: "1", text: { from: "mid$.x" } })]);
    const nodes = {
      ...many(34),
      sum: sumOf(34),
      mid: { tool: "own/get", args: { q: { from: "sum$" } }, show: "none" },
      ...Object.fromEntries(saves),
      z: { tool: "sh/run", args: { command: { from: "mid$.x" } } },
    };
    const flows = worstCaseFlows(plan(nodes, { labels: labels(34) }), catalogue).filter(({ node }) => node === "z");
    expect(flows).toHaveLength(34);
  });
});

describe("a plan with more flows than are listed", () => {
  const square = (sources: number, sinks: number, more: object = {}): ReturnType<typeof worstCaseOf> => {
    const names = Array.from({ length: sources }, (_, i) => `s${i}`);
    const expr = `[${names.join(", ")}][0]`;
    const value = plan({
      ...Object.fromEntries(names.map((name) => [name, hidden])),
      ...Object.fromEntries(Array.from({ length: sinks }, (_, i) => [`t${i}`, pay({ to: { expr } })])),
      ...more,
    });
    return worstCaseOf(subjectOf(value, catalogue, {}));
  };

  it.each([
    [31, 322, 9_982, false],
    [25, 400, 10_000, false],
    [31, 323, 10_000, true],
    [25, 800, 10_000, true],
  ])("lists of %i sources in %i arguments %i flows, cut: %s", (sources, sinks, count, isCut) => {
    const all = square(sources, sinks);
    expect([all.flows.length, all.isCut]).toEqual([count, isCut]);
    expect(all.flows.slice(0, 2).map(({ node, from }) => `${from} ${node}`)).toEqual(["s0 t0", "s1 t0"]);
  });

  it("lists the worst, however many milder ones come before", () => {
    const run = { tool: "sh/run", args: { command: { from: "s0$.x" } } };
    for (const sinks of [400, 801]) {
      const { flows, isCut } = square(25, sinks, { zz: run });
      expect([flows.length, isCut, flows[0] === undefined ? "" : line(flows[0])]).toEqual([
        10_000,
        true,
        "untrusted: s0 [web] > zz.command",
      ]);
    }
  });
});

describe("the order in which arguments are looked at", () => {
  it("is that of their names, whatever the plan's", () => {
    const flows = (args: object): readonly string[] =>
      lintPlan(plan({ hidden, pay: pay(args) }, rule({})), catalogue)
        .filter(({ code }) => code === "LINT_FLOW_DENIED")
        .map(({ pointer }) => pointer);
    const read = { from: "hidden$.x" };
    expect(flows({ to: read, memo: read, amount: read })).toEqual([
      "/nodes/pay/args/amount",
      "/nodes/pay/args/memo",
      "/nodes/pay/args/to",
    ]);
  });
});
