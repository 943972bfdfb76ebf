/**
 * The holes of a template: `{name}` in its text, `{{` and `}}` for braces, and the values put into them.
 * Pure. Never puts a value into text itself: each kind encodes for its own grammar.
 */

import type { Json } from "../../json/value.ts";
import { nameCharsMax, templateCharsMax, templateHolesMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { isPlainProse, isWellFormed } from "./characters.ts";

/** The kinds of template: the grammar that the filled text must keep. */
export const templateKinds = ["sql", "url", "path", "argv", "header", "text"] as const;

/** A kind of template. */
export type TemplateKind = (typeof templateKinds)[number];

/** Why a template was refused at freeze. `offset` counts UTF-16 units of its text. */
export interface TemplateError {
  readonly code: "TEMPLATE_MALFORMED" | "TEMPLATE_HOLE_MISPLACED";
  readonly offset: number;
  readonly message: string;
}

/** Why a template could not be filled. Never holds the value. */
export interface FillError {
  readonly code: "TEMPLATE_VALUE_MISSING" | "TEMPLATE_VALUE_REFUSED" | "TEMPLATE_STRUCTURE_CHANGED";
  readonly hole?: string;
  readonly message: string;
}

/** A stretch of constant text, or a hole. */
export type Part = { readonly literal: string; readonly offset: number } | { readonly hole: string; readonly offset: number };

/** The values of holes by name. */
export type Values = Readonly<Record<string, Json>>;

/** A template of one kind, compiled. */
export interface Filler {
  fill(values: Values): Result<Json, FillError>;
}

/**
 * Stands for the `index`-th hole where a grammar is read with its holes in place. Made of characters that no template and no
 * value may hold, so that a mark can only come from here.
 */
export function markOf(index: number): string {
  return `\u0001${index}\u0002`;
}

/** The template with a mark for each hole. */
export function markedText(parts: readonly Part[]): string {
  let index = 0;
  return parts.map((part) => ("literal" in part ? part.literal : markOf(index++))).join("");
}

/** Whether a stretch of marked text has a hole in it. */
export function hasMark(text: string): boolean {
  return text.includes("\u0001");
}

/** The hole that a stretch of marked text consists of, or -1. */
export function soleMark(text: string): number {
  const isSole = text.startsWith("\u0001") && text.indexOf("\u0002") === text.length - 1;
  return isSole ? Number(text.slice(1, -1)) : -1;
}

/** The holes in a stretch of marked text, in order. */
export function marksIn(text: string): readonly number[] {
  return text
    .split("\u0001")
    .slice(1)
    .map((piece) => Number(piece.slice(0, piece.indexOf("\u0002"))));
}

/** Marked text with its holes filled by `texts`. */
export function fillMarks(text: string, texts: readonly string[]): string {
  const pieces = text.split("\u0001").flatMap((piece) => piece.split("\u0002"));
  return pieces.map((piece, at) => (at % 2 === 1 ? (texts[Number(piece)] ?? "") : piece)).join("");
}

/** The holes of a template in order. */
export function holesOf(parts: readonly Part[]): readonly { readonly hole: string; readonly offset: number }[] {
  return parts.flatMap((part) => ("hole" in part ? [part] : []));
}

/** A refusal at freeze. */
export function malformed(offset: number, message: string): { readonly ok: false; readonly error: TemplateError } {
  return err({ code: "TEMPLATE_MALFORMED", offset, message });
}

/** A refusal at freeze of a hole where its kind cannot hold one. */
export function misplaced(offset: number, message: string): { readonly ok: false; readonly error: TemplateError } {
  return err({ code: "TEMPLATE_HOLE_MISPLACED", offset, message });
}

/** A refusal of a value. */
export function refused(hole: string, message: string): { readonly ok: false; readonly error: FillError } {
  return err({ code: "TEMPLATE_VALUE_REFUSED", hole, message });
}

/** The last check of every kind: the filled text did not parse to the tree of the template. */
export function changed(): { readonly ok: false; readonly error: FillError } {
  return err({ code: "TEMPLATE_STRUCTURE_CHANGED", message: "the filled text does not have the structure of the template" });
}

function isNameCode(code: number, isFirst: boolean): boolean {
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
  return isLetter || (!isFirst && ((code >= 48 && code <= 57) || code === 45 || code === 46));
}

function isHoleName(name: string): boolean {
  if (name === "" || name.length > nameCharsMax) return false;
  for (let i = 0; i < name.length; i++) if (!isNameCode(name.charCodeAt(i), i === 0)) return false;
  return true;
}

/** Splits a template into text and holes. Neighbouring holes stay apart; text between two holes is one part. */
export function splitHoles(text: string): Result<readonly Part[], TemplateError> {
  if (text.length > templateCharsMax) return malformed(0, `a template may have at most ${templateCharsMax} characters`);
  if (!isPlainProse(text)) return malformed(0, "a template must not hold control, bidirectional or invisible characters");
  const parts: Part[] = [];
  let literal = "";
  let literalAt = 0;
  let holes = 0;
  const flush = (next: number): void => {
    if (literal !== "") parts.push({ literal, offset: literalAt });
    literal = "";
    literalAt = next;
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? "";
    if ((char === "{" || char === "}") && text[at + 1] === char) {
      literal += char;
      at += 2;
    } else if (char === "{") {
      const end = text.indexOf("}", at);
      const name = end < 0 ? "" : text.slice(at + 1, end);
      if (!isHoleName(name)) return malformed(at, "a hole is `{name}`; write `{{` for a brace");
      holes += 1;
      if (holes > templateHolesMax) return malformed(at, `a template may have at most ${templateHolesMax} holes`);
      flush(end + 1);
      parts.push({ hole: name, offset: at });
      at = end + 1;
    } else if (char === "}") return malformed(at, "write `}}` for a brace");
    else {
      literal += char;
      at += 1;
    }
  }
  flush(text.length);
  return ok(parts);
}

/** The names of the holes, each once, in order of first occurrence. */
export function holeNames(parts: readonly Part[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => ("hole" in part ? [part.hole] : [])))];
}

/** The value of a hole, read as an own member. */
export function valueFor(values: Values, hole: string): Result<Json, FillError> {
  const value = Object.hasOwn(values, hole) ? values[hole] : undefined;
  if (value === undefined) return err({ code: "TEMPLATE_VALUE_MISSING", hole, message: `no value for the hole \`${hole}\`` });
  return ok(value);
}

/**
 * The text of a scalar: strings as they are, numbers in canonical form (RFC 8785 §3.2.2.3), booleans as words. Null, lists and
 * objects have no text of their own.
 */
export function textValueOf(values: Values, hole: string): Result<string, FillError> {
  const value = valueFor(values, hole);
  if (!value.ok) return value;
  const scalar = value.value;
  if (typeof scalar === "string") return isWellFormed(scalar) ? ok(scalar) : refused(hole, "the value is not well-formed text");
  if (typeof scalar === "bigint" || typeof scalar === "boolean") return ok(String(scalar));
  if (typeof scalar === "number" && Number.isFinite(scalar)) return ok(String(scalar + 0));
  return refused(hole, "the value must be a text, a number or a boolean");
}
