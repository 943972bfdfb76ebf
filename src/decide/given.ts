/**
 * Labels that the caller says its arguments carry, beside those that follow from the plan. They only raise.
 * Pure. No I/O, no clock.
 */
import type { CompiledArg } from "../plan/compile/compiled.ts";
import { bottom, join, type Label, type LabelValue } from "../taint/label.ts";
import { downgrade } from "./fill.ts";
import type { LabelledArg } from "./flow.ts";
import type { Scope } from "./rows.ts";

/** Labels of arguments, by name; `""`: of all of them. */
export type GivenLabels = { readonly [arg: string]: LabelValue };

/** The scope of a call whose arguments came with labels. */
export function withGiven(scope: Scope, labels: GivenLabels | undefined): Scope {
  const given = labels === undefined ? undefined : labelsOf(scope, labels);
  if (given === undefined && scope.given === undefined) return scope;
  const { program, state, now, memo, work } = scope;
  return { program, state, now, memo, work, given };
}

function labelsOf({ program }: Scope, labels: GivenLabels): ReadonlyMap<string, Label> | undefined {
  const names = Object.keys(labels);
  if (names.length === 0) return undefined;
  const given = new Map<string, Label>();
  for (const name of names) given.set(name, program.labels.fromForeign(labels[name] as LabelValue));
  return given;
}

/** An argument, its label raised by what the caller said. */
export function raiseArg(scope: Scope, resolved: LabelledArg): LabelledArg {
  const { arg, value, label, isContext, runs } = resolved;
  const given = givenOf(scope, arg);
  if (given === undefined) return resolved;
  let { choices } = resolved;
  if (choices.length > 0) choices = choices.map((choice) => ({ role: choice.role, label: join(choice.label, given) }));
  return { arg, value, label: join(label, given), isContext, runs, choices, given };
}

/** What an argument was given, after what the plan endorses and declassifies there; `undefined`: nothing. */
function givenOf(scope: Scope, { name, rule }: CompiledArg): Label | undefined {
  if (scope.given === undefined) return undefined;
  const label = join(scope.given.get(name) ?? bottom, scope.given.get("") ?? bottom);
  if (label === bottom) return undefined;
  const isPlain = rule.endorse === undefined && rule.declassify === undefined;
  return isPlain ? label : downgrade(scope, rule, { label, isContext: false, runs: [] }).label;
}
