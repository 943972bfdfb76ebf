/** Flow rules and downgrades that do not do what they say. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const names = ["a", "b", "c", "d", "e", "f", "g"];
const reader = (name: string, labels: readonly string[]): object =>
  tool(name, ["q"], { effects: ["read"], labels, roles: { q: "selector" } });
const writer = (name: string, more: object): object =>
  tool(name, ["to", "text"], { effects: ["write"], labels: ["own"], roles: { to: "target", text: "content" }, ...more });
const catalogue = catalogueOf(
  [
    reader("own/get", ["own"]),
    reader("web/get", ["web"]),
    ...names.map((name) => reader(`${name}/get`, [name])),
    writer("note/save", {}),
    writer("net/put", { effects: ["write", "network"] }),
    writer("mail/send", { effects: ["message"] }),
    writer("said/put", { audience: "public" }),
  ],
  {
    own: { integrity: "trusted" },
    spare: { integrity: "trusted" },
    key: { integrity: "trusted", readers: ["me"] },
    web: { integrity: "untrusted" },
    ...Object.fromEntries(names.map((name) => [name, { integrity: "untrusted" }])),
  },
);
const get = { tool: "own/get", args: { q: "x" } };
const web = { tool: "web/get", args: { q: "x" }, show: "none" };
const rule = (more: object): object => ({ flows: [{ id: "f", deny: ["own"], to: "*", ...more }] });

describe("a flow rule over a label that nothing carries", () => {
  it.each<[string, Plan, unknown]>([
    [
      "is told what there is",
      plan({ get }, rule({ deny: ["spare"] })),
      [
        "warning LINT_FLOW_NO_LABEL /flows/0/deny: no tool of the plan carries a label that the flow rule `f` denies; there is `own`",
      ],
    ],
    [
      "is told six of those",
      plan(Object.fromEntries(names.map((name) => [name, { tool: `${name}/get`, args: { q: "x" } }])), rule({ deny: ["spare"] })),
      [
        "warning LINT_FLOW_NO_LABEL /flows/0/deny: no tool of the plan carries a label that the flow rule `f` denies; there is `a`, `b`, `c`, `d`, `e`, `f`",
      ],
    ],
    [
      "is told nothing where there is none",
      plan({ sum: { let: "1" }, raw: { tool: "own/get", args: { q: "x" } } }, { ...rule({ deny: ["spare"], to: "own/*" }) }),
      [
        "warning LINT_FLOW_NO_LABEL /flows/0/deny: no tool of the plan carries a label that the flow rule `f` denies; there is `own`",
      ],
    ],
    ["has one that something carries", plan({ get }, rule({ deny: ["spare", "own"] })), []],
    ["is about `untrusted`", plan({ get }, rule({ deny: ["untrusted"] })), []],
    ["is about `unknown`", plan({ get }, rule({ deny: ["unknown"] })), []],
    ["is about what the user gave", plan({ get }, rule({ deny: ["user_input"] })), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_FLOW_NO_LABEL")).toEqual(lines);
  });

  it("says nothing of what is there where no tool is labelled", () => {
    const unlabelled = catalogueOf([tool("raw/get", ["q"], { effects: ["read"] })], { spare: { integrity: "trusted" } });
    expect(
      said(plan({ get: { tool: "raw/get", args: { q: "x" } } }, rule({ deny: ["spare"] })), unlabelled, "LINT_FLOW_NO_LABEL"),
    ).toEqual(["warning LINT_FLOW_NO_LABEL /flows/0/deny: no tool of the plan carries a label that the flow rule `f` denies"]);
  });
});

const saving = (args: object = { text: { from: "web$.x" } }, tool = "note/save"): object => ({
  get,
  web,
  save: { tool, args: { to: "x", ...args } },
});
const inverted =
  "warning LINT_FLOW_INVERTED /flows/0/deny: the flow rule `f` denies trusted data, and untrusted data may come to `text` of `note/save`: is the test the wrong way round?";

describe("a flow rule against trusted data", () => {
  it.each<[string, Plan, readonly string[]]>([
    ["where untrusted data comes", plan(saving(), rule({ to: "note/*" })), [inverted]],
    ["where untrusted data comes to another tool", plan(saving(), rule({ to: "mail/*" })), []],
    ["where untrusted data comes to another argument", plan(saving(), rule({ to: "note/*", args: ["to"] })), []],
    ["where untrusted data comes to an argument of another role", plan(saving(), rule({ to: "note/*", roles: ["target"] })), []],
    ["where only trusted data comes", plan(saving({ text: { from: "get$.x" } }), rule({ to: "note/*", approve: "human" })), []],
    ["and against untrusted data", plan(saving(), rule({ to: "note/*", deny: ["own", "a"] })), []],
    ["and against everything untrusted", plan(saving(), rule({ to: "note/*", deny: ["untrusted"], approve: "human" })), []],
    ["that not everyone may read", plan(saving(), rule({ to: "note/*", deny: ["key"] })), []],
    ["on a tool with a network", plan(saving(undefined, "net/put"), rule({ to: "net/*" })), []],
    ["on a tool that sends", plan(saving(undefined, "mail/send"), rule({ to: "mail/*" })), []],
    ["on a tool with an audience", plan(saving(undefined, "said/put"), rule({ to: "said/*" })), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_FLOW_INVERTED")).toEqual(lines);
  });
});

const endorsing = (from: unknown, more: object): Plan =>
  plan(
    saving({ to: { from: "web$.x", match: { enum: ["a", "b"] }, endorse: { from, to: "own", why: "seen" } }, text: "x" }),
    rule({ deny: ["web"], ...more }),
  );
const lifted =
  "warning LINT_FLOW_ENDORSED /nodes/save/args/to/endorse: the endorsement lifts the plan's own flow rule `f` for this argument";

describe("an endorsement", () => {
  it.each<[string, Plan, readonly string[]]>([
    ["of the label that a rule denies", endorsing("web", {}), [lifted]],
    ["of one label of two", endorsing(["a", "web"], {}), [lifted]],
    ["of another label", endorsing("a", {}), []],
    ["of an untrusted label, all of which a rule denies", endorsing("web", { deny: ["untrusted"] }), [lifted]],
    ["of a trusted label, beside a rule against untrusted ones", endorsing("spare", { deny: ["untrusted"] }), []],
    ["beside a rule about another tool", endorsing("web", { to: "mail/*" }), []],
    ["beside a rule about another argument", endorsing("web", { args: ["text"] }), []],
    ["beside a rule about another role", endorsing("web", { roles: ["content"] }), []],
    ["beside a rule about its role", endorsing("web", { roles: ["target"] }), [lifted]],
    [
      "without a rule",
      plan(saving({ to: { from: "web$.x", match: { enum: ["a"] }, endorse: { from: "web", to: "own", why: "seen" } } })),
      [],
    ],
  ])("%s lifts the plan's own rule: %#", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_FLOW_ENDORSED")).toEqual(lines);
  });
});

const opening = (to: unknown, more: object = {}): Plan =>
  plan(saving({ text: { from: "web$.x", declassify: { from: ["web"], to, why: "seen" }, ...more } }));

describe("a value is opened", () => {
  it.each<[string, Plan, unknown]>([
    [
      "to everyone",
      opening("public"),
      [
        "warning LINT_DECLASSIFY_UNBOUNDED /nodes/save/args/text/declassify: any text that stands there is opened to everyone; `match` (`enum`, a finite `pattern`, a range of integers) would bound it",
      ],
    ],
    [
      "to everyone, in a list",
      opening(["public"]),
      [
        "warning LINT_DECLASSIFY_UNBOUNDED /nodes/save/args/text/declassify: any text that stands there is opened to everyone; `match` (`enum`, a finite `pattern`, a range of integers) would bound it",
      ],
    ],
    ["to somebody", opening(["me"]), []],
    ["to everyone, out of a list", opening("public", { match: { enum: ["a", "b"] } }), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_DECLASSIFY_UNBOUNDED")).toEqual(lines);
  });
});
