/**
 * What a condition can come to, by intervals: abstract interpretation of the part of CEL that compares (Cousot and Cousot 1977).
 * Pure. Sound: what it calls impossible is impossible for all values within the bounds; everything that it does not know can be either.
 */
import { isArray, type JsonObject, member } from "../../../json/value.ts";
import type { Node } from "../../../lang/expression/syntax.ts";

/** What is known of a value. Absent members are not known. */
export interface Known {
  readonly kind?: "number" | "string" | "boolean";
  /** Bounds of a number, both within. */
  readonly min?: number;
  readonly max?: number;
  /** All the texts that it can be. */
  readonly words?: readonly string[];
}

/** Whether a condition can come out `true`, and whether it can come out `false` or fail. */
export interface Outcome {
  readonly canBeTrue: boolean;
  readonly canBeFalse: boolean;
}

/** Nothing is known. */
export const bothWays: Outcome = Object.freeze({ canBeTrue: true, canBeFalse: true });
const always: Outcome = Object.freeze({ canBeTrue: true, canBeFalse: false });
const never: Outcome = Object.freeze({ canBeTrue: false, canBeFalse: true });

type Look = (place: Node) => Known | undefined;

/** What a constraint in the vocabulary of `lang/match.ts` says of a value. */
export function knownBy(spec: JsonObject | undefined): Known | undefined {
  if (spec === undefined) return undefined;
  const fixed = member(spec, "const");
  const listed = member(spec, "enum");
  const values = fixed !== undefined ? [fixed] : isArray(listed) && listed.length > 0 ? listed : undefined;
  if (values?.every((value) => typeof value === "string")) return { kind: "string", words: values };
  if (values?.every((value) => typeof value === "number"))
    return { kind: "number", min: Math.min(...values), max: Math.max(...values) };
  const type = member(spec, "type");
  if (type === "string" || type === "boolean") return { kind: type };
  if (type !== "number" && type !== "integer") return undefined;
  const bound = (keywords: readonly string[], of: (...numbers: number[]) => number): number | undefined => {
    const found = keywords.map((keyword) => member(spec, keyword)).filter((value) => typeof value === "number");
    return found.length === 0 ? undefined : of(...found);
  };
  const [min, max] = [bound(["minimum", "exclusiveMinimum"], Math.max), bound(["maximum", "exclusiveMaximum"], Math.min)];
  return { kind: "number", ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** What a condition can come to. Conjuncts about the same value are taken together. Depth is bounded by `expressionDepthMax`. */
export function outcomeOf(node: Node, look: Look): Outcome {
  switch (node.kind) {
    case "literal":
      return node.value === true ? always : never;
    case "not":
      // What fails is neither, and `canBeFalse` counts it: so `!` of it may fail as well.
      return { canBeTrue: outcomeOf(node.of, look).canBeFalse, canBeFalse: true };
    case "or": {
      const [left, right] = [outcomeOf(node.left, look), outcomeOf(node.right, look)];
      return { canBeTrue: left.canBeTrue || right.canBeTrue, canBeFalse: left.canBeFalse && right.canBeFalse };
    }
    case "and":
      return conjunction(node, look);
    case "binary":
      return comparison(node.operator, rangeOf(node.left, look), rangeOf(node.right, look));
    default:
      return bothWays;
  }
}

/** All conjuncts at once: each must be able to hold, and the bounds that they put on one value must leave something. */
function conjunction(node: Node, look: Look): Outcome {
  const parts = conjunctsOf(node);
  const outcomes = parts.map((part) => outcomeOf(part, look));
  const canBeFalse = outcomes.some((outcome) => outcome.canBeFalse);
  if (outcomes.some((outcome) => !outcome.canBeTrue)) return never;
  const bounds = new Map<string, { min: number; max: number }>();
  for (const part of parts) {
    const bound = boundOf(part);
    if (bound === undefined) continue;
    const known = bounds.get(bound.key) ?? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    bounds.set(bound.key, { min: Math.max(known.min, bound.min), max: Math.min(known.max, bound.max) });
  }
  return [...bounds.values()].some(({ min, max }) => min > max) ? never : { canBeTrue: true, canBeFalse };
}

function conjunctsOf(node: Node): readonly Node[] {
  return node.kind === "and" ? [...conjunctsOf(node.left), ...conjunctsOf(node.right)] : [node];
}

const turned: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==" };

/** The closed interval that a comparison of a chain with a number puts on it. An open end counts as closed: on the safe side. */
function boundOf(node: Node): { readonly key: string; readonly min: number; readonly max: number } | undefined {
  if (node.kind !== "binary" || turned[node.operator] === undefined) return undefined;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  const value = left ?? right;
  const place = left === undefined ? node.left : node.right;
  if (value === undefined || (left !== undefined && right !== undefined)) return undefined;
  const key = keyOf(place);
  if (key === undefined) return undefined;
  const operator = left === undefined ? node.operator : turned[node.operator];
  return {
    key,
    min: operator === "<" || operator === "<=" ? Number.NEGATIVE_INFINITY : value,
    max: operator === ">" || operator === ">=" ? Number.POSITIVE_INFINITY : value,
  };
}

function numberOf(node: Node): number | undefined {
  return node.kind === "literal" && typeof node.value === "number" ? node.value : undefined;
}

/** A chain of members as one text. */
function keyOf(node: Node): string | undefined {
  if (node.kind === "variable") return node.name;
  if (node.kind !== "member") return undefined;
  const of = keyOf(node.of);
  return of === undefined ? undefined : `${of}.${node.name}`;
}

/** What is known of an operand. */
function rangeOf(node: Node, look: Look): Known | undefined {
  if (node.kind !== "literal") return look(node);
  if (typeof node.value === "number") return { kind: "number", min: node.value, max: node.value };
  if (typeof node.value === "string") return { kind: "string", words: [node.value] };
  return typeof node.value === "boolean" ? { kind: "boolean" } : undefined;
}

function comparison(operator: string, left: Known | undefined, right: Known | undefined): Outcome {
  if (left === undefined || right === undefined) return bothWays;
  const isOrder = operator === "<" || operator === "<=" || operator === ">" || operator === ">=";
  const isMixed = left.kind !== undefined && right.kind !== undefined && left.kind !== right.kind;
  // An order between a number and a text is an error, and an error is not `true`.
  if (isMixed && isOrder) return never;
  if (isMixed && operator === "==") return never;
  if (left.kind !== "number" || right.kind !== "number") return bothWays;
  const a = { min: left.min ?? Number.NEGATIVE_INFINITY, max: left.max ?? Number.POSITIVE_INFINITY };
  const b = { min: right.min ?? Number.NEGATIVE_INFINITY, max: right.max ?? Number.POSITIVE_INFINITY };
  switch (operator) {
    case "<":
      return { canBeTrue: a.min < b.max, canBeFalse: a.max >= b.min };
    case "<=":
      return { canBeTrue: a.min <= b.max, canBeFalse: a.max > b.min };
    case ">":
      return { canBeTrue: a.max > b.min, canBeFalse: a.min <= b.max };
    case ">=":
      return { canBeTrue: a.max >= b.min, canBeFalse: a.min < b.max };
    case "==":
      return { canBeTrue: a.min <= b.max && b.min <= a.max, canBeFalse: true };
    default:
      return bothWays;
  }
}
