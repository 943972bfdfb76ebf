/**
 * Every regular expression of the source, by its syntax tree: literals, and texts given to `RegExp`. Never runs what it reads.
 * In a text that is put together, constants of the file are filled in, and what is known only when it runs is the word `hole`.
 */
import { parse } from "@babel/parser";

/** A regular expression and where it stands. */
export interface Found {
  readonly path: string;
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

interface SyntaxNode {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number } };
  readonly [member: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** A node and all below it, in the order of the text. Without recursion: expressions of a thousand parts nest as deep. */
function* nodesOf(root: SyntaxNode): Generator<SyntaxNode> {
  const open: unknown[] = [root];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) open.push(...value.toReversed());
    else if (isNode(value)) {
      yield value;
      for (const [key, inner] of Object.entries(value).toReversed()) {
        if (key !== "loc" && key !== "extra" && !key.endsWith("omments") && typeof inner === "object" && inner !== null)
          open.push(inner);
      }
    }
  }
}

const isCallOf = (node: SyntaxNode, name: string): boolean =>
  (node.type === "NewExpression" || node.type === "CallExpression") && isNode(node.callee) && node.callee.name === name;

/** The text that an expression makes, as far as the file says. */
function textOf(node: unknown, constants: ReadonlyMap<string, SyntaxNode>, depth = 0): string {
  if (!isNode(node) || depth > 8) return "hole";
  const inner = (each: unknown): string => textOf(each, constants, depth + 1);
  if (node.type === "StringLiteral") return String(node.value);
  if (node.type === "RegExpLiteral") return String(node.pattern);
  if (node.type === "Identifier") return inner(constants.get(String(node.name)));
  if (node.type === "BinaryExpression" && node.operator === "+") return inner(node.left) + inner(node.right);
  if (node.type === "MemberExpression" && isNode(node.property) && node.property.name === "source") return inner(node.object);
  if (node.type === "TaggedTemplateExpression") return inner(node.quasi);
  if (node.type !== "TemplateLiteral") return "hole";
  const quasis = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
  const holes = node.expressions as readonly SyntaxNode[];
  return quasis.map(({ value }, i) => value.cooked + (i < holes.length ? inner(holes[i]) : "")).join("");
}

/** The regular expressions of one file. */
export function patternsOf(path: string, text: string): readonly Found[] {
  const program = parse(text, { sourceType: "module", plugins: ["typescript"] }).program as unknown as SyntaxNode;
  const nodes = [...nodesOf(program)];
  const constants = new Map<string, SyntaxNode>();
  for (const { type, id, init } of nodes)
    if (type === "VariableDeclarator" && isNode(id) && isNode(init)) constants.set(String(id.name), init);
  return nodes.flatMap((node): readonly Found[] => {
    const line = node.loc?.start.line ?? 0;
    if (node.type === "RegExpLiteral") return [{ path, line, source: String(node.pattern), flags: String(node.flags) }];
    if (!isCallOf(node, "RegExp")) return [];
    const [source, flags] = node.arguments as readonly unknown[];
    return [{ path, line, source: textOf(source, constants), flags: flags === undefined ? "" : textOf(flags, constants) }];
  });
}
