/**
 * What every audit log does alike: one list of tests for SQLite, files of lines and PostgreSQL.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type AuditQuery, fits } from "../../src/audit/find.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { type AuditKind, type AuditRecord, auditKinds, noDigest, recordText } from "../../src/audit/record.ts";
import { auditFindScanMax } from "../../src/limits.ts";
import { must } from "./fixture.ts";

/** A place where a log can be opened again, or by another at the same time. */
export interface LogPlace {
  open(): Promise<AuditLog>;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** A record with what a test gives. */
export function recordOf(seq: number, given: Partial<AuditRecord> = {}): string {
  return recordText({ v: 1, seq, at: 1_000 + seq, kind: "config", facts: {}, values: {}, prev: noDigest, ...given });
}

/** Texts as agents, hosts and people make them: short, so that they meet, and with what databases stumble over. */
const word = fc.constantFrom("a", "b", "B", "say", "é", "É", "\u0000", "\u{1f600}", "~", '"', "\\", "{", "%", "_", "'", "İ", "K");

const recordParts = fc.record(
  {
    at: fc.constantFrom(-1, 0, 5, 5.5, 10, 1e21),
    kind: fc.constantFrom<AuditKind>("allow", "deny", "erase", "approve"),
    session: word,
    plan: word,
    tool: word,
    code: word,
    principal: word,
    node: word,
    facts: fc.oneof(
      fc.record({ by: word }),
      fc.record({ by: fc.integer() }),
      fc.record({ seq: fc.nat(9), kind: word, session: word, tool: word, at: fc.nat(9) }),
      fc.constant({ text: 'said "seq":3,"kind":"allow"', deep: { by: "a", at: 5 } }),
    ),
  },
  { requiredKeys: ["at", "kind", "facts"] },
);

const queries: fc.Arbitrary<AuditQuery> = fc.record(
  {
    kind: fc.uniqueArray(fc.constantFrom<AuditKind>("allow", "deny", "erase"), { maxLength: 2 }),
    session: word,
    plan: word,
    tool: word,
    code: word,
    principal: word,
    node: word,
    by: word,
    since: fc.constantFrom(-1, 5, 5.5, 11),
    until: fc.constantFrom(0, 5.5, 6, 1e21),
    text: fc.oneof(word, fc.constantFrom("SAY", '"tool":"', "", "deny", "é")),
    before: fc.nat(45),
    limit: fc.constantFrom(1, 2, 7, 500),
  },
  { requiredKeys: ["limit"] },
);

/** All pages of a query, one after the other. */
export async function allFound(log: AuditLog, query: AuditQuery): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let before = query.before; ; ) {
    const { records, scannedTo } = must(await log.find({ ...query, ...(before === undefined ? {} : { before }) }));
    expect(records.length).toBeLessThanOrEqual(query.limit);
    if (before !== undefined) expect(scannedTo).toBeLessThan(Math.max(1, before));
    for (const { record } of records) expect(record.seq).toBeGreaterThanOrEqual(scannedTo);
    texts.push(...records.map(({ text }) => text));
    if (scannedTo === 0) return texts;
    before = scannedTo;
  }
}

/** What differs from log to log. */
interface ContractOptions {
  /** Runs of each property. */
  readonly runs?: number;
  /** Whether two may append at the very same moment. */
  readonly isShared?: boolean;
}

/** The tests. `make` gives a place where nothing is yet. */
export function auditLogContract(make: () => Promise<LogPlace>, { runs = 100, isShared = true }: ContractOptions = {}): void {
  const places: LogPlace[] = [];
  const logs: AuditLog[] = [];
  const fresh = async (): Promise<{ readonly log: AuditLog; again(): Promise<AuditLog> }> => {
    const place = await make();
    places.push(place);
    const again = async (): Promise<AuditLog> => {
      const log = await place.open();
      logs.push(log);
      return log;
    };
    return { log: await again(), again };
  };
  const cleanUp = async (): Promise<void> => {
    for (const log of logs.splice(0)) await log.close();
    for (const place of places.splice(0)) await place.remove();
  };
  afterEach(cleanUp);

  describe("records", () => {
    it("gives back what was appended, in pages and after it is opened again", async () => {
      const { log, again } = await fresh();
      expect(must(await log.head())).toEqual({ size: 0 });
      const texts = Array.from({ length: 30 }, (_, seq) => recordOf(seq, { facts: { word: "É\u0000\u{1f600}'\"" } }));
      must(await log.append({ first: 0, records: texts.slice(0, 20), openings: [] }));
      must(await log.append({ first: 20, records: texts.slice(20), openings: [] }));
      for (const each of [log, await again()]) {
        expect(must(await each.head())).toEqual({ size: 30, last: texts[29] });
        expect(must(await each.read(0, 100))).toEqual(texts);
        expect(must(await each.read(7, 11))).toEqual(texts.slice(7, 18));
        expect(must(await each.read(30, 5))).toEqual([]);
      }
    });

    it("refuses to append anywhere but at the end, and keeps nothing of it", async () => {
      const { log } = await fresh();
      must(await log.append({ first: 0, records: [recordOf(0)], openings: [] }));
      for (const first of [0, 2]) {
        const opening = { seq: first, name: "event", sealed: "x" };
        const refused = await log.append({ first, records: [recordOf(first)], openings: [opening] });
        expect(refused).toEqual({ ok: false, error: { kind: "conflict" } });
      }
      expect(must(await log.head()).size).toBe(1);
      expect(must(await log.openings(0, 10))).toEqual([]);
    });

    it("refuses who has not seen what another appended, until it looks", async () => {
      const { log, again } = await fresh();
      const other = await again();
      const appended = async (to: AuditLog, first: number): Promise<string> => {
        const opening = { seq: first, name: "event", sealed: "x" };
        const done = await to.append({ first, records: [recordOf(first)], openings: [opening] });
        return done.ok ? "ok" : done.error.kind;
      };
      expect(await appended(log, 0)).toBe("ok");
      expect(await appended(other, 0)).toBe("conflict");
      expect(must(await other.head()).size).toBe(1);
      expect(await appended(other, 1)).toBe("ok");
      expect(await appended(log, 1)).toBe("conflict");
      expect(await appended(log, 2)).toBe("ok");
      expect(must(await other.read(0, 9))).toEqual([0, 1, 2].map((seq) => recordOf(seq)));
      expect(must(await other.openings(0, 9)).map(({ seq }) => seq)).toEqual([0, 1, 2]);
    });

    const atOnce = (): void =>
      it("lets one of two who append at the same place get on", async () => {
        const { log, again } = await fresh();
        const other = await again();
        for (let first = 0; first < 20; first++) {
          const both = [log, other].map((each) => each.append({ first, records: [recordOf(first)], openings: [] }));
          const kinds = (await Promise.all(both)).map((done) => (done.ok ? "ok" : done.error.kind));
          if (kinds.join() !== "ok,conflict") expect(kinds.join()).toBe("conflict,ok");
        }
        expect(must(await other.read(0, 100))).toEqual(Array.from({ length: 20 }, (_, seq) => recordOf(seq)));
      });
    if (isShared) atOnce();

    it("keeps openings by record and name, and gives those of a range in order", async () => {
      const { log } = await fresh();
      const openings = [0, 0, 2].map((seq, i) => ({ seq, name: `name${i}`, sealed: `sealed ${i} é` }));
      must(await log.append({ first: 0, records: [0, 1, 2].map((seq) => recordOf(seq)), openings }));
      expect(must(await log.openings(0, 3))).toEqual(openings);
      expect(must(await log.openings(1, 3))).toEqual(openings.slice(2));
      expect(must(await log.openings(0, 2))).toEqual(openings.slice(0, 2));
      expect(must(await log.openings(3, 9))).toEqual([]);
    });
  });

  describe("what is beside records", () => {
    it("keeps checkpoints in their order", async () => {
      const { log, again } = await fresh();
      for (const jws of ["one", "two", "two"]) must(await log.addCheckpoint(jws));
      expect(must(await (await again()).checkpoints())).toEqual(["one", "two", "two"]);
    });

    it("keeps the first text of a plan", async () => {
      const { log } = await fresh();
      const text = '{"é\\u0000":1}';
      must(await log.savePlan("sha256:ab", text));
      must(await log.savePlan("sha256:ab", text));
      expect(must(await log.loadPlan("sha256:ab"))).toBe(text);
      expect(must(await log.loadPlan("sha256:cd"))).toBeUndefined();
    });

    it("finds the key of a person by pseudonym and by index until it is deleted, and those of others after that", async () => {
      const { log, again } = await fresh();
      const keys = ["a", "b", "c"].map((name) => ({ subject: `s${name}`, index: `i${name}`, sealed: `sealed ${name}` }));
      for (const key of keys) must(await log.addKey(key));
      for (const key of keys) {
        expect(must(await log.key({ subject: key.subject }))).toEqual(key);
        expect(must(await log.key({ index: key.index }))).toEqual(key);
      }
      must(await log.deleteKey("sb"));
      must(await log.deleteKey("sb"));
      const other = await again();
      expect(must(await other.key({ subject: "sb" }))).toBeUndefined();
      expect(must(await other.key({ index: "ib" }))).toBeUndefined();
      expect(must(await other.key({ subject: "sa" }))).toEqual(keys[0]);
      expect(must(await other.key({ index: "ic" }))).toEqual(keys[2]);
    });

    it("refuses a second key of a person or of an index", async () => {
      const { log } = await fresh();
      must(await log.addKey({ subject: "sa", index: "ia", sealed: "x" }));
      for (const [subject, index] of [
        ["sa", "ib"],
        ["sb", "ia"],
      ] as const)
        expect(await log.addKey({ subject, index, sealed: "y" })).toEqual({ ok: false, error: { kind: "conflict" } });
      expect(must(await log.key({ index: "ib" }))).toBeUndefined();
      must(await log.deleteKey("sa"));
      must(await log.addKey({ subject: "sc", index: "ia", sealed: "z" }));
    });
  });

  describe("find", () => {
    it("gives, page by page, what a filter over all records gives, the newest first", async () => {
      const property = fc.asyncProperty(
        fc.array(recordParts, { maxLength: 40 }),
        fc.array(queries, { minLength: 1, maxLength: 12 }),
        async (all, asked) => {
          const { log } = await fresh();
          const records = all.map((parts, seq) => ({ v: 1, seq, values: {}, prev: noDigest, ...parts }) as AuditRecord);
          const texts = records.map(recordText);
          if (texts.length > 0) must(await log.append({ first: 0, records: texts, openings: [] }));
          for (const query of asked) {
            const expected = texts.filter((text, seq) => fits(query, records[seq] as AuditRecord, text)).reverse();
            expect(await allFound(log, query)).toEqual(expected);
          }
          await cleanUp();
        },
      );
      await fc.assert(property, { numRuns: runs });
    });

    it("looks at a bounded number of records for a page, and says where it ended", async () => {
      const { log } = await fresh();
      const size = auditFindScanMax + 2_000;
      const kindOf = (seq: number): AuditKind => (seq === 5 || seq === 6_000 ? "erase" : "allow");
      for (let first = 0; first < size; first += 1_000) {
        const records = Array.from({ length: 1_000 }, (_, i) => recordOf(first + i, { kind: kindOf(first + i) }));
        must(await log.append({ first, records, openings: [] }));
      }
      const first = must(await log.find({ text: '"ERASE"', limit: 10 }));
      expect(first.records.map(({ record }) => record.seq)).toEqual([6_000]);
      expect(first.scannedTo).toBe(2_000);
      const second = must(await log.find({ text: '"ERASE"', limit: 10, before: first.scannedTo }));
      expect(second).toMatchObject({ scannedTo: 0, records: [{ record: { seq: 5 } }] });
      const early = must(await log.find({ until: 1_006, limit: 1, before: 3_000 }));
      expect(early).toMatchObject({ scannedTo: 5, records: [{ record: { seq: 5 } }] });
      // However much is asked for: two kinds lie at two places of an index.
      const both = must(await log.find({ kind: ["erase", "deny"], limit: 10 }));
      expect(both).toMatchObject({ scannedTo: first.scannedTo, records: [{ record: { seq: 6_000 } }] });
    }, 60_000);
  });

  it("knows every kind of record", async () => {
    const { log } = await fresh();
    const records = auditKinds.map((kind, seq) => recordOf(seq, { kind }));
    must(await log.append({ first: 0, records, openings: [] }));
    for (const [seq, kind] of auditKinds.entries())
      expect(await allFound(log, { kind: [kind], limit: 3 })).toEqual([records[seq]]);
  });
}
