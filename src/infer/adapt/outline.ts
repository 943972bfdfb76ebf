/**
 * A plan or a proposal boiled down to what is compared with a right one: calls, values of arguments, which call feeds which.
 * Pure. Never looks at names of nodes or at the order of calls, which say nothing about whether a draft is right.
 */
import { isArray, type Json } from "../../json/value.ts";
import type { ProposedSource } from "../proposal.ts";
import type { ValueType } from "../tools.ts";
import { sameValue } from "../values/same-value.ts";

/** One call: its tool, and the arguments whose values are known before the plan runs, by their top-level names. */
export interface OutlineCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, Json>>;
}

/** What is compared. */
export interface Outline {
  readonly calls: readonly OutlineCall[];
  /** `[from, to]`: tools of which one's result feeds the other's call. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** What a right plan is: with the parts that nobody labelled. */
export interface RightOutline extends Outline {
  /** Whether values of arguments are known; where not, they are not compared. */
  readonly hasArgs: boolean;
}

/** How much of what was drafted is right, and of what is right was drafted. */
export interface Count {
  readonly right: number;
  readonly drafted: number;
  readonly wanted: number;
}

/** How a draft differs from the right plan. */
export interface Comparison {
  readonly tools: Count;
  readonly args: Count;
  /** Not counted where the right plan has none: most sets do not say which there are. */
  readonly edges: Count;
  /** The same tools, each as often. */
  readonly hasSameTools: boolean;
  /** The same tools, arguments and (if the right plan has any) edges. */
  readonly isExact: boolean;
}

/** An argument of a proposal, or of an approved plan. */
export interface OutlinedArgument {
  readonly path: readonly string[];
  readonly source: ProposedSource;
}

/** What is known of a tool's arguments. */
export interface OutlinedParam {
  readonly path: readonly string[];
  readonly type: ValueType;
}

/** Calls of a proposal, or of an approved plan. */
export interface OutlinedCalls {
  readonly calls: readonly {
    readonly tool: { readonly name: string; readonly params?: readonly OutlinedParam[] };
    readonly args: readonly OutlinedArgument[];
  }[];
}

/** A proposal as it is compared: what is asked for and what comes from results has no value yet. */
export function outlineOf({ calls }: OutlinedCalls): Outline {
  const edges = new Map<string, readonly [string, string]>();
  for (const { tool, args } of calls) {
    for (const { source } of args) {
      const from = source.kind === "result" ? calls[source.call]?.tool.name : undefined;
      if (from !== undefined) edges.set(JSON.stringify([from, tool.name]), [from, tool.name]);
    }
  }
  return {
    calls: calls.map(({ tool, args }) => ({ tool: tool.name, args: constantsOf(args, tool.params) })),
    edges: [...edges.values()],
  };
}

/**
 * Constants of arguments as the members of one object; parts of objects and of lists of objects are put together as in a plan: of a list, a constant
 * list gives a value to each element, and one value stands in all.
 */
export function constantsOf(
  args: readonly OutlinedArgument[],
  params: readonly OutlinedParam[] = [],
): Readonly<Record<string, Json>> {
  const parts = args.flatMap(({ path, source }): readonly Part[] => {
    if (source.kind !== "constant") return [];
    const isList = params.some((param) => param.type === "array" && isSamePath(param.path, path));
    return [{ rest: path, value: source.value, isWhole: isList }];
  });
  return membersOf(parts);
}

/** A value, and what of its path is still to be put back. */
interface Part {
  readonly rest: readonly string[];
  readonly value: Json;
  /** A list that is one value, not one value for each element. */
  readonly isWhole: boolean;
}

function isSamePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => name === other[at]);
}

function membersOf(parts: readonly Part[]): Record<string, Json> {
  const names = [...new Set(parts.map(({ rest }) => rest[0] ?? ""))];
  return Object.fromEntries(
    names.map((name) => [name, composed(parts.filter(({ rest }) => rest[0] === name).map(within))] as const),
  );
}

function within(part: Part): Part {
  return { ...part, rest: part.rest.slice(1) };
}

function composed(parts: readonly Part[]): Json {
  const whole = parts.find(({ rest }) => rest.length === 0);
  if (whole !== undefined) return whole.value;
  return parts.every(({ rest }) => rest[0] === "[]") ? elementsOf(parts.map(within)) : membersOf(parts);
}

function elementsOf(parts: readonly Part[]): readonly Json[] {
  const columns = parts.map((part) => ({ part, column: part.isWhole || !isArray(part.value) ? undefined : part.value }));
  const count = Math.max(...columns.map(({ column }) => column?.length ?? 1));
  return Array.from({ length: count }, (_, row) =>
    composed(
      columns
        .filter(({ column }) => column === undefined || row < column.length)
        .map(({ part, column }) => (column === undefined ? part : { ...part, value: column[row] ?? null })),
    ),
  );
}

/** Compares a draft with the right plan. */
export function compareOutlines(drafted: Outline, wanted: RightOutline): Comparison {
  const tools = countOf(
    drafted.calls.map(({ tool }) => tool),
    wanted.calls.map(({ tool }) => tool),
    (one, other) => one === other,
  );
  const args = wanted.hasArgs ? countOf(namedValues(drafted), namedValues(wanted), isSameArgument) : nothing;
  const edges =
    wanted.edges.length > 0
      ? countOf(drafted.edges, wanted.edges, (one, other) => one[0] === other[0] && one[1] === other[1])
      : nothing;
  const hasSameTools = isWhole(tools);
  return { tools, args, edges, hasSameTools, isExact: hasSameTools && isWhole(args) && isWhole(edges) };
}

const nothing: Count = { right: 0, drafted: 0, wanted: 0 };

/** The value of an argument, with the tool that is called with it. */
export interface NamedValue {
  readonly tool: string;
  readonly name: string;
  readonly value: Json;
}

/** All arguments of an outline. */
export function namedValues({ calls }: Outline): readonly NamedValue[] {
  return calls.flatMap(({ tool, args }) => Object.entries(args).map(([name, value]) => ({ tool, name, value })));
}

/** Whether two arguments are one: tool, name and value. */
export function isSameArgument(one: NamedValue, other: NamedValue): boolean {
  return one.tool === other.tool && one.name === other.name && sameValue(one.value, other.value);
}

function isWhole({ right, drafted, wanted }: Count): boolean {
  return right === drafted && right === wanted;
}

/** What two multisets share, and what each has besides. `isSame` must be an equality. */
export function matched<T>(
  drafted: readonly T[],
  wanted: readonly T[],
  isSame: (one: T, other: T) => boolean,
): { readonly right: readonly T[]; readonly extra: readonly T[]; readonly missing: readonly T[] } {
  const missing = [...wanted];
  const right: T[] = [];
  const extra: T[] = [];
  for (const one of drafted) {
    const at = missing.findIndex((other) => isSame(one, other));
    if (at < 0) extra.push(one);
    else right.push(...missing.splice(at, 1));
  }
  return { right, extra, missing };
}

function countOf<T>(drafted: readonly T[], wanted: readonly T[], isSame: (one: T, other: T) => boolean): Count {
  return { right: matched(drafted, wanted, isSame).right.length, drafted: drafted.length, wanted: wanted.length };
}
