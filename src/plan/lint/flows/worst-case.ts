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
  const flows: WorstCaseFlow[] = [];
  const denied: DeniedFlow[] = [];
  const ways = { left: waysMax };
  for (const toolNode of subject.toolNodes) {
    const args = toolNode.node.args ?? {};
    for (const arg of Object.keys(args).sort()) {
      if (flows.length >= flowsMax) break;
      const sink: Sink = { ...toolNode, arg, rule: args[arg] as ArgRule, role: roleOf(toolNode.tool, arg) };
      const origins = originsOf(subject, sink, data);
      const given = isAgentGiven(sink.rule) ? conversation(toolNode.name) : [];
      for (const origin of [
        ...origins,
        ...given,
        ...(data.isCut ? missedBy(subject, sink, { listed: [...origins, ...given], ways }) : []),
      ]) {
        const stopped = deniedBy(subject, sink, origin.labels);
        // What the agent chooses depends on the conversation only at run time, so that is no certain denial.
        if (stopped !== undefined) {
          if (origin.node !== "" && optionsOf(sink.rule).optional !== true)
            denied.push({ node: sink.name, argument: arg, ...stopped });
          continue;
        }
        const flow = flowOf(subject, sink, origin);
        if (flow !== undefined) flows.push(flow);
      }
    }
  }
  flows.sort((a, b) => badness(subject, b) - badness(subject, a) || order(a, b));
  return { flows: flows.slice(0, flowsMax), denied, isCut: data.isCut || flows.length >= flowsMax };
}

interface Sink extends ToolNode {
  readonly arg: string;
  readonly rule: ArgRule;
  readonly role: Role;
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

function flowOf(subject: LintSubject, sink: Sink, origin: Origin): WorstCaseFlow | undefined {
  const concern = concernOf(subject, sink, origin.labels);
  if (concern === undefined) return undefined;
  const kept = afterEndorsement(sink.rule, origin.labels);
  // An unendorsed choice is denied while the conversation is untrusted, so nothing comes of it.
  if (origin.node === "" && sink.role !== "content" && kept.some((label) => isUntrusted(subject, label))) return undefined;
  const source = subject.plan.nodes[origin.node]?.tool;
  const bits = bitsOf(sink.rule);
  const isWhole = ["from", "item", "choose", "write"].includes(classOf(sink.rule));
  return {
    from: origin.node === "" ? "conversation" : origin.node,
    ...(source === undefined ? {} : { source }),
    labels: origin.labels,
    concern,
    node: sink.name,
    to: sink.tool.name,
    argument: sink.arg,
    role: sink.role,
    via: namesOf(origin.via),
    ...(bits === undefined
      ? {}
      : { bits, bitsPerSession: Math.round(bits * runsMax(subject.plan.nodes, sink.name) * 100) / 100 }),
    ...(isWhole ? {} : { partly: true as const }),
    ...(kept.length < origin.labels.length ? { endorsed: true as const } : {}),
  };
}

/** Why these labels matter at this argument. Who may read them matters only where someone outside does. */
function concernOf(subject: LintSubject, sink: Sink, labels: readonly string[]): WorstCaseFlow["concern"] | undefined {
  if (labels.some((label) => isUntrusted(subject, label))) return "untrusted";
  const { audience, effects } = sink.tool.facts;
  const isOutside = audience !== undefined || effects.includes("network") || effects.includes("message");
  return isOutside && labels.some((label) => subject.labels.get(label)?.readers !== undefined) ? "readers" : undefined;
}

/** How bad a flow is: what the tool does, then what the argument steers, then whether the data is untrusted, then how free it is. */
function badness(subject: LintSubject, flow: WorstCaseFlow): number {
  const effects = subject.frozen.tools[flow.to]?.facts.effects ?? [];
  const effect = Math.max(1, ...effects.map((name) => effectWeight[name]));
  const steers = flow.role === "content" ? 0 : 1;
  const untrusted = flow.concern === "untrusted" ? 1 : 0;
  const free = flow.bits === undefined ? 64 : Math.min(flow.bits, 63);
  return (((untrusted * 2 + steers) * 8 + effect) * 8 + roleWeight[flow.role]) * 65 + free;
}

function order(a: WorstCaseFlow, b: WorstCaseFlow): number {
  const keys = (flow: WorstCaseFlow): readonly string[] => [flow.node, flow.argument, flow.from];
  const [x, y] = [keys(a), keys(b)];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return (x[i] as string) < (y[i] as string) ? -1 : 1;
  return 0;
}
