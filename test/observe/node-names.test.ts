import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayTrace } from "../../src/replay.ts";
import { type Trace, withoutNodeNames } from "../../src/trace.ts";
import { tools } from "../surfaces/firewall-fixture.ts";

const trace: Trace = {
  task: "buy VTI",
  events: [
    { type: "call", id: "1", tool: "shop/quotes", args: { symbols: ["VTI"], sluice_node: "first" } },
    { type: "result", id: "1", value: { quotes: [1] } },
    { type: "call", id: "2", tool: "shop/order", args: { symbol: "VTI", amount: 5, sluice_node: "order" } },
    { type: "result", id: "2", value: { ok: true } },
  ],
};

describe("calls that name the nodes of the plan that was observed", () => {
  it.each([1, 2])("are learned from as if they named none: the draft freezes and runs (%i runs)", (runs) => {
    const read = readCatalogue(tools);
    if (!read.ok) throw new Error("no catalogue");
    const learned = learnPlan(
      Array.from({ length: runs }, () => trace),
      read.value,
    );
    if (!learned.ok) throw new Error(JSON.stringify(learned.error));
    expect(JSON.stringify(learned.value.plan)).not.toContain("sluice_node");
    const frozen = freezePlan(learned.value.plan, read.value);
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
    const replayed = replayTrace(frozen.value, withoutNodeNames(trace), { params: learned.value.params?.[0] ?? {} });
    expect(replayed.ok && replayed.value.map(({ verdict }) => verdict)).toEqual(["allow", "allow"]);
  });
});
