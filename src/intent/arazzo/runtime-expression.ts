/**
 * Runtime expressions of Arazzo by their ABNF (1.0.1 §4.7), and texts with expressions embedded in braces.
 * Pure. Never says what an expression is worth: names are found out where they are declared.
 */
import { parsePointer } from "../../json/pointer.ts";

/** Where in a request or a response a value stands. */
export type Source =
  | { readonly kind: "header" | "query" | "path"; readonly name: string }
  | { readonly kind: "body"; readonly pointer: readonly string[] };

/** A runtime expression. `rest` is a dotted name as it is written; `pointer` (unescaped tokens) what follows its `#`. */
export type RuntimeExpression =
  | { readonly kind: "url" | "method" | "statusCode" | "message" }
  | { readonly kind: "request" | "response"; readonly source: Source }
  | {
      readonly kind: "inputs" | "outputs" | "steps" | "workflows" | "sourceDescriptions" | "components";
      readonly rest: string;
      readonly pointer: readonly string[];
    };

const named: ReadonlySet<string> = new Set(["inputs", "outputs", "steps", "workflows", "sourceDescriptions", "components"]);
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether a text claims to be a runtime expression: a dollar and a letter. `$5.00` is a text. */
export function isRuntimeText(text: string): boolean {
  return /^\$[A-Za-z]/.test(text);
}

/** Reads one expression; `undefined` if the text is none. */
export function parseRuntime(text: string): RuntimeExpression | undefined {
  if (text === "$url" || text === "$method" || text === "$statusCode") return { kind: text.slice(1) as "url" };
  if (/^\$message\.(?:header|payload)/.test(text)) return { kind: "message" };
  const dot = text.indexOf(".");
  const head = text.startsWith("$") && dot > 0 ? text.slice(1, dot) : "";
  const rest = text.slice(dot + 1);
  if (head === "request" || head === "response") {
    const source = parseSource(rest);
    return source === undefined ? undefined : { kind: head, source };
  }
  if (!named.has(head) || rest === "" || /\p{Cc}/u.test(rest)) return undefined;
  const hash = rest.indexOf("#");
  const pointer = hash === -1 ? [] : parsePointer(rest.slice(hash + 1));
  const name = hash === -1 ? rest : rest.slice(0, hash);
  return pointer === undefined || name === "" ? undefined : { kind: head as "inputs", rest: name, pointer };
}

function parseSource(text: string): Source | undefined {
  if (text === "body") return { kind: "body", pointer: [] };
  if (text.startsWith("body#")) {
    const pointer = parsePointer(text.slice("body#".length));
    return pointer === undefined ? undefined : { kind: "body", pointer };
  }
  const found = /^(header|query|path)\.(.+)$/su.exec(text);
  const [, kind, name = ""] = found ?? [];
  if (kind === "header") return token.test(name) ? { kind, name } : undefined;
  return kind === "query" || kind === "path" ? { kind, name } : undefined;
}

/** A stretch of text, or the source of an expression that stands in braces in it. */
export type EmbeddedPart = { readonly literal: string } | { readonly expression: string };

/** Splits a text at its embedded expressions, `{$…}`. A text without any is one literal part. */
export function splitEmbedded(text: string): readonly EmbeddedPart[] {
  const parts: EmbeddedPart[] = [];
  let at = 0;
  for (let open = text.indexOf("{$"); open !== -1; open = text.indexOf("{$", at)) {
    const close = text.indexOf("}", open);
    if (close === -1) break;
    if (open > at) parts.push({ literal: text.slice(at, open) });
    parts.push({ expression: text.slice(open + 1, close) });
    at = close + 1;
  }
  if (at < text.length || parts.length === 0) parts.push({ literal: text.slice(at) });
  return parts;
}
