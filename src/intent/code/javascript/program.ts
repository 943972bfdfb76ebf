/**
 * The whole of a JavaScript or TypeScript code plan: imports, the one function around it, its parameters.
 * Pure. Never takes a parameter for a tool unless it is called like one.
 */
import type { Json, JsonObject } from "../../../json/value.ts";
import type { ParamSpec } from "../../../plan/plan.ts";
import { failOutside } from "../fault.ts";
import type { Expression, Parameter, Program } from "../program.ts";
import { type JsAny, keyOf, readExpression } from "./expressions.ts";
import { declare, drop, openReader, type Reader } from "./scope.ts";
import { readStatements } from "./statements.ts";
import { type JsExpression, type JsNode, type JsStatement, parseJavaScript, placeOf } from "./tree.ts";

/** Reads a program. Throws a fault at the first part that is outside. */
export function readProgram(text: string): Program {
  const reader = openReader();
  const nodes = parseJavaScript(text).flatMap((node) => readTop(reader, node));
  const wrapped = wrapperOf(nodes);
  const params = wrapped === undefined ? [] : readParameters(reader, wrapped.params);
  const body = readStatements(reader, wrapped === undefined ? nodes : [...wrapped.before, ...wrapped.body]);
  return { language: "javascript", params, body, notes: reader.notes };
}

/** Imports and types of the top, dropped; exports without the word. */
function readTop(reader: Reader, node: JsStatement): readonly JsStatement[] {
  switch (node.type) {
    case "ImportDeclaration":
      drop(reader, "what is imported is not looked at: its names are taken for tools", placeOf(node));
      for (const specifier of node.specifiers) {
        const local = specifier.local.name;
        const imported = specifier.type === "ImportSpecifier" ? specifier.imported : specifier.local;
        reader.holders.set(local, [imported.type === "Identifier" ? imported.name : imported.value]);
      }
      return [];
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return [];
    case "ExportNamedDeclaration":
      return node.declaration ? [node.declaration] : [];
    case "ExportDefaultDeclaration": {
      const { declaration } = node;
      if (declaration.type === "FunctionDeclaration") return [declaration];
      if (declaration.type === "ArrowFunctionExpression")
        return [{ type: "ExpressionStatement", expression: declaration, loc: node.loc } as JsStatement];
      return failOutside("export one function, the plan", placeOf(node));
    }
    default:
      return [node];
  }
}

type Arrow = Extract<JsExpression, { readonly type: "ArrowFunctionExpression" }>;
type Declared = Extract<JsStatement, { readonly type: "FunctionDeclaration" }>;

interface Wrapper {
  /** Constants before the function. */
  readonly before: readonly JsStatement[];
  readonly params: readonly JsNode[];
  readonly body: readonly JsStatement[];
}

/** The one function around the plan, if all of the program is that function, constants before it and the call that starts it. */
function wrapperOf(nodes: readonly JsStatement[]): Wrapper | undefined {
  const found = nodes.flatMap((node) => functionOf(node) ?? []);
  const [own] = found;
  if (own === undefined) return undefined;
  const at = nodes.findIndex((node) => functionOf(node) !== undefined);
  const [start, more] = nodes.slice(at + 1);
  if (found.length > 1)
    return failOutside("a plan is one function: write what the other one does where it is called", placeOf(own.node));
  if (more !== undefined || (start !== undefined && !isStart(start, own.name)))
    return failOutside(
      "after the function comes the call that starts it, and nothing else",
      placeOf(more ?? (start as JsStatement)),
    );
  const { body } = own.node;
  const statements =
    body.type === "BlockStatement" ? body.body : [{ type: "ReturnStatement", argument: body, loc: body.loc } as JsStatement];
  return { before: nodes.slice(0, at), params: own.node.params, body: statements };
}

function functionOf(node: JsStatement): { readonly node: Declared | Arrow; readonly name: string | undefined } | undefined {
  if (node.type === "FunctionDeclaration") {
    if (node.generator) return failOutside("a plan has no generators", placeOf(node));
    return { node, name: node.id?.name };
  }
  if (node.type === "VariableDeclaration") {
    const [only] = node.declarations;
    const isFunction =
      node.declarations.length === 1 && only?.init?.type === "ArrowFunctionExpression" && only.id.type === "Identifier";
    return isFunction ? { node: only.init as Arrow, name: only.id.type === "Identifier" ? only.id.name : undefined } : undefined;
  }
  if (node.type !== "ExpressionStatement") return undefined;
  const { expression } = node;
  if (expression.type === "ArrowFunctionExpression") return { node: expression, name: undefined };
  const call = expression.type === "AwaitExpression" ? expression.argument : expression;
  const isCalled =
    call.type === "CallExpression" && call.callee.type === "ArrowFunctionExpression" && call.arguments.length === 0;
  return isCalled ? { node: call.callee as Arrow, name: undefined } : undefined;
}

/** `main()`, `await main()`, `main().then(…)`. */
function isStart(node: JsStatement, name: string | undefined): boolean {
  if (node.type !== "ExpressionStatement" && node.type !== "ReturnStatement") return false;
  const expression = node.type === "ReturnStatement" ? node.argument : node.expression;
  const call = expression?.type === "AwaitExpression" ? expression.argument : expression;
  return call?.type === "CallExpression" && call.callee.type === "Identifier" && call.callee.name === name;
}

/** Parameters through which code reaches its tools. */
const holderName = /^(tools?|client|mcp|api|servers?|functions|ctx|context|env|sdk)$/;

/** A parameter of the tree, as far as it is read. */
interface Param {
  readonly type: string;
  readonly name?: string;
  readonly left?: Param & JsNode;
  readonly right?: JsAny;
  readonly typeAnnotation?: JsNode | null;
  readonly properties?: readonly {
    readonly type: string;
    readonly key?: JsAny;
    readonly computed?: boolean;
    readonly value?: Param & JsNode;
  }[];
}

function readParameters(reader: Reader, params: readonly JsNode[]): readonly Parameter[] {
  return params.flatMap((node) => readParameter(reader, node as Param & JsNode, undefined));
}

function readParameter(reader: Reader, node: Param & JsNode, type: JsonObject | undefined): readonly Parameter[] {
  const place = placeOf(node);
  if (node.type === "AssignmentPattern" && node.left !== undefined && node.right !== undefined) {
    const given = readExpression(reader, node.right);
    return readParameter(reader, node.left, type).map((parameter) => ({
      ...parameter,
      spec: specOf(parameter.spec, given),
      default: given,
    }));
  }
  if (node.type === "ObjectPattern") return readMembersOf(reader, node);
  if (node.type !== "Identifier" || node.name === undefined) return failOutside("name the parameters of the plan", place);
  if (holderName.test(node.name)) {
    reader.holders.set(node.name, [node.name]);
    return [];
  }
  declare(reader, node.name, place);
  return [{ name: node.name, spec: type ?? typeOfNode(node.typeAnnotation), place }];
}

function readMembersOf(reader: Reader, node: Param & JsNode): readonly Parameter[] {
  const annotated = typeOfNode(node.typeAnnotation);
  const properties = annotated.properties as { readonly [name: string]: JsonObject } | undefined;
  return (node.properties ?? []).flatMap(({ type, key, computed = false, value }) => {
    if (type !== "ObjectProperty" || key === undefined || value === undefined)
      return failOutside("name the parameters of the plan", placeOf(node));
    return readParameter(reader, value, properties?.[keyOf(key, computed, placeOf(node))] ?? {});
  });
}

/** A default says the type where nothing else does. */
function specOf(spec: ParamSpec, given: Expression): ParamSpec {
  if (Object.keys(spec).length > 0 || given.kind !== "literal") return spec;
  const type = typeof given.value;
  return type === "string" || type === "number" || type === "boolean" ? { type } : spec;
}

/** A TypeScript type of the tree, as far as it is read. */
interface TypeNode {
  readonly type: string;
  readonly typeAnnotation?: TypeNode;
  readonly elementType?: TypeNode;
  readonly literal?: { readonly value?: unknown };
  readonly types?: readonly TypeNode[];
  readonly members?: readonly {
    readonly type: string;
    readonly key?: { readonly name?: string };
    readonly optional?: boolean;
    readonly typeAnnotation?: TypeNode;
  }[];
}

/** A type as a constraint; nothing for what is not known. */
function typeOfNode(raw: JsNode | null | undefined): { readonly [keyword: string]: Json } {
  const node = raw as TypeNode | null | undefined;
  switch (node?.type) {
    case "TSTypeAnnotation":
      return typeOfNode(node.typeAnnotation as JsNode | undefined);
    case "TSStringKeyword":
      return { type: "string" };
    case "TSNumberKeyword":
      return { type: "number" };
    case "TSBooleanKeyword":
      return { type: "boolean" };
    case "TSArrayType":
      return { type: "array", items: typeOfNode(node.elementType as JsNode | undefined) };
    case "TSTypeLiteral": {
      const members = (node.members ?? []).filter(({ type, key }) => type === "TSPropertySignature" && key?.name !== undefined);
      const properties = Object.fromEntries(
        members.map((member) => [member.key?.name ?? "", typeOfNode(member.typeAnnotation as JsNode | undefined)] as const),
      );
      const required = members.flatMap((member) => (member.optional === true ? [] : [member.key?.name ?? ""]));
      return { type: "object", properties, required };
    }
    case "TSUnionType": {
      const values = (node.types ?? []).map((type) => (type.type === "TSLiteralType" ? type.literal?.value : undefined));
      return values.length > 0 && values.every((value) => typeof value === "string") ? { enum: values as string[] } : {};
    }
    default:
      return {};
  }
}
