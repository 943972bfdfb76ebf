/**
 * A value behind a label in a text, with the value that was seen as what holds when the label is gone or stands there twice.
 * Pure. The seen value is part of the plan that a human approves, so falling back to it opens nothing.
 */
import { isObject, type Json, type JsonObject, member } from "../json/value.ts";
import type { TextRule } from "./from-text.ts";
import { shapeOf } from "./shapes.ts";

/** An expression in place of an anchored extract. */
export interface LabelledRule {
  readonly label: string;
  /** The text split at the label; becomes a `let` node. */
  readonly parts: string;
  /** `$` stands for the name of that node. */
  readonly expression: string;
  /** What the final value must look like, where a grammar cannot be written in the expression. */
  readonly match?: JsonObject;
}

/** The rule for a text that is a whole result or a named member of it, where the label and the value are all there is on the rest of the line. */
export function labelledRuleOf({ selection, spec }: TextRule, wanted: Json): LabelledRule | undefined {
  const { source, how, path, values } = selection;
  const label = isObject(spec) ? member(spec, "after") : undefined;
  const [text] = values;
  const isPlain =
    isObject(spec) &&
    member(spec, "before") === undefined &&
    member(spec, "prefix") === undefined &&
    member(spec, "locale") === undefined;
  if (how !== "path" || source.isLoop || typeof label !== "string" || typeof text !== "string" || !isPlain || path.includes("["))
    return undefined;
  const pieces = text.split(label);
  const line = pieces[1]?.split("\n")[0];
  if (pieces.length !== 2 || line === undefined) return undefined;
  const value = valueCode(line, wanted);
  if (value === undefined) return undefined;
  const parts = `split(${source.name}${path.slice(1)}, ${JSON.stringify(label)})`;
  const seen = typeof wanted === "string" ? JSON.stringify(wanted) : String(wanted);
  const expression = `size($) == 2 ? ${value.code} : ${seen}`;
  return { label, parts, expression, ...(value.match === undefined ? {} : { match: value.match }) };
}

/** The value as the whole rest of its line: a number, or a text in a known shape. Anything else needs a grammar, so plain `extract`. */
function valueCode(line: string, wanted: Json): { readonly code: string; readonly match?: JsonObject } | undefined {
  const code = 'trim(split($[1], "\\n")[0])';
  const rest = line.trim();
  if (typeof wanted === "number")
    return /^-?\d+(?:\.\d+)?$/.test(rest) && Number(rest) === wanted ? { code: `double(${code})` } : undefined;
  const match = shapeOf(wanted);
  return match !== undefined && rest === wanted ? { code, match } : undefined;
}
