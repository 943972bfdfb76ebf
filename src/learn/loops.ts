/**
 * Calls of one tool that go through the rows of an earlier list: which list, and which members of a row become which arguments.
 * Pure. Offers a loop only if every call is a row of its own.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { proposeExtracts } from "../lang/extract/propose.ts";
import { valuesIn } from "./from-text.ts";
import { shareWord } from "./names.ts";
import type { TaskWords } from "./task-words.ts";
import { memberAccess, memberStep, type RowSet, rowsExpression } from "./places.ts";

/** How one argument comes from a row. */
export interface ItemRule {
  /** JSONPath below the row. */
  readonly item: string;
  /** The member that it names; absent for the row itself. */
  readonly member?: string;
  readonly extract?: Json;
}

/** A loop over rows. */
export interface Loop {
  readonly set: RowSet;
  /** The distinct values of one member (or of the elements themselves), which become a `let` node. */
  readonly distinct?: { readonly hint: string; readonly expression: string };
  readonly items: ReadonlyMap<string, ItemRule>;
  /** The row of each call, in the order of the calls. */
  readonly places: readonly number[];
  /** Rows in all, of those that `where` keeps. */
  readonly count: number;
  /** A condition that the rows of the calls meet and no other row does. */
  readonly where?: { readonly expression: string; readonly literal: Json; readonly isNamed: boolean };
}

/** Arguments of calls that are to be found in rows. */
export interface LoopCalls {
  readonly calls: readonly JsonObject[];
  /** The arguments that differ between the calls, or (for one call) that nothing else explains. */
  readonly varying: readonly string[];
}

/** The best loop over one of the sets, or `undefined`: all rows before some, rows themselves before distinct values, members before texts. */
export function loopOf(sets: readonly RowSet[], wanted: LoopCalls, task: TaskWords): Loop | undefined {
  if (wanted.varying.length === 0) return undefined;
  const loops: Loop[] = [];
  for (const set of sets) {
    const rows = overRows(set, wanted);
    if (rows !== undefined) loops.push(wanted.calls.length > 1 ? narrowed(rows, task) : rows);
    loops.push(...overDistinct(set, wanted));
  }
  const costOf = (loop: Loop): number => {
    const isPart = loop.places.length < loop.count ? 4 : 0;
    const isText = [...loop.items.values()].some((item) => item.extract !== undefined) ? 8 : 0;
    return isPart + isText + (loop.distinct === undefined ? 0 : 2) + (isPart > 0 && hasTwins(loop) ? 3 : 0);
  };
  return loops.map((loop) => ({ loop, cost: costOf(loop) })).sort((a, b) => a.cost - b.cost)[0]?.loop;
}

/** The loop with a condition that its rows share and the others do not: a value that the task names, else a boolean. */
function narrowed(loop: Loop, task: TaskWords): Loop {
  const { rows } = loop.set;
  const chosen = new Set(loop.places);
  const [first] = loop.places;
  const sample = first === undefined ? undefined : rows[first];
  if (chosen.size === rows.length || !isObject(sample)) return loop;
  const options = Object.entries(sample).flatMap(([name, value]) => {
    const isNamed =
      typeof value === "string"
        ? value.length >= 3 && task.find(value) !== undefined
        : task.words.some((word) => shareWord(word, name));
    if (!isNamed && typeof value !== "boolean") return [];
    const isApart = rows.every(
      (row, place) => isObject(row) && Object.hasOwn(row, name) && jsonEqual(row[name], value) === chosen.has(place),
    );
    return isApart ? [{ expression: `item${memberAccess(name)} == ${JSON.stringify(value)}`, literal: value, isNamed }] : [];
  });
  const where = options.find((option) => option.isNamed) ?? options[0];
  if (where === undefined) return loop;
  const kept = [...chosen].sort((a, b) => a - b);
  return { ...loop, where, places: loop.places.map((place) => kept.indexOf(place)), count: kept.length };
}

/** Whether the rows hold a value of the loop twice, so that a call could be either. */
function hasTwins(loop: Loop): boolean {
  if (loop.distinct !== undefined) return false;
  const keys = loop.set.rows.map((row) =>
    canonicalJson([...loop.items.values()].map(({ member }) => valueAt(row, member) ?? null)),
  );
  return new Set(keys).size < keys.length;
}

function valueAt(row: Json, member: string | undefined): Json {
  const value = member === undefined ? row : isObject(row) ? row[member] : undefined;
  return typeof value === "bigint" ? String(value) : (value ?? null);
}

/** Every call is a row: each varying argument is the row, a member of it, or found in a text of it. */
function overRows(set: RowSet, { calls, varying }: LoopCalls): Loop | undefined {
  const members = new Set(set.rows.flatMap((row) => (isObject(row) ? Object.keys(row) : [])));
  const items = new Map<string, ItemRule>();
  let open = calls.map(() => set.rows.map((_, place) => place));
  for (const arg of varying) {
    const wanted = calls.map((call) => call[arg] as Json);
    const options = [undefined, ...members].flatMap((name) => itemRules(set, name, wanted));
    let isFound = false;
    for (const { rule, fits } of options) {
      const next = open.map((places, call) => places.filter((place) => fits(place, call)));
      if (next.some((places) => places.length === 0)) continue;
      items.set(arg, rule);
      open = next;
      isFound = true;
      break;
    }
    if (!isFound) return undefined;
  }
  const places = assign(open);
  return places && { set, items, places, count: set.rows.length };
}

/** A way in which one argument may come from a row. */
export interface ItemOption {
  readonly rule: ItemRule;
  readonly fits: (place: number, call: number) => boolean;
}

/** A member as it is; or, if it is a text, what one grammar finds in it. */
export function itemRules(set: RowSet, name: string | undefined, wanted: readonly Json[]): readonly ItemOption[] {
  const own: ItemRule = name === undefined ? { item: "$" } : { item: `$${memberStep(name)}`, member: name };
  const values = set.rows.map((row) => (name === undefined ? row : isObject(row) ? row[name] : undefined));
  const options: ItemOption[] = [
    { rule: own, fits: (place, call) => values[place] !== undefined && jsonEqual(values[place], wanted[call]) },
  ];
  const [first] = wanted;
  if (typeof first !== "string") return options;
  const text = values.find((value) => typeof value === "string" && value !== first && value.includes(first));
  if (typeof text !== "string") return options;
  for (const spec of proposeExtracts(text, first)) {
    const found = values.map((value) => (typeof value === "string" ? valuesIn([value], spec) : undefined));
    options.push({
      rule: { ...own, extract: spec },
      fits: (place, call) => found[place]?.length === 1 && jsonEqual(found[place]?.[0], wanted[call]),
    });
  }
  return options;
}

/** A different row for each call: the first free one, calls with fewer rows first. */
export function assign(open: readonly (readonly number[])[]): readonly number[] | undefined {
  const places: number[] = [];
  const taken = new Set<number>();
  const byNeed = open.map((rows, call) => ({ rows, call })).sort((a, b) => a.rows.length - b.rows.length);
  for (const { rows, call } of byNeed) {
    const place = rows.find((row) => !taken.has(row));
    if (place === undefined) return undefined;
    taken.add(place);
    places[call] = place;
  }
  return places;
}

/** One varying argument whose values are distinct values of one member of the rows. */
function overDistinct(set: RowSet, { calls, varying }: LoopCalls): readonly Loop[] {
  const [arg, ...others] = varying;
  if (arg === undefined || others.length > 0) return [];
  const members = [...new Set(set.rows.flatMap((row) => (isObject(row) ? Object.keys(row) : [])))];
  const loops: Loop[] = [];
  for (const name of [undefined, ...members]) {
    const values = set.rows.flatMap((row) =>
      name === undefined ? [row] : isObject(row) && Object.hasOwn(row, name) ? [row[name] as Json] : [],
    );
    if (name !== undefined && values.length !== set.rows.length) continue;
    if (!values.every((value) => typeof value === "string" || typeof value === "number")) continue;
    const distinct = [...new Set(values)];
    const places = calls.map((call) => distinct.findIndex((value) => jsonEqual(value, call[arg])));
    if (distinct.length === values.length || places.includes(-1) || new Set(places).size < places.length) continue;
    const base = rowsExpression(set);
    const expression = name === undefined ? `distinct(${base})` : `distinct(${base}.map(r, r${memberAccess(name)}))`;
    const hint = name === undefined ? "all" : `${name}s`;
    const items = new Map([[arg, { item: "$" }]]);
    loops.push({ set, distinct: { hint, expression }, items, places, count: distinct.length });
  }
  return loops;
}
