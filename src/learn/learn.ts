/**
 * From a recorded run to a draft plan that allows this run, and others like it, and as little else as can be.
 * Pure. What it returns is a draft: a human reads its findings, and only a frozen plan is enforced.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { JsonObject } from "../json/value.ts";
import { learnCallsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, Plan, PlanNode } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import { type Draft, isReader, type NodeDraft, openDraft, readTimesMin, toolNodesOf } from "./draft.ts";
import { openParams } from "./params.ts";
import { mergeTwins } from "./twins.ts";
import { slugOf } from "../plan/names.ts";
import { evidenceOfOne, type EvidenceTable } from "./evidence.ts";
import { factsOf, trustUnder } from "./facts.ts";
import { learnMany } from "./many.ts";
import { learnNodes, retryFinding, wasRetried } from "./nodes.ts";
import { problemsOf, wholeKey } from "./check.ts";
import { orderNodes } from "./order.ts";
import { catalogueOf, readSteps } from "./steps.ts";
import { readTask } from "./task-words.ts";
import { type Trace, withoutNodeNames } from "../trace.ts";

export { readTrace, type Trace, type TraceCall, type TraceError, type TraceEvent, type TraceResult } from "../trace.ts";

export {
  type AttackOutcome,
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type FalseDenial,
  type Passed,
} from "./cross-validate.ts";
export type { Evidence, EvidenceTable } from "./evidence.ts";

/** How a plan is learned. */
export interface LearnOptions {
  /** Name of the plan. Default `learned`. */
  readonly name?: string;
  /** The user's words, where the trace has none. */
  readonly task?: string;
}

/** A draft plan, and what a human has to know of it. */
export interface Learned {
  readonly plan: Plan;
  /** `LEARN_…`; a pointer leads into the plan. Warnings need a human's agreement. */
  readonly findings: readonly Finding[];
  /** How many runs support each element of the plan, by its JSON pointer. */
  readonly evidence: EvidenceTable;
  /** The parameters that each run would have been given, in the order of the traces; defaults are left out. */
  readonly params: readonly JsonObject[];
}

/**
 * Learns a plan from one trace, or one plan from several of the same task (`many.ts`). Without a catalogue, tools are judged by their
 * names. Errors: `LEARN_EMPTY`, `LEARN_TOO_LARGE`, `LEARN_TASKS_DIFFER`, and tools that the catalogue does not have.
 *
 * @example
 * const learned = learnPlan([trace], catalogue, { name: "pay-bill" });
 */
export function learnPlan(
  recorded: readonly Trace[],
  catalogue?: Catalogue,
  options: LearnOptions = {},
): Result<Learned, readonly Finding[]> {
  const traces = recorded.map(withoutNodeNames);
  const [trace] = traces;
  if (trace === undefined || !trace.events.some((event) => event.type === "call")) {
    return err([
      { code: "LEARN_EMPTY", severity: "error", pointer: "", message: "a plan is learned from a trace with at least one call" },
    ]);
  }
  const known = catalogue === undefined ? catalogueOf(traces) : ok(catalogue);
  if (!known.ok) return known;
  if (traces.length > 1) {
    const given = { name: options.name ?? "learned", task: options.task, isUndescribed: catalogue === undefined };
    const many = learnMany(traces, known.value, given);
    if (!many.ok) return many;
    const { plan, findings, evidence, params } = many.value;
    return ok({ plan, findings, evidence, params });
  }
  const steps = readSteps(trace, known.value);
  if (!steps.ok) return steps;
  if (steps.value.length > learnCallsMax) {
    const message = `a plan is learned from at most ${learnCallsMax} calls`;
    return err([{ code: "LEARN_TOO_LARGE", severity: "error", pointer: "", message }]);
  }
  const text = trace.task ?? options.task ?? "";
  const name = slugOf(options.name ?? "learned").replaceAll("_", "-");
  const facts = { ...factsOf(steps.value, readTask(text)), isTrusted: trustUnder(known.value) };
  const literals = new Map<string, string>();
  for (let round = 0; ; round++) {
    const draft = openDraft();
    learnNodes(draft, steps.value, { ...facts, literals: new Set(literals.keys()) });
    mergeTwins(draft);
    orderNodes(draft);
    const learned = finish(draft, { name, text });
    const problems = problemsOf(learned.plan, { catalogue: known.value, trace, steps: steps.value });
    // What is denied although it is literal already stands in a loop or a list: the whole call is taken literally then.
    const fresh = problems
      .map(({ key, says }) => ({ key: literals.has(key) ? wholeKey(key) : key, says }))
      .filter(({ key }) => !literals.has(key));
    if (problems.length === 0) return ok(learned);
    if (fresh.length === 0 || round >= learnCallsMax) {
      const message = `the plan denies the run that it was learned from (${problems[0]?.says}): change it by hand`;
      return ok({
        ...learned,
        findings: [...learned.findings, { code: "LEARN_DENIES_RUN", severity: "warning", pointer: "/nodes", message }],
      });
    }
    for (const { key, says } of fresh) literals.set(key, says);
  }
}

/** Writes the draft as a plan. */
function finish(draft: Draft, { name, text }: { readonly name: string; readonly text: string }): Learned {
  const live = liveLets(draft);
  const lets = [...draft.lets.values()].filter((one) => live.has(one.name));
  const params = openParams(draft, lets);
  const nodes: Record<string, PlanNode> = {};
  const write = (names: readonly string[]): void => {
    for (const one of lets) {
      if (!names.includes(one.name) || Object.hasOwn(nodes, one.name)) continue;
      write(one.reads);
      nodes[one.name] = { let: one.expression };
    }
  };
  for (const node of draft.nodes) {
    // A computed node stands before the first that reads it.
    write(readsOf(node));
    const args = Object.fromEntries([...node.args].map(([arg, learned]) => [arg, params.apply(arg, learned)]));
    nodes[node.name] = writeNode(draft, node, args);
  }
  const specs = params.specs();
  const plan: Plan = {
    sluice: 1,
    name,
    ...(text === "" ? {} : { task: text }),
    ...(Object.keys(specs).length === 0 ? {} : { params: specs }),
    nodes,
  };
  const retries = draft.nodes.filter(({ steps }) => wasRetried(steps)).map(({ name: node, tool }) => retryFinding(node, tool));
  const findings = [...draft.findings, ...retries].filter(
    (finding, index, all) => all.findIndex((other) => sameFinding(other, finding)) === index,
  );
  return { plan, findings, evidence: evidenceOfOne(plan), params: [{}] };
}

function sameFinding(a: Finding, b: Finding): boolean {
  return a.code === b.code && a.pointer === b.pointer && a.message === b.message;
}

/** Names of the computed nodes that something reads. */
function liveLets(draft: Draft): ReadonlySet<string> {
  const byName = new Map([...draft.lets.values()].map((one) => [one.name, one]));
  const live = new Set<string>();
  const visit = (name: string): void => {
    const one = byName.get(name);
    if (one === undefined || live.has(name)) return;
    live.add(name);
    one.reads.forEach(visit);
  };
  for (const node of draft.nodes) {
    for (const { reads } of node.args.values()) reads.forEach(visit);
    node.each?.reads.forEach(visit);
  }
  return live;
}

function writeNode(draft: Draft, node: NodeDraft, args: Readonly<Record<string, ArgRule>>): PlanNode {
  const require = [...new Set([...node.args.values()].flatMap((rule) => rule.require ?? []))];
  const isRead = draft.nodes.some((other) => toolNodesOf(draft, readsOf(other)).includes(node));
  const parse =
    node.tool.facts.parse === undefined && isRead ? node.runs.find((run) => run.parse !== undefined)?.parse : undefined;
  const times = timesOf(node);
  return {
    tool: node.tool.name,
    ...(node.each === undefined
      ? {}
      : { each: { from: node.each.from, max: node.each.max, ...(node.each.where && { where: node.each.where }) } }),
    ...(node.after.size === 0 ? {} : { after: [...node.after].sort() }),
    ...(times === undefined ? {} : { times }),
    ...(parse === undefined ? {} : { parse }),
    ...(Object.keys(args).length === 0 ? {} : { args }),
    ...(require.length === 0 ? {} : { require }),
    ...(wasRetried(node.steps) ? { constraints: { idempotent: true } } : {}),
  };
}

function readsOf(node: NodeDraft): readonly string[] {
  return [...[...node.args.values()].flatMap((rule) => rule.reads), ...(node.each?.reads ?? [])];
}

function timesOf(node: NodeDraft): PlanNode["times"] | undefined {
  const min = node.isPartial ? 0 : 1;
  if (isReader(node.tool) && !node.isExact) return { min, max: Math.max(readTimesMin, node.repeats + 1) };
  if (min === 0) return { min, max: node.repeats };
  return node.repeats === 1 ? undefined : node.repeats;
}
