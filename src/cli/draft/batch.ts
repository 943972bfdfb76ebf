/**
 * Many tasks, a line each: drafted in order, and each answered with its line as soon as it is there.
 * Never loses a line: one that cannot be drafted is answered with its error, and the command ends with exit 2.
 */
import { type Catalogue, readCatalogue } from "../../catalogue/catalogue.ts";
import { readJson } from "../../json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { err, ok, type Result } from "../../result.ts";
import { isNow } from "../../infer/draft.ts";
import { InputError, readText } from "../read/input.ts";
import { jsonText } from "../show/output.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { draftJson } from "./json.ts";
import type { Drafter } from "./drafter.ts";

/** What a batch is drafted with. */
export interface Batch {
  readonly drafter: Drafter;
  /** For lines without tools. */
  readonly catalogue: Catalogue | undefined;
  readonly options: { readonly now?: string; readonly zone?: string; readonly decisions?: true };
  readonly terminal: Terminal;
}

/** Catalogues of lines that are kept at once: neighbouring lines often have the same. */
const cataloguesMax = 64;

/** What is wrong with a line. */
interface LineError {
  readonly code: string;
  readonly message: string;
}

/** Drafts every line of a file. Exit 2 at the end if a line could not be used; all others have their answer. */
export async function batch(source: string, work: Batch): Promise<void> {
  const lines = (await readText(source)).split(/\r?\n/);
  const tasks = lines.flatMap((text, at) => (text.trim() === "" ? [] : [{ text, line: at + 1 }]));
  const known = new Map<string, Catalogue>();
  let broken = 0;
  let first = "";
  for (const [at, { text, line }] of tasks.entries()) {
    const answer = await answerOf(text, work, known);
    if (answer.error !== undefined) {
      broken += 1;
      first ||= `line ${line}: ${answer.error.message} (${answer.error.code})`;
    }
    work.terminal.write(`${jsonText(answer.line)}\n`);
    progress(at + 1, tasks.length);
  }
  if (broken > 0) throw new InputError(plain(`${source}: ${broken} of ${tasks.length} lines could not be drafted; ${first}`));
}

/** One line on a terminal, which is written over; nothing where standard error is none. */
function progress(done: number, all: number): void {
  if (process.stderr.isTTY !== true) return;
  process.stderr.write(done === all ? `\r${" ".repeat(40)}\r` : `\rdrafted ${done} of ${all}`);
}

async function answerOf(
  text: string,
  work: Batch,
  known: Map<string, Catalogue>,
): Promise<{ readonly line: JsonObject; readonly error?: LineError }> {
  const read = readJson(text);
  const value = read.ok ? read.value : undefined;
  const id = member(value, "id");
  const broken = (error: LineError): { readonly line: JsonObject; readonly error: LineError } => ({
    line: { ...(id === undefined ? {} : { id }), error: { ...error } },
    error,
  });
  if (!read.ok) return broken({ code: read.error.code, message: read.error.message });
  const task = readTask(value, work, known);
  if (!task.ok) return broken(task.error);
  const { warning, ...given } = task.value;
  const drafted = await work.drafter.draft(given.task, given.catalogue, given);
  if (!drafted.ok) return broken(drafted.error);
  const line = draftJson(id ?? null, drafted.value, { decisions: work.options.decisions === true });
  return { line: warning === undefined ? line : { ...line, warning } };
}

/** A line's task with its tools and its time. */
export interface BatchTask {
  readonly task: string;
  readonly catalogue: Catalogue;
  readonly now?: string;
  readonly zone?: string;
  /** What of the line was passed over. */
  readonly warning?: string;
}

/** Reads `{id, task, tools?, now?, zone?}`; other members are passed over, since files of tasks have notes of their own. */
export function readTask(
  value: Json | undefined,
  { catalogue, options }: Pick<Batch, "catalogue" | "options">,
  known: Map<string, Catalogue>,
): Result<BatchTask, LineError> {
  const refuse = (message: string): Result<never, LineError> => err({ code: "INFER_TASK", message });
  if (!isObject(value)) return refuse('a line is an object such as {"id": 1, "task": "…"}');
  const task = member(value, "task");
  if (typeof task !== "string") return refuse("`task` is needed: a text");
  const [now, zone] = [textAt(value, "now", options.now), textAt(value, "zone", options.zone)];
  if (now === null) return err({ code: "INFER_NOW", message: "`now` must be a text: a date or date-time" });
  if (zone === null) return err({ code: "INFER_ZONE", message: "`zone` must be a text: the IANA name of a time zone" });
  const tools = member(value, "tools");
  const own = tools === undefined || tools === null ? undefined : catalogueOf(tools, known);
  if (own !== undefined && !own.ok) return own;
  const used = own?.value ?? catalogue;
  if (used === undefined) return refuse("there are no tools: give `tools`, or --catalog for lines without");
  const inZone = zone === undefined ? {} : { zone };
  // Files of tasks have times in every form: a line whose time says no day is still a task.
  if (now !== undefined && !isNow(now, zone)) {
    const warning = "`now` names no day and was passed over: words such as tomorrow stay words";
    return ok({ task, catalogue: used, ...inZone, warning });
  }
  return ok({ task, catalogue: used, ...inZone, ...(now === undefined ? {} : { now }) });
}

/** A text; `null`: it is something else. */
function textAt(value: JsonObject, name: string, otherwise: string | undefined): string | null | undefined {
  const given = member(value, name);
  if (given === undefined || given === null) return otherwise;
  return typeof given === "string" ? given : null;
}

function catalogueOf(tools: Json, known: Map<string, Catalogue>): Result<Catalogue, LineError> {
  const key = canonicalJson(tools);
  const kept = known.get(key);
  if (kept !== undefined) return ok(kept);
  const read = readCatalogue(tools, { duplicates: "first" });
  if (!read.ok) {
    const [first] = read.error.filter(({ severity }) => severity === "error");
    return err({
      code: first?.code ?? "INTERNAL",
      message: `\`tools\`${first?.pointer ?? ""}: ${first?.message ?? "no catalogue"}`,
    });
  }
  const [oldest] = known.keys();
  if (known.size >= cataloguesMax && oldest !== undefined) known.delete(oldest);
  known.set(key, read.value);
  return read;
}
