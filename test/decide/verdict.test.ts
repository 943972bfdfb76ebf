/**
 * What a denial says to do about it: the plan's own name of an argument where it is no secret, and never what hidden data would tell.
 */
import { describe, expect, it } from "vitest";
import { countPeople } from "../../src/decide/program.ts";
import { liveCount } from "../../src/decide/rows.ts";
import type { Run } from "../../src/decide/state.ts";
import { denialOf, remediesOf } from "../../src/decide/verdict.ts";

describe("what can be done about a denial", () => {
  it("names the argument where one is at fault, and the approval that is waited for", () => {
    expect(remediesOf("ARG_MISSING", "to")).toStrictEqual([{ kind: "fix-argument", argument: "to" }]);
    expect(remediesOf("CALL_TOO_LARGE")).toStrictEqual([{ kind: "fix-argument" }]);
    expect(remediesOf("CALL_BUDGET", "amount")).toEqual(expect.not.arrayContaining([{ kind: "give-up", argument: "amount" }]));
    expect(remediesOf("CALL_NEEDS_APPROVAL", undefined, "s.0")).toStrictEqual([{ kind: "ask-approval", approval: "s.0" }]);
    expect(remediesOf("CALL_NEEDS_APPROVAL")).toStrictEqual([{ kind: "ask-approval" }]);
    expect(remediesOf("CALL_RATE", "to", "s.0")).toStrictEqual([{ kind: "wait" }]);
    expect(remediesOf("INTERNAL", "to", "s.0")).toStrictEqual([]);
  });

  it("repeats no name that the plan does not know, and none where which one it is would tell of hidden data", () => {
    expect(remediesOf("ARG_UNEXPECTED", "made-up")).toStrictEqual([{ kind: "omit-argument" }]);
    expect(remediesOf("HIDDEN", "to")).toStrictEqual([{ kind: "omit-argument" }, { kind: "send-handle" }]);
  });

  it("is in a denial that no decision made, which says nothing else", () => {
    expect(denialOf("APPROVAL_EXPIRED", "s.0")).toMatchObject({
      decision: "deny",
      code: "APPROVAL_EXPIRED",
      facts: {},
      chain: [],
    });
    expect(denialOf("CALL_NEEDS_APPROVAL", "s.0").remedies).toStrictEqual([{ kind: "ask-approval", approval: "s.0" }]);
  });
});

describe("the people among those who approved", () => {
  it("are those who may, two names with one key one person, and a name no key", () => {
    expect(countPeople(["ada", "bob"], {})).toBe(2);
    expect(countPeople(["ada", "bob"], { by: ["ada"] })).toBe(1);
    const keys = new Map([
      ["ada", "k1"],
      ["ada at home", "k1"],
      ["eve", "bob"],
    ]);
    expect(countPeople(["ada", "ada at home"], { keys })).toBe(1);
    expect(countPeople(["ada", "bob", "cy"], { keys })).toBe(3);
    expect(countPeople(["bob", "eve"], { keys })).toBe(2);
  });
});

it("runs in flight count up to the end of their lease, and not from it on", () => {
  const flight = [{ lease: 5 }, { lease: 7 }] as Run[];
  const count = (now: number): number => liveCount({ flight, ok: [], errors: 0 }, now);
  expect([4, 5, 6, 7].map(count)).toEqual([2, 1, 1, 0]);
});
