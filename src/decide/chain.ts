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
  const names = (of: Label): readonly string[] => program.labels.toValue(of).sources;
  const culprits = new Set(
    names(label).filter((name) => flow?.code === "FLOW_AUDIENCE_DENIED" || !program.labels.isTrusted(name)),
  );
  const carries = (of: Label): boolean => names(of).some((name) => culprits.has(name));
  const argument = flow === undefined ? place : flow.arg;
  const resolved = flow === undefined ? undefined : denied.misfit.args?.find((each) => each.arg.name === flow.arg);
  const links: ChainLink[] = [];
  const seen = new Set<number>();
  const visit = (run: Run): void => {
    // Counted on the way in: a long line of origins must not be followed to its end before the bound is looked at.
    if (seen.has(run.number) || seen.size >= linksMax || !carries(run.base)) return;
    seen.add(run.number);
    for (const origin of run.origins) visit(state.runs[origin.run] as Run);
    const from = program.plan.nodes[run.node] as CompiledNode;
    links.push({ kind: "result", tool: from.tool?.name ?? "", node: from.name, run: run.number, labels: names(run.base) });
  };
  for (const run of resolved?.runs ?? []) visit(run);
  if (resolved === undefined || resolved.isContext || resolved.choices.length > 0) {
    for (const { run, label: part } of state.delivered) if (carries(part)) visit(state.runs[run] as Run);
    if (carries(state.context)) links.push({ kind: "context", labels: names(state.context) });
  }
  const named = {
    ...(node === undefined ? undefined : { node: node.name }),
    ...(argument === undefined ? undefined : { argument }),
  };
  links.push({ kind: "argument", tool: node?.tool?.name ?? denied.tool, ...named, labels: names(label) });
  return links;
}
