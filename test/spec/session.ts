/**
 * What a session is for the reference interpreter: its opening and the list of its events; and what the plan says about a node
 * whatever happened (what it names, how often it runs, what it shows). Never evaluates anything.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { ArgRule, FrozenPlan, Pick, PlanNode } from "../../src/plan/plan.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { isHiddenAt, type Label, type Shown } from "./labels.ts";
import { any, isSingular, prefixOf, readsOf, type Step, splitReference, stepsOf } from "./lang.ts";

/** What happened, in order. `joins` is what its delivery adds to the context label. */
export type Event = { readonly at: number; readonly joins: Label } & (
  | { readonly kind: "deny"; readonly hold?: SpecHold; readonly voids?: string }
  | {
      readonly kind: "allow";
      readonly node: string;
      readonly row?: string;
      readonly args: JsonObject;
      readonly label: Label;
      readonly hold?: string;
    }
  | { readonly kind: "amend" | "close" | "context" }
  | { readonly kind: "approve"; readonly hold: string; readonly by: string; readonly decision: "approve" | "deny" }
  | {
      readonly kind: "settle";
      readonly run: number;
      readonly ok: boolean;
      readonly value: Json;
      readonly isParsed: boolean;
      /** What resources, and the receipt of another agent, brought. */
      readonly brought: Label;
    }
);
/** Labels that a caller says the arguments of its call carry, by name; `""`: all of them. */
export type SpecGiven = { readonly [arg: string]: LabelValue };
/** Data of another agent: its label, and what that agent had read. */
export interface SpecReceived {
  readonly label: LabelValue;
  readonly context?: LabelValue;
}
/** A call that waits for a human: what was sent, and what would be forwarded. */
export interface SpecHold {
  readonly id: string;
  readonly node: string;
  readonly row?: string;
  readonly sent: JsonObject;
  readonly args: JsonObject;
  readonly expires: number;
  readonly given?: SpecGiven;
}
export type Labels = { readonly [arg: string]: Label };

/** A session: how it was opened, and what happened since. */
export interface Session {
  readonly frozen: FrozenPlan;
  readonly params: JsonObject;
  readonly agentParams: readonly string[];
  /** Labels of parameters that came from other agents. */
  readonly paramLabels: Labels;
  readonly id: string;
  readonly handleKey: string;
  readonly opening: Label;
  readonly openedAt: number;
  readonly events: Event[];
}

/** What is read of a node: the steps that tell whether it is hidden, and the static prefix that tells its label. */
export interface Read {
  readonly node: string;
  readonly steps: readonly Step[];
  readonly prefix: readonly (string | number)[];
  readonly pick?: Pick;
}

/**
 * The session goes on under another plan: everything that happened is looked at again by the names of its nodes, and calls held before are
 * void. That it may go on is for who asks.
 */
export function amend(session: Session, frozen: FrozenPlan, at: number): void {
  (session as { frozen: FrozenPlan }).frozen = frozen;
  session.events.push({ kind: "amend", at, joins: { sources: [], readers: "everyone" } });
}

export function nodeOf(frozen: FrozenPlan, name: string): PlanNode {
  return frozen.plan.nodes[name] as PlanNode;
}
const has = (frozen: FrozenPlan, name: string): boolean => Object.hasOwn(frozen.plan.nodes, name);
export const isLoopOver = (each: PlanNode["each"]): each is string => typeof each === "string";
export const eachNode = (each: PlanNode["each"]): string | undefined =>
  each === undefined || isLoopOver(each) ? each : splitReference(each.from).node;

/** How often a node runs. */
export function times(node: PlanNode): { readonly min: number; readonly max: number } {
  const { min = 1, max } = typeof node.times === "number" ? { min: node.times, max: node.times } : (node.times ?? { max: 1 });
  return { min: node.optional === true ? 0 : min, max };
}

/** What a reference reads. */
export function readOfReference(reference: string, pick?: Pick): Read {
  const { node, path } = splitReference(reference);
  return { node, steps: stepsOf(path).steps, prefix: prefixOf(path), ...(pick === undefined ? {} : { pick }) };
}

/** What `each` makes a row of. */
export function readOfRows(each: NonNullable<PlanNode["each"]>): Read {
  if (isLoopOver(each)) return { node: each, steps: [], prefix: [], pick: "agent" };
  const read = readOfReference(each.from);
  return isSingular(splitReference(each.from).path) ? { ...read, steps: [...read.steps, any] } : read;
}

/** What an item path reads below the current row; its label is that of the row. */
export function readOfItem(each: NonNullable<PlanNode["each"]>, path: string): Read {
  const row = readOfRows(each);
  const whole = isLoopOver(each) || stepsOf(splitReference(each.from).path).whole;
  const steps = whole ? [...row.steps, ...stepsOf(path).steps] : row.steps;
  return { ...row, steps, ...(isLoopOver(each) ? { prefix: prefixOf(path) } : {}) };
}

/** What an expression reads of nodes; `item` in it reads the whole row. */
export function readsOfExpression(frozen: FrozenPlan, source: string, each?: PlanNode["each"]): readonly Read[] {
  return readsOf(source).flatMap(({ variable, path }): Read[] => {
    const [name, below] = variable === "nodes" ? [path[0] ?? "", path.slice(1)] : [variable, path];
    if (variable === "item" && each !== undefined) return [readOfItem(each, "$")];
    return has(frozen, name) ? [{ node: name, steps: below, prefix: below }] : [];
  });
}

/** What an argument rule reads, with all its parts. */
export function readsOfRule(frozen: FrozenPlan, rule: ArgRule, each?: PlanNode["each"]): readonly Read[] {
  if (typeof rule !== "object" || rule === null) return [];
  if (Array.isArray(rule)) return rule.flatMap((part: ArgRule) => readsOfRule(frozen, part, each));
  if ("from" in rule) return [readOfReference(rule.from, rule.pick)];
  if ("item" in rule) return each === undefined ? [] : [readOfItem(each, rule.item)];
  if ("expr" in rule) return readsOfExpression(frozen, rule.expr, each);
  const parts = "template" in rule ? (rule.with ?? {}) : "object" in rule ? rule.object : {};
  return Object.values(parts).flatMap((part) => readsOfRule(frozen, part, each));
}

/** What the rules, conditions and loop of a node read, `let` nodes included. `when` is asked of the node, not of a row. */
function readsOfNode(frozen: FrozenPlan, name: string): readonly Read[] {
  const { each, when, require = [], args = {}, let: computed } = nodeOf(frozen, name);
  const whole = [when ?? [], computed ?? []].flat();
  return [
    ...(each === undefined ? [] : [readOfRows(each)]),
    ...whole.flatMap((source) => readsOfExpression(frozen, source)),
    ...require.flatMap((source) => readsOfExpression(frozen, source, each)),
    ...Object.values(args).flatMap((rule) => readsOfRule(frozen, rule, each)),
  ];
}

/** All nodes that a node names, `let` nodes included. */
function named(frozen: FrozenPlan, name: string): readonly string[] {
  return [...(nodeOf(frozen, name).after ?? []), ...readsOfNode(frozen, name).map((read) => read.node)];
}

/** The nodes of tools among `names`, and for each `let` node what that one names. */
export function throughLets(frozen: FrozenPlan, names: readonly string[], seen: readonly string[] = []): readonly string[] {
  const found = names.flatMap((name) => {
    if (seen.includes(name)) return [];
    return nodeOf(frozen, name).let === undefined ? [name] : throughLets(frozen, named(frozen, name), [...seen, name]);
  });
  return [...new Set(found)].sort();
}

/** The nodes that must be settled before a node runs. */
export function predecessors(frozen: FrozenPlan, name: string): readonly string[] {
  const { each } = nodeOf(frozen, name);
  return throughLets(frozen, named(frozen, name)).filter((other) => other !== name && !(isLoopOver(each) && other === each));
}

/** As `predecessors`, with the node whose runs are the rows. */
export function awaited(frozen: FrozenPlan, name: string): readonly string[] {
  const { each } = nodeOf(frozen, name);
  return [...predecessors(frozen, name), ...(isLoopOver(each) ? [each] : [])];
}

/** The `show` in effect: the node's own; else `none` if an argument reads hidden data; else `all`. */
export function shownOf(frozen: FrozenPlan, name: string): Shown {
  const node = nodeOf(frozen, name);
  if (node.show !== undefined) return node.show;
  const reads = Object.values(node.args ?? {}).flatMap((rule) => readsOfRule(frozen, rule, node.each));
  return reads.some((read) => isHidden(frozen, read)) ? "none" : "all";
}

/** Whether what is read may be hidden from the agent. */
export function isHidden(frozen: FrozenPlan, read: Read): boolean {
  const { let: source } = nodeOf(frozen, read.node);
  if (source !== undefined) return readsOfExpression(frozen, source).some((inner) => isHidden(frozen, inner));
  return isHiddenAt(shownOf(frozen, read.node), read.steps);
}

/** Whether which runs are read is the agent's choice. */
export function isChoice(frozen: FrozenPlan, name: string, pick?: Pick): boolean {
  const node = nodeOf(frozen, name);
  if (node.let !== undefined) return throughLets(frozen, [name]).some((inner) => isChoice(frozen, inner));
  const source = eachNode(node.each);
  return (
    times(node).min === 0 ||
    node.when !== undefined ||
    (pick !== undefined && times(node).max > 1) ||
    (source !== undefined && isChoice(frozen, source, isLoopOver(node.each) ? "agent" : undefined))
  );
}

/** The verdict reads of a node: the hidden parts that may be looked at for a verdict on it. */
export function verdictReads(frozen: FrozenPlan, name: string): readonly Read[] {
  const { constraints } = nodeOf(frozen, name);
  const outcome = (node: string): Read => ({ node, steps: [], prefix: [] });
  const own = readsOfNode(frozen, name).flatMap((read) => {
    if (nodeOf(frozen, read.node).let !== undefined) return verdictReads(frozen, read.node);
    return isHidden(frozen, read) ? [read] : [];
  });
  const before = awaited(frozen, name).flatMap((other) => {
    const { when, each } = nodeOf(frozen, other);
    const isLooked = when !== undefined || each !== undefined;
    return [...(shownOf(frozen, other) === "none" ? [outcome(other)] : []), ...(isLooked ? verdictReads(frozen, other) : [])];
  });
  const isRetried = constraints?.idempotent === true && shownOf(frozen, name) === "none";
  return [...own, ...before, ...(isRetried ? [outcome(name)] : [])];
}
