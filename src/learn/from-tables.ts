/**
 * Lists that are those elements of an earlier list for which another call returned what the task describes: a word, or a number within
 * a bound. `get_kinds(names)` returns `{"Bellecour Inn": "hotel", …}`: then `names.filter(n, get_kinds[n] == "hotel")`.
 * Pure. Offers a condition only if it leaves exactly the wanted elements, in their order.
 */
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import type { Draft } from "./draft.ts";
import { spellingIn } from "./select.ts";
import { isSeenAt, type Step } from "./steps.ts";
import type { TaskWords } from "./task-words.ts";

/** A list that was an argument of a call, and the member that the call's result has for each element. */
export interface Table {
  /** Name of the node that the list is. */
  readonly list: string;
  /** Name of the node with the result. */
  readonly node: string;
  readonly names: readonly string[];
  readonly values: readonly Json[];
}

/** A list as an expression with one condition over a table. */
export interface TableRule {
  readonly table: Table;
  readonly expression: string;
  readonly condition: string;
  /** The word or number of the task in the condition. */
  readonly literal: Json;
}

/** Characters of a value. A longer text is prose: it contains any word, and whoever adds to it adds words. */
const valueCharsMax = 80;

/** The tables that a call at `step` may use. */
export function tablesAt(draft: Draft, step: Step): readonly Table[] {
  return draft.nodes.flatMap((node): readonly Table[] => {
    const [run] = node.runs;
    if (node.each !== undefined || run === undefined || !isSeenAt(run, step) || !isObject(run.result ?? null)) return [];
    const result = run.result as { readonly [name: string]: Json };
    return [...node.args].flatMap(([arg, { rule }]) => {
      const given = run.args[arg];
      const list =
        typeof rule === "object" && rule !== null && "from" in rule ? /^([a-z_][a-z0-9_]*)\$$/.exec(rule.from)?.[1] : undefined;
      if (list === undefined || !isArray(given)) return [];
      const names = given.filter((name) => typeof name === "string" && Object.hasOwn(result, name)) as readonly string[];
      if (names.length < given.length) return [];
      return [{ list, node: node.name, names, values: names.map((name) => result[name] as Json) }];
    });
  });
}

/** The first condition of the task that leaves the wanted list. */
export function tableRuleOf(tables: readonly Table[], wanted: readonly Json[], task: TaskWords): TableRule | undefined {
  for (const table of tables) {
    const isWanted = table.names.map((name) => wanted.includes(name));
    if (
      !jsonEqual(
        table.names.filter((_, place) => isWanted[place]),
        wanted,
      ) ||
      !isWanted.includes(false)
    )
      continue;
    const found = conditionOf(table.values, { isWanted, access: `${table.node}[n]`, task });
    if (found !== undefined) return { table, ...found, expression: `${table.list}.filter(n, ${found.condition})` };
  }
  return undefined;
}

interface Wanted {
  readonly isWanted: readonly boolean[];
  readonly access: string;
  readonly task: TaskWords;
}

type Condition = Pick<TableRule, "condition" | "literal">;

/** A condition that the values of the wanted elements meet and no others. */
function conditionOf(values: readonly Json[], { isWanted, access, task }: Wanted): Condition | undefined {
  const isApart = (holds: (value: Json) => boolean): boolean => values.every((value, place) => holds(value) === isWanted[place]);
  if (values.every((value) => typeof value === "number")) {
    for (const bound of task.numbers) {
      if (isApart((value) => Number(value) < bound)) return { condition: `${access} < ${bound}`, literal: bound };
      if (isApart((value) => Number(value) > bound)) return { condition: `${access} > ${bound}`, literal: bound };
    }
    return undefined;
  }
  const areLists = values.every(isArray);
  const areTexts = values.every((value) => typeof value === "string" && value.length <= valueCharsMax);
  const sample = values[isWanted.indexOf(true)];
  for (const word of areLists || areTexts ? task.words : []) {
    const spelled = (isArray(sample) ? sample : [sample])
      .map((text) => (typeof text === "string" ? spellingIn(text, word) : undefined))
      .find((one) => one !== undefined);
    if (spelled === undefined) continue;
    const written = JSON.stringify(spelled);
    if (areLists && isApart((value) => (value as readonly Json[]).includes(spelled)))
      return { condition: `${written} in ${access}`, literal: spelled };
    if (areTexts && isApart((value) => value === spelled)) return { condition: `${access} == ${written}`, literal: spelled };
    if (areTexts && isApart((value) => String(value).includes(spelled)))
      return { condition: `${access}.contains(${written})`, literal: spelled };
  }
  return undefined;
}
