/**
 * f-strings (Language Reference §2.4.3) and the format specifications in them that a plan computes exactly.
 * Never writes a value as another language would. Pure. No I/O, no clock.
 */
import type { Expression, TemplatePart } from "../code/program.ts";
import type { Place } from "../intent.ts";
import { type Context, literal, textOf } from "./context.ts";
import { failOutside } from "./fault.ts";
import type { StringPart } from "./literals.ts";
import type { SyntaxNode } from "./tree.ts";

/** Decimals of `{x:.nf}`: beyond these a double has no digits of its own. */
const decimalsMax = 6;

/** The template of the pieces of an f-string. */
export function readFormatString(context: Context, parts: readonly StringPart[], place: Place): Expression {
  const read = parts.map((part): TemplatePart => (typeof part === "string" ? part : readField(context, part)));
  return { kind: "template", parts: read, place };
}

function readField(context: Context, field: SyntaxNode): Expression {
  const [, value, ...rest] = field.children;
  if (value === undefined) return failOutside("a field of an f-string holds a value", field.from);
  let formatted: Expression | undefined;
  for (const part of rest) {
    if (part.kind === "FormatConversion") {
      // `!s` is `str(x)`, which is what an f-string does anyway; `!r` and `!a` quote as Python does.
      if (textOf(context, part) !== "!s") failOutside("only `!s` is written the same everywhere", part.from);
    } else if (part.kind === "FormatSpec") {
      formatted = readSpec(context, part, value);
    } else if (part.kind !== "}") {
      failOutside("a field of an f-string holds one value", part.from);
    }
  }
  return formatted ?? context.expression(value);
}

function readSpec(context: Context, spec: SyntaxNode, value: SyntaxNode): Expression {
  const text = textOf(context, spec).slice(1);
  const of = context.expression(value);
  if (text === "") return of;
  const digits = /^\.([0-9])f$/u.exec(text)?.[1];
  if (spec.children.some(({ kind }) => kind === "FormatReplacement") || digits === undefined || Number(digits) > decimalsMax)
    return failOutside(`of formats a plan writes \`.0f\` to \`.${decimalsMax}f\``, spec.from);
  const place = context.placeOf(spec);
  return { kind: "apply", function: "fixed", args: [of, literal(place, Number(digits))], place };
}
