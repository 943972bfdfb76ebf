/**
 * JavaScript and TypeScript text → tree, by `@babel/parser`.
 * Pure. Never runs anything, and never shows the library's text. Bounded before parsing: parsers are recursive.
 */
import { type ParserOptions, parse } from "@babel/parser";
import { codeCharsMax, codeDepthMax } from "../../../limits.ts";
import type { Place } from "../../intent.ts";
import { CodeFault, failTooLarge } from "../fault.ts";

/** A statement of the library's tree. */
export type JsStatement = ReturnType<typeof parse>["program"]["body"][number];
/** An expression of the library's tree. */
export type JsExpression = Extract<JsStatement, { readonly type: "ExpressionStatement" }>["expression"];
/** Any node: what all have. */
export interface JsNode {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null | undefined;
}

const options: ParserOptions = {
  sourceType: "module",
  allowAwaitOutsideFunction: true,
  allowReturnOutsideFunction: true,
  plugins: ["typescript"],
  attachComment: false,
};

/** Parses a program. Errors: `IMPORT_CODE_SYNTAX`, `IMPORT_TOO_LARGE`. */
export function parseJavaScript(text: string): readonly JsStatement[] {
  if (text.length > codeCharsMax) failTooLarge(`a code plan has at most ${codeCharsMax} characters`, { line: 1, column: 1 });
  const body = parseWith(text);
  checkDepth(body);
  return body;
}

function parseWith(text: string): readonly JsStatement[] {
  try {
    return parse(text, options).program.body;
  } catch (error) {
    // A stack that ends is text that nests deeper than any tree that is let through, on every runtime.
    if (!(error instanceof SyntaxError)) return failTooLarge(tooDeep, { line: 1, column: 1 });
    const { loc } = error as { readonly loc?: { readonly line?: unknown; readonly column?: unknown } };
    const [line, column] = [loc?.line, loc?.column];
    const place = typeof line === "number" && typeof column === "number" ? { line, column: column + 1 } : {};
    throw new CodeFault({
      code: "IMPORT_CODE_SYNTAX",
      place,
      message: "this is not JavaScript or TypeScript: mend the syntax here",
    });
  }
}

const tooDeep = `code nests at most ${codeDepthMax} deep`;

/** Walks without recursion. */
function checkDepth(body: readonly JsStatement[]): void {
  const open: { readonly node: object; readonly depth: number; readonly place: Place }[] = [];
  for (const node of body) open.push({ node, depth: 1, place: placeOf(node) });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > codeDepthMax) failTooLarge(tooDeep, next.place);
    for (const [name, part] of Object.entries(next.node)) {
      if (typeof part !== "object" || part === null || name === "loc" || name === "extra") continue;
      const isNode = typeof (part as { readonly type?: unknown }).type === "string";
      const place = isNode ? placeOf(part as JsNode) : next.place;
      open.push({ node: part, depth: next.depth + (isNode ? 1 : 0), place });
    }
  }
}

/** Where a node stands: lines and columns from 1. */
export function placeOf({ loc }: JsNode): Place {
  return loc === undefined || loc === null ? {} : { line: loc.start.line, column: loc.start.column + 1 };
}
