/**
 * What an amendment writes: every part of the new plan that the old one has not in the same place.
 * Pure. Leaves nothing out: a list whose elements moved is written anew.
 */
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import type { Plan } from "../plan/plan.ts";

/** A value that an amendment writes. */
export interface Written {
  /** JSON pointer (RFC 6901) into the new plan. */
  readonly pointer: string;
  readonly value: Json;
}

/** The values that `after` has and `before` has not in their places, those of objects one by one in ascending order of their names. */
export function writtenIn(before: Plan, after: Plan): readonly Written[] {
  const found: Written[] = [];
  collect(found, { before: before as unknown as Json, after: after as unknown as Json, path: [] });
  return found;
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json;
  readonly path: readonly (string | number)[];
}

/** As deep as the plan, whose depth is bounded where it is read. */
function collect(found: Written[], { before, after, path }: Pair): void {
  if (before !== undefined && jsonEqual(before, after)) return;
  if (isObject(after) && Object.keys(after).length > 0) {
    const old = before !== undefined && isObject(before) ? before : {};
    for (const name of Object.keys(after).sort())
      collect(found, {
        before: Object.hasOwn(old, name) ? old[name] : undefined,
        after: after[name] as Json,
        path: [...path, name],
      });
    return;
  }
  if (isArray(after) && after.some((element) => isObject(element))) {
    const old = before !== undefined && isArray(before) ? before : [];
    for (const [at, element] of after.entries()) collect(found, { before: old[at], after: element, path: [...path, at] });
    return;
  }
  found.push({ pointer: pointerOf(path), value: after });
}
