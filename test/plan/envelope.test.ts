/** The envelope of a plan as further nodes, and findings about these at their places in the plan. */
import { describe, expect, it } from "vitest";
import { nodeOfEntry, placedInEnvelope, runsOfEntry, withEnvelope } from "../../src/plan/envelope.ts";
import type { Finding } from "../../src/plan/finding.ts";
import type { Loose } from "./market.ts";

const finding = (pointer: string): Finding => ({ code: "PLAN_ARG_UNKNOWN", severity: "error", pointer, message: "m" });

describe("an entry of an envelope", () => {
  it("stands for a node that need not run, and once at most unless it says how often", () => {
    expect([runsOfEntry({ tool: "s/a" } as Loose), runsOfEntry({ tool: "s/a", times: 3 } as Loose)]).toEqual([1, 3]);
    expect(nodeOfEntry({ tool: "s/a" } as Loose)).toEqual({ tool: "s/a", times: { min: 0, max: 1 } });
    expect(nodeOfEntry({ tool: "s/a", args: { x: 1 }, times: 2 } as Loose)).toEqual({
      tool: "s/a",
      args: { x: 1 },
      times: { min: 0, max: 2 },
    });
  });
});

describe("a plan with its envelope", () => {
  const plan: Loose = { sluice: 1, nodes: { n: { tool: "s/n" }, "envelope.1": { tool: "s/m" } } };

  it("is the plan itself, if it has none", () => {
    for (const same of [plan, { ...plan, envelope: [] }]) {
      const found = withEnvelope(same);
      expect(found.plan).toBe(same);
      expect(found.names).toEqual([]);
    }
  });

  it("has a node more for each entry, under a name that no node has", () => {
    const whole = { ...plan, envelope: [{ tool: "s/a" }, { tool: "s/b" }] };
    const found = withEnvelope(whole);
    expect(found.names).toEqual(["envelope.0", "envelope.1-"]);
    expect(found.plan).toEqual({
      ...whole,
      nodes: { ...plan.nodes, "envelope.0": nodeOfEntry(whole.envelope[0]), "envelope.1-": nodeOfEntry(whole.envelope[1]) },
    });
    expect(Object.keys(plan.nodes)).toEqual(["n", "envelope.1"]);
  });

  it("has what is said of those nodes at the entries, and the rest where it stands", () => {
    const names = ["envelope.0", "envelope.1-"];
    const at = (pointer: string): Loose => placedInEnvelope([finding(pointer)], names)[0];
    expect(at("/nodes/envelope.0/args/x")).toEqual(finding("/envelope/0/args/x"));
    expect(at("/nodes/envelope.1-")).toEqual(finding("/envelope/1"));
    for (const pointer of ["/nodes/n/args", "/nodes/envelope.1/args", "/nodes/envelope.00", ""])
      expect(at(pointer)).toEqual(finding(pointer));
    const none = [finding("/nodes/envelope.0")];
    expect(placedInEnvelope(none, [])).toBe(none);
  });
});
