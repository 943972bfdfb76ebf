/**
 * What is declared and assigned: names, and lists and objects taken apart.
 * Pure. Never gives a default: what is missing is a denial.
 */
import type { Place } from "../../intent.ts";
import { failOutside } from "../fault.ts";
import type { Target } from "../program.ts";
import { type JsAny, keyOf } from "./expressions.ts";
import { declare, type Reader } from "./scope.ts";
import { placeOf } from "./tree.ts";

/** A pattern of the tree, as far as it is read. */
interface Pattern {
  readonly type: string;
  readonly name?: string;
  readonly elements?: readonly (JsAny | null)[];
  readonly properties?: readonly Property[];
}

interface Property {
  readonly type: string;
  readonly key?: JsAny;
  readonly computed?: boolean;
  readonly value?: JsAny;
}

/** Reads a pattern. */
export function readTarget(raw: JsAny): Target {
  const node = raw as Pattern & JsAny;
  const place = placeOf(node);
  if (node.type === "Identifier" && node.name !== undefined) return { kind: "name", name: node.name, place };
  if (node.type === "ArrayPattern") {
    return {
      kind: "elements",
      targets: (node.elements ?? []).map((element) => (element === null ? undefined : readTarget(element))),
      place,
    };
  }
  if (node.type === "ObjectPattern") {
    return { kind: "members", members: (node.properties ?? []).map((property) => readProperty(property, place)), place };
  }
  if (node.type === "AssignmentPattern") return failOutside("write the default with `??` where the value is used", place);
  if (node.type === "RestElement") return failOutside("take out the members that are meant by their names", place);
  return failOutside("only a name is set: a plan changes nothing within a value", place);
}

function readProperty(
  { type, key, computed = false, value }: Property,
  place: Place,
): { readonly name: string; readonly target: Target } {
  if (type !== "ObjectProperty" || key === undefined || value === undefined)
    return failOutside("take out the members that are meant by their names", place);
  return { name: keyOf(key, computed, place), target: readTarget(value) };
}

/** Declares the names of a pattern. */
export function declareTarget(reader: Reader, target: Target): void {
  if (target.kind === "name") declare(reader, target.name, target.place);
  if (target.kind === "elements") for (const inner of target.targets) if (inner !== undefined) declareTarget(reader, inner);
  if (target.kind === "members") for (const { target: inner } of target.members) declareTarget(reader, inner);
}
