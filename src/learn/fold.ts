/**
 * Loops over several runs: calls of one tool that in every run go through the rows of the same earlier list, how long it may be in each.
 * Pure. Makes a loop only if every such call of every run is a row of its own.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isArray, isObject, type Json, jsonEqual, type JsonObject } from "../json/value.ts";
import { isReader } from "./draft.ts";
import { assign, type ItemOption, itemRules } from "./loops.ts";
import { type Model, type NodeModel, type RunLoop, sourcesIn } from "./model.ts";
import { type Call, steeringArgs, unexplained } from "./nodes.ts";
import { memberAccess, type RowSet, rowSetsOf } from "./places.ts";
import type { Run } from "./runs.ts";

/** The calls of one tool that nothing but a row explains, in one run, with the rows that they may be. */
interface Lane {
  readonly run: Run;
  readonly calls: readonly Call[];
  readonly set: RowSet | undefined;
}

interface Folded {
  readonly loop: RunLoop;
  readonly cost: number;
  /** Calls by run, in the order of rows. */
  readonly calls: ReadonlyMap<number, readonly Call[]>;
}

/** Joins nodes of one tool to a loop, wherever the rows of one list are their calls. */
export function foldLoops(model: Model): void {
  for (const tool of new Set(model.nodes.map((node) => node.tool))) {
    const nodes = model.nodes.filter((node) => node.tool === tool);
    const open = new Map(model.runs.map((run) => [run.place, openCalls(run, nodes)] as const));
    const counts = [...open.values()].map((calls) => calls.length);
    if (Math.max(...counts) < 2) continue;
    const folded = bestFold(model, nodes, open);
    if (folded === undefined) continue;
    const doCountsVary = counts.some((count) => count !== counts[0]);
    if (folded.loop.isPartial && !doCountsVary && !isReader(tool)) continue;
    replace(model, nodes, folded);
  }
}

/** Calls of the nodes that the task and the tool's defaults do not explain. */
function openCalls(run: Run, nodes: readonly NodeModel[]): readonly Call[] {
  const own = nodes.flatMap((node) => node.calls.get(run.place) ?? []).sort((a, b) => a.first.index - b.first.index);
  return own.filter((call) => unexplained(call, run.facts).length > 0);
}

function bestFold(model: Model, nodes: readonly NodeModel[], open: ReadonlyMap<number, readonly Call[]>): Folded | undefined {
  const sources = model.nodes.filter((node) => !nodes.includes(node));
  const sets = new Map<string, { readonly source: NodeModel; readonly prefix: readonly string[] }>();
  const lanesOf = model.runs.map((run) => {
    const calls = open.get(run.place) ?? [];
    const before = calls.length === 0 ? run.steps.length : Math.min(...calls.map((call) => call.first.index));
    const found = rowSetsOf(sourcesIn({ nodes: sources }, run, before));
    for (const { source, prefix } of found) {
      const node = sources.find(({ name }) => name === source.name);
      if (node !== undefined) sets.set(JSON.stringify([source.name, ...prefix]), { source: node, prefix });
    }
    return { run, calls, found };
  });
  const folds = [...sets].flatMap(([key, { source, prefix }]) => {
    const lanes = lanesOf.map(({ run, calls, found }): Lane => {
      return { run, calls, set: found.find((set) => JSON.stringify([set.source.name, ...set.prefix]) === key) };
    });
    const folded = foldOver(lanes, { source, prefix });
    return folded === undefined ? [] : [folded];
  });
  return folds.sort((a, b) => a.cost - b.cost)[0];
}

type List = Pick<RunLoop, "source" | "prefix">;

/** The loop over one list, if each call of each run is a row. */
function foldOver(lanes: readonly Lane[], list: List): Folded | undefined {
  if (lanes.some(({ calls, set }) => calls.length > 0 && set === undefined)) return undefined;
  const items = new Map<string, { readonly item: string; readonly extract?: Json }>();
  let open: (readonly number[])[][] = lanes.map(({ calls, set }) => calls.map(() => (set?.rows ?? []).map((_, place) => place)));
  for (const name of varyingArgs(lanes)) {
    const found = itemOf(lanes, name, open);
    if (found === undefined) continue;
    items.set(name, found.item);
    open = found.open;
  }
  if (items.size === 0 || varyingInside(lanes).some((name) => !items.has(name))) return undefined;
  const places = open.map(assign);
  if (places.some((own) => own === undefined)) return undefined;
  const chosen = places.map((own) => new Set(own));
  const isWhole = lanes.every(({ set }, lane) => (set?.rows.length ?? 0) === chosen[lane]?.size);
  const condition = isWhole ? undefined : whereOf(lanes, chosen);
  const isPartial = !isWhole && condition === undefined;
  const isText = [...items.values()].some((item) => item.extract !== undefined);
  const calls = new Map(
    lanes.map(({ run, calls: own }, lane) => {
      const ordered = own.map((call, place) => ({ call, row: places[lane]?.[place] ?? 0 })).sort((a, b) => a.row - b.row);
      return [run.place, ordered.map(({ call }) => call)] as const;
    }),
  );
  const rows = Math.max(...lanes.map(({ set }, lane) => (isPartial ? (set?.rows.length ?? 0) : (chosen[lane]?.size ?? 0))));
  const cost = (isPartial ? 4 : condition === undefined ? 0 : 1) + (isText ? 8 : 0);
  return { loop: { ...list, items, ...condition, isPartial, rows }, cost, calls };
}

/** Arguments that steer and differ between calls of one run. */
function varyingInside(lanes: readonly Lane[]): readonly string[] {
  const names = new Set<string>();
  for (const { calls } of lanes) {
    const [first] = calls;
    if (first === undefined) continue;
    for (const name of steeringArgs(first))
      if (calls.some((call) => !jsonEqual(call.first.args[name], first.first.args[name]))) names.add(name);
  }
  return [...names].sort();
}

/** Those, and what differs between runs and no task says. */
function varyingArgs(lanes: readonly Lane[]): readonly string[] {
  const calls = lanes.flatMap(({ run, calls: own }) => own.map((call) => ({ run, call })));
  const open = new Set(calls.flatMap(({ run, call }) => unexplained(call, run.facts)));
  const [first] = calls;
  const between = [...open].filter((name) =>
    calls.some(({ call }) => !jsonEqual(call.first.args[name], first?.call.first.args[name])),
  );
  return [...new Set([...varyingInside(lanes), ...between.sort()])];
}

interface Found {
  readonly item: { readonly item: string; readonly extract?: Json };
  readonly open: (readonly number[])[][];
}

/** The member of a row that one argument is in all runs. */
function itemOf(lanes: readonly Lane[], name: string, open: readonly (readonly (readonly number[])[])[]): Found | undefined {
  const members = new Set(
    lanes.flatMap(({ set }) => (set?.rows ?? []).flatMap((row) => (isObject(row) ? Object.keys(row) : []))),
  );
  for (const member of [undefined, ...members]) {
    const perLane = lanes.map(({ calls, set }) =>
      set === undefined
        ? []
        : itemRules(
            set,
            member,
            calls.map((call) => call.first.args[name] as Json),
          ),
    );
    const rules = new Map(perLane.flat().map((option) => [canonicalJson(option.rule as unknown as Json), option.rule]));
    for (const [key, rule] of rules) {
      const next = lanes.map(({ calls }, lane) => {
        const own = perLane[lane]?.find((option: ItemOption) => canonicalJson(option.rule as unknown as Json) === key);
        return calls.map((_, call) => (open[lane]?.[call] ?? []).filter((place) => own?.fits(place, call) === true));
      });
      if (next.some((calls) => calls.some((places) => places.length === 0))) continue;
      const extract = rule.extract === undefined ? {} : { extract: rule.extract };
      return { item: { item: rule.item, ...extract }, open: next };
    }
  }
  return undefined;
}

type Condition = Pick<RunLoop, "where" | "word">;

/** A member that has one value in the rows of the calls and in no other: the same in all runs, or the task's word in each. */
function whereOf(lanes: readonly Lane[], chosen: readonly ReadonlySet<number>[]): Condition | undefined {
  const rows = lanes.flatMap(({ set }) => set?.rows ?? []);
  const names = [...new Set(rows.flatMap((row) => (isObject(row) ? Object.keys(row) : [])))];
  const isApart = (lane: number, name: string, value: Json): boolean =>
    (lanes[lane]?.set?.rows ?? []).every(
      (row, place) => isObject(row) && Object.hasOwn(row, name) && jsonEqual(row[name], value) === chosen[lane]?.has(place),
    );
  for (const name of names) {
    const values = lanes.map(({ set }, lane) => {
      const [place] = [...(chosen[lane] ?? [])];
      return place === undefined ? undefined : (set?.rows[place] as JsonObject | undefined)?.[name];
    });
    const [value] = values.filter((one) => one !== undefined);
    const isPlain = typeof value === "boolean" || (typeof value === "string" && value.length <= 40);
    if (value !== undefined && isPlain && lanes.every((_, lane) => isApart(lane, name, value)))
      return { where: `item${memberAccess(name)} == ${JSON.stringify(value)}` };
    const isWord = lanes.every(({ run, calls }, lane) => {
      const word = values[lane];
      return (
        calls.length === 0 || (typeof word === "string" && run.facts.task.find(word) !== undefined && isApart(lane, name, word))
      );
    });
    if (!isWord) continue;
    const literals = new Map(
      lanes.flatMap(({ run }, lane) => (values[lane] === undefined ? [] : [[run.place, values[lane] as Json] as const])),
    );
    if (literals.size > 1) return { where: `item${memberAccess(name)} == params.{}`, word: { hint: name, literals } };
  }
  return undefined;
}

/** Puts the loop in the place of the first of its nodes; the others keep what is no row. */
function replace(model: Model, nodes: readonly NodeModel[], { loop, calls }: Folded): void {
  const folded = new Set([...calls.values()].flat());
  const [first] = nodes.filter((node) => [...node.calls.values()].flat().some((call) => folded.has(call)));
  if (first === undefined) return;
  for (const node of nodes) {
    node.calls = new Map(
      [...node.calls].flatMap(([place, own]) => {
        const rest = own.filter((call) => !folded.has(call));
        return rest.length === 0 ? [] : [[place, rest] as const];
      }),
    );
  }
  const rest = first.calls;
  const other = nodes.find((node) => node !== first && node.calls.size === 0);
  first.calls = new Map([...calls].filter(([, own]) => own.length > 0));
  first.loop = loop;
  if (rest.size > 0 && other !== undefined) other.calls = rest;
  const kept = model.nodes.filter((node) => node.calls.size > 0);
  model.nodes.splice(0, model.nodes.length, ...kept);
}

/** Rows of the list of a loop in one run. */
export function rowsIn(model: Pick<Model, "nodes">, run: Run, loop: RunLoop): readonly Json[] {
  const sets = rowSetsOf(sourcesIn(model, run, run.steps.length));
  const set = sets.find(({ source, prefix }) => source.name === loop.source.name && jsonEqual([...prefix], [...loop.prefix]));
  return set !== undefined && isArray(set.rows) ? set.rows : [];
}
