/**
 * Changes of a plan as a JSON Patch (RFC 6902), of which `add`, `remove` and `replace` are enough.
 * Pure. Never changes the plan that it is given, and never makes a path that is not there.
 */
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../json/value.ts";
import type { Plan } from "../plan/plan.ts";

/** Keys and indexes from the plan to a place in it. */
export type Steps = readonly (string | number)[];

/** One operation (RFC 6902 §4). The path is kept in steps; {@link patchJson} writes it as a pointer. */
export type Operation =
  | { readonly op: "add" | "replace"; readonly path: Steps; readonly value: Json }
  | { readonly op: "remove"; readonly path: Steps };

/** Operations, one after the other. */
export type Patch = readonly Operation[];

/** Applies a patch. `undefined`: a path is not there. */
export function applyPatch(plan: Plan, patch: Patch): Plan | undefined {
  let value: Json | undefined = plan as unknown as Json;
  for (const operation of patch) {
    value = value === undefined ? undefined : changed(value, operation.path, operation);
  }
  return value as unknown as Plan | undefined;
}

function changed(value: Json, path: Steps, operation: Operation): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return operation.op === "remove" ? undefined : operation.value;
  if (isArray(value)) return changedList(value, { step, rest, operation });
  if (!isObject(value) || typeof step !== "string") return undefined;
  const inner = member(value, step);
  if (rest.length > 0) {
    const next = inner === undefined ? undefined : changed(inner, rest, operation);
    return next === undefined ? undefined : withMember(value, step, next);
  }
  if (operation.op !== "add" && inner === undefined) return undefined;
  return operation.op === "remove" ? withoutMember(value, step) : withMember(value, step, operation.value);
}

function changedList(
  list: readonly Json[],
  at: { readonly step: string | number; readonly rest: Steps; readonly operation: Operation },
): Json | undefined {
  const { step, rest, operation } = at;
  if (step === "-" && operation.op === "add" && rest.length === 0) return [...list, operation.value];
  if (typeof step !== "number" || step >= list.length) return undefined;
  if (rest.length > 0) {
    const next = changed(list[step] as Json, rest, operation);
    return next === undefined ? undefined : list.with(step, next);
  }
  if (operation.op === "remove") return list.filter((_, i) => i !== step);
  return operation.op === "replace" ? list.with(step, operation.value) : list.toSpliced(step, 0, operation.value);
}

/** With a member set in its place, or added at the end. `fromEntries` defines members, so no name is taken for the prototype. */
function withMember(object: JsonObject, key: string, value: Json): JsonObject {
  const entries = Object.entries(object);
  const at = entries.findIndex(([name]) => name === key);
  return Object.fromEntries(at === -1 ? [...entries, [key, value]] : entries.with(at, [key, value]));
}

/** The patch as RFC 6902 writes it. */
export function patchJson(patch: Patch): Json {
  return patch.map((operation) => ({
    op: operation.op,
    path: pointerOf(operation.path),
    ...(operation.op === "remove" ? {} : { value: operation.value }),
  }));
}
