/**
 * Laws of reports, over random histories of a desk: what a row cites says what the row says, counts are those of the records, and every label that
 * a record says was carried is told.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditQuery } from "../../../src/audit/find.ts";
import { type AuditKind, type AuditRecord, noteKinds, readRecord } from "../../../src/audit/record.ts";
import type { Cites, Report } from "../../../src/audit/report/form.ts";
import { isReport } from "../../../src/audit/report/form.ts";
import type { AuditLog } from "../../../src/audit/log.ts";
import { member } from "../../../src/json/value.ts";
import { type Audited, must } from "../fixture.ts";
import { askRefund, deskPlan, makeDesk, mapping, reported } from "./fixture.ts";

const people = ["ada", "bob", "eve"] as const;

type Act =
  | { readonly act: "session"; readonly who: number; readonly opens: boolean }
  | { readonly act: "search" | "customer" | "answer" | "note" | "nothing"; readonly who: number; readonly fits: boolean }
  | { readonly act: "refund"; readonly who: number; readonly answer: "approve" | "deny" | "wait" }
  | { readonly act: "tell"; readonly kind: (typeof noteKinds)[number]; readonly by: string }
  | { readonly act: "pause" };

const who = fc.nat({ max: people.length - 1 });
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: fc.constant("session"), who, opens: fc.boolean() }) },
    {
      weight: 12,
      arbitrary: fc.record({ act: fc.constantFrom("search", "customer", "answer", "note", "nothing"), who, fits: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.record({ act: fc.constant("refund"), who, answer: fc.constantFrom("approve", "deny", "wait") }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant("tell"),
        kind: fc.constantFrom(...noteKinds.filter((kind) => kind !== "erase")),
        by: fc.constantFrom("root", "grace o'neil; rm -rf"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("pause") }) },
  ) as fc.Arbitrary<Act>,
  { minLength: 5, maxLength: 40 },
);

async function play(desk: Audited, list: readonly Act[]): Promise<void> {
  const open = new Map<string, { readonly token: string; readonly session: string }>();
  const tokenOf = async (index: number): Promise<string> => {
    const name = people[index] as string;
    const session = open.get(name) ?? (await desk.open(name));
    open.set(name, session);
    return session.token;
  };
  for (const each of list) {
    desk.clock.now += each.act === "pause" ? 60_000 : 10;
    if (each.act === "tell") must(await desk.store.note({ type: each.kind, by: each.by, what: "x", at: desk.clock.now }));
    else if (each.act === "refund") await refund(desk, await tokenOf(each.who), each.answer);
    else if (each.act === "session") {
      const name = people[each.who] as string;
      const session = open.get(name);
      open.delete(name);
      if (each.opens) open.set(name, await desk.open(name));
      else if (session !== undefined) await desk.firewall.close(session.session);
    } else if (each.act !== "pause") await call(desk, await tokenOf(each.who), each);
  }
}

async function call(
  desk: Audited,
  token: string,
  { act, fits }: { readonly act: string; readonly fits: boolean },
): Promise<void> {
  if (act === "search") await desk.call(token, "web/search", { query: "q" }, fits ? { hits: 1 } : new Error("down"));
  if (act === "customer") await desk.call(token, "crm/customer", {}, { email: "kim@example.org", plan: fits ? "pro" : "gold" });
  if (act === "answer") await desk.call(token, "mail/send", { body: "b" });
  if (act === "note") await desk.call(token, "crm/note", { text: "t" });
  if (act === "nothing") await desk.call(token, "none/such", { a: 1 });
}

async function refund(desk: Audited, token: string, then: "approve" | "deny" | "wait"): Promise<void> {
  const id = await askRefund(desk, token).catch(() => undefined);
  if (id === undefined || then === "wait") return;
  await desk.firewall.approve(id, { by: "grace", decision: then });
  const released = then === "approve" ? await desk.firewall.release(token, id) : undefined;
  if (released?.allow) await desk.firewall.settle(released.permit, { value: { ok: true } });
}

async function recordsOf(log: AuditLog): Promise<readonly AuditRecord[]> {
  return must(await log.read(0, 10_000)).flatMap((text) => readRecord(text) ?? []);
}

/** Whether each record that rows cite is one of what the row says, by section. */
function wrongCitations(report: Report, records: readonly AuditRecord[]): readonly string[] {
  const wrong: string[] = [];
  const each = (name: string, cites: Cites, says: (record: AuditRecord) => boolean): void => {
    if (cites.seqs.length > cites.count || new Set(cites.seqs).size !== cites.seqs.length)
      wrong.push(`${name}: ${cites.count} by ${cites.seqs}`);
    if (cites.count > 0 && cites.seqs.length === 0) wrong.push(`${name}: nothing cited`);
    for (const seq of cites.seqs) {
      const record = records[seq];
      if (record?.seq !== seq || !says(record)) wrong.push(`${name}: ${seq} is ${JSON.stringify(record)}`);
      if (!report.records.some((one) => one.seq === seq)) wrong.push(`${name}: ${seq} is not among the records cited`);
    }
  };
  const isCall = ({ kind }: AuditRecord): boolean => kind === "allow" || kind === "release";
  for (const row of report.activities) each("activity", row.cites, ({ plan }) => plan === row.plan);
  for (const { plan, to, from, cites, sources } of report.flows) {
    each("flow", cites, (record) => isCall(record) && record.plan === plan && record.node === to.node);
    each("source", sources, ({ kind, node }) =>
      from.kind === "tool" ? (kind === "settle" || kind === "error") && node === from.node : kind === "open",
    );
    // Each call that is cited has a source before it in its own session.
    for (const seq of cites.seqs) {
      const { session } = records[seq] as AuditRecord;
      const isBefore = ({ seq: at, session: of, node, kind }: AuditRecord): boolean =>
        of === session && at < seq && (from.kind === "tool" ? node === from.node && kind !== "allow" : kind === "open");
      if (!records.some(isBefore)) wrong.push(`flow: ${seq} has no source before it`);
    }
  }
  for (const row of report.disclosures ?? [])
    each(
      "disclosure",
      row.cites,
      (record) => isCall(record) && record.tool === row.recipient.tool && record.session === row.session,
    );
  for (const row of report.holds) {
    const [first] = row.cites.seqs;
    const id = records[first ?? -1]?.facts.hold;
    each("hold", row.cites, ({ facts }) => facts.hold === id || facts.voids === id);
    if (records[first ?? -1]?.kind !== "hold") wrong.push("hold: does not begin with one");
  }
  for (const row of report.approvers)
    each("approver", row.cites, ({ kind, facts }) => (kind === "approve" || kind === "refuse") && facts.by === row.by);
  for (const row of report.safeguards)
    each(
      "safeguard",
      row.cites,
      (record) => record.node === row.node && (row.kind === "sanitizer" ? record.facts.valid === true : true),
    );
  for (const row of report.refusals)
    each(
      "refusal",
      row.cites,
      ({ kind, code, tool = null, node = null }) =>
        kind === "deny" && code === row.code && tool === row.tool && node === row.node,
    );
  for (const row of report.acts) each("act", row.cites, ({ kind, facts }) => kind === row.kind && facts.by === row.by);
  return wrong;
}

/** Every label that a record says an argument carried, and which one source alone can have brought, as flows ought to tell it. */
function untold(report: Report, records: readonly AuditRecord[]): readonly string[] {
  const sourceOf = { customer_data: "customer", web: "search" } as const;
  return records.flatMap(({ kind, node, facts, seq }) => {
    if (kind !== "allow" && kind !== "release") return [];
    const carried = Object.entries((facts.carried ?? {}) as { readonly [arg: string]: readonly string[] });
    return carried.flatMap(([arg, labels]) =>
      labels.flatMap((label) => {
        const source = member(sourceOf, label) as string | undefined;
        if (source === undefined) return [];
        const isTold = report.flows.some(
          ({ from, to }) =>
            from.node === source &&
            to.node === node &&
            to.arguments.includes(arg) &&
            from.categories.some((one) => one.label === label),
        );
        return isTold ? [] : [`record ${seq}: ${label} in ${arg} of ${node}`];
      }),
    );
  });
}

const sum = (list: readonly number[]): number => list.reduce((all, each) => all + each, 0);

describe("every row of a report", () => {
  it("cites records that say what it says, counts what the records count, and leaves out no label that was carried", async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.boolean(), async (list, isOfOne) => {
        const desk = await makeDesk();
        await play(desk, list);
        await desk.verify();
        const records = await recordsOf(desk.log);
        const isKnown = must(await desk.subjects.find("ada")) !== undefined;
        const subject = isOfOne && isKnown ? { subject: "ada" } : {};
        const report = await reported(desk, { mapping, ...subject });
        expect(isReport(report)).toBe(true);
        expect(report.integrity.state).toBe("valid");
        expect(wrongCitations(report, records)).toEqual([]);
        const own = records.filter(({ principal }) => report.subject === undefined || principal === report.subject.id);
        expect(untold(report, own)).toEqual([]);
        const counted = (...kinds: readonly AuditKind[]): number => own.filter(({ kind }) => kinds.includes(kind)).length;
        expect(sum(report.activities.map(({ calls }) => calls))).toBe(counted("allow", "release"));
        expect(sum(report.activities.map(({ sessions }) => sessions))).toBe(counted("open"));
        expect(sum(report.refusals.map(({ calls }) => calls))).toBe(counted("deny"));
        expect(report.holds.length).toBe(counted("hold"));
        expect(sum(report.approvers.map(({ approved, refused }) => approved + refused))).toBe(counted("approve", "refuse"));
        expect(sum(report.acts.map(({ times }) => times))).toBe(counted(...noteKinds));
        expect(report.omitted).toEqual({});
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it("names a search that finds all of its records, the cited ones among them", async () => {
    const desk = await makeDesk();
    const list = Array.from({ length: 12 }, (_, i): readonly Act[] => [
      { act: "customer", who: 0, fits: true },
      { act: "answer", who: 0, fits: true },
      { act: "search", who: 0, fits: true },
      { act: "refund", who: 0, answer: i % 2 === 0 ? "approve" : "deny" },
      { act: "tell", kind: "config", by: "grace o'neil; rm -rf" },
      { act: "session", who: 0, opens: true },
    ]).flat();
    await play(desk, list);
    await desk.verify();
    const report = await reported(desk, { mapping, from: desk.clock.now - 1_000_000 });
    const rows = [report.activities, report.flows, report.approvers, report.safeguards, report.refusals, report.acts].flat();
    const cites = rows
      .flatMap((row) => ("sources" in row ? [row.cites, row.sources] : [row.cites]))
      .filter(({ find }) => find !== undefined);
    expect(cites.length).toBeGreaterThan(10);
    for (const { seqs, count, find = "" } of cites) {
      const found = must(await desk.log.find({ ...queryOf(find), limit: 500 })).records.map(({ record }) => record.seq);
      expect([find, seqs.filter((seq) => !found.includes(seq))]).toEqual([find, []]);
      expect([find, found.length >= count]).toEqual([find, true]);
    }
    expect(deskPlan.name).toBe(report.activities[0]?.planName);
  });
});

/** The query of arguments as a POSIX shell would read them. */
function queryOf(text: string): Omit<AuditQuery, "limit"> {
  const words = [...text.matchAll(/(?:[^\s'\\]|\\.|'[^']*')+/g)].map(([word]) =>
    word.replace(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ""),
  );
  const query: { [name: string]: unknown } = {};
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [(words[i] ?? "").slice(2), words[i + 1] ?? ""];
    if (name === "kind") query.kind = [...((query.kind as readonly string[] | undefined) ?? []), value];
    else query[name] = name === "since" || name === "until" ? Date.parse(value) : value;
  }
  return query as Omit<AuditQuery, "limit">;
}
