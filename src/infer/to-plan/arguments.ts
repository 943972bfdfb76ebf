/**
 * The arguments of a proposed call as rules of a node: constants, parameters and references, put back into the objects and lists that
 * their paths come from.
 * Pure. Never leaves out an argument that was proposed.
 */
import { isArray, type Json } from "../../json/value.ts";
import { constantRule } from "../../intent/constant-rule.ts";
import type { ArgRule } from "../../plan/plan.ts";
import { classify, partsOf } from "../../plan/walk.ts";
import type { ProposedArgument } from "../proposal.ts";
import { isSamePath, paramAt, type PlannedCall } from "./calls.ts";
import type { Cues } from "./cues.ts";
import type { AskedParam } from "./params.ts";
import { gatheredRows, type Loop, referTo } from "./rows.ts";

/** What rules are written with. */
export interface RulesContext {
  readonly calls: readonly PlannedCall[];
  readonly loops: ReadonlyMap<number, Loop>;
  readonly params: readonly AskedParam[];
  readonly cues: Cues;
}

/** The rules of a node. */
export interface WrittenRules {
  readonly args: { readonly [name: string]: ArgRule };
  /** The rule of each proposed argument by itself, in the order of the call's. */
  readonly rules: ReadonlyMap<ProposedArgument, ArgRule>;
  /** Arguments that take one of several values. */
  readonly picked: readonly ProposedArgument[];
}

/** The rules of a call's node. */
export function writeArguments(call: PlannedCall, context: RulesContext): WrittenRules {
  const rules = new Map<ProposedArgument, ArgRule>();
  const picked: ProposedArgument[] = [];
  for (const argument of call.args) {
    const { rule, isPicked } = ruleOf(call, argument, context);
    rules.set(argument, rule);
    if (isPicked) picked.push(argument);
  }
  const writing: Writing = { call, rules, context };
  const names = [...new Set(call.args.map(({ path }) => path[0] ?? ""))];
  const args = names.map((name): [string, ArgRule] => {
    const parts = call.args
      .filter(({ path }) => path[0] === name)
      .map((argument) => ({ rest: argument.path.slice(1), argument }));
    return [name, compose(parts, writing)];
  });
  const written = Object.fromEntries(args);
  // A column of rows that are gathered by an expression takes them all.
  const isGathered = ({ path }: ProposedArgument): boolean => path.includes("[]") && isComputed(written[path[0] ?? ""] ?? null);
  return { args: written, rules, picked: picked.filter((argument) => !isGathered(argument)) };
}

/** Whether a rule, or a part of it, is an expression. */
export function isComputed(rule: ArgRule): boolean {
  return classify(rule).kind === "expr" || partsOf(rule).some((part) => isComputed(part.rule));
}

function ruleOf(
  call: PlannedCall,
  { path, source, evidence }: ProposedArgument,
  { calls, loops, params, cues }: RulesContext,
): { readonly rule: ArgRule; readonly isPicked: boolean } {
  if (source.kind === "constant") return { rule: constantRule(source.value), isPicked: false };
  if (source.kind === "result") {
    const words = evidence === undefined ? call.proposed.evidence : [...call.proposed.evidence, evidence];
    return referTo(source.path, {
      source: calls[source.call] as PlannedCall,
      type: paramAt(call.draft, path)?.type,
      loop: loops.get(call.index),
      sourceLoop: loops.get(source.call),
      pick: cues.saysLast(words) ? "last" : "first",
    });
  }
  const asked = params.find(({ fills }) => fills.some((fill) => fill.call === call.index && isSamePath(fill.path, path)));
  return { rule: { param: asked?.name ?? "value" }, isPicked: false };
}

/** An argument, and what of its path is still to be put back. */
interface PlacedPart {
  readonly rest: readonly string[];
  readonly argument: ProposedArgument;
}

interface Writing {
  readonly call: PlannedCall;
  readonly rules: ReadonlyMap<ProposedArgument, ArgRule>;
  readonly context: RulesContext;
}

/** The rule of some parts of one value. */
function compose(parts: readonly PlacedPart[], writing: Writing): ArgRule {
  const whole = parts.find(({ rest }) => rest.length === 0);
  if (whole !== undefined) return writing.rules.get(whole.argument) as ArgRule;
  if (parts.every(({ rest }) => rest[0] === "[]")) return composeRows(parts.map(within), writing);
  return composeObject(parts, (inner) => compose(inner, writing));
}

function within({ rest, argument }: PlacedPart): PlacedPart {
  return { rest: rest.slice(1), argument };
}

/** An object: one constant where all its members are, else an object of rules. */
function composeObject(parts: readonly PlacedPart[], inner: (parts: readonly PlacedPart[]) => ArgRule): ArgRule {
  const names = [...new Set(parts.map(({ rest }) => rest[0] ?? ""))];
  const members = names.map((name): [string, ArgRule] => [name, inner(parts.filter(({ rest }) => rest[0] === name).map(within))]);
  const constants = members.map(([name, rule]) => [name, constantOf(rule)] as const);
  if (constants.every(([, value]) => value !== undefined)) return { const: Object.fromEntries(constants) as Json };
  return { object: Object.fromEntries(members) };
}

/** The value of a rule that is a constant. */
function constantOf(rule: ArgRule): Json | undefined {
  if (typeof rule !== "object" || rule === null) return rule;
  if (!isRuleList(rule)) return "const" in rule ? rule.const : undefined;
  const values = rule.map(constantOf);
  return values.every((value) => value !== undefined) ? (values as Json) : undefined;
}

function isRuleList(rule: ArgRule): rule is readonly ArgRule[] {
  return Array.isArray(rule);
}

/**
 * A list of objects, whose members are columns: a constant list gives a value to each row, one value stands in all. Columns of one list of
 * another call's result become its rows.
 */
function composeRows(parts: readonly PlacedPart[], writing: Writing): ArgRule {
  const gathered = gatheredFrom(parts, writing);
  if (gathered !== undefined) return { expr: gathered };
  const count = Math.max(...parts.map((part) => columnOf(part, writing)?.length ?? 1));
  const rows = Array.from({ length: count }, (_, row) => {
    const own = parts.filter((part) => row < (columnOf(part, writing)?.length ?? count));
    const pick = (inner: readonly PlacedPart[]): ArgRule => compose(inner, { ...writing, rules: rulesAt(inner, row, writing) });
    return own.every(({ rest }) => rest.length === 0) ? pick(own) : composeObject(own, pick);
  });
  const values = rows.map(constantOf);
  return values.every((value) => value !== undefined) ? { const: values as Json } : rows;
}

function rulesAt(parts: readonly PlacedPart[], row: number, writing: Writing): ReadonlyMap<ProposedArgument, ArgRule> {
  const rules = new Map(writing.rules);
  for (const part of parts) {
    const value = columnOf(part, writing)?.[row];
    if (value !== undefined) rules.set(part.argument, constantRule(value));
  }
  return rules;
}

/** The values of a constant that has one for each row; `undefined` for one that stands in every row. */
function columnOf({ argument: { path, source } }: PlacedPart, { call }: Writing): readonly Json[] | undefined {
  if (source.kind !== "constant" || !isArray(source.value) || source.value.length === 0) return undefined;
  return paramAt(call.draft, path)?.type === "array" ? undefined : source.value;
}

function gatheredFrom(parts: readonly PlacedPart[], { context: { calls, loops } }: Writing): string | undefined {
  const [first] = parts;
  if (first?.argument.source.kind !== "result") return undefined;
  const { source } = first.argument;
  const list = source.path.slice(0, source.path.lastIndexOf("[]") + 1);
  if (list.filter((name) => name === "[]").length !== 1 || loops.has(source.call)) return undefined;
  const members: { readonly name: string; readonly path: readonly string[] }[] = [];
  for (const { rest, argument } of parts) {
    const { source: own } = argument;
    const [name, second] = rest;
    const isColumn = own.kind === "result" && own.call === source.call && list.every((step, at) => own.path[at] === step);
    if (!isColumn || name === undefined || second !== undefined) return undefined;
    members.push({ name, path: own.path.slice(list.length) });
  }
  return gatheredRows(calls[source.call] as PlannedCall, list, members);
}
