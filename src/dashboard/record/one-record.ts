/**
 * One record of the audit log as a page shows it: what it says, what it is chained to, what is beside it, how it is signed.
 * Never takes it for whole because it can be read: links to its neighbours are hashed again.
 */
import { type AuditRecord, readRecord, recordDigest } from "../../audit/record.ts";
import type { AuditFailure } from "../../audit/log.ts";
import { nextLookedMax } from "./bounds.ts";
import { ok, type Result } from "../../result.ts";
import type { AuditAccess } from "./access.ts";
import { type KeptValue, valuesOf } from "./openings.ts";
import { type FoundRow, rowOf } from "./search.ts";
import { inclusionOf, type Inclusion } from "./signed.ts";

/** A record. */
export interface OneRecord {
  readonly seq: number;
  /** Number of records of the log. */
  readonly size: number;
  /** Its text as it is kept: what is hashed. */
  readonly text: string;
  readonly digest: string;
  /** Absent: the text is no record, or one of another place; it was changed. */
  readonly record?: AuditRecord;
  readonly row?: FoundRow;
  readonly values: readonly KeptValue[];
  /** Whether it names the digest of the record before, and the record after names its digest; absent: there is none. */
  readonly chainedBefore?: boolean;
  readonly chainedAfter?: boolean;
  /** Records before and after in the same session. */
  readonly previous?: number;
  readonly next?: number;
  readonly inclusion: Inclusion;
}

/** A record; `undefined`: the log has none of this number. `opens`: with its values. */
export async function oneRecord(
  access: AuditAccess,
  seq: number,
  { opens }: { readonly opens: boolean },
): Promise<Result<OneRecord | undefined, AuditFailure>> {
  const { log } = access;
  const head = await log.head();
  if (!head.ok) return head;
  if (!(Number.isSafeInteger(seq) && seq >= 0 && seq < head.value.size)) return ok(undefined);
  const around = await log.read(Math.max(0, seq - 1), 3);
  if (!around.ok) return around;
  const own = seq === 0 ? 0 : 1;
  const [before, text, after] = [around.value[own - 1], around.value[own] ?? "", around.value[own + 1]];
  const read = readRecord(text);
  const record = read?.seq === seq ? read : undefined;
  const digest = recordDigest(text);
  const values = record === undefined ? ok([]) : await valuesOf(access, record, opens);
  if (!values.ok) return values;
  return ok({
    seq,
    size: head.value.size,
    text,
    digest,
    ...(record === undefined ? {} : { record, row: rowOf({ record }) }),
    values: values.value,
    ...(before === undefined || record === undefined ? {} : { chainedBefore: recordDigest(before) === record.prev }),
    ...(after === undefined ? {} : { chainedAfter: readRecord(after)?.prev === digest }),
    ...(record === undefined ? {} : await inSession(access, record)),
    inclusion: await inclusionOf(access, seq),
  });
}

/** The neighbours of a record in its session: before it by the log's index, after it among the next records alone. */
async function inSession({ log }: AuditAccess, { seq, session }: AuditRecord): Promise<Pick<OneRecord, "previous" | "next">> {
  if (session === undefined) return {};
  const found = await log.find({ session, before: seq, limit: 1 });
  const previous = found.ok ? found.value.records[0]?.record.seq : undefined;
  const later = await log.read(seq + 1, nextLookedMax);
  const next = (later.ok ? later.value : []).find((text) => text.includes(session) && readRecord(text)?.session === session);
  const after = next === undefined ? undefined : readRecord(next)?.seq;
  return { ...(previous === undefined ? {} : { previous }), ...(after === undefined ? {} : { next: after }) };
}
