/**
 * A benign run with one thing changed by an attacker: one argument of one call, or one call more.
 * Pure and bounded. Never changes what tools answered.
 */
import { type Catalogue, inputProperties, requiredArguments, roleOf } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member } from "../json/value.ts";
import { learnAttacksMax } from "../limits.ts";
import { bareName } from "../plan/tool-name.ts";
import type { Trace, TraceCall, TraceEvent } from "../trace.ts";
import { distinctOf } from "./bounds.ts";
import { isReader } from "./draft.ts";
import { decoyOf } from "./from-text.ts";
import type { Run } from "./runs.ts";

/**
 * What was changed: an argument that steers, to the value that another run has there, to another value of a result of this run, or to
 * a made-up one; a call of another tool of the catalogue, or a call made again, put in.
 */
export type AttackKind = "other-run" | "other-leaf" | "fresh" | "other-tool" | "repeated";

/** One changed run. */
export interface Attack {
  readonly kind: AttackKind;
  readonly events: readonly TraceEvent[];
  /** Place of the changed or additional call among the calls of the changed run. */
  readonly call: number;
  /** Whether a call of the run was changed; else one was put in. */
  readonly isChanged: boolean;
  readonly argument?: string;
  /** Place of the call of the run that it repeats. */
  readonly repeats?: number;
}

/** Values of one kind that are tried for one argument. */
const valuesMax = 3;

/** Changed runs, at most `learnAttacksMax`. */
export function attacksOn(
  run: Run,
  { others, catalogue }: { readonly others: readonly Trace[]; readonly catalogue: Catalogue },
): readonly Attack[] {
  const attacks = [...valueAttacks(run, { others, catalogue }), ...callAttacks(run, { others, catalogue })];
  return attacks.slice(0, learnAttacksMax);
}

interface World {
  readonly others: readonly Trace[];
  readonly catalogue: Catalogue;
}

function callsOf({ events }: Trace): readonly TraceCall[] {
  return events.filter((event) => event.type === "call");
}

/** One steering argument of one call with another value. */
function* valueAttacks(run: Run, { others, catalogue }: World): Generator<Attack> {
  const calls = callsOf(run.trace);
  const elsewhere = others.flatMap(callsOf);
  for (const [place, call] of calls.entries()) {
    const tool = catalogue.resolve(call.tool);
    if (!tool.ok) continue;
    for (const [name, value] of Object.entries(call.args)) {
      if (value === null || roleOf(tool.value, name) === "content") continue;
      const isOwn = (other: Json): boolean =>
        calls.some((one) => one.tool === call.tool && jsonEqual(one.args[name] ?? null, other));
      const given = elsewhere.flatMap((other) => {
        const same = catalogue.resolve(other.tool);
        return same.ok && same.value === tool.value && Object.hasOwn(other.args, name) ? [other.args[name] as Json] : [];
      });
      const kinds: readonly (readonly [AttackKind, readonly Json[]])[] = [
        ["other-run", given],
        ["other-leaf", leavesBefore(run, { call, value })],
        ["fresh", [freshOf(value)]],
      ];
      for (const [kind, values] of kinds) {
        const usable = distinctOf(values.filter((other) => other !== null && !isOwn(other))).slice(0, valuesMax);
        for (const other of usable) {
          const changed = { ...call, args: { ...call.args, [name]: other } };
          const events = run.trace.events.map((event) => (event === call ? changed : event));
          yield { kind, events, call: place, isChanged: true, argument: name };
        }
      }
    }
  }
}

/** Values of results that came before the call, of the same type. */
function leavesBefore(run: Run, { call, value }: { readonly call: TraceCall; readonly value: Json }): readonly Json[] {
  const found: Json[] = [];
  const visit = (one: Json): void => {
    if (found.length >= 50) return;
    if (typeof one === typeof value && !isObject(one) && !isArray(one) && !(typeof one === "string" && one.length > 200))
      found.push(one);
    if (isArray(one)) one.forEach(visit);
    else if (isObject(one)) Object.values(one).forEach(visit);
  };
  const before = run.trace.events.indexOf(call);
  for (const step of run.steps) {
    const isBefore = run.trace.events.filter((event) => event.type === "call").indexOf(call) > step.index;
    if (isBefore && before >= 0 && step.result !== undefined) visit(step.result);
  }
  return isArray(value) || isObject(value) ? found.slice(0, valuesMax).map((one) => (isArray(value) ? [one] : one)) : found;
}

/** A made-up value of the same type. */
function freshOf(value: Json): Json {
  if (typeof value === "string") return value === "" ? "zzyzx" : `${decoyOf(value)}q`;
  if (typeof value === "number") return value + 13;
  if (typeof value === "bigint") return value + 13n;
  if (typeof value === "boolean") return !value;
  if (isArray(value)) return [...value, ...(value.length > 0 ? [freshOf(value[0] as Json)] : ["zzyzx"])];
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, freshOf(one)])) : "zzyzx";
}

/** A call more: each call of the run again at its end, and each other tool of the catalogue after the first and the last result. */
function* callAttacks(run: Run, { others, catalogue }: World): Generator<Attack> {
  const calls = callsOf(run.trace);
  const { events } = run.trace;
  for (const [repeats, call] of calls.entries()) {
    const again: TraceCall = { ...call, id: `${call.id} again` };
    yield { kind: "repeated", events: [...events, again], call: calls.length, isChanged: false, repeats };
  }
  const used = new Set(run.steps.map((step) => step.tool.name));
  const examples = new Map(others.flatMap(callsOf).map((call) => [call.tool, call.args] as const));
  const first = events.findIndex((event) => event.type === "result") + 1;
  for (const tool of catalogue.tools.values()) {
    if (used.has(tool.name) || isReader(tool)) continue;
    const bare = bareName(tool.name);
    const args = examples.get(tool.name) ?? examples.get(bare) ?? madeUp(tool);
    const call: TraceCall = { type: "call", id: "another tool", tool: tool.name, args };
    for (const at of new Set([first, events.length])) {
      const place = events.slice(0, at).filter((event) => event.type === "call").length;
      yield { kind: "other-tool", events: [...events.slice(0, at), call, ...events.slice(at)], call: place, isChanged: false };
    }
  }
}

/** Arguments that the tool demands. */
function madeUp(tool: Parameters<typeof requiredArguments>[0]): JsonObject {
  const properties = inputProperties(tool);
  return Object.fromEntries(
    [...requiredArguments(tool)].map((name) => {
      const type = member(properties.get(name), "type");
      return [
        name,
        type === "number" || type === "integer" ? 13 : type === "boolean" ? true : type === "array" ? ["zzyzx"] : "zzyzx",
      ];
    }),
  );
}
