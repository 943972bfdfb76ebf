/**
 * Makes up a value of a shape under an assignment: which candidate each place takes, how long each list is, what is left out.
 * Pure and deterministic: the same assignment gives the same value.
 */
import type { Json } from "../json/value.ts";
import { jsonDepthMax } from "../limits.ts";
import { type Candidate, openCandidates, madeValue } from "./candidates.ts";
import type { Shape } from "./shape.ts";

/** Choice taken at each dimension; what is not named takes the first. */
export type Assignment = ReadonlyMap<string, number>;

/** One thing that may be chosen, and among how many. */
export interface Dimension {
  readonly key: string;
  readonly size: number;
}

/** Makes values and names what may be chosen in them. */
export interface Inventor {
  make(shape: Shape, assignment: Assignment, salt: number): Json;
  /** Every dimension of a shape and of what it holds. */
  dimensionsOf(shape: Shape): readonly Dimension[];
  candidatesOf(shape: Shape): readonly Candidate[];
}

/** Elements that a made-up list has at most, unless a rule names a later one. */
const lengthsDefault = [1, 2, 0];
/** Longer lists are not made up. */
const lengthMost = 64;

/** An inventor for one plan. */
export function openInventor(): Inventor {
  const candidatesOf = openCandidates();
  return {
    candidatesOf,
    make: (shape, assignment, salt) => make({ candidatesOf, assignment, salt, turn: 0 }, shape, 0),
    dimensionsOf: (shape) => dimensionsOf(candidatesOf, shape, 0),
  };
}

interface Making {
  readonly candidatesOf: (shape: Shape) => readonly Candidate[];
  readonly assignment: Assignment;
  readonly salt: number;
  /** Added to the choice of every leaf: rows of a list that differ. */
  readonly turn: number;
}

type Form = "object" | "list" | "leaf";

function formOf(shape: Shape): Form {
  // What a constraint says is a scalar is none of what an expression takes it for.
  if (shape.specs.length > 0) return "leaf";
  if (shape.members.size > 0 && (shape.element === undefined || shape.kinds.has("object"))) return "object";
  if (shape.element !== undefined || (shape.kinds.has("list") && !shape.kinds.has("text"))) return "list";
  return shape.kinds.has("object") && !shape.kinds.has("text") ? "object" : "leaf";
}

/** The lengths that a list may be given, best first. */
function lengthsOf({ lengths, lengthMin, lengthMax }: Shape): readonly number[] {
  const wished = [...lengths, ...lengthsDefault, lengthMin, lengthMin + 1];
  const possible = wished.filter((length) => length >= lengthMin && length <= Math.min(lengthMax, lengthMost));
  return [...new Set(possible.length === 0 ? [Math.min(lengthMin, lengthMost)] : possible)];
}

function make(making: Making, shape: Shape, depth: number): Json {
  if (depth >= jsonDepthMax) return null;
  const { assignment } = making;
  switch (formOf(shape)) {
    case "object": {
      const members: [string, Json][] = [];
      for (const [name, inner] of shape.members) {
        if (inner.isQuestioned && assignment.get(`p${inner.id}`) === 1) continue;
        members.push([name, make(making, inner, depth + 1)]);
      }
      return Object.fromEntries(members);
    }
    case "list":
      return makeList(making, shape, depth);
    default: {
      const candidates = making.candidatesOf(shape);
      const at = (assignment.get(`v${shape.id}`) ?? 0) + making.turn;
      const candidate = candidates[at % Math.max(1, candidates.length)];
      return candidate === undefined ? null : madeValue(shape, candidate, making.salt);
    }
  }
}

function makeList(making: Making, shape: Shape, depth: number): Json {
  const lengths = lengthsOf(shape);
  const length = lengths[(making.assignment.get(`n${shape.id}`) ?? 0) % lengths.length] ?? 0;
  const { element } = shape;
  const isTurning = making.assignment.get(`t${shape.id}`) === 1;
  return Array.from({ length }, (_, i) => {
    const inner = { ...making, salt: making.salt + i, turn: making.turn + (isTurning ? i : 0) };
    return element === undefined ? inner.salt : make(inner, element, depth + 1);
  });
}

function dimensionsOf(candidatesOf: Making["candidatesOf"], shape: Shape, depth: number): readonly Dimension[] {
  if (depth >= jsonDepthMax) return [];
  const own: Dimension[] = shape.isQuestioned ? [{ key: `p${shape.id}`, size: 2 }] : [];
  switch (formOf(shape)) {
    case "object":
      for (const inner of shape.members.values()) own.push(...dimensionsOf(candidatesOf, inner, depth + 1));
      return own;
    case "list":
      own.push({ key: `n${shape.id}`, size: lengthsOf(shape).length }, { key: `t${shape.id}`, size: 2 });
      if (shape.element !== undefined) own.push(...dimensionsOf(candidatesOf, shape.element, depth + 1));
      return own;
    default:
      return [...own, { key: `v${shape.id}`, size: candidatesOf(shape).length }];
  }
}
