/**
 * Turns the calls of a trace into nodes: loops where calls go through rows, one node for equal calls, one for each other call.
 * Pure. Never puts two calls into one node that a different rule would tell apart.
 */
import { argumentDefault, roleOf } from "../catalogue/catalogue.ts";
import { pointerOf } from "../json/pointer.ts";
import { type Json, jsonEqual, type JsonObject } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenTool, Role } from "../plan/plan.ts";
import { type ArgumentContext, consent } from "./argument.ts";
import { contentRule, learnArgument } from "./arguments.ts";
import { addLet, type Draft, isReader, type LearnedRule, type NodeDraft, nodeName, sourcesAt, strengthRank } from "./draft.ts";
import { literalKey, type Literals } from "./check.ts";
import { type Loop, loopOf } from "./loops.ts";
import { rowSetsOf, rowsPath } from "./places.ts";
import type { Step } from "./steps.ts";
import { tablesAt } from "./from-tables.ts";
import type { TaskWords } from "./task-words.ts";

/** Equal calls of one tool. */
export interface Call {
  readonly first: Step;
  readonly steps: readonly Step[];
  /** The first of them that succeeded, or the first. */
  readonly run: Step;
}

/** What the whole trace says, beside the calls. */
export interface TraceFacts {
  readonly task: TaskWords;
  /** Texts among the arguments of the trace that the task does not have. */
  readonly avoid: readonly string[];
  /** Those that the task has. */
  readonly given: readonly string[];
  readonly isData: (text: string) => boolean;
  /** Whether what a tool returns is labelled, and nobody untrusted writes it. */
  readonly isTrusted: (tool: FrozenTool) => boolean;
  /** What is to be taken literally, since a looser rule would deny the run. */
  readonly literals: Literals;
}

/** Rows that a loop of a reader may have, beyond those seen: a list grows. */
const readRowsMin = 20;

/** Learns all nodes of a trace, in the order of their first calls. */
export function learnNodes(draft: Draft, steps: readonly Step[], facts: TraceFacts): void {
  const calls = distinctCalls(draft, steps);
  const done = new Set<Call>();
  for (const call of calls) {
    if (done.has(call)) continue;
    const peers = calls.filter((other) => !done.has(other) && other.first.tool === call.first.tool && sameShape(other, call));
    const group = learnLoop(draft, call, { peers, facts });
    if (group.length > 0) for (const member of group) done.add(member);
    else {
      done.add(call);
      learnSingle(draft, call, facts);
    }
  }
}

/** Calls by tool and arguments. Calls that never succeeded are left out if they would have changed something. */
export function distinctCalls(draft: Pick<Draft, "findings">, steps: readonly Step[]): readonly Call[] {
  const groups = new Map<string, Step[]>();
  for (const step of steps) groups.set(step.key, [...(groups.get(step.key) ?? []), step]);
  const calls: Call[] = [];
  for (const group of groups.values()) {
    const first = group[0] as Step;
    const run = group.find((step) => !step.isFailed);
    if (run === undefined && !isReader(first.tool)) {
      const message = `a call of \`${first.tool.name}\` failed and is not part of the plan`;
      draft.findings.push({ code: "LEARN_FAILED_CALL", severity: "warning", pointer: "/nodes", message });
      continue;
    }
    calls.push({ first, steps: group, run: run ?? first });
  }
  return calls;
}

/** How often equal calls were made; of what acts only those that did not fail, since more would allow it to happen more often than it did. */
export function runsIn(steps: readonly Step[]): number {
  const good = steps.filter((step) => !step.isFailed).length;
  return good > 0 && steps.every(({ tool }) => !isReader(tool)) ? good : steps.length;
}

/** Whether what acts was called again after it failed. */
export function wasRetried(steps: readonly Step[]): boolean {
  return runsIn(steps) < steps.length;
}

/** What a human has to agree to where a call was made again. */
export function retryFinding(node: string, tool: FrozenTool): Finding {
  const message = `a call of \`${tool.name}\` failed and was made again: \`idempotent\` allows that, so confirm that a failed call did nothing`;
  return { code: "LEARN_RETRY", severity: "warning", pointer: pointerOf(["nodes", node, "constraints", "idempotent"]), message };
}

function sameShape(a: Call, b: Call): boolean {
  const names = Object.keys(a.first.args).sort().join();
  return names === Object.keys(b.first.args).sort().join();
}

interface GroupOptions {
  readonly peers: readonly Call[];
  readonly facts: TraceFacts;
}

/** Makes a loop of `call` and its peers if they go through the rows of a list; returns the calls that it stands for. */
function learnLoop(draft: Draft, call: Call, { peers, facts }: GroupOptions): readonly Call[] {
  const open = peers.filter((peer) => unexplained(peer, facts).length > 0 && !facts.literals.has(literalKey(peer.first)));
  if (!open.includes(call)) return [];
  const sets = rowSetsOf(sourcesAt(draft, call.first));
  const names = steeringArgs(call);
  const varying = names.filter((name) => open.some((other) => !jsonEqual(other.first.args[name], call.first.args[name])));
  if (open.length < 2) return [];
  const loop = loopOf(sets, { calls: open.map((other) => other.first.args), varying }, facts.task);
  if (loop === undefined) return learnSmallerLoop(draft, call, { open, facts });
  const isWhole = loop.places.length === loop.count;
  if (!isWhole && open.every((other) => isTight(draft, other, { facts, isNamed: true }))) return [];
  addLoop(draft, open, { loop, facts });
  return open;
}

/** Some of the calls may go through a list although not all do. */
function learnSmallerLoop(
  draft: Draft,
  call: Call,
  { open, facts }: { readonly open: readonly Call[]; readonly facts: TraceFacts },
): readonly Call[] {
  const sets = rowSetsOf(sourcesAt(draft, call.first));
  const names = steeringArgs(call);
  for (const name of names) {
    const alike = open.filter((other) =>
      names.every((each) => each === name || jsonEqual(other.first.args[each], call.first.args[each])),
    );
    const fitting = alike.filter(
      (other) => loopOf(sets, { calls: [other.first.args], varying: [name] }, facts.task) !== undefined,
    );
    if (fitting.length < 2 || !fitting.includes(call)) continue;
    const loop = loopOf(sets, { calls: fitting.map((other) => other.first.args), varying: [name] }, facts.task);
    if (loop === undefined || fitting.every((other) => isTight(draft, other, { facts, isNamed: true }))) continue;
    addLoop(draft, fitting, { loop, facts });
    return fitting;
  }
  return [];
}

/** Arguments that steer the tool: all but texts of the role `content`. */
export function steeringArgs(call: Pick<Call, "first">): readonly string[] {
  return Object.entries(call.first.args)
    .filter(([name, value]) => roleOf(call.first.tool, name) !== "content" || typeof value !== "string")
    .map(([name]) => name);
}

/** Arguments that neither the task nor the tool's defaults explain. */
export function unexplained(call: Call, facts: Pick<TraceFacts, "task">): readonly string[] {
  return steeringArgs(call).filter((name) => {
    const value = call.first.args[name] as Json;
    const fallback = argumentDefault(call.first.tool, name);
    return (
      typeof value !== "boolean" &&
      facts.task.find(value) === undefined &&
      !(fallback !== undefined && jsonEqual(fallback, value))
    );
  });
}

/**
 * Whether each argument of the call can be pointed at on its own, without guessing; with `isNamed`: by its path or by what the task
 * names, not by a label in a text or by being the only one.
 */
function isTight(
  draft: Draft,
  call: Call,
  { facts, isNamed }: { readonly facts: TraceFacts; readonly isNamed: boolean },
): boolean {
  const scratch: Draft = { nodes: draft.nodes, lets: new Map(draft.lets), names: new Set(draft.names), findings: [] };
  const context = contextOf(scratch, call, { facts, node: "trial", canGuess: false });
  const strengths = steeringArgs(call).map((name) => learnArgument(name, call.first.args[name] as Json, context).strength);
  const most = isNamed ? "named" : "told";
  return strengths.every((strength) => strengthRank[strength] <= strengthRank[most]);
}

interface ContextOptions {
  readonly facts: TraceFacts;
  readonly node: string;
  readonly canGuess: boolean;
}

function contextOf(draft: Draft, call: Call, { facts, node, canGuess }: ContextOptions): ArgumentContext {
  const { first } = call;
  return {
    draft,
    task: facts.task,
    tool: first.tool,
    node,
    sources: sourcesAt(draft, first),
    avoid: facts.avoid,
    given: facts.given,
    tables: tablesAt(draft, first),
    isFirst: first.resultsBefore === 0,
    isTrusted: draft.nodes.every((one) => facts.isTrusted(one.tool)),
    isData: facts.isData,
    canGuess,
    isLiteralCall: facts.literals.has(literalKey(first)),
    isLiteral: (arg) => facts.literals.has(literalKey(first, arg)),
  };
}

/** A node for one call and its repetitions. */
function learnSingle(draft: Draft, call: Call, facts: TraceFacts): void {
  const { tool, args } = call.first;
  const isLiteral = facts.literals.has(literalKey(call.first));
  if (isReader(tool) && !isLiteral && !isTight(draft, call, { facts, isNamed: false })) {
    const loop = loopOf(
      rowSetsOf(sourcesAt(draft, call.first)),
      { calls: [args], varying: unexplained(call, facts) },
      facts.task,
    );
    if (loop !== undefined) {
      addLoop(draft, [call], { loop, facts });
      return;
    }
  }
  const name = nodeName(draft, tool);
  const context = contextOf(draft, call, { facts, node: name, canGuess: true });
  const rules = new Map(Object.entries(args).map(([arg, value]) => [arg, learnArgument(arg, value, context)] as const));
  const node: NodeDraft = {
    name,
    tool,
    steps: call.steps,
    runs: [call.run],
    args: rules,
    isPartial: call.run.isFailed,
    repeats: runsIn(call.steps),
    after: new Set(),
    isExact: false,
  };
  draft.nodes.push(node);
}

/** A node that runs once for each row. */
function addLoop(
  draft: Draft,
  calls: readonly Call[],
  { loop, facts }: { readonly loop: Loop; readonly facts: TraceFacts },
): void {
  const [call] = calls;
  if (call === undefined) return;
  const { tool } = call.first;
  const name = nodeName(draft, tool);
  const context = contextOf(draft, call, { facts, node: name, canGuess: true });
  const source = loop.set.source.name;
  const list =
    loop.distinct && addLet(draft, { hint: `${source}_${loop.distinct.hint}`, expression: loop.distinct.expression }, [source]);
  const from = list === undefined ? rowsPath(loop.set) : `${list}$[*]`;
  const args = new Map<string, LearnedRule>();
  for (const [arg, value] of Object.entries(call.first.args))
    args.set(arg, loopArgument({ arg, value, call, calls, loop }, context));
  const ordered = calls.map((one, place) => ({ one, row: loop.places[place] ?? 0 })).sort((a, b) => a.row - b.row);
  const isPartial = calls.length < loop.count;
  const max = isReader(tool) ? Math.max(readRowsMin, loop.count * 4) : loop.count;
  draft.nodes.push({
    name,
    tool,
    steps: calls.flatMap((one) => one.steps),
    runs: ordered.map(({ one }) => one.run),
    args,
    each: { from, max, ...(loop.where && { where: loop.where.expression }), reads: [list ?? source] },
    isPartial,
    repeats: Math.max(...calls.map((one) => runsIn(one.steps))),
    after: new Set(),
    isExact: false,
  });
  if (loop.where !== undefined && !loop.where.isNamed) {
    const message = `\`${name}\` runs for the rows of \`${source}\` with \`${loop.where.expression}\`, which the task does not mention: confirm it`;
    draft.findings.push({
      code: "LEARN_ROWS",
      severity: "warning",
      pointer: pointerOf(["nodes", name, "each", "where"]),
      message,
    });
  }
  if (isPartial) {
    const message = `the agent decides for which rows of \`${source}\` it calls \`${name}\` (${calls.length} of ${loop.count} in the trace)`;
    const severity = isReader(tool) ? "info" : "warning";
    draft.findings.push({ code: "LEARN_AGENT_ROWS", severity, pointer: pointerOf(["nodes", name, "each"]), message });
  }
}

interface LoopArgument {
  readonly arg: string;
  readonly value: Json;
  readonly call: Call;
  readonly calls: readonly Call[];
  readonly loop: Loop;
}

function loopArgument({ arg, value, calls, loop }: LoopArgument, context: ArgumentContext): LearnedRule {
  const item = loop.items.get(arg);
  if (item !== undefined) {
    const role: Role = roleOf(context.tool, arg);
    const selection = { how: "all" as const, source: loop.set.source, path: "$", values: [] };
    consent({ name: arg, role, path: [arg] }, selection, context);
    const extract = item.extract === undefined ? {} : { extract: item.extract as string | JsonObject };
    return { rule: { item: item.item, ...extract }, learned: "item", strength: "told", reads: [] };
  }
  const values = calls.map((one) => one.first.args[arg] as Json);
  if (values.every((each) => typeof each === "string") && roleOf(context.tool, arg) === "content")
    return contentRule(arg, values as readonly string[], context);
  return learnArgument(arg, value, context);
}
