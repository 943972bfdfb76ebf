/**
 * Adds a counter to every function, branch and loop body of a TypeScript module, as text: what a coverage-guided fuzzer looks at.
 * The lines stay where they are, so that stack traces stay true. Never changes what the module does.
 */
import { parse } from "@babel/parser";

/** The name of the counters inside an instrumented module. */
export const countersName = "$sluiceHits";

/** A place that is counted. */
export interface Site {
  readonly line: number;
  /** The function whose body this is; absent on branches. */
  readonly name?: string;
}

/** A module with counters. */
export interface Instrumented {
  readonly code: string;
  readonly sites: readonly Site[];
  /** The texts that the module compares with: words for the mutations. */
  readonly words: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [member: string]: unknown;
}

interface Work {
  readonly first: number;
  readonly sites: Site[];
  readonly words: Set<string>;
  /** Text to insert, by place: what opens in the order of visiting, what closes the other way round. */
  readonly opens: Map<number, string>;
  readonly closes: Map<number, string>;
}

const functions = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);
const loops = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);
const notSource = new Set(["loc", "start", "end", "extra", "leadingComments", "trailingComments", "innerComments"]);

/** Instruments one module. Its counters begin at `first`. */
export function instrument(source: string, first: number): Instrumented {
  const tree = parse(source, { sourceType: "module", plugins: ["typescript"] }) as unknown as { readonly program: Node };
  const work: Work = { first, sites: [], words: new Set(), opens: new Map(), closes: new Map() };
  visit(tree.program, "<module>", work);
  const places = [...new Set([...work.opens.keys(), ...work.closes.keys()])].toSorted((a, b) => a - b);
  let code = `const ${countersName}=globalThis.${countersName};`;
  let at = 0;
  for (const place of places) {
    code += source.slice(at, place) + (work.closes.get(place) ?? "") + (work.opens.get(place) ?? "");
    at = place;
  }
  return { code: code + source.slice(at), sites: work.sites, words: [...work.words] };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function visit(node: Node, name: string, work: Work): void {
  if (node.type === "StringLiteral" && typeof node.value === "string") work.words.add(node.value);
  if (node.type === "TemplateElement") work.words.add(String((node.value as { cooked?: unknown }).cooked ?? ""));
  count(node, name, work);
  for (const [key, value] of Object.entries(node)) {
    if (notSource.has(key) || key === "source") continue;
    const inner = nameOf(node, key) ?? (functions.has(node.type) ? undefined : name) ?? "<inner>";
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, inner, work);
  }
}

/** What a function that is the member `key` of this node is called. */
function nameOf(node: Node, key: string): string | undefined {
  if (node.type === "VariableDeclarator" && key === "init") return (node.id as { name?: string }).name;
  if (/^(Object|Class)Property$/.test(node.type) && key === "value") return (node.key as { name?: string }).name;
  return undefined;
}

function count(node: Node, name: string, work: Work): void {
  if (functions.has(node.type) && isNode(node.body)) {
    const own = (node.id as { name?: string } | null)?.name ?? (node.key as { name?: string } | undefined)?.name ?? name;
    enclose(node.body, work, own);
  } else if (loops.has(node.type) || node.type === "CatchClause") {
    enclose(node.body as Node, work);
  } else if (node.type === "IfStatement" || node.type === "ConditionalExpression") {
    enclose(node.consequent as Node, work);
    if (isNode(node.alternate)) enclose(node.alternate, work);
  } else if (node.type === "LogicalExpression") {
    enclose(node.right as Node, work);
  } else if (node.type === "SwitchCase") {
    const [statement] = node.consequent as readonly Node[];
    if (statement) open(work, statement.start, `${counter(statement, work)};`);
  }
}

/** Counts the evaluation of a block, a statement or an expression. */
function enclose(node: Node, work: Work, name?: string): void {
  const text = counter(node, work, name);
  if (node.type === "BlockStatement") {
    open(work, node.start + 1, `${text};`);
    return;
  }
  const isStatement = node.type.endsWith("Statement");
  open(work, node.start, isStatement ? `{${text};` : `(${text},`);
  work.closes.set(node.end, (isStatement ? "}" : ")") + (work.closes.get(node.end) ?? ""));
}

function open(work: Work, place: number, text: string): void {
  work.opens.set(place, (work.opens.get(place) ?? "") + text);
}

function counter(node: Node, { first, sites }: Work, name?: string): string {
  sites.push({ line: node.loc.start.line, ...(name === undefined ? {} : { name }) });
  return `${countersName}[${first + sites.length - 1}]++`;
}
