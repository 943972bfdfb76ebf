/**
 * Values that a superlative of the task singles out: of the row with the greatest or least member, the most frequent value,
 * the element whose run of a loop returned most.
 * Pure. Offers nothing unless the task has such a word, since any value is the greatest of something.
 */
import { isObject, type Json, jsonEqual } from "../json/value.ts";
import { compileExpression } from "../lang/expression.ts";
import { memberAccess, memberStep, type RowSet, rowsExpression, type Source } from "./places.ts";
import type { TaskWords } from "./task-words.ts";

/** Computed lists, one after the other; `$` in an expression stands for the name of the one before. */
export interface BestRule {
  readonly lets: readonly { readonly hint: string; readonly expression: string }[];
  /** JSONPath below the last of them. */
  readonly path: string;
  /** Several are equally good, and the last of them was taken. */
  readonly isLastOfTies: boolean;
  readonly sources: readonly Source[];
  /** In words, for the finding. */
  readonly says: string;
}

/** A loop whose rows and results stand side by side: what it ran over, and one result for each row. */
export interface RunSet {
  readonly rows: RowSet;
  readonly runs: Source;
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
  { task, sets, runSets }: { readonly task: TaskWords; readonly sets: readonly RowSet[]; readonly runSets: readonly RunSet[] },
): BestRule | undefined {
  for (const extreme of extremesOf(task)) {
    for (const set of sets) {
      const rule = bestRow(set, wanted, extreme) ?? bestCount(set, wanted, extreme);
      if (rule !== undefined) return rule;
    }
    for (const runSet of runSets) {
      const rule = bestRun(runSet, wanted, extreme);
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
  const base = rowsExpression(set);
  for (const name of Object.keys(rows[0] ?? {})) {
    const scores = rows.map((row) => row[name]);
    const isOrdered =
      scores.every((score) => typeof score === "number") ||
      scores.every((score) => typeof score === "string" && /^\d{4}-\d{2}-\d{2}/.test(score));
    if (!isOrdered) continue;
    const [place, ...ties] = bestPlaces(scores as readonly (number | string)[], extreme);
    const row = place === undefined || ties.length > 0 ? undefined : rows[place];
    const member = row && Object.entries(row).find(([other, value]) => other !== name && jsonEqual(value, wanted))?.[0];
    if (member === undefined) continue;
    const access = memberAccess(name);
    const expression = `${base}.filter(r, r${access} == ${extreme.name}(${base}.map(q, q${access})))`;
    const says = `the row of \`${set.source.name}\` with the ${extreme.name}imum \`${name}\``;
    return {
      lets: [{ hint: `${extreme.name} ${name}`, expression }],
      path: `$[*]${memberStep(member)}`,
      isLastOfTies: false,
      sources: [set.source],
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
      { hint: `${extreme.name} ${name}`, expression: `$.filter(r, r.count == ${extreme.name}($.map(q, q.count)))` },
    ];
    const says = `the \`${name}\` that occurs ${extreme.name === "max" ? "most" : "least"} often in \`${set.source.name}\``;
    return { lets, path: "$[*].value", isLastOfTies: false, sources: [set.source], says };
  }
  return undefined;
}

const hasZip = compileExpression("zip([1], [2])", { variables: [] }).ok;

/** The element of a loop's list whose run returned the most or fewest elements. Needs one run for each row. */
function bestRun({ rows, runs }: RunSet, wanted: Json, extreme: Extreme): BestRule | undefined {
  const sizes = runs.runs.map((run) => (Array.isArray(run) ? run.length : -1));
  if (!hasZip || rows.rows.length !== sizes.length || sizes.length < 2 || sizes.includes(-1)) return undefined;
  const places = bestPlaces(sizes, extreme);
  const last = places.at(-1);
  if (last === undefined || !jsonEqual(rows.rows[last], wanted)) return undefined;
  const lets = [
    { hint: "by_size", expression: `zip(${rowsExpression(rows)}, ${runs.name}).map(p, {"value": p[0], "count": size(p[1])})` },
    { hint: `${extreme.name} size`, expression: `$.filter(r, r.count == ${extreme.name}($.map(q, q.count)))` },
  ];
  const says = `the element of \`${rows.source.name}\` for which \`${runs.name}\` returned the ${extreme.name === "max" ? "most" : "fewest"}`;
  return { lets, path: "$[*].value", isLastOfTies: places.length > 1, sources: [rows.source, runs], says };
}
