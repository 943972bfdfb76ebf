/**
 * Values that a superlative of the task singles out: of the row with the greatest or least member, and the most frequent value.
 * Pure. Offers nothing unless the task has such a word, since any value is the greatest of something.
 */
import { isObject, type Json, jsonEqual } from "../json/value.ts";
import { memberAccess, memberStep, type RowSet, rowsExpression, type Source } from "./places.ts";
import type { TaskWords } from "./task-words.ts";

/** Computed lists, one after the other; `$` in an expression stands for the name of the one before. */
export interface BestRule {
  readonly lets: readonly { readonly hint: string; readonly expression: string }[];
  /** JSONPath below the last of them. */
  readonly path: string;
  readonly source: Source;
  /** In words, for the finding. */
  readonly says: string;
}

const most = /\b(?:most|highest|largest|biggest|greatest|longest|maximum|max|latest|newest|best|top|busiest|oldest)\b/i;
const least = /\b(?:least|lowest|smallest|fewest|shortest|minimum|min|cheapest|earliest|oldest|worst)\b/i;

interface Extreme {
  readonly name: "max" | "min";
  readonly compare: (a: number | string, b: number | string) => boolean;
}

/** The directions that the task asks for. */
function extremesOf(task: TaskWords): readonly Extreme[] {
  const found: Extreme[] = [];
  if (most.test(task.text)) found.push({ name: "max", compare: (a, b) => a > b });
  if (least.test(task.text)) found.push({ name: "min", compare: (a, b) => a < b });
  return found;
}

/** The first way in which a superlative of the task singles out `wanted`. */
export function bestRuleOf(
  wanted: Json,
  { task, sets }: { readonly task: TaskWords; readonly sets: readonly RowSet[] },
): BestRule | undefined {
  for (const extreme of extremesOf(task)) {
    for (const set of sets) {
      const rule = bestRow(set, wanted, extreme) ?? bestCount(set, wanted, extreme);
      if (rule !== undefined) return rule;
    }
  }
  return undefined;
}

/** The places of the best scores. */
function bestPlaces(scores: readonly (number | string)[], { compare }: Extreme): readonly number[] {
  let places: number[] = [];
  for (const [place, score] of scores.entries()) {
    const best = scores[places[0] ?? -1];
    if (best === undefined || compare(score, best)) places = [place];
    else if (score === best) places.push(place);
  }
  return places;
}

/** The row whose number or date is greatest or least, and which no other row equals in it. */
function bestRow(set: RowSet, wanted: Json, extreme: Extreme): BestRule | undefined {
  const rows = set.rows.filter(isObject);
  if (rows.length < 2 || rows.length !== set.rows.length) return undefined;
  for (const name of Object.keys(rows[0] ?? {})) {
    // `maxBy` reads a dot as a step.
    if (name.includes(".")) continue;
    const scores = rows.map((row) => row[name]);
    const isOrdered =
      scores.every((score) => typeof score === "number") ||
      scores.every((score) => typeof score === "string" && /^\d{4}-\d{2}-\d{2}/.test(score));
    if (!isOrdered) continue;
    const [place, ...ties] = bestPlaces(scores as readonly (number | string)[], extreme);
    const row = place === undefined || ties.length > 0 ? undefined : rows[place];
    const member = row && Object.entries(row).find(([other, value]) => other !== name && jsonEqual(value, wanted))?.[0];
    if (member === undefined) continue;
    const expression = `${extreme.name}By(${rowsExpression(set)}, ${JSON.stringify(name)})`;
    const says = `the row of \`${set.source.name}\` with the ${extreme.name}imum \`${name}\``;
    return {
      lets: [{ hint: `${extreme.name} ${name}`, expression }],
      path: `$${memberStep(member)}`,
      source: set.source,
      says,
    };
  }
  return undefined;
}

/** The value that occurs most or least often in one member of the rows. */
function bestCount(set: RowSet, wanted: Json, extreme: Extreme): BestRule | undefined {
  const rows = set.rows.filter(isObject);
  if (typeof wanted !== "string" || rows.length < 2 || rows.length !== set.rows.length) return undefined;
  for (const name of Object.keys(rows[0] ?? {})) {
    const values = rows.map((row) => row[name]);
    if (!values.every((value) => typeof value === "string") || !values.includes(wanted)) continue;
    const kinds = [...new Set(values)];
    const [place, ...ties] = bestPlaces(
      kinds.map((kind) => values.filter((value) => value === kind).length),
      extreme,
    );
    if (kinds.length < 2 || ties.length > 0 || kinds[place ?? -1] !== wanted) continue;
    const lets = [
      { hint: `${name}s`, expression: `${rowsExpression(set)}.map(r, r${memberAccess(name)})` },
      { hint: `${name}_counts`, expression: 'distinct($).map(v, {"value": v, "count": size($.filter(x, x == v))})' },
      { hint: `${extreme.name} ${name}`, expression: `${extreme.name}By($, "count")` },
    ];
    const says = `the \`${name}\` that occurs ${extreme.name === "max" ? "most" : "least"} often in \`${set.source.name}\``;
    return { lets, path: "$.value", source: set.source, says };
  }
  return undefined;
}
