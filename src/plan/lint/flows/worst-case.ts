/**
 * What data can reach which argument under a plan, worst case first: for `lint --json` and the approver's summary.
 * Pure. Leaves out what a flow rule of the plan denies whenever it happens.
 */
import { witnessOf } from "../../../analyze/witness.ts";
import { effectWeight, roleWeight } from "../../../catalogue/harm.ts";
import { roleOf } from "../../../catalogue/roles.ts";
import { globMatches } from "../../compile.ts";
import type { ArgRule, FlowRule, FrozenTool, Role } from "../../plan.ts";
import { classOf, isAgentGiven, optionsOf } from "../../walk.ts";
import { analysesOf } from "./analysis.ts";
import { bitsOf, runsMax } from "../bits.ts";
import { type Flow, followData, namesOf, type Origin } from "./origins.ts";
import { ownLabels } from "../../built-in-labels.ts";
import { isUntrusted, type LintSubject, type ToolNode } from "../subject.ts";

/** Data that may come from one place into one argument. */
export interface WorstCaseFlow {
  /** The node whose result it was, or `conversation`: whatever the agent has been shown. */
  readonly from: string;
  /** The tool of that node. */
  readonly source?: string;
  /** Labels that the data still has when it arrives. */
  readonly labels: readonly string[];
  readonly node: string;
  /** The tool that receives it. */
  readonly to: string;
  readonly argument: string;
  readonly role: Role;
  /** Nodes between, in order. */
  readonly via: readonly string[];
  /** Bits of choice that the argument leaves, where they can be counted. */
  readonly bits?: number;
  /** Bits of choice in one session: those of the argument, times the runs of the node; where they can be counted. */
  readonly bitsPerSession?: number;
  /** Whether the data makes up only a part of the argument: a hole, a member, an operand. */
  readonly partly?: true;
  /** `untrusted`: someone untrusted may choose it. `readers`: it is trusted, but not everyone may read it. */
  readonly concern: "untrusted" | "readers";
  /** Whether the plan endorses the argument for these labels. */
  readonly endorsed?: true;
}

/** An argument to which a flow rule says no, whatever happens. */
export interface DeniedFlow {
  readonly node: string;
  readonly argument: string;
  readonly label: string;
  readonly rule: FlowRule;
}

/** What the analysis found. */
export interface WorstCase {
  /** Worst first. */
  readonly flows: readonly WorstCaseFlow[];
  readonly denied: readonly DeniedFlow[];
  /** Whether flows were left out for their number. */
  readonly isCut: boolean;
}

/** Flows that are listed. Nobody reads more, and a plan of 100,000 nodes has millions. */
const flowsMax = 10_000;

/** Ways that are searched for labels which the listing lost. Each search is linear in the plan, and `isCut` says that some are missing. */
const waysMax = 100;

const analysed = new WeakMap<LintSubject, WorstCase>();

/** Analyses a plan once; rules that ask again get the same answer. */
export function worstCaseOf(subject: LintSubject): WorstCase {
  const known = analysed.get(subject);
  if (known !== undefined) return known;
  const found = analyse(subject);
  analysed.set(subject, found);
  return found;
}

function analyse(subject: LintSubject): WorstCase {
  const data = followData(subject);
  const conversation = conversationOf(subject);
  const worst = collectWorst();
  const denied: DeniedFlow[] = [];
  const consider = (sink: Sink, origins: readonly Origin[]): void => {
    for (const origin of origins) {
      const stopped = deniedBy(subject, sink, origin.labels);
      // What the agent chooses depends on the conversation only at run time, so that is no certain denial.
      if (stopped !== undefined) {
        if (origin.node !== "" && optionsOf(sink.rule).optional !== true)
          denied.push({ node: sink.name, argument: sink.arg, ...stopped });
        continue;
      }
      const concern = concernOf(subject, sink, origin);
      if (concern !== undefined) worst.add(badness({ ...sink, concern }), () => flowOf(subject, sink, { ...origin, concern }));
    }
  };
  const searched: { readonly sink: Sink; readonly listed: readonly Origin[] }[] = [];
  for (const toolNode of subject.toolNodes) {
    const args = toolNode.node.args ?? {};
    for (const arg of Object.keys(args).sort()) {
      const rule = args[arg] as ArgRule;
      const sink: Sink = { ...toolNode, arg, rule, role: roleOf(toolNode.tool, arg), bits: bitsOf(rule) };
      const listed = [...originsOf(subject, sink, data), ...(isAgentGiven(rule) ? conversation(toolNode.name) : [])];
      consider(sink, listed);
      if (data.isCut) searched.push({ sink, listed });
    }
  }
  // The searches are few: the arguments with which most harm is done come first.
  const harm = (sink: Sink): number => badness({ ...sink, concern: "untrusted" });
  const ways = { left: waysMax };
  for (const { sink, listed } of searched.sort((a, b) => harm(b.sink) - harm(a.sink)))
    consider(sink, missedBy(subject, sink, { listed, ways }));
  const { flows, isCut } = worst.listed();
  return { flows, denied, isCut: data.isCut || isCut };
}

interface Worst {
  /** Adds a flow, which is only made if it is among the worst so far. */
  add(rate: number, make: () => WorstCaseFlow): void;
  /** The worst of those that were added, worst first. */
  listed(): Pick<WorstCase, "flows" | "isCut">;
}

/**
 * Keeps the worst `flowsMax` of any number of flows, in room for twice as many. What comes last must be able to push out what is milder: else
 * a plan with many harmless flows would hide the one that is not.
 */
function collectWorst(): Worst {
  let rated: { readonly flow: WorstCaseFlow; readonly rate: number }[] = [];
  let isCut = false;
  /** Nothing as mild as this, or milder, is kept any more. */
  let mildest = Number.NEGATIVE_INFINITY;
  const shorten = (): void => {
    rated.sort((a, b) => b.rate - a.rate || order(a.flow, b.flow));
    if (rated.length <= flowsMax) return;
    isCut = true;
    rated = rated.slice(0, flowsMax);
    mildest = rated.at(-1)?.rate ?? mildest;
  };
  return {
    add: (rate, make) => {
      if (rate <= mildest) return;
      rated.push({ flow: make(), rate });
      if (rated.length >= 2 * flowsMax) shorten();
    },
    listed: () => {
      shorten();
      return { flows: rated.map(({ flow }) => flow), isCut };
    },
  };
}

interface Sink extends ToolNode {
  readonly arg: string;
  readonly rule: ArgRule;
  readonly role: Role;
  /** Bits of choice that the rule leaves, where they can be counted. */
  readonly bits: number | undefined;
}

/** Origins that an argument reads, each once. */
function originsOf(subject: LintSubject, sink: Sink, data: Flow): readonly Origin[] {
  const found = new Map<string, Origin>();
  for (const read of subject.reads.get(sink.name) ?? []) {
    if (read.by !== "arg" || read.arg !== sink.arg) continue;
    for (const origin of data.at(read)) {
      const known = found.get(origin.node);
      const labels = known === undefined ? origin.labels : [...new Set([...known.labels, ...origin.labels])];
      found.set(origin.node, { ...origin, labels });
    }
  }
  return [...found.values()];
}

/** Labels that may arrive although no origin that was kept has them: a listing is bounded, the analysis behind it is not. */
function missedBy(
  subject: LintSubject,
  sink: Sink,
  { listed, ways }: { readonly listed: readonly Origin[]; readonly ways: { left: number } },
): readonly Origin[] {
  if (ways.left <= 0) return [];
  const { valid } = analysesOf(subject);
  const known = new Set(listed.flatMap(({ labels }) => labels));
  const labels = (valid?.labelsAt(sink.name, sink.arg)?.sources ?? []).filter((label) => !known.has(label));
  return labels.flatMap((label): Origin[] => {
    if (ways.left-- <= 0) return [];
    const way = valid === undefined ? undefined : witnessOf(valid, { node: sink.name, argument: sink.arg, label });
    const source = way?.[0];
    if (source?.by !== "result" || source.node === undefined) return [];
    const through = (way ?? []).slice(1, -1).flatMap(({ node }) => node ?? []);
    const via = through.reduce<Origin["via"]>((before, node) => ({ node, before }), undefined);
    return [{ node: source.node, labels: [label], via }];
  });
}

/** Labels of what the agent may have been shown when a node runs. The empty name stands for the conversation. */
function conversationOf(subject: LintSubject): (node: string) => readonly Origin[] {
  const shown = subject.toolNodes.filter(({ node }) => node.show !== "none");
  // Where the order of runs is known, what comes later is left out.
  const held = analysesOf(subject).valid;
  const counts = new Map<string, number>();
  for (const toolNode of shown) for (const label of ownLabels(toolNode)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const own = new Map(shown.map((toolNode) => [toolNode.name, ownLabels(toolNode)]));
  const repeated = (name: string): boolean => {
    const node = subject.plan.nodes[name];
    return node?.each !== undefined || (typeof node?.times === "number" ? node.times : (node?.times?.max ?? 1)) > 1;
  };
  return (name) => {
    // A node's own first result comes too late for its arguments; what other nodes show may come before or after.
    const late = repeated(name) ? [] : (own.get(name) ?? []);
    const before = held?.contextAt(name)?.sources;
    const labels = [...counts]
      .filter(([label, count]) => count > (late.includes(label) ? 1 : 0) && (before?.includes(label) ?? true))
      .map(([label]) => label);
    return labels.length === 0 ? [] : [{ node: "", labels: labels.sort(), via: undefined }];
  };
}

/** The flow rule that denies these labels here, and the label. */
function deniedBy(
  subject: LintSubject,
  sink: Sink,
  labels: readonly string[],
): { readonly rule: FlowRule; readonly label: string } | undefined {
  const kept = afterEndorsement(sink.rule, labels);
  for (const rule of subject.plan.flows ?? []) {
    // What a human may approve can happen.
    if (rule.approve !== undefined) continue;
    if (!matchesTool(rule, sink.tool) || !matchesArgument(rule, sink.arg, sink.role)) continue;
    const label = kept.find(
      (name) => rule.deny.includes(name) || (rule.deny.includes("untrusted") && isUntrusted(subject, name)),
    );
    if (label !== undefined) return { rule, label };
  }
  return undefined;
}

/** Whether a flow rule speaks about a tool. */
export function matchesTool(rule: FlowRule, tool: FrozenTool): boolean {
  return (typeof rule.to === "string" ? [rule.to] : rule.to).some((glob) => globMatches(glob, tool.name));
}

/** Whether a flow rule speaks about an argument; without `roles` about every role but `control`. */
export function matchesArgument(rule: FlowRule, arg: string, role: Role): boolean {
  if (rule.args !== undefined && !rule.args.includes(arg)) return false;
  return rule.roles === undefined ? role !== "control" : rule.roles.includes(role);
}

/** Labels that are left after the argument's own endorsement; what it endorses to is trusted. */
function afterEndorsement(rule: ArgRule, labels: readonly string[]): readonly string[] {
  const { endorse } = optionsOf(rule);
  if (endorse === undefined) return labels;
  const gone = typeof endorse.from === "string" ? [endorse.from] : endorse.from;
  return labels.filter((label) => label === "unknown" || !gone.includes(label));
}

function flowOf(
  subject: LintSubject,
  sink: Sink,
  { node, labels, via, concern }: Origin & Pick<WorstCaseFlow, "concern">,
): WorstCaseFlow {
  const source = subject.plan.nodes[node]?.tool;
  const isWhole = ["from", "item", "choose", "write"].includes(classOf(sink.rule));
  return {
    from: node === "" ? "conversation" : node,
    ...(source === undefined ? {} : { source }),
    labels,
    concern,
    node: sink.name,
    to: sink.tool.name,
    argument: sink.arg,
    role: sink.role,
    via: namesOf(via),
    ...(sink.bits === undefined
      ? {}
      : { bits: sink.bits, bitsPerSession: Math.round(sink.bits * runsMax(subject.plan.nodes, sink.name) * 100) / 100 }),
    ...(isWhole ? {} : { partly: true as const }),
    ...(afterEndorsement(sink.rule, labels).length < labels.length ? { endorsed: true as const } : {}),
  };
}

/** Why what comes from somewhere matters at this argument, if it does. Who may read it matters only where someone outside does. */
function concernOf(subject: LintSubject, sink: Sink, { node, labels }: Origin): WorstCaseFlow["concern"] | undefined {
  if (labels.some((label) => isUntrusted(subject, label))) {
    // An unendorsed choice is denied while the conversation is untrusted, so nothing comes of it.
    const isDenied = node === "" && sink.role !== "content";
    return isDenied && afterEndorsement(sink.rule, labels).some((label) => isUntrusted(subject, label)) ? undefined : "untrusted";
  }
  const { audience, effects } = sink.tool.facts;
  const isOutside = audience !== undefined || effects.includes("network") || effects.includes("message");
  return isOutside && labels.some((label) => subject.labels.get(label)?.readers !== undefined) ? "readers" : undefined;
}

/** How bad a flow is: whether the data is untrusted, then whether it steers, then what the tool does, then for what, then how free it is. */
function badness({ tool, role, concern, bits }: Pick<Sink, "tool" | "role" | "bits"> & Pick<WorstCaseFlow, "concern">): number {
  const effect = Math.max(1, ...tool.facts.effects.map((name) => effectWeight[name]));
  const steers = role === "content" ? 0 : 1;
  const untrusted = concern === "untrusted" ? 1 : 0;
  const free = bits === undefined ? 64 : Math.min(bits, 63);
  return (((untrusted * 2 + steers) * 8 + effect) * 8 + roleWeight[role]) * 65 + free;
}

function order(a: WorstCaseFlow, b: WorstCaseFlow): number {
  const keys = (flow: WorstCaseFlow): readonly string[] => [flow.node, flow.argument, flow.from];
  const [x, y] = [keys(a), keys(b)];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return (x[i] as string) < (y[i] as string) ? -1 : 1;
  return 0;
}
