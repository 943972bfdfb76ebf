/**
 * What an argument rule expects of the places that it takes its value from.
 * Pure. Only notes wishes.
 */
import { isObject, type Json, member } from "../json/value.ts";
import { parseReference } from "../lang/path.ts";
import type { ArgRule, FromRule, FrozenTool, ItemRule, LabelSpec, PlanNode } from "../plan/plan.ts";
import { classify, optionsOf } from "../plan/walk.ts";
import { type Names, wishCondition, wishExpression } from "./expressions.ts";
import { type Followed, followPath } from "./paths.ts";
import { wishSchema } from "./schema.ts";
import { nowhere, type Shape, type ShapeBook, type View, viewOf, wish, wishLength } from "./shape.ts";

/** What the rules of one node can see. */
export interface NodeViews {
  readonly book: ShapeBook;
  /** The current row of the loop. */
  readonly row: View | undefined;
  readonly names: Names;
  readonly spec: PlanNode;
  readonly tool: FrozenTool | undefined;
  readonly labels: { readonly [name: string]: LabelSpec };
  /** Filled with the shape of each choice and text of the agent. */
  readonly agent: Map<ArgRule, Shape>;
  /** The result of one run of a node. */
  root(name: string): View;
  param(name: string): View | undefined;
}

/** Notes the wishes of the rule of one argument; returns the places that its value comes from. */
export function wishRule(views: NodeViews, name: string, rule: ArgRule): View {
  const view = viewOfRule(views, name, rule);
  const properties = member(member(views.tool?.definition, "inputSchema"), "properties");
  wishSchema(views.book, view, member(properties, name), { isStrict: false });
  return view;
}

function viewOfRule(views: NodeViews, name: string, rule: ArgRule): View {
  const { book } = views;
  const view = viewOfClass(views, name, rule);
  const { match } = optionsOf(rule);
  if (match !== undefined) wishSchema(book, view, match, { isStrict: true });
  return view;
}

function viewOfClass(views: NodeViews, name: string, rule: ArgRule): View {
  const { book } = views;
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
      return { shapes: [], literal: classed.rule.const };
    case "param":
      return views.param(classed.rule.param) ?? nowhere;
    case "from":
      return viewOfReference(views, classed.rule);
    case "item":
      return narrow(views, followPath(book, views.row ?? nowhere, classed.rule.item), classed.rule);
    case "expr":
      return wishExpression(book, classed.rule.expr, views.names);
    case "template":
      for (const [hole, part] of Object.entries(classed.rule.with ?? {})) wishScalar(viewOfRule(views, hole, part));
      return nowhere;
    case "choose":
      return agentView(views, rule, name, (view) => wishSchema(book, view, classed.rule.choose, { isStrict: true }));
    case "write":
      return agentView(views, rule, name, (view) => wish(view, "Done.", "A note.", ""));
    case "object": {
      const members = new Map(Object.entries(classed.rule.object).map(([key, part]) => [key, viewOfRule(views, key, part)]));
      return { shapes: [], members };
    }
    case "list": {
      const parts = classed.rules.map((part) => viewOfRule(views, name, part));
      return { shapes: [], element: { shapes: parts.flatMap(({ shapes }) => shapes) } };
    }
  }
}

function viewOfReference(views: NodeViews, rule: FromRule): View {
  const reference = parseReference(rule.from);
  if (!reference.ok) return nowhere;
  const { node, path } = reference.value;
  const root = views.spec.each === node ? (views.row ?? nowhere) : views.root(node);
  const followed = followPath(views.book, root, path.source);
  if (rule.where !== undefined)
    wishCondition(views.book, rule.where, (name) => (name === "item" ? followed.view : views.names(name)));
  return narrow(views, followed, rule);
}

/** Exactly one value, several, or a text with one match in it. */
function narrow({ book }: NodeViews, { view, isMany, lists }: Followed, rule: Omit<ItemRule, "item">): View {
  if (isMany) for (const list of lists) wishLength(list, ...(rule.pick === undefined ? [1, 2] : [2, 1]));
  if (rule.extract === undefined) return view;
  const { match } = rule;
  for (const shape of view.shapes) {
    book.touch(shape);
    shape.kinds.add("text");
    shape.pieces.push({ text: "", extract: rule.extract, ...(match === undefined ? {} : { match }) });
  }
  return nowhere;
}

function agentView({ book, agent }: NodeViews, rule: ArgRule, name: string, fill: (view: View) => void): View {
  const shape = book.make(name);
  agent.set(rule, shape);
  const view = viewOf(book, shape);
  fill(view);
  return view;
}

/** A hole takes a text or a number. */
function wishScalar(view: View): void {
  for (const shape of view.shapes)
    if (shape.kinds.size === 0 && !isObject(shape.values[0] as Json | undefined)) shape.kinds.add("text");
}
