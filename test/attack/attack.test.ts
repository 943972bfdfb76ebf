/**
 * The generated adversary: what it finds on plans that are known, that each line replays, and that it sees what a plan leaves open.
 */
import { describe, expect, it } from "vitest";
import { attackPlan, type AttackOptions, type AttackReport } from "../../src/attack/attack.ts";
import { achievements, isFinding, type Judge } from "../../src/attack/judge.ts";
import { baseRun, playTail } from "../../src/attack/run.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";
import { replayTrace } from "../../src/replay.ts";
import type { TraceEvent } from "../../src/trace.ts";
import { exampleNames, must, readExample } from "../plans/example.ts";

const catalogue = must(
  readCatalogue({
    tools: [
      {
        name: "web/get",
        inputSchema: { type: "object", properties: { id: { type: "string" } } },
        sluice: { labels: ["web"], effects: ["read", "network"], roles: { id: "selector" } },
      },
      { name: "file/read", sluice: { labels: ["desk"], effects: ["read"], roles: { path: "target" }, resource: "file:{path}" } },
      {
        name: "file/write",
        sluice: { labels: ["desk"], effects: ["write"], roles: { path: "target", text: "content" }, resource: "file:{path}" },
      },
      {
        name: "mail/send",
        sluice: {
          labels: ["desk"],
          effects: ["message"],
          roles: { to: "target", body: "content", urgent: "target" },
          audience: ["team"],
        },
      },
      { name: "shell/run", sluice: { labels: ["desk"], effects: ["execute"], roles: { command: "command" } } },
    ],
    labels: { web: { integrity: "untrusted" }, desk: { integrity: "trusted" } },
  } as Json),
  "catalogue",
);

function freeze(nodes: { readonly [name: string]: PlanNode }, more: Partial<Plan> = {}): FrozenPlan {
  return must(freezePlan({ sluice: 1, name: "attacked", nodes, ...more }, catalogue), "plan");
}

function attack(frozen: FrozenPlan, options: AttackOptions = {}): AttackReport {
  return must(attackPlan(frozen, { catalogue, ...options }), "attack");
}

/** The lines, short. */
function linesOf({ possible }: AttackReport): readonly string[] {
  return possible.map(
    ({ node, argument, controls, told }) =>
      `${node}${argument === undefined ? "" : `.${argument}`} by ${controls}: ${told ?? "nobody"}`,
  );
}

const page: PlanNode = { tool: "web/get" };

describe("attackPlan", () => {
  it.each(exampleNames)("finds nothing in the example %s that its approver was not told, and every line replays", (name) => {
    const { plan, catalogue: tools } = readExample(name);
    const frozen = must(freezePlan(plan, tools), name);
    const report = must(attackPlan(frozen, { catalogue: tools }), name);
    expect(report.tries).toBeGreaterThan(2_000);
    expect(report.faults).toEqual([]);
    expect(report.possible.length).toBeGreaterThan(2);
    expect(report.possible.filter((line) => line.isFinding)).toEqual([]);
    for (const { trace, params, node } of report.possible) {
      const calls = must(replayTrace(frozen, { events: trace }, { params }), "replay");
      expect(calls.at(-1)).toMatchObject({ verdict: "allow", node });
    }
  });

  it("says of the trading example what a stranger can still do, and nothing more", () => {
    const { plan, catalogue: tools } = readExample("trading");
    const report = must(attackPlan(must(freezePlan(plan, tools), "plan"), { catalogue: tools }), "attack");
    expect([...linesOf(report)].sort()).toEqual([
      "quotes by the agent: plan",
      "report.body by the agent: summary",
      "risk.quotes by market/quotes: summary",
    ]);
    expect(report.unreached).toEqual([]);
  });

  it("names the techniques that achieve nothing at all", () => {
    const frozen = freeze({
      page,
      send: { tool: "mail/send", after: ["page"], args: { to: "team", body: { write: { maxLength: 200, links: "none" } } } },
    });
    const report = attack(frozen);
    const achieved = report.techniques.filter((each) => each.achieved > 0).map(({ technique }) => technique);
    expect(achieved).toEqual(["written text", "spelling"]);
    const codes = (technique: string): readonly string[] =>
      Object.keys(report.techniques.find((each) => each.technique === technique)?.denied ?? {});
    expect(codes("off-plan tool")).toEqual(["CALL_NOT_IN_PLAN"]);
    expect(codes("look-alike name")).toEqual(["CALL_NOT_IN_PLAN"]);
    expect(codes("repeated call")).toEqual(["CALL_REPEATED"]);
    expect(codes("out of order")).toEqual(["CALL_OUT_OF_ORDER"]);
    expect(codes("handle")).toEqual(["ARG_HANDLE"]);
    expect(codes("extra argument")).toEqual(["ARG_UNEXPECTED"]);
    expect(codes("late result")).toEqual(["CALL_REPEATED", "RUN_SETTLED"]);
    expect(codes("changed definition")).toEqual(["PLAN_DIGEST_MISMATCH", "TOOL_DESCRIPTOR_CHANGED"]);
    expect(linesOf(report)).toEqual(["send.body by the agent: summary"]);
  });

  it("puts a target that a page chooses before a text that it writes", () => {
    const frozen = freeze({
      page,
      send: { tool: "mail/send", args: { to: { from: "page$.from" }, body: { from: "page$.text" } } },
    });
    const report = attack(frozen);
    expect(linesOf(report)).toEqual(["send.to by web/get: summary", "send.body by web/get: summary"]);
    expect(report.possible[0]).toMatchObject({
      role: "target",
      effects: ["message"],
      labels: ["web"],
      isUntrusted: true,
      isFinding: false,
    });
    expect(report.possible[0]?.places).toContain("$.from");
  });

  it("counts a choice that steers as denied once the agent has read something untrusted, and as no attack before", () => {
    const choose = { tool: "shell/run", args: { command: { choose: { enum: ["ls", "rm"] } } } } as const;
    const report = attack(freeze({ page: { ...page, optional: true }, run: { ...choose, optional: true } }));
    expect(linesOf(report)).toEqual([]);
    expect(report.techniques.find(({ technique }) => technique === "out of order")?.tries).toBeGreaterThan(0);
  });

  it("lists what was endorsed as endorsed, with its bits", () => {
    const frozen = freeze({
      page,
      send: {
        tool: "mail/send",
        after: ["page"],
        args: {
          to: "team",
          urgent: { choose: { enum: ["no", "yes"] }, endorse: { from: "web", to: "desk", why: "one of two" } },
        },
      },
    });
    expect(attack(frozen).possible).toMatchObject([
      { node: "send", argument: "urgent", told: "endorsed", bits: 1, isFinding: false },
    ]);
  });

  it("says that an agent may call as often as the plan lets it", () => {
    const frozen = freeze({ page, again: { ...page, args: { id: "b" }, after: ["page"], times: { min: 1, max: 3 } } });
    expect(attack(frozen).possible).toMatchObject([
      { node: "again", role: "control", told: "plan", techniques: ["repeated call", "parallel calls", "failed call"] },
    ]);
  });

  it("sees what an untrusted text does once it was written to a file and read back", () => {
    const nodes: { readonly [name: string]: PlanNode } = {
      page,
      keep: { tool: "file/write", args: { path: "a.txt", text: { from: "page$.text" } } },
      back: { tool: "file/read", after: ["keep"], args: { path: "a.txt" } },
      send: { tool: "mail/send", args: { to: { from: "back$.to" }, body: "hello" } },
    };
    const report = attack(freeze(nodes));
    const line = report.possible.find(({ node, argument }) => node === "send" && argument === "to");
    expect(line?.labels).toContain("web");
    const denied = attack(freeze(nodes, { flows: [{ id: "no-web", deny: ["web"], to: "mail/send", args: ["to"] }] }));
    expect(denied.possible.filter(({ node }) => node === "send")).toEqual([]);
  });

  it("starts from recorded runs, in which literals that the plan fills in do not matter", () => {
    const frozen = freeze({ page, send: { tool: "mail/send", args: { to: { from: "page$.from" }, body: "hello" } } });
    const events: readonly TraceEvent[] = [
      { type: "call", id: "1", tool: "web/get", args: {} },
      { type: "result", id: "1", value: { from: "ana@example.com" } },
      { type: "call", id: "2", tool: "mail/send", args: { to: "ana@example.com", body: "hello" } },
    ];
    const report = attack(frozen, { traces: [{ events }] });
    expect(report.runs[0]).toEqual({ origin: "recorded run 1", calls: 2 });
    expect(report.possible.find(({ argument }) => argument === "to")?.trace[0]).toMatchObject({ tool: "web/get" });
  });

  it("says at which nodes nothing was tried, and why", () => {
    const frozen = freeze({
      page,
      send: { tool: "mail/send", args: { to: "team", body: { from: "page$.text" } }, constraints: { approve: "human" } },
      never: { tool: "shell/run", args: { command: "ls" }, optional: true, require: ["args.command == 'x'"] },
    });
    const report = attack(frozen);
    expect(report.unreached).toEqual([
      { node: "send", why: "a person approves each call" },
      { node: "never", why: "`never` does not run: CALL_REQUIRE" },
    ]);
  });

  it("gives the same report for the same plan, and leaves out what is too much", () => {
    const { plan, catalogue: tools } = readExample("support");
    const frozen = must(freezePlan(plan, tools), "plan");
    const few = { catalogue: tools, tries: 500, lines: 2 };
    const report = must(attackPlan(frozen, few), "attack");
    expect(must(attackPlan(frozen, few), "attack")).toEqual(report);
    expect(report.skipped).toBeGreaterThan(1_000);
    expect(report.possible.length).toBeLessThanOrEqual(2);
  });
});

describe("the judge", () => {
  const frozen = freeze({ page, send: { tool: "mail/send", args: { to: { from: "page$.from" }, body: "hello" } } });
  const guard = must(createGuard(frozen, { clock: () => 0 }), "guard");
  const events: readonly TraceEvent[] = [
    { type: "call", id: "1", tool: "web/get", args: {} },
    { type: "result", id: "1", value: { from: "ana@example.com" } },
    { type: "call", id: "2", tool: "mail/send", args: {} },
  ];
  const base = baseRun(guard, events, { origin: "test", params: {} });
  const judge: Judge = { plan: guard.program.plan, labels: guard.program.labels, flows: [] };

  it("takes a call with the benign arguments for no attack, and untrusted data in a target that nobody was told of for a finding", () => {
    if (base === undefined) throw new Error("no run");
    const expected = base.calls.slice(1);
    const attempt = (to: string) => {
      const tail: readonly TraceEvent[] = [{ type: "result", id: "1", value: { from: to } }, ...events.slice(2)];
      return { technique: "poisoned result", base, at: 1, tail, controls: "web/get", byAgent: false } as const;
    };
    const found = (to: string) => achievements(judge, attempt(to), { outcome: playTail(guard, base, attempt(to)), expected });
    expect(found("ana@example.com")).toEqual([]);
    expect(found("mallory@evil.example")).toMatchObject([{ node: "send", argument: "to", isUntrusted: true }]);
    expect(found("mallory@evil.example").map(isFinding)).toEqual([true]);
  });
});
