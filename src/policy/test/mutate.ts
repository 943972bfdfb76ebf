/**
 * Mutants of a policy: each with one entry less, so that an example should notice.
 * Pure. A mutant is never stricter than the policy; what only approvals or other rules refer to is left alone.
 */
import { pointerOf } from "../../json/pointer.ts";
import { builtInLabels } from "../../plan/built-in-labels.ts";
import type { Policy } from "../policy.ts";

/** A weaker policy. */
export interface Mutant {
  /** Where the policy was weakened. */
  readonly pointer: string;
  /** What was done there. */
  readonly message: string;
  readonly policy: Policy;
}

type Steps = readonly (string | number)[];

/** A JSON value that may be edited. */
type Value = { readonly [key: string]: unknown } | readonly unknown[];

/** Every mutant of a policy as it is written, in the order of its members. */
export function mutantsOf(policy: Policy): readonly Mutant[] {
  const { examples: _, ...rules } = policy;
  const removals = [
    ...(policy.readers === "closed" ? [["readers"]] : []),
    ...labelPlaces(policy),
    ...listPlaces(policy, "flows", ["deny", "to", "args", "roles"]),
    ...listPlaces(policy, "sanitizers", ["labels", "to", "args", "roles"]),
    ...listPlaces(policy, "forbid", ["tools", "effects", "classes", "roles"]),
    ...listPlaces(policy, "constraints", ["tools", "effects"]),
    ...holdPlaces(policy),
    ...mapPlaces(policy.roles, "roles"),
    ...mapPlaces(policy.effects, "effects"),
    ...Object.keys(policy.audience ?? {}).map((glob): Steps => ["audience", glob]),
    ...mapPlaces(policy.approve, "approve"),
    ...limitPlaces(policy),
  ] as readonly Steps[];
  const wider = (policy.sanitizers ?? []).map((_rule, at): Mutant => {
    const steps: Steps = ["sanitizers", at, "through"];
    return { pointer: pointerOf(steps), message: "any tool accepted as sanitizer", policy: replace(rules, steps, "*") as Policy };
  });
  return [
    ...removals.map(
      (steps): Mutant => ({ pointer: pointerOf(steps), message: "removed", policy: remove(rules, steps) as Policy }),
    ),
    ...wider,
  ];
}

/** Labels whose declaration changes what they mean: readers, and integrity where no rule needs the declaration. */
function labelPlaces(policy: Policy): readonly Steps[] {
  const named = new Set([
    ...(policy.flows ?? []).flatMap(({ deny, accepts }) => [...deny, ...(accepts ?? [])]),
    ...(policy.sanitizers ?? []).flatMap(({ labels }) => labels),
  ]);
  return Object.entries(policy.labels ?? {}).flatMap(([name, { integrity, readers }]): readonly Steps[] => {
    const isBuiltIn = Object.hasOwn(builtInLabels, name) && builtInLabels[name]?.integrity === integrity;
    if (readers !== undefined && readers !== "public") return [["labels", name, "readers"]];
    return named.has(name) || isBuiltIn || readers === "public" ? [] : [["labels", name]];
  });
}

/** The rules of a list, and the elements of their own lists where there are several. */
function listPlaces(
  policy: Policy,
  kind: "flows" | "sanitizers" | "forbid" | "constraints",
  members: readonly string[],
): readonly Steps[] {
  return (policy[kind] ?? []).flatMap((rule, at): readonly Steps[] => [
    [kind, at],
    ...members.flatMap((member): readonly Steps[] => {
      const list = (rule as unknown as { readonly [name: string]: unknown })[member];
      return Array.isArray(list) && list.length > 1 ? list.map((_element, i) => [kind, at, member, i]) : [];
    }),
  ]);
}

/** The constraints of a rule that holds several. */
function holdPlaces(policy: Policy): readonly Steps[] {
  return (policy.constraints ?? []).flatMap(({ hold }, at) => {
    const members = Object.keys(hold);
    return members.length > 1 ? members.map((member): Steps => ["constraints", at, "hold", member]) : [];
  });
}

/** The entries of a map of maps or lists. */
function mapPlaces(map: object | undefined, kind: string): readonly Steps[] {
  return Object.entries(map ?? {}).flatMap(([key, inner]) =>
    Array.isArray(inner)
      ? inner.map((_element, i): Steps => [kind, key, i])
      : Object.keys(inner as object).map((name): Steps => [kind, key, name]),
  );
}

function limitPlaces({ limits }: Policy): readonly Steps[] {
  // A replay knows no time, so that no example could notice `seconds`.
  const names = Object.keys(limits ?? {}).filter((name) => name !== "seconds");
  return names.flatMap((name): readonly Steps[] =>
    name === "text" ? Object.keys(limits?.text ?? {}).map((member) => ["limits", "text", member]) : [["limits", name]],
  );
}

/** A copy without the element or member at a place; a list that would be empty goes with it, since it would mean something else. */
function remove(value: unknown, steps: Steps): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return undefined;
  const inner = rest.length === 0 ? undefined : remove((value as { readonly [key: string]: unknown })[step], rest);
  const isGone = inner === undefined || (Array.isArray(inner) && inner.length === 0);
  if (Array.isArray(value)) return isGone ? value.filter((_element, at) => at !== step) : value.with(step as number, inner);
  const copy = { ...(value as { readonly [key: string]: unknown }) };
  if (isGone) delete copy[step];
  else copy[step] = inner;
  return copy;
}

function replace(value: unknown, steps: Steps, by: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return by;
  const inner = replace((value as { readonly [key: string]: unknown })[step], rest, by);
  return Array.isArray(value) ? value.with(step as number, inner) : { ...(value as Value), [step]: inner };
}
