/**
 * Learns one argument: from the user's words, from an earlier result, from a text, by a computation, or as the agent's own.
 * Tries the soundest class first. Pure but for the draft. Reports every step that a human has to agree to.
 */
import { argumentDefault, inputProperties, roleOf } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, jsonEqual, type JsonObject, member } from "../json/value.ts";
import { linksIn } from "../lang/host.ts";
import type { ArgRule } from "../plan/plan.ts";
import {
  type Argument,
  type ArgumentContext,
  consent,
  constant,
  literalsOf,
  of,
  quoted,
  referenceOf,
  say,
  strengthOf,
  writeCharsMin,
} from "./argument.ts";
import { bestRule, dateRule, linesRule, numberRule, positionRule, tableRule } from "./computed-rules.ts";
import { constantKey, type LearnedRule, strengthRank } from "./draft.ts";
import { splitsOf } from "./from-parts.ts";
import { textRulesOf } from "./from-text.ts";
import { labelOf } from "./labelled.ts";
import { isIdName, shareWord } from "./names.ts";
import { placesOf } from "./places.ts";
import { rankOf, type Selection, selectionsOf } from "./select.ts";
import { isMoment, shapeOf } from "./shapes.ts";
import { chosenRule, confirmedRule, flagRule, pickRule } from "./unexplained.ts";

/** Learns the rule of argument `name` with the value `value`. */
export function learnArgument(name: string, value: Json, context: ArgumentContext): LearnedRule {
  const role = roleOf(context.tool, name);
  const argument = { name, role, path: [name] };
  if (context.isLiteralCall) return taskRule(argument, value, context) ?? confirmedRule(argument, value, context);
  if (role === "content" && typeof value === "string") return contentRule(name, [value], context);
  const fallback = argumentDefault(context.tool, name);
  const isDefault = fallback !== undefined && jsonEqual(fallback, value);
  if (isDefault) return { rule: constant(value), learned: "const", strength: "given", reads: [] };
  if (context.isLiteral(name)) return taskRule(argument, value, context) ?? confirmedRule(argument, value, context);
  return valueRule(argument, value, context);
}

/** Free text; a constant if the task has it word for word. Where the run had links to other hosts than the plan's own, these are listed. */
export function contentRule(name: string, values: readonly string[], context: ArgumentContext): LearnedRule {
  const [first = ""] = values;
  const isSame = values.every((value) => value === first);
  if (isSame && (first.trim() === "" || context.task.text.includes(first)))
    return { rule: constant(first), learned: "const", strength: "given", reads: [] };
  const maxLength = Math.max(writeCharsMin, ...values.map((value) => value.length * 2));
  const links = context.isLiteral(name) ? [...new Set(values.flatMap((value) => linksIn(value).map((link) => link.host)))] : [];
  if (links.length > 0) {
    const message = `links in \`${name}\` may lead to ${links.map(quoted).join(", ")} only: confirm these hosts`;
    say(context, [name], "LEARN_LINKS", "warning", message);
  }
  return {
    rule: { write: { maxLength, ...(links.length > 0 ? { links } : {}) } },
    learned: "write",
    strength: "given",
    reads: [],
  };
}

function valueRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule {
  const whole = isObject(value) || isArray(value) ? compositeRule(argument, value, context) : undefined;
  if (whole !== undefined) return whole;
  const isId = isIdName(argument.name) && typeof value === "number";
  const known = isId
    ? (selectedRule(argument, value, { context, upTo: "all" }) ?? taskRule(argument, value, context))
    : taskRule(argument, value, context);
  return (
    known ??
    selectedRule(argument, value, { context, upTo: "word" }) ??
    bestRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "all" }) ??
    textRule(argument, value, context) ??
    joinedRule(argument, value, context) ??
    pickRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "flag" }) ??
    numberRule(argument, value, context) ??
    dateRule(argument, value, context) ??
    flagRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "open" }) ??
    positionRule(argument, value, context) ??
    chosenRule(argument, value, context) ??
    confirmedRule(argument, value, context)
  );
}

/** Lists and objects: empty, all in the task, a list of a result as it is, or member by member. */
function compositeRule(argument: Argument, value: JsonObject | readonly Json[], context: ArgumentContext): LearnedRule {
  const parts = isArray(value) ? value : Object.values(value);
  const isGiven = parts.length === 0 || context.task.find(value) !== undefined;
  if (isGiven && parts.every((part) => shapeOf(part) === undefined))
    return { rule: constant(value), learned: "const", strength: "given", reads: [] };
  const selected = isGiven
    ? undefined
    : (selectedRule(argument, value, { context, upTo: "all" }) ??
      linesRule(argument, value, context) ??
      tableRule(argument, value, context));
  if (selected !== undefined) return selected;
  const mark = context.draft.findings.length;
  const entries: readonly (readonly [string | number, Json])[] = isArray(value)
    ? value.map((part, index) => [index, part] as const)
    : Object.entries(value);
  const rules = entries.map(([key, part]) => {
    const name = typeof key === "number" ? argument.name : key;
    const role = typeof key === "number" ? argument.role : roleOf(context.tool, [...argument.path, key].join("."));
    const inner = { name, role, path: [...argument.path, key] };
    return [
      key,
      role === "content" && typeof part === "string" ? contentRule(name, [part], context) : valueRule(inner, part, context),
    ] as const;
  });
  const isList = isArray(value) && parts.every((part) => typeof part === "string" || typeof part === "number");
  if (isList && rules.some(([, learned]) => isUnexplained(learned))) {
    // Rules for some members would mean positions in a list that is otherwise fixed: the list is confirmed as a whole.
    context.draft.findings.splice(mark);
    return confirmedRule(argument, value, context);
  }
  const reads = rules.flatMap(([, learned]) => learned.reads);
  const shapes = new Map(rules.flatMap(([, learned]) => [...(learned.shapes ?? [])]));
  const require = rules.flatMap(([, learned]) => learned.require ?? []);
  const literals = rules.flatMap(([, learned]) => [...(learned.literals ?? [])]);
  const rule: ArgRule = isArray(value)
    ? rules.map(([, learned]) => learned.rule)
    : { object: Object.fromEntries(rules.map(([key, learned]) => [String(key), learned.rule])) };
  const [only] = rules;
  const learned = rules.length === 1 && only !== undefined ? only[1].learned : isArray(value) ? "list" : "object";
  const strengths = rules.map(([, inner]) => inner.strength).sort((a, b) => strengthRank[b] - strengthRank[a]);
  return { rule, learned, strength: strengths[0] ?? "given", reads, require, literals, shapes };
}

function isUnexplained({ learned, strength }: LearnedRule): boolean {
  return learned === "const" && strength === "guess";
}

/** A value that the user gave. */
function taskRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (value === "") return { rule: "", learned: "const", strength: "given", reads: [] };
  if (context.task.find(value) === undefined) return undefined;
  // One of a few words that the tool knows is a setting, not a value of the session.
  const schema = inputProperties(context.tool).get(argument.path.length === 1 ? argument.name : "");
  const shape = isArray(member(schema, "enum")) || isIdName(argument.name) ? undefined : shapeOf(value);
  const shapes = shape === undefined ? {} : { shapes: new Map([[constantKey(value), shape]]) };
  return { rule: constant(value), learned: "const", strength: "given", reads: [], ...shapes };
}

/** A value of an earlier result that a path selects alone. */
function selectedRule(
  argument: Argument,
  value: Json,
  { context, upTo }: { readonly context: ArgumentContext; readonly upTo: Selection["how"] },
): LearnedRule | undefined {
  const count =
    typeof value === "number" ? value : typeof value === "string" && /^\d{1,4}$/.test(value) ? Number(value) : undefined;
  if (typeof value === "boolean" || (typeof value === "string" && value.length < 2 && count === undefined)) return undefined;
  let best: Selection | undefined;
  for (const place of placesOf(context.sources, value)) {
    const key = place.path.findLast((step) => typeof step === "string") ?? "";
    if (count !== undefined && !isCompatible(argument.name, String(key), count)) continue;
    for (const selection of selectionsOf(place, context.task)) {
      const isOne = selection.values.length === 1 || selection.how === "same";
      // Dates coincide: a row that nothing names is not where one came from.
      if (isMoment(value) && rankOf(selection.how) > rankOf("all")) continue;
      const isUsable = isOne && rankOf(selection.how) <= rankOf(upTo);
      if (isUsable && (best === undefined || rankOf(selection.how) < rankOf(best.how))) best = selection;
    }
  }
  if (best === undefined) return undefined;
  consent(argument, best, context);
  const { reference, reads } = referenceOf(best, context);
  const pick = best.how === "same" ? { pick: "first" as const } : {};
  return { rule: { from: reference, ...pick }, learned: "from", strength: strengthOf(best.how), reads, ...literalsOf(best) };
}

/** Numbers coincide: an identifier comes from an identifier, a small number from a member that is named alike. */
export function isCompatible(argument: string, key: string, value: number): boolean {
  if (isIdName(argument) !== isIdName(key)) return false;
  return Math.abs(value) >= 100 || !Number.isInteger(value) || isIdName(key) || shareWord(argument, key);
}

/** A value within a text. */
function textRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  const [best] = textRulesOf(context.sources, value, { task: context.task, avoid: context.avoid, argument: argument.name });
  if (best === undefined) return undefined;
  const { selection, spec, isSturdy } = best;
  consent(argument, selection, context);
  if (!isSturdy) {
    const message = `\`${argument.name}\` is found in a text only as long as nothing like it is added: the call is denied then`;
    say(context, argument.path, "LEARN_FRAGILE", "info", message);
  }
  const label = labelOf(best, value);
  if (label !== undefined) {
    const message = `where \`${selection.source.name}\` does not have one value behind ${quoted(label)}, ${of(argument, context)} is ${quoted(value)}, as seen: confirm it`;
    say(context, argument.path, "LEARN_FALLBACK", "warning", message);
  }
  const { reference, reads } = referenceOf(selection, context);
  const extract = spec as string | JsonObject;
  return {
    rule: { from: reference, extract, ...(label === undefined ? {} : { otherwise: value }) },
    learned: "extract",
    strength: strengthOf(selection.how) === "named" && selection.how !== "path" && selection.how !== "only" ? "named" : "told",
    reads,
    ...literalsOf(selection),
  };
}

/** A path or an address with a value of a result in it. */
export function joinedRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (typeof value !== "string") return undefined;
  for (const { part, kind, text } of splitsOf(context.sources, value)) {
    const inner =
      selectedRule(argument, part, { context, upTo: "word" }) ??
      bestRule(argument, part, context) ??
      selectedRule(argument, part, { context, upTo: "all" });
    if (inner === undefined) continue;
    return { ...inner, rule: { template: kind, text, with: { x: inner.rule } }, learned: "template", strength: "told" };
  }
  return undefined;
}
