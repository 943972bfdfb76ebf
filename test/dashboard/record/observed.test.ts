import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordingBytesMax, recordingsMax } from "../../../src/dashboard/record/bounds.ts";
import { policiesOf, rulesOf } from "../../../src/dashboard/record/policies.ts";
import { joinReports, type Recordings, readObserved } from "../../../src/dashboard/record/recordings.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readRecorded } from "../../../src/observe/recorded.ts";
import { type ReportedRun, reportOf } from "../../../src/observe/report.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";
import { must } from "../../audit/fixture.ts";
import { deskPlan, freezeDesk } from "../fixture.ts";

interface Seen {
  readonly tool: string;
  readonly code: string | null;
}

function textOf(calls: readonly Seen[]): string {
  return calls
    .map(({ tool, code }, i) => {
      const observed = { mode: "observe", verdict: code === null ? "allow" : "deny", code, node: "n", chain: [] };
      return `${canonicalJson({ type: "call", id: String(i), tool, args: { i }, observed })}\n`;
    })
    .join("");
}

const seen = fc.record({
  tool: fc.constantFrom("a/x", "b/y", "c/z"),
  code: fc.constantFrom(null, "ARG_MISMATCH", "CALL_REPEATED"),
});
const work = { signal: new AbortController().signal, tell: () => undefined };

function recordingsOf(texts: readonly string[], bytes?: number): Recordings {
  return {
    list: async () => ({ ok: true, value: texts.map((text, i) => ({ name: `${i}.jsonl`, bytes: bytes ?? text.length })) }),
    read: async (name) => texts[Number.parseInt(name, 10)],
  };
}

describe("a report of recordings", () => {
  it("that are read one by one is the report of all of them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(seen, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), async (all) => {
        const texts = all.map(textOf);
        const runs: readonly ReportedRun[] = texts.map((text, i) => {
          const recorded = must(readRecorded(text));
          return { name: `${i}.jsonl`, recorded, verdicts: recorded.verdicts };
        });
        const whole = reportOf(runs);
        const found = await readObserved(recordingsOf(texts), work);
        expect(found.report).toEqual(whole);
        expect(found.left).toEqual({ large: 0, older: 0, unread: 0 });
        const middle = Math.floor(runs.length / 2);
        expect(joinReports(reportOf(runs.slice(0, middle)), reportOf(runs.slice(middle)))).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it("counts what it did not read: too large, too many, no traces", async () => {
    const one = textOf([{ tool: "a/x", code: null }]);
    expect((await readObserved(recordingsOf([one], recordingBytesMax + 1), work)).left).toEqual({
      large: 1,
      older: 0,
      unread: 0,
    });
    const many = Array.from({ length: recordingsMax + 5 }, () => one);
    expect((await readObserved(recordingsOf(many), work)).left).toEqual({ large: 0, older: 5, unread: 0 });
    const broken = await readObserved(recordingsOf([one, "no trace", one]), work);
    expect([broken.left.unread, broken.report.runs.all]).toEqual([1, 2]);
    await expect(
      readObserved({ list: async () => ({ ok: false, error: { kind: "unavailable" } }), read: async () => undefined }, work),
    ).rejects.toThrow("cannot be read");
  });
});

describe("the policies in force", () => {
  const firewall = createFirewall({ plans: [freezeDesk(deskPlan)], store: createMemoryStore() });
  const policy: Policy = {
    ...{ sluicePolicy: 1, name: "desk", readers: "closed", limits: { calls: 3 } },
    labels: { mail: { integrity: "untrusted", readers: [] } },
    flows: [{ id: "f", deny: ["mail"], to: "pay/*", approve: "human" }],
    sanitizers: [{ id: "s", labels: ["mail"], to: "pay/*", through: "clean/*" }],
    forbid: [{ id: "x", tools: "shell/*" }],
    constraints: [{ id: "c", tools: "pay/*", hold: { hosts: ["bank.example"] } }],
    approve: { effects: ["money"] },
    approval: { plans: { by: ["ada", "bob"], people: 2 } },
    peers: { "desk/*": "desk" },
  };

  it("bind the plans that they hold for, and say which plans none binds", () => {
    expect(policiesOf({ enforcer: firewall })).toMatchObject({ policies: [], unbound: [{ name: "refund-desk" }], planCount: 1 });
    const { policies, unbound } = policiesOf({ enforcer: firewall, policy: () => policy });
    expect(policies).toMatchObject([{ name: "desk", origins: ["today"], plans: [{ name: "refund-desk" }] }]);
    expect(unbound).toEqual([]);
  });

  it("have a line for each rule", () => {
    const rules = rulesOf(policy);
    expect(rules.map(({ kind }) => kind)).toEqual([
      ...["readers", "label", "flow", "sanitizer", "forbid", "constraint", "approve calls", "approve plans", "limits", "peer"],
    ]);
    expect(rules.find(({ kind }) => kind === "approve plans")?.says).toBe("2 of ada, bob");
    expect(rules.find(({ kind }) => kind === "flow")?.says).toBe("needs a person's approval: mail to pay/*");
  });
});
