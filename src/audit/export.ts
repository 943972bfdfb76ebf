/**
 * An audit log for other programs: lines of JSON as they are, CSV for spreadsheets, OCSF events for a SIEM.
 * Never rests on an index: every record is read, so that none is left out. Nothing personal but where openings are asked for.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { auditBatchMax } from "../limits.ts";
import { sha256Bytes, utf8 } from "../plan/digest.ts";
import { err, ok } from "../result.ts";
import { csvLine } from "./csv.ts";
import { type AuditQuery, fits } from "./find.ts";
import type { Answer, AuditLog } from "./log.ts";
import { ocsfOf } from "./ocsf.ts";
import { createOpener } from "./open-values.ts";
import { type AuditRecord, readRecord, recordDigest } from "./record.ts";
import type { Subjects } from "./subjects.ts";

/** Formats of an export. */
export const exportFormats = ["jsonl", "csv", "ocsf"] as const;

/** A format: lines of records as they are kept, a table (RFC 4180), lines of OCSF events. */
export type ExportFormat = (typeof exportFormats)[number];

/** What is exported, and how. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /** Which records; absent: all. */
  readonly query?: Omit<AuditQuery, "limit">;
  /** Version of Sluice, for OCSF. */
  readonly version: string;
  /** Whose values are opened and written with the records. Absent: nobody's. Whoever gives them out must have said so in the log. */
  readonly opening?: Subjects;
  /** Gets a piece of the export, and is waited for. */
  readonly write: (text: string) => Promise<void> | void;
}

/** Writes an export; returns the number of records. Failure: also a record that cannot be read. */
export async function exportAudit(log: AuditLog, { format, query = {}, version, opening, write }: ExportOptions): Answer<number> {
  const first = await log.read(0, 1);
  if (!first.ok) return first;
  const id = recordDigest(first.value[0] ?? "");
  if (format === "csv") await write(csvLine([...columns, ...(opening === undefined ? [] : ["opened"])]));
  let count = 0;
  for (let seq = 0; ; ) {
    const page = await log.read(seq, auditBatchMax);
    if (!page.ok) return page;
    if (page.value.length === 0) return ok(count);
    const found: { readonly record: AuditRecord; readonly text: string }[] = [];
    for (const text of page.value) {
      const record = readRecord(text);
      if (record?.seq !== seq) return err({ kind: "unavailable", detail: `record ${seq} cannot be read` });
      if (fits({ ...query, limit: 1 }, record, text)) found.push({ record, text });
      seq += 1;
    }
    const opened =
      opening === undefined || found.length === 0
        ? undefined
        : await openAll(
            log,
            found.map(({ record }) => record),
            { id, opening },
          );
    if (opened?.ok === false) return opened;
    const values = opened?.value;
    const lines = found.map(({ record, text }) => {
      const shown = values?.get(record.seq);
      if (format === "csv") return csvLine([...rowOf(record), ...(values === undefined ? [] : [canonicalJson(shown ?? {})])]);
      if (format === "ocsf") return `${canonicalJson(ocsfOf(record, { log: id, version }, shown))}\n`;
      return shown === undefined ? `${text}\n` : `${canonicalJson({ record: record as unknown as Json, values: shown })}\n`;
    });
    count += found.length;
    if (lines.length > 0) await write(lines.join(""));
  }
}

/** Values of records by number. One that is gone with its person is told as `{"erased": true}`, one that cannot be opened as `{"broken": true}`. */
async function openAll(
  log: AuditLog,
  records: readonly AuditRecord[],
  { id, opening }: { readonly id: string; readonly opening: Subjects },
): Answer<ReadonlyMap<number, JsonObject>> {
  const kept = await log.openings(records[0]?.seq ?? 0, (records.at(-1)?.seq ?? -1) + 1);
  if (!kept.ok) return kept;
  const open = createOpener({
    subjects: opening,
    id,
    fault: () => undefined,
    values: { checked: 0, erased: 0 },
    missing: new Map(),
    sha256: (text) => sha256Bytes(utf8(text)),
  });
  const values = new Map<number, JsonObject>();
  for (const record of records) {
    const opened = await open(
      record,
      kept.value.filter(({ seq }) => seq === record.seq),
    );
    values.set(record.seq, opened === "erased" ? { erased: true } : opened === "faulty" ? { broken: true } : opened);
  }
  return ok(values);
}

const columns = [
  ...[
    "seq",
    "time",
    "kind",
    "session",
    "number",
    "plan",
    "principal",
    "node",
    "tool",
    "code",
    "by",
    "facts",
    "values",
    "cursor",
    "prev",
  ],
] as const;

function rowOf(record: AuditRecord): readonly (string | number | undefined)[] {
  const { seq, at, kind, session, number, plan, principal, node, tool, code, facts, values, cursor, prev } = record;
  const by = typeof facts.by === "string" ? facts.by : undefined;
  const rest = [canonicalJson(facts), canonicalJson(values as unknown as Json), cursor, prev];
  return [seq, timeText(at), kind, session, number, plan, principal, node, tool, code, by, ...rest];
}

/** RFC 3339 in UTC; a time that no date has is left as the number it is. */
function timeText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
