/**
 * What a report reads of a frozen plan: where data may go from each node at worst, who receives it, and what the plan does to keep it.
 * Asynchronous for the signatures of approvers alone. Over-approximates: what the plan could let flow and the analysis cannot exclude is said.
 */
import { analyse, type Analysis, type AnalysisInner } from "../../analyze/analyse.ts";
import { type RuleReads, readsOfRule } from "../../analyze/reads.ts";
import { type PlanApproval, readApprovals } from "../../approval/plan.ts";
import { isArray, type Json, member } from "../../json/value.ts";
import { readHost } from "../../lang/host/read.ts";
import { reportPlanNodesMax } from "./bounds.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { serverName } from "../../plan/tool-name.ts";
import { policyOf } from "../../policy/frozen.ts";
import type { SourceSet } from "../../taint/source-set.ts";
import { thawText } from "../redecide.ts";
import { type NodeSafeguard, safeguardsOf } from "./safeguards.ts";

/** Data that may come to a node: from another node's results, from the person that the session is for, or from the conversation before it. */
export interface Inflow {
  readonly from: { readonly node: string } | "person" | "conversation";
  /** The arguments that may carry it. */
  readonly args: readonly string[];
  /** `reference`: Sluice puts a value of it there. `may-carry`: the agent's words, or another tool's result, may. */
  readonly way: "reference" | "may-carry";
  /** Labels of the source that may still be on it. */
  readonly labels: readonly string[];
  /** Whether labels of the source are taken away before. */
  readonly isCleaned: boolean;
}

/** What is behind a node. */
export interface NodeFacts {
  readonly name: string;
  readonly tool: string;
  readonly server: string;
  readonly effects: readonly string[];
  readonly hosts: readonly string[];
  /** Labels of its results, as declared. */
  readonly labels: readonly string[];
  readonly inflows: readonly Inflow[];
  readonly safeguards: readonly NodeSafeguard[];
}

/** What a report reads of a plan. */
export interface PlanFacts {
  readonly digest: string;
  readonly name: string;
  readonly task?: string;
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  /** Labels that it declares: those that a record names where an argument carried them. */
  readonly declared: ReadonlySet<string>;
  /** Whether it has too many nodes to work out what flows between them. */
  readonly isTooLarge: boolean;
  readonly approvals: readonly PlanApproval[];
  /** Approvals that are in the plan and that no key of its policy verifies. */
  readonly unverified: number;
  readonly signature: boolean;
}

/** The facts of a plan's text; `undefined`: it is not the frozen plan of that digest, or cannot be compiled. */
export async function planFactsOf(text: string, digest: string): Promise<PlanFacts | undefined> {
  const frozen = thawText(text);
  if (frozen?.digest !== digest) return undefined;
  const tools = Object.keys(frozen.plan.nodes).filter((name) => frozen.plan.nodes[name]?.tool !== undefined);
  const isTooLarge = tools.length > reportPlanNodesMax;
  const analysed = isTooLarge ? undefined : analyse(frozen, { marks: tools });
  if (analysed?.ok === false) return undefined;
  const approvals = await readApprovals(frozen, policyOf(frozen));
  return {
    digest,
    name: frozen.plan.name,
    ...(frozen.plan.task === undefined ? {} : { task: frozen.plan.task }),
    nodes: analysed === undefined ? new Map() : nodesOf(analysed.value),
    declared: new Set(Object.keys(analysed?.value.plan.labels ?? {})),
    isTooLarge,
    approvals,
    unverified: (frozen.approvals ?? []).length - approvals.length,
    signature: frozen.signature !== undefined,
  };
}

function nodesOf(analysis: Analysis): ReadonlyMap<string, NodeFacts> {
  const { plan } = analysis;
  const inflows = new Map(plan.nodes.map((node) => [node.name, node.tool === undefined ? [] : inflowsOf(analysis, node)]));
  const takers = takersOf(analysis, inflows);
  const found = new Map<string, NodeFacts>();
  for (const node of plan.nodes) {
    if (node.tool === undefined) continue;
    const own = inflows.get(node.name) ?? [];
    const taken = takers.get(node.name) ?? [];
    const conversation: Inflow = { from: "conversation", args: taken, way: "may-carry", labels: [], isCleaned: false };
    found.set(node.name, {
      name: node.name,
      tool: node.tool.name,
      server: serverName(node.tool.name),
      effects: node.tool.facts.effects,
      hosts: hostsOf(plan.frozen, node),
      labels: node.labels,
      inflows: taken.length === 0 ? own : [...own, conversation],
      safeguards: safeguardsOf(plan, node),
    });
  }
  return found;
}

/** What may come to a node from results and from the person. */
function inflowsOf({ plan, inner }: Analysis, node: CompiledNode): readonly Inflow[] {
  const args: readonly Carrying[] = inner.factsOf(node.index).map(({ arg, allowed }) => ({
    name: arg.name,
    allowed,
    reads: readsOfRule(plan, node, arg.rule),
  }));
  const direct = args.map(({ reads }) =>
    readThrough(
      plan.nodes,
      reads.reads.map((read) => read.node),
    ),
  );
  const found: Inflow[] = [];
  for (const source of plan.nodes) {
    if (source.tool === undefined) continue;
    const carrying = args.filter(({ allowed }) => inner.holds(allowed, `node:${source.name}`));
    const isDirect = (arg: Carrying): boolean => direct[args.indexOf(arg)]?.has(source.index) === true;
    const ofSource = { from: { node: source.name }, labels: source.labels, holds: inner.holds };
    found.push(...inflowsBy(ofSource, carrying, isDirect));
  }
  const said = args.filter(({ allowed }) => inner.holds(allowed, "user_input"));
  const ofPerson = { from: "person" as const, labels: ["user_input"], holds: inner.holds };
  return [...found, ...inflowsBy(ofPerson, said, ({ reads }) => reads.params)];
}

interface Carrying {
  readonly name: string;
  readonly allowed: SourceSet;
  readonly reads: RuleReads;
}

/** What comes from one source by reference, and what may come otherwise: two statements, for some arguments each. */
function inflowsBy(
  {
    from,
    labels,
    holds,
  }: { readonly from: Inflow["from"]; readonly labels: readonly string[]; readonly holds: AnalysisInner["holds"] },
  args: readonly Carrying[],
  isDirect: (arg: Carrying) => boolean,
): readonly Inflow[] {
  const ways = [
    ["reference", args.filter(isDirect)],
    ["may-carry", args.filter((arg) => !isDirect(arg))],
  ] as const;
  return ways.flatMap(([way, carrying]) => {
    if (carrying.length === 0) return [];
    const left = labels.filter((label) => carrying.some(({ allowed }) => holds(allowed, label)));
    return { from, way, args: carrying.map(({ name }) => name), labels: left, isCleaned: left.length < labels.length };
  });
}

/** Indexes of the tools' nodes among some that are read, and of those that their `let` nodes read. */
function readThrough(nodes: readonly CompiledNode[], read: readonly number[]): ReadonlySet<number> {
  const seen = new Set(read);
  for (const index of seen) for (const inner of nodes[index]?.let?.nodes ?? []) seen.add(inner.node);
  return seen;
}

/** The arguments of each node that what the agent remembers may come to, by its own words or through another node's result. */
function takersOf({ plan }: Analysis, inflows: ReadonlyMap<string, readonly Inflow[]>): ReadonlyMap<string, readonly string[]> {
  const takers = new Map<string, readonly string[]>();
  for (const node of plan.nodes) {
    const own = node.args.filter(({ rule }) => readsOfRule(plan, node, rule).isAgents).map(({ name }) => name);
    if (own.length > 0) takers.set(node.name, own);
  }
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const [name, flows] of inflows) {
      const known = new Set(takers.get(name));
      for (const { from, args } of flows)
        if (typeof from === "object" && takers.has(from.node)) for (const arg of args) known.add(arg);
      if (known.size === (takers.get(name)?.length ?? 0)) continue;
      takers.set(name, [...known].sort());
      isMore = true;
    }
  }
  return takers;
}

/** Hosts that the plan lets the node reach, and that of its server where the catalogue says it. */
function hostsOf(frozen: FrozenPlan, node: CompiledNode): readonly string[] {
  const spec = frozen.plan.nodes[node.name];
  const listed = [spec?.constraints, ...(spec?.within ?? [])].flatMap((each) => each?.hosts ?? []);
  const identity = frozen.servers[serverName(node.tool?.name ?? "")];
  const constants = node.args.flatMap(({ rule, role }) =>
    role === "target" && rule.kind === "const" ? textsOf(rule.value) : [],
  );
  const urls = [member(identity, "url"), ...constants].flatMap((each) => (typeof each === "string" ? [each] : []));
  const named = urls.flatMap((url) => hostOfUrl(url) ?? []);
  return [...new Set([...listed, ...named])].sort();
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  return isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function hostOfUrl(url: string): string | undefined {
  const read = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? readHost(url) : undefined;
  return read?.ok === true ? read.value.host : undefined;
}
