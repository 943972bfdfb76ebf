/**
 * What an audit is told of an allowed call beside its event: labels that its arguments carried, and endorsements and declassifications that
 * the plan applied to them. Pure. Never says a label that the plan does not declare, and never a reader: those are other people's words.
 */
import type { JsonObject } from "../json/value.ts";
import { recordedLabelsMax } from "../limits.ts";
import type { Downgrade, PlanNode } from "../plan/plan.ts";
import { optionsOf, rulesOf } from "../plan/walk.ts";
import type { Program } from "./program.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import type { Decision } from "./decide.ts";
import type { SessionState } from "./state.ts";

/** The names that a plan declares, sorted: others come with results, and are nobody's words to repeat. */
export function declaredNames({ plan }: Pick<Program, "plan">, names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => Object.hasOwn(plan.labels, name)).sort();
}

/** What an operator may know beside the event of a verdict: why it was denied, or what an allowed call carried. */
export function factsOfVerdict(program: Program, verdict: Verdict): JsonObject {
  if (verdict.decision === "deny") return { ...verdict.facts, chain: verdict.chain } as unknown as JsonObject;
  return { ...labelsOf(program, verdict), ...downgradesOf(program, verdict) };
}

/** The same of a decision, the state as it was before it. */
export function factsOfDecision(program: Program, state: SessionState, decision: Decision): JsonObject {
  return factsOfVerdict(program, verdictOf(program, state, decision));
}

type Allowed = Verdict & { readonly decision: "allow" };

/** Names of the labels that each argument carried. Beyond what is bearable: how many there were. */
function labelsOf(program: Program, { labels }: Allowed): JsonObject {
  const carried = Object.entries(labels).flatMap(([arg, { sources }]) => {
    const names = declaredNames(program, sources);
    return names.length === 0 ? [] : [[arg, names] as const];
  });
  const count = carried.reduce((sum, [, names]) => sum + names.length, 0);
  if (count === 0) return {};
  return count > recordedLabelsMax ? { labelCount: count } : { labels: Object.fromEntries(carried) };
}

/** What the plan endorses and declassifies in the arguments that were there: `{ argument, endorse | declassify: [label…], to? }`. */
function downgradesOf({ plan }: Program, { node, args }: Allowed): JsonObject {
  const spec = plan.frozen.plan.nodes[node];
  const given = spec === undefined ? [] : downgradesIn(node, spec).filter(({ argument }) => Object.hasOwn(args, argument));
  return given.length === 0 ? {} : { downgrades: given };
}

const known = new WeakMap<PlanNode, readonly (JsonObject & { readonly argument: string })[]>();

function downgradesIn(name: string, spec: PlanNode): readonly (JsonObject & { readonly argument: string })[] {
  const here = known.get(spec);
  if (here !== undefined) return here;
  const found = rulesOf(name, spec).flatMap(({ arg, rule }) => {
    const { endorse, declassify } = optionsOf(rule);
    return [
      ...(endorse === undefined ? [] : [{ argument: arg, endorse: namesOf(endorse.from), to: namesOf(endorse.to) }]),
      // To whom is said by the plan: readers may be people.
      ...(declassify === undefined ? [] : [{ argument: arg, declassify: namesOf(declassify.from) }]),
    ];
  });
  known.set(spec, found);
  return found;
}

function namesOf(names: Downgrade["from"]): readonly string[] {
  return typeof names === "string" ? [names] : names;
}
