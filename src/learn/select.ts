/**
 * How a value of an earlier result is pointed at so that the same rule finds it again in other data: by a path without positions,
 * by a sibling that the task names, by a word of the task in a sibling, by a flag. Ranked from the soundest to the loosest.
 * Pure. Never offers a selection that does not select exactly one value in the trace.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { compilePath } from "../lang/path.ts";
import { learnCandidatesMax } from "../limits.ts";
import { accessChain, at, memberAccess, memberStep, type Place, pathLiteral, rowsExpression, type Source } from "./places.ts";
import { occurs, type TaskWords } from "./task-words.ts";

/**
 * Why a selection selects: `path` names alone; `row` a sibling that the task names; `only` the row of a list of one; `word` a sibling
 * that contains a word of the task; `all` every row, of which only one has it; `flag` a boolean sibling; `same` every row, all of which
 * have the same; `value` a sibling value that the task does not mention; `open` every row of a loop that need not be complete.
 */
export type SelectHow = "path" | "row" | "only" | "word" | "all" | "flag" | "same" | "value" | "open";

/** A computed list of rows, which becomes a `let` node. */
export interface RowsLet {
  /** What its name should say, after the name of the source. */
  readonly hint: string;
  readonly expression: string;
  readonly rows: readonly Json[];
}

/** A way to point at values. */
export interface Selection {
  readonly how: SelectHow;
  readonly source: Source;
  /** The rows are those of this node, if it is not the source itself. */
  readonly rows?: RowsLet;
  /** JSONPath below the source (or below `rows`). */
  readonly path: string;
  /** The task's word or the sibling value that selects. */
  readonly literal?: Json;
  /** Of a `row` selection by a plain member: its names, for use in an expression. */
  readonly sibling?: readonly string[];
  /** What it selects in the trace. */
  readonly values: readonly Json[];
}

const order: readonly SelectHow[] = ["path", "row", "only", "word", "all", "flag", "same", "value", "open"];

/** The place of a way of selecting in the ranking; smaller is sounder. */
export function rankOf(how: SelectHow): number {
  return order.indexOf(how);
}

/** Ways to point at a place, best first; not yet judged for what else they select. */
export function selectionsOf(place: Place, task: TaskWords): readonly Selection[] {
  const { source, path } = place;
  const index = path.findIndex((step) => typeof step === "number");
  if (index < 0) return [select("path", source, { path: `$${stepsOf(path)}` })];
  const head = path.slice(0, index) as readonly string[];
  const tail = path.slice(index + 1);
  const below = stepsOf(tail);
  const list = `$${stepsOf(head)}`;
  const run = source.runs[place.run] as Json;
  const array = at(run, head);
  const row = at(run, path.slice(0, index + 1));
  if (row === undefined || !isArray(array)) return [];
  const all = select("all", source, { path: `${list}[*]${below}` });
  const isSame = all.values.length > 1 && all.values.every((value) => typeof value === "string" && value === place.value);
  const found: Selection[] = [];
  for (const { test, value, how, sibling } of filtersOf(row, tail, task)) {
    const filtered = select(how, source, { path: `${list}[?${test}]${below}`, literal: value, ...(sibling && { sibling }) });
    // A filter that every row passes selects nothing.
    if (array.length === 1 || filtered.values.length < all.values.length) found.push(filtered);
  }
  found.push(...wordSelections(place, { head, tail, row }, task));
  // A list of one was narrowed down by the call that returned it: less of the row is needed.
  const isOnly = array.length === 1 && source.runs.length === 1;
  found.push({ ...all, how: source.isPartial ? "open" : isOnly ? "only" : "all" });
  if (isSame) found.push({ ...all, how: "same" });
  return found.sort((a, b) => rankOf(a.how) - rankOf(b.how)).slice(0, learnCandidatesMax);
}

/** Member names as they are, positions as wildcards. */
function stepsOf(path: readonly (string | number)[]): string {
  return path.map((step) => (typeof step === "number" ? "[*]" : memberStep(step))).join("");
}

interface Body {
  readonly path: string;
  readonly rows?: RowsLet;
  readonly literal?: Json;
  readonly sibling?: readonly string[];
}

function select(how: SelectHow, source: Source, body: Body): Selection {
  const compiled = compilePath(body.path);
  const roots = body.rows === undefined ? source.runs : [body.rows.rows];
  const values: Json[] = [];
  if (compiled.ok) {
    for (const root of roots) {
      const selected = compiled.value.select(root);
      if (selected.ok) values.push(...selected.value.map((located) => located.value));
    }
  }
  return { how, source, ...body, values };
}

/** Scalars of a row, one level of objects down, without the one that is wanted itself. */
function siblingsOf(
  row: Json,
  tail: readonly (string | number)[],
): readonly { readonly names: readonly string[]; readonly value: Json }[] {
  if (!isObject(row)) return [];
  const own = JSON.stringify(tail);
  const found: { names: readonly string[]; value: Json }[] = [];
  for (const [name, value] of Object.entries(row)) {
    if (isObject(value)) for (const [inner, part] of Object.entries(value)) found.push({ names: [name, inner], value: part });
    else found.push({ names: [name], value });
  }
  return found.filter(({ names }) => JSON.stringify(names) !== own);
}

interface RowFilter {
  readonly test: string;
  readonly value: Json;
  readonly how: SelectHow;
  readonly sibling?: readonly string[];
}

/** Equality filters over the siblings of a row: what the task names first, the longest text before the others. */
function filtersOf(row: Json, tail: readonly (string | number)[], task: TaskWords): readonly RowFilter[] {
  const filters: RowFilter[] = [];
  for (const { names, value } of siblingsOf(row, tail)) {
    const path = `@${names.map(memberStep).join("")}`;
    if (isArray(value)) {
      for (const part of value.slice(0, 20)) {
        if (isScalar(part) && isNamed(part, task))
          filters.push({ test: `${path}[?@==${pathLiteral(part)}]`, value: part, how: "row" });
      }
    } else if (isScalar(value)) {
      const how = isNamed(value, task) ? "row" : typeof value === "boolean" ? "flag" : "value";
      if (how !== "value" || isHandy(value)) filters.push({ test: `${path}==${pathLiteral(value)}`, value, how, sibling: names });
    }
  }
  return filters.sort((a, b) => sizeOf(b.value) - sizeOf(a.value));
}

function isScalar(value: Json): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Whether the task names a value: a text of three characters or more, or a number that is not a bare digit. */
function isNamed(value: Json, task: TaskWords): boolean {
  if (typeof value === "string") return [...value.trim()].length >= 3 && task.find(value) !== undefined;
  return typeof value === "number" && Math.abs(value) >= 10 && task.find(value) !== undefined;
}

/** Whether a value that nobody mentioned may still be written into a plan for a human to confirm: a short text. */
function isHandy(value: Json): boolean {
  return typeof value === "string" && value.length >= 2 && value.length <= 40 && value.split(" ").length <= 4;
}

function sizeOf(value: Json): number {
  return typeof value === "string" ? value.length : 0;
}

interface RowPlace {
  readonly head: readonly string[];
  readonly tail: readonly (string | number)[];
  readonly row: Json;
}

/** Characters of a text that may name a thing. Prose contains any word, and whoever adds to it adds words. */
const namingCharsMax = 120;

/** Filters by a word of the task that a text of the row starts with or contains. They need an expression, so a `let` node. */
function wordSelections(place: Place, { head, tail, row }: RowPlace, task: TaskWords): readonly Selection[] {
  const { source } = place;
  // Short texts name a thing, long ones mention many.
  const texts = typeof row === "string" ? [{ names: [] as readonly string[], value: row as Json }] : siblingsOf(row, tail);
  const all: Json[] = [];
  for (const run of source.runs) {
    const list = at(run, head);
    if (isArray(list)) all.push(...list);
  }
  const base = rowsExpression({ source, prefix: head, rows: all });
  const found: Selection[] = [];
  const byLength = [...texts].sort((a, b) => sizeOf(a.value) - sizeOf(b.value));
  for (const { names, value } of byLength) {
    if (typeof value !== "string" || value.length > namingCharsMax) continue;
    for (const word of task.words) {
      const spelled = spellingIn(value, word);
      if (spelled === undefined || value === spelled) continue;
      const isStart = value.startsWith(spelled);
      const test = isStart ? "startsWith" : "contains";
      const holds = (other: Json): boolean => {
        const text = at(other, names);
        return typeof text === "string" && (isStart ? text.startsWith(spelled) : text.includes(spelled));
      };
      const chain = accessChain(names);
      // A row without the text fails the filter instead of the whole call.
      const isTotal = all.every((other) => typeof at(other, names) === "string");
      const [last] = names.slice(-1);
      // `has` asks for a member by its name only.
      if (!isTotal && last !== undefined && !memberAccess(last).startsWith(".")) continue;
      const guard = isTotal || last === undefined ? "" : `has(r${accessChain(names.slice(0, -1))}${memberAccess(last)}) && `;
      const expression = `${base}.filter(r, ${guard}r${chain}.${test}(${JSON.stringify(spelled)}))`;
      const rows: RowsLet = { hint: spelled, expression, rows: all.filter(holds) };
      found.push(select("word", source, { path: `$[*]${stepsOf(tail)}`, rows, literal: spelled }));
      if (found.length >= learnCandidatesMax) return found;
    }
  }
  return found.sort((a, b) => sizeOf(b.literal ?? "") - sizeOf(a.literal ?? ""));
}

/** The word as the text writes it (the case of the first letter may differ), where it stands on its own or begins the text. */
export function spellingIn(text: string, word: string): string | undefined {
  for (const candidate of [word, word.toLowerCase(), (word[0] ?? "").toUpperCase() + word.slice(1)]) {
    if (text.startsWith(candidate) || occurs(text, candidate)) return candidate;
  }
  return undefined;
}
