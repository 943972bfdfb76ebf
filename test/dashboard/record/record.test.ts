import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCheckpointSigner } from "../../../src/audit/checkpoint.ts";
import { readRecord } from "../../../src/audit/record.ts";
import { createSubjects } from "../../../src/audit/subjects.ts";
import { verifyAudit } from "../../../src/audit/verify.ts";
import type { AuditAccess } from "../../../src/dashboard/record/access.ts";
import { oneRecord } from "../../../src/dashboard/record/one-record.ts";
import { createDisclosures } from "../../../src/dashboard/record/openings.ts";
import { pacedLog } from "../../../src/dashboard/record/paced.ts";
import { askedAgain, readAsked, readTime, searchLog } from "../../../src/dashboard/record/search.ts";
import { lastSigned } from "../../../src/dashboard/record/signed.ts";
import { countKept, erasePerson, standingOf } from "../../../src/dashboard/record/subject.ts";
import { createTasks } from "../../../src/dashboard/record/tasks.ts";
import { href } from "../../../src/dashboard/shell/href.ts";
import { openedMs, stepRecordsMax } from "../../../src/dashboard/record/bounds.ts";
import { systemRandom } from "../../../src/surfaces/random.ts";
import { type Audited, makeAudited, makeKey, master, must, traffic } from "../../audit/fixture.ts";

function accessOf({ log, signer }: Audited, hasMaster = true): AuditAccess {
  const subjects = (): ReturnType<typeof createSubjects> => createSubjects(log, master, systemRandom);
  return { log, keys: [signer.publicKey], ...(hasMaster ? { subjects } : {}) };
}

async function filled(): Promise<Audited> {
  const audited = await makeAudited();
  await traffic(audited);
  must(await audited.writer.drain());
  must(await audited.writer.checkpoint());
  return audited;
}

/** All records of a log. */
async function all({ log }: Audited): Promise<readonly NonNullable<ReturnType<typeof readRecord>>[]> {
  return must(await log.read(0, 10_000)).flatMap((text) => readRecord(text) ?? []);
}

describe("what was asked of the search", () => {
  it("comes back from the address that asks the same", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((each) => each.trim() === each);
    fc.assert(
      fc.property(text, text, fc.subarray(["allow", "deny", "erase", "judge-amend"]), fc.nat(), (words, tool, kinds, before) => {
        const asked = readAsked(new URLSearchParams([["text", words], ["tool", tool], ...kinds.map((kind) => ["kind", kind])]));
        expect(asked.problems).toEqual([]);
        const url = new URL(href("/audit", {}, askedAgain(asked, before)), "http://host");
        expect(readAsked(url.searchParams)).toEqual({
          ...asked,
          fields: { ...asked.fields, before: String(before) },
          query: { ...asked.query, before },
        });
      }),
    );
  });

  it.each([
    ["since", "yesterday"],
    ["until", "2026-02-30"],
    ["kind", "allow,permit"],
    ["before", "-1"],
    ["text", "x".repeat(501)],
  ])("is refused where %s cannot be read, and never searched wider", async (field, value) => {
    const { problems, query } = readAsked(new URLSearchParams([[field, value]]));
    expect(problems).toMatchObject([{ field }]);
    expect(query).not.toHaveProperty(field);
  });

  it("reads times as people write them, in UTC", () => {
    const noon = 1_795_608_000_000;
    expect(readTime("2026-11-25")).toBe(noon - 43_200_000);
    for (const text of ["2026-11-25T12:00", "2026-11-25 12:00", "2026-11-25T12:00:00", "2026-11-25T13:00:00+01:00"])
      expect(readTime(text)).toBe(noon);
    expect(readTime("2026-11-31")).toBeUndefined();
  });
});

describe("the search", () => {
  it("finds the newest first, and all of them over its pages", async () => {
    const audited = await filled();
    for (let i = 0; i < 6; i++) await traffic(audited);
    must(await audited.writer.drain());
    const { query } = readAsked(new URLSearchParams("kind=allow,deny,settle"));
    const seqs: number[] = [];
    let before: number | undefined;
    for (let pages = 0; pages < 50; pages++) {
      const found = must(await searchLog(audited.log, before === undefined ? query : { ...query, before }));
      seqs.push(...found.rows.map(({ seq }) => seq));
      before = found.older;
      if (before === undefined) break;
    }
    const wanted = (await all(audited)).filter(({ kind }) => ["allow", "deny", "settle"].includes(kind)).map(({ seq }) => seq);
    expect(seqs).toEqual([...wanted].reverse());
  });
});

describe("one record", () => {
  it("is chained on both sides, signed, and beside others of its session", async () => {
    const audited = await filled();
    const records = await all(audited);
    const { seq } = records.find(({ kind }) => kind === "settle") ?? { seq: -1 };
    const one = must(await oneRecord(accessOf(audited), seq, { opens: false }));
    expect(one).toMatchObject({ seq, chainedBefore: true, chainedAfter: true, inclusion: { state: "signed" } });
    const own = records.filter(({ session }) => session === records[seq]?.session).map((record) => record.seq);
    expect([one?.previous, one?.next]).toEqual([own[own.indexOf(seq) - 1], own[own.indexOf(seq) + 1]]);
    expect(one?.values.length).toBeGreaterThan(0);
    expect(one?.values.every(({ state, value }) => state === "sealed" && value === undefined)).toBe(true);
  });

  it("shows that it, or the one after it, was changed", async () => {
    const audited = await filled();
    const { log } = audited;
    const changed: AuditAccess["log"] = {
      ...log,
      read: async (from, limit) => {
        const page = await log.read(from, limit);
        return page.ok
          ? { ok: true, value: page.value.map((text, i) => (from + i === 4 ? text.replace(/"at":\d/, '"at":9') : text)) }
          : page;
      },
    };
    const access = { ...accessOf(audited), log: changed };
    expect(must(await oneRecord(access, 4, { opens: false }))).toMatchObject({
      chainedAfter: false,
      inclusion: { state: "changed" },
    });
    expect(must(await oneRecord(access, 5, { opens: false }))).toMatchObject({ chainedBefore: false });
    expect(must(await oneRecord(access, 3, { opens: false }))).toMatchObject({ chainedBefore: true });
  });

  it("is not there beyond the end, and not signed after the last checkpoint", async () => {
    const audited = await filled();
    const size = must(await audited.log.head()).size;
    for (const seq of [-1, size, Number.NaN, 1.5])
      expect(must(await oneRecord(accessOf(audited), seq, { opens: true }))).toBeUndefined();
    await traffic(audited);
    must(await audited.writer.drain());
    expect(must(await oneRecord(accessOf(audited), size, { opens: false }))?.inclusion).toEqual({ state: "unsigned" });
    const none = { ...accessOf(audited), keys: [] };
    expect(must(await oneRecord(none, 1, { opens: false }))?.inclusion).toEqual({ state: "keys" });
  });

  it("opens values that are what was committed, and says where they are not", async () => {
    const audited = await filled();
    const open = (await all(audited)).find(({ kind }) => kind === "open");
    const seq = open?.seq ?? -1;
    const one = must(await oneRecord(accessOf(audited), seq, { opens: true }));
    expect(one?.values.find(({ name }) => name === "event")).toMatchObject({ state: "open", value: { type: "open" } });
    const { log } = audited;
    const swapped: AuditAccess["log"] = {
      ...log,
      openings: async (from, until) => {
        const kept = await log.openings(from, until);
        const [first, second] = kept.ok ? kept.value : [];
        return kept.ok && first !== undefined && second !== undefined
          ? { ok: true, value: [{ ...first, sealed: second.sealed }, second] }
          : kept;
      },
    };
    const other = must(await oneRecord({ ...accessOf(audited), log: swapped }, seq, { opens: true }));
    expect(other?.values.map(({ state }) => state).sort()).toEqual(["broken", "open"]);
    const keyless = must(await oneRecord(accessOf(audited, false), seq, { opens: true }));
    expect(keyless?.values.every(({ state, value }) => state === "keyless" && value === undefined)).toBe(true);
  });
});

describe("who has opened which values", () => {
  it("may see those of one record, for a while, and nobody else may", () => {
    const clock = { now: 1_000 };
    const disclosures = createDisclosures(() => clock.now);
    disclosures.open("token:ada", 7);
    expect(disclosures.until("token:ada", 7)).toBe(1_000 + openedMs);
    for (const [person, seq] of [
      ["token:ada", 8],
      ["oidc:ada", 7],
      ["token:bob", 7],
    ] as const)
      expect(disclosures.until(person, seq)).toBeUndefined();
    clock.now += openedMs;
    expect(disclosures.until("token:ada", 7)).toBeUndefined();
    disclosures.open("token:ada", 7);
    disclosures.close("token:ada", 7);
    expect(disclosures.until("token:ada", 7)).toBeUndefined();
  });
});

describe("a person", () => {
  const work = { signal: new AbortController().signal, tell: () => undefined };

  it("is counted, erased, and gone from values, with a log that verifies", async () => {
    const audited = await filled();
    const access = accessOf(audited);
    const { token } = await audited.open("Ada Lovelace");
    await audited.call(token, "shop/search", { q: "a" });
    must(await audited.writer.drain());
    const person = must(await audited.subjects.find("Ada Lovelace"));
    if (person === undefined) throw new Error("she is in the log");
    const records = (await all(audited)).filter(({ principal }) => principal === person.id);
    const kept = await countKept(audited.log, person.id, work);
    expect(kept).toMatchObject({
      records: records.length,
      values: records.reduce((sum, { values }) => sum + Object.keys(values).length, 0),
      sessions: 1,
    });
    expect(kept.kinds.reduce((sum, { count }) => sum + count, 0)).toBe(kept.records);

    const note = async (subject: string): Promise<boolean> =>
      (await audited.store.note({ type: "erase", subject, by: "root", at: audited.clock.now })).ok;
    const asking = { subject: person.id, note };
    const options = { waitMs: 300 };
    expect(await erasePerson(access, { ...asking, name: "ada lovelace" }, options)).toEqual({ ok: false, error: "name" });
    expect(await erasePerson({ log: access.log, keys: [] }, { ...asking, name: "Ada Lovelace" }, options)).toMatchObject({
      error: "keyless",
    });
    const deaf = { ...asking, name: "Ada Lovelace", note: async () => false };
    expect(await erasePerson(access, deaf, options)).toMatchObject({ error: "unavailable" });
    expect(must(await standingOf(access, person.id))).toEqual({ state: "there" });

    expect(await erasePerson(access, { ...asking, name: "Ada Lovelace" }, options)).toEqual({ ok: true, value: "waiting" });
    must(await audited.writer.drain());
    const after = must(await standingOf(access, person.id));
    expect(after).toMatchObject({ state: "erased" });
    expect((await all(audited))[after?.record ?? -1]).toMatchObject({ kind: "erase", facts: { subject: person.id, by: "root" } });
    expect(await erasePerson(access, { ...asking, name: "Ada Lovelace" }, options)).toMatchObject({ error: "unknown" });
    const one = must(await oneRecord(access, records[0]?.seq ?? -1, { opens: true }));
    expect(one?.values.map(({ state, value }) => [state, value])).toEqual(one?.values.map(() => ["erased", undefined]));
    expect(await audited.verify()).toMatchObject({ isValid: true });
  });

  it("is not the log itself, whose key has no name", async () => {
    const audited = await filled();
    must(await audited.subjects.of(""));
    const nobody = must(await audited.subjects.find(""));
    const erasing = { subject: nobody?.id ?? "", name: "", note: async () => true };
    expect(await erasePerson(accessOf(audited), erasing, { waitMs: 1 })).toMatchObject({ error: "name" });
  });

  it("is unknown by any other text than a pseudonym that the log has", async () => {
    const audited = await filled();
    for (const text of ["", "Ada", "../x", `s${"0".repeat(24)}`, `s${"A".repeat(24)}`])
      expect(must(await standingOf(accessOf(audited), text))).toBeUndefined();
  });
});

describe("long readings", () => {
  it("go in short steps with rests between, tell how far they are, and stop", async () => {
    const audited = await filled();
    for (let i = 0; i < 20; i++) await traffic(audited);
    must(await audited.writer.drain());
    const { size } = must(await audited.log.head());
    expect(size).toBeGreaterThan(2 * stepRecordsMax);
    const told: number[] = [];
    let rests = 0;
    const timer = setInterval(() => (rests += 1), 0);
    const log = pacedLog(audited.log, { onRead: (done) => told.push(done) });
    const found = must(await verifyAudit(log, { keys: [audited.signer.publicKey], subjects: audited.subjects }));
    clearInterval(timer);
    expect(found).toMatchObject({ isValid: true, size });
    expect(told).toContain(size);
    expect(rests).toBeGreaterThanOrEqual(size / stepRecordsMax - 1);
    const stop = new AbortController();
    const stopped = pacedLog(audited.log, { signal: stop.signal, onRead: () => stop.abort() });
    expect(await verifyAudit(stopped, { keys: [] })).toMatchObject({ ok: false, error: { detail: "stopped" } });
  });

  it("are one of a kind at a time, and what they found is kept", async () => {
    const tasks = createTasks({ clock: () => 5, random: systemRandom });
    let end: (value: number) => void = () => undefined;
    const ended = new Promise<number>((resolve) => {
      end = resolve;
    });
    const task = tasks.begin({ kind: "count", by: "ada" }, () => ended);
    expect(tasks.begin({ kind: "count", by: "bob" }, async () => 2).id).toBe(task.id);
    const failing = tasks.begin({ kind: "other", by: "bob" }, async () => {
      throw new RangeError("a library's text");
    });
    end(7);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(tasks.find(task.id)).toMatchObject({ state: "done", value: 7, by: "ada", ended: 5 });
    expect(tasks.find(failing.id)).toMatchObject({ state: "failed", why: "a fault of ours" });
    expect(tasks.begin({ kind: "count", by: "bob" }, async () => 2).id).not.toBe(task.id);
    const endless = tasks.begin(
      { kind: "endless", by: "bob" },
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    tasks.stop(endless.id);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(tasks.find(endless.id)).toMatchObject({ state: "stopped" });
  });
});

describe("the last checkpoint that counts", () => {
  it("is signed by a key given, and nobody else's stands for it", async () => {
    const audited = await filled();
    const access = accessOf(audited);
    const own = must(await lastSigned(access));
    expect(own).toMatchObject({ number: 1, count: 1 });
    if (own === undefined) throw new Error("it was signed");
    const other = await createCheckpointSigner(await makeKey());
    must(await audited.log.addCheckpoint(await other.sign({ ...own.checkpoint, size: own.checkpoint.size + 1 })));
    expect(must(await lastSigned(access))).toMatchObject({ number: 1, count: 2, checkpoint: own.checkpoint });
    expect(must(await lastSigned({ log: access.log, keys: [] }))).toBeUndefined();
  });
});
