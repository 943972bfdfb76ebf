/**
 * Makes a compliance report of an audit log: verifies it, reads it once from its beginning, and says of each row which records prove it.
 * Streams; no clock. Never leaves out that a log does not verify, and never states what no record says.
 */
import { auditBatchMax } from "../../limits.ts";
import { reportPlansMax } from "./bounds.ts";
import { ok, type Result } from "../../result.ts";
import type { AuditFailure, AuditLog } from "../log.ts";
import { type AuditRecord, readRecord, recordDigest } from "../record.ts";
import type { Subjects } from "../subjects.ts";
import { type Verification, verifyAudit } from "../verify.ts";
import { type ActTally, openActTally } from "./act-tally.ts";
import { type ActivityTally, openActivityTally } from "./activity-tally.ts";
import { type Declared, declaredIn } from "./declared.ts";
import { type FlowTally, openFlowTally } from "./flow-tally.ts";
import type { CitedRecord, Cites, Report, SectionName } from "./form.ts";
import type { ReportOptions } from "./options.ts";
import { type OversightTally, openOversightTally } from "./oversight-tally.ts";
import { type PlanFacts, planFactsOf } from "./plan-facts.ts";
import { openPlanTally, type PlanTally } from "./plan-tally.ts";
import { openCiting, timeText } from "./proof.ts";
import { openSessionsSeen, type SessionsSeen } from "./session-seen.ts";
import { textFact } from "./facts.ts";
import type { Rows, Taken } from "./tally.ts";
import { unattestedBy } from "./unattested.ts";

/** Why there is no report: the log cannot be read, or it knows nobody of the name (or never did, or the name went with the key). */
export type ReportFailure = AuditFailure | { readonly kind: "subject-unknown" };

interface Counts {
  /** Id of the log. */
  id: string;
  records: number;
  inPeriod: number;
  /** Records that could not be read. */
  unread: number;
  /** Plans whose flows cannot be stated. */
  tooLarge: number;
  planless: number;
  /** Whether the person was erased. */
  isErased: boolean;
}

interface Scan {
  readonly log: AuditLog;
  readonly options: ReportOptions;
  readonly subject: string | undefined;
  readonly flows: FlowTally;
  readonly activities: ActivityTally;
  readonly oversight: OversightTally;
  readonly plans: PlanTally;
  readonly acts: ActTally;
  readonly sessions: SessionsSeen;
  /** The latest plans, and the names of all that were met. */
  readonly facts: Map<string, PlanFacts | undefined>;
  readonly names: Map<string, string>;
  readonly counts: Counts;
}

/**
 * Makes a report. Errors: the log cannot be read; `subject-unknown`.
 *
 * @example
 * const report = await reportOf(log, { framework: "gdpr", now, verify: { keys, subjects } });
 * if (report.ok && report.value.integrity.state === "valid") print(await renderHtml(report.value));
 */
export async function reportOf(log: AuditLog, options: ReportOptions): Promise<Result<Report, ReportFailure>> {
  const verification = options.verified === undefined ? await verifyAudit(log, options.verify) : ok(options.verified);
  if (!verification.ok) return verification;
  const person = await personOf(options);
  if (!person.ok) return person;
  const declared = declaredIn(options.mapping);
  const scan = openScan(log, { options, declared, subject: person.value?.id });
  const { size } = verification.value;
  for (let from = 0; from < size; ) {
    const page = await log.read(from, Math.min(auditBatchMax, size - from));
    if (!page.ok) return page;
    if (page.value.length === 0) break;
    for (const [i, text] of page.value.entries()) await take(scan, { text, place: from + i });
    from += page.value.length;
    options.onProgress?.(from, size);
  }
  return write(scan, { verification: verification.value, person: person.value, declared });
}

interface Person {
  readonly id: string;
  readonly name?: string;
  readonly isErased: boolean;
}

const pseudonym = /^s[0-9a-f]{24}$/;

/** The person that a report is about, by name or pseudonym. */
async function personOf({ subject, verify }: ReportOptions): Promise<Result<Person | undefined, ReportFailure>> {
  if (subject === undefined) return ok(undefined);
  const subjects: Subjects | undefined = verify.subjects;
  const found = await subjects?.find(subject);
  if (found?.ok === false) return found;
  if (found?.value !== undefined) return ok({ id: found.value.id, name: subject, isErased: false });
  if (!pseudonym.test(subject)) return { ok: false, error: { kind: "subject-unknown" } };
  const opened = await subjects?.open(subject);
  if (opened?.ok === true) return ok({ id: subject, name: opened.value.name, isErased: false });
  return ok({ id: subject, isErased: opened?.error === "erased" });
}

function openScan(
  log: AuditLog,
  {
    options,
    declared,
    subject,
  }: { readonly options: ReportOptions; readonly declared: Declared; readonly subject: string | undefined },
): Scan {
  return {
    log,
    options,
    subject,
    flows: openFlowTally(),
    activities: openActivityTally(declared, subject !== undefined),
    oversight: openOversightTally(),
    plans: openPlanTally(),
    acts: openActTally(),
    sessions: openSessionsSeen(),
    facts: new Map(),
    names: new Map(),
    counts: { id: "", records: 0, inPeriod: 0, unread: 0, tooLarge: 0, planless: 0, isErased: false },
  };
}

/** Takes the next record of the log. */
async function take(scan: Scan, { text, place }: { readonly text: string; readonly place: number }): Promise<void> {
  const { options, subject, counts, sessions } = scan;
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = options;
  const record = readRecord(text);
  if (place === 0) counts.id = recordDigest(text);
  if (record?.seq !== place) {
    counts.unread += 1;
    return;
  }
  if (subject !== undefined && !concerns(record, subject)) {
    // Who approved a plan is not a matter of one person.
    if (record.session === undefined) scan.plans.take({ record, isInPeriod: false });
    return;
  }
  counts.records += 1;
  if (record.kind === "erase" && subject !== undefined) counts.isErased = true;
  const isInPeriod = record.at >= from && record.at < to;
  if (isInPeriod) counts.inPeriod += 1;
  const plan = record.plan === undefined ? undefined : await factsOf(scan, record.plan);
  const node = record.node === undefined ? undefined : plan?.nodes.get(record.node);
  tally(scan, { record, isInPeriod, plan, node, session: sessions.before(record) });
  sessions.after(record);
}

function tally({ flows, activities, oversight, plans, acts }: Scan, taken: Taken): void {
  const { record, isInPeriod } = taken;
  oversight.take(taken);
  plans.take(taken);
  if (!isInPeriod) return;
  acts.take(taken);
  const isCall = record.kind === "allow" || record.kind === "release";
  const call = isCall ? { arrived: flows.take(taken), by: oversight.approversOf(record) } : undefined;
  activities.take(taken, call);
}

/** Whether a record says something of a person. */
function concerns(record: AuditRecord, subject: string): boolean {
  return (
    record.principal === subject ||
    textFact(record, "subject") === subject ||
    Object.values(record.values).some((value) => value.subject === subject)
  );
}

async function factsOf({ log, facts, names, counts }: Scan, digest: string): Promise<PlanFacts | undefined> {
  if (facts.has(digest)) return facts.get(digest);
  const text = await log.loadPlan(digest);
  const found = text.ok && text.value !== undefined ? await planFactsOf(text.value, digest) : undefined;
  facts.set(digest, found);
  if (found === undefined) counts.planless += 1;
  else if (names.size < reportPlansMax * 10) names.set(digest, found.name);
  if (found?.isTooLarge === true) counts.tooLarge += 1;
  const [oldest] = facts.keys();
  if (facts.size > reportPlansMax && oldest !== undefined) facts.delete(oldest);
  return found;
}

async function write(
  scan: Scan,
  {
    verification,
    person,
    declared,
  }: { readonly verification: Verification; readonly person: Person | undefined; readonly declared: Declared },
): Promise<Result<Report, ReportFailure>> {
  const { options, flows, activities, oversight, plans, acts, counts, names } = scan;
  const { framework, from, to, mapping, now } = options;
  const citing = openCiting({
    ...(from === undefined ? {} : { since: timeText(from) }),
    ...(to === undefined ? {} : { until: timeText(to) }),
  });
  const omitted: { [section in SectionName]?: number } = {};
  const world: Rows = {
    citing,
    declared,
    planName: (digest) => names.get(digest) ?? "",
    approvers: (digest) => plans.approversOf(digest),
    end: Math.min(to ?? now, now),
    omit: (section, count) => {
      omitted[section] = count;
    },
  };
  const sections = {
    activities: activities.rows(world),
    flows: flows.rows(world),
    ...(person === undefined ? {} : { disclosures: activities.disclosures(world) }),
    approvals: plans.approvals(world),
    holds: oversight.holds(world),
    approvers: oversight.approvers(world),
    amendments: oversight.amendments(world),
    safeguards: plans.safeguards(world),
    refusals: acts.refusals(world),
    erasures: acts.erasures(world),
    acts: acts.acts(world),
  };
  const records = await readCited(scan.log, citedIn(sections));
  if (!records.ok) return records;
  const { controller } = mapping ?? {};
  return ok({
    sluiceReport: 1,
    framework,
    made: timeText(now),
    period: { from: from === undefined ? null : timeText(from), to: to === undefined ? null : timeText(to) },
    log: { id: counts.id, records: verification.size, inPeriod: counts.inPeriod },
    integrity: integrityOf(verification, options),
    ...(person === undefined ? {} : { subject: subjectOf(person, counts) }),
    controller: {
      name: controller?.name ?? null,
      contact: controller?.contact ?? null,
      representative: controller?.representative ?? null,
      officer: controller?.officer ?? null,
    },
    ...sections,
    omitted: omitted as { [section: string]: number },
    notes: notesOf(scan, verification),
    unattested: unattestedBy(framework),
    records: records.value,
  });
}

function subjectOf({ id, name, isErased }: Person, counts: Counts): NonNullable<Report["subject"]> {
  return { id, ...(name === undefined ? {} : { name }), isErased: isErased || counts.isErased, records: counts.records };
}

function integrityOf(found: Verification, { verify }: ReportOptions): Report["integrity"] {
  const { isValid, size, root, head, checkpoints, signed, values, events, faults, faultCount } = found;
  const isSigned = verify.keys.length > 0 && checkpoints > 0;
  const { follows, differs, folded, ...others } = events;
  return {
    state: !isValid ? "not-valid" : isSigned ? "valid" : "not-signed",
    size,
    root,
    head,
    checkpoints,
    signed,
    values: { checked: values.checked, erased: values.erased },
    verdicts: { follow: follows, differ: differs, notDecided: Object.values(others).reduce((sum, count) => sum + count, 0) },
    faults: faults.map(({ kind, seq, message }) => ({ kind, message, ...(seq === undefined ? {} : { seq }) })),
    faultCount,
  };
}

/** What this report could not see, in sentences. */
function notesOf(
  { flows, activities, sessions, counts, options }: Scan,
  { size, signed, values }: Verification,
): readonly string[] {
  const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
  const notes: string[] = [
    "A tool that only reads, by its declared effects, is stated as a source and not as a recipient, unless the mapping names who is behind it; what its arguments carried is among the flows.",
  ];
  if (options.mapping === undefined)
    notes.push(
      "No mapping was given: no label is declared to be personal data, and no recipient, country, purpose or retention is declared.",
    );
  if (activities.internal() > 0)
    notes.push(
      `${plural(activities.internal(), "call", "calls")} went to tools that the mapping declares internal: ${activities.internal() === 1 ? "it is" : "they are"} among the flows, and no disclosure.`,
    );
  if (signed < size && signed > 0)
    notes.push(
      `${plural(size - signed, "record", "records")} after the last checkpoint ${size - signed === 1 ? "is" : "are"} chained and not signed yet.`,
    );
  if (values.checked + values.erased === 0)
    notes.push("The keys of the log were not here: values were not opened, and no verdict was decided again.");
  if (flows.assumed() > 0)
    notes.push(
      `${plural(flows.assumed(), "call is", "calls are")} of sessions whose beginning is not in the log: what their plans could let flow at worst is stated for them.`,
    );
  if (sessions.forgotten() > 0)
    notes.push(
      `${plural(sessions.forgotten(), "session", "sessions")} had to be forgotten before the end; their later calls are stated at worst.`,
    );
  if (counts.unread > 0)
    notes.push(`${plural(counts.unread, "record", "records")} could not be read, and no row says anything of them.`);
  if (counts.planless > 0)
    notes.push(
      `The text of ${plural(counts.planless, "plan is", "plans are")} not in the log: no flow under them can be stated.`,
    );
  if (counts.tooLarge > 0)
    notes.push(
      `${plural(counts.tooLarge, "plan has", "plans have")} too many operations to work out what flows between them: no flow under them is stated.`,
    );
  return notes;
}

/** Numbers of the records that rows cite, ascending. */
function citedIn(sections: {
  readonly [name: string]: readonly { readonly cites: Cites; readonly sources?: Cites }[];
}): readonly number[] {
  const cited = new Set<number>();
  for (const { cites, sources } of Object.values(sections).flat())
    for (const seq of [...cites.seqs, ...(sources?.seqs ?? [])]) cited.add(seq);
  return [...cited].sort((a, b) => a - b);
}

/** The records of some numbers, ascending, as a report shows them. */
async function readCited(log: AuditLog, seqs: readonly number[]): Promise<Result<readonly CitedRecord[], ReportFailure>> {
  const found: CitedRecord[] = [];
  for (let i = 0; i < seqs.length; ) {
    const first = seqs[i] ?? 0;
    const inPage = seqs.slice(i, i + auditBatchMax).filter((seq) => seq < first + auditBatchMax);
    const page = await log.read(first, (inPage.at(-1) ?? first) - first + 1);
    if (!page.ok) return page;
    for (const seq of inPage) {
      const text = page.value[seq - first];
      const record = text === undefined ? undefined : readRecord(text);
      if (text !== undefined && record !== undefined) found.push(citedRecord(record, text));
    }
    i += inPage.length;
  }
  return ok(found);
}

function citedRecord(record: AuditRecord, text: string): CitedRecord {
  const { seq, at, kind, session, plan, node, tool, code } = record;
  const by = textFact(record, "by");
  return {
    seq,
    at: timeText(at),
    kind,
    digest: recordDigest(text),
    ...(session === undefined ? {} : { session }),
    ...(plan === undefined ? {} : { plan }),
    ...(node === undefined ? {} : { node }),
    ...(tool === undefined ? {} : { tool }),
    ...(code === undefined ? {} : { code }),
    ...(by === undefined ? {} : { by }),
  };
}
