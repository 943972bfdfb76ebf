/** Constraints against what a tool does: each finding with all its words. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { plan, said } from "../linting.ts";
import { catalogue } from "./tools.ts";

const act = (name: string, constraints: object, more: object = {}): Plan =>
  plan({ act: { tool: name.includes("/") ? name : `${name}/do`, args: { to: "x" }, constraints, ...more } });

const promises: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  [
    "`readOnly` of read",
    act("read", { readOnly: true }),
    [
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `read/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of network",
    act("network", { readOnly: true }),
    [
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `network/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of write",
    act("write", { readOnly: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `write/do` has the effect `write`, so it is not `readOnly`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `write/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of money",
    act("money", { readOnly: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `money/do` has the effect `money`, so it is not `readOnly`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `money/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of message",
    act("message", { readOnly: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `message/do` has the effect `message`, so it is not `readOnly`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `message/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of execute",
    act("execute", { readOnly: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `execute/do` has the effect `execute`, so it is not `readOnly`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `execute/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`readOnly` of many",
    act("many", { readOnly: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `many/do` has the effect `write`, `message`, so it is not `readOnly`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `many/do` is the operator's word: Sluice does not see what the tool changes",
    ],
  ],
  [
    "`noExternalNetwork` of read",
    act("read", { noExternalNetwork: true }),
    [
      "info LINT_DECLARED /nodes/act/constraints/noExternalNetwork: `noExternalNetwork` on `read/do` is the operator's word: Sluice does not see which connections the tool makes",
    ],
  ],
  [
    "`noExternalNetwork` of network",
    act("network", { noExternalNetwork: true }),
    [
      "error PLAN_NETWORK /nodes/act/constraints/noExternalNetwork: `network/do` has the effect `network`, so it is not `noExternalNetwork`",
      "info LINT_DECLARED /nodes/act/constraints/noExternalNetwork: `noExternalNetwork` on `network/do` is the operator's word: Sluice does not see which connections the tool makes",
    ],
  ],
  [
    "`noExternalNetwork` of many",
    act("many", { noExternalNetwork: true }),
    [
      "error PLAN_NETWORK /nodes/act/constraints/noExternalNetwork: `many/do` has the effect `network`, so it is not `noExternalNetwork`",
      "info LINT_DECLARED /nodes/act/constraints/noExternalNetwork: `noExternalNetwork` on `many/do` is the operator's word: Sluice does not see which connections the tool makes",
    ],
  ],
  ["`readOnly: false`", act("write", { readOnly: false, noExternalNetwork: false }), []],
  [
    "both, of a tool of unknown verb",
    act("odd/frobnicate", { readOnly: true, noExternalNetwork: true, sandbox: "s" }),
    [
      "warning LINT_OPERATOR_DECLARES /nodes/act/constraints/readOnly: what `odd/frobnicate` does is not known: `readOnly` is the operator's declaration and is not enforced",
      "warning LINT_OPERATOR_DECLARES /nodes/act/constraints/noExternalNetwork: what `odd/frobnicate` does is not known: `noExternalNetwork` is the operator's declaration and is not enforced",
      "info LINT_DECLARED /nodes/act/constraints/sandbox: `sandbox` on `odd/frobnicate` is the operator's word: Sluice does not see where the tool runs",
    ],
  ],
  [
    "both, of a tool whose verb deletes",
    act("odd/delete", { readOnly: true, noExternalNetwork: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `odd/delete` has the effect `write`, `execute` (inferred: declare `effects` in the catalogue if that is wrong), so it is not `readOnly`",
      "error PLAN_NETWORK /nodes/act/constraints/noExternalNetwork: `odd/delete` has the effect `network` (inferred: declare `effects` in the catalogue if that is wrong), so it is not `noExternalNetwork`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `odd/delete` is the operator's word: Sluice does not see what the tool changes",
      "info LINT_DECLARED /nodes/act/constraints/noExternalNetwork: `noExternalNetwork` on `odd/delete` is the operator's word: Sluice does not see which connections the tool makes",
    ],
  ],
  [
    "both, of a tool whose verb sends",
    act("odd/send_message", { readOnly: true, noExternalNetwork: true }),
    [
      "error PLAN_READ_ONLY /nodes/act/constraints/readOnly: `odd/send_message` has the effect `write`, `message`, `execute` (inferred: declare `effects` in the catalogue if that is wrong), so it is not `readOnly`",
      "error PLAN_NETWORK /nodes/act/constraints/noExternalNetwork: `odd/send_message` has the effect `network` (inferred: declare `effects` in the catalogue if that is wrong), so it is not `noExternalNetwork`",
      "info LINT_DECLARED /nodes/act/constraints/readOnly: `readOnly` on `odd/send_message` is the operator's word: Sluice does not see what the tool changes",
      "info LINT_DECLARED /nodes/act/constraints/noExternalNetwork: `noExternalNetwork` on `odd/send_message` is the operator's word: Sluice does not see which connections the tool makes",
    ],
  ],
];

describe("a node promises", () => {
  it.each(promises)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "PLAN_READ_ONLY", "PLAN_NETWORK", "LINT_OPERATOR_DECLARES", "LINT_DECLARED")).toEqual(lines);
  });
});

const run = (command: unknown, constraints: object = { sandbox: "s" }, name = "execute"): Plan =>
  plan({ get: { tool: "read/do", args: { to: "x" } }, act: { tool: `${name}/do`, args: { command }, constraints } });

describe("what is executed", () => {
  it.each<[string, Plan, unknown]>([
    ["is a constant", run("ls"), []],
    ["is null", run(null), []],
    ["is an object that stands in the plan", run({ const: { a: 1 } }), []],
    ["is a list of constants", run(["ls", "-l"]), []],
    [
      "is a list with one open element",
      run(["ls", { from: "get$.x" }]),
      [
        "warning LINT_COMMAND_OPEN /nodes/act/args/command: `command` is executed: make it a constant, an `argv` or `sql` template, or hold the node to `argv` or `sql`",
      ],
    ],
    [
      "is a reference",
      run({ from: "get$.x" }),
      [
        "warning LINT_COMMAND_OPEN /nodes/act/args/command: `command` is executed: make it a constant, an `argv` or `sql` template, or hold the node to `argv` or `sql`",
      ],
    ],
    ["is a reference to programs", run({ from: "get$.x" }, { sandbox: "s", argv: { programs: ["ls"] } }), []],
    ["is a reference to SQL, in no sandbox", run({ from: "get$.x" }, { sql: { statements: ["select"], tables: ["t"] } }), []],
    [
      "is in no sandbox",
      run("ls", {}),
      [
        "warning LINT_SANDBOX /nodes/act/constraints: `execute/do` executes what it is given: name the sandbox that it runs in, as in `sandbox: builder`",
      ],
    ],
    [
      "is programs, in no sandbox",
      run("ls", { argv: { programs: ["ls"] } }),
      [
        "warning LINT_SANDBOX /nodes/act/constraints: `execute/do` executes what it is given: name the sandbox that it runs in, as in `sandbox: builder`",
      ],
    ],
    ["is a template of programs", run({ template: "argv", text: "ls {x}", with: { x: { from: "get$.x" } } }), []],
    [
      "is a template of SQL",
      run({ template: "sql", text: "select a from t where a = {x}", with: { x: { from: "get$.x" } } }),
      [],
    ],
    [
      "is a template of text",
      run({ template: "text", text: "ls {x}", with: { x: { from: "get$.x" } } }),
      [
        "warning LINT_COMMAND_OPEN /nodes/act/args/command: `command` is executed: make it a constant, an `argv` or `sql` template, or hold the node to `argv` or `sql`",
      ],
    ],
    ["is chosen out of a list", run({ choose: { enum: ["ls"] } }), []],
    ["is chosen, and one value", run({ choose: { const: "ls" } }), []],
    [
      "is chosen freely",
      run({ choose: { type: "string" } }),
      [
        "warning LINT_COMMAND_OPEN /nodes/act/args/command: `command` is executed: make it a constant, an `argv` or `sql` template, or hold the node to `argv` or `sql`",
      ],
    ],
    ["is no command of a tool that writes", run({ from: "get$.x" }, {}, "write"), []],
    [
      "is content",
      plan({
        get: { tool: "read/do", args: { to: "x" } },
        act: { tool: "execute/do", args: { command: "ls", text: { from: "get$.x" } }, constraints: { sandbox: "s" } },
      }),
      [],
    ],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_COMMAND_OPEN", "LINT_SANDBOX")).toEqual(lines);
  });
});

const kinds = {
  hosts: ["example.com"],
  paths: ["/a/"],
  sql: { statements: ["select"], tables: ["t"] },
  emails: ["a@example.com"],
  domains: ["example.com"],
  argv: { programs: ["ls"] },
};

describe("a constraint that constrains nothing", () => {
  it.each(Object.entries(kinds))("is %s, where no argument steers", (kind, value) => {
    const holding = (arg: string): readonly string[] =>
      said(
        plan({ act: { tool: "write/do", args: { [arg]: "x" }, constraints: { [kind]: value } } }),
        catalogue,
        "LINT_CONSTRAINT_EMPTY",
      );
    const line = `error LINT_CONSTRAINT_EMPTY /nodes/act/constraints/${kind}: no argument of the node is a target, a command or a selector, so \`${kind}\` constrains nothing`;
    expect(holding("text")).toEqual([line]);
    expect(holding("mode")).toEqual([line]);
    for (const arg of ["to", "command", "pick"]) expect(holding(arg)).toEqual([]);
  });
});

const often = (name: string, times: number, more: object = {}): Plan =>
  plan({ act: { tool: `${name}/do`, args: { to: "x" }, times, ...more } });

describe("a loop is unbounded", () => {
  it.each<[string, Plan, unknown]>([
    ["of 1,000 runs", often("write", 1000), []],
    [
      "of 1,001 runs",
      often("write", 1001),
      [
        "warning LINT_EACH_UNBOUNDED /nodes/act/times: `write/do` may run 1001 times in one session; a smaller `max` or a `budget` would bound it",
      ],
    ],
    [
      "of 1,001 rows",
      plan({
        get: { tool: "read/do", args: { to: "x" } },
        act: { tool: "write/do", args: { to: "x" }, each: { from: "get$.rows", max: 1001 } },
      }),
      [
        "warning LINT_EACH_UNBOUNDED /nodes/act/each: `write/do` may run 1001 times in one session; a smaller `max` or a `budget` would bound it",
      ],
    ],
    [
      "of a tool that pays",
      often("money", 1001),
      [
        "warning LINT_EACH_UNBOUNDED /nodes/act/times: `money/do` may run 1001 times in one session; a smaller `max` or a `budget` would bound it",
      ],
    ],
    [
      "of a tool that sends",
      often("message", 1001),
      [
        "warning LINT_EACH_UNBOUNDED /nodes/act/times: `message/do` may run 1001 times in one session; a smaller `max` or a `budget` would bound it",
      ],
    ],
    [
      "of a tool that executes",
      often("execute", 1001),
      [
        "warning LINT_EACH_UNBOUNDED /nodes/act/times: `execute/do` may run 1001 times in one session; a smaller `max` or a `budget` would bound it",
      ],
    ],
    ["of a tool that reads", often("network", 1001), []],
    ["under a budget", often("write", 1001, { constraints: { budget: { max: 5 } } }), []],
    ["at a rate", often("write", 1001, { constraints: { rate: { calls: 5, per: "day" } } }), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_EACH_UNBOUNDED")).toEqual(lines);
  });
});
