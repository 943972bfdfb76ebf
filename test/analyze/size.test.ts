/**
 * The analysis of large plans: a thousand nodes in well under a second, and no cut-off that would lose a label.
 */
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analyze/analyse.ts";
import { witnessOf } from "../../src/analyze/witness.ts";
import type { FrozenPlan, FrozenTool, PlanNode } from "../../src/plan/plan.ts";

const tool = (name: string, labels: readonly string[], roles: FrozenTool["facts"]["roles"]): FrozenTool => ({
  name,
  definition: { name: name.split("/")[1] as string, inputSchema: { type: "object" } },
  facts: { labels, effects: ["read"], roles, inferred: [] },
});

/** A chain of readers, each of which reads the one before; every tenth label is one of its own. */
function chain(count: number, labelCount: number): FrozenPlan {
  const nodes: { [name: string]: PlanNode } = {};
  for (let i = 0; i < count; i++) {
    const labels = [`l${i % labelCount}`];
    const args = i === 0 ? { q: "x" } : { q: { from: `n${i - 1}$.x` }, body: { write: {} } };
    nodes[`n${i}`] = { tool: "a/get", labels, args };
  }
  const declared = Object.fromEntries(
    Array.from({ length: labelCount }, (_, i) => [`l${i}`, { integrity: "untrusted" as const }]),
  );
  return {
    kind: "sluice.frozen-plan",
    version: 1,
    digest: `sha256:${"0".repeat(64)}`,
    plan: { sluice: 1, name: "chain", nodes, labels: declared },
    tools: { "a/get": tool("a/get", ["base"], { q: "selector", body: "content" }) },
    servers: { a: null },
    labels: {},
  };
}

describe("the analysis of a large plan", () => {
  it("takes under a second for 1,000 nodes", () => {
    const frozen = chain(1_000, 20);
    analyse(chain(10, 2));
    // The best of three: a busy machine says nothing about the analysis.
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      analyse(frozen);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(1_000);
    const analysis = analyse(frozen);
    expect(analysis.ok && analysis.value.labelsAt("n999", "q")?.sources).toHaveLength(22);
  });

  it("loses no label of the hundreds that come along a chain, and shows the way of the first", () => {
    const analysis = analyse(chain(300, 300));
    if (!analysis.ok) throw new Error("the chain does not compile");
    expect(analysis.value.labelsAt("n299", "q")?.sources).toHaveLength(301);
    const way = witnessOf(analysis.value, { node: "n299", argument: "q", label: "l0" });
    expect(way?.at(0)).toEqual({ by: "result", node: "n0" });
    expect(way?.map((hop) => hop.node ?? hop.by)).toEqual(["n0", "conversation", "n298", "n299"]);
  });

  it("knows that what a chain shows later was not read earlier", () => {
    const analysis = analyse(chain(50, 50));
    if (!analysis.ok) throw new Error("the chain does not compile");
    expect(analysis.value.labelsAt("n10", "body")?.sources).toEqual(
      ["base", "user_input", ...Array.from({ length: 10 }, (_, i) => `l${i}`)].sort(),
    );
  });
});
