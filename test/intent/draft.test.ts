/**
 * The draft builder: names of tools, arguments by place, default constraints, equal steps, and what the linter says at the place of the step.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { draftOf, type DraftOptions } from "../../src/intent/draft.ts";
import type { Imported, ImportError, IntentStep } from "../../src/intent/intent.ts";
import { toolFinder } from "../../src/intent/tool-names.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { lintPlan } from "../../src/plan/lint.ts";
import { replayTrace } from "../../src/replay.ts";
import { catalogue } from "./call-formats.ts";

function read(tools: Json): Catalogue {
  const result = readCatalogue(tools);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const text = { type: "string" };
const object = (properties: Json): Json => ({ type: "object", properties });
/** Tools for the constraints that their effects ask for. */
const office = read([
  { name: "web/fetch_page", inputSchema: object({ url: text, note: text }) },
  { name: "web/post_form", inputSchema: object({ url: text, method: text }) },
  { name: "mail/send_mail", inputSchema: object({ to: { type: "array", items: text }, cc: text, body: text }) },
  { name: "fs/write_file", inputSchema: object({ path: text, content: text }) },
  { name: "fs/read_file", inputSchema: object({ path: text }) },
  { name: "bank/send_money", inputSchema: object({ iban: text, amount: { type: "number" } }) },
  { name: "lab/run_command", inputSchema: object({ command: text }) },
]);

type Step = Partial<IntentStep>;

function steps(given: readonly Step[]): readonly IntentStep[] {
  return given.map((step, at) => ({ name: `s${at}`, place: { line: at + 1 }, ...step }));
}

function draft(given: readonly Step[], known: Catalogue | undefined = office, options: DraftOptions = {}): Imported {
  const made = draftOf({ steps: steps(given), findings: [] }, known, options);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

function refused(given: readonly Step[], known: Catalogue | undefined = office): ImportError {
  const made = draftOf({ steps: steps(given), findings: [] }, known);
  if (made.ok) throw new Error("it was drafted");
  return made.error;
}

function constraints(step: Step): unknown {
  const { plan } = draft([step]);
  expect(freezePlan(plan, office)).toMatchObject({ ok: true });
  return plan.nodes.s0?.constraints;
}

describe("the tool of a written name", () => {
  const find = toolFinder(
    read([
      { name: "git-hub.com/create-issue" },
      { name: "jira/create_issue" },
      { name: "jira/close" },
      { name: "a/b__c" },
      { name: "a__b/c" },
      { name: "x/y" },
    ]),
  );
  const found = (name: string): string => {
    const result = find(name);
    return result.ok ? result.value.name : result.error.code;
  };

  it.each([
    ["jira/close", "jira/close"],
    ["close", "jira/close"],
    ["jira__close", "jira/close"],
    ["mcp__jira__close", "jira/close"],
    ["jira.close", "jira/close"],
    ["jira_close", "jira/close"],
    ["functions.close", "jira/close"],
    ["create-issue", "git-hub.com/create-issue"],
    ["mcp__git-hub_com__create-issue", "git-hub.com/create-issue"],
    ["git-hub_com__create-issue", "git-hub.com/create-issue"],
    ["create_issue", "jira/create_issue"],
    ["a__b__c", "IMPORT_TOOL_AMBIGUOUS"],
    ["other/close", "IMPORT_TOOL_UNKNOWN"],
    ["Close", "IMPORT_TOOL_UNKNOWN"],
    ["", "IMPORT_TOOL_UNKNOWN"],
    ["__proto__", "IMPORT_TOOL_UNKNOWN"],
  ])("%s is %s", (written, name) => expect(found(written)).toBe(name));

  it("is never one of two, and its qualified name is always its own", () => {
    const name = fc.stringMatching(/^[a-z_.-]{1,4}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 6, selector: String }),
        name,
        (pairs, asked) => {
          const known = read(pairs.map(([server, tool]) => ({ name: `${server}/${tool}` })));
          const look = toolFinder(known);
          for (const tool of known.tools.keys()) expect(look(tool)).toMatchObject({ ok: true, value: { name: tool } });
          const answer = look(asked);
          const bare = [...known.tools.keys()].filter((tool) => tool.endsWith(`/${asked}`));
          if (bare.length > 1) expect(answer.ok).toBe(false);
          if (bare.length === 1 && answer.ok) expect(answer.value.name).toBe(bare[0]);
        },
      ),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 200) },
    );
  });
});

describe("constraints by default", () => {
  it.each([
    ["a page", { tool: "fetch_page", args: { url: "https://example.com/x" } }, { readOnly: true, hosts: ["example.com"] }],
    [
      "a page at a port",
      { tool: "fetch_page", args: { url: "http://example.com:81/" } },
      { readOnly: true, hosts: ["example.com:81"] },
    ],
    [
      "a page, and an address beside it",
      { tool: "fetch_page", args: { url: "https://a.example/", note: "https://b.example/" } },
      { readOnly: true, hosts: ["a.example", "b.example"] },
    ],
    ["an odd address", { tool: "fetch_page", args: { url: "https://user@a.example/" } }, { readOnly: true }],
    ["an address among other targets", { tool: "post_form", args: { url: "https://a.example/", method: "POST" } }, undefined],
    [
      "a mail",
      { tool: "send_mail", args: { to: ["a@x.example"], cc: "b@x.example", body: "hi" } },
      { emails: ["a@x.example", "b@x.example"] },
    ],
    ["a mail with a name for an address", { tool: "send_mail", args: { to: ["Ada"], body: "hi" } }, undefined],
    ["a file", { tool: "write_file", args: { path: "/tmp/a.txt", content: "x" } }, { paths: ["/tmp/a.txt"] }],
    ["a path that climbs", { tool: "write_file", args: { path: "../a", content: "x" } }, undefined],
    ["a file that is read", { tool: "read_file", args: { path: "/tmp/a.txt" } }, { readOnly: true }],
    ["a payment", { tool: "send_money", args: { iban: "DE1", amount: 3 }, times: 4 }, { budget: { sum: "amount", max: 12 } }],
    ["a command", { tool: "run_command", args: { command: "ls" } }, undefined],
  ] as const)("%s", (_what, step, expected) => {
    expect(constraints(step as Step)).toEqual(expected);
  });

  it.each([
    ["a mail with a text", { tool: "send_mail", args: { to: "a@x.example", body: "hi" } }, undefined],
    ["a mail of addresses only", { tool: "send_mail", args: { to: "a@x.example", cc: "b@x.example" } }, ["to", "cc"]],
    ["a file with a text", { tool: "write_file", args: { path: "/tmp/a.txt", content: "x" } }, undefined],
    ["a page", { tool: "fetch_page", args: { url: "https://a.example/" } }, ["url"]],
  ] as const)(
    "without a catalogue hold every argument or none, so that the plan allows its own call: %s",
    (_what, step, held) => {
      const made = draftOf({ steps: steps([step as Step]), findings: [] }, undefined);
      if (!made.ok) throw new Error(JSON.stringify(made.error));
      const { readOnly, ...places } = made.value.plan.nodes.s0?.constraints ?? {};
      expect(Object.keys(places).length > 0).toBe(held !== undefined);
      const frozen = freezePlan(made.value.plan);
      if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
      const replayed = replayTrace(frozen.value, { events: [{ type: "call", id: "1", tool: step.tool, args: step.args }] });
      expect(replayed).toMatchObject({ ok: true, value: [{ verdict: "allow" }] });
    },
  );

  it("are none for a value that is not known yet", () => {
    const { plan } = draft([
      { tool: "fetch_page", args: { url: "https://a.example" } },
      { tool: "send_mail", args: { to: { from: "s0$.to" }, body: "x" } },
    ]);
    expect(plan.nodes.s1?.constraints).toBeUndefined();
  });

  it("bound the calls of a session by those that the plan has", () => {
    expect(draft([{ tool: "read_file", args: { path: "/a" }, times: 3 }, { let: "1" }]).plan.limits).toEqual({ calls: 3 });
    const loop = { tool: "write_file", each: { from: "s0$[*]", max: 20 }, args: { path: { item: "$" } } } as const;
    expect(draft([{ tool: "read_file", args: { path: "/a" } }, loop]).plan.limits).toEqual({ calls: 21 });
  });

  it("never make the linter warn of themselves", () => {
    const all = [
      { tool: "fetch_page", args: { url: "https://example.com/x" } },
      { tool: "send_mail", args: { to: ["a@x.example"], body: "hi" } },
      { tool: "write_file", args: { path: "/tmp/a.txt", content: "x" } },
      { tool: "send_money", args: { iban: "DE1", amount: 3 } },
    ];
    const findings = lintPlan(draft(all).plan, office).filter(
      ({ severity, pointer }) => severity !== "info" && /constraints|limits/.test(pointer),
    );
    expect(findings).toEqual([]);
  });
});

describe("equal steps", () => {
  const page = { tool: "fetch_page", args: { url: "https://example.com/x" } };

  it("are one node where nothing tells them apart", () => {
    const { plan, findings } = draft([page, page, page]);
    expect(Object.entries(plan.nodes).map(([name, { times }]) => [name, times])).toEqual([["s0", 3]]);
    expect(findings.map(({ code, pointer }) => [code, pointer])).toEqual([["IMPORT_MERGED", "/nodes/s0"]]);
  });

  it("stay apart where one comes after the other, or a result of one is read", () => {
    expect(Object.keys(draft([page, { ...page, after: ["s0"] }]).plan.nodes)).toEqual(["s0", "s1"]);
    const reader = { tool: "send_mail", args: { to: ["a@x.example"], body: { from: "s1$.text" } } };
    expect(Object.keys(draft([page, page, reader]).plan.nodes)).toEqual(["s0", "s1", "s2"]);
    expect(Object.keys(draft([page, page, { let: "s1.n" }]).plan.nodes)).toEqual(["s0", "s1", "s2"]);
  });

  it("keep what waits for them waiting", () => {
    const { plan } = draft([page, page, { tool: "read_file", args: { path: "/a" }, after: ["s0", "s1"] }]);
    expect(plan.nodes.s2?.after).toEqual(["s0"]);
    expect(plan.nodes.s0?.times).toBe(2);
  });
});

describe("arguments by place", () => {
  it("take the names of the tool's properties in their order, beside those by name", () => {
    const { plan } = draft([{ tool: "send_mail", positional: [["a@x.example"], "b@x.example"], args: { body: "x" } }]);
    expect(plan.nodes.s0?.args).toEqual({ to: ["a@x.example"], cc: "b@x.example", body: "x" });
  });

  it("are refused where there are too many, one twice, or no names", () => {
    const at = (step: Step): unknown => [refused([step]).code, refused([step]).place];
    expect(at({ tool: "fetch_page", positional: ["a", "b", "c"] })).toEqual(["IMPORT_ARGUMENT", { line: 1 }]);
    expect(at({ tool: "fetch_page", positional: ["a"], args: { url: "b" } })).toEqual(["IMPORT_ARGUMENT", { line: 1 }]);
    const unknown = draftOf({ steps: steps([{ tool: "x", positional: ["a"] }]), findings: [] }, undefined);
    expect(unknown).toMatchObject({ ok: false, error: { code: "IMPORT_ARGUMENT" } });
  });
});

describe("what cannot be drafted", () => {
  it.each([
    ["nothing", [], "IMPORT_EMPTY", {}],
    ["an unknown tool", [{ tool: "fetch_page" }, { tool: "nope" }], "IMPORT_TOOL_UNKNOWN", { line: 2 }],
    ["an unknown argument", [{ tool: "fetch_page", args: { uri: "x" } }], "IMPORT_ARGUMENT", { line: 1 }],
    ["an expression that cannot be read", [{ let: "1 +" }], "IMPORT_UNREPRESENTABLE", { line: 1 }],
    [
      "a reference to nothing",
      [{ tool: "fetch_page", args: { url: { from: "other$.x" } } }],
      "IMPORT_UNREPRESENTABLE",
      { line: 1 },
    ],
    [
      "a circle",
      [
        { tool: "fetch_page", after: ["s1"] },
        { tool: "fetch_page", after: ["s0"] },
      ],
      "IMPORT_UNREPRESENTABLE",
      { line: 1 },
    ],
    ["an argument without a name", [{ tool: "fetch_page", args: { "": "x" } }], "IMPORT_UNREPRESENTABLE", { line: 1 }],
  ] as const)("%s", (_what, given, code, place) => {
    const error = refused(given as readonly Step[]);
    expect([error.code, error.place]).toEqual([code, place]);
  });

  it("is too many steps", () => {
    const many = Array.from({ length: 1_001 }, () => ({ tool: "fetch_page" }));
    expect(refused(many)).toMatchObject({ code: "IMPORT_TOO_LARGE", place: { line: 1_001 } });
  });
});

describe("what a person mends", () => {
  it("is an argument that the tool demands: a finding, since the rest of the draft stands", () => {
    const { findings } = draft([{ tool: "send_mail", args: { to: "kim@example.com" } }], catalogue);
    expect(findings.map(({ code, severity, pointer }) => [code, severity, pointer])).toEqual([
      ["PLAN_ARG_REQUIRED", "error", "/nodes/s0/args"],
    ]);
  });

  it("is a task longer than a plan's", () => {
    const { plan, findings } = draft([{ tool: "read_file", args: { path: "/a" } }], office, {
      task: "x".repeat(20_001),
      name: "My Plan",
    });
    expect(plan).toMatchObject({ name: "my-plan" });
    expect(plan.task).toBeUndefined();
    expect(findings.map(({ code }) => code)).toEqual(["IMPORT_TASK"]);
  });

  it("is a catalogue that is missing", () => {
    const none = draftOf({ steps: steps([{ tool: "send", args: { to: "a@example.com" } }]), findings: [] }, undefined);
    expect(none).toMatchObject({
      ok: true,
      value: { findings: [{ code: "IMPORT_NO_CATALOGUE" }], plan: { nodes: { s0: { tool: "send" } } } },
    });
  });
});
