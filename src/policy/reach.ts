/**
 * Where labelled data can come in a plan, if only those downgrades count that a rule accepts.
 * Pure; linear in the plan for each rule. Over-approximates the labels of `src/README.md` but for failed runs, which the engine denies.
 */
import { compilePath } from "../lang/path.ts";
import { ownLabels } from "../plan/built-in-labels.ts";
import { topologicalOrder } from "../plan/graph.ts";
import type { FrozenPlan, PlanNode } from "../plan/plan.ts";
import { classify, isAgentGiven, optionsOf, rulesOf } from "../plan/walk.ts";
import { expressionReads, type NodeRead, type PlanNames, readsOf } from "../plan/walk-reads.ts";
import { type ToolNode, toolNodesOf } from "./select.ts";

/** What every rule of a policy shares about a plan: who reads whom, in which order. */
export interface ReachSubject {
  readonly frozen: FrozenPlan;
  readonly toolNodes: ReadonlyMap<string, ToolNode>;
  readonly names: PlanNames;
  readonly reads: ReadonlyMap<string, readonly NodeRead[]>;
  /** Nodes after those that they read; empty if they are in a circle, which is an error elsewhere. */
  readonly order: readonly string[];
  /** Nodes of which the agent chooses whether, or how often, they run; and computations over them. */
  readonly varying: ReadonlySet<string>;
}

/** Which labels are followed, and what stops them. */
export interface ReachRule {
  readonly isFollowed: (label: string) => boolean;
  /** Whether an endorsement to this label stops what it endorses. */
  readonly acceptsEndorsement: (to: string) => boolean;
  /** Whether the `removes` of this tool counts. */
  readonly acceptsRemoval: (tool: string) => boolean;
}

/** A followed label at some place: where it came from, and through which nodes, farthest first. */
export interface Arrival {
  readonly label: string;
  /** The node whose result it was, or `params`. */
  readonly from: string;
  readonly via: readonly string[];
}

/** What can come where, under one rule. */
export interface Reach {
  /** Followed labels in an argument, or in what decides whether the node runs (`control`): one arrival for each label. */
  into(node: string, arg: string | undefined): readonly Arrival[];
  /** Followed labels that the agent may have been shown, once for each node that shows them. */
  readonly shown: readonly { readonly node: string; readonly arrival: Arrival }[];
}

/** Nodes of a way that are kept for a message. Nobody reads a longer one. */
const viaMax = 12;

/**
 * Reads a plan once for all rules.
 * @param before - the tools as the catalogue has them, where a policy has changed them.
 */
export function openReach(frozen: FrozenPlan, before: FrozenPlan["tools"] = {}): ReachSubject {
  const { plan } = frozen;
  const sorted = Object.keys(plan.nodes).sort();
  const names: PlanNames = { nodes: new Set(sorted), params: new Set(Object.keys(plan.params ?? {})) };
  const reads = new Map(sorted.map((name) => [name, readsOf(name, plan.nodes[name] as PlanNode, names)]));
  const order = topologicalOrder(
    new Map(Array.from(reads, ([name, list]) => [name, [...new Set(list.map(({ node }) => node))]])),
  );
  const inOrder = order.ok ? order.order : [];
  const varying = new Set<string>();
  for (const name of inOrder) {
    const node = plan.nodes[name] as PlanNode;
    const isOwn = node.optional === true || node.when !== undefined || node.times !== undefined || node.each !== undefined;
    const isComputed = node.let !== undefined && (reads.get(name) ?? []).some((read) => varying.has(read.node));
    if (isOwn || isComputed) varying.add(name);
  }
  return {
    frozen,
    toolNodes: new Map(toolNodesOf(frozen, before).map((each) => [each.name, each])),
    names,
    reads,
    order: inOrder,
    varying,
  };
}

/** Whether what the agent was shown may be in an argument: it gives the value, or chooses whether a node runs that is referred to. */
export function isAgentShaped(subject: ReachSubject, { name, node }: ToolNode, arg: string): boolean {
  const rule = node.args?.[arg];
  if (rule !== undefined && isAgentGiven(rule)) return true;
  return (subject.reads.get(name) ?? []).some((read) => read.arg === arg && subject.varying.has(read.node));
}

/** Whether a tool reads or writes something that other calls read and write as well (src/README.md, "Resources"). */
function touchesResources({ tool }: ToolNode): boolean {
  return tool.facts.resource !== undefined || tool.facts.effects.includes("execute");
}

/**
 * What a plan takes a label off before it writes it to a resource: the engine brings it back without the label when it is read again.
 * One arrival for each label, where `strict` follows what `engine` does not.
 */
export function launderedResources(subject: ReachSubject, strict: Reach, engine: Reach): readonly Arrival[] {
  const found = new Map<string, Arrival>();
  for (const [name, toolNode] of subject.toolNodes) {
    if (!touchesResources(toolNode)) continue;
    for (const arg of Object.keys(toolNode.node.args ?? {})) {
      const known = new Set(engine.into(name, arg).map(({ label }) => label));
      for (const arrival of strict.into(name, arg))
        if (!known.has(arrival.label) && !found.has(arrival.label)) found.set(arrival.label, through(arrival, name));
    }
  }
  return [...found.values()];
}

/**
 * Follows the labels of a rule through the plan.
 * @param brought - labels that every result of a tool with resources carries besides its own.
 */
export function reachOf(subject: ReachSubject, rule: ReachRule, brought: readonly Arrival[] = []): Reach {
  const results = new Map<string, ReadonlyMap<string, Arrival>>();
  const arrivals = new Map<string, ReadonlyMap<string, Arrival>>();
  const key = (node: string, arg: string | undefined): string => (arg === undefined ? `${node} ` : `${node} .${arg}`);
  for (const name of subject.order) {
    const toolNode = subject.toolNodes.get(name);
    const found = new Map<string, Arrival>();
    const into = new Map<string, Map<string, Arrival>>();
    const note = (arg: string | undefined, list: Iterable<Arrival>): void => {
      const known = into.get(key(name, arg)) ?? new Map<string, Arrival>();
      for (const arrival of list) if (!known.has(arrival.label)) known.set(arrival.label, arrival);
      into.set(key(name, arg), known);
    };
    const passes = passing(name, subject, rule);
    for (const read of subject.reads.get(name) ?? []) {
      const list = readAt(subject, rule, results, read);
      if (list.length === 0 || read.by === "after" || read.by === "require") continue;
      if (read.by === "let") for (const arrival of list) found.set(arrival.label, arrival);
      else
        note(read.by === "arg" ? read.arg : undefined, read.by === "arg" ? list.filter((each) => passes(read.path, each)) : list);
    }
    for (const [arg, arrival, path] of fromParams(name, subject, rule)) if (passes(path, arrival)) note(arg, [arrival]);
    if (toolNode !== undefined) {
      for (const label of ownLabels(toolNode)) if (rule.isFollowed(label)) found.set(label, { label, from: name, via: [] });
      if (touchesResources(toolNode))
        for (const arrival of brought) if (!found.has(arrival.label)) found.set(arrival.label, arrival);
      for (const [place, list] of into) {
        if (place === key(name, undefined)) continue;
        for (const arrival of list.values()) if (!found.has(arrival.label)) found.set(arrival.label, through(arrival, name));
      }
    }
    results.set(name, found);
    for (const [place, list] of into) arrivals.set(place, list);
  }
  return {
    into: (node, arg) => [...(arrivals.get(key(node, arg))?.values() ?? [])],
    shown: shownLabels(subject, rule, results),
  };
}

function through(arrival: Arrival, node: string): Arrival {
  return arrival.via.length >= viaMax ? arrival : { ...arrival, via: [...arrival.via, node] };
}

/** What a read sees of a node's result, less what the node removes there. */
function readAt(
  subject: ReachSubject,
  rule: ReachRule,
  results: ReadonlyMap<string, ReadonlyMap<string, Arrival>>,
  read: Pick<NodeRead, "node" | "prefix">,
): readonly Arrival[] {
  const list = [...(results.get(read.node)?.values() ?? [])];
  if (list.length === 0) return list;
  const removed = removedAt(subject.toolNodes.get(read.node), rule, read.prefix);
  return list.filter(({ label }) => !removed.includes(label));
}

/** The labels that a node's `removes` takes from a part of its result, where the rule accepts the tool. */
function removedAt(toolNode: ToolNode | undefined, rule: ReachRule, prefix: readonly (string | number)[]): readonly string[] {
  const removes = toolNode?.node.removes;
  if (toolNode === undefined || removes === undefined || !rule.acceptsRemoval(toolNode.tool.name)) return [];
  const isWithin = removes.paths.some((source) => {
    const path = compilePath(source);
    if (!path.ok || !path.value.singular) return false;
    const steps = path.value.prefix;
    return steps.length <= prefix.length && steps.every((step, i) => step === prefix[i]);
  });
  return isWithin ? removes.labels.filter((label) => label !== "unknown") : [];
}

/** Whether a label that one of a node's rules reads is still there after the endorsements of that rule and of those around it. */
function passing(
  name: string,
  subject: ReachSubject,
  rule: ReachRule,
): (path: readonly (string | number)[], arrival: Arrival) => boolean {
  const node = subject.frozen.plan.nodes[name] as PlanNode;
  const stops = rulesOf(name, node).flatMap(({ path, rule: visited }) => {
    const { endorse } = optionsOf(visited);
    if (endorse === undefined || typeof endorse.to !== "string" || !rule.acceptsEndorsement(endorse.to)) return [];
    return [{ path, from: typeof endorse.from === "string" ? [endorse.from] : endorse.from }];
  });
  if (stops.length === 0) return () => true;
  return (path, { label }) =>
    label === "unknown" ||
    !stops.some(
      (stop) => stop.from.includes(label) && stop.path.length <= path.length && stop.path.every((step, i) => step === path[i]),
    );
}

/** Parameters in the arguments of a node, if the label of what the user gave is followed. */
function fromParams(
  name: string,
  subject: ReachSubject,
  rule: ReachRule,
): readonly (readonly [arg: string, arrival: Arrival, path: readonly (string | number)[]])[] {
  if (!rule.isFollowed("user_input")) return [];
  const arrival: Arrival = { label: "user_input", from: "params", via: [] };
  const reads = (source: string | undefined): boolean =>
    source !== undefined && expressionReads(source, subject.names).params.size > 0;
  return rulesOf(name, subject.frozen.plan.nodes[name] as PlanNode).flatMap(({ arg, path, rule: visited }) => {
    const classed = classify(visited);
    const isParam =
      classed.kind === "param" ||
      (classed.kind === "expr" && reads(classed.rule.expr)) ||
      (classed.kind === "from" && reads(classed.rule.where));
    return isParam ? [[arg, arrival, path] as const] : [];
  });
}

/** What the agent may be shown: the results of every node that does not hide its own, at the places that `show` names. */
function shownLabels(
  subject: ReachSubject,
  rule: ReachRule,
  results: ReadonlyMap<string, ReadonlyMap<string, Arrival>>,
): Reach["shown"] {
  return Array.from(subject.toolNodes).flatMap(([name, { node }]) => {
    if (node.show === "none") return [];
    const places = node.show === undefined || node.show === "all" ? [[]] : node.show.map(prefixOf);
    const labels = new Map<string, Arrival>();
    for (const prefix of places)
      for (const arrival of readAt(subject, rule, results, { node: name, prefix })) labels.set(arrival.label, arrival);
    return Array.from(labels.values(), (arrival) => ({ node: name, arrival }));
  });
}

function prefixOf(source: string): readonly (string | number)[] {
  const path = compilePath(source);
  return path.ok ? path.value.prefix : [];
}
