/**
 * Finding records in a folder of files of lines: read from the end backwards, a bounded number of lines for a page.
 * Never takes a half-written line for a record, and never answers with a record that does not fit; what looks right is read whole.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { auditFindScanMax } from "../limits.ts";
import { type AuditFound, type AuditQuery, type FoundRecord, fits, pageLimit, queryNames, smallAscii } from "./find.ts";
import { readRecord } from "./record.ts";

const chunkBytes = 1 << 18;

/** A file of records, and the number of its first. */
export interface RecordsFile {
  readonly name: string;
  readonly first: number;
}

/** Looks through `files` (in ascending order) of a folder. Rejects with what the file system says. */
export async function findInFiles(folder: string, files: readonly RecordsFile[], query: AuditQuery): Promise<AuditFound> {
  const records: FoundRecord[] = [];
  const before = query.before ?? Number.POSITIVE_INFINITY;
  const limit = pageLimit(query);
  const looksRight = prefilter(query);
  let left = auditFindScanMax;
  for (const { name, first } of files.filter((file) => file.first < before).toReversed()) {
    const handle = await open(join(folder, name), "r");
    try {
      /** Number of the line at hand. A line without one is counted on from the line after it. */
      let seq = before;
      for await (const line of linesBackwards(handle, await offsetOf(handle, before))) {
        seq = seqOf(line) ?? seq - 1;
        const record = looksRight(line) ? readRecord(line) : undefined;
        if (record !== undefined && fits(query, record, line)) records.push({ record, text: line });
        left -= 1;
        if (records.length < limit && left > 0) continue;
        // INVARIANT: smaller than `before`, whatever somebody wrote into the file, so that a reader of pages comes to an end.
        return { records, scannedTo: seq < before && seq >= first ? seq : first };
      }
    } finally {
      await handle.close();
    }
  }
  return { records, scannedTo: 0 };
}

/** The number in a line, without reading it whole: in canonical JSON the record's own `seq` is the last that is followed by a number. */
function seqOf(line: string): number | undefined {
  const found = /^"seq":([0-9]{1,15})[,}]/.exec(line.slice(line.lastIndexOf('"seq":')).slice(0, 24));
  return found === null ? undefined : Number(found[1]);
}

/** Whether a line may be one that a query asks for. */
function prefilter(query: AuditQuery): (line: string) => boolean {
  const texts = queryNames.flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`];
  });
  const kinds = query.kind?.map((kind) => `"kind":"${kind}"`);
  const wanted = query.text === undefined ? undefined : smallAscii(query.text);
  const { since, until } = query;
  const isTimed = since !== undefined || until !== undefined;
  return (line) =>
    texts.every((text) => line.includes(text)) &&
    (kinds === undefined || kinds.some((kind) => line.includes(kind))) &&
    (!isTimed || isIn(line, since, until)) &&
    (wanted === undefined || smallAscii(line).includes(wanted));
}

/** Whether the time of a record is in a range; `at` is its first member. */
function isIn(line: string, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY): boolean {
  const found = /^\{"at":([-+.0-9eE]{1,40})[,}]/.exec(line);
  const at = Number(found?.[1]);
  return at >= since && at < until;
}

/** The byte at which the first line begins whose number is `before` or greater, else the end of the last whole line. Halves the file. */
async function offsetOf(handle: FileHandle, before: number): Promise<number> {
  const { size } = await handle.stat();
  let [low, high] = [0, size];
  if (!Number.isFinite(before)) return size;
  // INVARIANT: every line that begins before `low` has a smaller number.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await lineAfter(handle, middle, high);
    if (found === undefined) high = middle;
    else if ((seqOf(found.line) ?? 0) < before) low = found.end;
    else high = middle;
  }
  return low;
}

/** The first line that begins at or after a byte, and before `high`. */
async function lineAfter(
  handle: FileHandle,
  from: number,
  high: number,
): Promise<{ readonly line: string; readonly end: number } | undefined> {
  const start = from === 0 ? 0 : ((await newlineFrom(handle, from - 1)) ?? high - 1) + 1;
  const stop = start < high ? await newlineFrom(handle, start) : undefined;
  if (stop === undefined) return undefined;
  const bytes = Buffer.alloc(stop - start);
  await handle.read(bytes, 0, bytes.length, start);
  return { line: bytes.toString("utf8"), end: stop + 1 };
}

async function newlineFrom(handle: FileHandle, from: number): Promise<number | undefined> {
  const chunk = Buffer.allocUnsafe(4_096);
  for (let position = from; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return undefined;
    const found = chunk.subarray(0, bytesRead).indexOf(10);
    if (found >= 0) return position + found;
    position += bytesRead;
  }
}

/** Whole lines that end at or before a byte, the last first. */
async function* linesBackwards(handle: FileHandle, until: number): AsyncGenerator<string> {
  /** What of the line at hand is read, and whether its end was a line's end. */
  let rest: readonly Buffer[] = [];
  let isWhole = false;
  for (let stop = until; stop > 0; ) {
    const start = Math.max(0, stop - chunkBytes);
    const chunk = Buffer.allocUnsafe(stop - start);
    await handle.read(chunk, 0, chunk.length, start);
    let end = chunk.length;
    for (let newline = chunk.lastIndexOf(10); newline >= 0; newline = end === 0 ? -1 : chunk.lastIndexOf(10, end - 1)) {
      if (isWhole) yield textOf([chunk.subarray(newline + 1, end), ...rest]);
      [rest, isWhole, end] = [[], true, newline];
    }
    rest = [chunk.subarray(0, end), ...rest];
    stop = start;
  }
  if (isWhole) yield textOf(rest);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A line that is no UTF-8 reads as one that is no record. */
function textOf(parts: readonly Buffer[]): string {
  try {
    return decoder.decode(Buffer.concat(parts));
  } catch {
    return "";
  }
}
