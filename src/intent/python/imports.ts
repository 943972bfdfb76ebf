/**
 * `import` statements: names of types are dropped, modules of tools give names to tools, all else is refused.
 * Never lets a module of Python's stand for tools. Pure. No I/O, no clock.
 */
import { type Context, textOf } from "./context.ts";
import { failOutside, failSyntax } from "./fault.ts";
import { moduleKind, nameOf } from "./names.ts";
import type { SyntaxNode } from "./tree.ts";

interface Imported {
  readonly path: readonly string[];
  readonly as?: string;
}

/** Reads `import a.b as c` and `from a.b import c as d`. */
export function readImport(context: Context, node: SyntaxNode): void {
  const [word, ...rest] = node.children;
  const within = rest.findIndex(({ kind }) => kind === "import");
  const isFrom = word?.kind === "from";
  const module = isFrom
    ? rest
        .slice(0, within)
        .map((part) => textOf(context, part))
        .join("")
    : "";
  const names = importedNames(context, isFrom ? rest.slice(within + 1) : rest);
  for (const { path, as } of names) {
    const from = isFrom ? module : path.join(".");
    const kind = moduleKind(from);
    if (kind === "standard") failOutside(`nothing of Python's \`${from.split(".")[0]}\` runs in a plan: call tools`, node.from);
    if (kind === "silent" && !from.startsWith("asyncio")) continue;
    const bound = as ?? (isFrom ? (path.at(-1) as string) : (path[0] as string));
    // Of a module of tools the name that was imported is the tool's, or the server's.
    const meant = isFrom ? (from === "asyncio" ? [from, ...path] : path) : as === undefined ? path.slice(0, 1) : path;
    context.aliases.set(bound, meant);
  }
  const place = context.placeOf(node);
  context.notes.push({ code: "IMPORT_CODE_DROPPED", message: "an import was left out: the catalogue has the tools", place });
}

function importedNames(context: Context, nodes: readonly SyntaxNode[]): readonly Imported[] {
  const names: Imported[] = [];
  let path: string[] = [];
  let as: string | undefined;
  let isAlias = false;
  const flush = (): void => {
    if (path.length > 0) names.push(as === undefined ? { path } : { path, as });
    path = [];
    as = undefined;
    isAlias = false;
  };
  for (const node of nodes) {
    if (node.kind === "*") return failOutside("import the tools by their names", node.from);
    if (node.kind === ",") flush();
    else if (node.kind === "as") isAlias = true;
    else if (node.kind === "VariableName" && isAlias) as = nameOf(context.text, node);
    else if (node.kind === "VariableName") path.push(importedName(context, node));
  }
  flush();
  const last = nodes.at(-1);
  if (last === undefined || last.kind === ",") failSyntax("a name is missing", last?.from ?? 0);
  return names;
}

function importedName(context: Context, node: SyntaxNode): string {
  const name = textOf(context, node);
  return name === "__future__" ? name : nameOf(context.text, node);
}
