/**
 * An audit log as a folder of files of lines: `records-N.jsonl` and `openings-N.jsonl`, begun anew when they are large (N: the first record),
 * `checkpoints.txt`, `subjects.jsonl`, and `plans/`. Never changes a line of a record; what a crash left half-written at the end is cut off.
 */
import { open, mkdir, readdir, readFile, rename, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import { type Json, member } from "../json/value.ts";
import { auditFileBytes } from "../limits.ts";
import { err, ok } from "../result.ts";
import { findInFiles, type RecordsFile } from "./jsonl-find.ts";
import type { Answer, AuditLog, SealedOpening, SubjectKey } from "./log.ts";

/** How a folder is used. */
export interface JsonlOptions {
  /** Bytes of a file of records above which the next one is begun. Default 64 MiB. */
  readonly fileBytes?: number;
  /** Whether it is only looked at: then nothing is made and nothing is cut. Default: no. */
  readonly readOnly?: boolean;
}

/** A place in the records: the file, the byte, and the number of the record that begins there. */
interface Place {
  readonly file: string;
  readonly offset: number;
  readonly seq: number;
}

/** Opens (or makes) the log in a folder. Rejects with what the file system says. One process at a time may write it. */
export async function openJsonlAuditLog(folder: string, options: JsonlOptions = {}): Promise<AuditLog> {
  const { fileBytes = auditFileBytes, readOnly = false } = options;
  if (!readOnly) await mkdir(join(folder, "plans"), { recursive: true, mode: 0o700 });
  const path = (name: string): string => join(folder, name);
  const linesFrom = recordsOf(folder);
  const end = await findEnd(folder, false);
  let { size, last, file, bytes } = end;
  /** Whether the end may be torn: by an append that failed, or by a process before this one. Only who appends cuts it off. */
  let isTorn = true;
  return {
    // Read anew: another process may have written meanwhile.
    head: guarded(async () => {
      const found = await findEnd(folder, false);
      isTorn ||= found.size !== size;
      ({ size, last, file, bytes } = found);
      return ok(last === undefined ? { size } : { size, last });
    }),
    append: guarded(async ({ first, records, openings }) => {
      if (isTorn || !(await endsAt(folder, file, bytes))) {
        isTorn = true;
        const found = await findEnd(folder, false);
        if (first !== found.size) return err({ kind: "conflict" });
        ({ size, last, file, bytes } = await findEnd(folder, true));
      }
      if (first !== size) return err({ kind: "conflict" });
      isTorn = true;
      if (file === undefined || bytes > fileBytes) [file, bytes] = [`records-${String(first).padStart(15, "0")}.jsonl`, 0];
      // First: an opening without a record harms nobody.
      const kept = openings.map((each) => `${canonicalJson(each as unknown as Json)}\n`).join("");
      if (kept !== "") await appendDurably(path(openingsFile(file)), kept);
      bytes += await appendDurably(path(file), records.map((text) => `${text}\n`).join(""));
      size += records.length;
      last = records.at(-1) ?? last;
      isTorn = false;
      return ok(undefined);
    }),
    read: guarded(async (from, limit) => ok(await linesFrom(from, limit))),
    find: guarded(async (query) => ok(await findInFiles(folder, await numberedFiles(folder), query))),
    openings: openingsOf(folder),
    addCheckpoint: guarded(async (jws) => {
      await appendDurably(path("checkpoints.txt"), `${jws}\n`);
      return ok(undefined);
    }),
    checkpoints: guarded(async () => ok(await allLines(path("checkpoints.txt")))),
    savePlan: guarded(async (digest, text) => {
      await writeWhole(path(planFile(digest)), text);
      return ok(undefined);
    }),
    loadPlan: guarded(async (digest) => ok(await textOf(path(planFile(digest))))),
    ...keysIn(path("subjects.jsonl")),
    close: async () => undefined,
  };
}

/** Reads records in order. */
function recordsOf(folder: string): (from: number, limit: number) => Promise<readonly string[]> {
  /** Where the last reading ended: the next one mostly goes on there. */
  let after: Place | undefined;
  return async (from: number, limit: number): Promise<readonly string[]> => {
    const files = await recordFiles(folder);
    let place = after?.seq === from ? after : undefined;
    if (place === undefined) {
      const first = files.filter((each) => firstOf(each) <= from).at(-1);
      if (first === undefined) return [];
      place = { file: first, offset: 0, seq: firstOf(first) };
    }
    const lines: string[] = [];
    while (lines.length < limit && place !== undefined) {
      const read: ReadLines = await readLines(
        join(folder, place.file),
        place.offset,
        place.seq < from ? from - place.seq : limit - lines.length,
      );
      if (place.seq >= from) lines.push(...read.lines);
      const seq: number = place.seq + read.lines.length;
      const next: string | undefined = files[files.indexOf(place.file) + 1];
      place =
        read.lines.length > 0
          ? { file: place.file, offset: read.offset, seq }
          : next === undefined
            ? undefined
            : { file: next, offset: 0, seq };
    }
    after = place;
    return lines;
  };
}

function planFile(digest: string): string {
  return join("plans", `${digest.replace(/[^0-9a-z]/g, "-")}.json`);
}

function openingsFile(file: string): string {
  return file.replace("records-", "openings-");
}

async function recordFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^records-[0-9]{15}\.jsonl$/.test(name)).sort();
}

async function numberedFiles(folder: string): Promise<readonly RecordsFile[]> {
  return (await recordFiles(folder)).map((name) => ({ name, first: firstOf(name) }));
}

function firstOf(file: string): number {
  return Number(file.slice("records-".length, -".jsonl".length));
}

interface End {
  readonly size: number;
  readonly last: string | undefined;
  readonly file: string | undefined;
  readonly bytes: number;
}

/** Where the records end. What a crash left there is no whole line, and is cut off if we are to write. */
async function findEnd(folder: string, cuts: boolean): Promise<End> {
  const files = await recordFiles(folder);
  const file = files.at(-1);
  if (file === undefined) return { size: 0, last: undefined, file, bytes: 0 };
  let [offset, size, last]: [number, number, string | undefined] = [0, firstOf(file), undefined];
  for (;;) {
    const read = await readLines(join(folder, file), offset, 4_096);
    if (read.lines.length === 0) break;
    offset = read.offset;
    size += read.lines.length;
    last = read.lines.at(-1);
  }
  if (cuts) {
    await cutTo(join(folder, file), offset);
    await cutOpenings(join(folder, openingsFile(file)), size);
  }
  return { size, last, file, bytes: offset };
}

/** Whether the records still end where this process knows: another may have written. */
async function endsAt(folder: string, file: string | undefined, bytes: number): Promise<boolean> {
  const last = (await recordFiles(folder)).at(-1);
  return last === file && (file === undefined || (await stat(join(folder, file))).size === bytes);
}

async function cutTo(file: string, bytes: number): Promise<void> {
  if ((await stat(file)).size > bytes) await truncate(file, bytes);
}

/** Cuts off openings of records that never came. */
async function cutOpenings(file: string, size: number): Promise<void> {
  if (!(await isThere(file))) return;
  let [offset, isOver] = [0, false];
  while (!isOver) {
    const read = await readLines(file, offset, openingsAtOnce);
    const kept = read.lines.findIndex((line) => (openingOf(line)?.seq ?? 0) >= size);
    isOver = read.lines.length === 0 || kept >= 0;
    if (kept < 0) offset = read.offset;
    else for (const line of read.lines.slice(0, kept)) offset += Buffer.byteLength(line) + 1;
  }
  await cutTo(file, offset);
}

interface ReadLines {
  readonly lines: readonly string[];
  /** The byte after the last of them. */
  readonly offset: number;
}

const chunkBytes = 1 << 18;

/** At most `limit` whole lines from a byte on. A line that is no UTF-8 reads as one that is no record. */
async function readLines(file: string, from: number, limit: number): Promise<ReadLines> {
  if (!(await isThere(file))) return { lines: [], offset: from };
  const handle = await open(file, "r");
  try {
    const lines: string[] = [];
    let pending = Buffer.alloc(0);
    let [offset, position] = [from, from];
    while (lines.length < limit) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      const block = Buffer.concat([pending, chunk.subarray(0, bytesRead)]);
      let start = 0;
      for (let stop = block.indexOf(10); stop >= 0 && lines.length < limit; stop = block.indexOf(10, start)) {
        lines.push(textOfBytes(block.subarray(start, stop)));
        offset += stop - start + 1;
        start = stop + 1;
      }
      pending = block.subarray(start);
    }
    return { lines, offset };
  } finally {
    await handle.close();
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOfBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return "";
  }
}

/** Reads openings in order; where the last reading ended, the next one mostly goes on. */
function openingsOf(folder: string): AuditLog["openings"] {
  let after: Place | undefined;
  return guarded(async (from, until) => {
    const files = await recordFiles(folder);
    const first = files.filter((each) => firstOf(each) <= from).at(-1) ?? files[0];
    const found: SealedOpening[] = [];
    if (first === undefined) return ok(found);
    let place: Place | undefined = after?.seq === from ? after : { file: openingsFile(first), offset: 0, seq: from };
    while (place !== undefined) {
      const { file, offset }: Place = place;
      const read: ReadLines = await readLines(join(folder, file), offset, openingsAtOnce);
      let at = offset;
      for (const line of read.lines) {
        const opening = openingOf(line);
        if (opening !== undefined && opening.seq >= until) {
          after = { file, offset: at, seq: until };
          return ok(found);
        }
        if (opening !== undefined && opening.seq >= from) found.push(opening);
        at += Buffer.byteLength(line) + 1;
      }
      const next: string | undefined = files[files.findIndex((each) => openingsFile(each) === file) + 1];
      if (read.lines.length > 0) place = { file, offset: read.offset, seq: from };
      else if (next === undefined) {
        after = { file, offset, seq: until };
        place = undefined;
      } else place = { file: openingsFile(next), offset: 0, seq: from };
    }
    return ok(found);
  });
}

const openingsAtOnce = 256;

async function* linesOf(file: string): AsyncGenerator<string> {
  for (let offset = 0; ; ) {
    const read = await readLines(file, offset, 1_024);
    yield* read.lines;
    if (read.lines.length === 0) return;
    offset = read.offset;
  }
}

function openingOf(line: string): SealedOpening | undefined {
  const read = readJson(line);
  if (!read.ok) return undefined;
  const [seq, name, sealed] = ["seq", "name", "sealed"].map((each) => member(read.value, each));
  return typeof seq === "number" && typeof name === "string" && typeof sealed === "string" ? { seq, name, sealed } : undefined;
}

function keysIn(file: string): Pick<AuditLog, "addKey" | "key" | "deleteKey"> {
  const all = async (): Promise<readonly SubjectKey[]> => (await allLines(file)).flatMap((line) => keyOf(line) ?? []);
  return {
    addKey: guarded(async (key) => {
      if ((await all()).some(({ subject, index }) => subject === key.subject || index === key.index))
        return err({ kind: "conflict" });
      await appendDurably(file, `${canonicalJson(key as unknown as Json)}\n`);
      return ok(undefined);
    }),
    key: guarded(async (by) =>
      ok((await all()).find((key) => ("subject" in by ? key.subject === by.subject : key.index === by.index))),
    ),
    deleteKey: guarded(async (subject) => {
      const kept = (await all()).filter((key) => key.subject !== subject);
      await writeWhole(file, kept.map((key) => `${canonicalJson(key as unknown as Json)}\n`).join(""), true);
      return ok(undefined);
    }),
  };
}

function keyOf(line: string): SubjectKey | undefined {
  const read = readJson(line);
  if (!read.ok) return undefined;
  const [subject, index, sealed] = ["subject", "index", "sealed"].map((each) => member(read.value, each));
  const isKey = typeof subject === "string" && typeof index === "string" && typeof sealed === "string";
  return isKey ? { subject, index, sealed } : undefined;
}

async function textOf(file: string): Promise<string | undefined> {
  return (await isThere(file)) ? readFile(file, "utf8") : undefined;
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if ((error as { readonly code?: unknown }).code === "ENOENT") return false;
      throw error;
    },
  );
}

async function allLines(file: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
}

/** Appends, and answers once it is on the disk. Returns the bytes. */
async function appendDurably(file: string, text: string): Promise<number> {
  const handle = await open(file, "a", 0o600);
  try {
    await handle.appendFile(text);
    await handle.datasync();
    return Buffer.byteLength(text);
  } finally {
    await handle.close();
  }
}

/** Writes a file anew: it is there whole or as it was. `wipes`: what it was is overwritten, as far as the file system lets one. */
async function writeWhole(file: string, text: string, wipes = false): Promise<void> {
  const next = `${file}.new`;
  const handle = await open(next, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const old = wipes && (await isThere(file)) ? await open(file, "r+") : undefined;
  try {
    await rename(next, file);
    if (old === undefined) return;
    const { size } = await old.stat();
    await old.write(Buffer.alloc(size), 0, size, 0);
    await old.sync();
  } finally {
    await old?.close();
  }
}

/** Runs a job; whatever the file system says is `unavailable`, with its code and never its text. */
function guarded<A extends readonly unknown[], T>(job: (...args: A) => Answer<T>): (...args: A) => Answer<T> {
  return async (...args) => {
    try {
      return await job(...args);
    } catch (error) {
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
      return err({ kind: "unavailable", ...(typeof code === "string" && /^E[A-Z]+$/.test(code) ? { detail: code } : {}) });
    }
  };
}
