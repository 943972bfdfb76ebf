/**
 * Statements of JavaScript and TypeScript (ECMA-262 §14).
 * Pure. Never keeps a statement that may not end, or that undoes another.
 */
import { failOutside } from "../fault.ts";
import type { BinaryOperator, Expression, Statement, Target } from "../program.ts";
import { callbackOf } from "./callbacks.ts";
import type { JsCall } from "./calls.ts";
import { type JsAny, readExpression } from "./expressions.ts";
import { declareTarget, readTarget } from "./patterns.ts";
import { drop, inScope, isValue, type Reader } from "./scope.ts";
import { type JsExpression, type JsNode, type JsStatement, placeOf } from "./tree.ts";

/** Reads a block; a name lives to its end. */
export function readBlock(reader: Reader, nodes: readonly JsStatement[]): readonly Statement[] {
  return inScope(reader, () => readStatements(reader, nodes));
}

/** Reads statements in the scope at hand. */
export function readStatements(reader: Reader, nodes: readonly JsStatement[]): readonly Statement[] {
  return nodes.flatMap((node, i) => {
    const rest = nodes.slice(i + 1);
    // `if (c) continue;` first in a round is an `if` around the rest of it.
    return node.type === "ContinueStatement" && rest.length === 0 ? [] : readStatement(reader, node);
  });
}

/** A branch: a block, or one statement. */
function readBranch(reader: Reader, node: JsStatement): readonly Statement[] {
  return readBlock(reader, node.type === "BlockStatement" ? node.body : [node]);
}

function readStatement(reader: Reader, node: JsStatement): readonly Statement[] {
  const place = placeOf(node);
  switch (node.type) {
    case "EmptyStatement":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return [];
    case "BlockStatement":
      return readBlock(reader, node.body);
    case "VariableDeclaration":
      return readDeclaration(reader, node);
    case "ExpressionStatement":
      return readExpressionStatement(reader, node.expression);
    case "IfStatement": {
      const test = readExpression(reader, node.test);
      const yes = readBranch(reader, node.consequent);
      const no = node.alternate ? readBranch(reader, node.alternate) : [];
      return [{ kind: "if", test, yes, no, place }];
    }
    case "ForOfStatement":
      return [readFor(reader, node)];
    case "ReturnStatement":
      return [
        node.argument
          ? { kind: "return", value: readExpression(reader, node.argument, "awaited"), place }
          : { kind: "return", place },
      ];
    case "ThrowStatement":
      // What ends the program in an error ends it all the same.
      drop(reader, "what is thrown here ends the plan without a word", place);
      return [{ kind: "return", place }];
    default:
      return failOutside(outside[node.type] ?? "a plan has no statement of this kind", place);
  }
}

const outside: { readonly [type: string]: string } = {
  WhileStatement: "nothing bounds this loop: go through a list with `for (const x of xs)`",
  DoWhileStatement: "nothing bounds this loop: go through a list with `for (const x of xs)`",
  ForStatement: "go through the list itself, with `for (const x of xs)`",
  ForInStatement: "the order of an object's members is not the plan's: go through a list with `for (const x of xs)`",
  TryStatement: "a call that fails ends the plan: there is no other way to write",
  SwitchStatement: "write `if` and `else if`",
  FunctionDeclaration: "write what the function does where it is called: a plan has no functions but the one around it",
  ClassDeclaration: "a plan has no classes",
  BreakStatement: "take the element that is meant with `find`, or the first ones with `slice`",
  ContinueStatement: "write an `if` around the rest of the round",
  LabeledStatement: "a plan has no labels",
  ImportDeclaration: "imports stand at the top",
};

function readDeclaration(
  reader: Reader,
  node: Extract<JsStatement, { readonly type: "VariableDeclaration" }>,
): readonly Statement[] {
  return node.declarations.flatMap(({ id, init }): readonly Statement[] => {
    const place = placeOf(id);
    if (node.kind !== "const" && node.kind !== "let") return failOutside("declare with `const` or `let`", place);
    const target = readTarget(id);
    if (init === null || init === undefined) {
      declareTarget(reader, target);
      return [];
    }
    const rounds = readRounds(reader, init, target);
    if (rounds !== undefined) return rounds;
    const value = readExpression(reader, init);
    declareTarget(reader, target);
    return [{ kind: "assign", target, value, place }];
  });
}

const augmented: { readonly [operator: string]: BinaryOperator } = {
  "+=": "+",
  "-=": "-",
  "*=": "*",
  "/=": "/",
  "%=": "remainder",
};

function readExpressionStatement(reader: Reader, raw: JsExpression): readonly Statement[] {
  const place = placeOf(raw);
  if (raw.type === "AssignmentExpression") return [readAssignment(reader, raw)];
  if (raw.type === "UpdateExpression") {
    const target = readTarget(raw.argument);
    const one: Expression = { kind: "literal", value: 1, place };
    return [counted(reader, target, { operator: raw.operator === "++" ? "+" : "-", right: one })];
  }
  const awaited = raw.type === "AwaitExpression" ? raw.argument : raw;
  const rounds = readRounds(reader, raw, undefined);
  if (rounds !== undefined) return rounds;
  if (awaited.type === "CallExpression") {
    const special = readCallStatement(reader, awaited);
    if (special !== undefined) return special;
  }
  return [{ kind: "expression", value: readExpression(reader, raw), place }];
}

function readAssignment(reader: Reader, node: Extract<JsExpression, { readonly type: "AssignmentExpression" }>): Statement {
  const place = placeOf(node);
  const target = readTarget(node.left);
  requireDeclared(reader, target);
  if (node.operator === "=") return { kind: "assign", target, value: readExpression(reader, node.right), place };
  const operator = Object.hasOwn(augmented, node.operator) ? augmented[node.operator] : undefined;
  if (operator === undefined) return failOutside(`write \`${node.operator}\` out, as \`x = x …\``, place);
  return counted(reader, target, { operator, right: readExpression(reader, node.right) });
}

/** `x += e` as `x = x + e`. */
function counted(
  reader: Reader,
  target: Target,
  { operator, right }: { readonly operator: BinaryOperator; readonly right: Expression },
): Statement {
  requireDeclared(reader, target);
  const { place } = target;
  if (target.kind !== "name") return failOutside("only a name is set: a plan changes nothing within a value", place);
  const left: Expression = { kind: "name", name: target.name, place };
  return { kind: "assign", target, value: { kind: "binary", operator, left, right, place }, place };
}

function requireDeclared(reader: Reader, target: Target): void {
  if (target.kind === "name" && !isValue(reader, target.name)) failOutside("declare the name with `let` first", target.place);
  if (target.kind === "elements") for (const inner of target.targets) if (inner !== undefined) requireDeclared(reader, inner);
  if (target.kind === "members") for (const { target: inner } of target.members) requireDeclared(reader, inner);
}

/** `console.log(…)`, which is dropped but for the calls in it, and `xs.push(e)`. */
function readCallStatement(reader: Reader, node: JsCall): readonly Statement[] | undefined {
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.property.type !== "Identifier")
    return undefined;
  const place = placeOf(node);
  const root = callee.object.name;
  if (root === "console" && !isValue(reader, root)) {
    drop(reader, "what is logged is not in the plan", place);
    const elements = node.arguments.map((argument) => readExpression(reader, argument, "awaited"));
    return [{ kind: "expression", value: { kind: "list", elements, place }, place }];
  }
  if (callee.property.name !== "push" || !isValue(reader, root) || reader.holders.has(root)) return undefined;
  return node.arguments.map((argument) => {
    if (argument.type === "SpreadElement") return failOutside("write `[...xs, ...ys]` to join lists", placeOf(argument));
    return { kind: "append", name: root, value: readExpression(reader, argument), place };
  });
}

function readFor(reader: Reader, node: Extract<JsStatement, { readonly type: "ForOfStatement" }>): Statement {
  const place = placeOf(node);
  if (node.await) return failOutside("a plan has no streams: go through a list", place);
  const { left } = node;
  if (left.type !== "VariableDeclaration") return failOutside("declare the variable of the loop: `for (const x of xs)`", place);
  const [declared] = left.declarations;
  if (declared === undefined) return failOutside("declare the variable of the loop: `for (const x of xs)`", place);
  const of = readExpression(reader, node.right);
  return inScope(reader, () => {
    const target = readTarget(declared.id);
    declareTarget(reader, target);
    return { kind: "for", target, of, body: readRound(reader, node.body), place };
  });
}

/** The body of a loop; `if (c) continue;` at its beginning is an `if` around the rest. */
function readRound(reader: Reader, body: JsStatement): readonly Statement[] {
  const nodes = body.type === "BlockStatement" ? body.body : [body];
  return inScope(reader, () => readRest(reader, nodes));
}

function readRest(reader: Reader, nodes: readonly JsStatement[]): readonly Statement[] {
  const statements: Statement[] = [];
  for (const [i, node] of nodes.entries()) {
    if (node.type !== "IfStatement" || node.alternate || !isContinue(node.consequent)) {
      statements.push(...readStatements(reader, [node]));
      continue;
    }
    const test = readExpression(reader, node.test);
    statements.push({
      kind: "if",
      test,
      yes: [],
      no: inScope(reader, () => readRest(reader, nodes.slice(i + 1))),
      place: placeOf(node),
    });
    break;
  }
  return statements;
}

function isContinue(node: JsStatement): boolean {
  const only = node.type === "BlockStatement" && node.body.length === 1 ? node.body[0] : node;
  return only?.type === "ContinueStatement" && !only.label;
}

/** `const out = await Promise.all(xs.map(async (x) => { … }))`: a loop whose rounds are in no order, and what each of them gives. */
function readRounds(reader: Reader, raw: JsExpression, into: Target | undefined): readonly Statement[] | undefined {
  const inner = raw.type === "AwaitExpression" ? raw.argument : undefined;
  const call = inner === undefined ? undefined : promiseAllOf(inner);
  const callback = call === undefined ? undefined : callbackOf(call);
  if (call === undefined || callback === undefined || callback.body.type !== "BlockStatement" || callback.body.body.length < 2)
    return undefined;
  const place = placeOf(raw);
  const { callee } = call;
  if (callee.type !== "MemberExpression" || callback.params.length !== 1) return undefined;
  const of = readExpression(reader, callee.object);
  const nodes = callback.body.body;
  const last = nodes.at(-1);
  const given = last?.type === "ReturnStatement" ? last.argument : undefined;
  if (into !== undefined && (into.kind !== "name" || !given))
    return failOutside("each round gives a value with its last statement, `return`", place);
  const name = into?.kind === "name" ? into.name : undefined;
  const loop = inScope(reader, (): Statement => {
    const target = readTarget(callback.params[0] as JsAny & JsNode);
    declareTarget(reader, target);
    const body = [...readStatements(reader, last?.type === "ReturnStatement" ? nodes.slice(0, -1) : nodes)];
    if (given) {
      const value = readExpression(reader, given, "awaited");
      body.push(name === undefined ? { kind: "expression", value, place } : { kind: "append", name, value, place });
    }
    return { kind: "for", target, of, body, isTogether: true, place };
  });
  if (into === undefined || name === undefined) return [loop];
  declareTarget(reader, into);
  return [{ kind: "assign", target: into, value: { kind: "list", elements: [], place }, place }, loop];
}

/** The call of `map` in `Promise.all(xs.map(…))`. */
function promiseAllOf(node: JsExpression): JsCall | undefined {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined;
  const { object, property } = node.callee;
  if (object.type !== "Identifier" || object.name !== "Promise" || property.type !== "Identifier" || property.name !== "all")
    return undefined;
  const [list] = node.arguments;
  if (list?.type !== "CallExpression" || list.callee.type !== "MemberExpression" || list.callee.property.type !== "Identifier")
    return undefined;
  return list.callee.property.name === "map" ? list : undefined;
}
