/**
 * The taint chain of a denial: from where the data came to the argument that it may not enter.
 * Pure. No I/O, no clock. Read only to explain; never decides.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { Label } from "../taint/label.ts";
import type { Program } from "./program.ts";
import type { Run, SessionState } from "./state.ts";
import type { Misfit } from "./try.ts";

/** One link of a taint chain, from source to sink. */
export interface ChainLink {
  /**
   * `result`: a tool's answer; `receipt`: what another agent signed, or that it did not; `context`: what the agent had read; `argument`:
   * the sink.
   */
  readonly kind: "result" | "receipt" | "context" | "argument";
  readonly tool?: string;
  readonly node?: string;
  readonly run?: number;
  readonly argument?: string;
  /** Names of the labels at this link. */
  readonly labels: readonly string[];
  /** Of a link that another agent's Sluice told of: the name that the policy has for it. */
  readonly issuer?: string;
  /** The thumbprint of its key (RFC 7638). */
  readonly key?: string;
  /** Id of a receipt. */
  readonly receipt?: string;
  /** What was found of a receipt: `admitted`, or what was wrong with it. */
  readonly status?: string;
}

const linksMax = 64;

/** What a chain is about: where it ends, and by what the data came there. */
interface Trail {
  /** What is looked for; of a denied audience every label, else those that are not trusted. */
  readonly label: Label;
  readonly isAnyLabel: boolean;
  readonly runs: readonly Run[];
  /** Whether the agent had a say in it. */
  readonly isContext: boolean;
}

/**
 * The chain that explains a denial. For a data-flow denial: from the results that carry the forbidden labels to the argument. For any other
 * denial of an agent that has read untrusted data: from those results through its context to what it asked for, since whatever it typed may
 * come from there. Empty, if nothing untrusted was read.
 */
export function chainOf(
  program: Program,
  state: SessionState,
  denied: { readonly misfit: Misfit; readonly tool: string },
): readonly ChainLink[] {
  const { flow, node, arg: place } = denied.misfit;
  const label = flow?.label ?? state.context;
  if (flow === undefined && !label.isUntrusted) return [];
  const argument = flow === undefined ? place : flow.arg;
  const resolved = flow === undefined ? undefined : denied.misfit.args?.find((each) => each.arg.name === flow.arg);
  const links = trailOf(program, state, {
    label,
    isAnyLabel: flow?.code === "FLOW_AUDIENCE_DENIED",
    runs: resolved?.runs ?? [],
    isContext: resolved === undefined || resolved.isContext || resolved.choices.length > 0,
  });
  const named = {
    ...(node === undefined ? undefined : { node: node.name }),
    ...(argument === undefined ? undefined : { argument }),
  };
  const { sources } = program.labels.toValue(label);
  return [...links, { kind: "argument", tool: node?.tool?.name ?? denied.tool, ...named, labels: sources }];
}

/** Where data with a label came from: other agents, results, and what the agent had read; oldest first. */
export function trailOf(
  program: Program,
  state: SessionState,
  { label, isAnyLabel, runs, isContext }: Trail,
): readonly ChainLink[] {
  const names = (of: Label): readonly string[] => program.labels.toValue(of).sources;
  const culprits = new Set(names(label).filter((name) => isAnyLabel || !program.labels.isTrusted(name)));
  const carries = (of: Label): boolean => names(of).some((name) => culprits.has(name));
  const links: ChainLink[] = [];
  const seen = new Set<number>();
  const visit = (run: Run): void => {
    // Counted on the way in: a long line of origins must not be followed to its end before the bound is looked at.
    if (seen.has(run.number) || seen.size >= linksMax) return;
    seen.add(run.number);
    for (const origin of run.origins) carried(state.runs[origin.run] as Run);
    links.push(...(run.links ?? []));
    const from = program.plan.nodes[run.node] as CompiledNode;
    links.push({ kind: "result", tool: from.tool?.name ?? "", node: from.name, run: run.number, labels: names(run.base) });
  };
  const carried = (run: Run): void => {
    if (carries(run.base)) visit(run);
  };
  for (const { label: part, context, links: before } of state.inbound)
    if (carries(part) || (isContext && carries(context))) links.push(...before);
  for (const run of runs) carried(run);
  if (isContext) {
    for (const { run, label: part } of state.delivered) if (carries(part)) visit(state.runs[run] as Run);
    if (carries(state.context)) links.push({ kind: "context", labels: names(state.context) });
  }
  return links;
}
