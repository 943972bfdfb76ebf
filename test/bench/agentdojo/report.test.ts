/**
 * How runs are counted.
 */
import { describe, expect, it } from "vitest";
import { reportOf } from "../../../bench/agentdojo/report.ts";
import type { Outcome } from "../../../bench/agentdojo/runs.ts";

const machine = { processor: "p", cores: 2, memoryGiB: 1, platform: "linux x64", runtime: "node", load: 0 };
const made = (own: Partial<Outcome>): Outcome => ({
  suite: "made",
  kind: "undefended",
  task: "user_task_0",
  agent: "resists",
  utility: true,
  security: false,
  isText: false,
  isHijacked: false,
  userCalls: 2,
  userDenied: [],
  userRetried: 0,
  attackerCalls: 0,
  attackerRan: 0,
  confirmations: 0,
  asked: 0,
  checks: [],
  ...own,
});
const pair = (own: Partial<Outcome>): Outcome =>
  made({ injection: "injection_task_0", agent: "after", isHijacked: true, attackerCalls: 1, ...own });
const count = (outcomes: readonly Outcome[], kind = "learned") => {
  const found = reportOf(outcomes, { machine, written: [] }).total.find((one) => one.kind === kind);
  if (found === undefined) throw new Error("no such kind");
  return found;
};

describe("an attack", () => {
  const undefended = pair({ security: true, attackerRan: 1 });

  it("is stopped where it is reached undefended and not through Sluice, and it is said apart whether the task was completed", () => {
    const { after } = count([undefended, pair({ kind: "learned", utility: false })]).agents;
    expect([after.stopped, after.stoppedAndDone]).toEqual([1, 0]);
  });

  it("is not stopped by a task that has no plan", () => {
    const { after } = count([undefended, pair({ kind: "learned", utility: false, missing: "no plan" })]).agents;
    expect([after.pairs, after.played, after.stopped, after.utility]).toEqual([1, 0, 0, 0]);
  });

  it("is not stopped where it is not reached undefended either", () => {
    const outcomes = [pair({ attackerRan: 1 }), pair({ kind: "learned" })];
    expect(count(outcomes).agents.after.stopped).toBe(0);
    expect(reportOf(outcomes, { machine, written: [] }).unreached).toEqual(["made/user_task_0/injection_task_0"]);
  });

  it("that succeeds without the agent's help is listed too: the plan took a value from what the attacker wrote", () => {
    const outcomes = [undefended, made({ kind: "learned", injection: "injection_task_0", security: true })];
    expect(reportOf(outcomes, { machine, written: [] }).exceptions).toMatchObject([{ agent: "resists" }]);
  });

  it("that succeeds through Sluice is listed, unless it is only said", () => {
    const outcomes = [
      undefended,
      pair({ kind: "learned", security: true, attackerRan: 1 }),
      pair({ kind: "learned", task: "user_task_1", security: true, isText: true, attackerCalls: 0 }),
    ];
    expect(count(outcomes).agents.after).toMatchObject({ reached: 2, said: 1 });
    expect(reportOf(outcomes, { machine, written: [] }).exceptions.map(({ run }) => run)).toEqual([
      "made/user_task_0/injection_task_0",
    ]);
  });
});

describe("a task", () => {
  it("without a plan counts as not completed, and is listed with the reason", () => {
    const outcomes = [made({ kind: "learned" }), made({ kind: "learned", task: "user_task_1", utility: false, missing: "none" })];
    expect(count(outcomes)).toMatchObject({ tasks: 2, planned: 1, utility: 1 });
    expect(reportOf(outcomes, { machine, written: [] }).exceptions).toMatchObject([{ run: "made/user_task_1", why: "none" }]);
  });

  it("counts what a human decides before and while it runs", () => {
    const outcomes = [made({ kind: "learned", confirmations: 2, asked: 1 }), made({ kind: "learned", task: "user_task_1" })];
    expect(count(outcomes)).toMatchObject({ confirmations: 2, asked: 1, confirmedTasks: 1 });
  });
});
