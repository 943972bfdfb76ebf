/**
 * What a JSONPath query of a plan expects of the value that it is run on.
 * Pure. Only notes wishes; the engine alone decides what is selected.
 */
import type { Json } from "../json/value.ts";
import { type Comparable, type Filter, parseQuery, type Query, type Segment, type Selector } from "../lang/path/parse.ts";
import { compareViews } from "./compare.ts";
import { elementView, memberView, nowhere, type ShapeBook, type View, wish, wishLength } from "./shape.ts";

/** What a path leads to. */
export interface Followed {
  readonly view: View;
  /** Whether it may select several values. */
  readonly isMany: boolean;
  /** Lists that it goes through, outermost first. */
  readonly lists: readonly View[];
}

/** Follows `source` (from `$`) in `root`; what cannot be read leads nowhere. */
export function followPath(book: ShapeBook, root: View, source: string): Followed {
  const parsed = parseQuery(source);
  return "fault" in parsed ? { view: nowhere, isMany: false, lists: [] } : follow(book, root, { query: parsed.query, root });
}

interface Place {
  readonly query: Query;
  readonly root: View;
}

function follow(book: ShapeBook, start: View, { query, root }: Place): Followed {
  let view = start;
  let isMany = false;
  const lists: View[] = [];
  for (const segment of query.segments) {
    const [selector] = segment.selectors;
    if (selector === undefined) break;
    const step = stepInto(book, view, { selector, root });
    if (step.isList) lists.push(view);
    isMany ||= step.isMany || isSeveral(segment);
    view = step.view;
  }
  return { view, isMany, lists };
}

function isSeveral({ descendant, selectors }: Segment): boolean {
  return descendant || selectors.length > 1;
}

interface Step {
  readonly view: View;
  readonly isMany: boolean;
  readonly isList: boolean;
}

function stepInto(book: ShapeBook, view: View, { selector, root }: { selector: Selector; root: View }): Step {
  if (selector.kind === "name") return { view: memberView(book, view, selector.name), isMany: false, isList: false };
  const inner = elementView(book, view);
  switch (selector.kind) {
    case "index": {
      needLength(view, selector.index < 0 ? -selector.index : selector.index + 1);
      return { view: inner, isMany: false, isList: true };
    }
    case "slice": {
      const { start = 0, end } = selector;
      needLength(view, start >= 0 ? start + 1 : 1);
      if (end !== undefined && end > 0) wishLength(view, Math.max(1, Math.min(2, end)));
      return { view: inner, isMany: true, isList: true };
    }
    case "filter":
      wishFilter(book, selector.filter, { item: inner, root });
      return { view: inner, isMany: true, isList: true };
    default:
      return { view: inner, isMany: true, isList: true };
  }
}

function needLength(view: View, least: number): void {
  for (const shape of view.shapes) shape.lengthMin = Math.max(shape.lengthMin, least);
}

interface FilterPlace {
  readonly item: View;
  readonly root: View;
}

function wishFilter(book: ShapeBook, filter: Filter, place: FilterPlace): void {
  switch (filter.kind) {
    case "and":
    case "or":
      for (const part of filter.parts) wishFilter(book, part, place);
      return;
    case "not":
      wishFilter(book, filter.part, place);
      return;
    case "exists":
      for (const shape of queryView(book, filter.query, place).shapes) shape.isQuestioned = true;
      return;
    case "compare": {
      const [left, right] = [operandView(book, filter.left, place), operandView(book, filter.right, place)];
      wishSizes(left, right);
      compareViews(left.view, filter.operator, right.view);
    }
  }
}

function queryView(book: ShapeBook, query: Query, { item, root }: FilterPlace): View {
  return follow(book, query.root === "$" ? root : item, { query, root }).view;
}

interface Operand {
  readonly view: View;
  /** What is counted or measured, under `length` and `count`. */
  readonly sized?: View;
}

function operandView(book: ShapeBook, operand: Comparable, place: FilterPlace): Operand {
  switch (operand.kind) {
    case "literal":
      return { view: { shapes: [], literal: operand.value } };
    case "length":
      return { view: nowhere, sized: operandView(book, operand.of, place).view };
    case "count":
      return { view: nowhere, sized: queryView(book, operand.query, place) };
    default:
      return { view: queryView(book, operand.query, place) };
  }
}

function wishSizes(left: Operand, right: Operand): void {
  for (const [a, b] of [
    [left, right],
    [right, left],
  ] as const) {
    const size = b.view.literal;
    if (a.sized === undefined || typeof size !== "number") continue;
    wishSize(a.sized, size);
  }
}

/** Wishes something of about that size: a list of so many elements, or a text of so many characters. */
export function wishSize(view: View, size: number): void {
  if (size > sizeMax) return;
  wishLength(view, size, size + 1, size - 1);
  if (size > 0) wish(view, ...[size, size + 1].map((count): Json => "x".repeat(count)));
}

/** Longer lists and texts are not made up. */
const sizeMax = 64;
