/**
 * The taint chain of a denial: from where the data came to the argument that it may not enter.
 * Pure. No I/O, no clock. Read only to explain; never decides.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { Label } from "../taint/label.ts";
import type { Misfit } from "./decide.ts";
import type { Program } from "./program.ts";
import type { Run, SessionState } from "./state.ts";

/** One link of a taint chain, from source to sink. */
export interface ChainLink {
  /** `result`: a tool's answer; `context`: what the agent had read; `argument`: the sink. */
  readonly kind: "result" | "context" | "argument";
  readonly tool?: string;
  readonly node?: string;
  readonly run?: number;
  readonly argument?: string;
  /** Names of the labels at this link. */
  readonly labels: readonly string[];
}

const linksMax = 64;

/** The chain that explains a data-flow denial; empty for every other denial. */
export function chainOf(program: Program, state: SessionState, misfit: Misfit): readonly ChainLink[] {
  const { flow, node } = misfit;
  if (flow === undefined || node === undefined) return [];
  const names = (label: Label): readonly string[] => program.labels.toValue(label).sources;
  const culprits = new Set(
    names(flow.label).filter((name) => flow.code === "FLOW_AUDIENCE_DENIED" || !program.labels.isTrusted(name)),
  );
  const arg = misfit.args?.find((each) => each.arg.name === flow.arg);
  const carries = (label: Label): boolean => names(label).some((name) => culprits.has(name));
  const links: ChainLink[] = [];
  const seen = new Set<number>();
  const visit = (run: Run): void => {
    if (seen.has(run.number) || links.length >= linksMax || !carries(run.base)) return;
    seen.add(run.number);
    for (const origin of run.origins) visit(state.runs[origin.run] as Run);
    const from = program.plan.nodes[run.node] as CompiledNode;
    links.push({ kind: "result", tool: from.tool?.name ?? "", node: from.name, run: run.number, labels: names(run.base) });
  };
  for (const run of arg?.runs ?? []) visit(run);
  const isThroughContext = arg === undefined || arg.isContext || arg.choices.length > 0;
  if (isThroughContext) {
    for (const { run, label } of state.delivered) if (carries(label)) visit(state.runs[run] as Run);
    if (carries(state.context)) links.push({ kind: "context", labels: names(state.context) });
  }
  links.push({
    kind: "argument",
    tool: node.tool?.name ?? "",
    node: node.name,
    ...(flow.arg === undefined ? {} : { argument: flow.arg }),
    labels: names(flow.label),
  });
  return links;
}
