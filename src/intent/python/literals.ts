/**
 * Python's literals, exactly as the Language Reference §2.4 reads them: strings, the pieces of f-strings, numbers.
 * Never guesses: an escape that Python warns of, half of a character, or a number that JSON cannot carry is refused. Pure. No I/O, no clock.
 */
import { integerDigitsMax } from "../../limits.ts";
import { failOutside, failSyntax } from "./fault.ts";
import type { SyntaxNode } from "./tree.ts";

/** A piece of a string: text, or a replacement field of an f-string (its `FormatReplacement` node). */
export type StringPart = string | SyntaxNode;

/** The pieces of a `String`, `FormatString` or `ContinuedString`; texts that meet are one, and no text is empty. */
export function readString(source: string, node: SyntaxNode): readonly StringPart[] {
  const literals = node.kind === "ContinuedString" ? node.children : [node];
  const parts: StringPart[] = [];
  for (const part of literals.flatMap((literal) => readLiteral(source, literal))) {
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else if (part !== "") parts.push(part);
  }
  return parts;
}

interface Opening {
  readonly isRaw: boolean;
  readonly isFormat: boolean;
  readonly quote: string;
  /** Where the text begins and ends, without the quotes. */
  readonly from: number;
  readonly to: number;
}

function openingOf(source: string, node: SyntaxNode): Opening {
  const [whole = "", prefix = "", quote = ""] = /^([A-Za-z]*)("""|'''|"|')/u.exec(source.slice(node.from, node.to)) ?? [];
  if (quote === "") failSyntax("this is not Python", node.from);
  const letters = prefix.toLowerCase();
  if (letters.includes("b")) failOutside("bytes are no JSON value: use a string", node.from);
  const opening = {
    isRaw: letters.includes("r"),
    isFormat: letters.includes("f"),
    quote,
    from: node.from + whole.length,
    to: node.to - quote.length,
  };
  const isClosed = opening.to >= opening.from && source.slice(opening.to, node.to) === quote;
  return isClosed ? opening : failSyntax("this string does not end", node.from);
}

function readLiteral(source: string, node: SyntaxNode): readonly StringPart[] {
  const opening = openingOf(source, node);
  const fields = new Map(
    node.children.flatMap((child) => (child.kind === "FormatReplacement" ? [[child.from, child] as const] : [])),
  );
  const parts: StringPart[] = [];
  let text = "";
  let at = opening.from;
  while (at < opening.to) {
    const field = fields.get(at);
    if (field !== undefined) {
      parts.push(text, field);
      text = "";
      at = field.to;
      continue;
    }
    const [value, length] = readPiece(source, { at, opening });
    text += value;
    at += length;
  }
  // An escape that reaches over the closing quote: the quote did not close the string.
  if (at !== opening.to) failSyntax("this string does not end", node.from);
  return [...parts, text];
}

interface Piece {
  readonly at: number;
  readonly opening: Opening;
}

/** The text that begins at a position, and how many units of the source say it. */
function readPiece(source: string, { at, opening }: Piece): readonly [string, number] {
  const unit = source[at] as string;
  if (unit === "\\") return opening.isRaw ? [source.slice(at, at + 2), 2] : readEscape(source, at);
  if (unit === "\n" && opening.quote.length === 1) return failSyntax("this string does not end in its line", at);
  if (source.startsWith(opening.quote, at)) return failSyntax("this string ends before its last quote", at);
  if (!opening.isFormat || (unit !== "{" && unit !== "}")) return [unit, 1];
  return source[at + 1] === unit ? [unit, 2] : failSyntax("write a brace twice in an f-string", at);
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["\n", ""],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);
const digitsOf: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

function readEscape(source: string, at: number): readonly [string, number] {
  const letter = source[at + 1] ?? "";
  const simple = simpleEscapes.get(letter);
  if (simple !== undefined) return [simple, 2];
  const octal = /^[0-7]{1,3}/u.exec(source.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) return [character(Number.parseInt(octal, 8), at), 1 + octal.length];
  const count = digitsOf.get(letter);
  if (count !== undefined) {
    const digits = source.slice(at + 2, at + 2 + count);
    if (!/^[0-9a-fA-F]+$/u.test(digits) || digits.length !== count)
      return failSyntax(`\`\\${letter}\` takes ${count} hexadecimal digits`, at);
    return [character(Number.parseInt(digits, 16), at), 2 + count];
  }
  if (letter === "N") return failOutside("write the character, or `\\u` and its number, instead of its name", at);
  return failOutside("this is no escape of Python's: write the backslash twice", at);
}

function character(code: number, at: number): string {
  if (code > 0x10ffff) return failSyntax("there is no such character", at);
  // Python keeps two halves apart, and JSON has neither: RFC 8259 §8.2.
  if (code >= 0xd800 && code <= 0xdfff)
    return failOutside("half of a surrogate pair is no character: use `\\U` and eight digits", at);
  return String.fromCodePoint(code);
}

/** A number: an integer with all its digits, or a double. */
export type NumberValue =
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number };

const integer = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?[0-9])*|0(?:_?0)*)$/u;
const float = /^(?:(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.?)(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/u;

/** A `Number`: Language Reference §2.4.5 and §2.4.6. Imaginary numbers are refused, and what is larger than a double. */
export function readNumber(source: string, node: SyntaxNode): NumberValue {
  const text = source.slice(node.from, node.to);
  if (text.length > integerDigitsMax) return failOutside(`a number has at most ${integerDigitsMax} digits`, node.from);
  if (/[A-Za-z0-9_.]/u.test(source[node.to] ?? "")) return failSyntax("a blank belongs after this number", node.to);
  const digits = text.replaceAll("_", "");
  if (integer.test(text)) return { kind: "integer", value: BigInt(digits) };
  if (/[jJ]$/u.test(text)) return failOutside("imaginary numbers are no JSON values", node.from);
  if (!float.test(text) || !/[.eE]/u.test(text)) return failSyntax("this is no number of Python's", node.from);
  const value = Number(digits);
  return Number.isFinite(value) ? { kind: "float", value } : failOutside("this number is larger than a double", node.from);
}
