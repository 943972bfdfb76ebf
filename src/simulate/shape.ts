/**
 * Shapes: what a plan expects of a value that nobody has seen yet (a tool's result, a parameter, what the agent gives).
 * Pure. Holds wishes only; never a value of a real run.
 */
import type { Json } from "../json/value.ts";

/** What a place is used as. */
export type ShapeKind = "text" | "number" | "boolean" | "date" | "list" | "object";

/** A text that a made-up text must hold: as it is, or an example of an extract grammar. */
export interface Piece {
  readonly text: string;
  /** The spec of the extractor that must find one value in it, as the plan writes it. */
  readonly extract?: Json;
  /** What the extracted value must keep. */
  readonly match?: Json;
}

/** One place of a value with everything that rules ask of it. Mutable while the plan is read, constant after. */
export interface Shape {
  readonly id: number;
  /** The name of the member, for made-up texts. */
  readonly name: string;
  readonly members: Map<string, Shape>;
  element: Shape | undefined;
  readonly kinds: Set<ShapeKind>;
  /** Values that would please a rule, best first. */
  readonly values: Json[];
  /** Constraints (`lang/match.ts`) that the value must keep. */
  readonly specs: Json[];
  /** Constraints that a real value would keep, though nothing checks them. */
  readonly hints: Json[];
  readonly pieces: Piece[];
  /** Shapes that it is compared with. */
  readonly links: Shape[];
  /** Lengths that the list should have, best first. */
  readonly lengths: number[];
  lengthMin: number;
  lengthMax: number;
  /** Whether a rule asks if the member is there at all. */
  isQuestioned: boolean;
}

/** What an expression or path stands for: real shapes, and what was put together in the plan itself. */
export interface View {
  readonly shapes: readonly Shape[];
  readonly members?: Pick<ReadonlyMap<string, View>, "get">;
  readonly element?: View;
  /** A literal of the plan. */
  readonly literal?: Json;
}

/** Nothing is known of it. */
export const nowhere: View = { shapes: [] };

/** Makes shapes with numbers of their own, and notes which node looks at which. */
export interface ShapeBook {
  make(name: string): Shape;
  /** Notes that the node at hand looks at the shape. */
  touch(shape: Shape): void;
  /** The node at hand; -1 for parameters. */
  current: number;
  readonly touched: Map<number, Set<Shape>>;
}

/** A book without shapes. */
export function openBook(): ShapeBook {
  let next = 0;
  const touched = new Map<number, Set<Shape>>();
  const book: ShapeBook = {
    current: -1,
    touched,
    make: (name) => ({
      id: next++,
      name,
      members: new Map(),
      element: undefined,
      kinds: new Set(),
      values: [],
      specs: [],
      hints: [],
      pieces: [],
      links: [],
      lengths: [],
      lengthMin: 0,
      lengthMax: Number.POSITIVE_INFINITY,
      isQuestioned: false,
    }),
    touch: (shape) => {
      const set = touched.get(book.current) ?? new Set();
      touched.set(book.current, set.add(shape));
    },
  };
  return book;
}

/** A view of one shape. */
export function viewOf(book: ShapeBook, shape: Shape): View {
  book.touch(shape);
  return { shapes: [shape] };
}

/** The members of that name. */
export function memberView(book: ShapeBook, view: View, name: string): View {
  const own = view.members?.get(name);
  const shapes = view.shapes.map((shape) => {
    let inner = shape.members.get(name);
    if (inner === undefined) {
      inner = book.make(name);
      shape.members.set(name, inner);
    }
    book.touch(inner);
    return inner;
  });
  if (own === undefined) return { shapes };
  return { ...own, shapes: [...own.shapes, ...shapes] };
}

/** The elements of a list; every element has the same shape. */
export function elementView(book: ShapeBook, view: View): View {
  const shapes = view.shapes.map((shape) => {
    shape.kinds.add("list");
    shape.element ??= book.make(singular(shape.name));
    book.touch(shape.element);
    return shape.element;
  });
  if (view.element === undefined) return { shapes };
  return { ...view.element, shapes: [...view.element.shapes, ...shapes] };
}

/** Both together: what a condition may stand for. */
export function eitherView(a: View, b: View): View {
  const element = a.element ?? b.element;
  const members = a.members ?? b.members;
  return {
    shapes: [...a.shapes, ...b.shapes],
    ...(element === undefined ? {} : { element }),
    ...(members === undefined ? {} : { members }),
  };
}

/** Says what a place is used as. */
export function markKind(view: View, kind: ShapeKind): void {
  for (const shape of view.shapes) shape.kinds.add(kind);
}

/** Proposes values. */
export function wish(view: View, ...values: readonly Json[]): void {
  for (const shape of view.shapes) shape.values.push(...values);
}

/** Wishes a list of one of these lengths. */
export function wishLength(view: View, ...lengths: readonly number[]): void {
  for (const shape of view.shapes) shape.lengths.push(...lengths.filter((length) => length >= 0 && Number.isInteger(length)));
}

function singular(name: string): string {
  return name.length > 3 && name.endsWith("s") ? name.slice(0, -1) : name;
}
