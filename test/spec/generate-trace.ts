/**
 * Steps of an agent, its host and an attacker in a session: calls that the plan would allow, the same calls changed, junk, results.
 * Asks the reference interpreter what would be allowed, on a copy; never changes the session.
 */
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import type { ArgRule, ChooseRule } from "../../src/plan/plan.ts";
import { handleOf, isFilled } from "./arguments.ts";
import type { Dice } from "./dice.ts";
import { holdsOf, type SpecApproval } from "./holds.ts";
import { check, type SpecCall, type SpecResult } from "./interpreter.ts";
import { nodeOf, type Session } from "./session.ts";
import { runs } from "./view.ts";

const written = [
  "see https://h.example/a",
  "at https://a.ok.example/",
  "go to http://evil.example/x",
  "a\u202eb",
  "a text of more than thirty characters",
  5,
];

/** One thing that happens to a session. */
export type Step = { readonly kind: "call"; readonly call: SpecCall } | { readonly kind: "settle"; readonly result: SpecResult };

/** As `Step`, and what people do about calls that are held for them. */
export type AnyStep =
  | Step
  | { readonly kind: "approve"; readonly approval: SpecApproval }
  | { readonly kind: "release"; readonly release: { readonly hold: string; readonly at: number } };

/** As `AnyStep`, and what is made of several calls, or of none. */
export type TraceStep =
  | AnyStep
  | { readonly kind: "batch"; readonly calls: readonly SpecCall[] }
  | { readonly kind: "close"; readonly at: number };

/** When a step happens. */
export function atOf(step: TraceStep): number {
  if (step.kind === "call") return step.call.at;
  if (step.kind === "batch") return step.calls[0]?.at ?? 0;
  if (step.kind === "close") return step.at;
  if (step.kind === "settle") return step.result.at;
  return step.kind === "approve" ? step.approval.at : step.release.at;
}

const texts = [
  "pay DE89370400440532013000 now",
  "mail a@x.example or b@x.example",
  "see https://h.example/x",
  "3 of 3",
  "none",
  "u1",
];

/** The next step at `now` or later. */
export function generateStep(dice: Dice, session: Session, now: number): Step {
  const at = now + dice.pick([0, 1, 10, 10, 500, 1_000, 1_000, 61_000, 299_999, 300_000]) * (dice.chance(40) ? 1 : 0);
  const all = runs({ session, now: at });
  const inFlight = all.filter((run) => run.state === "flight");
  if (dice.chance(inFlight.length > 0 ? 65 : 1)) {
    const run = inFlight.length > 0 && dice.chance(96) ? dice.pick(inFlight).number : dice.below(all.length + 2);
    return {
      kind: "settle",
      result: dice.chance(10) ? { run, at, error: "it failed" } : { run, at, value: resultOf(dice, session, all[run]?.node) },
    };
  }
  return { kind: "call", call: generateCall(dice, session, at) };
}

/** As `generateStep`, with approvals and releases of held calls among the steps. */
export function generateAnyStep(dice: Dice, session: Session, now: number): AnyStep {
  const held = holdsOf({ session, now });
  const last = held.at(-1);
  const at = now + dice.pick([0, 10, 3_600_001]) * (dice.chance(30) ? 1 : 0);
  if (last !== undefined && dice.chance(last.status === "pending" ? 60 : 12)) return generateApproval(dice, held, at);
  return generateStep(dice, session, now);
}

/** A human says something of a held call, or whoever waits for one asks for it. */
function generateApproval(dice: Dice, held: readonly { readonly id: string }[], at: number): AnyStep {
  const hold = dice.chance(96) ? dice.pick([held.at(-1)?.id ?? "", dice.pick(held).id]) : "s-1.9";
  if (dice.chance(25)) return { kind: "release", release: { hold, at } };
  return {
    kind: "approve",
    approval: { hold, by: dice.pick(["ana", "bob"]), decision: dice.chance(80) ? "approve" : "deny", at },
  };
}

/** A result, as a text where the node reads one. */
function resultOf(dice: Dice, session: Session, node: string | undefined): Json {
  const value = generateResult(dice);
  const isText = node !== undefined && nodeOf(session.frozen, node).parse !== undefined && dice.chance(70);
  return isText ? JSON.stringify(value) : value;
}

function generateCall(dice: Dice, session: Session, at: number): SpecCall {
  const { nodes } = session.frozen.plan;
  const names = Object.keys(nodes).filter((name) => nodes[name]?.tool !== undefined);
  if (names.length === 0 || dice.chance(3))
    return junk(dice, names.length === 0 ? "s/get" : (nodes[dice.pick(names)]?.tool ?? ""), at);
  const tries = names.map((name) => benignCall(dice, session, { name, at }));
  const fitting = tries
    .map((call) => ({ call, verdict: check(copy(session), call) }))
    .filter(({ verdict }) => verdict.verdict === "allow");
  const started = runs({ session, now: at }).map((run) => run.node);
  const fresh = fitting.filter(({ verdict }) => verdict.verdict === "allow" && !started.includes(verdict.node));
  // Mostly what leads on: an allowed call of a node that has not run yet.
  const { call, verdict } = dice.pick(dice.chance(85) && fresh.length > 0 ? fresh : fitting) ?? {
    call: dice.pick(tries),
    verdict: undefined,
  };
  if (dice.chance(10)) return dice.pick(tries);
  if (dice.chance(60)) return call;
  return {
    ...call,
    args: mutate(dice, session, { sent: call.args as JsonObject, final: verdict?.verdict === "allow" ? verdict.args : {} }),
  };
}

/** A copy that can be tried without changing the session. */
export function copy(session: Session): Session {
  return { ...session, events: [...session.events] };
}

function junk(dice: Dice, tool: string, at: number): SpecCall {
  const args = dice.pick<Json>([
    {},
    null,
    [],
    "x",
    1,
    { a: { b: [null, { c: 1 }] } },
    { sluice_node: 5 },
    { sluice_node: "zzz" },
    { sluice_node: null },
    { __proto__: 1 },
  ]);
  return { tool: dice.pick([tool, "s/none", "", "__proto__"]), args, at };
}

function benignCall(dice: Dice, session: Session, of: { readonly name: string; readonly at: number }): SpecCall {
  const { name, at } = of;
  const node = nodeOf(session.frozen, name);
  const members = Object.entries(node.args ?? {}).map(([arg, rule]) => [arg, benign(dice, rule)] as const);
  const args: JsonObject = Object.fromEntries(members.filter((one): one is [string, Json] => one[1] !== undefined));
  const isNamed = dice.chance(40);
  return { tool: node.tool ?? "", args: isNamed ? { ...args, sluice_node: dice.chance(97) ? name : "d" } : args, at };
}

/** What an honest agent sends for a rule; `undefined` is nothing. */
function benign(dice: Dice, rule: ArgRule): Json | undefined {
  if (typeof rule !== "object" || rule === null || isFilled(rule)) return undefined;
  if (Array.isArray(rule)) return rule.map((part: ArgRule) => benign(dice, part) ?? null);
  if ("optional" in rule && rule.optional === true && dice.chance(30)) return undefined;
  if ("object" in rule)
    return Object.fromEntries(Object.entries(rule.object).flatMap(([name, part]) => memberOf(name, benign(dice, part))));
  if ("choose" in rule) return choice(dice, rule);
  if ("write" in rule) return dice.chance(70) ? "hello" : dice.pick<Json>(written);
  return dice.chance(60) ? undefined : dice.pick<Json>(["u1", "u2", 1, 2]);
}

function memberOf(name: string, value: Json | undefined): [string, Json][] {
  return value === undefined ? [] : [[name, value]];
}

function choice(dice: Dice, rule: ChooseRule): Json {
  const values = rule.choose.enum;
  if (Array.isArray(values)) return dice.chance(95) ? dice.pick(values as Json[]) : "u9";
  return rule.choose.type === "string"
    ? dice.pick(["u1", "abc", "sluice:h:AAAAAAAAAAAAAAAAAAAAAA"])
    : dice.pick([0, 1, 2, 3, 1, 2, 3, 4]);
}

/** Changes one thing or several: literal values sent, an attacker's value, a handle, more or fewer arguments. */
function mutate(dice: Dice, session: Session, call: { readonly sent: JsonObject; readonly final: JsonObject }): JsonObject {
  const names = Object.keys({ ...call.final, ...call.sent }).filter((name) => name !== "sluice_node");
  const name = names.length === 0 ? "a" : dice.pick(names);
  const literals = Object.fromEntries(dice.some(Object.entries(call.final), 50));
  const changed = { ...literals, ...call.sent };
  const kinds: readonly (() => JsonObject)[] = [
    () => changed,
    () => changed,
    () => ({ ...call.sent, [name]: handle(dice, session) }),
    () => ({ ...call.sent, [name]: handle(dice, session) }),
    () => ({ ...changed, [name]: dice.pick<Json>(["u3", "evil", 99, {}, [], true]) }),
    () => ({ ...changed, [name]: null }),
    () => ({ ...changed, [name]: within(dice, session, call.final[name] ?? null) }),
    () => Object.fromEntries(Object.entries(changed).filter(([other]) => other !== name)),
    () => ({ ...changed, extra: dice.pick<Json>([5, 6, null]) }),
    () => ({ ...changed, zz: dice.pick<Json>([null, 1]) }),
    () => ({ ...changed, sluice_node: dice.pick(["d", "a1", "z"]) }),
  ];
  return dice.pick(kinds)();
}

/** Changes something inside a value. */
function within(dice: Dice, session: Session, value: Json): Json {
  if (Array.isArray(value))
    return dice.chance(30)
      ? [...value, 1]
      : value.map((element: Json) => (dice.chance(50) ? within(dice, session, element) : element));
  if (!isObject(value)) return dice.pick<Json>([null, handle(dice, session), "u2", value]);
  const kept = Object.entries(value).filter(() => dice.chance(80));
  return {
    ...Object.fromEntries(kept.map(([name, part]) => [name, dice.chance(40) ? within(dice, session, part) : part])),
    ...(dice.chance(15) ? { more: null } : {}),
  };
}

function handle(dice: Dice, session: Session): string {
  const all = runs({ session, now: 0 });
  const run = all.length === 0 || dice.chance(5) ? { node: "d", number: 7 } : dice.pick(all);
  const path = dice.pick<readonly (string | number)[]>([
    [],
    ["id"],
    ["n"],
    ["rows", 0, "id"],
    ["rows", 0],
    ["rows"],
    ["deep", "id"],
    ["text"],
    ["rows", 1],
  ]);
  return handleOf(session, { node: run.node, run: run.number, path });
}

/** A result from small pools, so that values of different results are equal often. */
export function generateResult(dice: Dice): Json {
  if (dice.chance(5)) return dice.pick<Json>([null, "u1", 1, [], [{ id: "u1", n: 1 }], {}]);
  const row = (): Json => ({
    id: dice.pick(["u1", "u2", "u3"]),
    n: dice.below(4),
    ...(dice.chance(50) ? { text: dice.pick(texts) } : {}),
    ...(dice.chance(20) ? { rows: [{ id: "u2" }] } : {}),
  });
  const members: JsonObject = {
    id: dice.chance(90) ? dice.pick(["u1", "u2", "u3"]) : dice.pick<Json>([7, null, "u4"]),
    n: dice.chance(90) ? dice.below(4) : dice.pick<Json>(["two", -1, null]),
    rows: dice.chance(92) ? Array.from({ length: dice.pick([1, 2, 0, 1, 3]) }, row) : dice.pick<Json>([{}, "none", null]),
    text: dice.pick(texts),
    ok: dice.chance(60),
    deep: { id: dice.pick(["u1", "u2"]) },
  };
  return Object.fromEntries(Object.entries(members).filter(() => dice.chance(93)));
}
