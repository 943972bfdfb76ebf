/**
 * Where two definitions of a tool differ, place by place.
 * Pure. Never calls two definitions the same that have not the same canonical form.
 */
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, jsonEqual, member } from "../json/value.ts";
import type { Place } from "./report.ts";

/** One difference of two definitions. */
export interface DefinitionChange {
  /** The member of the definition that it is in: `description`, `inputSchema`, `outputSchema`, `annotations`, … */
  readonly part: string;
  /** JSON pointer (RFC 6901) into the definition. Elements that come to or go from a list of plain values have the pointer of the list. */
  readonly pointer: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before?: Json;
  readonly after?: Json;
}

/** Every difference, in the order of the members' names. Empty if and only if the values are equal. */
export function definitionChanges(before: Json, after: Json): readonly DefinitionChange[] {
  const found: DefinitionChange[] = [];
  compare(before, after, [], found);
  return found;
}

function changeAt(
  place: Place,
  kind: DefinitionChange["kind"],
  values: { readonly before?: Json; readonly after?: Json },
): DefinitionChange {
  return { part: String(place[0] ?? ""), pointer: pointerOf(place), kind, ...values };
}

/** Depth is bounded by the reader (`jsonDepthMax`). */
function compare(before: Json, after: Json, place: Place, found: DefinitionChange[]): void {
  if (jsonEqual(before, after)) return;
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const key of keys) {
      const [old, now] = [member(before, key), member(after, key)];
      if (old === undefined && now !== undefined) found.push(changeAt([...place, key], "added", { after: now }));
      else if (now === undefined && old !== undefined) found.push(changeAt([...place, key], "removed", { before: old }));
      else if (old !== undefined && now !== undefined) compare(old, now, [...place, key], found);
    }
  } else if (isArray(before) && isArray(after)) compareLists(before, after, place, found);
  else found.push(changeAt(place, "changed", { before, after }));
}

function compareLists(before: readonly Json[], after: readonly Json[], place: Place, found: DefinitionChange[]): void {
  const isPlain = [...before, ...after].every((element) => typeof element !== "object" || element === null);
  if (isPlain) {
    const removed = without(before, after);
    const added = without(after, before);
    for (const element of removed) found.push(changeAt(place, "removed", { before: element }));
    for (const element of added) found.push(changeAt(place, "added", { after: element }));
    // The same values in another order, or more often.
    if (removed.length + added.length === 0) found.push(changeAt(place, "changed", { before, after }));
    return;
  }
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [old, now] = [before[i], after[i]];
    if (old === undefined && now !== undefined) found.push(changeAt([...place, i], "added", { after: now }));
    else if (now === undefined && old !== undefined) found.push(changeAt([...place, i], "removed", { before: old }));
    else if (old !== undefined && now !== undefined) compare(old, now, [...place, i], found);
  }
}

function without(list: readonly Json[], other: readonly Json[]): readonly Json[] {
  const key = (value: Json): string => `${typeof value} ${String(value)}`;
  const known = new Set(other.map(key));
  return list.filter((element) => !known.has(key(element)));
}
