/**
 * The search over an audit log: a form's fields as a query, and a page of what it finds.
 * Never takes a field that it cannot read for one that was left out: a search that is wider than what was asked would show what nobody meant.
 */
import type { AuditQuery, FoundRecord } from "../../audit/find.ts";
import type { AuditFailure, AuditLog } from "../../audit/log.ts";
import { type AuditKind, auditKinds } from "../../audit/record.ts";
import { readDateTime } from "../../lang/date.ts";
import { fieldCharsMax, foundMax, scansMax } from "./bounds.ts";
import { ok, type Result } from "../../result.ts";
import type { Query } from "../shell/href.ts";
import { breathe } from "./paced.ts";
import { whatOf } from "./what.ts";

/** Fields of the form that are compared as they are. */
export const searchTexts = ["text", "session", "plan", "tool", "node", "code", "principal", "by"] as const;

/** A field of the form. */
export type SearchField = (typeof searchTexts)[number] | "kind" | "since" | "until" | "before";

/** What was asked. */
export interface Asked {
  /** Fields as they were written, those that were. */
  readonly fields: { readonly [field in Exclude<SearchField, "kind">]?: string };
  readonly kinds: readonly AuditKind[];
  readonly problems: readonly { readonly field: SearchField; readonly message: string }[];
  readonly query: Omit<AuditQuery, "limit">;
}

/** Reads what was asked, from the query of a URL. */
export function readAsked(params: URLSearchParams): Asked {
  const problems: { readonly field: SearchField; readonly message: string }[] = [];
  const fields: { [field in Exclude<SearchField, "kind">]?: string } = {};
  const query: { -readonly [name in keyof Omit<AuditQuery, "limit">]: AuditQuery[name] } = {};
  for (const field of searchTexts) {
    const text = (params.get(field) ?? "").trim();
    if (text === "") continue;
    fields[field] = text;
    if (text.length > fieldCharsMax) problems.push({ field, message: `at most ${fieldCharsMax} characters` });
    else query[field] = text;
  }
  for (const field of ["since", "until"] as const) {
    const text = (params.get(field) ?? "").trim();
    if (text === "") continue;
    fields[field] = text;
    const time = readTime(text);
    if (time === undefined) problems.push({ field, message: "a date (2026-11-25) or a time (2026-11-25T09:30, UTC) is needed" });
    else query[field] = time;
  }
  const before = params.get("before") ?? "";
  if (before !== "") fields.before = before;
  if (/^\d{1,15}$/.test(before)) query.before = Number(before);
  else if (before !== "") problems.push({ field: "before", message: "a number of a record is needed" });
  const given = params.getAll("kind").flatMap((kinds) => kinds.split(",").filter((kind) => kind !== ""));
  const kinds = auditKinds.filter((kind) => given.includes(kind));
  if (given.some((kind) => !kinds.some((known) => known === kind)))
    problems.push({ field: "kind", message: `one of ${auditKinds.join(", ")} is needed` });
  else if (kinds.length > 0) query.kind = kinds;
  return { fields, kinds, problems, query };
}

/** A time as people write it: a date, or a date and a time, in UTC unless it says its offset. */
export function readTime(text: string): number | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return readDateTime(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}$/.test(text)) return readDateTime(`${text.replace(" ", "T")}:00Z`);
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?$/.test(text)) return readDateTime(`${text}Z`);
  return readDateTime(text);
}

/** The query of a URL that asks the same; `before`: from there on, absent: from the newest on. */
export function askedAgain({ fields, kinds }: Pick<Asked, "fields" | "kinds">, before?: number): Query {
  return { ...fields, kind: kinds.join(","), before };
}

/** One record that was found, as a row of a table. */
export interface FoundRow {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: AuditKind;
  /** What happened, in words of ours and names. */
  readonly what: string;
  readonly session?: string;
  readonly plan?: string;
  readonly tool?: string;
  readonly node?: string;
  readonly code?: string;
  readonly principal?: string;
  readonly by?: string;
}

/** A page of what was found. */
export interface FoundPage {
  readonly rows: readonly FoundRow[];
  /** All records from this number on were looked at. */
  readonly scannedTo: number;
  /** Where an older page begins; absent: this is the last. */
  readonly older?: number;
}

/** A page of what is found, the newest first. Where few records fit it looks on for a while, with rests, and then says how far it came. */
export async function searchLog(log: AuditLog, query: Omit<AuditQuery, "limit">): Promise<Result<FoundPage, AuditFailure>> {
  const rows: FoundRow[] = [];
  let { before } = query;
  for (let scans = 0; ; scans++) {
    const wanted = foundMax - rows.length;
    const found = await log.find({ ...query, ...(before === undefined ? {} : { before }), limit: wanted });
    if (!found.ok) return found;
    rows.push(...found.value.records.map(rowOf));
    const { scannedTo } = found.value;
    before = scannedTo;
    if (scannedTo <= 0) return ok({ rows, scannedTo: 0 });
    if (rows.length >= foundMax || scans >= scansMax) return ok({ rows, scannedTo, older: scannedTo });
    await breathe();
  }
}

/** The row of a record. */
export function rowOf({ record }: Pick<FoundRecord, "record">): FoundRow {
  const { seq, at, kind, session, plan, tool, node, code, principal, facts } = record;
  return {
    seq,
    at,
    kind,
    what: whatOf(record),
    ...(session === undefined ? {} : { session }),
    ...(plan === undefined ? {} : { plan }),
    ...(tool === undefined ? {} : { tool }),
    ...(node === undefined ? {} : { node }),
    ...(code === undefined ? {} : { code }),
    ...(principal === undefined ? {} : { principal }),
    ...(typeof facts.by === "string" ? { by: facts.by } : {}),
  };
}
