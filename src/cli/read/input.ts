/**
 * Reads what a command line names: files and standard input, as UTF-8 text, JSON, YAML or traces, by the strict readers only.
 * Never reads more than a bound, and never goes on after something that it cannot read: each refusal is one line that says where.
 */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Catalogue, type CatalogueOptions, readCatalogue } from "../../catalogue/catalogue.ts";
import { showPointer } from "../../json/pointer.ts";
import { type ReadError, readJson } from "../../json/read.ts";
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { readYaml } from "../../json/yaml.ts";
import { readDateTime } from "../../lang/date.ts";
import { readTrace, type Trace } from "../../trace.ts";
import { type Recorded, readRecorded, withoutTornLine } from "../../observe/recorded.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Policy } from "../../policy/policy.ts";
import { ConfigError, type Result } from "../../result.ts";
import { plain } from "../show/terminal.ts";
import { InputError } from "./input-error.ts";
import { isStarterSource, readStarterSource } from "./starter.ts";

export { InputError } from "./input-error.ts";

/** Bytes of one input file or of standard input. The longest traces have some ten megabytes. */
const inputBytesMax = 256 * 1024 * 1024;

/** Makes something of a person's options; what they refuse is one line and exit 2. */
export async function configured<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message);
    throw error;
  }
}

/** A place in an input. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
  readonly pointer?: string;
}

/** Ends the command with exit 2: `FILE:line:column: message (CODE), at /pointer`. */
export function refuseInput(source: string, message: string, place: Place & { readonly code?: string } = {}): never {
  const { line, column, pointer, code } = place;
  const at = [line, column]
    .filter((part) => part !== undefined)
    .map((part) => `:${part}`)
    .join("");
  const inside = pointer === undefined || pointer === "" ? "" : ` at ${showPointer(pointer)}`;
  throw new InputError(
    plain(`${nameOf(source)}${at}:${inside === "" ? "" : `${inside}:`} ${message}${code === undefined ? "" : ` (${code})`}`),
  );
}

/** Ends the command with exit 2 on the first of some findings, and says how many more there are. */
export function refuseFindings(source: string, findings: readonly Finding[], advice = ""): never {
  const [first, ...others] = findings.filter(({ severity }) => severity === "error");
  const more = others.length === 0 ? "" : `; and ${others.length} more${advice}`;
  return refuseInput(source, `${first?.message ?? "it cannot be used"} (${first?.code ?? "INTERNAL"})${more}`, {
    pointer: first?.pointer ?? "",
  });
}

/** How an input is called in messages. */
export function nameOf(source: string): string {
  return source === "-" ? "standard input" : source;
}

/** Refuses a command line that names standard input twice: the second reader would find it empty. */
export function checkStdinOnce(sources: readonly (string | undefined)[]): void {
  if (sources.filter((source) => source === "-").length > 1)
    throw new InputError("standard input (-) can be one of the inputs, not two: give the other as a file");
}

const faults: { readonly [code: string]: string } = {
  ENOENT: "there is no such file",
  EISDIR: "this is a directory, a file is needed",
  EACCES: "the file may not be read by this user",
  ENOTDIR: "a part of the path is no directory",
  ELOOP: "the path has a circle of links",
  ENAMETOOLONG: "the name is too long",
};

/** The text of a file, or of standard input for `-`. Exit 2: missing, a directory, not readable, too long, not UTF-8. */
export async function readText(source: string): Promise<string> {
  const bytes = await readBytes(source);
  const options = { fatal: true, ignoreBOM: true };
  try {
    return new TextDecoder("utf-8", options).decode(bytes);
  } catch {
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    return refuseInput(source, `the ${isUtf16 ? "text is UTF-16" : "bytes are not UTF-8"}: save it as UTF-8`, {
      code: "JSON_INVALID_UTF8",
    });
  }
}

async function readBytes(source: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source === "-" ? process.stdin : createReadStream(source)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > inputBytesMax) refuseInput(source, `the input is longer than ${inputBytesMax / 1024 / 1024} MiB`);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    refuseInput(source, faults[code] ?? "the file cannot be read", code in faults ? {} : { code });
  }
  return Buffer.concat(chunks);
}

/** The value of a JSON or YAML file. `.json` is JSON, `.yaml` and `.yml` are YAML; anything else is JSON if it begins like it. */
export async function readValue(source: string): Promise<Json> {
  const text = await readText(source);
  const read = parseText(text, extname(source).toLowerCase());
  return read.ok ? read.value : refuseText(source, read.error);
}

function parseText(text: string, extension: string): Result<Json, ReadError> {
  if (extension === ".json") return readJson(text);
  if (extension === ".yaml" || extension === ".yml") return readYaml(text);
  if (!/^\s*[{[]/.test(text)) return readYaml(text);
  const json = readJson(text);
  if (json.ok) return json;
  // A flow mapping of YAML begins like JSON too. Where both fail, JSON was meant.
  const yaml = readYaml(text);
  return yaml.ok ? yaml : json;
}

function refuseText(source: string, error: ReadError): never {
  const { line, column, pointer, message, code } = error;
  return refuseInput(source, message, { line, column, pointer, code });
}

/** The files of some sources of traces: a folder is all its `*.jsonl`, in order of their names. Exit 2 for a folder without any. */
export async function traceFilesOf(sources: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const source of sources) {
    const isFolder = source !== "-" && ((await stat(source).catch(() => undefined))?.isDirectory() ?? false);
    if (!isFolder) {
      files.push(source);
      continue;
    }
    const names = (await readdir(source)).filter((name) => name.endsWith(".jsonl")).sort();
    if (names.length === 0) refuseInput(source, "the folder has no trace (`*.jsonl`)");
    files.push(...names.map((name) => join(source, name)));
  }
  return files;
}

/** A trace (JSON Lines), or a recording of one with all that was observed. What a crash cut off at its end is left out. */
export async function readRecordedFile(source: string): Promise<Recorded> {
  const read = readRecorded(await readText(source));
  if (read.ok) return read.value;
  const { line, pointer, message, code } = read.error;
  return refuseInput(source, message, { line, pointer, code });
}

/** A trace (JSON Lines). What a crash cut off at the end of a recording is left out. */
export async function readTraceFile(source: string): Promise<Trace> {
  const text = await readText(source);
  const read = readTrace(withoutTornLine(text) ?? text);
  if (read.ok) return read.value;
  const { line, pointer, message, code } = read.error;
  return refuseInput(source, message, { line, pointer, code });
}

/** The value of a catalogue's file, or of the starter catalogues that `starter:github,work=slack` names. */
export async function readCatalogueValue(source: string): Promise<Json> {
  if (!isStarterSource(source)) return await readValue(source);
  const read = await readStarterSource(source);
  return read.ok ? read.value : refuseInput(source, read.error);
}

/** A catalogue, or nothing if none is named. */
export async function readCatalogueFile(
  source: string | undefined,
  options: CatalogueOptions = {},
): Promise<Catalogue | undefined> {
  if (source === undefined) return undefined;
  const read = readCatalogue(await readCatalogueValue(source), options);
  return read.ok ? read.value : refuseFindings(source, read.error);
}

/** The session's parameters: a JSON object, or `@FILE` with one. */
export async function readParams(text: string | undefined): Promise<JsonObject | undefined> {
  if (text === undefined) return undefined;
  if (text.startsWith("@")) {
    const value = await readValue(text.slice(1));
    return isObject(value) ? value : refuseInput(text.slice(1), 'parameters are an object, such as {"ceiling": 50000}');
  }
  const read = readJson(text);
  if (!read.ok)
    return refuseInput("--params", read.error.message, {
      column: read.error.column,
      pointer: read.error.pointer,
      code: read.error.code,
    });
  return isObject(read.value) ? read.value : refuseInput("--params", 'parameters are an object, such as {"ceiling": 50000}');
}

/** Collects the files of an option that may be given several times: `.option("--policy <file>", "…", addFile)`. */
export function addFile(file: string, files: readonly string[] | undefined): readonly string[] {
  return [...(files ?? []), file];
}

/** All policies of a command line as one, the stricter of each; nothing if none is named. Exit 2 with the first fault of a file. */
export async function readPolicyFiles(sources: readonly string[] | undefined): Promise<Policy | undefined> {
  if (sources === undefined || sources.length === 0) return undefined;
  // Read with the first policy: every command reads inputs, and few of them a policy.
  const [{ parsePolicy }, { composePolicies }] = await Promise.all([
    import("../../policy/schema.ts"),
    import("../../policy/compose.ts"),
  ]);
  const policies: Policy[] = [];
  for (const source of sources) {
    const read = parsePolicy(await readValue(source));
    policies.push(read.ok ? read.value : refuseFindings(source, read.error));
  }
  const [first, ...others] = policies;
  return first === undefined ? undefined : composePolicies([first, ...others]);
}

/** Reads the argument of an option that is a time, as milliseconds since the epoch, for commander. Exit 2: it is none (RFC 3339). */
export function readTime(option: string): (text: string) => number {
  return (text) => {
    const time = readDateTime(text);
    if (time === undefined) throw new InputError(`${option}: a time is needed, as in 2026-11-25T09:30:00Z`);
    return time;
  };
}
