/**
 * Whether a value behind a label in a text is a field of a form, so that the value that was seen may stand in for it where the label is
 * gone or stands there with several values (`otherwise`).
 * Pure. The seen value is part of the plan that a human approves, so falling back to it opens nothing.
 */
import { isObject, type Json, member } from "../json/value.ts";
import type { TextRule } from "./from-text.ts";
import { shapeOf } from "./shapes.ts";

/**
 * The label, if the text is a whole result or a named member of it and has, on one line, the label once and behind it nothing but a
 * number or a value of a known shape. Running text is no form: there, a value that is not found is a call that is denied.
 */
export function labelOf({ selection, spec }: TextRule, wanted: Json): string | undefined {
  const { source, how, values } = selection;
  const label = isObject(spec) && member(spec, "before") === undefined ? member(spec, "after") : undefined;
  const [text] = values;
  if (how !== "path" || source.isLoop || typeof label !== "string" || typeof text !== "string") return undefined;
  const pieces = text.split(label);
  const rest = pieces.length === 2 ? pieces[1]?.split("\n")[0]?.trim() : undefined;
  if (rest === undefined) return undefined;
  const isField =
    typeof wanted === "number"
      ? /^-?\d+(?:\.\d+)?$/.test(rest) && Number(rest) === wanted
      : rest === wanted && shapeOf(wanted) !== undefined;
  return isField ? label : undefined;
}
