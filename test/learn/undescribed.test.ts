/**
 * Runs of tools that no catalogue describes: the plan is frozen under none, too, and then allows the runs that it was learned from.
 */
import { describe, expect, it } from "vitest";
import { learnPlan, type Trace } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayTrace } from "../../src/replay.ts";

const runs = [1, 2, 3].map((run): Trace => {
  const who = `kim${run}@lab.example`;
  const mail = { to: who, subject: "Booked", body: "Room r2" };
  return {
    events: [
      { type: "call", id: "1", tool: "rooms/book", args: { room: "r2", who } },
      { type: "result", id: "1", value: { for: who } },
      { type: "call", id: "2", tool: "mail/send", args: mail },
      { type: "result", id: "2", value: "sent" },
    ],
  };
});

describe("a plan learned without a catalogue", () => {
  it("allows its own runs when it is frozen without one, where a list of domains would judge the mail's text", () => {
    const learned = learnPlan(runs);
    if (!learned.ok) throw new Error(JSON.stringify(learned.error));
    const frozen = freezePlan(learned.value.plan);
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
    for (const [at, run] of runs.entries()) {
      const replayed = replayTrace(frozen.value, run, { params: learned.value.params[at] ?? {} });
      expect(replayed.ok && replayed.value.map(({ verdict, code }) => [verdict, code])).toEqual([
        ["allow", null],
        ["allow", null],
      ]);
    }
  });
});
