/**
 * Verifies an audit log without anybody's help: chain, tree and checkpoints, openings against commitments, and every verdict decided again.
 * Streams. Never stops at the first fault, and never calls right what it could not check: that is counted apart.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { jsonEqual } from "../json/value.ts";
import { auditBatchMax, auditFaultsMax } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { SigningKey } from "../plan/sign.ts";
import type { Policy } from "../policy/policy.ts";
import { ok, type Result } from "../result.ts";
import { type Checkpoint, frontierOf, verifyCheckpoint } from "./checkpoint.ts";
import type { AuditFailure, AuditLog, SealedOpening } from "./log.ts";
import { policyDigest } from "./config-facts.ts";
import { emptyFrontier, type Frontier, grow, type Hash, rootOf } from "./merkle.ts";
import { createOpener, type Opened } from "./open-values.ts";
import { entryOfValues, type Parts, partsOfEvent, type RunFacts } from "./parts.ts";
import { type AuditRecord, leafHashBy, noDigest, ownDigest, readRecord, recordDigest, type TextDigest } from "./record.ts";
import { createRedecider, type Redecided, thawText } from "./redecide.ts";
import type { Subjects } from "./subjects.ts";

/**
 * What is wrong. `record`: it cannot be read. `order`: it says another number than its place. `chain`: the record before it is not the one that
 * it was chained to. `session`: an event of a session is not there, or there twice. `checkpoint`: it is not signed by a key given, or the log
 * is not what it says. `truncated`: records that a checkpoint covers are not there. `opening`: what is kept of a value is missing or is not
 * what was committed. `key`: a key is missing and nobody recorded that it was erased, or it cannot be opened, or it is there after that.
 * `facts`: a record says what its event does not. `verdict`: it does not follow from what was recorded before. `plan`: a plan's text is
 * missing or another.
 */
export type AuditFaultKind =
  | "record"
  | "order"
  | "chain"
  | "session"
  | "checkpoint"
  | "truncated"
  | "opening"
  | "key"
  | "facts"
  | "verdict"
  | "plan";

/** One fault. */
export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Number of the record, where it is one. */
  readonly seq?: number;
  readonly message: string;
}

/** What a log is verified with. */
export interface VerifyOptions {
  /** Public keys whose checkpoints count. Empty: none is checked, and the result says so. */
  readonly keys: readonly SigningKey[];
  /** Opens what is kept of values. Absent: openings are not looked at, and no verdict is decided again. */
  readonly subjects?: Subjects | undefined;
  /** A checkpoint that was kept elsewhere: the log must have grown from it. */
  readonly witness?: string | undefined;
  /** The policy that was in force besides those of the plans: verdicts that do not follow while another was are not known. */
  readonly policy?: Policy | undefined;
  /** Parsers of the dialects of SQL that a plan names. */
  readonly sqlOf?: ((plan: FrozenPlan) => Promise<readonly SqlParser[]>) | undefined;
  /** SHA-256 of the runtime, where it has one that answers at once. */
  readonly sha256?: TextDigest | undefined;
  /** Told how many records are checked, after every page; waited for, so that a server can go on with other work in between. */
  readonly onPage?: ((done: number) => Promise<void> | void) | undefined;
}

/** What was found. */
export interface Verification {
  readonly isValid: boolean;
  readonly size: number;
  /** Root of the tree and digest of the last record. */
  readonly root: string;
  readonly head: string;
  /** Checkpoints that hold, and the size of the greatest of them: what comes after is chained, and not signed yet. */
  readonly checkpoints: number;
  readonly signed: number;
  /** Values whose opening is what was committed; values of people who were erased. */
  readonly values: { readonly checked: number; readonly erased: number };
  /** What became of events, verdicts decided again above all. */
  readonly events: { readonly [outcome in Redecided]: number };
  /** The first faults, and how many there are. */
  readonly faults: readonly AuditFault[];
  readonly faultCount: number;
}

interface Scene {
  readonly log: AuditLog;
  readonly options: VerifyOptions;
  readonly checkpoints: ReadonlyMap<number, readonly Checkpoint[]>;
  readonly fault: (kind: AuditFaultKind, message: string, seq?: number) => void;
  readonly redecider: ReturnType<typeof createRedecider>;
  readonly events: { [outcome in Redecided]: number };
  readonly values: { checked: number; erased: number };
  /** Number of the next event of each session, and what began its runs. */
  readonly sessions: Map<string, { next: number; readonly runs: Map<number, RunFacts> }>;
  /** Subjects whose erasure is recorded, and those whose key is not there, by the first record that needs it. */
  readonly erased: Set<string>;
  readonly missing: Map<string, number>;
  id: string;
  /** Whether the policy in force is another than the one that the log is verified with. */
  isOtherPolicy: boolean;
}

/** Verifies a log. Errors: it cannot be read. */
export async function verifyAudit(log: AuditLog, options: VerifyOptions): Promise<Result<Verification, AuditFailure>> {
  const faults: AuditFault[] = [];
  let faultCount = 0;
  const fault: Scene["fault"] = (kind, message, seq) => {
    faultCount += 1;
    if (faults.length < auditFaultsMax) faults.push({ kind, message, ...(seq === undefined ? {} : { seq }) });
  };
  const { sha256 = ownDigest } = options;
  const signed = await readCheckpoints(log, options, fault);
  if (!signed.ok) return signed;
  const scene = sceneOf(log, options, { fault, checkpoints: signed.value });
  let frontier: Frontier = emptyFrontier;
  let head = noDigest;
  for (;;) {
    const first = frontier.size;
    const page = await log.read(first, auditBatchMax);
    if (!page.ok) return page;
    if (page.value.length === 0) break;
    const records = page.value.map(readRecord);
    let leaves: Hash[] = [];
    for (const [i, record] of records.entries()) {
      const seq = first + i;
      checkLink(scene, record, { seq, head });
      const hash = leafHashBy(sha256, page.value[i] ?? "");
      head = hexOf(hash);
      if (seq === 0) scene.id = head;
      leaves.push(hash);
      if (!scene.checkpoints.has(seq + 1)) continue;
      frontier = grow(frontier, leaves);
      leaves = [];
      checkSigned(scene, frontier, head);
    }
    frontier = grow(frontier, leaves);
    const checked = await checkValues(scene, records, { first });
    if (!checked.ok) return checked;
    await options.onPage?.(frontier.size);
  }
  await checkEnd(scene, { size: frontier.size, head });
  const sizes = [...scene.checkpoints].filter(([size]) => size <= frontier.size);
  return ok({
    isValid: faultCount === 0,
    size: frontier.size,
    root: hexOf(rootOf(frontier)),
    head,
    checkpoints: sizes.reduce((sum, [, each]) => sum + each.length, 0),
    signed: Math.max(0, ...sizes.map(([size]) => size)),
    values: scene.values,
    events: scene.events,
    faults,
    faultCount,
  });
}

function sceneOf(log: AuditLog, options: VerifyOptions, known: Pick<Scene, "fault" | "checkpoints">): Scene {
  const { policy, sqlOf } = options;
  const planOf = async (digest: string): Promise<string | undefined> => {
    const text = await log.loadPlan(digest);
    return text.ok ? text.value : undefined;
  };
  return {
    ...known,
    log,
    options,
    redecider: createRedecider({ planOf, policy, sqlOf }),
    events: { follows: 0, folded: 0, erased: 0, unrecorded: 0, shared: 0, surface: 0, unknown: 0, differs: 0 },
    values: { checked: 0, erased: 0 },
    sessions: new Map(),
    erased: new Set(),
    missing: new Map(),
    id: noDigest,
    isOtherPolicy: false,
  };
}

/** The checkpoints that count, by size; those that are not signed by a key given are faults. */
async function readCheckpoints(
  log: AuditLog,
  { keys, witness }: VerifyOptions,
  fault: Scene["fault"],
): Promise<Result<ReadonlyMap<number, readonly Checkpoint[]>, AuditFailure>> {
  const found = new Map<number, Checkpoint[]>();
  const kept = await log.checkpoints();
  if (!kept.ok) return kept;
  if (keys.length === 0) return ok(found);
  const named: (readonly [jws: string, name: string])[] = kept.value.map((jws, i) => [jws, `checkpoint ${i + 1}`]);
  if (witness !== undefined) named.push([witness, "the checkpoint of the witness"]);
  for (const [jws, name] of named) {
    const checked = await verifyCheckpoint(jws, keys);
    if (!checked.ok) fault("checkpoint", `${name} ${why[checked.error]}`);
    else if (frontierOf(checked.value) === undefined) fault("checkpoint", `${name} has another tree than its root`);
    else found.set(checked.value.size, [...(found.get(checked.value.size) ?? []), checked.value]);
  }
  return ok(found);
}

const why = {
  malformed: "is no checkpoint",
  key: "is signed by none of the keys given",
  signature: "has a signature that does not verify",
} as const;

function checkLink(
  { fault, sessions }: Scene,
  record: AuditRecord | undefined,
  at: { readonly seq: number; readonly head: string },
): void {
  const { seq, head } = at;
  if (record === undefined) {
    fault("record", `record ${seq} is not readable: it was changed`, seq);
    return;
  }
  if (record.seq !== seq)
    fault("order", `at place ${seq} stands record ${record.seq}: records were dropped, inserted or moved`, seq);
  if (record.prev !== head)
    fault(
      "chain",
      seq === 0
        ? "the first record follows another"
        : `record ${seq} was not chained to record ${seq - 1} as it is: one of them was changed, dropped or inserted`,
      seq,
    );
  const { session: id, number } = record;
  if (id === undefined || number === undefined) return;
  const session = sessions.get(id);
  if (session === undefined) sessions.set(id, { next: number + 1, runs: new Map() });
  else {
    if (number !== session.next)
      fault("session", `record ${seq} is event ${number} of its session, where event ${session.next} belongs`, seq);
    session.next = number + 1;
  }
}

/** Whether the tree is what the checkpoints of its size say. */
function checkSigned({ checkpoints, fault, id }: Scene, frontier: Frontier, head: string): void {
  for (const checkpoint of checkpoints.get(frontier.size) ?? []) {
    const isSame = checkpoint.root === hexOf(rootOf(frontier)) && checkpoint.head === head && checkpoint.log === id;
    if (!isSame) fault("checkpoint", `the first ${frontier.size} records are not those that were signed`, frontier.size - 1);
  }
}

/** Where a log ends: number of records, and digest of the last. */
interface End {
  readonly size: number;
  readonly head: string;
}

/** Times that records are looked for after the end, and milliseconds between: an erasure deletes a key a moment before it records that. */
const laterLooks = 5;
const laterMs = 40;

async function checkEnd(scene: Scene, end: End): Promise<void> {
  const { checkpoints, fault, missing, erased, options, log } = scene;
  for (const signed of checkpoints.keys())
    if (signed > end.size) fault("truncated", `a checkpoint covers ${signed} records, and there are ${end.size}`);
  if (options.subjects === undefined) return;
  const isUntold = (): boolean => [...missing.keys()].some((subject) => !erased.has(subject));
  let next = end;
  for (let look = 0; look < laterLooks && isUntold(); look++) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, laterMs));
    next = await noteLater(scene, next);
  }
  for (const [subject, seq] of missing)
    if (!erased.has(subject)) fault("key", `the key of ${subject} is not there, and no record says that it was erased`, seq);
  for (const subject of erased) {
    // Of the log itself: people are remembered from before an erasure that came while this was read.
    const key = await log.key({ subject });
    if (!key.ok || key.value !== undefined)
      fault("key", `the key of ${subject} is there, although a record says that it was erased`);
  }
}

/** Takes erasures that were recorded meanwhile, as far as their records are chained to what was read. Returns where the log ends then. */
async function noteLater(scene: Scene, { size, head }: End): Promise<End> {
  const later = await scene.log.read(size, auditBatchMax);
  const end = { size, head };
  for (const text of later.ok ? later.value : []) {
    const record = readRecord(text);
    if (record?.seq !== end.size || record.prev !== end.head) break;
    noteErasure(scene, record);
    end.size += 1;
    end.head = recordDigest(text);
  }
  return end;
}

/** Opens what is kept of a page of records, and decides their verdicts again. */
async function checkValues(
  scene: Scene,
  records: readonly (AuditRecord | undefined)[],
  { first }: { readonly first: number },
): Promise<Result<undefined, AuditFailure>> {
  for (const record of records) noteErasure(scene, record);
  const { subjects } = scene.options;
  if (subjects === undefined) return ok(undefined);
  const kept = await scene.log.openings(first, first + records.length);
  if (!kept.ok) return kept;
  const bySeq = new Map<number, SealedOpening[]>();
  for (const each of kept.value) {
    const own = bySeq.get(each.seq);
    if (own === undefined) bySeq.set(each.seq, [each]);
    else own.push(each);
  }
  const { id, fault, values, missing } = scene;
  const opener = createOpener({ subjects, id, fault, values, missing, sha256: scene.options.sha256 ?? ownDigest });
  const opened = await Promise.all(
    records.map((record, i) => (record === undefined ? undefined : opener(record, bySeq.get(first + i) ?? []))),
  );
  for (const [i, record] of records.entries()) {
    if (record === undefined) continue;
    if (record.kind === "plan-loaded") await checkPlan(scene, record);
    if (record.kind === "config") notePolicy(scene, record);
    const { session, number } = record;
    if (session === undefined || number === undefined) continue;
    const entry = entryOfAll(scene, record, opened[i]);
    const said = await scene.redecider.take(session, number, entry);
    // Under another policy than the one given, what does not follow may well have: that is not known.
    const outcome = said === "differs" && scene.isOtherPolicy ? "unknown" : said;
    scene.events[outcome] += 1;
    if (outcome === "differs")
      scene.fault(
        "verdict",
        `record ${record.seq} (${record.kind}) does not follow from what was recorded before it`,
        record.seq,
      );
  }
  return ok(undefined);
}

function noteErasure({ erased }: Scene, record: AuditRecord | undefined): void {
  const subject = record?.kind === "erase" ? record.facts.subject : undefined;
  if (typeof subject === "string") erased.add(subject);
}

/** Whether the policy that was put in force is another than the one given. */
function notePolicy(scene: Scene, { facts }: AuditRecord): void {
  const { policy } = facts;
  if (policy === null || typeof policy === "string") scene.isOtherPolicy = policy !== policyDigest(scene.options.policy);
}

async function checkPlan({ log, fault }: Scene, { facts, seq }: AuditRecord): Promise<void> {
  const digest = typeof facts.plan === "string" ? facts.plan : "";
  const text = await log.loadPlan(digest);
  if (!text.ok || text.value === undefined || thawText(text.value)?.digest !== digest)
    fault("plan", `the text of the plan that record ${seq} names is missing or another`, seq);
}

/** The entry of a record, if all of it is there and the record says what it says. */
function entryOfAll(scene: Scene, record: AuditRecord, opened: Opened | undefined): ReturnType<typeof entryOfValues> {
  if (opened === undefined || typeof opened === "string") return undefined;
  const entry = entryOfValues(opened);
  const runs = scene.sessions.get(record.session ?? "")?.runs;
  const run = entry?.event.type === "settle" ? runs?.get(entry.event.run) : undefined;
  const parts = entry === undefined ? undefined : partsOfEvent(entry, run);
  // A run that began before the log did is known to the record alone.
  const isLate = entry?.event.type === "settle" && run === undefined;
  if (parts === undefined || (!isLate && !isSaid(record, parts))) {
    scene.fault("facts", `record ${record.seq} says what its event does not`, record.seq);
    return undefined;
  }
  if (entry?.event.type === "allow") {
    const tool = record.tool === undefined ? {} : { tool: record.tool };
    runs?.set(entry.event.run, { node: entry.event.node, ...tool });
  }
  return entry;
}

/** Whether a record says what its event does, and no more. */
function isSaid(record: AuditRecord, { kind, at, node, tool, code, facts, values }: Parts): boolean {
  const [own, due] = [Object.keys(record.values), Object.keys(values)];
  return (
    record.kind === kind &&
    record.at === at &&
    record.node === node &&
    record.tool === tool &&
    record.code === code &&
    jsonEqual(record.facts, facts) &&
    own.length === due.length &&
    due.every((name) => Object.hasOwn(record.values, name))
  );
}
