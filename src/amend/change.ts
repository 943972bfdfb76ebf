/**
 * What a difference between two plans is: its direction, where it stands on both sides, a sentence, and a witness.
 * Pure. Judges nothing by itself.
 */
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import type { FrozenPlan } from "../plan/plan.ts";

/**
 * How what the new plan allows compares to what the old one allows in the same history: the same calls; no others; more; or some that the
 * old one does not and not shown to be all of them (also: nothing could be shown).
 */
export type Relation = "same" | "narrower" | "wider" | "incomparable";

/** One difference between two plans. */
export interface PlanChange {
  readonly relation: Relation;
  readonly node?: string;
  readonly argument?: string;
  /** JSON pointer (RFC 6901) into the old plan; absent: the old plan says nothing there. */
  readonly before?: string;
  /** JSON pointer into the new plan; absent: the new plan says nothing there. */
  readonly after?: string;
  /** For a person. It may hold values of both plans. */
  readonly sentence: string;
  /** Something that the new plan lets through and the old one does not. */
  readonly witness?: Json;
}

/** One of the two plans. */
export interface Side {
  readonly frozen: FrozenPlan;
  readonly compiled: CompiledPlan;
}

/** What comparing looks at, and where it says what it found. */
export interface Comparison {
  readonly before: Side;
  readonly after: Side;
  /** Whether any denial of the old plan rests on a label, so that a lower label may let more through. */
  readonly doLabelsMatter: boolean;
  /** Whether anything is declassified: then a higher label may let more through (src/README.md, "Labels": `declassify`). */
  readonly isDeclassifying: boolean;
  report(change: PlanChange): void;
}

/** Steps to a place in a plan. */
export type Steps = readonly (string | number)[];

/** Where a change stands: steps into both plans. `undefined`: that plan says nothing there. */
export interface Place {
  readonly node?: string;
  readonly argument?: string;
  readonly before: Steps | undefined;
  readonly after: Steps | undefined;
}

/** The place one step further on both sides. */
export function stepTo(place: Place, ...steps: Steps): Place {
  const { before, after } = place;
  return { ...place, before: before && [...before, ...steps], after: after && [...after, ...steps] };
}

/** Reports a change at a place. */
export function reportAt(
  comparison: Comparison,
  { before, after, ...place }: Place,
  change: { readonly relation: Relation; readonly sentence: string; readonly witness?: Json | undefined },
): void {
  const { witness, ...rest } = change;
  comparison.report({
    ...rest,
    ...place,
    ...(before === undefined ? {} : { before: pointerOf(before) }),
    ...(after === undefined ? {} : { after: pointerOf(after) }),
    ...(witness === undefined ? {} : { witness }),
  });
}

/** The relation of a change that else is `relation` and also lowers a label. */
export function loweringLabels({ doLabelsMatter }: Comparison, relation: Relation): Relation {
  return doLabelsMatter ? (relation === "same" ? "wider" : "incomparable") : relation;
}

/** The relation of a change that else is `relation` and also raises a label. */
export function raisingLabels({ isDeclassifying }: Comparison, relation: Relation): Relation {
  return isDeclassifying ? "incomparable" : relation === "same" ? "narrower" : relation;
}

/** The relation of all of several: `same` is neutral, and both directions at once are incomparable. */
export function combine(relations: Iterable<Relation>): Relation {
  let all: Relation = "same";
  for (const relation of relations) {
    if (relation === "same" || relation === all) continue;
    all = all === "same" ? relation : "incomparable";
  }
  return all;
}

/** The relation of two inclusions, each shown or not. */
export function relationOf(isAfterWithin: boolean, isBeforeWithin: boolean): Relation {
  if (isAfterWithin) return isBeforeWithin ? "same" : "narrower";
  return isBeforeWithin ? "wider" : "incomparable";
}
