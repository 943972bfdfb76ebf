/**
 * A whole program: statements, or one function that holds them and perhaps is called at the end.
 * Never reads a program of several functions: which of them run, and with what, would be a guess. Pure. No I/O, no clock.
 */
import { jsonDepthMax } from "../../limits.ts";
import type { Expression, Note, Parameter, Program } from "../code/program.ts";
import type { ParamSpec } from "../../plan/plan.ts";
import { type Context, textOf } from "./context.ts";
import { readExpression } from "./expressions.ts";
import { failOutside, PythonFault } from "./fault.ts";
import { boundNames, checkName, nameOf, nameUses } from "./names.ts";
import { readString } from "./literals.ts";
import { linesOf } from "./source.ts";
import { readStatements } from "./statements.ts";
import { parsePython, type SyntaxNode, statementsOf } from "./tree.ts";

/** Nesting of expressions, so that what a plan says as JSON stays well within `jsonDepthMax`. */
const expressionsDepthMax = jsonDepthMax - 24;

/** Reads a program. Throws a fault at the first thing that a plan cannot say exactly. */
export function readProgram(text: string): Program {
  const root = parsePython(text);
  checkTokens(text, root);
  const lines = linesOf(text);
  const notes: Note[] = [];
  let depth = 0;
  const context: Context = {
    text,
    isFunction: false,
    later: { tupleAt: undefined, comparisons: [], updates: [], lists: new Set() },
    bound: boundNames(text, root),
    uses: nameUses(text, root),
    aliases: new Map(),
    notes,
    placeOf: (node) => lines.placeOf(node.from),
    expression: (node, use = "value") => {
      depth += 1;
      if (depth > expressionsDepthMax)
        throw new PythonFault("IMPORT_TOO_LARGE", `expressions nest at most ${expressionsDepthMax} deep`, node.from);
      const expression = readExpression(context, node, use);
      depth -= 1;
      return expression;
    },
  };
  const program = readRoot(context, root);
  checkLater(context);
  return program;
}

/** Names and strings anywhere, also where nothing is computed (annotations, imports, docstrings). */
function checkTokens(text: string, node: SyntaxNode): void {
  if (node.kind === "VariableName" || node.kind === "PropertyName") checkName(text, node);
  if (node.kind === "String" || node.kind === "FormatString") readString(text, node);
  for (const child of node.children) checkTokens(text, child);
}

/** What Python does with tuples and lists in place, and no JSON says. */
function checkLater({ later }: Context): void {
  const [comparison] = later.comparisons;
  if (later.tupleAt !== undefined && comparison !== undefined)
    failOutside("Python never finds a tuple equal to a list: write lists instead of tuples", comparison);
  const update = later.updates.find(({ name }) => later.lists.has(name));
  if (update !== undefined)
    failOutside(`write \`${update.name} = ${update.name} + …\`: Python would change the list under all its names`, update.at);
}

function readRoot(context: Context, root: SyntaxNode): Program {
  const { notes } = context;
  const statements = statementsOf(root);
  const definitions = statements.filter(({ kind }) => kind === "FunctionDefinition");
  const [definition, second] = definitions;
  if (second !== undefined) return failOutside("a plan is one function at most: write its calls out", second.from);
  if (definition === undefined) return { language: "python", params: [], body: readStatements(context, statements), notes };
  const at = statements.indexOf(definition);
  checkStart(context, statements.slice(at + 1), definition);
  const before = readStatements(context, statements.slice(0, at));
  if (before.some(({ kind }) => kind !== "assign"))
    return failOutside("before the function of a plan there are imports and constants", definition.from);
  const body = readStatements({ ...context, isFunction: true }, statementsOf(definition.children.at(-1) as SyntaxNode));
  return { language: "python", params: readParams(context, definition), body: [...before, ...body], notes };
}

/** After the function there is nothing, or its call: `main()`, `asyncio.run(main())`, also under `if __name__ == "__main__":`. */
function checkStart(context: Context, after: readonly SyntaxNode[], definition: SyntaxNode): void {
  const named = definition.children.find(({ kind }) => kind === "VariableName");
  const name = named === undefined ? "" : nameOf(context.text, named);
  const [first, second] = after;
  if (first === undefined) return;
  const start = textOf(context, first)
    .replace(/#[^\n]*/gu, "")
    .replace(/[ \t\n]+/gu, "");
  const calls = [`${name}()`, `await${name}()`, `asyncio.run(${name}())`].flatMap((call) => [call, `print(${call})`]);
  const guards = ['if__name__=="__main__":', "if__name__=='__main__':", ""];
  const isStart = guards.some((guard) => calls.some((call) => start === guard + call));
  if (!isStart || second !== undefined)
    failOutside(
      `after the function of a plan there is at most its call, \`${name}()\`: what it takes are inputs of the plan`,
      first.from,
    );
  if (
    definition.children.some(({ kind }) => kind === "ParamList") &&
    readParams(context, definition).some((param) => param.default === undefined)
  )
    failOutside("this call leaves out what the function takes: leave the call out, and the plan has inputs", first.from);
}

function readParams(context: Context, definition: SyntaxNode): readonly Parameter[] {
  const list = definition.children.find(({ kind }) => kind === "ParamList");
  const params: Parameter[] = [];
  let part: SyntaxNode[] = [];
  for (const node of [...(list?.children.slice(1, -1) ?? []), undefined]) {
    if (node !== undefined && node.kind !== ",") {
      part.push(node);
      continue;
    }
    const param = part.length === 0 ? undefined : readParam(context, part);
    if (param !== undefined) params.push(param);
    part = [];
  }
  return params;
}

function readParam(context: Context, part: readonly SyntaxNode[]): Parameter | undefined {
  const [first, ...rest] = part as readonly [SyntaxNode, ...SyntaxNode[]];
  // `*` and `/` alone say how arguments are given, and the inputs of a plan are named.
  if (rest.length === 0 && (first.kind === "*" || first.kind === "/")) return undefined;
  if (first.kind !== "VariableName") return failOutside("the inputs of a plan are named one by one", first.from);
  const annotation = rest.find(({ kind }) => kind === "TypeDef");
  const given = rest.findIndex(({ kind }) => kind === "AssignOp");
  const value = given === -1 ? undefined : rest[given + 1];
  const fallback: Expression | undefined = value === undefined ? undefined : context.expression(value);
  const place = context.placeOf(first);
  return {
    name: nameOf(context.text, first),
    spec: annotation === undefined || isNone(fallback) ? {} : specFor(specOf(context, annotation), fallback, value?.from ?? 0),
    ...(fallback === undefined ? {} : { default: fallback }),
    place,
  };
}

/** `x: int = None` may be anything: an input of a plan has one type, or none. */
function isNone(value: Expression | undefined): boolean {
  return value?.kind === "literal" && value.value === null;
}

const typeNames: { readonly [type: string]: string } = {
  string: "string",
  boolean: "boolean",
  number: "number",
  bigint: "number",
};

/** The type of an input, which its default has. */
function specFor(spec: ParamSpec, value: Expression | undefined, at: number): ParamSpec {
  const type = spec.type === "integer" ? "number" : spec.type;
  if (value === undefined || type === undefined) return spec;
  const whole = value.kind !== "literal" || typeof value.value !== "number" || Number.isInteger(value.value);
  const own = value.kind === "literal" ? typeNames[typeof value.value] : value.kind === "list" ? "array" : value.kind;
  // Of the elements of a list nothing is said where one is given.
  if (own === "array" && type === "array") return { type };
  const isDouble = value.kind === "apply" && value.function === "number" && type === "number";
  if (isDouble || (own === type && (whole || spec.type !== "integer"))) return spec;
  return failOutside("the default of an input is a literal of its type", at);
}

const specs: ReadonlyMap<string, ParamSpec> = new Map<string, ParamSpec>([
  ["str", { type: "string" }],
  ["int", { type: "integer" }],
  ["float", { type: "number" }],
  ["bool", { type: "boolean" }],
  ["list", { type: "array" }],
  ["dict", { type: "object" }],
  ["Any", {}],
  ["object", {}],
]);

/** `str`, `int`, `float`, `bool`, `list`, `list[str]`, `dict`, `dict[str, …]`, `Any`. */
function specOf(context: Context, annotation: SyntaxNode): ParamSpec {
  const text = textOf(context, annotation)
    .slice(1)
    .replace(/[ \t\n]+/gu, "")
    .replace(/^(["'])(.*)\1$/u, "$2");
  const plain = specs.get(text);
  if (plain !== undefined) return plain;
  const element = /^(?:list|List|Sequence)\[(\w+)\]$/u.exec(text)?.[1];
  const items = element === undefined ? undefined : specs.get(element);
  if (items !== undefined) return { type: "array", items: items.type === undefined ? {} : { type: items.type } };
  if (/^(?:dict|Dict)\[str,\w+\]$/u.test(text)) return { type: "object" };
  return failOutside("inputs are `str`, `int`, `float`, `bool`, `list`, `list[str]` or `dict`", annotation.from);
}
