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
  /** Names of the functions that read text from outside, by what they call or by their name and first parameter. */
  readonly readers: readonly string[];
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
  readonly readers: Set<string>;
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
  const work: Work = { first, sites: [], words: new Set(), readers: new Set(), opens: new Map(), closes: new Map() };
  visit(tree.program, { name: "<module>", within: "<module>" }, work);
  const places = [...new Set([...work.opens.keys(), ...work.closes.keys()])].toSorted((a, b) => a - b);
  let code = `const ${countersName}=globalThis.${countersName};`;
  let at = 0;
  for (const place of places) {
    code += source.slice(at, place) + (work.closes.get(place) ?? "") + (work.opens.get(place) ?? "");
    at = place;
  }
  return { code: code + source.slice(at), sites: work.sites, words: [...work.words], readers: [...work.readers] };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** Where a node stands: what it is called if it is a function, and the named function around it. */
interface Scope {
  readonly name: string;
  readonly within: string;
}

function visit(node: Node, { name, within }: Scope, work: Work): void {
  if (node.type === "StringLiteral" && typeof node.value === "string") work.words.add(node.value);
  if (node.type === "TemplateElement") work.words.add(String((node.value as { cooked?: unknown }).cooked ?? ""));
  const isFunction = functions.has(node.type);
  const own = isFunction ? ownName(node, name) : name;
  const around = isFunction && own !== "<inner>" ? own : within;
  if (isReading(node)) work.readers.add(around);
  if (node.type === "ExportNamedDeclaration" && isReader(node.declaration)) work.readers.add(ownName(node.declaration, ""));
  count(node, own, work);
  for (const [key, value] of Object.entries(node)) {
    if (notSource.has(key) || key === "source") continue;
    const inner = nameOf(node, key) ?? "<inner>";
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) visit(child, { name: inner, within: around }, work);
  }
}

function ownName(node: Node, name: string): string {
  return (node.id as { name?: string } | null)?.name ?? (node.key as { name?: string } | undefined)?.name ?? name;
}

const readingCalls = new Set(["readJson", "readJsonBytes", "readJsonLines", "readYaml", "readExactly", "decodeURIComponent"]);
const readingTypes = new Set(["TSStringKeyword", "TSUnknownKeyword"]);
const readingNames = new Set(["Uint8Array", "Json", "JsonObject", "Request", "Headers", "URLSearchParams"]);

/** Whether this is a call of one of the readers that all the others are made of. */
function isReading({ type, callee }: Node): boolean {
  const name = isNode(callee) && callee.type === "Identifier" ? String(callee.name) : "";
  return (type === "CallExpression" && readingCalls.has(name)) || (type === "NewExpression" && name === "URL");
}

/** Whether this is a function that says by its name and its first parameter that it reads. */
function isReader(node: unknown): node is Node {
  if (!isNode(node) || node.type !== "FunctionDeclaration") return false;
  const [first] = node.params as readonly { readonly typeAnnotation?: { readonly typeAnnotation?: Node } }[];
  const type = first?.typeAnnotation?.typeAnnotation;
  const isText =
    type !== undefined && (readingTypes.has(type.type) || readingNames.has(String((type.typeName as Node | undefined)?.name)));
  return isText && /^(?:read|parse|decode|import|thaw|verify|split)(?:[A-Z]|$)/.test(ownName(node, ""));
}

/** What a function that is the member `key` of this node is called. */
function nameOf(node: Node, key: string): string | undefined {
  if (node.type === "VariableDeclarator" && key === "init") return (node.id as { name?: string }).name;
  if (/^(Object|Class)Property$/.test(node.type) && key === "value") return (node.key as { name?: string }).name;
  return undefined;
}

function count(node: Node, name: string, work: Work): void {
  if (functions.has(node.type) && isNode(node.body)) {
    enclose(node.body, work, name);
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
