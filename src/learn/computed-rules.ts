/**
 * Arguments that are computed: lists taken from a text, values behind a label, superlatives, arithmetic, positions.
 * Pure but for the draft. Every one of them is reported, since it is a guess that fits one run.
 *
 * At most two operators over operands. An operand is a reference, a row that a sibling selects, a list or an amount behind a label, or a
 * number of the task; arithmetic, a comparison, a count, a greatest or least and a rounding are operators.
 */
import { isArray, type Json, jsonEqual, type JsonObject } from "../json/value.ts";
import { type Argument, type ArgumentContext, consent, of, quoted, say } from "./argument.ts";
import { addLet, type LearnedRule } from "./draft.ts";
import { bestRuleOf } from "./from-best.ts";
import { numberRuleOf, type Operand } from "./from-numbers.ts";
import { addDays, isDate } from "../lang/date.ts";
import { linesRuleOf } from "./from-parts.ts";
import { tableRuleOf } from "./from-tables.ts";
import { isIdName } from "./names.ts";
import { accessChain, memberStep, placesWhere, rowSetsOf } from "./places.ts";

/** Days between a date and one that is computed from it: a month. */
const daysMax = 31;

/** A list whose elements stand side by side in a text. */
export function linesRule(
  argument: Argument,
  value: JsonObject | readonly Json[],
  context: ArgumentContext,
): LearnedRule | undefined {
  const lines = isArray(value) ? linesRuleOf(context.sources, value, context.given) : undefined;
  if (lines === undefined) return undefined;
  const { source, expression } = lines;
  consent(argument, { how: "all", source, path: "$", values: [] }, context);
  const name = addLet(context.draft, { hint: argument.name, expression }, [source.name]);
  return { rule: { from: `${name}$` }, learned: "from", strength: "told", reads: [name] };
}

/** The elements of an earlier list that the task describes. */
export function tableRule(
  argument: Argument,
  value: JsonObject | readonly Json[],
  context: ArgumentContext,
): LearnedRule | undefined {
  const found = isArray(value) && value.length > 0 ? tableRuleOf(context.tables, value, context.task) : undefined;
  if (found === undefined) return undefined;
  const { table, expression, condition, literal } = found;
  const name = addLet(context.draft, { hint: argument.name, expression }, [table.list, table.node]);
  const message = `data from \`${table.node}\` chooses ${of(argument, context)}: the elements of \`${table.list}\` with ${quoted(condition)}: confirm it`;
  say(context, argument.path, "LEARN_COMPUTED", "warning", message);
  return { rule: { from: `${name}$` }, learned: "from", strength: "computed", reads: [name], literals: [literal] };
}

/** A date some days before or after another one that a result is or has under a fixed name. */
export function dateRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  const wanted = typeof value === "string" && isDate(value) ? value : undefined;
  if (wanted === undefined) return undefined;
  for (const { source, path, value: known } of placesWhere(context.sources, (one) => typeof one === "string" && isDate(one))) {
    const isNamed = path.every((step) => typeof step === "string");
    if (source.isLoop || !isNamed) continue;
    for (let days = -daysMax; days <= daysMax; days++) {
      const moved = addDays(String(known), days);
      if (!moved.ok || moved.value !== wanted) continue;
      const expr = `addDays(${source.name}${accessChain(path as readonly string[])}, ${days})`;
      const message = `${of(argument, context)} is computed as \`${expr}\` from \`${source.name}\`: it fits this trace, confirm that it is meant`;
      say(context, argument.path, "LEARN_COMPUTED", "warning", message);
      return { rule: { expr }, learned: "expr", strength: "computed", reads: [source.name] };
    }
  }
  return undefined;
}

/** A value that a superlative of the task singles out: at most a count and the greatest or least of it. */
export function bestRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const best = bestRuleOf(value, { task: context.task, sets: rowSetsOf(context.sources) });
  if (best === undefined) return undefined;
  const source = best.source.name;
  let name = "";
  for (const { hint, expression } of best.lets) {
    const reads = name === "" ? [source] : [name];
    name = addLet(context.draft, { hint: `${source}_${hint}`, expression: expression.replaceAll("$", name) }, reads);
  }
  const message = `data from \`${source}\` chooses ${of(argument, context)}: ${best.says}; of equal ones the first: confirm it`;
  say(context, argument.path, "LEARN_COMPUTED", "warning", message);
  return { rule: { from: `${name}${best.path}` }, learned: "from", strength: "computed", reads: [name] };
}

/** A number that is computed. */
export function numberRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (typeof value !== "number" || isIdName(argument.name)) return undefined;
  const found = numberRuleOf(context.sources, value, context.task);
  if (found === undefined) return undefined;
  const reads: string[] = [];
  const require: string[] = [];
  const codes = found.operands.map((operand) => {
    const name = operandNode(operand, context);
    if (operand.source !== undefined) reads.push(name ?? operand.source.name);
    require.push(...operand.require.map((condition) => condition.replaceAll("$", name ?? "")));
    return operand.code.replaceAll("$", name ?? "");
  });
  const expr = found.form.replace(/\{(\d)\}/g, (_, place: string) => codes[Number(place)] ?? "");
  const sources = [...new Set(found.operands.flatMap((operand) => operand.source?.name ?? []))];
  const message = `${of(argument, context)} is computed as \`${expr}\` from ${sources.map(quoted).join(" and ")}: it fits this trace, confirm that it is meant`;
  say(context, argument.path, "LEARN_COMPUTED", "warning", message);
  const literals = found.operands.flatMap((operand) => (operand.literal === undefined ? [] : [operand.literal]));
  return { rule: { expr }, learned: "expr", strength: "computed", reads, require: [...new Set(require)], literals };
}

function operandNode({ rows, text, source }: Operand, { draft }: ArgumentContext): string | undefined {
  if (source === undefined) return undefined;
  if (rows !== undefined)
    return addLet(draft, { hint: `${source.name}_${rows.hint}`, expression: rows.expression }, [source.name]);
  if (text === undefined) return undefined;
  const line = addLet(draft, { hint: `${source.name}_${text.hint}`, expression: text.line }, [source.name]);
  return addLet(draft, { hint: `${line}_amount`, expression: text.value.replace("$", line) }, [line]);
}

/** The first or the last element of a list: the only handle on an element that nothing describes. */
export function positionRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (!context.canGuess || (typeof value !== "string" && !isIdName(argument.name))) return undefined;
  for (const set of rowSetsOf(context.sources)) {
    const { rows, source, prefix } = set;
    if (source.isLoop || rows.length < 2) continue;
    const pick = jsonEqual(rows[0], value) ? "first" : jsonEqual(rows.at(-1), value) ? "last" : undefined;
    if (pick === undefined) continue;
    const path = `${source.name}$${prefix.map(memberStep).join("")}[*]`;
    const message = `data from \`${source.name}\` chooses ${of(argument, context)}: the ${pick} element of its list, since nothing else describes it: confirm it`;
    say(context, argument.path, "LEARN_POSITION", "warning", message);
    return { rule: { from: path, pick }, learned: "from", strength: "guess", reads: [source.name] };
  }
  return undefined;
}
