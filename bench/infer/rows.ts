/**
 * Reads task → plan examples (normalised: see README.md) with the tools that each may call, and the right plan as it is compared.
 * Never guesses: a file of another shape stops the run with its name.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { RightOutline } from "../../src/infer/adapt/outline.ts";
import type { DraftTool } from "../../src/infer/tools.ts";
import { isArray, isObject, type Json, member } from "../../src/json/value.ts";
import { readToolSet, type ToolSet, toolSet } from "../../models/train/data/catalogues.ts";
import { isHeldOut } from "../../models/train/data/held-out.ts";
import { rowOf, type TrainSet } from "../../models/train/data/rows.ts";
import { readFile, readLines, text } from "../agentdojo/data.ts";

/** One example. */
export interface EvalRow {
  readonly id: string;
  readonly set: string;
  readonly task: string;
  /** In the order of the catalogue. The same list for all rows of one catalogue. */
  readonly tools: readonly DraftTool[];
  /** The same tools as `draftPlan` takes them. Throws where they cannot be read. */
  readonly catalogue: () => Catalogue;
  /** RFC 3339, where the set says when the task was said. */
  readonly now?: string;
  /** No calls: no tool fits. */
  readonly gold: RightOutline;
  /** Arguments of gold calls that come from results, or that nobody can know from the task: `tool.argument`. */
  readonly flows: ReadonlySet<string>;
  readonly unsaid: ReadonlySet<string>;
}

/** The development sets. Nothing is trained or calibrated on them. */
export const developmentSets = [
  "sgd",
  "acebench",
  "nestful_glaive",
  "toolalpaca",
  "tooltalk",
  "traject_email",
  "taubench_retail",
] as const;

/** Sets with rows that are held out of training; confidences are calibrated on them. */
const heldOutSets: readonly TrainSet[] = ["sgd", "traject", "sealtools", "stabletoolbench", "apibank"];

/** What is read. */
export interface RowOptions {
  /** `dev`, or `held`: rows of the training sets that are never trained on. */
  readonly split: "dev" | "held";
  /** Names of sets; all if empty. */
  readonly sets: readonly string[];
  /** Rows of each set, chosen by a hash of their names. */
  readonly limit: number;
}

/** The rows of each set, and how many could not be read as tasks with tools. Throws where a file is broken. */
export function readRowSets(
  folder: string,
  { split, sets, limit }: RowOptions,
): ReadonlyMap<string, { readonly rows: readonly EvalRow[]; readonly skipped: number }> {
  const all: readonly string[] = split === "dev" ? developmentSets : heldOutSets;
  for (const name of sets) if (!all.includes(name)) throw new Error(`no set ${name} in ${split}; there are ${all.join(", ")}`);
  const read = openCatalogues(folder);
  const found = new Map<string, { readonly rows: readonly EvalRow[]; readonly skipped: number }>();
  for (const name of all.filter((one) => sets.length === 0 || sets.includes(one))) {
    const path = join(folder, split === "dev" ? "dev" : "train", `${name}.jsonl.gz`);
    if (!existsSync(path)) throw new Error(`${path} is missing`);
    const lines = readLines(path).filter((line) => split === "dev" || isHeldOutLine(line, name as TrainSet));
    const chosen = sample(lines, limit);
    const rows = chosen.map((line) => evalRow(line, name, read)).filter((row) => row !== undefined);
    found.set(name, { rows, skipped: chosen.length - rows.length });
  }
  return found;
}

function isHeldOutLine(line: Json, set: TrainSet): boolean {
  const row = rowOf(line, set);
  return row !== undefined && isHeldOut(row);
}

/** The rows whose names hash lowest, in the order of the file: the same ones on every machine, and no first ones of one kind. */
function sample(lines: readonly Json[], limit: number): readonly Json[] {
  if (lines.length <= limit) return lines;
  const ranked = lines.map((line, index) => ({ index, hash: hashOf(text(line, "id")) }));
  const chosen = ranked.toSorted((one, other) => one.hash - other.hash || one.index - other.index).slice(0, limit);
  return chosen.toSorted((one, other) => one.index - other.index).map(({ index }) => lines[index] as Json);
}

/** FNV-1a with a final mix, so that names that differ in one digit fall far apart. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

/** The tools of a line, as planners see them and as a catalogue. */
interface RowTools {
  readonly set: ToolSet;
  readonly catalogue: () => Catalogue;
}

type ReadTools = (name: string, line: Json) => RowTools;

function openCatalogues(folder: string): ReadTools {
  const known = new Map<string, RowTools>();
  return (id, line) => {
    const name = member(line, "catalog");
    if (typeof name !== "string") {
      const tools = member(line, "tools") ?? [];
      return { set: toolSet(id, tools), catalogue: once(() => catalogueOf(id, tools)) };
    }
    const path = join(folder, "catalogs", `${name}.json`);
    const found = known.get(name) ?? { set: readToolSet(path, name), catalogue: once(() => catalogueOf(name, readFile(path))) };
    known.set(name, found);
    return found;
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function catalogueOf(name: string, value: Json): Catalogue {
  const listed = isArray(value) ? value : member(value, "tools");
  // Of two definitions with one name the first counts, as for what planners see.
  const tools = new Map<Json, Json>();
  for (const tool of isArray(listed) ? listed : []) {
    const own = member(tool, "name") ?? null;
    if (!tools.has(own)) tools.set(own, tool);
  }
  const read = readCatalogue([...tools.values()], { server: "local" });
  if (!read.ok) throw new Error(`${name}: ${read.error[0]?.message} at ${read.error[0]?.pointer}`);
  return read.value;
}

const toolLists = new WeakMap<ToolSet, readonly DraftTool[]>();

/** A line as a row; `undefined` where its plan names a tool that is not there. */
export function evalRow(line: Json, set: string, read: ReadTools): EvalRow | undefined {
  const id = text(line, "id");
  const { set: tools, catalogue } = read(id, line);
  const list = toolLists.get(tools) ?? [...tools.tools.values()];
  toolLists.set(tools, list);
  const gold = goldOf(line, tools);
  if (gold === undefined) return undefined;
  const now = set === "sgd" ? "2019-03-01T00:00:00Z" : nowOf(member(line, "now"));
  return { id, set, task: text(line, "task"), tools: list, catalogue, ...gold, ...(now === undefined ? {} : { now }) };
}

function goldOf(line: Json, tools: ToolSet): Pick<EvalRow, "gold" | "flows" | "unsaid"> | undefined {
  const plan = member(line, "plan");
  const nodes = member(plan, "nodes");
  const toolOf = new Map<Json, string>();
  const calls: { tool: string; args: Record<string, Json> }[] = [];
  const [flows, unsaid] = [new Set<string>(), new Set<string>()];
  for (const node of isArray(nodes) ? nodes : []) {
    const tool = tools.tools.get(text(node, "tool"))?.name;
    if (tool === undefined) return undefined;
    toolOf.set(member(node, "id") ?? null, tool);
    const given = member(node, "args");
    const args: Record<string, Json> = {};
    for (const [name, arg] of Object.entries(isObject(given) ? given : {})) {
      const value = member(arg, "const");
      if (value === undefined) flows.add(`${tool}.${name}`);
      else if (isTrue(member(arg, "not_from_user")) || isTrue(member(arg, "default"))) unsaid.add(`${tool}.${name}`);
      else args[name] = value;
    }
    calls.push({ tool, args });
  }
  const edges = new Map<string, readonly [string, string]>();
  const listed = member(plan, "edges");
  for (const edge of isArray(listed) ? listed : []) {
    const [from, to] = isArray(edge) ? edge.map((end) => toolOf.get(end)) : [];
    if (from !== undefined && to !== undefined) edges.set(JSON.stringify([from, to]), [from, to]);
  }
  return { gold: { calls, edges: [...edges.values()], hasArgs: !isTrue(member(line, "args_unlabelled")) }, flows, unsaid };
}

function isTrue(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}

const months = "january february march april may june july august september october november december".split(" ");

/** The day that a set's sentence names (`The current time is April 03, 2026, Friday`), or its date and time as they stand; in UTC. */
export function nowOf(value: Json | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const [, date, time = "00:00:00"] = /(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(value) ?? [];
  if (date !== undefined) return `${date}T${time}Z`;
  for (const [, name = "", day = "", year = ""] of value.matchAll(/([A-Za-z]+) (\d{1,2}),? (\d{4})/g)) {
    const month = months.indexOf(name.toLowerCase()) + 1;
    if (month > 0) return `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}T00:00:00Z`;
  }
  return undefined;
}
