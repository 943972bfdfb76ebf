/**
 * An approved plan as an example: its calls with their arguments one by one, as a proposal has them.
 * Pure. A plan that says more than a proposal can is no example; it is never taken for a simpler one.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { parseReference } from "../../lang/path.ts";
import type { ArgRule, FrozenPlan, PlanNode } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import type { ProposedSource } from "../proposal.ts";
import { type DraftParam, type DraftTool, draftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";

/** One argument of an example. */
export interface ExampleArgument {
  readonly path: readonly string[];
  readonly source: ProposedSource;
  /** Absent if the tool's schema does not have it. */
  readonly param?: DraftParam;
}

/** One call of an example. */
export interface ExampleCall {
  readonly tool: DraftTool;
  /** As it was frozen with the plan. */
  readonly definition: JsonObject;
  readonly args: readonly ExampleArgument[];
}

/** An approved plan as an example. */
export interface Example {
  /** Of the frozen plan. */
  readonly digest: string;
  readonly task: string;
  /** What its dates were relative to, if that is known. */
  readonly context: ValueContext;
  readonly calls: readonly ExampleCall[];
}

/** The example that a frozen plan is, or one line that says why it is none. */
export function exampleOf(frozen: FrozenPlan, context: ValueContext = {}): Result<Example, string> {
  const { plan, tools, digest } = frozen;
  if (plan.task === undefined || plan.task.trim() === "") return err("the plan has no task");
  const names = Object.keys(plan.nodes);
  if (names.length === 0) return err("the plan has no nodes");
  const calls: ExampleCall[] = [];
  for (const [name, node] of Object.entries(plan.nodes)) {
    const beyond = beyondExamples(node);
    if (beyond !== undefined) return err(`node \`${name}\` has \`${beyond}\`, which a new task would not repeat`);
    const tool = tools[node.tool ?? ""];
    if (tool === undefined) return err(`node \`${name}\` has no tool`);
    const drafted = draftTool(tool);
    const args: ExampleArgument[] = [];
    for (const [argument, rule] of Object.entries(node.args ?? {})) {
      const read = sourcesOf(rule, { path: [argument], tool: drafted, frozen, node, names });
      if (read === undefined) return err(`argument \`${argument}\` of node \`${name}\` is of a class that no new task fills`);
      args.push(...read);
    }
    calls.push({ tool: drafted, definition: tool.definition, args });
  }
  return ok({ digest, task: plan.task, context, calls });
}

/** The first member of a node that a proposal cannot say. */
function beyondExamples(node: PlanNode): string | undefined {
  if (node.let !== undefined) return "let";
  if (node.when !== undefined) return "when";
  if (node.optional === true) return "optional";
  if (node.require !== undefined && node.require.length > 0) return "require";
  if (typeof node.each === "string" || node.each?.where !== undefined) return "each";
  if (node.times !== undefined && node.times !== 1 && !(typeof node.times === "object" && node.times.max === 1)) return "times";
  return undefined;
}

interface ArgumentPlace {
  readonly path: readonly string[];
  readonly tool: DraftTool;
  readonly frozen: FrozenPlan;
  readonly node: PlanNode;
  readonly names: readonly string[];
}

const ruleOptions: ReadonlySet<string> = new Set(["match"]);

/** What a rule gives its argument: one source, or one for each part of an object. */
function sourcesOf(rule: ArgRule, place: ArgumentPlace): readonly ExampleArgument[] | undefined {
  if (rule === null || typeof rule !== "object") return constantsOf(rule, place);
  if (isArray(rule as Json)) return isPlain(rule as Json) ? constantsOf(rule as Json, place) : undefined;
  const value = rule as Exclude<ArgRule, readonly ArgRule[] | null | string | number | bigint | boolean>;
  const [kind, ...others] = Object.keys(value).filter((key) => !ruleOptions.has(key));
  if (kind === undefined || others.length > 0) return undefined;
  if ("const" in value) return constantsOf(value.const, place);
  if ("param" in value) return parameterOf(value.param, place);
  if ("from" in value) return resultOf(value.from, place);
  if ("item" in value) return itemOf(value.item, place);
  if (!("object" in value)) return undefined;
  const parts: ExampleArgument[] = [];
  for (const [name, part] of Object.entries(value.object)) {
    const read = sourcesOf(part, { ...place, path: [...place.path, name] });
    if (read === undefined) return undefined;
    parts.push(...read);
  }
  return parts;
}

/** Whether a list holds values and no rules: nothing in it is an object. */
function isPlain(value: Json): boolean {
  return isArray(value) ? value.every(isPlain) : !isObject(value);
}

function argumentOf(source: ProposedSource, { path, tool }: ArgumentPlace): ExampleArgument {
  const param = tool.params.find((one) => samePath(one.path, path));
  return param === undefined ? { path, source } : { path, source, param };
}

/** A constant object is told apart as far as the tool's arguments are. */
function constantsOf(value: Json, place: ArgumentPlace): readonly ExampleArgument[] {
  const whole = argumentOf({ kind: "constant", value }, place);
  if (!isObject(value) || whole.param !== undefined || Object.keys(value).length === 0) return [whole];
  return Object.keys(value).flatMap((key) => constantsOf(member(value, key) ?? null, { ...place, path: [...place.path, key] }));
}

/** A parameter with a default was this task's value; one without was asked for. */
function parameterOf(name: string, place: ArgumentPlace): readonly ExampleArgument[] | undefined {
  const params = place.frozen.plan.params ?? {};
  if (!Object.hasOwn(params, name)) return undefined;
  const value = params[name]?.default;
  return value === undefined ? [argumentOf({ kind: "ask" }, place)] : constantsOf(value, place);
}

function resultOf(reference: string, place: ArgumentPlace): readonly ExampleArgument[] | undefined {
  const read = readReference(reference, place.names);
  return read && [argumentOf({ kind: "result", ...read }, place)];
}

function itemOf(item: string, place: ArgumentPlace): readonly ExampleArgument[] | undefined {
  const { each } = place.node;
  if (typeof each !== "object") return undefined;
  const list = readReference(each.from, place.names);
  const part = readSteps(item);
  if (list === undefined || part === undefined) return undefined;
  const rows = list.path.at(-1) === "[]" ? list.path : [...list.path, "[]"];
  return [argumentOf({ kind: "result", call: list.call, path: [...rows, ...part] }, place)];
}

function readReference(
  reference: string,
  names: readonly string[],
): { readonly call: number; readonly path: readonly string[] } | undefined {
  const parsed = parseReference(reference);
  if (!parsed.ok) return undefined;
  const call = names.indexOf(parsed.value.node);
  const path = readSteps(parsed.value.path.source);
  return call === -1 || path === undefined ? undefined : { call, path };
}

const stepPattern = /\.([\p{L}_][\p{L}\p{N}_]*)|\[(\*)\]|\["([^"\\]*)"\]|\['([^'\\]*)'\]/uy;

/** Names and `[*]` of a JSONPath, as a proposal writes them; anything else is more than that. */
function readSteps(source: string): readonly string[] | undefined {
  if (!source.startsWith("$")) return undefined;
  const steps: string[] = [];
  stepPattern.lastIndex = 1;
  while (stepPattern.lastIndex < source.length) {
    const match = stepPattern.exec(source);
    if (match === null) return undefined;
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? "") : "[]");
  }
  return steps;
}

/** Whether two paths are the same. */
export function samePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => name === other[at]);
}
