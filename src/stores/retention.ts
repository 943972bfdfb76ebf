/**
 * How long a store keeps what has expired: a small policy, and the sweeper that follows it.
 * Never forgets what may still matter to a decision: labels, counters, revocations, grants, plans, or anything before its time is over.
 */
import { retentionBatchMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store, StoreFailure } from "./store.ts";

/** What can be forgotten, and how many milliseconds after it has expired; `never`: it is kept. */
export interface Retention {
  /** Sessions with all their events. */
  readonly sessions: number | "never";
  /** Which calls and amendments waited for a human; what became of them is in the events of their sessions. */
  readonly approvals: number | "never";
  /** Which receipts of other agents were used: an expired one is refused for being expired. */
  readonly receipts: number | "never";
  /** Which MCP clients have said goodbye to a session. */
  readonly clients: number | "never";
}

const hour = 3_600_000;
const day = 24 * hour;

/** What holds where an operator says nothing: a month to look at a session, a day for what nobody reads. */
export const retentionDefault: Retention = { sessions: 30 * day, approvals: 7 * day, receipts: day, clients: day };

/**
 * The least for each. A run may settle after its session has expired, clocks differ by minutes, and a receipt holds some minutes longer for
 * a clock that is behind: an hour is far beyond all of them.
 */
const leastMs = hour;
const mostDays = 36_500;

/** Something wrong with a policy, with its place as a JSON pointer. */
export interface RetentionProblem {
  readonly pointer: string;
  readonly message: string;
}

/** A duration as it is written: `12h` or `30d`. */
export const durationPattern = /^([1-9][0-9]{0,5})(h|d)$/;

/** Reads a policy: `{ "sessions": "30d", "receipts": "12h", "approvals": "never" }`; what it does not say is as in {@link retentionDefault}. */
export function readRetention(value: unknown): Result<Retention, readonly RetentionProblem[]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return err([{ pointer: "", message: 'an object is needed, such as { "sessions": "30d" }' }]);
  const problems: RetentionProblem[] = [];
  const read: { -readonly [N in keyof Retention]: Retention[N] } = { ...retentionDefault };
  for (const [name, text] of Object.entries(value)) {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const time = text === "never" ? text : durationOf(text);
    if (!isKind(name)) problems.push({ pointer, message: `not known; there are ${kinds.join(", ")}` });
    else if (time === undefined)
      problems.push({ pointer, message: "how long after expiry: hours or days such as `12h` or `30d`, or `never`" });
    else read[name] = time;
  }
  return problems.length > 0 ? err(problems) : ok(read);
}

const kinds = Object.keys(retentionDefault) as readonly (keyof Retention)[];

function isKind(name: string): name is keyof Retention {
  return kinds.some((kind) => kind === name);
}

function durationOf(text: unknown): number | undefined {
  const [, count, unit] = (typeof text === "string" ? durationPattern.exec(text) : undefined) ?? [];
  const ms = Number(count) * (unit === "d" ? day : hour);
  return ms >= leastMs && ms <= mostDays * day ? ms : undefined;
}

/** Kinds of records whose ids begin with the time at which they expire (`timeKey`), by what the policy says of them. */
const recordKinds: readonly (readonly [keyof Retention, string])[] = [
  ["approvals", "approval"],
  ["approvals", "amendment"],
  ["receipts", "receipt"],
  ["clients", "mcp-ended"],
];

/**
 * Records by which receipts are followed back to the sessions that issued them (`receipts/issued.ts`): as useful as those, and not counted.
 * Their ids begin with a time as well.
 */
const issuedReceipts = "issued-receipt";

/** What a sweep has forgotten. */
export interface Swept {
  readonly sessions: number;
  readonly approvals: number;
  readonly receipts: number;
  readonly clients: number;
  /** Whether nothing more is due; if not, the next sweep goes on. */
  readonly isDone: boolean;
}

/** How much one sweep does, and at what time. */
export interface SweepOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Batches of each kind, each of {@link retentionBatchMax} at most and a change of its own. Default 20. */
  readonly batches?: number;
}

/**
 * Forgets what the policy no longer keeps at `now`, in small changes, so that calls go on beside it. Several
 * processes may sweep one store at once. Failure: the store's, and what was forgotten until then stays forgotten.
 */
export async function sweep(
  store: Pick<Store, "expire" | "forgetRecords">,
  retention: Retention,
  { now, batches = 20 }: SweepOptions,
): Promise<Result<Swept, StoreFailure>> {
  const count = { sessions: 0, approvals: 0, receipts: 0, clients: 0 };
  let isDone = true;
  const jobs = [
    ["sessions", (before: number) => store.expire(before, retentionBatchMax)] as const,
    ...recordKinds.map(
      ([kind, name]) => [kind, (before: number) => store.forgetRecords(name, timeKey(before), retentionBatchMax)] as const,
    ),
  ];
  for (const [kind, forget] of jobs) {
    const keep = retention[kind];
    if (keep === "never" || !Number.isFinite(now)) continue;
    for (let left = batches, gone = retentionBatchMax; gone === retentionBatchMax; left--) {
      if (left === 0) isDone = false;
      if (left === 0) break;
      const forgotten = await forget(now - keep);
      if (!forgotten.ok) return forgotten;
      gone = forgotten.value;
      count[kind] += gone;
    }
  }
  if (retention.sessions !== "never" && Number.isFinite(now)) {
    const forgotten = await store.forgetRecords(issuedReceipts, timeKey(now - retention.sessions), retentionBatchMax);
    if (!forgotten.ok) return forgotten;
    isDone &&= forgotten.value < retentionBatchMax;
  }
  return ok({ ...count, isDone });
}

/** What a sweep would forget now, counted page by page. */
export async function due(
  store: Pick<Store, "list" | "records">,
  retention: Retention,
  { now, sessionsMax }: { readonly now: number; readonly sessionsMax: number },
): Promise<Result<Swept, StoreFailure>> {
  const count = { sessions: 0, approvals: 0, receipts: 0, clients: 0 };
  const rows = await store.list(sessionsMax);
  if (!rows.ok) return rows;
  const { sessions } = retention;
  if (sessions !== "never") count.sessions = rows.value.filter(({ header }) => header.expiresAt <= now - sessions).length;
  for (const [kind, name] of recordKinds) {
    const keep = retention[kind];
    if (keep === "never") continue;
    const end = timeKey(now - keep);
    for (let after: string | undefined; ; ) {
      const page = await store.records(name, { limit: retentionBatchMax, ...(after === undefined ? {} : { after }) });
      if (!page.ok) return page;
      const gone = page.value.filter(({ id }) => id < end).length;
      count[kind] += gone;
      after = page.value.at(-1)?.id;
      if (gone < retentionBatchMax || after === undefined) break;
    }
  }
  return ok({ ...count, isDone: rows.value.length < sessionsMax });
}

/** A time as ids of records begin with it; see `surfaces/enforce/waiting/pending.ts`. */
function timeKey(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(16, "0");
}
