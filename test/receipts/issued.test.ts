/**
 * Where receipts were issued is found by their ids, for as long as sessions are kept, and is nobody's way to anything else.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findIssued, issuedKind, type IssuedReceipt, issuedRecord } from "../../src/receipts/issued.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { retentionDefault, sweep } from "../../src/stores/retention.ts";
import { runThreeAgents } from "../dashboard/three-agents.ts";

const day = 86_400_000;
const receipt = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 });
const issued: fc.Arbitrary<IssuedReceipt> = fc.record({
  receipt,
  session: fc.string({ minLength: 1, maxLength: 20 }),
  version: fc.nat(1_000),
  purpose: fc.constantFrom("request" as const, "response" as const),
  at: fc.integer({ min: 400 * day, max: 30_000 * day }),
});

describe("where a receipt was issued", () => {
  it("is found from any moment of the year after it, and from none before it", async () => {
    await fc.assert(
      fc.asyncProperty(issued, fc.integer({ min: 0, max: 364 * day }), receipt, async (one, later, other) => {
        const store = createMemoryStore();
        expect((await store.writeRecord(issuedRecord(one))).ok).toBe(true);
        expect(await findIssued(store, one.receipt, one.at + later)).toEqual(one);
        expect(await findIssued(store, one.receipt, one.at - 15 * day)).toBeUndefined();
        if (other !== one.receipt) expect(await findIssued(store, other, one.at + later)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("is asked of the store for ids alone, whatever another agent calls a receipt", async () => {
    let asked = 0;
    const store = {
      record: async (): Promise<never> => {
        asked += 1;
        throw new Error("asked");
      },
    };
    for (const id of ["", "x".repeat(32), "../../approval", `${"0".repeat(31)}\n`, "0".repeat(33)])
      expect(await findIssued(store, id, 1e12)).toBeUndefined();
    expect(await findIssued(store, "0".repeat(32), Number.NaN)).toBeUndefined();
    expect(asked).toBe(0);
  });

  it("is forgotten with the sessions, and not before", async () => {
    const store = createMemoryStore();
    const at = 20_000 * day;
    const one: IssuedReceipt = { receipt: "a".repeat(32), session: "s", version: 2, purpose: "request", at };
    await store.writeRecord(issuedRecord(one));
    await sweep(store, retentionDefault, { now: at + 30 * day });
    expect(await findIssued(store, one.receipt, at)).toEqual(one);
    const swept = await sweep(store, retentionDefault, { now: at + 38 * day });
    expect(swept).toMatchObject({ ok: true, value: { sessions: 0, isDone: true } });
    expect(await findIssued(store, one.receipt, at)).toBeUndefined();
  });

  it("is kept with the allow of a call to another agent: its session, its run, and nothing of a value", async () => {
    const { stores, sessions } = await runThreeAgents({ isShared: true });
    const records = await stores.bank.records(issuedKind, { limit: 10 });
    const values = records.ok ? records.value.map(({ value }) => value) : [];
    expect(values.map(({ session, run, purpose }) => [session, run, purpose])).toEqual(
      expect.arrayContaining([
        [sessions.reader, 2, "request"],
        [sessions.desk, 0, "request"],
      ]),
    );
    expect(values).toHaveLength(2);
    expect(Object.keys(values[0] ?? {}).sort()).toEqual(["at", "purpose", "run", "session", "version"]);
  });
});
