/**
 * Rows as examples: a task, the calls that answer it, and where each of their arguments comes from.
 * Pure. Never guesses: what a row leaves open is `unknown`, and nothing is trained on it.
 */
import type { DraftTool } from "../../../src/infer/tools.ts";
import { isArray, isObject, type Json, member } from "../../../src/json/value.ts";
import type { ToolSet } from "./catalogues.ts";
import type { Row } from "./rows.ts";

/** Where an argument of a gold call comes from. */
export type GoldSource =
  /**
   * `span`: the words of the task that say it, where the set has them; `at`: their offsets. `isOptional`: the set allows to leave it out.
   */
  | {
      readonly kind: "constant";
      readonly value: Json;
      readonly span?: string;
      readonly at?: { readonly start: number; readonly end: number };
      readonly isOptional?: boolean;
    }
  /** The result of a call (index in `calls`), or the part at `path` (names only, without `[]`). */
  | { readonly kind: "result"; readonly call: number; readonly path: readonly string[] }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown" };

/** A gold call: sources by the path of the argument, joined by dots; what is not there is absent. */
export interface ExampleCall {
  readonly tool: DraftTool;
  readonly args: ReadonlyMap<string, GoldSource>;
}

/** What packs with labels are made from. */
export interface Example {
  /** The set, or the way a synthetic example was made. */
  readonly src: string;
  readonly task: string;
  /** The tools that the task may call: the candidates are chosen among them. */
  readonly tools: ToolSet;
  readonly calls: readonly ExampleCall[];
  readonly hasArguments: boolean;
  /** Now, for dates such as "tomorrow". */
  readonly now?: string;
}

/** The day on which the dialogues of SGD take place. */
const dayOfSgd = "2019-03-01";

/** A row as an example over its catalogue or a rewording of it; `undefined` where the catalogue lacks one of its tools. */
export function exampleOf(row: Row, tools: ToolSet): Example | undefined {
  const numbers = new Map(row.nodes.map(({ id }, index) => [id, index]));
  const calls: ExampleCall[] = [];
  for (const node of row.nodes) {
    const tool = tools.tools.get(node.tool);
    if (tool === undefined) return undefined;
    const names = tools.renamed.get(node.tool)?.params;
    const given = new Map<string, Json>(Object.entries(node.args).map(([name, arg]) => [names?.get(name) ?? name, arg]));
    const args = new Map<string, GoldSource>();
    for (const param of tool.params) {
      const [name = "", ...below] = param.path;
      const arg = given.get(name);
      if (arg === undefined) continue;
      args.set(param.path.join("."), sourceOf(arg, { below, numbers, row, tools }));
    }
    calls.push({ tool, args });
  }
  const now = row.set === "sgd" ? { now: dayOfSgd } : {};
  return { src: row.set, task: row.task, tools, calls, hasArguments: row.hasArguments, ...now };
}

interface SourcePlace {
  /** Names below the argument, down to the part that is asked for. */
  readonly below: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly row: Row;
  readonly tools: ToolSet;
}

function sourceOf(arg: Json, place: SourcePlace): GoldSource {
  if (member(arg, "unresolved") !== undefined) return { kind: "unknown" };
  if (member(arg, "from") !== undefined) return resultOf(arg, place);
  const value = member(arg, "const");
  if (value === undefined) return { kind: "unknown" };
  if (member(arg, "not_from_user") === true || member(arg, "default") === true) return { kind: "absent" };
  if (member(arg, "not_in_task") === true) return { kind: "absent" };
  const part = partOf(value, place.below);
  if (part === undefined) return { kind: "absent" };
  if (part === several) return { kind: "unknown" };
  const span = member(arg, "span");
  return {
    kind: "constant",
    value: part,
    ...(typeof span === "string" && place.below.length === 0 ? { span } : {}),
    ...(member(arg, "optional") === true ? { isOptional: true } : {}),
  };
}

/** Stands for parts of several elements of a list. */
const several = Symbol("several");

/** The part of a value at a path; one element of a list stands for the list, several cannot. */
function partOf(value: Json, path: readonly string[]): Json | typeof several | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (name === "[]") {
    if (!isArray(value) || value.length === 0) return undefined;
    return value.length === 1 ? partOf(value[0] ?? null, rest) : several;
  }
  const part = member(value, name);
  return part === undefined ? undefined : partOf(part, rest);
}

function resultOf(arg: Json, { below, numbers, row, tools }: SourcePlace): GoldSource {
  const from = member(arg, "from");
  const call = typeof from === "string" ? numbers.get(from) : undefined;
  const value = member(arg, "value");
  const others = member(arg, "also_from");
  if (call === undefined || below.length > 0 || member(arg, "template") !== undefined) return { kind: "unknown" };
  if (isArray(others) && others.length > 0) return { kind: "unknown" };
  if (member(arg, "inferred") === true) {
    // An edge that somebody inferred from equal values: short values are equal by chance, and those that the task says come from it.
    const said = typeof value === "string" ? value : "";
    if (said.length < 4) return { kind: "unknown" };
    if (row.task.toLowerCase().includes(said.toLowerCase())) return { kind: "constant", value: said };
  }
  const written = member(arg, "path");
  const names = typeof written === "string" ? written.split(/[.[\]]+/).filter((name) => name !== "" && !/^\d+$/.test(name)) : [];
  const producer = row.nodes[call]?.tool ?? "";
  const [first, ...rest] = names;
  if (first === undefined) return { kind: "result", call, path: [] };
  return { kind: "result", call, path: [tools.renamed.get(producer)?.outputs.get(first) ?? first, ...rest] };
}

/** Whether a value is one that a schema's list can hold: neither a list nor an object. */
export function isScalar(value: Json): value is null | boolean | number | bigint | string {
  return !isArray(value) && !isObject(value);
}
