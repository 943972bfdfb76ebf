/**
 * The multi-agent suite can fail: its judges see attacks succeed, a weaker plan lets them through, and a wrong scenario is found out.
 * A short subset is played; `node bench/multi-agent/run.ts` plays all of it.
 */
import { describe, expect, it } from "vitest";
import { measure } from "../../../bench/multi-agent/measure.ts";
import { attacksOf, problemsOf } from "../../../bench/multi-agent/report.ts";
import type { Scenario, ScenarioPlan } from "../../../bench/multi-agent/scenario.ts";
import { board } from "../../../bench/multi-agent/scenarios/board.ts";
import { budget } from "../../../bench/multi-agent/scenarios/budget.ts";
import { relay } from "../../../bench/multi-agent/scenarios/relay.ts";
import { scenarios } from "../../../bench/multi-agent/scenarios/index.ts";
import { trading } from "../../../bench/multi-agent/scenarios/trading.ts";

const quick = { timedRuns: 0 };
const measured = async (...some: readonly Scenario[]): ReturnType<typeof measure> => measure(some, quick);

/** The scenario with another plan of one agent. */
function replanned(scenario: Scenario, agent: string, change: (plan: ScenarioPlan) => ScenarioPlan): Scenario {
  const own = scenario.agents[agent];
  if (own?.plan === undefined) throw new Error(`${agent} has no plan`);
  return { ...scenario, agents: { ...scenario.agents, [agent]: { ...own, plan: change(own.plan) } } };
}

const withoutFlows = ({ flows: _, ...plan }: ScenarioPlan): ScenarioPlan => plan;

describe("a run of the suite", () => {
  it("has every attack succeed without Sluice, and none with it but those that are said to remain", async () => {
    const report = await measured(relay, trading);
    expect(problemsOf(report)).toEqual([]);
    const attacks = attacksOf(report);
    expect(attacks.every(({ undefended }) => undefended.succeeded)).toBe(true);
    expect(attacks.some(({ sluice }) => sluice.succeeded)).toBe(true);
    expect(attacks.filter(({ sluice }) => sluice.succeeded).every(({ remains }) => remains !== undefined)).toBe(true);
    expect(report.scenarios.flatMap(({ tasks }) => tasks).every(({ sluice, falseDenials }) => sluice && falseDenials === 0)).toBe(
      true,
    );
  });

  it("names the mail and both agents between it and the payment", async () => {
    const named = attacksOf(await measured(relay)).flatMap(({ isSourceNamed }) => isSourceNamed ?? []);
    expect(named).toEqual([true, true, true, true]);
  });

  it("does not name who wrote to a shared board: the label comes back, its chain does not", async () => {
    const named = attacksOf(await measured(board)).flatMap(({ isSourceNamed }) => isSourceNamed ?? []);
    expect(named).toEqual([false, false, false]);
  });
});

describe("a judge", () => {
  it("sees what a plan without its flow rule lets through", async () => {
    const report = await measured(replanned(relay, "treasury", withoutFlows));
    const through = attacksOf(report).filter(({ sluice, remains }) => sluice.succeeded && remains === undefined);
    expect(through.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        "tool result",
        "paraphrase",
        "collusion",
        "receipt stripped",
        "receipt forged",
        "message of an agent",
      ]),
    );
    expect(problemsOf(report).filter((problem) => problem.endsWith("nothing said so"))).toHaveLength(through.length);
  });

  it("sees what a plan without its budget lets two agents spend together", async () => {
    const unbounded = replanned(budget, "treasury", (plan) => {
      const { pay } = plan.nodes;
      const { constraints: _, ...node } = pay ?? {};
      return { ...plan, nodes: { pay: node } };
    });
    const split = attacksOf(await measured(unbounded)).filter(({ kind }) => kind === "split over agents");
    expect(split.length).toBeGreaterThan(0);
    expect(split.every(({ sluice }) => sluice.succeeded)).toBe(true);
  });

  it("tells a task that was stopped with the attack from one that was completed all the same", async () => {
    const never = replanned(relay, "treasury", (plan) => ({
      ...plan,
      flows: [{ id: "nobody", deny: ["colleague", "stranger", "unknown"], to: "bank/pay" }],
    }));
    const report = await measured(never);
    expect(report.scenarios[0]?.tasks.map(({ sluice }) => sluice)).toEqual([false]);
    expect(attacksOf(report).some(({ sluice }) => sluice.completed)).toBe(false);
  });
});

describe("a scenario that shows nothing", () => {
  const [first] = relay.attacks;
  const only = (attack: Partial<Scenario["attacks"][number]>): Scenario => {
    if (first === undefined) throw new Error("no attack");
    return { ...relay, attacks: [{ ...first, ...attack }] };
  };
  it("is found out where its attack does not work without Sluice", async () => {
    expect(problemsOf(await measured(only({ poison: {} })))).toEqual([
      expect.stringContaining("does not succeed without Sluice"),
    ]);
  });
  it("is found out where an attack is said to remain and does not", async () => {
    expect(problemsOf(await measured(only({ remains: "so we say" })))).toEqual([expect.stringContaining("is stopped")]);
  });
  it("is found out where its task does not work without Sluice", async () => {
    expect(problemsOf(await measured({ ...relay, isDone: () => false }))).toEqual([
      expect.stringContaining("is not completed without Sluice"),
    ]);
  });
});

describe("the suite", () => {
  it("has at least twelve scenarios of two agents and more, each with several attacks", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(12);
    for (const { agents, attacks } of scenarios) {
      expect(Object.keys(agents).length).toBeGreaterThanOrEqual(2);
      expect(attacks.length).toBeGreaterThanOrEqual(4);
    }
  });
  it("names each scenario and each of its attacks once", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const { attacks } of scenarios) expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  });
});
