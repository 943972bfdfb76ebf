/**
 * Ground truth of where data came from, kept by watching a run from outside: which labels the bytes of each argument surely carry, and what
 * the agent has surely been shown.
 * Shares no code with the engine or the interpreter, and asks neither. Where it cannot be sure it says less, so that what it misses in a
 * label is a fault.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import type { ArgRule, FrozenPlan, LabelSpec, PlanNode } from "../../src/plan/plan.ts";
import type { Allowed } from "./play.ts";

/** One call that went out, and what came back. */
export interface GroundRun {
  readonly call: Allowed;
  /** Labels that everything in its result carries. */
  readonly base: ReadonlySet<string>;
  status: "open" | "ok" | "error";
  value: Json;
}

/** What is known of a session so far. */
export interface Ground {
  readonly frozen: FrozenPlan;
  readonly runs: GroundRun[];
  /** Labels of what the agent was shown. */
  readonly exposure: Set<string>;
}

const builtIn: { readonly [name: string]: LabelSpec } = {
  user_input: { integrity: "trusted" },
  database_record: { integrity: "untrusted" },
  external_api: { integrity: "untrusted" },
};

/** A session of which nothing is known but that a user opened it. */
export function openGround(frozen: FrozenPlan): Ground {
  return { frozen, runs: [], exposure: new Set(["user_input"]) };
}

/** What plan and catalogue declare of a name. */
export function specOf({ plan, labels }: FrozenPlan, name: string): LabelSpec {
  const found = [plan.labels ?? {}, labels, builtIn].find((each) => Object.hasOwn(each, name));
  return name === "unknown" || found === undefined ? { integrity: "untrusted" } : (found[name] as LabelSpec);
}

/** Whether somebody untrusted may have written data with one of the labels. */
export function isAttackers(frozen: FrozenPlan, names: Iterable<string>): boolean {
  return [...names].some((name) => specOf(frozen, name).integrity === "untrusted");
}

/** Labels of what a tool answers by itself, as declared. */
export function declaredLabels(frozen: FrozenPlan, node: PlanNode): readonly string[] {
  const own = frozen.tools[node.tool ?? ""]?.facts.labels;
  return own === undefined && node.labels === undefined ? ["unknown"] : [...(own ?? []), ...(node.labels ?? [])];
}

/** Notes a call that went out. */
export function noteCall(ground: Ground, call: Allowed): void {
  const node = ground.frozen.plan.nodes[call.node];
  const base = new Set(node === undefined ? ["unknown"] : declaredLabels(ground.frozen, node));
  for (const [arg, rule] of Object.entries(node?.args ?? {}))
    if (Object.hasOwn(call.final, arg)) for (const name of labelsOfRule(ground, rule, call)) base.add(name);
  ground.runs.push({ call, base, status: "open", value: null });
}

/** Notes a result, and what of it was shown. */
export function noteResult(ground: Ground, run: number, result: { readonly value: Json; readonly isError: boolean }): void {
  const found = ground.runs.find(({ call }) => call.run === run);
  if (found === undefined || found.status !== "open") return;
  found.status = result.isError ? "error" : "ok";
  found.value = result.value;
  for (const name of shownLabels(ground, found)) ground.exposure.add(name);
}

/** Labels of what is surely shown: nothing where parts are hidden by a reference; no label that a check may have taken away. */
function shownLabels({ frozen }: Ground, run: GroundRun): Iterable<string> {
  const node = frozen.plan.nodes[run.call.node];
  const show = node?.show ?? (isReadingHidden(frozen, node) ? "none" : "all");
  if (show === "none" || node === undefined) return [];
  if (run.status === "error") return run.base;
  if (show === "all") return run.value === null ? [] : kept(run, node);
  return show.some((path) => valuesAt(run.value, path).length > 0) ? kept(run, node) : [];
}

/** Whether a rule of the node may read what another node hides: then what it returns is hidden, too. */
function isReadingHidden(frozen: FrozenPlan, node: PlanNode | undefined): boolean {
  const names = Object.values(node?.args ?? {}).flatMap((rule) => namedBy(frozen, rule, node?.each));
  return names.some((name) => {
    const other = frozen.plan.nodes[name];
    return (other?.show !== undefined && other.show !== "all") || (other?.show === undefined && isReadingHidden(frozen, other));
  });
}

/** Labels of a result, but those that the node may take away from parts of it. */
function kept({ base }: GroundRun, { removes }: PlanNode): ReadonlySet<string> {
  const taken = new Set(removes?.labels.filter((name) => name !== "unknown") ?? []);
  return new Set([...base].filter((name) => !taken.has(name)));
}

/** Labels that the value of a rule surely carries. */
export function labelsOfRule(ground: Ground, rule: ArgRule, call: Pick<Allowed, "node" | "batch">): ReadonlySet<string> {
  const found = new Set(unlowered(ground, rule, call));
  const endorse = optionOf(rule, "endorse");
  const from = [isObject(endorse) ? ((endorse as { readonly from?: string | readonly string[] }).from ?? []) : []].flat();
  for (const name of from) if (name !== "unknown") found.delete(name);
  return found;
}

function unlowered(ground: Ground, rule: ArgRule, call: Pick<Allowed, "node" | "batch">): readonly string[] {
  if (typeof rule !== "object" || rule === null || "const" in rule) return [];
  if (isList(rule)) return rule.flatMap((part) => [...labelsOfRule(ground, part, call)]);
  if ("param" in rule) return ["user_input"];
  if ("choose" in rule || "write" in rule) return [...exposureOf(ground, call)];
  const isPicked = "pick" in rule && rule.pick === "agent";
  const { frozen } = ground;
  const each = frozen.plan.nodes[call.node]?.each;
  const parts = "object" in rule ? Object.values(rule.object) : "template" in rule ? Object.values(rule.with ?? {}) : [];
  const read = parts.length > 0 || "object" in rule || "template" in rule ? [] : namedBy(frozen, rule, each);
  return [
    ...(isPicked ? exposureOf(ground, call) : []),
    ...parts.flatMap((part) => [...labelsOfRule(ground, part, call)]),
    ...read.flatMap((name) => [...definite(ground, name)]),
  ];
}

/** What the agent has surely seen, with what its batch brings. */
export function exposureOf({ frozen, exposure }: Ground, { batch }: Pick<Allowed, "batch">): ReadonlySet<string> {
  if (batch.length < 2) return exposure;
  const nodes = Object.values(frozen.plan.nodes).filter(({ tool }) => tool !== undefined && batch.includes(tool));
  return new Set([...exposure, ...nodes.flatMap((node) => declaredLabels(frozen, node))]);
}

/** Labels that whatever is read of a node surely carries; of a computation, those of all that it names. */
function definite(ground: Ground, name: string, seen: readonly string[] = []): ReadonlySet<string> {
  const node = ground.frozen.plan.nodes[name];
  if (node === undefined || seen.includes(name)) return new Set();
  if (node.let !== undefined) {
    const inner = identifiers(ground.frozen, node.let);
    return new Set(inner.flatMap((other) => [...definite(ground, other, [...seen, name])]));
  }
  const [first, ...rest] = ground.runs
    .filter(({ call, status }) => call.node === name && status === "ok")
    .map((run) => kept(run, node));
  return new Set([...(first ?? [])].filter((label) => rest.every((other) => other.has(label))));
}

/** Nodes that a rule surely reads if it has a value. */
export function namedBy(frozen: FrozenPlan, rule: ArgRule, each: PlanNode["each"]): readonly string[] {
  if (typeof rule !== "object" || rule === null) return [];
  if (isList(rule)) return rule.flatMap((part) => namedBy(frozen, part, each));
  if ("from" in rule) return [nodeOfReference(rule.from)];
  if ("item" in rule) return each === undefined ? [] : [typeof each === "string" ? each : nodeOfReference(each.from)];
  if ("expr" in rule) return identifiers(frozen, rule.expr);
  const parts = "object" in rule ? rule.object : "template" in rule ? (rule.with ?? {}) : {};
  return Object.values(parts).flatMap((part) => namedBy(frozen, part, each));
}

/** The node of `node$.path`. */
export function nodeOfReference(reference: string): string {
  return reference.slice(0, Math.max(0, reference.indexOf("$")));
}

/** Names of nodes that stand as identifiers in an expression: not in a text, not as a member, not bound by a macro. */
export function identifiers({ plan }: FrozenPlan, source: string): readonly string[] {
  const code = source.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  const bound = new Set([...code.matchAll(/\.\w+\(\s*(\w+)\s*,/g)].map((found) => found[1] ?? ""));
  const found = [...code.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)].map(([name]) => name);
  return [...new Set(found)].filter((name) => Object.hasOwn(plan.nodes, name) && !bound.has(name));
}

/** Values at a path of names, indexes and wildcards; nothing for any other path. */
export function valuesAt(value: Json, path: string): readonly Json[] {
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\['([^']*)'\]|\[(\d+)\]|(\[\*\]|\.\*)/g)];
  if (steps.map(([text]) => text).join("") !== path.slice(1)) return [];
  let at: readonly Json[] = [value];
  for (const [, name, quoted, index, any] of steps) {
    at = at.flatMap((each): readonly Json[] => {
      if (any !== undefined) return isArray(each) ? each : isObject(each) ? Object.values(each) : [];
      if (index !== undefined) return isArray(each) && each[Number(index)] !== undefined ? [each[Number(index)] as Json] : [];
      const key = name ?? quoted ?? "";
      return isObject(each) && Object.hasOwn(each, key) ? [each[key] as Json] : [];
    });
  }
  return at;
}

/** Every value within a value, itself included. */
export function partsWithin(value: Json): readonly Json[] {
  if (isArray(value)) return [value, ...value.flatMap(partsWithin)];
  return isObject(value) ? [value, ...Object.values(value).flatMap(partsWithin)] : [value];
}

function isList(rule: ArgRule): rule is readonly ArgRule[] {
  return Array.isArray(rule);
}

function optionOf(rule: ArgRule, name: string): Json | undefined {
  return isObject(rule as Json) ? (rule as unknown as JsonObject)[name] : undefined;
}
