/**
 * What is left for an argument that no rule explains: a flag, a choice of the agent where nobody else has a hand in it, or the value that
 * was seen, for a human to confirm.
 * Pure but for the draft. Never lets the agent choose after it has read what somebody untrusted wrote.
 */
import { inputProperties } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, jsonEqual, member } from "../json/value.ts";
import { type Argument, type ArgumentContext, consent, constant, of, quoted, referenceOf, say, steering } from "./argument.ts";
import { constantKey, type LearnedRule } from "./draft.ts";
import { isIdName, shareWord } from "./names.ts";
import { placesOf, placesWhere } from "./places.ts";
import { selectionsOf } from "./select.ts";
import { isMoment, shapeOf } from "./shapes.ts";

/** Booleans, and values of an enumeration in the tool's schema: few, so a constant says little more than the task. */
export function flagRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  const schema = inputProperties(context.tool).get(argument.name);
  const isListed = isArray(member(schema, "enum"));
  if (typeof value !== "boolean" && !isListed) return undefined;
  if (!(typeof value === "boolean" && context.task.words.some((word) => shareWord(word, argument.name)))) {
    say(context, argument.path, "LEARN_CONSTANT", "info", `${of(argument, context)} is always ${quoted(value)}`);
  }
  return { rule: constant(value), learned: "const", strength: "given", reads: [] };
}

/** Before anything was read, what the agent chooses to look at follows from the task alone. What it acts on is not for it to choose. */
export function chosenRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (!context.isFirst || steering.has(argument.role) || typeof value !== "string" || !context.isData(value)) return undefined;
  const message = `the agent chooses ${of(argument, context)} before it has read anything; seen: ${quoted(value)}`;
  say(context, argument.path, "LEARN_CHOICE", "warning", message);
  return {
    rule: { choose: { type: "string", minLength: 1, maxLength: Math.max(64, value.length * 2) } },
    learned: "choose",
    strength: "guess",
    reads: [],
  };
}

/** One of the values of a list: the agent's pick, where all that it has read is trusted. */
export function pickRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  const isPickable = typeof value === "string" || (typeof value === "number" && isIdName(argument.name));
  if (!context.canGuess || !context.isTrusted || !isPickable) return undefined;
  for (const place of placesOf(context.sources, value)) {
    const selection = selectionsOf(place, context.task).find(({ how, values }) => how === "all" && values.length > 1);
    if (selection === undefined) continue;
    consent(argument, selection, context);
    const message = `the agent picks ${of(argument, context)} among the ${selection.values.length} values of \`${selection.source.name}${selection.path}\`: confirm that it may`;
    say(context, argument.path, "LEARN_PICK", "warning", message);
    const { reference, reads } = referenceOf(selection, context);
    return { rule: { from: reference, pick: "agent" }, learned: "from", strength: "guess", reads };
  }
  return undefined;
}

/** What nothing explains is a constant that a human confirms; a date or a time becomes a parameter, since the next run has another one. */
export function confirmedRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule {
  const isSeen = placesWhere(context.sources, (one) => mentions(one, value)).length > 0;
  const why = isSeen
    ? "is in an earlier result, but neither the task nor a sibling singles it out"
    : "is in neither the task nor an earlier result";
  const shape = isMoment(value) ? shapeOf(value) : undefined;
  const says = shape === undefined ? "confirm it" : "confirm it, or give another as the parameter";
  say(context, argument.path, "LEARN_UNEXPLAINED", "warning", `${quoted(value)} as ${of(argument, context)} ${why}: ${says}`);
  const shapes = shape === undefined ? {} : { shapes: new Map([[constantKey(value), shape]]) };
  return { rule: constant(value), learned: "const", strength: "guess", reads: [], ...shapes };
}

/** Whether a value of a result is the wanted one, has it as the name of a member, or is a text that contains it. */
function mentions(one: Json, wanted: Json): boolean {
  if (jsonEqual(one, wanted)) return true;
  if (typeof wanted === "number") return typeof one === "string" && one.split(/[^0-9.]+/).includes(String(wanted));
  if (typeof wanted !== "string" || wanted.length < 2) return isArray(wanted) && wanted.every((part) => mentions(one, part));
  return isObject(one) ? Object.hasOwn(one, wanted) : typeof one === "string" && one.includes(wanted);
}
