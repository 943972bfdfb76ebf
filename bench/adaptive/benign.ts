/**
 * Benign runs as the attacker meets them: each call with what the session was before it, what it forwarded, and what came back.
 * Never leaves a denial out of sight: what the plan denies of its own run is counted.
 */
import { type Json, type JsonObject, isObject } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { TraceCall, TraceEvent, TraceResult } from "../../src/trace.ts";
import { declaredLabels, isAttackers, partsWithin } from "./ground.ts";
import { type Allowed, type Moment, type Move, openStage, qualified, type Setting, type Stage } from "./play.ts";

/** A plan with one benign run of it. */
export interface BenignPlan extends Setting {
  /** Where it is from: `plans`, `corpus`, … */
  readonly set: string;
  readonly name: string;
  readonly events: readonly TraceEvent[];
  /** By which finding the approver knew that data may come to an argument. */
  announcedAt(node: string, argument: string): string | undefined;
}

/** A call of a benign run with its surroundings. */
export interface BenignCall {
  readonly call: TraceCall;
  readonly allowed: Allowed;
  /** The session before the call, and before a person's word on it where one was needed. */
  readonly before: Moment;
  /** Absent: the run ends before it. */
  readonly result: TraceResult | undefined;
  readonly isApproved: boolean;
  /** Place of the call among the moves. */
  readonly at: number;
}

/** A benign run, played. */
export interface Benign {
  readonly plan: BenignPlan;
  readonly stage: Stage;
  /** Every move, the calls as they were allowed. */
  readonly moves: readonly Move[];
  /** The session before each move; one more for the end. */
  readonly moments: readonly Moment[];
  readonly calls: readonly BenignCall[];
  /** The calls by id, without what Sluice fills in, where that is allowed as well. */
  readonly forms: ReadonlyMap<string, TraceCall>;
  /** Calls of the run that the plan denies, with their codes. */
  readonly denied: readonly string[];
  readonly difference: string | undefined;
}

/** Plays a benign run; the text says why it cannot be played at all. */
export function playBenign(plan: BenignPlan, { isAlone = false } = {}): Benign | string {
  const stage = openStage(plan, { isAlone });
  if (typeof stage === "string") return stage;
  const moves: Move[] = [];
  const moments: Moment[] = [];
  const calls: BenignCall[] = [];
  const denied: string[] = [];
  let now = stage.start();
  let difference: string | undefined;
  const results = new Map(plan.events.flatMap((event) => (event.type === "result" ? [[event.id, event] as const] : [])));
  const take = (...next: readonly Move[]): void => {
    for (const move of next) {
      moves.push(move);
      moments.push(now);
      const played = stage.play(now, [move]);
      difference ??= played.difference;
      now = played;
    }
  };
  for (const event of plan.events) {
    if (event.type === "result") {
      if (now.runs.has(event.id)) take(event);
      continue;
    }
    const call = { ...event, tool: qualified(plan.frozen, event.tool) };
    const found = allowedForm(stage, now, call);
    if (typeof found === "string") {
      denied.push(`${call.tool}: ${found}`);
      continue;
    }
    const before = now;
    const at = moves.length;
    if (found.isApproved) take(found.call, { type: "approve" });
    take(found.call);
    const allowed = now.seen.at(-1);
    if (allowed?.kind !== "allow") continue;
    calls.push({ call: found.call, allowed, before, result: results.get(call.id), isApproved: found.isApproved, at });
  }
  const forms = new Map(
    calls.map(({ call, before, isApproved }) => {
      const form = withoutFilled(stage, call);
      return [call.id, isApproved || stage.peek(before, form).isAllowed ? form : call] as const;
    }),
  );
  return { plan, stage, moves, moments: [...moments, now], calls, forms, denied, difference };
}

/** The call in the form that is allowed: as it was recorded, without what repeats hidden values, or after a person's word. */
function allowedForm(
  stage: Stage,
  now: Moment,
  call: TraceCall,
): { readonly call: TraceCall; readonly isApproved: boolean } | string {
  const peeked = stage.peek(now, call);
  if (peeked.isAllowed) return { call, isApproved: false };
  for (const form of [call, withoutFilled(stage, call)]) {
    const code = stage.peek(now, form).code;
    if (code === "") return { call: form, isApproved: false };
    if (code !== "CALL_NEEDS_APPROVAL") continue;
    const asked = stage.play(now, [form, { type: "approve" }, form]);
    if (asked.seen.at(-1)?.kind === "allow") return { call: form, isApproved: true };
  }
  return peeked.code;
}

/** The call without what Sluice fills in anyway, where only one node can be meant. */
export function withoutFilled({ guard }: Stage, call: TraceCall): TraceCall {
  const { sluice_node: named } = call.args;
  const nodes = guard.program.plan.byTool.get(call.tool) ?? [];
  const node = nodes.length === 1 ? nodes[0] : nodes.find(({ name }) => name === named);
  if (node === undefined) return call;
  const kept = Object.entries(call.args).filter(([name]) => !node.args.some((arg) => arg.name === name && arg.rule.isFilled));
  return { ...call, args: Object.fromEntries(kept) };
}

/** Results that somebody untrusted wrote, by the declared labels of their tools, before a place of the run. */
export function attackersResults(
  { plan, calls }: Benign,
  before: number,
): readonly { readonly node: string; readonly value: Json }[] {
  return calls.flatMap(({ allowed, result, at }) => {
    const node = plan.frozen.plan.nodes[allowed.node];
    if (result === undefined || at >= before || node === undefined) return [];
    return isAttackers(plan.frozen, declaredLabels(plan.frozen, node)) ? [{ node: allowed.node, value: result.value }] : [];
  });
}

/** Distinct values: the whole, each leaf, and the words and lines of its texts. */
export function piecesOf(value: Json): readonly Json[] {
  const parts = partsWithin(value);
  const texts = parts.filter((part) => typeof part === "string");
  const pieces = texts.flatMap((text) => [
    ...text.split("\n").filter((line) => line.length > 3 && line !== text),
    ...(text.match(/[\w.+-]+@[\w.-]+|https?:\/\/[^\s)>"]+|[A-Z]{2}\d{2}[A-Z0-9]{10,30}|[\w#-]{4,}|\d+(?:\.\d+)?/g) ?? []),
    text.slice(0, Math.ceil(text.length / 2)),
  ]);
  return distinct([...parts, ...pieces]);
}

/** The values without repetitions. */
export function distinct(values: readonly Json[]): readonly Json[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/** The arguments that a call may have: those of its node, those of its tool, those that it had. */
export function argumentNames({ frozen }: { readonly frozen: FrozenPlan }, allowed: Allowed): readonly string[] {
  const node = frozen.plan.nodes[allowed.node];
  const schema = frozen.tools[allowed.tool]?.definition.inputSchema;
  const properties: Json = isObject(schema) ? (schema.properties ?? null) : null;
  return [
    ...new Set([
      ...Object.keys(node?.args ?? {}),
      ...(isObject(properties) ? Object.keys(properties) : []),
      ...Object.keys(allowed.final),
    ]),
  ];
}

/** The calls of a run as an agent sends them that lets Sluice fill in what it fills in. */
export function honest({ forms }: Benign, moves: readonly Move[]): readonly Move[] {
  return moves.map((move) => (move.type === "call" ? { ...move, args: (forms.get(move.id) ?? move).args } : move));
}

/** The same arguments with one of them replaced. */
export function withArg(args: JsonObject, name: string, value: Json): JsonObject {
  return { ...args, [name]: value };
}
