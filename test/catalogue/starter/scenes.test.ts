/**
 * Each starter under a plan: the day that the user wanted passes, and what a stranger's text asks for is denied with its chain.
 * Never uses a catalogue of its own: what is denied here is denied because of the starter's facts.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { combineCatalogues, starterCatalogue, type StarterName, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../../../src/replay.ts";
import { type Exchange, traceOf } from "../../learn/worlds.ts";
import { scenes } from "./scenes.ts";

function freeze(name: StarterName): FrozenPlan {
  const { starters, nodes } = scenes[name];
  const combined = combineCatalogues(starters.map((starter) => starterCatalogue(starter)));
  if (!combined.ok) throw new Error(combined.error[0]?.message);
  const catalogue = readCatalogue(combined.value);
  if (!catalogue.ok) throw new Error(catalogue.error[0]?.message);
  const frozen = freezePlan({ sluice: 1, name: "scene", nodes }, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

function replay(name: StarterName, exchanges: readonly Exchange[]): readonly ReplayedCall[] {
  const calls = replayTrace(freeze(name), traceOf("", exchanges));
  if (!calls.ok) throw new Error(calls.error[0]?.message);
  return calls.value;
}

describe.each(starterNames)("under the starter %s", (name) => {
  const { read, act, hijack, argument, label } = scenes[name];

  it("the agent may read, and then write where the plan says", () => {
    expect(replay(name, [read, act]).map(({ verdict, code }) => [verdict, code])).toEqual([
      ["allow", null],
      ["allow", null],
    ]);
  });

  it("the agent may choose before it has read anything", () => {
    expect(replay(name, [hijack])).toMatchObject([{ verdict: "allow" }]);
  });

  it("the agent may not choose what a stranger's text asks for, and the chain begins with that text", () => {
    const [first, second] = replay(name, [read, hijack]);
    expect(first?.verdict).toBe("allow");
    expect(second).toMatchObject({ verdict: "deny", code: "FLOW_CHOICE_UNTRUSTED", argument });
    expect(second?.chain[0]).toMatchObject({ kind: "result", labels: [label] });
    expect(second?.chain.at(-1)).toMatchObject({ kind: "argument", argument });
  });
});
