/**
 * LLMCompiler plans (arXiv 2312.04511): numbered calls in which `$1` stands for the whole result of call 1; as text, or as a list of tasks.
 * Pure. Never guesses a reference: one that leads nowhere, or stands where no text may be put together, is an error.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { roleOf } from "../catalogue/catalogue.ts";
import { pointerOf } from "../json/pointer.ts";
import { isArray, type Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import { freshName, slugOf } from "../plan/names.ts";
import type { ArgRule, Plan, PlanNode } from "../plan/plan.ts";
import { classify, rulesOf } from "../plan/walk.ts";
import { err, ok, type Result } from "../result.ts";
import { readDocuments } from "./documents.ts";
import { type DraftOptions, draftOf, findTools } from "./draft.ts";
import type { Imported, ImportError, IntentStep, Place } from "./intent.ts";
import { tasksOfJson } from "./llm-compiler-json.ts";
import { readTasks, type Task, type TaskList, type Term } from "./llm-compiler-text.ts";

/**
 * Reads a plan: lines as `1. search("…")`, `2. mail(to="kim@example.com", body="Found: ${1}")`, `3. join()`, `<END_OF_PLAN>`, with `Thought:` and `#`
 * lines between; or a JSON list of `{idx, tool, args, dependencies}`. Calls wait for those that they refer to or depend on, and for no other.
 * Errors: `IMPORT_SYNTAX`, `IMPORT_REFERENCE`, `IMPORT_TEXT`, `IMPORT_SHAPE`, those of the strict reader and of `draftOf`.
 */
export function importLlmCompiler(
  text: string,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<Imported, ImportError> {
  const read = /^\s*[[{]/.test(text) ? readJsonTasks(text) : readTasks(text);
  if (!read.ok) return read;
  const tasks = read.value.tasks.filter(({ tool }) => tool !== "join");
  const join = read.value.tasks.findIndex(({ tool }) => tool === "join");
  const late =
    join < 0 ? undefined : (read.value.tasks[join]?.named.length ?? 0) > 0 ? read.value.tasks[join] : read.value.tasks[join + 1];
  if (late !== undefined) {
    const message =
      "`join()` ends a plan and is no tool: it stands last, without arguments by name; a tool of this name is written `server/join`";
    return err({ code: "IMPORT_SYNTAX", place: late.place, message });
  }
  const names = namesOf(tasks);
  const findings: Finding[] = [];
  const steps: IntentStep[] = [];
  for (const task of tasks) {
    const step = stepOf(task, { names, findings, all: new Set(read.value.tasks.map(({ index }) => index)) });
    if (!step.ok) return step;
    steps.push(step.value);
  }
  const { question } = read.value;
  const draft = draftOf({ ...(question === undefined ? {} : { task: question }), steps, findings }, catalogue, options);
  if (!draft.ok) return draft;
  const misplaced = textsThatSteer(draft.value.plan, steps, catalogue);
  return misplaced === undefined ? draft : err(misplaced);
}

function readJsonTasks(text: string): Result<TaskList, ImportError> {
  const read = readDocuments(text);
  if (!read.ok) return read;
  const [first] = read.value.entries;
  return tasksOfJson(read.value.isLines || first === undefined || !isArray(first.value) ? read.value.entries : [first]);
}

function namesOf(tasks: readonly Task[]): ReadonlyMap<number, string> {
  const taken = new Set<string>();
  return new Map(tasks.map(({ index, tool }) => [index, freshName(slugOf(tool.split(/__|[/.:]/).at(-1) ?? tool), taken)]));
}

interface Scope {
  readonly names: ReadonlyMap<number, string>;
  readonly findings: Finding[];
  /** Numbers of all tasks, `join` too. */
  readonly all: ReadonlySet<number>;
}

/** A scope at one argument of one task. */
interface TermScope extends Scope {
  readonly index: number;
  readonly pointer: string;
}

function stepOf(task: Task, scope: Scope): Result<IntentStep, ImportError> {
  const { index, tool, place } = task;
  const name = scope.names.get(index) ?? "";
  const positional: ArgRule[] = [];
  const args: [string, ArgRule][] = [];
  for (const [at, term] of [...task.positional.map((each) => [undefined, each] as const), ...task.named]) {
    const rule = ruleOf(term, {
      ...scope,
      index,
      pointer: pointerOf(["nodes", name, "args", ...(at === undefined ? [] : [at])]),
    });
    if (!rule.ok) return rule;
    if (at === undefined) positional.push(rule.value);
    else args.push([at, rule.value]);
  }
  const after: string[] = [];
  for (const dependency of task.dependencies) {
    const other = dependency < index ? scope.names.get(dependency) : undefined;
    if (other === undefined) return err(noSuchCall(dependency, place));
    after.push(other);
  }
  return ok({ name, tool, positional, args: Object.fromEntries(args), after, place });
}

function noSuchCall(step: number, place: Place): ImportError {
  return { code: "IMPORT_REFERENCE", place, message: `there is no call ${step} before this one` };
}

function ruleOf(term: Term, scope: TermScope): Result<ArgRule, ImportError> {
  switch (term.kind) {
    case "value":
      return ok(term.value as ArgRule);
    case "step": {
      const name = term.step < scope.index ? scope.names.get(term.step) : undefined;
      return name === undefined ? err(noSuchCall(term.step, term.place)) : ok({ from: `${name}$` });
    }
    case "text":
      return textRule(term.text, term.place, scope);
    case "list": {
      const rules = rulesOfTerms(term.items, scope);
      return rules.ok ? ok(constantOr(rules.value)) : rules;
    }
    case "object": {
      const key = term.members.find(([name]) => readsStep(name, scope));
      if (key !== undefined)
        return err({
          code: "IMPORT_REFERENCE",
          place: term.place,
          message: "a reference stands in a value, not in the name of a member",
        });
      const rules = rulesOfTerms(
        term.members.map(([, inner]) => inner),
        scope,
      );
      if (!rules.ok) return rules;
      const object = Object.fromEntries(term.members.map(([name], at) => [name, rules.value[at] ?? null]));
      const constants = Object.fromEntries(Object.entries(object).flatMap(([name, rule]) => constantIn(name, rule)));
      return ok(Object.keys(constants).length === term.members.length ? { const: constants } : { object });
    }
  }
}

function rulesOfTerms(terms: readonly Term[], scope: TermScope): Result<readonly ArgRule[], ImportError> {
  const rules: ArgRule[] = [];
  for (const term of terms) {
    const rule = ruleOf(term, scope);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  return ok(rules);
}

/** A list of constants is one constant. */
function constantOr(rules: readonly ArgRule[]): ArgRule {
  const values = rules.flatMap((rule) => constantIn("", rule).map(([, value]) => value));
  return values.length === rules.length ? { const: values } : rules;
}

function constantIn(name: string, rule: ArgRule): readonly (readonly [string, Json])[] {
  const classed = classify(rule);
  return classed.kind === "const" ? [[name, classed.rule.const]] : [];
}

const reference = /\$\{(\d{1,6})\}|\$(\d{1,6})/g;

function readsStep(text: string, { names }: Scope): boolean {
  return [...text.matchAll(reference)].some(([, braced, bare]) => names.has(Number(braced ?? bare)));
}

/**
 * A text in quotes: a constant, a reference, or text with references in it. As in LLMCompiler itself `$5` is a price where there is no call 5;
 * a reference to a later call is none there either, and hardly meant.
 */
function textRule(text: string, place: Place, scope: TermScope): Result<ArgRule, ImportError> {
  const holes: { [hole: string]: ArgRule } = {};
  let template = "";
  let end = 0;
  let alone: string | undefined;
  for (const match of text.matchAll(reference)) {
    const step = Number(match[1] ?? match[2]);
    const isBraced = match[1] !== undefined;
    const name = step < scope.index ? scope.names.get(step) : undefined;
    if (name === undefined) {
      if (isBraced || scope.all.has(step)) return err(noSuchCall(step, place));
      sayPlaceholder(scope);
      continue;
    }
    const behind = text.slice(match.index + match[0].length);
    if (/^(?:[A-Za-z_[]|[.,]\d|\.[A-Za-z_])/.test(behind) && !(isBraced && !/^[.[]/.test(behind)))
      return err({
        code: "IMPORT_REFERENCE",
        place,
        message: `\`${match[0]}\` stands for the whole result of call ${step}, and what follows belongs to it for some readers: write \`\${${step}}\` and a blank, or name no part`,
      });
    if (match[0].length === text.length) alone = name;
    template += braces(text.slice(end, match.index));
    end = match.index + match[0].length;
    holes[`call_${step}`] = { from: `${name}$` };
    template += `{call_${step}}`;
  }
  if (alone !== undefined) return ok({ from: `${alone}$` });
  if (end === 0) return ok(text);
  return ok({ template: "text", text: template + braces(text.slice(end)), with: holes });
}

function braces(text: string): string {
  return text.replaceAll("{", "{{").replaceAll("}", "}}");
}

function sayPlaceholder({ findings, pointer }: TermScope): void {
  const message = "a text has a dollar sign and a number of which there is no call: it was taken as it is written";
  findings.push({ code: "IMPORT_PLACEHOLDER", severity: "warning", pointer, message });
}

/** Text that is put together where it says what the tool acts on: nothing would keep a result from changing where it leads. */
function textsThatSteer(plan: Plan, steps: readonly IntentStep[], catalogue: Catalogue | undefined): ImportError | undefined {
  const find = findTools(steps, catalogue);
  for (const [name, node] of Object.entries(plan.nodes)) {
    const tool = node.tool === undefined || !find.ok ? undefined : find.value(node.tool);
    if (tool?.ok !== true) continue;
    const found = texts(name, node).find(({ place }) => roleOf(tool.value, place) !== "content");
    if (found === undefined) continue;
    const message = `\`${found.arg}\` says what \`${tool.value.name}\` acts on, so that it cannot be text with a result in it: give the result alone, as \`$1\``;
    return { code: "IMPORT_TEXT", place: steps.find((step) => step.name === name)?.place ?? {}, message };
  }
  return undefined;
}

function texts(name: string, node: PlanNode): readonly { readonly arg: string; readonly place: string }[] {
  return rulesOf(name, node).filter(({ rule }) => classify(rule).kind === "template");
}
