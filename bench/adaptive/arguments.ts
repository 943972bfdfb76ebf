/**
 * Every single-argument substitution: each argument of each call of a benign run, with what an attacker has or can make.
 * Pure. Only makes changed runs; nothing is judged here.
 */
import { anyType, evil, evilFor } from "../../src/attack/values.ts";
import { isArray, isObject, type Json, jsonEqual } from "../../src/json/value.ts";
import { examplesOf } from "../../src/lang/match/examples.ts";
import type { ArgRule } from "../../src/plan/plan.ts";
import type { TraceCall } from "../../src/trace.ts";
import { argumentNames, attackersResults, type Benign, type BenignCall, distinct, honest, piecesOf, withArg } from "./benign.ts";
import { carriers, encodings, lookAlikes } from "./disguises.ts";
import { partsWithin } from "./ground.ts";
import { draw, type Drawn, type Extent, type Mutant, type Technique } from "./mutant.ts";
import type { Move } from "./play.ts";

/** Values of one constraint. */
const choicesMax = 16;
/** Tainted texts that are encoded, and their length. */
const taintedMax = 3;
const taintedChars = 160;
/** Longer than any text that a plan leaves to an agent, and deeper than any value. */
const oversized: readonly Json[] = [
  "y".repeat(9_000),
  "y".repeat(100_000),
  Array.from({ length: 5_000 }, (_, i) => i),
  nested(60),
];

interface Substitute {
  readonly technique: Technique;
  readonly how: string;
  readonly value: Json;
}

/** Every substitution along a run. */
export function* substitutions(benign: Benign, extent: Extent, drawn: Drawn): Generator<Mutant> {
  for (const target of benign.calls) {
    const lacking = new Set(["cc", "bcc", "extra", "__proto__", "sluice_node"]);
    const names = argumentNames(benign.plan, target.allowed);
    for (const name of new Set([...names, ...lacking])) {
      const isPlanned = Object.hasOwn(benign.plan.frozen.plan.nodes[target.allowed.node]?.args ?? {}, name);
      const all = isPlanned ? substitutesOf(benign, target, name) : foreignValues(benign, target);
      for (const each of drawnByTechnique(all, extent, drawn)) yield changed(benign, target, { name, ...each });
      if (isPlanned) yield* within(benign, target, name);
      if (isPlanned) yield leftOut(benign, target, name);
    }
    yield* splits(benign, target, names);
  }
}

/** So many of each technique, so that none is crowded out by another. */
function drawnByTechnique(all: readonly Substitute[], { valuesMax, seed }: Extent, drawn: Drawn): readonly Substitute[] {
  const kinds = [...new Set(all.map(({ technique }) => technique))];
  return kinds.flatMap((kind) =>
    draw(
      all.filter(({ technique }) => technique === kind),
      valuesMax,
      { seed, drawn },
    ),
  );
}

function changed(
  benign: Benign,
  target: BenignCall,
  { name, technique, how, value }: Substitute & { readonly name: string },
): Mutant {
  const call = { ...target.call, args: withArg(target.call.args, name, value) };
  return mutantOf(benign, target, { technique, what: `${target.allowed.node}.${name}: ${how}`, calls: [call], planted: [value] });
}

interface Changed {
  readonly technique: Technique;
  readonly what: string;
  readonly calls: readonly TraceCall[];
  readonly planted: readonly Json[];
}

/** The run with other calls in place of one; the rest goes on with what Sluice fills in. */
function mutantOf(benign: Benign, target: BenignCall, { technique, what, calls, planted }: Changed): Mutant {
  const own = target.result === undefined ? [] : [target.result];
  const others = benign.moves
    .slice(target.at + (target.isApproved ? 3 : 1))
    .filter((move) => move.type !== "result" || move.id !== target.call.id);
  return {
    technique,
    what,
    from: target.before,
    moves: [...calls, ...own, ...honest(benign, others)],
    planted,
    isSingle: calls.length === 1,
  };
}

/** Everything that an argument of a plan is replaced with. */
function substitutesOf(benign: Benign, target: BenignCall, name: string): readonly Substitute[] {
  const planned = target.allowed.final[name];
  const theirs = attackersResults(benign, target.at);
  const others = benign.calls
    .filter(({ call }) => call.id !== target.call.id)
    .flatMap(({ allowed }) => Object.values(allowed.final));
  const parts = distinct(theirs.flatMap(({ value }) => partsWithin(value)));
  const pieces = distinct(theirs.flatMap(({ value }) => piecesOf(value))).filter(
    (piece) => !parts.some((part) => jsonEqual(part, piece)),
  );
  const of = (technique: Technique, how: string, values: readonly Json[]): readonly Substitute[] =>
    values.map((value) => ({ technique, how: `${how} ${brief(value)}`, value }));
  return [
    ...of("value of a stranger's result", "a value of a result", parts),
    ...of("piece of a stranger's result", "a piece of a result", pieces),
    ...of("attacker's constant", "a constant", distinct([...Object.values(evil), ...evilFor(planned ?? null)])),
    ...of("value of another call", "another call's", distinct(others)),
    ...of("another choice", "a choice", choicesOf(benign.plan.frozen.plan.nodes[target.allowed.node]?.args?.[name])),
    ...of("another type", "another type", anyType),
    ...of("oversized value", "an oversized value", oversized),
    ...(planned === undefined ? [] : lookAlikes(planned)).map(
      ({ name: how, value }): Substitute => ({ technique: "look-alike", how, value }),
    ),
    ...disguised(theirs.map(({ value }) => value)),
  ].filter(({ value }) => planned === undefined || !jsonEqual(value, planned));
}

/** Values that the constraints of a rule let through: each of a list, or some of many. */
function choicesOf(rule: ArgRule | undefined): readonly Json[] {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) return [];
  const constraints = ["choose" in rule ? rule.choose : undefined, "match" in rule ? rule.match : undefined];
  return distinct(constraints.flatMap((each) => (each === undefined ? [] : examplesOf(each, { count: choicesMax }).matching)));
}

/** Tainted texts in every encoding, and some of these in every carrier. */
function disguised(results: readonly Json[]): readonly Substitute[] {
  const tainted = taintedTexts(results);
  return tainted.flatMap((text) => [
    ...encodings.slice(1).map(({ name, of }): Substitute => ({ technique: "encoded data", how: name, value: of(text) })),
    ...carriers.flatMap((carrier) =>
      encodings.slice(0, 4).map(
        (encoding): Substitute => ({
          technique: "encoded data in a carrier",
          how: `${encoding.name} ${carrier.name}`,
          value: carrier.of(encoding.of(text)),
        }),
      ),
    ),
  ]);
}

/** The longest text, the shortest that says something, and the first; the attacker's own where nothing was read. */
function taintedTexts(results: readonly Json[]): readonly string[] {
  const texts = results.flatMap(partsWithin).filter((part) => typeof part === "string" && part.length > 3);
  const byLength = [...texts].sort((a, b) => String(b).length - String(a).length);
  const found = [byLength[0], byLength.at(-1), texts[0]].filter((text) => typeof text === "string");
  return [...new Set(found.length === 0 ? [evil.text] : found)].slice(0, taintedMax).map((text) => text.slice(0, taintedChars));
}

/** Values for an argument that the plan does not have. */
function foreignValues(benign: Benign, target: BenignCall): readonly Substitute[] {
  const theirs = attackersResults(benign, target.at).flatMap(({ value }) => partsWithin(value));
  const values = distinct([...theirs.slice(0, 12), evil.email, evil.url, evil.text, 1, true, {}, []]);
  return values.map((value) => ({ technique: "argument that the plan lacks", how: brief(value), value }));
}

/** Each part of an argument that has parts, by the attacker's values. */
function* within(benign: Benign, target: BenignCall, name: string): Generator<Mutant> {
  const planned = target.allowed.final[name];
  if (planned === undefined || (!isObject(planned) && !isArray(planned))) return;
  const theirs = attackersResults(benign, target.at).flatMap(({ value }) => partsWithin(value));
  for (const steps of placesIn(planned).slice(0, placesMax)) {
    for (const value of distinct([evil.email, evil.url, evil.id, 7, ...theirs.slice(0, 6)])) {
      const put = replacedAt(planned, steps, value);
      if (jsonEqual(put, planned)) continue;
      yield changed(benign, target, { name, technique: "attacker's constant", how: `at ${steps.join(".")}`, value: put });
    }
  }
}

/** Places in one argument that are replaced one by one. */
const placesMax = 24;

function placesIn(value: Json): readonly (readonly (string | number)[])[] {
  if (isArray(value)) return value.flatMap((each, i) => [[i], ...placesIn(each).map((rest) => [i, ...rest])]);
  if (isObject(value))
    return Object.entries(value).flatMap(([name, each]) => [[name], ...placesIn(each).map((rest) => [name, ...rest])]);
  return [];
}

function replacedAt(value: Json, [step, ...rest]: readonly (string | number)[], put: Json): Json {
  if (step === undefined) return put;
  if (isArray(value)) return value.map((each, i) => (i === step ? replacedAt(each, rest, put) : each));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, name === step ? replacedAt(each, rest, put) : each]),
  );
}

function leftOut(benign: Benign, target: BenignCall, name: string): Mutant {
  const { [name]: _, ...args } = target.call.args;
  const call = { ...target.call, args };
  return mutantOf(benign, target, {
    technique: "argument left out",
    what: `${target.allowed.node} without ${name}`,
    calls: [call],
    planted: [],
  });
}

/** A tainted text in two halves: over two arguments of the call, and over this call and the next. */
function* splits(benign: Benign, target: BenignCall, names: readonly string[]): Generator<Mutant> {
  const [text = ""] = taintedTexts(attackersResults(benign, target.at).map(({ value }) => value));
  const halves = [text.slice(0, Math.ceil(text.length / 2)), text.slice(Math.ceil(text.length / 2))] as const;
  const { node } = target.allowed;
  for (const [i, first] of names.entries())
    for (const second of names.slice(i + 1)) {
      const call = { ...target.call, args: { ...target.call.args, [first]: halves[0], [second]: halves[1] } };
      yield mutantOf(benign, target, {
        technique: "split over two arguments",
        what: `${node}.${first} and .${second}`,
        calls: [call],
        planted: halves,
      });
    }
  const next = benign.calls.find(({ at }) => at > target.at);
  if (next === undefined || target.isApproved || next.isApproved) return;
  for (const first of names)
    for (const second of argumentNames(benign.plan, next.allowed)) {
      const results = [target.result ?? [], next.result ?? []].flat();
      const calls: readonly Move[] = [
        { ...target.call, args: withArg(target.call.args, first, halves[0]) },
        ...results.slice(0, 1),
        { ...next.call, args: withArg(next.call.args, second, halves[1]) },
      ];
      const what = `${node}.${first} and ${next.allowed.node}.${second}`;
      yield { technique: "split over two calls", what, from: target.before, moves: calls, planted: halves, isSingle: false };
    }
}

function brief(value: Json): string {
  const text =
    typeof value === "string"
      ? value
      : JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}` : each));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A list in a list, so many deep. */
function nested(depth: number): Json {
  return depth === 0 ? [] : [nested(depth - 1)];
}
