/**
 * Simple conditions of Arazzo (1.0.1 §4.6.11): literals, runtime expressions, comparisons, `!`, `&&`, `||` and parentheses → a tree.
 * Pure. Never says what a condition means: that is for `criterion.ts`.
 */
import { expressionCharsMax, expressionDepthMax, expressionNodesMax } from "../../limits.ts";
import { type DocumentPath, quoted, refuse } from "./fault.ts";

/** Comparisons. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** An operand: a literal, or the source of a runtime expression (with `.member` and `[0]` behind it). */
export type Operand =
  | { readonly kind: "literal"; readonly value: null | boolean | number | string }
  | { readonly kind: "runtime"; readonly text: string };

/** A condition. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "operand"; readonly operand: Operand };

interface Token {
  readonly kind: "operator" | "literal" | "runtime" | "end";
  readonly text: string;
  readonly value?: null | boolean | number | string;
}

interface Reader {
  readonly tokens: readonly Token[];
  readonly place: DocumentPath;
  at: number;
  depth: number;
}

const tokenForm =
  /\s*(?:(?<operator>&&|\|\||==|!=|<=|>=|<|>|!|\(|\))|(?<runtime>\$[^\s=<>!&|()']+)|(?<text>'(?:[^']|'')*')|(?<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.])|(?<word>true|false|null)(?![\w.]))/uy;
const words: { readonly [word: string]: null | boolean } = { true: true, false: false, null: null };

/** Reads a condition. Throws `ArazzoFault`: `IMPORT_ARAZZO_EXPRESSION`. */
export function parseCondition(text: string, place: DocumentPath): Condition {
  if (text.length > expressionCharsMax)
    return refuse("IMPORT_ARAZZO_EXPRESSION", place, `a condition has at most ${expressionCharsMax} characters`);
  const reader: Reader = { tokens: tokensOf(text, place), place, at: 0, depth: 0 };
  const condition = readOr(reader);
  if (peek(reader).kind !== "end") return unexpected(reader);
  return condition;
}

function tokensOf(text: string, place: DocumentPath): readonly Token[] {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < source.length) {
    const at = tokenForm.lastIndex;
    const groups = tokenForm.exec(source)?.groups;
    if (groups === undefined)
      return refuse(
        "IMPORT_ARAZZO_EXPRESSION",
        place,
        `${quoted(source.slice(at).trim())} is no part of a simple condition: those have runtime expressions, numbers, \`true\`, \`false\`, \`null\` and texts in single quotes`,
      );
    tokens.push(tokenOf(groups));
    if (tokens.length > expressionNodesMax) return refuse("IMPORT_ARAZZO_EXPRESSION", place, "the condition is too long");
  }
  return tokens;
}

function tokenOf(groups: { readonly [name: string]: string | undefined }): Token {
  const { operator, runtime, text, number, word } = groups;
  if (operator !== undefined) return { kind: "operator", text: operator };
  if (runtime !== undefined) return { kind: "runtime", text: runtime };
  if (text !== undefined) return { kind: "literal", text, value: text.slice(1, -1).replaceAll("''", "'") };
  if (number !== undefined) return { kind: "literal", text: number, value: Number(number) };
  return { kind: "literal", text: word ?? "", value: words[word ?? ""] ?? null };
}

function peek(reader: Reader): Token {
  return reader.tokens[reader.at] ?? { kind: "end", text: "" };
}

function take(reader: Reader, ...operators: readonly string[]): string | undefined {
  const token = peek(reader);
  if (token.kind !== "operator" || !operators.includes(token.text)) return undefined;
  reader.at++;
  return token.text;
}

function unexpected(reader: Reader): never {
  const { text, kind } = peek(reader);
  const what = kind === "end" ? "the condition ends too early" : `${quoted(text)} does not belong here`;
  return refuse("IMPORT_ARAZZO_EXPRESSION", reader.place, `${what}: a condition is as in \`$statusCode == 200\``);
}

function readOr(reader: Reader): Condition {
  let left = readAnd(reader);
  while (take(reader, "||") !== undefined) left = { kind: "or", left, right: readAnd(reader) };
  return left;
}

function readAnd(reader: Reader): Condition {
  let left = readUnary(reader);
  while (take(reader, "&&") !== undefined) left = { kind: "and", left, right: readUnary(reader) };
  return left;
}

function readUnary(reader: Reader): Condition {
  if (++reader.depth > expressionDepthMax)
    return refuse("IMPORT_ARAZZO_EXPRESSION", reader.place, `a condition nests at most ${expressionDepthMax} deep`);
  const condition = readNested(reader);
  reader.depth--;
  return condition;
}

function readNested(reader: Reader): Condition {
  if (take(reader, "!") !== undefined) return { kind: "not", of: readUnary(reader) };
  if (take(reader, "(") !== undefined) {
    const inner = readOr(reader);
    if (take(reader, ")") === undefined) return unexpected(reader);
    return inner;
  }
  const left = readOperand(reader);
  const operator = take(reader, "==", "!=", "<=", ">=", "<", ">");
  if (operator === undefined) return { kind: "operand", operand: left };
  return { kind: "compare", operator: operator as Comparison, left, right: readOperand(reader) };
}

function readOperand(reader: Reader): Operand {
  const token = peek(reader);
  if (token.kind === "runtime") {
    reader.at++;
    return { kind: "runtime", text: token.text };
  }
  if (token.kind !== "literal") return unexpected(reader);
  reader.at++;
  return { kind: "literal", value: token.value ?? null };
}
