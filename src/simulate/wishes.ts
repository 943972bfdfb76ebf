/**
 * Reads a plan as a list of wishes: what each tool's result, each parameter and each of the agent's arguments should be like, so that
 * every rule of the plan can be met.
 * Pure. A wish is no promise: the engine decides.
 */
import { constraintOf } from "../plan/param.ts";
import type { Program } from "../decide/program.ts";
import { type Json, member } from "../json/value.ts";
import { parseReference } from "../lang/path.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { ArgRule, EachRule, PlanNode } from "../plan/plan.ts";
import { wishCondition, wishExpression } from "./expressions.ts";
import { followPath } from "./paths.ts";
import { type NodeViews, wishRule } from "./rules.ts";
import { wishSchema } from "./schema.ts";
import { elementView, nowhere, openBook, type Shape, type ShapeBook, type View, viewOf, wishLength } from "./shape.ts";

/** All wishes of a plan. */
export interface Wishes {
  readonly program: Program;
  readonly book: ShapeBook;
  /** Shape of a result, by node index. */
  readonly results: ReadonlyMap<number, Shape>;
  readonly params: ReadonlyMap<string, Shape>;
  /** Shape of what the agent gives, by the rule that asks for it. */
  readonly agent: ReadonlyMap<ArgRule, Shape>;
  /** Shapes that the rules of a node look at, by index; -1: parameters. */
  touchedBy(node: number): ReadonlySet<Shape>;
}

/** `let` nodes that read `let` nodes: deeper chains are left to chance. */
const letDepthMax = 8;

/** Reads the wishes of all nodes. */
export function readWishes(program: Program): Wishes {
  const book = openBook();
  const { plan } = program;
  const results = new Map(plan.nodes.filter((node) => node.tool !== undefined).map((node) => [node.index, book.make(node.name)]));
  const params = readParams(program, book);
  const agent = new Map<ArgRule, Shape>();
  for (const [index, shape] of results) {
    const schema = member(plan.nodes[index]?.tool?.definition, "outputSchema");
    wishSchema(book, { shapes: [shape] }, schema, { isStrict: false });
  }
  for (const node of plan.nodes) {
    book.current = node.index;
    readNode({ program, book, results, params, agent, depth: 0 }, node);
  }
  book.touched.set(-1, new Set(params.values()));
  const nothing: ReadonlySet<Shape> = new Set();
  return { program, book, results, params, agent, touchedBy: (node) => book.touched.get(node) ?? nothing };
}

function readParams({ plan }: Program, book: ShapeBook): ReadonlyMap<string, Shape> {
  const params = new Map<string, Shape>();
  for (const [name, spec] of Object.entries(plan.frozen.plan.params ?? {})) {
    const shape = book.make(name);
    // What is read is not what the session has: only a default that is taken as it is.
    if (spec.default !== undefined && spec.read === undefined) shape.values.push(spec.default);
    wishSchema(book, { shapes: [shape] }, constraintOf(spec), { isStrict: true });
    params.set(name, shape);
  }
  return params;
}

interface Reading {
  readonly program: Program;
  readonly book: ShapeBook;
  readonly results: ReadonlyMap<number, Shape>;
  readonly params: ReadonlyMap<string, Shape>;
  readonly agent: Map<ArgRule, Shape>;
  readonly depth: number;
}

function readNode(reading: Reading, node: CompiledNode): void {
  const { book, program } = reading;
  const spec = program.plan.frozen.plan.nodes[node.name] as PlanNode;
  const row = rowView(reading, spec);
  const names = namesOf(reading, { spec, row, args: undefined });
  if (spec.let !== undefined) wishExpression(book, spec.let, names);
  if (spec.when !== undefined) wishCondition(book, spec.when, names);
  const views: NodeViews = {
    book,
    row,
    names,
    spec,
    tool: node.tool,
    labels: program.plan.labels,
    agent: reading.agent,
    root: (name) => rootView(reading, name),
    param: (name) => paramView(reading, name),
  };
  const args = new Map(Object.entries(spec.args ?? {}).map(([name, rule]) => [name, wishRule(views, name, rule)] as const));
  for (const source of spec.require ?? []) wishCondition(book, source, namesOf(reading, { spec, row, args }));
  for (const name of Object.keys(spec.args ?? {})) wishEffects(views, name, args.get(name) ?? nowhere);
}

interface NameScope {
  readonly spec: PlanNode;
  readonly row: View | undefined;
  readonly args: ReadonlyMap<string, View> | undefined;
}

function namesOf(reading: Reading, { spec, row, args }: NameScope): (name: string) => View | undefined {
  const resultOf = (name: string): View | undefined => {
    const view = valueView(reading, name);
    // In a loop over a node's runs its name is the current one.
    return spec.each === name ? row : view;
  };
  return (name) => {
    if (name === "params") return { shapes: [], members: { get: (param) => paramView(reading, param) } };
    if (name === "item" && row !== undefined) return row;
    if (name === "args" && args !== undefined) return { shapes: [], members: args };
    if (name === "nodes") return { shapes: [], members: { get: resultOf } };
    return resultOf(name);
  };
}

function paramView({ book, params }: Reading, name: string): View | undefined {
  const shape = params.get(name);
  return shape && viewOf(book, shape);
}

/** The result of one run of a node, or the value of a `let`: what a reference is followed in. */
function rootView(reading: Reading, name: string): View {
  const { plan } = reading.program;
  const node = plan.byName.get(name);
  if (node === undefined) return nowhere;
  const shape = reading.results.get(node.index);
  if (shape !== undefined) return viewOf(reading.book, shape);
  const source = plan.frozen.plan.nodes[name]?.let;
  if (source === undefined || reading.depth >= letDepthMax) return nowhere;
  const inner = { ...reading, depth: reading.depth + 1 };
  return wishExpression(
    reading.book,
    source,
    namesOf(inner, { spec: plan.frozen.plan.nodes[name] as PlanNode, row: undefined, args: undefined }),
  );
}

/** What an expression sees under a node's name: with `each`, the list of results. */
function valueView(reading: Reading, name: string): View | undefined {
  const node = reading.program.plan.byName.get(name);
  if (node === undefined) return undefined;
  const root = rootView(reading, name);
  return node.let === undefined && node.each !== undefined ? { shapes: [], element: root } : root;
}

function rowView(reading: Reading, spec: PlanNode): View | undefined {
  const { each } = spec;
  if (each === undefined) return undefined;
  if (typeof each === "string") return rootView(reading, each);
  return rowsOf(reading, each);
}

function rowsOf(reading: Reading, each: EachRule): View {
  const { book } = reading;
  const reference = parseReference(each.from);
  if (!reference.ok) return nowhere;
  const { node, path } = reference.value;
  const followed = followPath(book, rootView(reading, node), path.source);
  const isList = path.singular;
  const row = isList ? elementView(book, followed.view) : followed.view;
  for (const list of isList ? [followed.view] : followed.lists.slice(-1)) wishLength(list, Math.min(2, each.max), 1);
  if (each.where !== undefined)
    wishCondition(book, each.where, (name) => {
      if (name === "item") return row;
      return name === "params" ? { shapes: [], members: { get: (param) => paramView(reading, param) } } : undefined;
    });
  return row;
}

/** Hosts, paths and readers that the node's constraints and the tool's audience ask for. */
function wishEffects({ book, spec, tool, labels }: NodeViews, name: string, view: View): void {
  const { hosts = [], paths = [] } = spec.constraints ?? {};
  const role = tool?.facts.roles[name] ?? "target";
  const proposals: Json[] = [];
  if (role !== "content") {
    for (const host of hosts) proposals.push(`https://${host.replace("*", "www")}/a`, host.replace("*", "www"));
    for (const path of paths) proposals.push(path.endsWith("/") ? `${path}a.txt` : path, `${path.replace(/\/$/, "")}/a.txt`);
  }
  const audience = tool?.facts.audience;
  if (typeof audience === "object" && "arg" in audience && audience.arg === name)
    for (const { readers = [] } of Object.values(labels)) proposals.push(...readers);
  for (const shape of view.shapes) {
    if (shape.kinds.has("list")) elementView(book, view).shapes.forEach((inner) => void inner.values.push(...proposals));
    else if (shape.members.size === 0) shape.values.push(...proposals);
  }
}
