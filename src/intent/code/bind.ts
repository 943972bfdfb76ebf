/**
 * Binds names: destructuring, and what a name is where two branches meet.
 * Pure. Never gives a name the value of one branch only.
 */
import type { Place } from "../intent.ts";
import type { Cel } from "./cel.ts";
import { celOf, chooseValue, share } from "./emit.ts";
import { indexOf, memberValue } from "./evaluate.ts";
import { failOutside } from "./fault.ts";
import { elementKind } from "./kind.ts";
import type { Target } from "./program.ts";
import { bind, type State } from "./state.ts";
import { computed, constant, elementsOf, exactly, typeOf, type Value } from "./value.ts";

/** Binds a target to a value. */
export function bindTarget(state: State, target: Target, value: Value): void {
  const { place } = target;
  switch (target.kind) {
    case "name":
      bind(state, target.name, share(value, target.name));
      return;
    case "members":
      for (const { name, target: inner } of target.members)
        bindTarget(state, inner, memberValue(state, { of: value, name, place }));
      return;
    case "elements": {
      const list = unpacked(state, value, target);
      for (const [i, inner] of target.targets.entries())
        if (inner !== undefined) bindTarget(state, inner, indexOf(state, { of: list, index: constant(i), place }));
    }
  }
}

/** Python wants as many elements as there are names; JavaScript leaves the rest. */
function unpacked(state: State, value: Value, { targets, place }: Target & { readonly kind: "elements" }): Value {
  if (state.language === "javascript") return value;
  const elements = elementsOf(value);
  if (elements !== undefined && elements.length === targets.length) return value;
  if (elements !== undefined) return failOutside(`there are ${elements.length} values for ${targets.length} names`, place);
  const { type } = typeOf(value);
  if (type !== "list" && type !== "unknown") return failOutside("only a list has values for several names", place);
  const list = celOf(state, value, place);
  return computed({ ...exactly(list, targets.length) }, typeOf(value));
}

/** The names after two branches: those that differ are one or the other. */
export function joinBranches(
  state: State,
  { test, yes, no }: { readonly test: Cel; readonly yes: State["env"]; readonly no: State["env"] },
  place: Place,
): void {
  const env = new Map<string, Value>();
  for (const name of new Set([...yes.keys(), ...no.keys()])) {
    const [a, b] = [yes.get(name), no.get(name)];
    if (a === b && a !== undefined) env.set(name, a);
    else if (a === undefined || b === undefined || a.kind === "unset" || b.kind === "unset")
      env.set(name, { kind: "unset", why: "has a value only if a condition holds: give it one before" });
    else env.set(name, joined(state, name, { test, yes: a, no: b, place }));
  }
  state.env = env;
}

function joined(
  state: State,
  name: string,
  { test, yes, no, place }: { readonly test: Cel; readonly yes: Value; readonly no: Value; readonly place: Place },
): Value {
  const isPartial = [yes, no].some(
    (value) => value.kind === "slice" || (value.kind === "ref" && value.optionalFrom !== undefined),
  );
  if (isPartial) return { kind: "unset", why: "is not the same kind of thing in both branches" };
  return share(chooseValue(state, { test, yes, no }, place), name);
}

/** Refuses to change a list that another name may hold: in the language both would see it. */
export function refuseAliases(
  state: State,
  name: string,
  { value, place }: { readonly value: Value; readonly place: Place },
): void {
  for (const [other, its] of state.env)
    if (other !== name && holds(its, value))
      failOutside(`another name, \`${other}\`, may hold the same list: make a new list instead of changing it`, place);
}

function holds(value: Value, list: Value): boolean {
  if (value === list) return true;
  if (value.kind === "list") return value.elements.some((element) => holds(element, list));
  if (value.kind === "object") return [...value.members.values()].some((part) => holds(part, list));
  return false;
}

/** The value of a loop's variable: an element of a list. */
export function rowValue(clause: number, list: Value): Value {
  return { kind: "ref", base: { at: "row", clause }, steps: [], type: elementKind(typeOf(list)) };
}
