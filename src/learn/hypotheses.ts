/**
 * All ways in which one value of one run may have come about, as forms that can be compared between runs: a form that every run offers
 * explains them all, also where one run alone leaves several open.
 * Pure but for the computed nodes of the draft. Offers no form that does not give the value in its run.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { learnFormsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import { type Argument, type ArgumentContext, consent, constant, of, referenceOf, say, strengthOf } from "./argument.ts";
import { isCompatible, joinedRule } from "./arguments.ts";
import { bestRule, dateRule, linesRule, numberRule, positionRule, tableRule } from "./computed-rules.ts";
import { addLet, type Draft, type LearnedRule, type LetDraft } from "./draft.ts";
import { textRulesOf } from "./from-text.ts";
import { isIdName } from "./names.ts";
import { accessChain, at, memberAccess, memberStep, type Place, placesOf, rowsExpression } from "./places.ts";
import { rankOf, type Selection, selectionsOf } from "./select.ts";
import { isMoment } from "./shapes.ts";

/** What stands in the place of a word of the task: the word, where all runs have the same, or the parameter that it is in each run. */
export type Literal = { readonly value: Json } | { readonly param: string };

/** A form that gives the value in one run. */
export interface Hypothesis {
  /** Equal for the same form in other runs; a word of the task is left open in it. */
  readonly key: string;
  /** Smaller is sounder. */
  readonly cost: number;
  /** Whether the form was worked out from this run alone, so that other runs may fit it without offering it. */
  readonly isComputed: boolean;
  /** The word of the task. */
  readonly literal?: Json;
  /** What a parameter for it is called after. */
  readonly hint: string;
  /** Whether it looks first whether a row has the member; a run without such rows does not need that. */
  readonly isGuarded?: boolean;
  readonly build: (literal: Literal, draft: Draft) => LearnedRule;
  /** What a human has to know of it; the messages name the sources. */
  readonly findings: readonly Finding[];
}

/** Costs of the classes of forms; in between, the rank of a selection counts. */
export const costs = { constant: 0, task: 10, selected: 20, best: 25, text: 35, joined: 40, computed: 55, position: 70 } as const;

/** Every form that gives `value`, the soundest first; at most {@link learnFormsMax}. `draft` takes the computed nodes. */
export function hypothesesOf(argument: Argument, value: Json, context: ArgumentContext): readonly Hypothesis[] {
  const found: Hypothesis[] = [];
  const task = taskForm(argument, value, context);
  if (task !== undefined) found.push(task);
  found.push(...selectedForms(argument, value, context), ...textForms(argument, value, context));
  for (const [cost, learn] of rulesOf(argument, value)) {
    const scratch: ArgumentContext = { ...context, draft: { ...context.draft, findings: [] } };
    const learned = learn(scratch);
    if (learned !== undefined)
      found.push(workedForm(argument, { cost, learned, findings: scratch.draft.findings }, context.draft));
  }
  const best = new Map<string, Hypothesis>();
  for (const form of found) {
    const known = best.get(form.key);
    if (known === undefined || form.cost < known.cost) best.set(form.key, form);
  }
  return [...best.values()].sort((a, b) => a.cost - b.cost).slice(0, learnFormsMax);
}

function taskForm(argument: Argument, value: Json, { task }: ArgumentContext): Hypothesis | undefined {
  if (typeof value === "boolean" || value === "" || task.find(value) === undefined) return undefined;
  return {
    key: "task",
    cost: isIdName(argument.name) && typeof value === "number" ? costs.selected + rankOf("all") + 1 : costs.task,
    isComputed: false,
    literal: value,
    hint: argument.name,
    findings: [],
    build: (literal) => givenRule(literal),
  };
}

/** A value of the user's: a constant or a parameter. */
export function givenRule(literal: Literal): LearnedRule {
  return "param" in literal
    ? { rule: { param: literal.param }, learned: "param", strength: "given", reads: [] }
    : { rule: constant(literal.value), learned: "const", strength: "given", reads: [] };
}

type Learn = (context: ArgumentContext) => LearnedRule | undefined;

/** The rules that work a form out by themselves. */
function rulesOf(argument: Argument, value: Json): readonly (readonly [number, Learn])[] {
  const composite = value as JsonObject | readonly Json[];
  if (typeof value === "object" && value !== null)
    return [
      [costs.best, (context) => linesRule(argument, composite, context)],
      [costs.computed, (context) => tableRule(argument, composite, context)],
    ];
  return [
    [costs.best, (context) => bestRule(argument, value, context)],
    [costs.joined, (context) => joinedRule(argument, value, context)],
    [costs.computed, (context) => numberRule(argument, value, context)],
    [costs.computed + 5, (context) => dateRule(argument, value, context)],
    [costs.position, (context) => positionRule(argument, value, context)],
  ];
}

interface Worked {
  readonly cost: number;
  readonly learned: LearnedRule;
  readonly findings: readonly Finding[];
  readonly isComputed?: boolean;
}

function formOf(argument: Argument, { cost, learned, findings, isComputed = true }: Worked): Hypothesis {
  const key = canonicalJson([learned.rule as Json, ...(learned.require ?? [])]);
  return { key, cost, isComputed, hint: argument.name, findings, build: () => learned };
}

/** A rule that was worked out, with the one word of the task in its computed nodes left open. */
function workedForm(argument: Argument, worked: Worked, draft: Draft): Hypothesis {
  const { learned, cost, findings } = worked;
  const lets = closureOf(draft, learned.reads);
  const [literal, ...others] = [...new Set(learned.literals ?? [])];
  const written = JSON.stringify(typeof literal === "bigint" ? null : (literal ?? null));
  const isOpen =
    typeof literal === "string" && others.length === 0 && lets.some(({ expression }) => expression.includes(written));
  if (lets.length === 0) return formOf(argument, worked);
  const names = lets.map(({ name }) => name);
  // Names of computed nodes say what they select in one run, so the form has their places instead.
  const expressions = lets.map(({ expression }) => {
    const open = isOpen ? expression.replaceAll(written, () => hole) : expression;
    return withNames(
      open,
      names,
      names.map((_, place) => `${slot}${place}`),
    );
  });
  const body = withNames(
    canonicalJson([learned.rule as Json, learned.require ?? []]),
    names,
    names.map((_, place) => `${slot}${place}`),
  );
  return {
    key: canonicalJson([expressions, body]),
    cost,
    isComputed: true,
    hint: (isOpen && hintIn(expressions)) || argument.name,
    findings,
    ...(isOpen && literal !== undefined && { literal }),
    build: (given, target) => {
      if (!isOpen || !("param" in given)) return learned;
      const slots = names.map((_, place) => `${slot}${place}`);
      const made: string[] = [];
      for (const [place, expression] of expressions.entries()) {
        const own = withNames(
          expression.replaceAll(hole, () => `params.${given.param}`),
          slots.slice(0, place),
          made,
        );
        const reads = (lets[place]?.reads ?? []).map((name) => made[names.indexOf(name)] ?? name);
        made.push(addLet(target, { hint: `${argument.name}_of_${given.param}`, expression: own }, reads));
      }
      const rename = <T>(value: T): T => renamed(value, names, made);
      const { rule, reads, require } = learned;
      const read = reads.map((name) => made[names.indexOf(name)] ?? name);
      return { ...learned, rule: rename(rule), reads: read, ...(require === undefined ? {} : { require: rename(require) }) };
    },
  };
}

/** The member that a word is compared with. */
function hintIn(expressions: readonly string[]): string | undefined {
  return expressions
    .map((expression) => /(?<![A-Za-z0-9_])[0-9]*([A-Za-z_][A-Za-z0-9_]*) == \u0000/.exec(expression)?.[1])
    .find((name) => name !== undefined);
}

/** Stands for the name of a computed node in a form; its place follows. */
const slot = "\u0001";

/** The computed nodes that some names lead to, each after what it reads. */
function closureOf({ lets }: Draft, names: readonly string[]): readonly LetDraft[] {
  const byName = new Map([...lets.values()].map((one) => [one.name, one]));
  const found = new Set<LetDraft>();
  const visit = (name: string): void => {
    const one = byName.get(name);
    if (one === undefined || found.has(one)) return;
    one.reads.forEach(visit);
    found.add(one);
  };
  names.forEach(visit);
  return [...found];
}

/** Names in a text that stand on their own, replaced by others. */
function withNames(text: string, names: readonly string[], others: readonly string[]): string {
  return names.reduce(
    (current, name, place) =>
      name.startsWith(slot)
        ? current.replaceAll(name, () => others[place] ?? name)
        : current.replace(new RegExp(`(?<![A-Za-z0-9_.])${name}(?![A-Za-z0-9_])`, "g"), () => others[place] ?? name),
    text,
  );
}

/** Every text of a rule with other names. */
function renamed<T>(value: T, names: readonly string[], others: readonly string[]): T {
  if (typeof value === "string") return withNames(value, names, others) as T;
  if (Array.isArray(value)) return value.map((one) => renamed(one, names, others)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, names, others)])) as T;
}

/** Values of earlier results that a path, a row or a word selects alone. */
function selectedForms(argument: Argument, value: Json, context: ArgumentContext): readonly Hypothesis[] {
  const count =
    typeof value === "number" ? value : typeof value === "string" && /^\d{1,4}$/.test(value) ? Number(value) : undefined;
  if (typeof value === "boolean" || value === null || (typeof value === "string" && value.length < 2 && count === undefined))
    return [];
  const found: Hypothesis[] = [];
  for (const place of placesOf(context.sources, value)) {
    if (found.length >= learnFormsMax * 2) break;
    const key = place.path.findLast((step) => typeof step === "string") ?? "";
    if (count !== undefined && !isCompatible(argument.name, String(key), count)) continue;
    for (const selection of selectionsOf(place, context.task)) {
      if (selection.values.length !== 1 && selection.how !== "same") continue;
      if (isMoment(value) && rankOf(selection.how) > rankOf("all")) continue;
      found.push(selectedForm(argument, { place, selection }, context));
    }
  }
  return found;
}

interface Selected {
  readonly place: Place;
  readonly selection: Selection;
}

function selectedForm(argument: Argument, { place, selection }: Selected, context: ArgumentContext): Hypothesis {
  const findings: Finding[] = [];
  consent(argument, selection, { ...context, draft: { ...context.draft, findings } });
  const cost = costs.selected + rankOf(selection.how) * (rankOf(selection.how) > rankOf("all") ? 5 : 1);
  const open = selection.how === "row" || selection.how === "word" ? openRow(place, selection) : undefined;
  if (open === undefined) {
    const { reference, reads } = referenceOf(selection, context);
    const pick = selection.how === "same" ? { pick: "first" as const } : {};
    const strength = strengthOf(selection.how);
    const learned: LearnedRule = { rule: { from: reference, ...pick }, learned: "from", strength, reads };
    return formOf(argument, { cost, learned, findings, isComputed: false });
  }
  const { path, source } = selection;
  return {
    key: canonicalJson([selection.how, open.key, open.tail]),
    cost,
    isGuarded: open.isGuarded,
    isComputed: false,
    literal: selection.literal as Json,
    hint: open.hint,
    findings,
    build: (literal, draft) => {
      const strength = strengthOf(selection.how);
      if ("value" in literal && selection.rows === undefined)
        return { rule: { from: `${source.name}${path}` }, learned: "from", strength, reads: [source.name] };
      const written = "param" in literal ? `params.${literal.param}` : canonicalJson(literal.value);
      const hint = "param" in literal ? `${source.name}_of_${literal.param}` : `${source.name}_${String(literal.value)}`;
      const name = addLet(draft, { hint, expression: open.expression.replace(hole, () => written) }, [source.name]);
      return { rule: { from: `${name}$[*]${open.tail}` }, learned: "from", strength, reads: [name] };
    },
  };
}

/** Stands for the word of the task in an expression: no plan may contain it. */
const hole = "\u0000";

interface OpenRow {
  /** The rows as CEL, with {@link hole} for the word. */
  readonly expression: string;
  /** The same without its guard. */
  readonly key: string;
  readonly isGuarded: boolean;
  /** JSONPath below a row. */
  readonly tail: string;
  readonly hint: string;
}

/** A selection of a row by a word of the task, with the word left open; `undefined` where only the word itself can be written. */
function openRow({ source, path }: Place, { how, rows, literal, sibling, path: whole }: Selection): OpenRow | undefined {
  const index = path.findIndex((step) => typeof step === "number");
  const head = path.slice(0, index) as readonly string[];
  if (index < 0 || literal === undefined) return undefined;
  if (how === "word") {
    const written = JSON.stringify(literal);
    const expression = rows?.expression.replace(`(${written})`, () => `(${hole})`);
    return expression?.includes(hole)
      ? { expression, key: expression, isGuarded: false, tail: whole.slice("$[*]".length), hint: "word" }
      : undefined;
  }
  const last = sibling?.at(-1);
  if (sibling === undefined || last === undefined) return undefined;
  const all = source.runs.flatMap((run) => (at(run, head) as readonly Json[] | undefined) ?? []);
  const isGuarded = all.some((row) => at(row, sibling) === undefined);
  // `has` asks for a member by its name only.
  if (isGuarded && !memberAccess(last).startsWith(".")) return undefined;
  const guard = isGuarded ? `has(r${accessChain(sibling.slice(0, -1))}${memberAccess(last)}) && ` : "";
  const base = rowsExpression({ source, prefix: head, rows: all });
  const test = `r${accessChain(sibling)} == ${hole}`;
  const expression = `${base}.filter(r, ${guard}${test})`;
  return { expression, key: `${base} ${test}`, isGuarded, tail: tailOf(path.slice(index + 1)), hint: last };
}

/** The path below a row: member names as they are, positions as wildcards. */
function tailOf(path: readonly (string | number)[]): string {
  return path.map((step) => (typeof step === "number" ? "[*]" : memberStep(step))).join("");
}

/** Values within texts. */
function textForms(argument: Argument, value: Json, context: ArgumentContext): readonly Hypothesis[] {
  const { task, avoid, sources } = context;
  if (typeof value !== "string" && typeof value !== "number") return [];
  return textRulesOf(sources, value, { task, avoid, argument: argument.name })
    .slice(0, learnFormsMax)
    .map(({ selection, spec, isSturdy }, place) => {
      const scratch: ArgumentContext = { ...context, draft: { ...context.draft, findings: [] } };
      consent(argument, selection, scratch);
      if (!isSturdy) {
        const message = `${of(argument, context)} is found in a text only as long as nothing like it is added: the call is denied then`;
        say(scratch, argument.path, "LEARN_FRAGILE", "info", message);
      }
      const { reference, reads } = referenceOf(selection, scratch);
      const learned: LearnedRule = {
        rule: { from: reference, extract: spec as string | JsonObject },
        learned: "extract",
        strength: strengthOf(selection.how) === "named" ? "named" : "told",
        reads,
      };
      const cost = costs.text + rankOf(selection.how) + place / 100;
      return formOf(argument, { cost, learned, findings: scratch.draft.findings, isComputed: false });
    });
}
