/**
 * Works out what may reach what under a plan: results from arguments, conversations from results, resources from writes, until nothing changes.
 * Pure. Only ever adds: what it has found once stays found.
 */
import type { CompiledArg, CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";
import { members, type SourceSet, singleton, union } from "../taint/source-set.ts";
import type { RunOrder } from "./before.ts";
import type { LabelTable } from "./label-table.ts";
import {
  type Carried,
  carriedBy,
  carriedByCode,
  deniedNames,
  joinCarried,
  nothing,
  refusalsOf,
  refuse,
  type Situation,
  withContext,
  withoutNews,
} from "./transfer.ts";

/** What one analysis is made of. */
export interface Shared {
  readonly plan: CompiledPlan;
  readonly table: LabelTable;
  readonly walk: readonly number[];
  readonly order: RunOrder;
  readonly shown: readonly boolean[];
  /** Nodes whose results a conversation is shown with all their labels. */
  readonly disclosed: readonly boolean[];
  readonly start: SourceSet;
  readonly isValid: boolean;
  /** Nodes that may leave something in a resource that a node reads, by node. */
  readonly writers: readonly (readonly number[])[];
  /** What other sessions may have left in the resources that the plan reads, as far as it is assumed. */
  readonly left: SourceSet;
  /** What is left of a conversation in which a call of the node is allowed, by node. */
  readonly controls: readonly (readonly ContextRefusal[])[];
}

/** Nodes of whose results something reaches the conversation: shown, an error, or a verdict that reads hidden parts. */
export function shownNodes(plan: CompiledPlan): readonly boolean[] {
  const shown = plan.nodes.map((node) => node.tool !== undefined && node.show !== "none");
  for (const { hiddenReads } of plan.nodes) for (const read of hiddenReads) shown[read.node] = true;
  return shown;
}

/** Nodes whose results a conversation is shown with all their labels: of a part that a sanitizer cleans it may get less. */
export function disclosedNodes(plan: CompiledPlan): readonly boolean[] {
  return plan.nodes.map(
    (node) =>
      node.tool !== undefined &&
      (node.show === "all" || (node.show.length > 0 && node.show !== "none" && node.removes === undefined)),
  );
}

/** Pairs of nodes of one server beyond which any write may come before any read. */
const resourcePairsMax = 20_000;

/**
 * Which nodes may write, before a node's result, what that node reads: all that write on its server, since two names are told apart only at run
 * time, but those that can only run after it.
 */
export function writersOf(plan: CompiledPlan, order: RunOrder): readonly (readonly number[])[] {
  const servers = new Map<string, { readonly readers: number[]; readonly writers: number[] }>();
  for (const { index, resources } of plan.nodes) {
    if (resources === undefined) continue;
    const server = servers.get(resources.server) ?? { readers: [], writers: [] };
    if (resources.reads.length > 0) server.readers.push(index);
    if (resources.writes.length > 0) server.writers.push(index);
    servers.set(resources.server, server);
  }
  const found: number[][] = plan.nodes.map(() => []);
  for (const { readers, writers } of servers.values()) {
    const isSmall = readers.length * writers.length <= resourcePairsMax;
    for (const writer of writers) {
      const finished = isSmall ? order.finishedBeforeAll([writer]) : new Set<number>();
      for (const reader of readers) if (reader !== writer && !finished.has(reader)) found[reader]?.push(writer);
    }
  }
  return found;
}

type ContextRefusal = (context: SourceSet) => SourceSet;

/** Rules about the occurrence of a call, and about arguments that the agent has to give and that carry the whole conversation. */
export function controlRefusals(plan: CompiledPlan, table: LabelTable, node: CompiledNode): readonly ContextRefusal[] {
  const found: ContextRefusal[] = node.flows
    .filter((index) => plan.flows[index]?.roles?.has("control") && !plan.flows[index]?.needsApproval)
    .map((index) => (context) => table.refuse(context, deniedNames(plan, table, index)));
  for (const arg of node.args) {
    const { kind, isOptional, endorse, declassify, role } = arg.rule;
    if ((kind !== "choose" && kind !== "write") || isOptional || endorse !== undefined || declassify !== undefined) continue;
    const refusals = refusalsOf(plan, table, node, arg);
    if (refusals.length > 0) found.push((context) => refuse(table, context, refusals));
    if (kind === "choose" && role !== "content" && !node.needsApproval)
      found.push((context) => table.refuse(context, (name) => table.names[name]?.isUntrusted === true));
  }
  return found;
}

/** What the rules of a node are looked at against. */
export function situation(shared: Shared, node: CompiledNode, { contexts, results }: Situated, isEndorsing = true): Situation {
  const { plan, table, start, disclosed, isValid, controls } = shared;
  let context = contexts[node.index];
  for (const refuses of controls[node.index] ?? []) context = refuses(context);
  return { plan, table, node, context, params: start, results, disclosed, isValid, isEndorsing };
}

interface Situated {
  readonly contexts: readonly SourceSet[];
  readonly results: readonly Carried[];
}

/** What every result may carry, given what the conversations may hold, and what the session itself leaves in resources and reads back. */
export function settle(shared: Shared, contexts: readonly SourceSet[], known: readonly Carried[]): readonly Carried[] {
  if (shared.writers.every((writers) => writers.length === 0)) return workOut(shared, contexts, []);
  let brought: readonly Carried[] = shared.writers.map((writers) => broughtBy(shared, known, writers));
  for (;;) {
    const results = workOut(shared, contexts, brought);
    const next = shared.writers.map((writers, i) => joinCarried(brought[i] ?? nothing, broughtBy(shared, results, writers)));
    if (next.every((one, i) => one.full === brought[i]?.full && one.own === brought[i]?.own)) return results;
    brought = next;
  }
}

function broughtBy({ disclosed }: Shared, results: readonly Carried[], writers: readonly number[]): Carried {
  return writers.reduce((all, writer) => {
    const written = results[writer] ?? nothing;
    return joinCarried(all, disclosed[writer] ? withoutNews(written) : written);
  }, nothing);
}

/** Every result in order of dependence; `brought` is what resources bring back, by node. */
function workOut(shared: Shared, contexts: readonly SourceSet[], brought: readonly Carried[]): readonly Carried[] {
  const { plan, table } = shared;
  const results: Carried[] = plan.nodes.map(() => nothing);
  for (const index of shared.walk) {
    const node = plan.nodes[index] as CompiledNode;
    const at = situation(shared, node, { contexts, results });
    if (node.let !== undefined) {
      results[index] = carriedByCode(at, node.let);
      continue;
    }
    const own = union(table.of(node.labels), table.markOf(index));
    let all: Carried = { full: own, own, isContext: false };
    if ((node.resources?.reads.length ?? 0) > 0) {
      const { left } = shared;
      all = joinCarried(joinCarried(all, brought[index] ?? nothing), { full: left, own: left, isContext: false });
    }
    for (const { arg, allowed, offered, ownAllowed, ownOffered } of argumentsOf(at)) {
      // A content that is left out is not looked at by any rule, and yet the result depends on it.
      const isSilent = arg.rule.isOptional && arg.roles.every((role) => role === "content");
      const given = { full: isSilent ? offered : allowed, own: isSilent ? ownOffered : ownAllowed, isContext: false };
      all = joinCarried(all, given);
    }
    results[index] = all;
  }
  return results;
}

interface ArgumentSets {
  readonly arg: CompiledArg;
  readonly allowed: SourceSet;
  readonly offered: SourceSet;
  readonly ownAllowed: SourceSet;
  readonly ownOffered: SourceSet;
}

/** What each argument of a node may carry: in a call as it is offered, and in one that is allowed. */
export function argumentsOf(at: Situation): readonly ArgumentSets[] {
  return at.node.args.map((arg) => {
    const carried = withContext(at, carriedBy(at, arg.rule));
    const refusals = refusalsOf(at.plan, at.table, at.node, arg);
    const isWidened = at.table.isWidened(carried.full);
    const checks = isWidened ? refusals.filter(({ kind }) => kind !== "audience") : refusals;
    return {
      arg,
      allowed: refuse(at.table, carried.full, checks),
      offered: carried.full,
      ownAllowed: refuse(at.table, carried.own, checks),
      ownOffered: carried.own,
    };
  });
}

/** What the conversation may hold at each node: everything that may have been shown before. */
export function contextsOf(
  { plan, order, shown, start }: Shared,
  results: readonly Carried[],
  known: readonly SourceSet[],
): readonly SourceSet[] {
  const contributors = new Map<number, number[]>();
  plan.nodes.forEach((_, index) => {
    if (!shown[index]) return;
    for (const bit of members(results[index]?.own)) {
      const list = contributors.get(bit);
      if (list === undefined) contributors.set(bit, [index]);
      else list.push(index);
    }
  });
  // Bits with the same contributors come at the same time.
  const groups = new Map<string, { readonly nodes: readonly number[]; set: SourceSet }>();
  for (const [bit, nodes] of contributors) {
    const key = nodes.length > 64 ? `${bit}` : nodes.join(" ");
    const group = groups.get(key) ?? { nodes, set: undefined };
    group.set = union(group.set, singleton(bit));
    groups.set(key, group);
  }
  let everywhere: SourceSet = start;
  const partial: { readonly set: SourceSet; readonly except: ReadonlySet<number> }[] = [];
  for (const { nodes, set } of groups.values()) {
    const except = order.finishedBeforeAll(nodes);
    if (except.size === 0) everywhere = union(everywhere, set);
    else partial.push({ set, except });
  }
  return known.map((before, index) => {
    let context = union(before, everywhere);
    for (const { set, except } of partial) if (!except.has(index)) context = union(context, set);
    return context;
  });
}
