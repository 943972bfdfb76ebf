/**
 * Turns a parsed JSONPath query into closures that select nodes (RFC 9535 §2.1.2), within a budget of visits.
 * Never reads through a prototype; members are visited in UTF-16 order. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { jsonDepthMax } from "../../limits.ts";
import { compareCodePoints, countCodePoints, sortedKeys } from "../code-point.ts";
import { equalWithin, spend, type Work } from "../work.ts";
import {
  type Comparable,
  type CompareOperator,
  type Filter,
  isSingular,
  type Query,
  type Segment,
  type Selector,
} from "./parse.ts";

/** A selected node; its path is the chain of keys up to the root, so that intermediate nodes cost no copies. */
export interface Found {
  readonly value: Json;
  readonly key: string | number;
  readonly parent: Found | undefined;
}

/** What a run of a query shares: the root value and the visits left. */
export interface Run {
  readonly root: Json;
  readonly work: Work;
}

/** Selects the nodes of a query below `from`. What it returns means nothing once `run.work.left` is negative. */
export type Select = (from: Found, run: Run) => readonly Found[];

type Push = (node: Found, out: Found[], run: Run) => void;
type Test = (node: Found, run: Run) => boolean;
/** The value of a comparable; `undefined` is the special result Nothing (RFC 9535 §2.4.1). */
type Read = (node: Found, run: Run) => Json | undefined;

/** Compiles the segments of a query. */
export function compileSegments(segments: readonly Segment[]): Select {
  const steps = segments.map((segment): Push => {
    const selectors = segment.selectors.map(compileSelector);
    const push: Push = (node, out, run) => {
      for (const select of selectors) select(node, out, run);
    };
    return segment.descendant ? (node, out, run) => descend(node, { push, out, run }, 0) : push;
  });
  return (from, run) => {
    let nodes: readonly Found[] = [from];
    for (const step of steps) {
      const out: Found[] = [];
      for (const node of nodes) {
        if (!spend(run.work, 1)) return [];
        step(node, out, run);
      }
      nodes = out;
    }
    return nodes;
  };
}

/** Applies `push` to a node and to all below it, parents first (RFC 9535 §2.5.2.2). */
function descend(node: Found, to: { readonly push: Push; readonly out: Found[]; readonly run: Run }, depth: number): void {
  // The strict reader makes nothing deeper; a deeper value is refused like one that is too large.
  if (depth > jsonDepthMax) to.run.work.left = -1;
  if (!spend(to.run.work, 1)) return;
  to.push(node, to.out, to.run);
  forEachChild(node, to.run, (child) => {
    if (typeof child.value === "object" && child.value !== null) descend(child, to, depth + 1);
  });
}

function forEachChild(node: Found, run: Run, visit: (child: Found) => void): void {
  const { value } = node;
  if (isArray(value)) {
    if (!spend(run.work, value.length)) return;
    for (let i = 0; i < value.length; i++) visit({ value: value[i] as Json, key: i, parent: node });
  } else if (isObject(value)) {
    const keys = sortedKeys(value);
    if (!spend(run.work, keys.length)) return;
    for (const key of keys) visit({ value: value[key] as Json, key, parent: node });
  }
}

function compileSelector(selector: Selector): Push {
  switch (selector.kind) {
    case "name": {
      const { name } = selector;
      return (node, out) => {
        if (isObject(node.value) && Object.hasOwn(node.value, name))
          out.push({ value: node.value[name] as Json, key: name, parent: node });
      };
    }
    case "index": {
      const { index } = selector;
      return (node, out) => {
        if (!isArray(node.value)) return;
        const at = index < 0 ? index + node.value.length : index;
        if (at >= 0 && at < node.value.length) out.push({ value: node.value[at] as Json, key: at, parent: node });
      };
    }
    case "slice":
      return (node, out, run) => slice(selector, node, { out, run });
    case "wildcard":
      return (node, out, run) => forEachChild(node, run, (child) => out.push(child));
    case "filter": {
      const test = compileFilter(selector.filter);
      return (node, out, run) =>
        forEachChild(node, run, (child) => {
          if (run.work.left >= 0 && test(child, run)) out.push(child);
        });
    }
  }
}

/** RFC 9535 §2.3.4.2.2. */
function slice(selector: Selector & { kind: "slice" }, node: Found, to: { readonly out: Found[]; readonly run: Run }): void {
  const { value } = node;
  const { step } = selector;
  if (!isArray(value) || step === 0) return;
  const length = value.length;
  const normalize = (index: number): number => (index >= 0 ? index : length + index);
  const clamp = (index: number, low: number, high: number): number => Math.min(Math.max(index, low), high);
  const start = normalize(selector.start ?? (step > 0 ? 0 : length - 1));
  // The default end of a backward slice is -length - 1, which normalises to -1: past the first element.
  const end = normalize(selector.end ?? (step > 0 ? length : -length - 1));
  const first = step > 0 ? clamp(start, 0, length) : clamp(start, -1, length - 1);
  const last = step > 0 ? clamp(end, 0, length) : clamp(end, -1, length - 1);
  for (let i = first; step > 0 ? i < last : i > last; i += step) {
    if (!spend(to.run.work, 1)) return;
    to.out.push({ value: value[i] as Json, key: i, parent: node });
  }
}

function compileFilter(filter: Filter): Test {
  switch (filter.kind) {
    case "or": {
      const parts = filter.parts.map(compileFilter);
      return (node, run) => parts.some((part) => part(node, run));
    }
    case "and": {
      const parts = filter.parts.map(compileFilter);
      return (node, run) => parts.every((part) => part(node, run));
    }
    case "not": {
      const part = compileFilter(filter.part);
      return (node, run) => !part(node, run);
    }
    case "exists": {
      const select = compileQuery(filter.query);
      return (node, run) => select(node, run).length > 0;
    }
    case "compare": {
      const left = compileComparable(filter.left);
      const right = compileComparable(filter.right);
      return (node, run) => compare(filter.operator, [left(node, run), right(node, run)], run.work);
    }
  }
}

function compileQuery(query: Query): Select {
  const select = compileSegments(query.segments);
  // Inside a filter only values matter, so a path that starts at the current node is as good as one from the root.
  if (query.root === "@") return select;
  return (_node, run) => select({ value: run.root, key: "", parent: undefined }, run);
}

function compileComparable(comparable: Comparable): Read {
  switch (comparable.kind) {
    case "literal":
      return () => comparable.value;
    case "length": {
      const read = compileComparable(comparable.of);
      return (node, run) => lengthOf(read(node, run), run.work);
    }
    case "count": {
      const select = compileQuery(comparable.query);
      return (node, run) => select(node, run).length;
    }
    case "singular":
    case "value": {
      const select = compileQuery(comparable.query);
      return (node, run) => {
        const nodes = select(node, run);
        return nodes.length === 1 ? nodes[0]?.value : undefined;
      };
    }
  }
}

/** RFC 9535 §2.4.4: code points of a text, elements of an array, members of an object. */
function lengthOf(value: Json | undefined, work: Work): number | undefined {
  if (typeof value === "string") return spend(work, value.length >> 6) ? countCodePoints(value) : undefined;
  if (isArray(value)) return value.length;
  if (!isObject(value)) return undefined;
  const { length } = Object.keys(value);
  return spend(work, length) ? length : undefined;
}

/** RFC 9535 §2.3.5.2.2. */
function compare(operator: CompareOperator, [a, b]: readonly [Json | undefined, Json | undefined], work: Work): boolean {
  switch (operator) {
    case "==":
      return equalOrNothing(a, b, work);
    case "!=":
      return !equalOrNothing(a, b, work);
    case "<":
      return isLess(a, b, work);
    case ">":
      return isLess(b, a, work);
    case "<=":
      return isLess(a, b, work) || equalOrNothing(a, b, work);
    case ">=":
      return isLess(b, a, work) || equalOrNothing(a, b, work);
  }
}

function equalOrNothing(a: Json | undefined, b: Json | undefined, work: Work): boolean {
  return a === undefined || b === undefined ? a === b : equalWithin(a, b, work);
}

function isLess(a: Json | undefined, b: Json | undefined, work: Work): boolean {
  if (typeof a === "string" && typeof b === "string")
    return spend(work, Math.min(a.length, b.length) >> 6) && compareCodePoints(a, b) < 0;
  const areNumbers = (typeof a === "number" || typeof a === "bigint") && (typeof b === "number" || typeof b === "bigint");
  return areNumbers && a < b;
}

/** The static singular steps of a query, or `undefined` if it is not singular. */
export function singularSteps(query: Query): readonly (string | number)[] | undefined {
  return isSingular(query) ? leadingSteps(query, true) : undefined;
}

/** Whether a filter of the query looks at the root: then any part of the value may decide what is selected. */
export function readsRoot(query: Query): boolean {
  return query.segments.some(({ selectors }) => selectors.some((each) => each.kind === "filter" && filterReadsRoot(each.filter)));
}

function filterReadsRoot(filter: Filter): boolean {
  switch (filter.kind) {
    case "not":
      return filterReadsRoot(filter.part);
    case "exists":
      return isRooted(filter.query);
    case "compare":
      return operandReadsRoot(filter.left) || operandReadsRoot(filter.right);
    default:
      return filter.parts.some(filterReadsRoot);
  }
}

function operandReadsRoot(operand: Comparable): boolean {
  if (operand.kind === "literal") return false;
  return operand.kind === "length" ? operandReadsRoot(operand.of) : isRooted(operand.query);
}

function isRooted(query: Query): boolean {
  return query.root === "$" || readsRoot(query);
}

/** The longest run of leading names and indexes. A negative index has no fixed position, so it ends the run unless `negative`. */
export function leadingSteps(query: Query, negative: boolean): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  for (const { descendant, selectors } of query.segments) {
    const only = selectors.length === 1 && !descendant ? selectors[0] : undefined;
    if (only?.kind === "name") steps.push(only.name);
    else if (only?.kind === "index" && (negative || only.index >= 0)) steps.push(only.index);
    else break;
  }
  return steps;
}
