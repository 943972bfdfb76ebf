/**
 * Values of a code plan while it is compiled: what is known without running, and how a plan reads the rest.
 * Pure. Never computes with data: only literals have a value here.
 */
import type { Json } from "../../json/value.ts";
import { type Cel, call, choose, failing, literal, select } from "./cel.ts";
import { elementKind, type Kind, kindOfJson, kinds, joinKinds, listOf, memberKind } from "./kind.ts";

/** A member name, or a place in a list; one below zero counts from the end. */
export type Step = string | number;

/** What a reference starts from. */
export type Base =
  /** The result of a call, or a `let`. */
  | { readonly at: "node"; readonly name: string }
  | { readonly at: "param"; readonly name: string }
  /** The variable of a loop, by the number of its clause. */
  | { readonly at: "row"; readonly clause: number }
  /** The result of a call in the same round. */
  | { readonly at: "run"; readonly name: string };

/** A value in a result, a parameter or a row, by its path. */
export interface RefValue {
  readonly kind: "ref";
  readonly base: Base;
  readonly steps: readonly Step[];
  readonly type: Kind;
  /** JS `a?.b`: from this step on the value may be missing. */
  readonly optionalFrom?: number;
}

/** A computation that becomes a `let` node as soon as something reads it. */
export interface Cell {
  readonly hint: string;
  readonly value: Value;
  /** The node, once it is made. */
  name: string | undefined;
}

/** The elements of a list for which a test holds. */
export interface Filtered {
  readonly of: Value;
  readonly local: string;
  readonly test: Cel;
}

/** A value. */
export type Value =
  | { readonly kind: "const"; readonly value: Json }
  | RefValue
  | { readonly kind: "list"; readonly elements: readonly Value[] }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Value> }
  /** A text with values in it. */
  | { readonly kind: "text"; readonly parts: readonly (string | Value)[] }
  /** What a call in a loop gave in each round, in the order of the rows; `steps` within each result. */
  | { readonly kind: "runs"; readonly name: string; readonly steps: readonly Step[]; readonly type: Kind }
  /** A part of a list: known to loops only. */
  | { readonly kind: "slice"; readonly of: RefValue; readonly from: number | undefined; readonly to: number | undefined }
  /** `there`: whether it has a value at all, where that is not sure (the first of a list that may be empty). */
  | { readonly kind: "computed"; readonly cel: Cel; readonly type: Kind; readonly filtered?: Filtered; readonly there?: Cel }
  /** A text whose characters were percent-encoded by the code: the hole of a URL takes the value as it is. */
  | { readonly kind: "encoded"; readonly of: Value }
  | { readonly kind: "shared"; readonly cell: Cell }
  /** A name without a value here, and why. */
  | { readonly kind: "unset"; readonly why: string };

/** A constant. */
export function constant(value: Json): Value {
  return { kind: "const", value };
}

/** A computation. */
export function computed(cel: Cel, type: Kind = kinds.unknown): Value {
  return { kind: "computed", cel, type };
}

/** What is known of the type of a value. */
export function typeOf(value: Value): Kind {
  switch (value.kind) {
    case "const":
      return kindOfJson(value.value);
    case "ref":
    case "computed":
      return value.type;
    case "list":
      return listOf(value.elements.map(typeOf).reduce(joinKinds, value.elements[0] ? typeOf(value.elements[0]) : kinds.unknown));
    case "object":
      return { type: "object", members: new Map(Array.from(value.members, ([name, part]) => [name, typeOf(part)] as const)) };
    case "text":
    case "encoded":
      return kinds.text;
    case "runs":
      return listOf(value.type);
    case "slice":
      return value.of.type.type === "list" ? value.of.type : listOf(kinds.unknown);
    case "shared":
      return typeOf(value.cell.value);
    case "unset":
      return kinds.unknown;
  }
}

/** A reference one step further. */
export function stepInto(ref: RefValue, step: Step): RefValue {
  const type = typeof step === "string" ? memberKind(ref.type, step) : elementKind(ref.type);
  return { ...ref, steps: [...ref.steps, step], type };
}

/** The elements, where the list is written out. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (value.kind === "list") return value.elements;
  if (value.kind === "shared") return elementsOf(value.cell.value);
  if (value.kind !== "const" || !Array.isArray(value.value)) return undefined;
  return (value.value as readonly Json[]).map(constant);
}

/** A path below an expression, in CEL. */
export function celAt(of: Cel, steps: readonly Step[]): Cel {
  return steps.reduce<Cel>((cel, step) => {
    if (typeof step === "string") return select(cel, step);
    return elementAt(cel, step);
  }, of);
}

function elementAt(of: Cel, at: number): Cel {
  if (at >= 0) return { op: "index", of, index: literal(at) };
  return { op: "index", of, index: { op: "binary", sign: "-", left: call("size", of), right: literal(-at) } };
}

/** A constant in CEL. */
export function celOfJson(value: Json): Cel {
  if (value === null || typeof value !== "object") return literal(value);
  if (Array.isArray(value)) return { op: "list", elements: (value as readonly Json[]).map(celOfJson) };
  return { op: "object", members: Object.entries(value).map(([name, part]) => [name, celOfJson(part)] as const) };
}

/** The results of a call in a loop: none where there was no row. */
export function celOfRuns(name: string): Cel {
  const nodes: Cel = { op: "name", name: "nodes" };
  return choose({ op: "has", of: nodes, name }, select(nodes, name), { op: "list", elements: [] });
}

/** Fails unless a list has exactly so many elements. */
export function exactly(list: Cel, count: number): Cel {
  return choose({ op: "binary", sign: "==", left: call("size", list), right: literal(count) }, list, failing);
}

/** A text as RFC 9535 writes a path. */
export function pathOf(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return `.${step}`;
      const body = JSON.stringify(step).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
      return `['${body}']`;
    })
    .join("");
}
