/** How much a plan leaves open: choices, audiences, resources, limits and labels. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said } from "../linting.ts";
import { addresses, catalogue, doing } from "./tools.ts";

const choose = (name: string, arg: string, spec: object): Plan =>
  plan({ act: { tool: `${name}/do`, args: { [arg]: { choose: spec } } } });
const wide = { type: "integer", minimum: 0, maximum: 1_000_000 };

describe("a choice is too wide", () => {
  it.each<[string, Plan, unknown]>([
    [
      "in a target of what writes",
      choose("write", "to", wide),
      [
        "warning LINT_CHOICE_WIDE /nodes/act/args/to/choose: the agent chooses the target `to` of `write/do` among more values than anybody has looked at (19.94 bits)",
      ],
    ],
    [
      "in a target of what pays",
      choose("money", "to", wide),
      [
        "warning LINT_CHOICE_WIDE /nodes/act/args/to/choose: the agent chooses the target `to` of `money/do` among more values than anybody has looked at (19.94 bits)",
      ],
    ],
    [
      "in a command",
      choose("execute", "command", wide),
      [
        "warning LINT_CHOICE_WIDE /nodes/act/args/command/choose: the agent chooses the command `command` of `execute/do` among more values than anybody has looked at (19.94 bits)",
      ],
    ],
    ["in a selector", choose("write", "pick", wide), []],
    ["in control", choose("write", "mode", wide), []],
    ["in a target of what reads", choose("network", "to", wide), []],
    ["in a target, of 65,536 values", choose("write", "to", { type: "integer", minimum: 1, maximum: 65_536 }), []],
    [
      "in a target, of 65,537 values",
      choose("write", "to", { type: "integer", minimum: 0, maximum: 65_536 }),
      [
        "warning LINT_CHOICE_WIDE /nodes/act/args/to/choose: the agent chooses the target `to` of `write/do` among more values than anybody has looked at (16.01 bits)",
      ],
    ],
    ["in a target, which cannot be counted", choose("write", "to", { type: "string" }), []],
    [
      "in content, of any text",
      choose("write", "text", { type: "string" }),
      [
        "warning LINT_CHOICE_TEXT /nodes/act/args/text/choose: `choose` looks neither at links nor at invisible characters in `text`: `write` does",
      ],
    ],
    [
      "in content, of any text that is not empty",
      choose("write", "text", { minLength: 1 }),
      [
        "warning LINT_CHOICE_TEXT /nodes/act/args/text/choose: `choose` looks neither at links nor at invisible characters in `text`: `write` does",
      ],
    ],
    ["in content, of 120 characters", choose("write", "text", { type: "string", maxLength: 120 }), []],
    [
      "in content, of 121 characters",
      choose("write", "text", { type: "string", maxLength: 121 }),
      [
        "warning LINT_CHOICE_TEXT /nodes/act/args/text/choose: `choose` looks neither at links nor at invisible characters in `text`: `write` does",
      ],
    ],
    ["in content, with a format", choose("write", "text", { type: "string", format: "date" }), []],
    ["in content, with a pattern", choose("write", "text", { pattern: "[a-z]+" }), []],
    ["in content, of a number", choose("write", "text", { type: "number" }), []],
    ["in content, of a list", choose("write", "text", { enum: ["a", "b"] }), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_CHOICE_WIDE", "LINT_CHOICE_TEXT")).toEqual(lines);
  });
});

describe("an address that the audience leaves out", () => {
  it.each(addresses)("%s", (arg) => {
    const lines = said(plan({ act: { tool: "mail/post", args: { to: "a", [arg]: "b" } } }), catalogue, "LINT_AUDIENCE_MISSED");
    const isMissed = !["bcc", "members", "topic"].includes(arg);
    expect(lines).toEqual(
      isMissed
        ? [
            `warning LINT_AUDIENCE_MISSED /nodes/act/args/${arg}: \`${arg}\` looks like an address, and the audience of \`mail/post\` is only \`to\`, \`bcc\`: readers are not held against it`,
          ]
        : [],
    );
  });

  it("is none where the audience is everyone, or nothing is said of it", () => {
    expect(said(plan({ act: { tool: "mail/all", args: { to: "a", cc: "b" } } }), catalogue, "LINT_AUDIENCE_MISSED")).toEqual([]);
    expect(said(plan({ act: { tool: "message/do", args: { to: "a" } } }), catalogue, "LINT_AUDIENCE_MISSED")).toEqual([]);
  });
});

const reading = (name: string): object => ({ tool: name, args: { to: "x" } });

describe("what is written and read back without its label", () => {
  it.each<[string, object, unknown]>([
    [
      "by a tool of the same server, said once a tool",
      { a: reading("write/do"), b: reading("write/do"), c: reading("write/load"), d: reading("write/more") },
      [
        "info LINT_RESOURCE /nodes/a: what `write/do` writes may be read back without its label: declare `resource` in the catalogue",
        "info LINT_RESOURCE /nodes/d: what `write/more` writes may be read back without its label: declare `resource` in the catalogue",
      ],
    ],
    ["by a tool of another server", { a: reading("write/do"), c: reading("kept/load") }, []],
    ["by a tool that has a resource", { a: reading("kept/do"), c: reading("kept/load") }, []],
    ["by a tool that sends", { a: reading("message/do"), c: reading("message/load") }, []],
    ["by a tool that writes and sends", { a: reading("many/do") }, []],
  ])("%s", (_what, nodes, lines) => {
    expect(said(plan(nodes), catalogue, "LINT_RESOURCE")).toEqual(lines);
  });
});

describe("limits of a session", () => {
  it.each<[string, Plan, unknown]>([
    ["are there", plan({ act: reading("write/do") }), []],
    [
      "are not there",
      plan({ act: reading("write/do") }, { limits: {} }),
      ["info LINT_NO_LIMITS : the plan changes something, and `limits` has no `calls` and no `seconds`"],
    ],
    [
      "lack the calls",
      plan({ act: reading("write/do") }, { limits: { seconds: 9 } }),
      ["info LINT_NO_LIMITS : the plan changes something, and `limits` has no `calls`"],
    ],
    [
      "lack the time",
      plan({ act: reading("write/do") }, { limits: { calls: 9 } }),
      ["info LINT_NO_LIMITS : the plan changes something, and `limits` has no `seconds`"],
    ],
    ["are not needed where nothing changes", plan({ act: reading("read/do") }, { limits: { calls: 9 } }), []],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_NO_LIMITS")).toEqual(lines);
  });
});

describe("what is untrusted unless somebody says otherwise", () => {
  it.each<[string, object, object, unknown]>([
    [
      "is trusted by the plan",
      { database_record: { integrity: "trusted" } },
      {},
      [
        "warning LINT_LABEL_TRUSTED /labels/database_record: `database_record` is declared as trusted, so no rule against `untrusted` sees it; a label of its own would say whom you trust",
      ],
    ],
    [
      "is trusted by the catalogue",
      {},
      { external_api: { integrity: "trusted" } },
      [
        "warning LINT_LABEL_TRUSTED : `external_api` is declared as trusted, so no rule against `untrusted` sees it; a label of its own would say whom you trust",
      ],
    ],
    ["is what it is", { external_api: { integrity: "untrusted" } }, {}, []],
  ])("%s", (_what, labels, more, lines) => {
    const own = catalogueOf([doing("write", ["write"])], { own: { integrity: "trusted" }, ...more });
    expect(said(plan({ act: reading("write/do") }, { labels }), own, "LINT_LABEL_TRUSTED")).toEqual(lines);
  });
});
