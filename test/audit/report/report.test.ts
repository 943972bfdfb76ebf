/**
 * Compliance reports of a support desk whose log the real enforcement point wrote.
 */
import { describe, expect, it } from "vitest";
import { readRecord } from "../../../src/audit/record.ts";
import { isReport } from "../../../src/audit/report/form.ts";
import { reportOf } from "../../../src/audit/report/report-of.ts";
import { createSubjects } from "../../../src/audit/subjects.ts";
import { systemRandom } from "../../../src/surfaces/random.ts";
import { master, must } from "../fixture.ts";
import { askRefund, desk as deskPlan, deskRun, makeDesk, mapping, reported } from "./fixture.ts";

/** A desk with one whole run, whose refund a person approved. */
async function finishedDesk() {
  const desk = await makeDesk();
  const run = await deskRun(desk, "ada");
  const hold = await askRefund(desk, run.token);
  desk.clock.now += 60_000;
  must(await desk.firewall.approve(hold, { by: "grace", decision: "approve" }));
  const released = await desk.firewall.release(run.token, hold);
  if (!released.allow) throw new Error("it is approved");
  await desk.firewall.settle(released.permit, { value: { ok: true } });
  expect(await desk.verify()).toMatchObject({ isValid: true });
  return { desk, run, hold };
}

const flowsOf = (report: Awaited<ReturnType<typeof reported>>) =>
  report.flows.map(({ from, to, way }) => `${from.node ?? from.kind} ${way} ${to.node}(${to.arguments.join(",")})`).sort();

describe("a report of an audit log", () => {
  it("says what flowed from where to whom, by reference and by the agent's words, and only where it was read before", async () => {
    const { desk } = await finishedDesk();
    const report = await reported(desk, { mapping });
    expect(isReport(report)).toBe(true);
    expect(report.integrity).toMatchObject({ state: "valid", faultCount: 0 });
    expect(flowsOf(report)).toEqual([
      "answer may-carry note(text)",
      "answer may-carry refund(amount)",
      "customer may-carry answer(body)",
      "customer may-carry note(text)",
      "customer may-carry refund(amount)",
      "customer reference answer(tier,to)",
      "note may-carry refund(amount)",
      "person may-carry answer(body,tier,to)",
      "person may-carry note(text)",
      "person may-carry refund(amount)",
      "person may-carry search(query)",
      "person reference customer(id)",
      "search may-carry answer(body,tier,to)",
      "search may-carry note(text)",
      "search may-carry refund(amount)",
    ]);
    const sent = report.flows.find(
      ({ from, to, way }) => from.node === "customer" && to.node === "answer" && way === "reference",
    );
    expect(sent).toMatchObject({
      planName: "support-desk",
      plan: deskPlan.digest,
      from: { categories: [{ label: "customer_data", isPersonal: true, category: "contact data of customers" }] },
      to: {
        recipient: { tool: "mail/send", hosts: ["mail.example"], name: "Mail Example AG", kind: "processor", country: "CH" },
      },
      purpose: "Answering customers",
      assumed: 0,
      cites: { count: 1 },
      sources: { count: 1 },
    });
    // The search was refused once customer data was in the conversation: nothing of it went to the web.
    expect(report.flows.some(({ from, to }) => from.node === "customer" && to.node === "search")).toBe(false);
    expect(report.refusals).toMatchObject([
      { code: "FLOW_SINK_DENIED", tool: "web/search", rule: "no-customer-on-the-web", calls: 1, cites: { count: 1 } },
    ]);
  });

  it("keeps a record of processing for each plan, with recipients and what the organisation declares", async () => {
    const { desk } = await finishedDesk();
    const { activities } = await reported(desk, { mapping });
    expect(activities).toMatchObject([
      {
        planName: "support-desk",
        task: "Answer a customer",
        purpose: "Answering customers",
        basis: "contract, art. 6(1)(b)",
        retention: "2 years",
        sessions: 1,
        people: { count: 1, isAtLeast: false },
        calls: 5,
      },
    ]);
    expect(activities[0]?.categories.map(({ label }) => label)).toEqual(["customer_data", "desk", "web"]);
    expect(activities[0]?.recipients.map(({ tool, country }) => [tool, country])).toEqual([
      ["crm/customer", "DE"],
      ["crm/note", "DE"],
      ["crm/refund", "DE"],
      ["mail/send", "CH"],
      ["web/search", null],
    ]);
  });

  it("says that nothing was declared where no mapping is given, instead of guessing", async () => {
    const { desk } = await finishedDesk();
    const report = await reported(desk);
    const said = report.flows.flatMap(({ from }) => from.categories);
    expect(new Set(said.map(({ isPersonal, category }) => [isPersonal, category].join()))).toEqual(new Set([","]));
    expect(report.activities[0]).toMatchObject({ purpose: null, basis: null, retention: null });
    expect(report.notes.join(" ")).toContain("No mapping was given");
    // What only reads and reaches no network is no recipient unless somebody says so.
    expect(report.activities[0]?.recipients.map(({ tool }) => tool)).toEqual([
      "crm/note",
      "crm/refund",
      "mail/send",
      "web/search",
    ]);
  });

  it("says who held, approved and refused, how fast, and what went ahead then", async () => {
    const { desk, run } = await finishedDesk();
    const second = await askRefund(desk, run.token, 30);
    desk.clock.now += 5_000;
    must(await desk.firewall.approve(second, { by: "heinz", decision: "deny" }));
    await askRefund(desk, run.token, 40);
    await desk.verify();
    const report = await reported(desk, { now: desk.clock.now + 1 });
    expect(report.holds.map(({ outcome, by, responseMs, released }) => ({ outcome, by, responseMs, released }))).toEqual([
      { outcome: "approved", by: ["grace"], responseMs: 60_000, released: true },
      { outcome: "refused", by: ["heinz"], responseMs: 5_000, released: false },
      { outcome: "waiting", by: [], responseMs: null, released: false },
    ]);
    expect(report.approvers).toMatchObject([
      { by: "grace", approved: 1, refused: 0, fastestMs: 60_000, meanMs: 60_000, slowestMs: 60_000 },
      { by: "heinz", approved: 0, refused: 1, fastestMs: 5_000 },
    ]);
    const later = await reported(desk, { now: desk.clock.now + 7_200_000 });
    expect(later.holds.map(({ outcome }) => outcome)).toEqual(["approved", "refused", "expired"]);
  });

  it("counts a safeguard only where it applied: a sanitizer only on results that fit their schema", async () => {
    const desk = await makeDesk();
    const run = await deskRun(desk, "ada");
    await desk.call(run.token, "crm/customer", {}, { email: "kim@example.org", plan: "gold" });
    await desk.verify();
    const { safeguards } = await reported(desk);
    const sanitizer = safeguards.find(({ kind }) => kind === "sanitizer");
    expect(sanitizer).toMatchObject({ tool: "crm/customer", calls: 1, cites: { count: 1 } });
    expect(safeguards.map(({ kind, node }) => `${kind} ${node}`)).toEqual([
      "constraint answer",
      "flow-rule search",
      "sanitizer customer",
    ]);
  });

  it("names who approved a plan only where the log or a verified signature does", async () => {
    const { desk } = await finishedDesk();
    expect((await reported(desk)).approvals).toMatchObject([{ by: null, how: "none" }]);
    const at = desk.clock.now;
    must(await desk.store.note({ type: "plan-frozen", plan: deskPlan.digest, by: "grace", at }));
    await desk.verify();
    const report = await reported(desk);
    expect(report.approvals).toMatchObject([
      { by: "grace", how: "record", at: new Date(at).toISOString(), plan: deskPlan.digest },
    ]);
    expect(report.safeguards[0]?.allowedBy).toEqual(["grace"]);
  });

  it("takes a period by its times, and looks before it for where data came from", async () => {
    const { desk, run } = await finishedDesk();
    const from = desk.clock.now + 1;
    desk.clock.now += 1_000;
    await desk.call(run.token, "crm/note", { text: "later" });
    await desk.verify();
    const report = await reported(desk, { from });
    expect(report.period).toEqual({ from: new Date(from).toISOString(), to: null });
    expect(new Set(report.flows.map(({ to }) => to.node))).toEqual(new Set(["note"]));
    const customer = report.flows.find(({ from: source }) => source.node === "customer");
    expect(customer?.cites.count).toBe(1);
    const [source] = customer?.sources.seqs ?? [];
    expect(report.records.find(({ seq }) => seq === source)).toMatchObject({ kind: "settle", node: "customer" });
    expect(Date.parse(report.records.find(({ seq }) => seq === source)?.at ?? "")).toBeLessThan(from);
    const none = await reported(desk, { from: desk.clock.now + 1 });
    expect([none.flows, none.activities, none.refusals, none.records]).toEqual([[], [], [], []]);
  });

  it("takes the worst case for sessions whose beginning the log does not have, and says so", async () => {
    const { desk } = await finishedDesk();
    const texts = must(await desk.log.read(0, 500));
    const cut = texts.filter((text) => readRecord(text)?.kind !== "open");
    const log = {
      ...desk.log,
      read: async (from: number, limit: number) => ({ ok: true as const, value: renumbered(cut).slice(from, from + limit) }),
    };
    const report = await reported(desk, { log });
    expect(report.integrity.state).toBe("not-valid");
    expect(report.flows.some(({ assumed }) => assumed > 0)).toBe(true);
    expect(report.notes.join(" ")).toContain("whose beginning is not in the log");
  });
});

function renumbered(texts: readonly string[]): readonly string[] {
  return texts.map((text, seq) => text.replace(/"seq":\d+/, `"seq":${seq}`));
}

describe("a report about one person", () => {
  it("tells each disclosure with its day, recipient, kind of data and purpose, and nothing of other people", async () => {
    const { desk } = await finishedDesk();
    await deskRun(desk, "bob");
    await desk.verify();
    const report = await reported(desk, { mapping, subject: "ada", framework: "hipaa" });
    expect(report.subject).toMatchObject({ name: "ada", isErased: false });
    expect(report.disclosures?.map(({ recipient, purpose, what }) => [recipient.tool, recipient.name, purpose, what])).toEqual([
      ["web/search", null, "Answering customers", ["query"]],
      ["mail/send", "Mail Example AG", "Answering customers", ["body", "tier", "to"]],
    ]);
    expect(report.notes.join(" ")).toContain("declares internal");
    const own = must(await desk.log.read(0, 500)).flatMap((text) => readRecord(text) ?? []);
    for (const { seq } of report.records) {
      const record = own[seq];
      expect([report.subject?.id, undefined]).toContain(record?.principal);
    }
    expect(report.activities).toMatchObject([{ people: { count: 1 }, sessions: 1 }]);
  });

  it("knows an erased person by the pseudonym alone, and says that the name went with the key", async () => {
    const { desk } = await finishedDesk();
    const subject = must(await desk.subjects.find("ada"))?.id ?? "";
    must(await desk.store.note({ type: "erase", subject, by: "root", at: desk.clock.now }));
    expect(await desk.verify()).toMatchObject({ isValid: true });
    const options = {
      framework: "gdpr" as const,
      now: desk.clock.now,
      verify: { keys: [desk.signer.publicKey], subjects: createSubjects(desk.log, master, systemRandom) },
    };
    expect(await reportOf(desk.log, { ...options, subject: "ada" })).toEqual({ ok: false, error: { kind: "subject-unknown" } });
    const report = must(await reportOf(desk.log, { ...options, subject }));
    expect(report.subject).toEqual({ id: subject, isErased: true, records: expect.any(Number) });
    expect(report.erasures).toMatchObject([{ subject, by: "root", cites: { count: 1 } }]);
    expect(report.integrity).toMatchObject({ state: "valid" });
    expect(report.integrity.values.erased).toBeGreaterThan(0);
    expect(report.disclosures?.length).toBeGreaterThan(0);
  });
});

describe("what a report is worth", () => {
  it("is said first: a log that was changed is not valid, whatever its rows say", async () => {
    const { desk } = await finishedDesk();
    const read = async (from: number, limit: number) => {
      const page = await desk.log.read(from, limit);
      return page.ok
        ? { ok: true as const, value: page.value.map((text) => text.replace('"tool":"mail/send"', '"tool":"mail/sent"')) }
        : page;
    };
    const report = await reported(desk, { log: { ...desk.log, read } });
    expect(report.integrity.state).toBe("not-valid");
    expect(report.integrity.faultCount).toBeGreaterThan(0);
    expect(report.integrity.faults.map(({ kind }) => kind)).toContain("chain");
  });

  it("is not called valid where no checkpoint was checked", async () => {
    const { desk } = await finishedDesk();
    const report = await reported(desk, { verify: { keys: [] } });
    expect(report.integrity.state).toBe("not-signed");
    expect(report.notes.join(" ")).toContain("values were not opened");
  });

  it("does not state flows under a plan whose text is missing or another, and says so", async () => {
    const { desk } = await finishedDesk();
    for (const loadPlan of [
      async () => ({ ok: true as const, value: undefined }),
      async () => ({ ok: true as const, value: "{}" }),
    ]) {
      const report = await reported(desk, { log: { ...desk.log, loadPlan } });
      expect(report.flows).toEqual([]);
      expect(report.approvals).toMatchObject([{ by: null, detail: "the text of the plan is not in the log" }]);
      expect(report.notes.join(" ")).toContain("not in the log: no flow under them");
    }
  });

  it("holds no value of a call, a result or a parameter, and no name of a person who was not asked for", async () => {
    const { desk } = await finishedDesk();
    // Without digests and ids, whose letters are chance: some spell a name.
    const text = JSON.stringify(await reported(desk, { mapping })).replaceAll(/[0-9a-f]{24,}/g, "");
    for (const secret of ["kim@example.org", "opening hours", "Hello", "c-1", "ada"]) expect(text).not.toContain(secret);
  });
});
