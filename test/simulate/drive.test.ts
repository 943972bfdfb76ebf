/**
 * The driver plays plans by itself: what it says is a run is one that the engine allows, and it reaches what can be reached.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { replayLabelled } from "../../src/explain/labelled-replay.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";
import { replayTrace } from "../../src/replay.ts";
import { type Drive, driveTo, playThrough } from "../../src/simulate/drive.ts";
import { exampleNames, must, readExample } from "../plans/example.ts";
import { diceOf } from "../spec/dice.ts";
import { generatePlan } from "../spec/generate-plan.ts";

const catalogue = must(
  readCatalogue({
    tools: [
      { name: "web/get", sluice: { labels: ["web"], effects: ["read", "network"], roles: { id: "selector" } } },
      { name: "safe/get", sluice: { labels: ["desk"], effects: ["read"], roles: { id: "selector" } } },
      {
        name: "safe/put",
        sluice: { labels: ["desk"], effects: ["write"], roles: { key: "target", note: "content", list: "content" } },
      },
    ],
    labels: { web: { integrity: "untrusted" }, desk: { integrity: "trusted" } },
  } as Json),
  "catalogue",
);

function freeze(nodes: { readonly [name: string]: PlanNode }, more: Partial<Plan> = {}): FrozenPlan {
  return must(freezePlan({ sluice: 1, name: "driven", nodes, ...more }, catalogue), "plan");
}

/** The arguments of the last call of a drive, as the engine forwards them. */
function lastArgs(frozen: FrozenPlan, drive: Drive): number {
  if (!drive.ok) throw new Error(drive.why);
  const calls = must(replayTrace(frozen, { events: drive.trace }, { params: drive.params }), "replay");
  expect(calls.filter(({ verdict }) => verdict === "deny")).toEqual([]);
  return calls.length;
}

const page: PlanNode = { tool: "web/get" };
const put = (key: ArgRule, more: Partial<PlanNode> = {}): PlanNode => ({ tool: "safe/put", args: { key }, ...more });

describe("driveTo", () => {
  it.each(exampleNames)("reaches every node of the example %s", (name) => {
    const { plan, catalogue: tools } = readExample(name);
    const frozen = must(freezePlan(plan, tools), name);
    for (const [node, { tool }] of Object.entries(frozen.plan.nodes)) {
      if (tool === undefined) continue;
      const drive = driveTo(frozen, { node });
      expect({ node, drive }).toMatchObject({ node, drive: { ok: true } });
      if (drive.ok && drive.approved.length === 0) lastArgs(frozen, drive);
    }
  });

  const reachable: readonly (readonly [string, { readonly [name: string]: PlanNode }])[] = [
    ["a member behind a filter", { page, put: put({ from: "page$.rows[?@.state == 'open' && @.n > 3].id" }) }],
    ["an address with check digits out of a text", { page, put: put({ from: "page$.text", extract: "iban" }) }],
    ["what stands behind a word in a text", { page, put: put({ from: "page$", extract: { kind: "amount", after: "Total:" } }) }],
    [
      "two kinds of value in one text",
      {
        page,
        put: put(
          { from: "page$.text", extract: "email" },
          { args: { key: { from: "page$.text", extract: "email" }, note: { from: "page$.text", extract: "date" } } },
        ),
      },
    ],
    ["a value of a pattern", { page, put: put({ from: "page$.id", match: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" } }) }],
    ["a sum that must be equal", { page, put: put({ from: "page$.id" }, { require: ["page.total == page.net + page.tax"] }) }],
    ["a guard over a list", { page, put: put("k", { when: 'page.rows.exists(r, r.kind == "x" && r.n >= 2)' }) }],
    [
      "a guard that must be false for another",
      {
        page,
        put: put("k", { when: "page.n > 5" }),
        other: { tool: "safe/put", args: { key: "o" }, when: "page.n <= 5", optional: true },
      },
    ],
    [
      "a computed list of rows",
      { page, open: { let: "page.rows.filter(r, r.open)" }, put: put({ item: "$.id" }, { each: { from: "open$[*]", max: 3 } }) },
    ],
    [
      "the runs of another node",
      { page: { ...page, times: { min: 1, max: 2 } }, put: put({ from: "page$.id" }, { each: "page" }) },
    ],
    [
      "a row that the agent picks",
      {
        page: { ...page, show: ["$.rows[*].name"] },
        put: put({
          from: "page$.rows[*].id",
          pick: "agent",
          endorse: { from: "web", to: "desk", why: "one of two" },
          match: { enum: ["a", "b"] },
        }),
      },
    ],
    ["a size", { page, put: put("k", { require: ["size(page.rows) == 3", "size(page.name) > 4"] }) }],
    ["a text in pieces", { page, put: put({ expr: 'split(page.text, "for ")[1]' }) }],
    ["a member that may be missing", { page, put: put("k", { when: "!has(page.error)" }) }],
    [
      "a result that a template takes",
      { page, put: put({ template: "path", text: "out/{id}.txt", with: { id: { from: "page$.id" } } }) },
    ],
  ];
  it.each(reachable)("finds %s", (_, nodes) => {
    const frozen = freeze(nodes, { labels: { web: { integrity: "untrusted" } } });
    const node = "put";
    expect(lastArgs(frozen, driveTo(frozen, { node }))).toBeGreaterThan(0);
  });

  it("brings a label to an argument, if it takes a detour", () => {
    const frozen = freeze({
      page: { ...page, optional: true },
      put: { tool: "safe/put", args: { key: "k", note: { write: { maxLength: 100 } } } },
    });
    expect(driveTo(frozen, { node: "put" })).toMatchObject({ ok: true, nodes: ["put"] });
    const drive = driveTo(frozen, { node: "put", argument: "note", label: "web" });
    if (!drive.ok) throw new Error(drive.why);
    expect(drive.nodes).toEqual(["page", "put"]);
    const calls = must(replayLabelled(frozen, { events: drive.trace }, { params: drive.params }), "replay");
    expect(calls.at(-1)?.labels.note?.sources).toContain("web");
  });

  it("says which call stands in the way", () => {
    const frozen = freeze({ page, put: put({ from: "page$.id" }, { require: ["page.n > 3", "page.n < 2"] }) });
    expect(driveTo(frozen, { node: "put" })).toEqual({ ok: false, why: "`put` does not run: CALL_REQUIRE" });
    expect(driveTo(frozen, { node: "none" })).toMatchObject({ ok: false });
    expect(driveTo(frozen, { node: "put", argument: "none" })).toMatchObject({ ok: false });
  });

  it("says that a label does not come where a flow rule denies it", () => {
    const frozen = freeze({ page, put: put({ from: "page$.id" }) }, { flows: [{ id: "no-web", deny: ["web"], to: "safe/put" }] });
    expect(driveTo(frozen, { node: "put", argument: "key", label: "web" })).toEqual({
      ok: false,
      why: "`put` does not run: FLOW_SINK_DENIED at `key`",
    });
  });

  it("never says of a generated plan that a run is allowed which the engine denies, and is the same each time", () => {
    const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 700, maxLength: 700, size: "max" }));
    const seen = { nodes: 0, reached: 0 };
    fc.assert(
      fc.property(entropy, (numbers) => {
        const { frozen } = generatePlan(diceOf(numbers), new Set());
        for (const [node, { tool }] of Object.entries(frozen.plan.nodes)) {
          if (tool === undefined) continue;
          const drive = driveTo(frozen, { node }, { tries: 60 });
          seen.nodes += 1;
          if (!drive.ok) continue;
          seen.reached += 1;
          if (drive.approved.length > 0) continue;
          const calls = must(replayTrace(frozen, { events: drive.trace }, { params: drive.params }), "replay");
          expect(calls.every(({ verdict }) => verdict === "allow")).toBe(true);
          expect(calls.at(-1)?.node).toBe(node);
          expect(driveTo(frozen, { node }, { tries: 60 })).toEqual(drive);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(seen.reached / seen.nodes).toBeGreaterThan(0.4);
  });
});

describe("playThrough", () => {
  it.each(exampleNames)("runs every node of the example %s in one run", (name) => {
    const { plan, catalogue: tools } = readExample(name);
    const frozen = must(freezePlan(plan, tools), name);
    const played = playThrough(frozen);
    const nodes = Object.keys(frozen.plan.nodes).filter((node) => frozen.plan.nodes[node]?.tool !== undefined);
    expect(played.ok && [...played.nodes].sort()).toEqual(nodes.sort());
  });

  it("leaves out a node that cannot run and goes on with the rest", () => {
    const frozen = freeze({ a: put("k", { require: ["args.key == 'x'"], optional: true }), page });
    expect(playThrough(frozen)).toMatchObject({ ok: true, nodes: ["page"] });
  });
});
