import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { readRecord, recordText } from "../../src/audit/record.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { type Audited, look, makeAudited, makeKey, traffic, must } from "./fixture.ts";
import { createCheckpointSigner } from "../../src/audit/checkpoint.ts";

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "sluice-audit-"));
}

/** A log whose records are read through a function. */
function through(log: AuditLog, change: (texts: readonly string[]) => readonly string[]): AuditLog {
  return {
    ...log,
    read: async (from, limit) => {
      const all = await log.read(0, 100_000);
      return all.ok ? { ok: true, value: change(all.value).slice(from, from + limit) } : all;
    },
  };
}

async function filled(log?: AuditLog): Promise<Audited> {
  const audited = await makeAudited(log === undefined ? {} : { log });
  for (let i = 0; i < 2; i++) {
    await traffic(audited);
    await audited.verify();
  }
  return audited;
}

const backends: readonly (readonly [string, () => Promise<AuditLog>])[] = [
  ["SQLite", async () => openSqliteAuditLog(":memory:")],
  ["files of lines", async () => openJsonlAuditLog(await folder(), { fileBytes: 3_000 })],
];

describe.each(backends)("a log of traffic in %s", (_, makeLog) => {
  it("verifies, and every verdict follows from what was recorded before it", async () => {
    const audited = await makeAudited({ log: await makeLog() });
    await traffic(audited);
    const found = await audited.verify();
    expect(found.faults).toEqual([]);
    expect(found).toMatchObject({ isValid: true, checkpoints: 1, signed: found.size, values: { erased: 0 } });
    expect(found.events).toMatchObject({ follows: 9, shared: 1, differs: 0, unrecorded: 0, unknown: 0, erased: 0, surface: 0 });
  });

  it("grows over many drains and checkpoints, also by a writer that begins anew", async () => {
    const audited = await makeAudited({ log: await makeLog() });
    for (let i = 0; i < 3; i++) {
      await traffic(audited);
      const found = await audited.verify();
      expect(found).toMatchObject({ isValid: true, checkpoints: i + 1, signed: found.size });
    }
    const later = await makeAudited({ log: audited.log, store: audited.store });
    later.clock.now = audited.clock.now + 60_000;
    await traffic(later);
    // Another process with another key: its checkpoints are not those that count here.
    expect(await look(audited)).toMatchObject({ isValid: true });
    const before = must(await audited.log.head()).size;
    must(await later.writer.drain());
    expect(must(await audited.log.head()).size).toBeGreaterThan(before);
  });

  it("gives pages of any size from any place", async () => {
    const { log } = await filled(await makeLog());
    const all = must(await log.read(0, 1_000));
    expect(all.length).toBe(must(await log.head()).size);
    for (const [from, limit] of [
      [0, 1],
      [5, 7],
      [3, 4],
      [7, 100],
      [all.length, 3],
      [0, 1_000],
    ] as const)
      expect(must(await log.read(from, limit))).toEqual(all.slice(from, from + limit));
    const kept = must(await log.openings(0, all.length));
    for (const [from, until] of [
      [4, 9],
      [9, 12],
      [0, 3],
      [2, all.length],
    ] as const)
      expect(must(await log.openings(from, until))).toEqual(kept.filter(({ seq }) => seq >= from && seq < until));
  });

  it("takes nothing that does not begin where it ends", async () => {
    const { log } = await filled(await makeLog());
    const { size } = must(await log.head());
    expect(await log.append({ first: size - 1, records: ["{}"], openings: [] })).toMatchObject({ error: { kind: "conflict" } });
    expect(await log.append({ first: size + 1, records: ["{}"], openings: [] })).toMatchObject({ error: { kind: "conflict" } });
    expect(must(await log.head()).size).toBe(size);
  });

  it("has no personal value in its records", async () => {
    const { log } = await filled(await makeLog());
    const text = must(await log.read(0, 1_000)).join("\n");
    for (const value of ["ada@", "bob@", "hello bob", "now the web", "k-4711", "nothing/such"]) expect(text).not.toContain(value);
  });

  it("still verifies when a person is erased, whose values nobody can open any more", async () => {
    const audited = await filled(await makeLog());
    const ada = must(await audited.subjects.find("ada@example.org"));
    expect(ada).toBeDefined();
    const before = await look(audited);
    await audited.store.note({ type: "erase", subject: ada?.id ?? "", at: audited.clock.now });
    const found = await audited.verify();
    expect(found).toMatchObject({ isValid: true, root: expect.not.stringMatching(before.root) });
    expect(found.values.erased).toBeGreaterThan(5);
    expect(found.events.erased).toBeGreaterThan(5);
    expect(found.events.follows).toBeGreaterThan(2);
    expect(must(await audited.subjects.find("ada@example.org"))).toBeUndefined();
  });
});

describe("a log that somebody changed", () => {
  it("is found out whatever is changed, dropped, put in or moved", async () => {
    const audited = await filled();
    const size = must(await audited.log.head()).size;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(size - 1),
        fc.nat(size - 1),
        fc.constantFrom("change", "drop", "insert", "swap"),
        async (a, b, how) => {
          fc.pre(how !== "swap" || a !== b);
          const log = through(audited.log, (texts) => {
            const all = [...texts];
            const [one = "", two = ""] = [all[a], all[b]];
            if (how === "change") all[a] = one.replace(/"at":(\d+)/, (_, at: string) => `"at":${Number(at) + 1}`);
            else if (how === "drop") all.splice(a, 1);
            else if (how === "insert") all.splice(a, 0, two);
            else [all[a], all[b]] = [two, one];
            return all;
          });
          const found = await look({ log, signer: audited.signer });
          expect(found.isValid).toBe(false);
          // The place is named: of the record, or of the one that follows it.
          const first = Math.min(...found.faults.flatMap(({ seq }) => (seq === undefined ? [] : [seq])), size);
          expect(first).toBeLessThanOrEqual((how === "swap" ? Math.min(a, b) : a) + 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is found out by the signature if all of it was chained anew", async () => {
    const audited = await filled();
    const { recordDigest, noDigest } = await import("../../src/audit/record.ts");
    const log = through(audited.log, (texts) => {
      let prev = noDigest;
      return texts.map((text) => {
        const record = readRecord(text);
        const made = record === undefined ? text : recordText({ ...record, prev, at: record.at + 1 });
        prev = recordDigest(made);
        return made;
      });
    });
    const found = await look({ log, signer: audited.signer });
    expect(found.faults.map(({ kind }) => kind)).toContain("checkpoint");
  });

  it("is found out when its end is cut off, by the last checkpoint or by a witness", async () => {
    const audited = await filled();
    const witness = must(await audited.log.checkpoints()).at(-1);
    const cut = through(audited.log, (texts) => texts.slice(0, -2));
    expect((await look({ log: cut, signer: audited.signer })).faults.map(({ kind }) => kind)).toEqual(["truncated"]);
    const none: AuditLog = { ...cut, checkpoints: async () => ({ ok: true, value: [] }) };
    expect((await look({ log: none, signer: audited.signer })).isValid).toBe(true);
    expect((await look({ log: none, signer: audited.signer }, { witness })).faults.map(({ kind }) => kind)).toEqual([
      "truncated",
    ]);
  });

  it("is not believed with a key that nobody gave", async () => {
    const audited = await filled();
    const other = await createCheckpointSigner(await makeKey());
    expect((await look({ log: audited.log, signer: other })).faults.map(({ kind }) => kind)).toEqual([
      "checkpoint",
      "checkpoint",
    ]);
  });
});

describe("a person's key", () => {
  it("does not go without a record that says so, and is not there after one", async () => {
    const audited = await filled();
    const ada = must(await audited.subjects.find("ada@example.org"));
    const key = must(await audited.log.key({ subject: ada?.id ?? "" }));
    must(await audited.log.deleteKey(ada?.id ?? ""));
    expect((await look(audited)).faults.map(({ kind }) => kind)).toEqual(["key"]);
    await audited.store.note({ type: "erase", subject: ada?.id ?? "", at: audited.clock.now });
    expect((await audited.verify()).faults).toEqual([]);
    if (key !== undefined) must(await audited.log.addKey(key));
    expect((await look(audited)).faults.map(({ kind }) => kind)).toEqual(["key"]);
  });
});

describe("an erasure while a log is verified", () => {
  /** A log of which somebody is erased once it was read to its end: the key goes, and its record is there `late` reads later. */
  async function erasing(late: number): Promise<{ readonly audited: Audited; readonly log: AuditLog }> {
    const audited = await filled();
    const ada = must(await audited.subjects.find("ada@example.org"));
    let ends = 0;
    const read: AuditLog["read"] = async (from, limit) => {
      if (from === 0 && late > 0) must(await audited.log.deleteKey(ada?.id ?? ""));
      if (from > 0 && ends++ === late) {
        await audited.store.note({ type: "erase", subject: ada?.id ?? "", at: audited.clock.now });
        await audited.verify({ keys: [] });
      }
      return audited.log.read(from, limit);
    };
    return { audited, log: { ...audited.log, read } };
  }

  it.each([0, 1, 2])("is no fault, although the record of it comes %i reads after the end", async (late) => {
    const { audited, log } = await erasing(late);
    const found = await look({ log, signer: audited.signer });
    expect(found.faults.filter(({ kind }) => kind === "key")).toEqual([]);
    expect((await look(audited)).faults).toEqual([]);
  });

  it("is taken from no record that is not chained to what was read", async () => {
    const audited = await filled();
    const ada = must(await audited.subjects.find("ada@example.org"));
    must(await audited.log.deleteKey(ada?.id ?? ""));
    const { size } = must(await audited.log.head());
    const facts = { subject: ada?.id ?? "" };
    const forged = recordText({ v: 1, seq: size, at: 1, kind: "erase", facts, values: {}, prev: "0".repeat(64) });
    let ends = 0;
    const read: AuditLog["read"] = async (from, limit) =>
      from === size && ends++ > 0 ? { ok: true, value: [forged] } : audited.log.read(from, limit);
    expect((await look({ log: { ...audited.log, read }, signer: audited.signer })).faults.map(({ kind }) => kind)).toEqual([
      "key",
    ]);
  });
});

describe("a verdict that does not follow", () => {
  it("is named: a denial that was recorded as an allow, and an allow that nobody decided", async () => {
    const audited = await makeAudited();
    const { session, token } = await audited.open();
    await audited.call(token, "quotes");
    const loaded = must(await audited.store.load(session, 0));
    const allow = loaded.entries.find(({ event }) => event.type === "allow");
    const call = { tool: "shop/say", args: '{"text":"the web is in it"}' };
    // Whoever has the store can commit what was never decided.
    const event = { ...(allow?.event as object), run: 1, node: "say", at: audited.clock.now } as never;
    must(await audited.store.commit(session, loaded.version, { entries: [{ event, facts: { call } }] }));
    const found = await audited.verify();
    expect(found.faults).toMatchObject([{ kind: "verdict" }]);
    expect(found.faults[0]?.message).toContain("(allow) does not follow");
  });
});

describe("any byte of the files", () => {
  it("belongs to the log and is missed, or the log reads as before", async () => {
    const path = await folder();
    const audited = await filled(await openJsonlAuditLog(path, { fileBytes: 3_000 }));
    const files = (await readdir(path, { recursive: true })).filter((name) => /\.(jsonl|txt|json)$/.test(name));
    expect(files.length).toBeGreaterThan(6);
    const originals = await Promise.all(files.map((name) => readFile(join(path, name))));
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, place, mask) => {
        const [name = "", bytes = Buffer.alloc(0)] = [files[which], originals[which]];
        const changed = Buffer.from(bytes);
        const at = place % changed.length;
        changed[at] = (changed[at] ?? 0) ^ mask;
        await writeFile(join(path, name), changed);
        const found = await look({ log: await openJsonlAuditLog(path, { readOnly: true }), signer: audited.signer });
        await writeFile(join(path, name), bytes);
        expect([name, at, found.isValid]).toEqual([name, at, false]);
      }),
      { numRuns: 70 },
    );
    expect((await look({ log: await openJsonlAuditLog(path, { readOnly: true }), signer: audited.signer })).isValid).toBe(true);
  }, 60_000);

  it("of SQLite are missed too, or hold nothing of the log", async () => {
    const path = join(await folder(), "audit.db");
    const audited = await filled(openSqliteAuditLog(path));
    await audited.log.close();
    new DatabaseSync(path).exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    const original = await readFile(path);
    const before = contentOf(path);
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Buffer.from(original);
        changed[at] = (changed[at] ?? 0) ^ mask;
        await writeFile(path, changed);
        const verdict = await verdictOn(path, audited);
        await writeFile(path, original);
        if (verdict === "found") found += 1;
        else expect([at, verdict]).toEqual([at, before]);
      }),
      { numRuns: 100 },
    );
    expect(found).toBeGreaterThan(40);
  }, 60_000);
});

/** `found`, or all that the file holds. */
async function verdictOn(path: string, audited: Audited): Promise<string> {
  let log: AuditLog | undefined;
  try {
    log = openSqliteAuditLog(path);
    const found = await look({ log, signer: audited.signer });
    return found.isValid ? contentOf(path) : "found";
  } catch {
    return "found";
  } finally {
    await log?.close().catch(() => undefined);
  }
}

function contentOf(path: string): string {
  const db = new DatabaseSync(path);
  try {
    const tables = ["records", "openings", "checkpoints", "plans", "subjects"];
    return JSON.stringify(tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all()));
  } finally {
    db.close();
  }
}
