/**
 * Verifies an audit log without anybody's help: chain, tree and checkpoints, openings against commitments, and every verdict decided again.
 * Streams. Never stops at the first fault, and never calls right what it could not check: that is counted apart.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import type { Json } from "../json/value.ts";
import { auditBatchMax, auditFaultsMax } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { SigningKey } from "../plan/sign.ts";
import type { Policy } from "../policy/policy.ts";
import { ok, type Result } from "../result.ts";
import { type Checkpoint, frontierOf, verifyCheckpoint } from "./checkpoint.ts";
import type { AuditFailure, AuditLog, SealedOpening } from "./log.ts";
import { emptyFrontier, type Frontier, grow, rootOf } from "./merkle.ts";
import { entryOfValues, type Parts, partsOfEvent, type RunFacts } from "./parts.ts";
import { type AuditRecord, commitmentOf, leafHash, noDigest, readRecord } from "./record.ts";
import { createRedecider, type Redecided, thawText } from "./redecide.ts";
import type { Subjects } from "./subjects.ts";
import { openingPlace } from "./writer.ts";

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
  readonly policy?: Policy | undefined;
  /** Parsers of the dialects of SQL that a plan names. */
  readonly sqlOf?: ((plan: FrozenPlan) => Promise<readonly SqlParser[]>) | undefined;
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
}

/** Verifies a log. Errors: it cannot be read. */
export async function verifyAudit(log: AuditLog, options: VerifyOptions): Promise<Result<Verification, AuditFailure>> {
  const faults: AuditFault[] = [];
  let faultCount = 0;
  const fault: Scene["fault"] = (kind, message, seq) => {
    faultCount += 1;
    if (faults.length < auditFaultsMax) faults.push({ kind, message, ...(seq === undefined ? {} : { seq }) });
  };
  const signed = await readCheckpoints(log, options, fault);
  if (!signed.ok) return signed;
  const scene = sceneOf(log, options, { fault, checkpoints: signed.value });
  let frontier: Frontier = emptyFrontier;
  let head = noDigest;
  for (;;) {
    const page = await log.read(frontier.size, auditBatchMax);
    if (!page.ok) return page;
    if (page.value.length === 0) break;
    const records = page.value.map(readRecord);
    const hashes = page.value.map(leafHash);
    for (const [i, record] of records.entries()) {
      const seq = frontier.size;
      checkLink(scene, record, { seq, head });
      const hash = hashes[i] as Uint8Array;
      head = hexOf(hash);
      if (seq === 0) scene.id = head;
      frontier = grow(frontier, [hash]);
      checkSigned(scene, frontier, head);
    }
    const checked = await checkValues(scene, records, { first: frontier.size - records.length });
    if (!checked.ok) return checked;
  }
  await checkEnd(scene, frontier.size);
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

async function checkEnd({ checkpoints, fault, missing, erased, options }: Scene, size: number): Promise<void> {
  for (const signed of checkpoints.keys())
    if (signed > size) fault("truncated", `a checkpoint covers ${signed} records, and there are ${size}`);
  if (options.subjects === undefined) return;
  for (const [subject, seq] of missing)
    if (!erased.has(subject)) fault("key", `the key of ${subject} is not there, and no record says that it was erased`, seq);
  for (const subject of erased) {
    const key = await options.subjects.open(subject);
    if (key.ok || key.error !== "erased")
      fault("key", `the key of ${subject} is there, although a record says that it was erased`);
  }
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
  for (const each of kept.value) bySeq.set(each.seq, [...(bySeq.get(each.seq) ?? []), each]);
  const opened = await Promise.all(
    records.map((record, i) =>
      record === undefined ? undefined : openValues(scene, subjects, record, bySeq.get(first + i) ?? []),
    ),
  );
  for (const [i, record] of records.entries()) {
    if (record === undefined) continue;
    if (record.kind === "plan-loaded") await checkPlan(scene, record);
    const { session, number } = record;
    if (session === undefined || number === undefined) continue;
    const entry = entryOfAll(scene, record, opened[i]);
    const outcome = await scene.redecider.take(session, number, entry);
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

async function checkPlan({ log, fault }: Scene, { facts, seq }: AuditRecord): Promise<void> {
  const digest = typeof facts.plan === "string" ? facts.plan : "";
  const text = await log.loadPlan(digest);
  if (!text.ok || text.value === undefined || thawText(text.value)?.digest !== digest)
    fault("plan", `the text of the plan that record ${seq} names is missing or another`, seq);
}

type Opened = { readonly [name: string]: Json } | "erased" | "faulty";

/** Every value of a record, opened and held to its commitment. */
async function openValues(
  scene: Scene,
  subjects: Subjects,
  record: AuditRecord,
  kept: readonly SealedOpening[],
): Promise<Opened> {
  const values: { [name: string]: Json } = {};
  let outcome: Opened = values;
  for (const extra of kept)
    if (!Object.hasOwn(record.values, extra.name))
      scene.fault("opening", `beside record ${record.seq} is kept what it does not name`, record.seq);
  for (const [name, { commit, subject = "" }] of Object.entries(record.values)) {
    const owner = await subjects.open(subject);
    if (!owner.ok) {
      if (owner.error === "erased") {
        scene.values.erased += 1;
        if (!scene.missing.has(subject)) scene.missing.set(subject, record.seq);
        if (outcome === values) outcome = "erased";
        continue;
      }
      scene.fault("key", `the key of ${subject} cannot be opened`, record.seq);
      outcome = "faulty";
      continue;
    }
    const sealed = kept.find((each) => each.name === name)?.sealed;
    const opened =
      sealed === undefined ? undefined : await owner.value.sealer.open(sealed, openingPlace(scene.id, record.seq, name));
    const value = opened?.ok === true ? openingOf(opened.value, commit) : undefined;
    if (value === undefined) {
      scene.fault(
        "opening",
        `what is kept of \`${name}\` of record ${record.seq} is missing, or is not what was committed`,
        record.seq,
      );
      outcome = "faulty";
      continue;
    }
    values[name] = value.value;
    scene.values.checked += 1;
  }
  return outcome;
}

/** The value of an opening, if it is what was committed. */
function openingOf(text: string, commit: string): { readonly value: Json } | undefined {
  const end = text.indexOf("\n");
  const salt = text.slice(0, end);
  const read = end > 0 ? readJson(text.slice(end + 1)) : undefined;
  return read?.ok === true && commitmentOf({ salt, value: read.value }) === commit ? { value: read.value } : undefined;
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
  if (parts === undefined || (!isLate && textOfParts(parts) !== textOfParts({ ...record, values: opened }))) {
    scene.fault("facts", `record ${record.seq} says what its event does not`, record.seq);
    return undefined;
  }
  if (entry?.event.type === "allow") {
    const tool = record.tool === undefined ? {} : { tool: record.tool };
    runs?.set(entry.event.run, { node: entry.event.node, ...tool });
  }
  return entry;
}

function textOfParts({ kind, at, node, tool, code, facts, values }: Parts): string {
  return canonicalJson([kind, at, node ?? null, tool ?? null, code ?? null, facts, Object.keys(values).sort()]);
}
