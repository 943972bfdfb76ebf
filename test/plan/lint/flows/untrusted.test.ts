/** Untrusted data where it does most harm, where it comes from, and rules that say something of it. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const reader = (name: string, sluice: object): object =>
  tool(name, ["q"], { effects: ["read"], roles: { q: "selector" }, ...sluice });
const acting = (effect: string): object =>
  tool(
    `${effect}/do`,
    { to: {}, amount: { type: "number" }, text: {}, pin: {}, command: {} },
    {
      effects: ["read", effect],
      labels: ["own"],
      roles: { to: "target", amount: "target", text: "content", pin: "credential", command: "command" },
    },
  );
const catalogue = catalogueOf(
  [
    reader("web/get", { labels: ["web"] }),
    reader("own/get", { labels: ["own"] }),
    reader("both/get", { labels: ["own", "web"] }),
    reader("crm/get", { labels: ["crm"] }),
    reader("raw/get", {}),
    ...["network", "write", "money", "message", "execute"].map(acting),
    {
      name: "odd/purge",
      inputSchema: { type: "object", properties: Object.fromEntries([..."abcdefghijklm"].map((arg) => [arg, {}])) },
    },
    {
      name: "odd/get",
      inputSchema: { type: "object", properties: { b: {}, a: {} } },
      sluice: { roles: { a: "selector", b: "selector" }, labels: ["own"] },
    },
    {
      name: "odd/list",
      inputSchema: { type: "object", properties: { b: {}, a: {} } },
      sluice: { effects: ["read", "network"], labels: ["own"] },
    },
  ],
  { web: { integrity: "untrusted" }, own: { integrity: "trusted" }, crm: { integrity: "trusted", readers: ["me"] } },
);

const get = { tool: "web/get", args: { q: "x" }, show: "none" };
const doing = (effect: string, args: object, more: object = {}, nodes: object = {}): Plan =>
  plan({ get, act: { tool: `${effect}/do`, args, ...more }, ...nodes });
const from = (more: object = {}): object => ({ from: "get$.x", ...more });
const human = { constraints: { approve: "human" } };
const money = (arg: string): string =>
  `warning LINT_MONEY_UNTRUSTED /nodes/act/args/${arg}: whoever writes what \`get\` returns says \`${arg}\` of \`money/do\`; \`match\` with a list, a condition in \`require\` or \`approve: human\` would bound it`;
const command =
  "warning LINT_COMMAND_UNTRUSTED /nodes/act/args/command: whoever writes what `get` returns says what `execute/do` runs; `match` with a list, or `approve: human`, would bound it";

describe("a stranger says", () => {
  it.each<[string, Plan, readonly string[]]>([
    ["who is paid", doing("money", { to: from() }), [money("to")]],
    ["with which credential", doing("money", { pin: from() }), [money("pin")]],
    ["which command pays", doing("money", { command: from() }), [money("command")]],
    ["a part of who is paid", doing("money", { to: [from()] }), [money("to")]],
    ["what is written beside a payment", doing("money", { text: from() }), []],
    ["how much is paid, of which another rule speaks", doing("money", { amount: from() }), []],
    ["who is paid, out of a list", doing("money", { to: from({ match: { enum: ["a", "b"] } }) }), []],
    ["who is paid, and a condition looks at it", doing("money", { to: from() }, { require: ["args.to == 'a'"] }), []],
    ["who is paid, and a human looks at it", doing("money", { to: from() }, human), []],
    ["who is paid, endorsed", doing("money", { to: from({ endorse: { from: "web", to: "own", why: "seen" } }) }), []],
    ["who is told", doing("message", { to: from() }), []],
    ["what runs", doing("execute", { command: from() }), [command]],
    ["a part of what runs", doing("execute", { command: ["ls", from()] }), []],
    ["where something runs", doing("execute", { to: from() }), []],
    ["what runs, out of a list", doing("execute", { command: from({ match: { enum: ["a"] } }) }), []],
    ["what runs, and a human looks at it", doing("execute", { command: from() }, human), []],
    ["a command that only writes", doing("write", { command: from() }), []],
    [
      "nothing, where the answer is trusted",
      plan({ get: { ...get, tool: "own/get" }, act: { tool: "money/do", args: { to: from() } } }),
      [],
    ],
    [
      "nothing, where not everyone may read it",
      plan({ get: { ...get, tool: "crm/get" }, act: { tool: "money/do", args: { to: from() } } }),
      [],
    ],
    [
      "of two, the one that comes first",
      doing("money", { to: { expr: "[get.x, more.x][0]" } }, {}, { more: get }),
      [money("to")],
    ],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_MONEY_UNTRUSTED", "LINT_COMMAND_UNTRUSTED")).toEqual(lines);
  });

  it("nothing by what the agent chose after it had read it", () => {
    const value = plan({
      get: { ...get, show: "all" },
      act: { tool: "money/do", args: { to: { choose: { type: "string" } } }, after: ["get"] },
    });
    expect(said(value, catalogue, "LINT_MONEY_UNTRUSTED")).toEqual([]);
  });
});

const picked = (pick: string): string =>
  `warning LINT_PICK_UNTRUSTED /nodes/act/args/to: \`pick: ${pick}\` takes what stands ${pick} in \`get\`, and whoever writes there chooses what that is; without \`pick\` more than one is a denial`;

describe("a value is picked from a stranger's", () => {
  it.each<[string, Plan, number]>([
    ["for a tool that writes", doing("write", { to: from({ pick: "first" }) }), 1],
    ["for a tool that pays", doing("money", { to: from({ pick: "first" }) }), 1],
    ["for a tool that sends", doing("message", { to: from({ pick: "first" }) }), 1],
    ["for a tool that executes", doing("execute", { to: from({ pick: "first" }) }), 1],
    ["for a tool that reads the network", doing("network", { to: from({ pick: "first" }) }), 0],
    ["by the agent", doing("write", { to: from({ pick: "agent" }) }), 0],
    ["by nobody", doing("write", { to: from() }), 0],
    ["for content", doing("write", { text: from({ pick: "first" }) }), 0],
    ["in a part of an argument", doing("write", { to: [from({ pick: "first" })] }), 1],
    ["in a computed argument beside", doing("write", { to: { expr: "get.x" } }), 0],
    ["out of a list of values", doing("write", { to: from({ pick: "first", match: { enum: ["a"] } }) }), 0],
    ["and a human looks at it", doing("write", { to: from({ pick: "first" }) }, human), 0],
    ["of a row", doing("write", { to: { item: "$.x", pick: "last" } }, { each: { from: "get$.rows", max: 2 } }), 1],
    [
      "and it is trusted",
      plan({ get: { ...get, tool: "own/get" }, act: { tool: "write/do", args: { to: from({ pick: "first" }) } } }),
      0,
    ],
  ])("%s", (_what, value, count) => {
    expect(said(value, catalogue, "LINT_PICK_UNTRUSTED")).toHaveLength(count);
  });

  it("first or last, in these words", () => {
    for (const pick of ["first", "last"])
      expect(said(doing("write", { to: from({ pick }) }), catalogue, "LINT_PICK_UNTRUSTED")).toEqual([picked(pick)]);
  });
});

const rule = (more: object): object => ({ flows: [{ id: "f", deny: ["untrusted"], to: "write/*", ...more }] });
const two = { a: { tool: "write/do", args: { to: "x" } }, b: { tool: "write/do", args: { text: "x" } } };

describe("of flow rules and labels lint says", () => {
  it.each<[string, Plan, unknown]>([
    [
      "that no tool is meant",
      plan(two, rule({ to: "wriet/*" })),
      ["warning LINT_FLOW_NO_TOOL /flows/0/to: the flow rule `f` matches no tool of the plan"],
    ],
    [
      "that no argument is meant",
      plan(two, rule({ args: ["too"] })),
      ["warning LINT_FLOW_NO_ARG /flows/0: the flow rule `f` matches no argument of its tools"],
    ],
    [
      "that no argument has the role",
      plan(two, rule({ roles: ["command"] })),
      ["warning LINT_FLOW_NO_ARG /flows/0: the flow rule `f` matches no argument of its tools"],
    ],
    ["nothing, where one of two nodes has the argument", plan(two, rule({ args: ["to"] })), []],
    ["nothing of a rule about control", plan(two, rule({ roles: ["control"] })), []],
    ["nothing of a rule about all arguments of a tool that has none", plan({ a: { tool: "write/do" } }, rule({})), []],
    [
      "that an argument is always denied, once a rule",
      plan({ get, act: { tool: "write/do", args: { to: { expr: "[get.x, more.x][0]" } } }, more: get }, rule({})),
      ["warning LINT_FLOW_DENIED /nodes/act/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
    ],
    [
      "that two rules deny it",
      plan(
        { get, act: { tool: "write/do", args: { to: from() } } },
        {
          flows: [
            { id: "f", deny: ["web"], to: "write/*", args: ["text"] },
            { id: "g", deny: ["web"], to: "write/*" },
          ],
        },
      ),
      [
        "warning LINT_FLOW_NO_ARG /flows/0: the flow rule `f` matches no argument of its tools",
        "warning LINT_FLOW_DENIED /nodes/act/args/to: the flow rule `g` denies this argument as long as it carries `web`",
      ],
    ],
    [
      "that a result is unlabelled, where nobody reads it",
      plan({ raw: { tool: "raw/get", args: { q: "x" } } }),
      [
        "info LINT_UNLABELLED /nodes/raw: what `raw/get` returns has no label, so it is `unknown`: declare `labels` in the catalogue or on the node",
      ],
    ],
    [
      "that a result is unlabelled, where a node waits for it",
      plan({ raw: { tool: "raw/get", args: { q: "x" } }, a: { tool: "write/do", args: { to: "x" }, after: ["raw"] } }),
      [
        "info LINT_UNLABELLED /nodes/raw: what `raw/get` returns has no label, so it is `unknown`: declare `labels` in the catalogue or on the node",
      ],
    ],
    [
      "that a result is unlabelled, where a guard reads it",
      plan({ raw: { tool: "raw/get", args: { q: "x" } }, a: { tool: "write/do", args: { to: "x" }, when: "raw.ok" } }),
      [
        "warning LINT_UNLABELLED /nodes/raw: what `raw/get` returns has no label, so it is `unknown`: declare `labels` in the catalogue or on the node",
      ],
    ],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_FLOW_NO_TOOL", "LINT_FLOW_NO_ARG", "LINT_FLOW_DENIED", "LINT_UNLABELLED")).toEqual(lines);
  });

  it.each<[string, object, unknown]>([
    [
      "effects and roles, twelve at most, once a tool",
      {
        z: { tool: "odd/purge", args: Object.fromEntries([..."mlkjihgfedcba"].map((arg) => [arg, "x"])) },
        a: { tool: "odd/purge", args: { b: "x", a: "x" } },
      },
      ["info LINT_INFERRED /nodes/a/tool: inferred about `odd/purge`: effects `write`; `a` is target, `b` is target"],
    ],
    [
      "twelve roles",
      { z: { tool: "odd/purge", args: Object.fromEntries([..."mlkjihgfedcba"].map((arg) => [arg, "x"])) } },
      [
        "info LINT_INFERRED /nodes/z/tool: inferred about `odd/purge`: effects `write`; `a` is target, `b` is target, `c` is target, `d` is target, `e` is target, `f` is target, `g` is target, `h` is target, `i` is target, `j` is target, `k` is target, `l` is target",
      ],
    ],
    [
      "effects alone",
      { z: { tool: "odd/get", args: { a: "x" } } },
      ["info LINT_INFERRED /nodes/z/tool: inferred about `odd/get`: effects `read`"],
    ],
    [
      "roles alone",
      { z: { tool: "odd/list", args: { b: "x", a: "x" } } },
      ["info LINT_INFERRED /nodes/z/tool: inferred about `odd/list`: `a` is selector, `b` is selector"],
    ],
    ["nothing of what is declared", { z: { tool: "own/get", args: { q: "x" } } }, []],
  ])("what is inferred: %s", (_what, nodes, lines) => {
    expect(said(plan(nodes), catalogue, "LINT_INFERRED")).toEqual(lines);
  });
});

const targets: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  [
    "a target",
    doing("write", { to: from() }),
    ["info LINT_UNTRUSTED_TARGET /nodes/act/args/to: whoever writes in `web/get` chooses `to` of `write/do`"],
  ],
  [
    "a credential",
    doing("write", { pin: from() }),
    ["info LINT_UNTRUSTED_TARGET /nodes/act/args/pin: whoever writes in `web/get` chooses `pin` of `write/do`"],
  ],
  [
    "a command",
    doing("write", { command: from() }),
    ["info LINT_UNTRUSTED_TARGET /nodes/act/args/command: whoever writes in `web/get` chooses `command` of `write/do`"],
  ],
  ["content", doing("write", { text: from() }), []],
  [
    "a target, out of a list",
    doing("write", { to: from({ match: { enum: ["a", "b"] } }) }),
    [
      "info LINT_UNTRUSTED_TARGET /nodes/act/args/to: whoever writes in `web/get` chooses `to` of `write/do` within 1 bit (1 bits)",
    ],
  ],
  [
    "a target, by restricted data",
    plan({ get: { ...get, tool: "crm/get" }, act: { tool: "message/do", args: { to: from() } } }),
    [],
  ],
  [
    "a target, by an endorsed choice",
    plan({
      get: { ...get, show: "all" },
      act: {
        tool: "write/do",
        args: { to: { choose: { enum: ["a", "b"] }, endorse: { from: "web", to: "own", why: "seen" } } },
        after: ["get"],
      },
    }),
    [],
  ],
];

describe("an approver is told of untrusted data in", () => {
  it.each(targets)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_UNTRUSTED_TARGET")).toEqual(lines);
  });
});

const choosing = (source: object, choice: object = {}, arg = "to"): Plan =>
  plan({
    get: { ...get, show: "all", ...source },
    act: { tool: "write/do", args: { [arg]: { choose: { enum: ["a", "b"] }, ...choice } }, after: ["get"] },
  });

describe("a choice will be denied after the agent has read", () => {
  it.each<[string, Plan, unknown]>([
    [
      "something untrusted",
      choosing({}),
      [
        "warning LINT_CHOICE_DENIED /nodes/act/args/to: the agent has read `get`, which is untrusted, before it chooses this: the call will be denied; `endorse` it or hide the result with `show`",
      ],
    ],
    [
      "something that is untrusted by one label of two",
      choosing({ tool: "both/get" }),
      [
        "warning LINT_CHOICE_DENIED /nodes/act/args/to: the agent has read `get`, which is untrusted, before it chooses this: the call will be denied; `endorse` it or hide the result with `show`",
      ],
    ],
    [
      "something that nobody labelled",
      choosing({ tool: "raw/get" }),
      [
        "warning LINT_CHOICE_DENIED /nodes/act/args/to: the agent has read `get`, which is untrusted, before it chooses this: the call will be denied; `endorse` it or hide the result with `show`",
      ],
    ],
    ["something trusted", choosing({ tool: "own/get" }), []],
    ["nothing of it", choosing({ show: "none" }), []],
    ["something untrusted, but it is endorsed", choosing({}, { endorse: { from: "web", to: "own", why: "seen" } }), []],
    ["something untrusted, but it is content", choosing({}, {}, "text"), []],
    [
      "a computation",
      plan({ get: { let: "1" }, act: { tool: "write/do", args: { to: { choose: { enum: ["a"] } } }, after: ["get"] } }),
      [],
    ],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_CHOICE_DENIED")).toEqual(lines);
  });
});
