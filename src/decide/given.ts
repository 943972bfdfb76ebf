/**
 * Labels that the caller says its arguments carry, beside those that follow from the plan. They only raise.
 * Pure. No I/O, no clock.
 */
import type { CompiledArg } from "../plan/compile/compiled.ts";
import { bottom, join, type Label, type LabelValue } from "../taint/label.ts";
import { downgrade } from "./fill.ts";
import type { LabelledArg } from "./flow.ts";
import type { Resolved } from "./resolve.ts";
import type { Scope } from "./rows.ts";

/** Labels of arguments, by name; `""`: of all of them. */
export type GivenLabels = { readonly [arg: string]: LabelValue };

/** The scope of a call whose arguments came with labels. */
export function withGiven(scope: Scope, labels: GivenLabels | undefined): Scope {
  if (labels === undefined && scope.given === undefined) return scope;
  const named = Object.entries(labels ?? {});
  if (named.length === 0 && scope.given === undefined) return scope;
  const given = new Map(named.map(([name, label]) => [name, scope.program.labels.fromForeign(label)]));
  return { ...scope, given: given.size === 0 ? undefined : given };
}

/** An argument with the label that it has: by its rule, the context where that belongs, and what the caller said. */
export function labelArg(scope: Scope, arg: CompiledArg, resolved: Resolved): LabelledArg {
  const { value, choices, isContext, runs } = resolved;
  const own = isContext ? join(resolved.label, scope.state.context) : resolved.label;
  const given = givenOf(scope, arg);
  if (given === undefined) return { arg, value, label: own, isContext, choices, runs };
  const raised = choices.map((choice) => ({ ...choice, label: join(choice.label, given) }));
  return { arg, value, label: join(own, given), isContext, choices: raised, runs, given };
}

/** What an argument was given, after what the plan endorses and declassifies there; `undefined`: nothing. */
function givenOf(scope: Scope, { name, rule }: CompiledArg): Label | undefined {
  if (scope.given === undefined) return undefined;
  const label = join(scope.given.get(name) ?? bottom, scope.given.get("") ?? bottom);
  return label === bottom ? undefined : downgrade(scope, rule, { label, isContext: false, runs: [] }).label;
}
