/**
 * What a comparison expects of its two sides: the other side's constant, its neighbours, or the same value as the other place.
 * Pure. Only notes wishes.
 */
import type { Json } from "../json/value.ts";
import { markKind, type View, wish } from "./shape.ts";

/** Notes what would make `left operator right` true, and what would make it false. */
export function compareViews(left: View, operator: string, right: View): void {
  wishFor(left, operator, right);
  wishFor(right, mirrored[operator] ?? operator, left);
}

const mirrored: { readonly [operator: string]: string } = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

function wishFor(view: View, operator: string, other: View): void {
  if (other.literal !== undefined) {
    wish(view, ...near(operator, other.literal));
    if (typeof other.literal === "number") markKind(view, "number");
    else if (typeof other.literal === "string") markKind(view, "text");
    return;
  }
  for (const shape of view.shapes) for (const same of other.shapes) if (same !== shape) shape.links.push(same);
  if (operator === "<" || operator === ">" || operator === "<=" || operator === ">=")
    for (const kind of ["number", "text", "date"] as const)
      if (other.shapes.some(({ kinds }) => kinds.has(kind))) markKind(view, kind);
}

/** Values around a constant, those that make the comparison true first. */
export function near(operator: string, literal: Json): readonly Json[] {
  if (typeof literal === "number") {
    const [below, above] = [literal - 1, literal + 1];
    if (operator === "<") return [below, literal, above];
    if (operator === ">") return [above, literal, below];
    if (operator === "!=") return [above, literal, below];
    if (operator === "<=") return [literal, below, above];
    return [literal, above, below];
  }
  if (typeof literal === "boolean") return operator === "!=" ? [!literal, literal] : [literal, !literal];
  if (typeof literal === "string") return operator === "!=" ? [`${literal}x`, literal] : [literal, `${literal}x`, ""];
  return [literal];
}
