/**
 * Takes the result of a run: reads it, decides what of it is kept, labels it, and says what the agent is shown.
 * Pure. No I/O, no clock: the time is passed in. Never changes the state; the event it returns does.
 */
import type { Code } from "../codes.ts";
import { readJson } from "../json/read.ts";
import { freezeJson } from "../json/strict.ts";
import { setMember } from "../json/exact.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import { readYaml } from "../json/yaml.ts";
import { resultBytesMax } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { bottom, join, type LabelValue } from "../taint/label.ts";
import { handleOf } from "./handle.ts";
import type { Program } from "./program.ts";
import type { Received } from "./received.ts";
import { keptLabel, queryOf } from "./resources.ts";
import { isLargerThan } from "./size.ts";
import type { Run, SessionEvent, SessionState } from "./state.ts";

/** What a tool answered: a value, or an error that is shown to the agent like a value. */
export type ToolResult = { readonly value: Json } | { readonly error: Json };

/** What was made of a result: the event that records it, and what the agent is shown. */
export type Observation =
  | {
      readonly ok: true;
      readonly event: SessionEvent & { readonly type: "settle" };
      readonly delivered: Json;
      /** Whether what is delivered is a tool's error. */
      readonly isError: boolean;
      /** Why the result was turned into an error, if Sluice did that. */
      readonly code?: Code;
    }
  | { readonly ok: false; readonly code: Code };

/** How a run ended. */
export interface Outcome {
  readonly result: ToolResult;
  readonly at: number;
  readonly claims?: readonly string[];
  /** Label of what the run read beyond its arguments: by what others wrote to its resources, or by what came with the result. */
  readonly kept?: LabelValue;
  /** What a receipt makes of the result, where it is that of another agent. */
  readonly received?: Received;
}

/** Observes the result of run `number`. */
export function observe(program: Program, state: SessionState, number: number, outcome: Outcome): Observation {
  const run = state.runs[number];
  if (run === undefined) return { ok: false, code: "RUN_UNKNOWN" };
  if (run.status !== "flight" || outcome.at >= run.lease) return { ok: false, code: "RUN_SETTLED" };
  const node = program.plan.nodes[run.node] as CompiledNode;
  const { result, at, claims, received } = outcome;
  const raised = {
    ...(claims === undefined || claims.length === 0 ? {} : { claims }),
    ...(received === undefined ? {} : { received }),
    ...broughtBy(program, state, { run, kept: outcome.kept }),
  };
  const answer = "error" in result ? result.error : result.value;
  const isTooLarge = isLargerThan(
    answer,
    Math.min(node.constraints.maxBytes, program.plan.frozen.plan.limits?.maxBytes ?? resultBytesMax),
  );
  if ("error" in result || isTooLarge) {
    const event = { type: "settle" as const, at, run: number, ok: false, valid: false, ...raised };
    const code = isTooLarge ? { code: "RESULT_TOO_LARGE" as const } : {};
    if (node.show === "none") return { ok: true, event, delivered: wholeHandle(state, node, run), isError: false, ...code };
    return { ok: true, event, delivered: isTooLarge ? null : answer, isError: true, ...code };
  }
  const parsed = read(node, answer);
  const value = parsed === undefined ? answer : parsed;
  // Who writes one line of a text can forge a row of it: what was parsed has one label throughout.
  const valid = parsed === undefined && node.output !== undefined && node.output.check(value) === undefined;
  const event = {
    type: "settle" as const,
    at,
    run: number,
    ok: true,
    ...(node.isReferred ? { value: freezeJson(value) } : {}),
    valid,
    ...raised,
  };
  return { ok: true, event, delivered: deliver(state, node, { run, value, answer }), isError: false };
}

/** What the resources that a run read, or what came with the result, bring back beyond its base label. */
function broughtBy(
  { labels }: Program,
  state: SessionState,
  { run, kept }: { readonly run: Run; readonly kept: LabelValue | undefined },
): { readonly brought?: LabelValue } {
  const query = queryOf(run.touched);
  if (query === undefined && kept === undefined) return {};
  const own = query === undefined ? bottom : keptLabel(state, query);
  const label = kept === undefined ? own : join(own, labels.fromForeign(kept));
  const brought = labels.toForeign(label);
  // By name: the top takes in every label, and an operator still wants to see which ones came.
  return join(run.base, labels.fromForeign(brought)) === run.base ? {} : { brought };
}

/** A text that the node says is JSON or YAML, read strictly; `undefined` for what cannot be read, which stays one text. */
function read(node: CompiledNode, value: Json): Json | undefined {
  if (node.parse === undefined || typeof value !== "string") return undefined;
  const parsed = node.parse === "json" ? readJson(value) : readYaml(value);
  return parsed.ok ? parsed.value : undefined;
}

/** What the agent sees of a value that is not shown. */
function wholeHandle(state: SessionState, node: CompiledNode, run: Run): Json {
  return { sluice_handle: handleOf(state, { node: node.name, run: run.number, path: [] }) };
}

function deliver(
  state: SessionState,
  node: CompiledNode,
  result: { readonly run: Run; readonly value: Json; readonly answer: Json },
): Json {
  const { run, value, answer } = result;
  if (node.show === "all") return answer;
  if (node.show === "none") return wholeHandle(state, node, run);
  const shown: Mark = { children: new Map(), isShown: false, isSpine: false };
  for (const path of node.show) {
    const selected = path.select(value);
    for (const { path: steps } of selected.ok ? selected.value : []) mark(shown, steps, path.prefix.length);
  }
  return prune(value, shown, { state, node: node.name, run: run.number, path: [] }) ?? wholeHandle(state, node, run);
}

/** What is shown below a place. */
interface Mark {
  readonly children: Map<string | number, Mark>;
  /** Everything from here on is shown. */
  isShown: boolean;
  /** On the static prefix of a path: only the members that lead to what is shown are told. */
  isSpine: boolean;
}

function mark(root: Mark, steps: readonly (string | number)[], prefix: number): void {
  let at = root;
  steps.forEach((step, i) => {
    if (i < prefix) at.isSpine = true;
    let next = at.children.get(step);
    if (next === undefined) {
      next = { children: new Map(), isShown: false, isSpine: false };
      at.children.set(step, next);
    }
    at = next;
  });
  at.isShown = true;
}

interface PartPlace {
  readonly state: SessionState;
  readonly node: string;
  readonly run: number;
  readonly path: readonly (string | number)[];
}

/** The shown part of a value: on the static prefix only what leads on, below it siblings as handles. `undefined`: nothing is shown. */
function prune(value: Json, shown: Mark, place: PartPlace): Json | undefined {
  if (shown.isShown) return value;
  if (shown.children.size === 0) return undefined;
  const part = (step: string | number, child: Json): Json | undefined => {
    const next = { ...place, path: [...place.path, step] };
    const inner = shown.children.get(step);
    const kept = inner === undefined ? undefined : prune(child, inner, next);
    return kept ?? (shown.isSpine ? undefined : handleOf(place.state, next));
  };
  if (isArray(value)) return value.flatMap((child, i) => part(i, child) ?? []);
  if (!isObject(value)) return undefined;
  const members: Record<string, Json> = {};
  for (const name of Object.keys(value)) {
    const kept = part(name, value[name] as Json);
    if (kept !== undefined) setMember(members, name, kept);
  }
  return members;
}
