/**
 * Python's syntax tree, by `@lezer/python`, as plain nodes; and what Python refuses that the library lets through.
 * Never recovers from an error, and never descends deeper than a plan could say. Pure. No I/O, no clock.
 */
import { parser } from "@lezer/python";
import { pythonTreeDepthMax } from "../../limits.ts";
import { failOutside, failSyntax, PythonFault } from "./fault.ts";

/** A node of the syntax tree. `kind` is the library's name of it; tokens that are words or signs are their own kind (`"if"`, `"("`). */
export interface SyntaxNode {
  readonly kind: string;
  /** UTF-16 offsets into the source. */
  readonly from: number;
  readonly to: number;
  readonly children: readonly SyntaxNode[];
}

/** The library's types, which it takes from a package of its own. */
type Tree = ReturnType<typeof parser.parse>;
type TreeCursor = ReturnType<Tree["cursor"]>;

/** The library stops at the first error instead of guessing what was meant. */
const strict = parser.configure({ strict: true });

/** Kinds whose inside is text: what stands between their children is no blank. */
const textual: ReadonlySet<string> = new Set(["String", "FormatString", "FormatSpec"]);
/** Blanks and comments between tokens. A backslash that joins lines is not among them: it hides where a line begins. */
const blanks = /^(?:[ \t\n]|#[^\n]*)*/u;

/** Reads a program. Throws a fault with the place of the first token that does not fit. */
export function parsePython(text: string): SyntaxNode {
  const tree = plainTree(parse(text).cursor());
  const root = { ...tree, from: 0, to: text.length };
  checkGaps(root, text);
  checkIndents(root, text);
  return root;
}

function parse(text: string): Tree {
  const run = strict.startParse(text);
  for (;;) {
    try {
      const tree = run.advance();
      if (tree !== null) return tree;
    } catch {
      return failSyntax("this is not Python", Math.min(run.parsedPos, text.length));
    }
  }
}

interface Open {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly children: SyntaxNode[];
}

/** Walks the tree without recursion, so that its depth cannot end the process. */
function plainTree(cursor: TreeCursor): SyntaxNode {
  const open = (): Open => {
    if (cursor.type.isError) failSyntax("this is not Python", cursor.from);
    return { kind: cursor.name, from: cursor.from, to: cursor.to, children: [] };
  };
  const root = open();
  const stack: Open[] = [root];
  for (;;) {
    if (cursor.firstChild()) {
      if (stack.length >= pythonTreeDepthMax)
        throw new PythonFault("IMPORT_TOO_LARGE", `a code plan nests at most ${pythonTreeDepthMax} deep`, cursor.from);
    } else {
      for (;;) {
        stack.pop();
        if (stack.length === 0) return root;
        if (cursor.nextSibling()) break;
        cursor.parent();
      }
    }
    const node = open();
    if (node.kind !== "Comment") stack.at(-1)?.children.push(node);
    stack.push(node);
  }
}

/** Everything between two tokens is a blank. */
function checkGaps(node: SyntaxNode, text: string): void {
  if (textual.has(node.kind)) {
    for (const child of node.children) checkGaps(child, text);
    return;
  }
  // A token without children is no gap.
  if (node.children.length === 0 && node.kind !== "Script") return;
  // Of all signs only these two have no node in the library's tree.
  const sign = node.kind === "TypeDef" ? "->" : node.kind === "ParamList" ? "/" : "";
  let at = node.from + (sign === "->" && text.startsWith(sign, node.from) ? sign.length : 0);
  for (const child of node.children) {
    if (sign !== "/" || text.slice(at, child.from).trim() !== sign) checkGap(text, at, child.from);
    checkGaps(child, text);
    at = child.to;
  }
  checkGap(text, at, node.to);
}

function checkGap(text: string, from: number, to: number): void {
  const gap = text.slice(from, to);
  const at = from + (blanks.exec(gap)?.[0].length ?? 0);
  if (at === from + gap.length) return;
  if (text[at] === "\\") failOutside("join lines with brackets instead of a backslash", at);
  failSyntax("this is not Python", at);
}

/** Where blocks begin, as Language Reference §2.1.8 says it, with one kind of blank, so that no tab has to be counted. */
function checkIndents(root: SyntaxNode, text: string): void {
  let kind: string | undefined;
  const checkBlock = (statements: readonly SyntaxNode[], outer: string | undefined): void => {
    let indent: string | undefined;
    for (const statement of statements) {
      const own = indentOf(text, statement.from);
      if (own === undefined) {
        // After a colon, on the same line: Python lets simple statements stand there, and the library no others.
        if (statements.length > 1) failSyntax("a statement begins on a line of its own", statement.from);
        continue;
      }
      if (own !== "") kind ??= own[0];
      if ([...own].some((blank) => blank !== kind)) failSyntax("indent with blanks or with tabs, not with both", statement.from);
      if (outer === undefined ? own !== "" : own.length <= outer.length)
        failSyntax(outer === undefined ? "unexpected indent" : "expected an indented block", statement.from);
      indent ??= own;
      if (own !== indent) failSyntax("this line is not indented as the block that it belongs to", statement.from);
      for (const { kind, from } of statement.children)
        if ((kind === "elif" || kind === "else") && indentOf(text, from) !== own)
          failSyntax("this line is not indented as the block that it belongs to", from);
      for (const body of bodiesOf(statement)) checkBlock(statementsOf(body), own);
    }
  };
  checkBlock(statementsOf(root), undefined);
}

/** The blanks before an offset, if nothing else stands before it in its line. */
function indentOf(text: string, at: number): string | undefined {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const before = text.slice(start, at);
  return /^[ \t]*$/u.test(before) ? before : undefined;
}

/** The statements of a program or a block, in order. */
export function statementsOf(block: SyntaxNode): readonly SyntaxNode[] {
  return block.children.filter(({ kind }) => kind !== ":");
}

function bodiesOf(statement: SyntaxNode): readonly SyntaxNode[] {
  return statement.children.flatMap((child) =>
    child.kind === "Body" ? [child] : child.kind.endsWith("Definition") ? bodiesOf(child) : [],
  );
}
