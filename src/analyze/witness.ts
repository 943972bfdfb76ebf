/**
 * Why a label may come to an argument (a shortest way) and why it may not (what stops it, and where).
 * Pure. Explains an analysis and adds nothing to it: what it says is never the reason for an answer.
 */
import type { CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import type { Analysis, ArgumentFacts, Arrival } from "./analyse.ts";
import { readsOfRule } from "./reads.ts";
import { carriedBy, refuse, refusalsOf, withContext } from "./transfer.ts";

/** One place on the way of data, in order from where it came. */
export interface Hop {
  /** `result`: what a tool answered. `parameter`, `endorsement`: where a label that no tool has comes from. */
  readonly by: "result" | "parameter" | "endorsement" | "argument" | "conversation" | "resource";
  /** The node; absent for parameters, the conversation and resources. */
  readonly node?: string;
  readonly argument?: string;
}

/** What keeps a label from an argument. */
export interface Stop {
  /**
   * `rule`, `control`, `audience`, `choice`: calls that would carry it there are denied. `endorsement`: the plan takes the label away.
   * `order`: nothing that carries it is shown before. `absent`: nothing that carries it is read.
   */
  readonly by: "rule" | "control" | "audience" | "choice" | "endorsement" | "order" | "absent";
  readonly node: string;
  readonly argument: string;
  /** Id of the flow rule. */
  readonly rule?: string;
}

interface Step {
  readonly node: number;
  readonly argument: string;
  readonly next: Step | undefined;
  /** How the data goes on from here, where it is not as an argument. */
  readonly by?: "conversation" | "resource";
}

/** A shortest way of the label to the argument; `undefined` if it cannot come there. Linear in the plan. */
export function witnessOf(analysis: Analysis, arrival: Arrival): readonly Hop[] | undefined {
  if (!analysis.mayReach(arrival)) return undefined;
  const { plan, inner } = analysis;
  const start = plan.byName.get(arrival.node) as CompiledNode;
  const queue: Step[] = [{ node: start.index, argument: arrival.argument, next: undefined }];
  const seen = new Set<number>();
  for (const step of queue) {
    const facts = inner.factsOf(step.node).find(({ arg }) => arg.name === step.argument);
    if (facts === undefined) continue;
    const found = sourceHere(analysis, { step, facts, label: arrival.label });
    if (found !== undefined) return [...found, ...hopsFrom(analysis, step)];
    const sources = before(analysis, { index: step.node, rule: facts.arg.rule, label: arrival.label });
    for (const { node, by } of sources.flatMap((source) => [source, ...writersBefore(analysis, source.node, arrival.label)])) {
      const from = plan.nodes[node] as CompiledNode;
      const hop: Step = by === undefined ? step : { ...step, by };
      if (inner.holds(inner.table.of(from.labels), arrival.label) || inner.holds(inner.table.markOf(node), arrival.label))
        return [{ by: "result", node: from.name }, ...hopsFrom(analysis, hop)];
      if (seen.has(node)) continue;
      seen.add(node);
      for (const { arg, offered } of inner.factsOf(node))
        if (inner.holds(offered, arrival.label)) queue.push({ node, argument: arg.name, next: hop });
    }
  }
  return [{ by: "argument", node: arrival.node, argument: arrival.argument }];
}

/** Whether the label begins at this very argument: a parameter, or an endorsement to it. */
function sourceHere(
  { plan, inner }: Analysis,
  { step, facts, label }: { readonly step: Step; readonly facts: ArgumentFacts; readonly label: string },
): readonly Hop[] | undefined {
  const node = plan.nodes[step.node] as CompiledNode;
  const { rule } = facts.arg;
  const { params, isAgents } = readsOfRule(plan, node, rule);
  const start = inner.situationOf(step.node).params;
  if (params && inner.holds(start, label)) return [{ by: "parameter" }];
  if (isAgents && inner.holds(start, label)) return [{ by: "conversation" }];
  return endorsesTo(rule, label) ? [{ by: "endorsement", node: node.name, argument: facts.arg.name }] : undefined;
}

function endorsesTo(rule: CompiledRule, label: string): boolean {
  if (rule.endorse?.to === label) return true;
  if (rule.kind === "object") return rule.members.some((part) => endorsesTo(part.rule, label));
  if (rule.kind === "template") return rule.holes.some((part) => endorsesTo(part.rule, label));
  return rule.kind === "list" && rule.elements.some((part) => endorsesTo(part, label));
}

function hopsFrom({ plan }: Analysis, start: Step): readonly Hop[] {
  const hops: Hop[] = [];
  for (let at: Step | undefined = start; at !== undefined; at = at.next) {
    if (at.by !== undefined) hops.push({ by: at.by });
    hops.push({ by: "argument", node: (plan.nodes[at.node] as CompiledNode).name, argument: at.argument });
  }
  return hops;
}

interface Source {
  readonly node: number;
  readonly by?: "conversation" | "resource";
}

/** The nodes that may have left the label in a resource that a node reads, and those that left it in what these read. */
function writersBefore({ inner }: Analysis, reader: number, label: string): readonly Source[] {
  const found = new Set<number>();
  const readers = new Set([reader]);
  for (const at of readers) {
    for (const writer of inner.writers[at] ?? []) {
      if (found.size >= shownTriesMax || !inner.holds(inner.results[writer]?.full, label)) continue;
      found.add(writer);
      readers.add(writer);
    }
  }
  return [...found].map((node) => ({ node, by: "resource" }));
}

/** The nodes whose results may bring the label into a rule: those that it reads, then those that the conversation was shown. */
function before(
  analysis: Analysis,
  { index, rule, label }: { readonly index: number; readonly rule: CompiledRule; readonly label: string },
): readonly Source[] {
  const { plan, inner } = analysis;
  const { reads, isAgents } = readsOfRule(plan, plan.nodes[index] as CompiledNode, rule);
  const read = throughLets(
    analysis,
    reads.map((each) => each.node),
  ).filter((node) => inner.holds(inner.results[node]?.full, label));
  const found: readonly Source[] = read.map((node) => ({ node }));
  if (!isAgents || !inner.holds(inner.situationOf(index).context, label)) return found;
  const shown = plan.nodes.filter(
    (node) => inner.shown[node.index] === true && inner.holds(inner.results[node.index]?.own, label),
  );
  const first = shown.slice(0, shownTriesMax).find((node) => inner.order.mayPrecede(node.index, index)) ?? shown[0];
  return first === undefined ? found : [...found, { node: first.index, by: "conversation" }];
}

/** Nodes that are asked whether they may come before another. Beyond that any is as good a witness. */
const shownTriesMax = 200;

/** Tool nodes behind a list of nodes. */
function throughLets({ plan }: Analysis, nodes: readonly number[]): readonly number[] {
  const found = new Set<number>();
  const seen = new Set(nodes);
  for (const index of seen) {
    const node = plan.nodes[index];
    if (node?.let === undefined) found.add(index);
    else for (const read of node.let.nodes) seen.add(read.node);
  }
  return [...found];
}

/** Stops that are listed. Nobody reads more. */
const stopsMax = 32;

/** What keeps the label from the argument, on every way on which it comes near; `absent` alone if on none. */
export function stopsOf(analysis: Analysis, arrival: Arrival): readonly Stop[] {
  const { plan, inner } = analysis;
  const start = plan.byName.get(arrival.node);
  const stops: Stop[] = [];
  const queue: { readonly node: number; readonly argument: string }[] =
    start === undefined ? [] : [{ node: start.index, argument: arrival.argument }];
  const seen = new Set<number>();
  for (const { node: index, argument } of queue) {
    if (stops.length >= stopsMax) break;
    const facts = inner.factsOf(index).find(({ arg }) => arg.name === argument);
    if (facts === undefined) continue;
    const here = stopsHere(analysis, { index, facts, label: arrival.label });
    stops.push(...here);
    if (here.some(({ by }) => by === "rule" || by === "audience")) continue;
    const { reads } = readsOfRule(plan, plan.nodes[index] as CompiledNode, facts.arg.rule);
    for (const before of throughLets(
      analysis,
      reads.map((read) => read.node),
    )) {
      if (seen.has(before) || inner.holds(inner.results[before]?.full, arrival.label)) continue;
      seen.add(before);
      for (const index of [before, ...(inner.writers[before] ?? [])])
        for (const { arg } of inner.factsOf(index)) queue.push({ node: index, argument: arg.name });
    }
  }
  return stops.length > 0 ? stops : [{ by: "absent", node: arrival.node, argument: arrival.argument }];
}

function stopsHere(
  { plan, inner }: Analysis,
  { index, facts, label }: { readonly index: number; readonly facts: ArgumentFacts; readonly label: string },
): readonly Stop[] {
  const { table } = inner;
  const node = plan.nodes[index] as CompiledNode;
  const at = { node: node.name, argument: facts.arg.name };
  if (inner.holds(facts.allowed, label)) return [];
  if (inner.holds(facts.offered, label)) {
    const refusals = refusalsOf(plan, table, node, facts.arg);
    const first = refusals.find((one) => !inner.holds(refuse(table, facts.offered, [one]), label)) ?? refusals[0];
    return first === undefined ? [] : [{ by: first.kind, ...at, ...(first.rule === undefined ? {} : { rule: first.rule }) }];
  }
  const stops: Stop[] = [];
  const bare = inner.situationOf(index, false);
  if (inner.holds(withContext(bare, carriedBy(bare, facts.arg.rule)).full, label)) stops.push({ by: "endorsement", ...at });
  if (!readsOfRule(plan, node, facts.arg.rule).isAgents) return stops;
  if (inner.holds(bare.context, label)) {
    if (stops.length === 0) stops.push({ by: "choice", ...at });
  } else if (inner.holds(inner.contexts[index], label)) stops.push({ by: "control", ...at });
  else if (plan.nodes.some((each) => inner.holds(inner.results[each.index]?.full, label))) stops.push({ by: "order", ...at });
  return stops;
}
