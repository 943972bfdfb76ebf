/**
 * A proposal made fit for a plan: each call with its tool of the catalogue and the name of its node, flows without circles, nothing that
 * the tool demands forgotten.
 * Pure. Never gives a value that the proposal does not have: what cannot stand is asked for.
 */
import { type Catalogue, requiredArguments } from "../../catalogue/catalogue.ts";
import { freshName, slugOf } from "../../plan/names.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { bareName } from "../../plan/tool-name.ts";
import type { ProposedArgument, ProposedCall, ProposedSource, Proposal } from "../proposal.ts";
import type { DraftOutput, DraftParam, DraftTool } from "../tools.ts";

/** A call that becomes a node. */
export interface PlannedCall {
  /** Its place in the proposal: what results are referred to by. */
  readonly index: number;
  /** Name of its node. */
  readonly node: string;
  readonly tool: FrozenTool;
  readonly draft: DraftTool;
  readonly proposed: ProposedCall;
  /** In the proposal's order, and none within another. */
  readonly args: readonly ProposedArgument[];
}

/** The calls of a proposal, or the name of a tool that the catalogue has not. */
export function plannedCalls(
  { calls }: Proposal,
  catalogue: Catalogue,
): { readonly calls: readonly PlannedCall[] } | { readonly missing: string } {
  const taken = new Set<string>();
  const planned: PlannedCall[] = [];
  for (const [index, proposed] of calls.entries()) {
    const tool = catalogue.tools.get(proposed.tool.name);
    if (tool === undefined) return { missing: proposed.tool.name };
    const node = freshName(slugOf(bareName(tool.name)), taken);
    const args = withRequired(withoutOverlaps(proposed.args), { tool, draft: proposed.tool });
    planned.push({ index, node, tool, draft: proposed.tool, proposed, args });
  }
  return { calls: withoutCircles(planned) };
}

/** An argument as the tool describes it, or `undefined` for one that it does not describe. */
export function paramAt({ params }: DraftTool, path: readonly string[]): DraftParam | undefined {
  return params.find((param) => isSamePath(param.path, path));
}

/** A part of a result as the tool describes it. */
export function outputAt({ outputs }: DraftTool, path: readonly string[]): DraftOutput | undefined {
  return outputs.find((output) => isSamePath(output.path, path));
}

/** Whether two paths are the same. */
export function isSamePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => other[at] === name);
}

/** A whole value stands before its parts, which it has already; of one path the surest is taken. */
function withoutOverlaps(args: readonly ProposedArgument[]): readonly ProposedArgument[] {
  const bySureness = args.toSorted((one, other) => one.path.length - other.path.length || other.confidence - one.confidence);
  const kept = new Set<ProposedArgument>();
  for (const argument of bySureness) {
    if (argument.path.length === 0) continue;
    const isWithin = [...kept].some(({ path }) => path.every((name, at) => argument.path[at] === name));
    if (!isWithin) kept.add(argument);
  }
  return args.filter((argument) => kept.has(argument));
}

/** Arguments that the tool demands and nobody proposed are asked for, so that the draft says it. */
function withRequired(
  args: readonly ProposedArgument[],
  { tool, draft }: { readonly tool: FrozenTool; readonly draft: DraftTool },
): readonly ProposedArgument[] {
  const given = new Set(args.map(({ path }) => path[0]));
  const missing = [...requiredArguments(tool)].filter((name) => !given.has(name));
  const asked = missing.flatMap((name) => {
    const parts = draft.params.filter((param) => param.path[0] === name && param.isRequired);
    const paths = parts.length > 0 ? parts.map(({ path }) => path) : [[name]];
    return paths.map((path): ProposedArgument => ({ path, source: { kind: "ask" }, confidence: 1, alternatives: [] }));
  });
  return [...args, ...asked];
}

/** Results that would make calls wait for each other in a circle are asked for instead, the least sure first. */
function withoutCircles(calls: readonly PlannedCall[]): readonly PlannedCall[] {
  const reads = new Map<number, Set<number>>();
  const flows = calls
    .flatMap((call) => call.args.map((argument) => ({ call: call.index, argument })))
    .filter(({ argument }) => argument.source.kind === "result")
    .toSorted((one, other) => other.argument.confidence - one.argument.confidence);
  const refused = new Set<ProposedArgument>();
  for (const { call, argument } of flows) {
    const { source } = argument;
    if (source.kind !== "result") continue;
    if (calls[source.call] === undefined || reaches(reads, source.call, call)) refused.add(argument);
    else reads.set(call, (reads.get(call) ?? new Set()).add(source.call));
  }
  if (refused.size === 0) return calls;
  const asked: ProposedSource = { kind: "ask" };
  return calls.map((call) => ({
    ...call,
    args: call.args.map((argument) => (refused.has(argument) ? { ...argument, source: asked, confidence: 0 } : argument)),
  }));
}

/** Whether a call reads another one, itself included, directly or through others. */
export function reaches(reads: ReadonlyMap<number, ReadonlySet<number>>, from: number, to: number): boolean {
  const seen = new Set<number>([from]);
  for (const at of seen) {
    if (at === to) return true;
    for (const next of reads.get(at) ?? []) seen.add(next);
  }
  return false;
}
