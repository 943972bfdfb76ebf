/**
 * Checks a learned plan against the run that it was learned from: what would be denied is learned again, more literally.
 * Pure. The plan is frozen only to be tried here; a human freezes the draft.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Finding } from "../plan/finding.ts";
import { freezePlan } from "../plan/freeze.ts";
import type { Plan } from "../plan/plan.ts";
import { replayTrace } from "../replay.ts";
import type { Step } from "./steps.ts";
import type { Trace } from "../trace.ts";

/** Arguments that are to be taken literally: {@link literalKey}s. */
export type Literals = ReadonlySet<string>;

/** The key of one argument of a call, or (without `arg`) of the call as a whole. */
export function literalKey(step: Pick<Step, "key">, arg?: string): string {
  return `${step.key}\n${arg ?? ""}`;
}

/** The key of the call that a key of one of its arguments belongs to. */
export function wholeKey(key: string): string {
  return key.slice(0, key.indexOf("\n") + 1);
}

/** What is wrong with a plan: keys of what is to be taken literally, and why in one line each. */
export interface Problem {
  readonly key: string;
  readonly says: string;
}

/** The calls of the trace that the plan would deny. Empty: the plan allows its own run. */
export function problemsOf(
  plan: Plan,
  { catalogue, trace, steps }: { readonly catalogue: Catalogue; readonly trace: Trace; readonly steps: readonly Step[] },
): readonly Problem[] {
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) return frozen.error.flatMap((finding) => problemsAt(plan, finding, steps));
  const calls = replayTrace(frozen.value, trace);
  if (!calls.ok) return calls.error.flatMap((finding) => problemsAt(plan, finding, steps));
  const never = neverSucceeded(steps);
  for (const call of calls.value) {
    const step = steps[call.i];
    // The first denial only: later ones may follow from it.
    if (call.verdict === "allow" || step === undefined || never.has(step.key)) continue;
    const says = `${call.code} at call ${call.i}`;
    // Two nodes that fit one call: none of the calls of that tool may be looser than it was.
    if (call.code === "CALL_AMBIGUOUS") {
      return steps.filter((other) => other.tool === step.tool).map((other) => ({ key: literalKey(other), says }));
    }
    const arg = call.code?.startsWith("ARG_") ? call.argument?.split("/")[0] : undefined;
    return [{ key: literalKey(step, arg), says }];
  }
  return [];
}

/** Calls that failed whenever they were made: if they act, the plan leaves them out. */
function neverSucceeded(steps: readonly Step[]): ReadonlySet<string> {
  const good = new Set(steps.filter((step) => !step.isFailed).map((step) => step.key));
  return new Set(steps.filter((step) => !good.has(step.key)).map((step) => step.key));
}

/** A finding at an argument speaks about every call of that node's tool which has the argument. */
function problemsAt(plan: Plan, finding: Finding, steps: readonly Step[]): readonly Problem[] {
  const [, , name = "", part, arg] = finding.pointer.split("/");
  const tool = plan.nodes[name]?.tool;
  const isOwn = (step: Step): boolean => tool === undefined || step.tool.name === tool;
  const says = `${finding.code} at ${finding.pointer}`;
  const key = part === "args" ? arg : undefined;
  return steps
    .filter((step) => isOwn(step) && (key === undefined || Object.hasOwn(step.args, key)))
    .map((step) => ({ key: literalKey(step, key), says }));
}
