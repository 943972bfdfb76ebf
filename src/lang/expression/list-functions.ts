/**
 * Functions over lists: order, choice, distinctness.
 * Never depends on the order of an object's members. Pure. No I/O, no clock.
 */
import { isArray, type Json } from "../../json/value.ts";
import { ok } from "../../result.ts";
import { structuralKey } from "../work.ts";
import { charge, type Frame, isWithinList, listOf, memberOf, orderOf, refuseType, refuseValue } from "./frame.ts";
import { type FunctionRow, literalText, strict } from "./function-row.ts";

interface Keyed {
  readonly key: Json;
  readonly value: Json;
}

/** Elements with the value at a member path, so that a key is looked up once and its type is checked before sorting. */
function keyed(
  frame: Frame,
  list: readonly Json[],
  { path, at }: { readonly path: readonly string[]; readonly at: number },
): Keyed[] | undefined {
  const entries: Keyed[] = [];
  for (const value of list) {
    let key: Json | undefined = value;
    for (const name of path) key = memberOf(frame, [key, name], at);
    if (key === undefined) return undefined;
    const first = entries[0]?.key ?? key;
    if (orderOf(frame, [first, key], at) === undefined) return undefined;
    entries.push({ key, value });
  }
  return entries;
}

function sorted(frame: Frame, entries: readonly Keyed[] | undefined, at: number): readonly Json[] | undefined {
  if (entries === undefined) return undefined;
  // Every comparison is charged. After the budget is gone the order no longer matters, so ties cost nothing more.
  const order = (a: Keyed, b: Keyed): number => (frame.work.left < 0 ? 0 : (orderOf(frame, [a.key, b.key], at) ?? 0));
  const list = entries.toSorted(order).map((entry) => entry.value);
  return charge(frame, 0, at) ? list : undefined;
}

/** A function with a member path such as `"total"` or `"price.amount"`, given as a literal. */
function byPath(
  row: Pick<FunctionRow, "name" | "doc">,
  compute: (frame: Frame, entries: readonly Keyed[], at: number) => Json | undefined,
): FunctionRow {
  return {
    ...row,
    arity: [2, 2],
    compile: (node, [source]) => {
      const literal = literalText(node, 1, "a member path such as `price.amount`");
      if (!literal.ok) return literal;
      const path = literal.value.split(".");
      return ok((frame) => {
        const list = listOf(frame, source?.(frame), node.at);
        const entries = list === undefined ? undefined : keyed(frame, list, { path, at: node.at });
        return entries === undefined ? undefined : compute(frame, entries, node.at);
      });
    },
  };
}

function bestBy(name: string, sign: number, doc: string): FunctionRow {
  return byPath({ name, doc }, (frame, entries, at) => {
    let best = entries[0];
    if (best === undefined) return refuseValue(frame, `\`${name}\` of an empty list`, at);
    for (const entry of entries) {
      const order = orderOf(frame, [entry.key, best.key], at);
      if (order === undefined) return undefined;
      if (order * sign > 0) best = entry;
    }
    return best.value;
  });
}

/** Lists. */
export const listFunctions: readonly FunctionRow[] = [
  strict(
    { name: "sort", arity: [1, 1], doc: "sort(list): numbers, or texts by code point, in ascending order" },
    (frame, [value], at) => {
      const list = listOf(frame, value, at);
      return list === undefined ? undefined : sorted(frame, keyed(frame, list, { path: [], at }), at);
    },
  ),
  byPath(
    { name: "sortBy", doc: 'sortBy(list, "price.amount"): objects in ascending order of a member; equal ones keep their order' },
    sorted,
  ),
  bestBy("minBy", -1, 'minBy(list, "price"): the first object whose member is least; an empty list is an error'),
  bestBy("maxBy", 1, 'maxBy(list, "price"): the first object whose member is greatest; an empty list is an error'),
  strict(
    { name: "distinct", arity: [1, 1], doc: "distinct(list): each value once, where it first occurs" },
    (frame, [value], at) => {
      const seen = new Set<string>();
      const list = listOf(frame, value, at)?.filter((element) => {
        const key = structuralKey(element, frame.work);
        return !seen.has(key) && seen.add(key) !== undefined;
      });
      return list !== undefined && charge(frame, 0, at) ? list : undefined;
    },
  ),
  strict(
    { name: "flatten", arity: [1, 1], doc: "flatten(list): the elements of lists within a list, one level deep" },
    (frame, [value], at) => {
      const out: Json[] = [];
      const list = listOf(frame, value, at);
      for (const element of list ?? []) {
        const inner = isArray(element) ? element : refuseType(frame, "`flatten` takes a list of lists", at);
        if (inner === undefined || !isWithinList(frame, out.length + inner.length, at) || !charge(frame, inner.length, at))
          return undefined;
        for (const part of inner) out.push(part);
      }
      return list === undefined ? undefined : out;
    },
  ),
];
