/**
 * Learns one argument: from the user's words, from an earlier result, from a text, by a computation, or as the agent's own.
 * Tries the soundest class first. Pure. Reports every step that a human has to agree to.
 */
import { argumentDefault, inputProperties, roleOf } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, jsonEqual, type JsonObject, member } from "../json/value.ts";
import { linksIn, readHost } from "../lang/host.ts";
import { pointerOf } from "../json/pointer.ts";
import type { ArgRule, FrozenTool, Role } from "../plan/plan.ts";
import { addLet, type Draft, type LearnedRule, type Strength, strengthRank } from "./draft.ts";
import { bestRuleOf, type RunSet } from "./from-best.ts";
import { numberRuleOf, type Operand } from "./from-numbers.ts";
import { textRulesOf } from "./from-text.ts";
import { linesRuleOf, splitsOf } from "./from-parts.ts";
import { type LabelledRule, labelledRuleOf } from "./labelled.ts";
import { isIdName, shareWord } from "./names.ts";
import { placesOf, rowSetsOf, type Source } from "./places.ts";
import { rankOf, type Selection, selectionsOf } from "./select.ts";
import { shapeOf } from "./shapes.ts";
import type { TaskWords } from "./task-words.ts";

/** What an argument is learned from. */
export interface ArgumentContext {
  readonly draft: Draft;
  readonly task: TaskWords;
  readonly tool: FrozenTool;
  /** Name of the node, for pointers and messages. */
  readonly node: string;
  readonly sources: readonly Source[];
  readonly runSets: readonly RunSet[];
  /** Values of the trace that an anchor should not quote. */
  readonly avoid: readonly string[];
  /** Whether no result had come back before: what the agent chooses then, nobody else has a hand in. */
  readonly isFirst: boolean;
  /** Whether a text occurs in a result of the trace. */
  readonly isData: (text: string) => boolean;
  /** Whether values from lists may be taken by position or left to the agent. */
  readonly canGuess: boolean;
  /** Whether an argument is to be taken literally. */
  readonly isLiteral: (arg: string) => boolean;
}

/** Characters of free text beyond the seen ones. */
const writeCharsMin = 4_000;

/** Learns the rule of argument `name` with the value `value`. */
export function learnArgument(name: string, value: Json, context: ArgumentContext): LearnedRule {
  const role = roleOf(context.tool, name);
  if (role === "content" && typeof value === "string" && !context.isLiteral(name)) return contentRule(name, [value], context);
  const fallback = argumentDefault(context.tool, name);
  if (fallback !== undefined && jsonEqual(fallback, value))
    return { rule: constant(value), learned: "const", strength: "given", reads: [] };
  const argument = { name, role, path: [name] };
  return context.isLiteral(name)
    ? (taskRule(value, context) ?? confirmedRule(argument, value, context))
    : valueRule(argument, value, context);
}

/** Free text; a constant if the task has it word for word. Links to other hosts than the plan's own are listed. */
export function contentRule(name: string, values: readonly string[], context: ArgumentContext): LearnedRule {
  const [first = ""] = values;
  const isSame = values.every((value) => value === first);
  if (isSame && (first.trim() === "" || context.task.text.includes(first)))
    return { rule: constant(first), learned: "const", strength: "given", reads: [] };
  const longest = Math.max(...values.map((value) => value.length));
  const hosts = [...new Set(values.flatMap((value) => linksIn(value).map((link) => link.host)))];
  const unknown = hosts.filter((host) => !occursAsHost(context.task.text, host));
  if (unknown.length > 0) {
    say(
      context,
      [name],
      "LEARN_LINKS",
      "warning",
      `links in \`${name}\` may lead to ${unknown.map(quoted).join(", ")} only: confirm these hosts`,
    );
  }
  const links = unknown.length > 0 ? { links: hosts } : {};
  return {
    rule: { write: { maxLength: Math.max(writeCharsMin, longest * 2), ...links } },
    learned: "write",
    strength: "given",
    reads: [],
  };
}

function occursAsHost(text: string, host: string): boolean {
  return linksIn(text).some((link) => link.host === host) || (readHost(text).ok && text.toLowerCase().includes(host));
}

interface Argument {
  readonly name: string;
  readonly role: Role;
  /** Path of the rule within `args`, for pointers. */
  readonly path: readonly (string | number)[];
}

function valueRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule {
  const whole = isObject(value) || isArray(value) ? compositeRule(argument, value, context) : undefined;
  if (whole !== undefined) return whole;
  const isId = isIdName(argument.name) && typeof value === "number";
  const known = isId
    ? (selectedRule(argument, value, { context, upTo: "all" }) ?? taskRule(value, context))
    : taskRule(value, context);
  return (
    known ??
    selectedRule(argument, value, { context, upTo: "word" }) ??
    bestRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "all" }) ??
    textRule(argument, value, context) ??
    joinedRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "flag" }) ??
    numberRule(argument, value, context) ??
    flagRule(argument, value, context) ??
    selectedRule(argument, value, { context, upTo: "open" }) ??
    positionRule(argument, value, context) ??
    chosenRule(argument, value, context) ??
    confirmedRule(argument, value, context)
  );
}

/** A value as a rule: objects and lists of objects need the long form. */
export function constant(value: Json): ArgRule {
  return typeof value === "object" && value !== null ? { const: value } : typeof value === "bigint" ? { const: value } : value;
}

/** Lists and objects: empty, all in the task, a list of a result as it is, or member by member. */
function compositeRule(argument: Argument, value: JsonObject | readonly Json[], context: ArgumentContext): LearnedRule {
  const parts = isArray(value) ? value : Object.values(value);
  if (parts.length === 0 || context.task.find(value) !== undefined)
    return { rule: constant(value), learned: "const", strength: "given", reads: [] };
  const selected = selectedRule(argument, value, { context, upTo: "all" }) ?? linesRule(argument, value, context);
  if (selected !== undefined) return selected;
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
  const reads = rules.flatMap(([, learned]) => learned.reads);
  const require = rules.flatMap(([, learned]) => learned.require ?? []);
  const literals = rules.flatMap(([, learned]) => [...(learned.literals ?? [])]);
  const rule: ArgRule = isArray(value)
    ? rules.map(([, learned]) => learned.rule)
    : { object: Object.fromEntries(rules.map(([key, learned]) => [String(key), learned.rule])) };
  const [only] = rules;
  const learned = rules.length === 1 && only !== undefined ? only[1].learned : isArray(value) ? "list" : "object";
  const strengths = rules.map(([, inner]) => inner.strength).sort((a, b) => strengthRank[b] - strengthRank[a]);
  return { rule, learned, strength: strengths[0] ?? "given", reads, require, literals };
}

/** A value that the user gave. */
function taskRule(value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (value === "") return { rule: "", learned: "const", strength: "given", reads: [] };
  if (context.task.find(value) === undefined) return undefined;
  const shape = shapeOf(value);
  return { rule: constant(value), learned: "const", strength: "given", reads: [], ...(shape === undefined ? {} : { shape }) };
}

/** A value of an earlier result that a path selects alone. */
function selectedRule(
  argument: Argument,
  value: Json,
  { context, upTo }: { readonly context: ArgumentContext; readonly upTo: Selection["how"] },
): LearnedRule | undefined {
  if (typeof value === "boolean" || value === "" || (typeof value === "string" && value.length < 2)) return undefined;
  let best: Selection | undefined;
  for (const place of placesOf(context.sources, value)) {
    const key = place.path.findLast((step) => typeof step === "string") ?? "";
    if (typeof value === "number" && !isCompatible(argument.name, String(key), value)) continue;
    for (const selection of selectionsOf(place, context.task)) {
      const isOne = selection.values.length === 1 || selection.how === "same";
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

function strengthOf(how: Selection["how"]): Strength {
  if (how === "path" || how === "row" || how === "word" || how === "only") return "named";
  return how === "value" || how === "same" || how === "open" ? "guess" : "told";
}

/** Numbers coincide: an identifier comes from an identifier, a small number from a member that is named alike. */
function isCompatible(argument: string, key: string, value: number): boolean {
  if (isIdName(argument) !== isIdName(key)) return false;
  return Math.abs(value) >= 100 || !Number.isInteger(value) || isIdName(key) || shareWord(argument, key);
}

function literalsOf(selection: Selection): { readonly literals?: readonly Json[] } {
  return selection.literal === undefined || selection.how === "flag" || selection.how === "value"
    ? {}
    : { literals: [selection.literal] };
}

/** Writes a selection as a reference, with its `let` node if it needs one. */
function referenceOf(
  selection: Selection,
  context: ArgumentContext,
): { readonly reference: string; readonly reads: readonly string[] } {
  const { source, rows, path } = selection;
  if (rows === undefined) return { reference: `${source.name}${path}`, reads: [source.name] };
  const name = addLet(context.draft, { hint: `${source.name}_${rows.hint}`, expression: rows.expression }, [source.name]);
  return { reference: `${name}${path}`, reads: [name] };
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
  const labelled = labelledRuleOf(best, value);
  if (labelled !== undefined) return fallbackRule(argument, value, { labelled, source: selection.source.name, context });
  const { reference, reads } = referenceOf(selection, context);
  const extract = spec as string | JsonObject;
  return {
    rule: { from: reference, extract },
    learned: "extract",
    strength: strengthOf(selection.how) === "named" && selection.how !== "path" && selection.how !== "only" ? "named" : "told",
    reads,
    ...literalsOf(selection),
  };
}

/** A path or an address with a value of a result in it. */
function joinedRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
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

/** A list whose elements stand side by side in a text. */
function linesRule(argument: Argument, value: JsonObject | readonly Json[], context: ArgumentContext): LearnedRule | undefined {
  const lines = isArray(value) ? linesRuleOf(context.sources, value) : undefined;
  if (lines === undefined) return undefined;
  const source = { how: "all" as const, source: lines.source, path: "$", values: [] };
  consent(argument, source, context);
  return { rule: { expr: lines.expression }, learned: "expr", strength: "told", reads: [lines.source.name] };
}

interface Labelled {
  readonly labelled: LabelledRule;
  readonly source: string;
  readonly context: ArgumentContext;
}

/** A value behind a label; without the label, the value that was seen. */
function fallbackRule(argument: Argument, value: Json, { labelled, source, context }: Labelled): LearnedRule {
  const { label, parts, expression, match } = labelled;
  const name = addLet(context.draft, { hint: `${source}_${label}`, expression: parts }, [source]);
  const message = `where \`${source}\` does not have ${quoted(label)} exactly once, ${of(argument, context)} is ${quoted(value)}, as seen: confirm it`;
  say(context, argument.path, "LEARN_FALLBACK", "warning", message);
  const rule = { expr: expression.replaceAll("$", name), ...(match === undefined ? {} : { match }) };
  return { rule, learned: "extract", strength: "told", reads: [name] };
}

/** A value that a superlative of the task singles out. */
function bestRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const best = bestRuleOf(value, { task: context.task, sets: rowSetsOf(context.sources), runSets: context.runSets });
  if (best === undefined) return undefined;
  const sources = best.sources.map((source) => source.name);
  let name = "";
  for (const { hint, expression } of best.lets) {
    const reads = name === "" ? sources : [name];
    name = addLet(context.draft, { hint: `${sources.at(-1)}_${hint}`, expression: expression.replaceAll("$", name) }, reads);
  }
  const ties = best.isLastOfTies ? "; of equal ones the last" : "";
  const data = sources.map(quoted).join(" and ");
  say(
    context,
    argument.path,
    "LEARN_COMPUTED",
    "warning",
    `data from ${data} chooses ${of(argument, context)}: ${best.says}${ties}: confirm it`,
  );
  const rule = { from: `${name}${best.path}`, ...(best.isLastOfTies ? { pick: "last" as const } : {}) };
  return { rule, learned: "from", strength: "computed", reads: [name] };
}

/** A number that is computed. */
function numberRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
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
  return text && addLet(draft, { hint: `${source.name}_${text.hint}`, expression: text.expression }, [source.name]);
}

/** Booleans, and values of an enumeration in the tool's schema: few, so a constant says little more than the task. */
function flagRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  const schema = inputProperties(context.tool).get(argument.name);
  const isListed = isArray(member(schema, "enum"));
  if (typeof value !== "boolean" && !isListed) return undefined;
  if (!(typeof value === "boolean" && context.task.words.some((word) => shareWord(word, argument.name)))) {
    say(context, argument.path, "LEARN_CONSTANT", "info", `${of(argument, context)} is always ${quoted(value)}`);
  }
  return { rule: constant(value), learned: "const", strength: "given", reads: [] };
}

/** The first or the last element of a list: the only handle on an element that nothing describes. */
function positionRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (!context.canGuess || (typeof value !== "string" && !isIdName(argument.name))) return undefined;
  for (const set of rowSetsOf(context.sources)) {
    const { rows, source, prefix } = set;
    if (source.isLoop || rows.length < 2) continue;
    const pick = jsonEqual(rows[0], value) ? "first" : jsonEqual(rows.at(-1), value) ? "last" : undefined;
    if (pick === undefined) continue;
    const path = `${source.name}$${prefix.map((name) => `['${name}']`).join("")}[*]`;
    const message = `data from \`${source.name}\` chooses ${of(argument, context)}: the ${pick} element of its list, since nothing else describes it: confirm it`;
    say(context, argument.path, "LEARN_POSITION", "warning", message);
    return { rule: { from: path, pick }, learned: "from", strength: "guess", reads: [source.name] };
  }
  return undefined;
}

/** Before anything was read, what the agent chooses follows from the task alone. */
function chosenRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule | undefined {
  if (!context.isFirst || typeof value !== "string" || !context.isData(value)) return undefined;
  const message = `the agent chooses ${of(argument, context)} before it has read anything; seen: ${quoted(value)}`;
  say(context, argument.path, "LEARN_CHOICE", "warning", message);
  return {
    rule: { choose: { type: "string", minLength: 1, maxLength: Math.max(64, value.length * 2) } },
    learned: "choose",
    strength: "guess",
    reads: [],
  };
}

/** What nothing explains is a constant that a human confirms. */
function confirmedRule(argument: Argument, value: Json, context: ArgumentContext): LearnedRule {
  say(
    context,
    argument.path,
    "LEARN_UNEXPLAINED",
    "warning",
    `${quoted(value)} as ${of(argument, context)} is in neither the task nor an earlier result: confirm it`,
  );
  return { rule: constant(value), learned: "const", strength: "guess", reads: [] };
}

const steering: ReadonlySet<Role> = new Set(["target", "command", "credential"]);

/** What a human should know about how a row is found. */
const remarks: { readonly [H in Selection["how"]]?: (selection: Selection) => string } = {
  value: ({ literal }) => ` (the row with ${quoted(literal ?? null)}, which the task does not mention: confirm it)`,
  flag: ({ path }) => ` (the row that ${quoted(path)} selects, which the task does not mention: confirm it)`,
  same: () => " (the first row; in the trace all rows had the same)",
  open: () => " (the agent decides which rows there are: confirm it)",
};

/** Says that data of a result chooses an argument; for targets, commands and credentials that is what a human has to agree to. */
export function consent(
  argument: Pick<Argument, "name" | "role" | "path">,
  selection: Selection,
  context: Pick<ArgumentContext, "draft" | "node" | "tool">,
): void {
  const how = remarks[selection.how]?.(selection) ?? "";
  const message = `data from \`${selection.source.name}\` chooses \`${argument.name}\` of \`${bare(context.tool)}\`${how}`;
  const isSteering = steering.has(argument.role);
  const code = isSteering ? "LEARN_DATA_IN_TARGET" : "LEARN_DATA_IN_SELECTOR";
  say(context, argument.path, code, isSteering || how !== "" ? "warning" : "info", message);
}

function of(argument: Argument, context: ArgumentContext): string {
  return `\`${argument.name}\` of \`${bare(context.tool)}\``;
}

function bare(tool: FrozenTool): string {
  return tool.name.slice(tool.name.indexOf("/") + 1);
}

/** Adds a finding at an argument of the node. */
export function say(
  context: Pick<ArgumentContext, "draft" | "node">,
  path: readonly (string | number)[],
  code: string,
  severity: "warning" | "info",
  message: string,
): void {
  context.draft.findings.push({ code, severity, pointer: pointerOf(["nodes", context.node, "args", ...path]), message });
}

/** A value in a message: shortened, in back-quotes, on one line. */
export function quoted(value: Json): string {
  const text = typeof value === "string" ? value : typeof value === "bigint" ? String(value) : JSON.stringify(value);
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f`\u2028-\u202e\u2066-\u2069]/g, " ");
  return `\`${line.length > 60 ? `${line.slice(0, 57)}…` : line}\``;
}
