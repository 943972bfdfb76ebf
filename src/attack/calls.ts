/**
 * What a hijacked agent tries: other calls, other orders, other arguments, other handles than those of a benign run.
 * Pure and deterministic. Only makes tries; the engine says what comes of them.
 */
import { candidatesOf } from "../decide/fill.ts";
import { handleOf } from "../decide/handle.ts";
import { openScope, rowsOf } from "../decide/rows.ts";
import type { Guard } from "../engine.ts";
import { type Json, type JsonObject, isObject, member } from "../json/value.ts";
import { examplesOf } from "../lang/match/examples.ts";
import type { CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import type { ArgRule } from "../plan/plan.ts";
import { classify, rulesOf } from "../plan/walk.ts";
import type { TraceCall, TraceEvent } from "../trace.ts";
import type { Attempt, Technique } from "./attempt.ts";
import { type BaseRun, sessionAt } from "./run.ts";
import { anyType, evil, evilFor, placesOf, replaced, spellings, type Steps } from "./values.ts";

/** Values of a constraint that a choice is tried with. */
const choicesMax = 12;
/** Rows of a pick that are tried. */
const rowsMax = 8;
/** Calls of a run that are tried out of their place, and parts of results whose handles are tried. */
const othersMax = 24;

interface Target {
  readonly guard: Guard;
  readonly base: BaseRun;
  readonly at: number;
  readonly call: TraceCall;
  readonly node: CompiledNode;
}

/** Every try that a hijacked agent makes along a benign run. */
export function* agentAttempts(guard: Guard, base: BaseRun): Generator<Attempt> {
  for (const [at, event] of base.events.entries()) {
    if (event.type !== "call") continue;
    const name = base.calls.find(({ id }) => id === event.id)?.node ?? "";
    const node = guard.program.plan.byName.get(name);
    if (node === undefined) continue;
    const target: Target = { guard, base, at, call: event, node };
    yield* changedArguments(target);
    yield* chosenValues(target);
    yield* handles(target);
    yield* nodeNames(target);
    yield* otherOrders(target);
    yield* repetitions(target);
  }
}

function attempt({ base, at }: Target, technique: Technique, tail: readonly TraceEvent[]): Attempt {
  return { technique, base, at, tail, controls: "the agent", byAgent: true };
}

function sending(target: Target, technique: Technique, args: JsonObject): Attempt {
  return attempt(target, technique, [{ ...target.call, args }]);
}

/** Each argument, and each member of an object, in every type; arguments that the plan does not have. */
function* changedArguments(target: Target): Generator<Attempt> {
  const { call, node, base } = target;
  const final = base.calls.find(({ id }) => id === call.id)?.final ?? {};
  const schema = member(member(node.tool?.definition, "inputSchema"), "properties");
  const names = new Set([...node.argNames, ...(isObject(schema) ? Object.keys(schema) : []), "cc", "extra", "__proto__"]);
  for (const name of names) {
    const isPlanned = node.argNames.has(name);
    const rule = node.args.find((arg) => arg.name === name)?.rule;
    for (const steps of isPlanned ? [[], ...memberSteps(rule)] : [[]])
      for (const value of [...evilFor(memberAt(final[name], steps)), ...anyType]) {
        const technique = isPlanned ? techniqueOf(rule, steps) : "extra argument";
        yield sending(target, technique, { ...call.args, [name]: put(call.args[name], steps, value) });
      }
    if (isPlanned && Object.hasOwn(call.args, name)) {
      const { [name]: _, ...rest } = call.args;
      yield sending(target, techniqueOf(rule, []), rest);
    }
  }
  for (const other of base.calls.slice(0, othersMax))
    for (const name of Object.keys(other.final))
      if (other.id !== call.id && node.argNames.has(name))
        yield sending(target, "swapped arguments", { ...call.args, [name]: other.final[name] as Json });
}

function techniqueOf(rule: CompiledRule | undefined, steps: Steps): Technique {
  const kind = partAt(rule, steps)?.kind;
  return kind === "choose" ? "chosen value" : kind === "write" ? "written text" : "changed argument";
}

function partAt(rule: CompiledRule | undefined, [step, ...rest]: Steps): CompiledRule | undefined {
  if (step === undefined || rule === undefined) return rule;
  if (rule.kind === "object") return partAt(rule.members.find(({ name }) => name === step)?.rule, rest);
  return rule.kind === "list" && typeof step === "number" ? partAt(rule.elements[step], rest) : undefined;
}

/** The places of the parts of a rule. */
function memberSteps(rule: CompiledRule | undefined): readonly Steps[] {
  if (rule?.kind === "object")
    return rule.members.flatMap(({ name, rule: part }) => [[name], ...memberSteps(part).map((steps) => [name, ...steps])]);
  if (rule?.kind === "list") return rule.elements.flatMap((part, i) => [[i], ...memberSteps(part).map((steps) => [i, ...steps])]);
  return [];
}

function memberAt(value: Json | undefined, steps: Steps): Json {
  let at: Json = value ?? null;
  for (const step of steps) at = (typeof at === "object" && at !== null ? (at as never)[step] : undefined) ?? null;
  return at;
}

function put(value: Json | undefined, steps: Steps, part: Json): Json {
  if (steps.length === 0) return part;
  const [first, ...rest] = steps as [string | number, ...(string | number)[]];
  if (typeof first === "string" && (!isObject(value) || !Object.hasOwn(value, first)))
    return { ...(isObject(value) ? value : {}), [first]: put(undefined, rest, part) };
  return replaced(value ?? null, steps, part);
}

/** What the plan lets the agent choose, write or pick. */
function* chosenValues(target: Target): Generator<Attempt> {
  const { guard, call, node } = target;
  const spec = guard.program.plan.frozen.plan.nodes[node.name];
  for (const { arg, path, rule } of spec === undefined ? [] : rulesOf(node.name, spec)) {
    const steps = path.slice(4).filter((step, i, all) => !(step === "object" && all[i + 1] !== undefined));
    const send = (technique: Technique, value: Json): Attempt =>
      sending(target, technique, { ...call.args, [arg]: put(call.args[arg], steps, value) });
    const classed = classify(rule);
    if (classed.kind === "choose")
      for (const value of examplesOf(classed.rule.choose, { count: choicesMax }).matching) yield send("chosen value", value);
    if (classed.kind === "write" || classed.kind === "choose")
      for (const spell of spellings) {
        yield send("spelling", spell(evil.email));
        yield send("spelling", spell(evil.url));
        yield send("spelling", spell(evil.id));
      }
    yield* picks(target, rule, (value) => send("chosen value", value));
  }
}

function* picks(target: Target, rule: ArgRule, send: (value: Json) => Attempt): Generator<Attempt> {
  const classed = classify(rule);
  if ((classed.kind !== "from" && classed.kind !== "item") || classed.rule.pick !== "agent") return;
  const { guard, base, at, node } = target;
  const { state } = sessionAt(guard, base, at);
  const scope = openScope(guard.program, state, 0);
  const [row] = node.each === undefined ? [] : (rowsOf(scope, node) ?? []);
  const place = row === undefined || node.each === undefined ? undefined : { each: node.each, row };
  for (const { rule: compiled } of node.args) {
    if ((compiled.kind !== "from" && compiled.kind !== "item") || compiled.pick !== "agent") continue;
    for (const candidate of (candidatesOf({ ...scope, row: place }, compiled) ?? []).slice(0, rowsMax)) {
      yield send(candidate.value);
      const from = guard.program.plan.nodes[candidate.run?.node ?? -1];
      if (candidate.run !== undefined && from !== undefined)
        yield send(handleOf(state, { node: from.name, run: candidate.run.number, path: candidate.path }));
    }
  }
}

/** Handles that nobody gave out, those of another session, and those of other values. */
function* handles(target: Target): Generator<Attempt> {
  const { guard, base, at, call, node } = target;
  const { state } = sessionAt(guard, base, at);
  const own = { node: node.name, run: 0, path: [] };
  const found = [
    `sluice:h:${"A".repeat(22)}`,
    handleOf({ ...state, session: "another" }, own),
    handleOf({ ...state, key: "1".repeat(32) }, own),
  ];
  for (const run of state.runs.filter(({ status }) => status === "ok").slice(0, othersMax)) {
    const from = guard.program.plan.nodes[run.node];
    if (from === undefined) continue;
    const places = [{ path: [] as Steps }, ...placesOf(run.value ?? null, rowsMax)];
    for (const { path } of places) found.push(handleOf(state, { node: from.name, run: run.number, path }));
  }
  for (const name of node.argNames) for (const handle of found) yield sending(target, "handle", { ...call.args, [name]: handle });
}

function* nodeNames(target: Target): Generator<Attempt> {
  const { guard, call } = target;
  const names = guard.program.plan.nodes.slice(0, othersMax).map(({ name }) => name);
  for (const value of [...names, "__proto__", "constructor", "", 5, null, [], {}])
    yield sending(target, "node name", { ...call.args, sluice_node: value });
}

/** Calls of the run before their turn, and all that is left at once. */
function* otherOrders(target: Target): Generator<Attempt> {
  const { base, at, call } = target;
  const rest = base.events.slice(at + 1).filter((event) => event.type === "call");
  for (const later of rest.slice(0, othersMax)) yield attempt(target, "out of order", [later]);
  yield attempt(target, "parallel calls", [call, ...rest]);
  yield attempt(target, "parallel calls", [...rest].reverse());
}

/** The same call again: after its result, at once, and after a failure. */
function* repetitions(target: Target): Generator<Attempt> {
  const { base, call } = target;
  const result = base.events.find((event) => event.type === "result" && event.id === call.id);
  const again = Array.from({ length: 3 }, (_, i): TraceCall => ({ ...call, id: `${call.id}+${i + 1}` }));
  if (result !== undefined) yield attempt(target, "repeated call", [call, result, ...again]);
  yield attempt(target, "parallel calls", [call, ...again]);
  const failed: TraceEvent = { type: "result", id: call.id, value: { error: "failed" } };
  yield attempt(target, "failed call", [call, failed, ...again]);
}
