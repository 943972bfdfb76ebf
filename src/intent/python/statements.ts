/**
 * Python's statements (Language Reference §7 and §8), in order.
 * Never leaves out a statement that could call a tool or end the program. Pure. No I/O, no clock.
 */
import type { Expression, Statement, Target } from "../code/program.ts";
import { readTargets } from "./comprehensions.ts";
import { type Context, hasCall, isScalar, textOf, truthOf } from "./context.ts";
import { failOutside, failSyntax } from "./fault.ts";
import { gatherLoops } from "./gather.ts";
import { readImport } from "./imports.ts";
import { readFor } from "./loops.ts";
import { nameOf } from "./names.ts";
import { type SyntaxNode, statementsOf } from "./tree.ts";

/** Reads the statements of a block. */
export function readStatements(context: Context, nodes: readonly SyntaxNode[]): readonly Statement[] {
  return gatherLoops(nodes.flatMap((node) => readStatement(context, node)));
}

function readStatement(context: Context, node: SyntaxNode): readonly Statement[] {
  switch (node.kind) {
    case "StatementGroup":
      if (node.children.some(({ kind }, at) => kind === ";" && (at === 0 || node.children[at - 1]?.kind === ";")))
        return failSyntax("a statement is missing", node.from);
      return readStatements(
        context,
        node.children.filter(({ kind }) => kind !== ";"),
      );
    case "AssignStatement":
      return readAssign(context, node);
    case "UpdateStatement":
      return readUpdate(context, node);
    case "ExpressionStatement":
      return readExpressionStatement(context, node);
    case "IfStatement":
      return [readIf(context, node)];
    case "ForStatement":
      return [readLoop(context, node)];
    case "ReturnStatement":
      return [readReturn(context, node)];
    case "RaiseStatement":
      return [readRaise(context, node)];
    case "AssertStatement":
      return [readAssert(context, node)];
    case "ImportStatement":
      readImport(context, node);
      return [];
    case "PassStatement":
      return [];
    default:
      return failOutside(refusals.get(node.kind) ?? "this statement is outside of what a plan can say", node.from);
  }
}

const refusals: ReadonlyMap<string, string> = new Map([
  ["WhileStatement", "a plan has no loop without a bound: use `for x in xs`"],
  ["TryStatement", "a plan does not go on after an error: a failed call can be tried again by the agent"],
  ["WithStatement", "a plan opens nothing: call the tools in order"],
  ["MatchStatement", "write `if` and `elif` instead of `match`"],
  ["ClassDefinition", "a plan has no classes: use the members of results"],
  ["FunctionDefinition", "a plan is one function at most: write its calls out"],
  ["DecoratedStatement", "a plan has no decorators"],
  ["DeleteStatement", "a plan deletes no names"],
  ["BreakStatement", "a loop of a plan runs over the whole list: select rows with `if`"],
  ["ContinueStatement", "`continue` is read where it stands alone under an `if` of the loop"],
  ["ScopeStatement", "a plan has one scope"],
  ["YieldStatement", "a plan yields nothing"],
  ["PrintStatement", "this is Python 2"],
  ["TypeDefinition", "a plan defines no types"],
]);

function readLoop(context: Context, node: SyntaxNode): Statement {
  const loop = readFor(context, node, (nodes) => readStatements(context, nodes));
  if (loop.kind === "for") noteLists(context, [loop.target], undefined);
  return loop;
}

/** Values with commas between are one tuple. */
export function readValues(context: Context, nodes: readonly SyntaxNode[]): Expression {
  const [first] = nodes;
  if (first === undefined) return failOutside("a value is missing", 0);
  if (nodes.length === 1) return context.expression(first, "json");
  const values = nodes.filter(({ kind }) => kind !== ",");
  const star = values.find(({ kind }) => kind === "*" || kind === "YieldExpression");
  if (star !== undefined) return failOutside("write the values out", star.from);
  return { kind: "list", elements: values.map((value) => context.expression(value, "json")), place: context.placeOf(first) };
}

function readAssign(context: Context, node: SyntaxNode): readonly Statement[] {
  const place = context.placeOf(node);
  const groups: SyntaxNode[][] = [[]];
  for (const child of node.children) {
    // What is annotated is not computed: PEP 526.
    if (child.kind === "TypeDef") continue;
    if (child.kind === "AssignOp") groups.push([]);
    else groups.at(-1)?.push(child);
  }
  if (node.children.some(({ kind }) => kind === "TypeDef") && (groups[0]?.length !== 1 || groups.length > 2))
    return failSyntax("one name is annotated at a time", node.from);
  if (groups.length === 1) {
    readTargets(context, groups[0] ?? []);
    return [];
  }
  const [valueNodes = [], ...reversed] = groups.toReversed();
  const targets = reversed.toReversed().map((nodes) => readTargets(context, nodes));
  const [target, ...others] = targets;
  if (target === undefined) return failOutside("there is nothing to bind here", node.from);
  const isUnpacked = targets.every(({ kind }) => kind === "elements");
  const value = isUnpacked ? readValues(context, valueNodes) : readOne(context, valueNodes);
  noteLists(context, targets, value);
  if (others.length === 0) return [{ kind: "assign", target, value, place }];
  if (target.kind !== "name") return failOutside("bind one name first in a chain of assignments", node.from);
  const again: Expression = { kind: "name", name: target.name, place };
  if (value.kind === "list" || value.kind === "object")
    return failOutside("two names for one list or object: assign twice", node.from);
  return [{ kind: "assign", target, value, place }, ...others.map((other) => assign(other, again, place))];
}

/** Names that may hold a list from here on. */
function noteLists(context: Context, targets: readonly Target[], value: Expression | undefined): void {
  for (const target of targets) {
    if (target.kind === "name" && (value === undefined || !isScalar(value))) context.later.lists.add(target.name);
    // Of what is unpacked nothing is known.
    if (target.kind === "elements")
      noteLists(
        context,
        target.targets.filter((inner) => inner !== undefined),
        undefined,
      );
  }
}

function assign(target: Target, value: Expression, place: Statement["place"]): Statement {
  return { kind: "assign", target, value, place };
}

function readOne(context: Context, nodes: readonly SyntaxNode[]): Expression {
  const [first] = nodes;
  if (first === undefined) return failOutside("a value is missing", 0);
  if (nodes.length > 1) return failOutside("write a list in brackets instead of this tuple", first.from);
  return context.expression(first);
}

const updates: ReadonlyMap<string, (Expression & { readonly kind: "binary" })["operator"]> = new Map([
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["//=", "floorDivide"],
  ["%=", "modulo"],
]);

/** `x += e` is `x = x + e`, but for lists, which Python changes under all their names. */
function readUpdate(context: Context, node: SyntaxNode): readonly Statement[] {
  const [targetNode, sign, ...values] = node.children;
  if (targetNode === undefined || sign === undefined || targetNode.kind !== "VariableName")
    return failOutside("results and objects are not changed in a plan: make a new value", node.from);
  const operator = updates.get(textOf(context, sign));
  if (operator === undefined) return failOutside("a plan has no such operator", sign.from);
  const place = context.placeOf(node);
  const name = nameOf(context.text, targetNode);
  const right = readOne(context, values);
  // `xs += [a, b]` appends each.
  if (operator === "+" && right.kind === "list")
    return right.elements.map((value): Statement => ({ kind: "append", name, value, place }));
  if (right.kind === "list" || right.kind === "comprehension")
    return failOutside(`write \`${name} = ${name} + …\`: Python would change the list under all its names`, node.from);
  const left: Expression = { kind: "name", name, place: context.placeOf(targetNode) };
  if (operator === "+" && !isScalar(right)) context.later.updates.push({ name, at: node.from });
  const value: Expression = { kind: "binary", operator, left, right, place };
  return [{ kind: "assign", target: { kind: "name", name, place: left.place }, value, place }];
}

function readExpressionStatement(context: Context, node: SyntaxNode): readonly Statement[] {
  const [first, ...more] = node.children;
  if (first === undefined) return [];
  // A docstring, or a comment that is written as a string: it computes nothing.
  if (more.length === 0 && first.kind === "Ellipsis") return [];
  if (more.length === 0 && (first.kind === "String" || first.kind === "ContinuedString")) {
    const text = context.expression(first);
    return text.kind === "literal" ? [] : [{ kind: "expression", value: text, place: context.placeOf(node) }];
  }
  const call = first.kind === "AwaitExpression" ? first.children[1] : first;
  const [callee, list] = call?.kind === "CallExpression" ? call.children : [];
  if (more.length === 0 && callee !== undefined && list !== undefined) {
    if (callee.kind === "VariableName" && textOf(context, callee) === "print" && !context.bound.has("print"))
      return readPrint(context, node, list);
    if (callee.kind === "VariableName" && textOf(context, callee) === "final_answer") return readFinalAnswer(context, node, list);
    const [of, , property] = callee.kind === "MemberExpression" ? callee.children : [];
    if (of?.kind === "VariableName" && property?.kind === "PropertyName" && context.bound.has(textOf(context, of)))
      if (textOf(context, property) === "append") return [readAppend(context, node, { of, list })];
  }
  return [{ kind: "expression", value: readValues(context, node.children), place: context.placeOf(node) }];
}

/** `print(…)` shows the user something that no tool sees; calls within it are calls. */
function readPrint(context: Context, node: SyntaxNode, list: SyntaxNode): readonly Statement[] {
  const place = context.placeOf(node);
  context.notes.push({ code: "IMPORT_CODE_DROPPED", message: "`print` was left out: it calls no tool", place });
  return callsWithin(context, node, list);
}

/** What is called in the arguments of something that is left out. */
function callsWithin(context: Context, node: SyntaxNode, list: SyntaxNode): readonly Statement[] {
  const place = context.placeOf(node);
  const values: SyntaxNode[] = [];
  const inner = list.children.slice(1, -1);
  inner.forEach((part, at) => {
    const isName = inner[at + 1]?.kind === "AssignOp";
    if (part.kind !== "," && part.kind !== "AssignOp" && part.kind !== "*" && !isName) values.push(part);
  });
  if (!values.some((value) => mayCall(value))) return [];
  const elements = values.map((value) => context.expression(value)).filter(hasCall);
  return elements.length === 0 ? [] : [{ kind: "expression", value: { kind: "list", elements, place }, place }];
}

/** smolagents' `final_answer(x)` is the end; what it gives goes to the user, and to no tool. */
function readFinalAnswer(context: Context, node: SyntaxNode, list: SyntaxNode): readonly Statement[] {
  const place = context.placeOf(node);
  context.notes.push({ code: "IMPORT_CODE_DROPPED", message: "`final_answer` was read as the end: it calls no tool", place });
  return [...callsWithin(context, node, list), { kind: "return", place }];
}

function mayCall(node: SyntaxNode): boolean {
  return node.kind === "CallExpression" || node.kind === "NamedExpression" || node.children.some(mayCall);
}

function readAppend(
  context: Context,
  node: SyntaxNode,
  { of, list }: { readonly of: SyntaxNode; readonly list: SyntaxNode },
): Statement {
  const [value, more] = list.children.slice(1, -1);
  if (value === undefined || more !== undefined) return failOutside("`append` takes one value", node.from);
  return {
    kind: "append",
    name: nameOf(context.text, of),
    value: context.expression(value, "json"),
    place: context.placeOf(node),
  };
}

/** `if`, and each `elif` as an `if` in the `else` before it. */
function readIf(context: Context, node: SyntaxNode): Statement {
  const branches: { readonly test: SyntaxNode | undefined; readonly body: SyntaxNode; readonly at: SyntaxNode }[] = [];
  let test: SyntaxNode | undefined;
  let word = node;
  for (const child of node.children) {
    if (child.kind === "Body") {
      if (word.kind !== "else" && test === undefined) return failOutside("a condition is missing", child.from);
      branches.push({ test, body: child, at: word === node.children[0] ? node : word });
      test = undefined;
    } else if (["if", "elif", "else"].includes(child.kind)) word = child;
    else test = child;
  }
  if (branches.length > unfoldedMax) return failOutside(`at most ${unfoldedMax} conditions follow each other`, node.from);
  const read = branches.map((branch) => ({
    test: branch.test === undefined ? undefined : truthOf(context.expression(branch.test, "truth")),
    body: readStatements(context, statementsOf(branch.body)),
    place: context.placeOf(branch.at),
  }));
  const rest = read.reduceRight<readonly Statement[]>(
    (no, branch) =>
      branch.test === undefined ? branch.body : [{ kind: "if", test: branch.test, yes: branch.body, no, place: branch.place }],
    [],
  );
  return rest[0] as Statement;
}

/** Branches of one `if`, each of which is one deeper than that before it. */
const unfoldedMax = 50;

function readReturn(context: Context, node: SyntaxNode): Statement {
  if (!context.isFunction) return failSyntax("`return` stands in a function: write `def main():` before the plan", node.from);
  const values = node.children.slice(1);
  const place = context.placeOf(node);
  return values.length === 0 ? { kind: "return", place } : { kind: "return", value: readValues(context, values), place };
}

/** An exception that nobody catches is the end, as `return` is. */
function readRaise(context: Context, node: SyntaxNode): Statement {
  for (const value of node.children.slice(1)) {
    const args = value.kind === "CallExpression" ? (value.children[1]?.children ?? []) : [];
    if (args.some(mayCall)) return failOutside("call the tools before this", value.from);
  }
  return { kind: "return", place: context.placeOf(node) };
}

/** `assert e` goes on only where `e` is true. */
function readAssert(context: Context, node: SyntaxNode): Statement {
  const [, test] = node.children;
  if (test === undefined) return failOutside("a condition is missing", node.from);
  const place = context.placeOf(node);
  const of = context.expression(test, "truth");
  return { kind: "if", test: { kind: "not", of, place }, yes: [{ kind: "return", place }], no: [], place };
}
