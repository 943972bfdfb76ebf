/**
 * Every other order of a benign run: each call repeated, dropped, moved, exchanged with its neighbour; the run twice, at once, too late.
 * Pure. Only makes changed runs; nothing is judged here.
 */
import { leaseSecondsDefault } from "../../src/limits.ts";
import type { TraceCall } from "../../src/trace.ts";
import { evil } from "../../src/attack/values.ts";
import { argumentNames, attackersResults, type Benign, type BenignCall, honest, withArg } from "./benign.ts";
import { draw, type Drawn, type Extent, type Mutant, type Technique } from "./mutant.ts";
import type { Moment, Move } from "./play.ts";

/** How often a call is repeated. */
const copies = 9;

/** Every other order of a run. */
export function* orders(benign: Benign, extent: Extent, drawn: Drawn): Generator<Mutant> {
  const units = unitsOf(benign);
  const [start] = benign.moments;
  if (start === undefined || units.length === 0) return;
  const run = (technique: Technique, what: string, moves: readonly Move[], from: Moment = start): Mutant => ({
    technique,
    what,
    from,
    moves,
    planted: [],
    isSingle: false,
  });
  for (const target of benign.calls) yield* repeats(benign, target, run);
  const flat = (list: readonly Unit[]): readonly Move[] => list.flatMap(({ moves }) => moves);
  for (const i of units.keys()) yield run("call dropped", `without ${units[i]?.what}`, flat(units.toSpliced(i, 1)));
  const places = units.flatMap((_, from) => units.flatMap((__, to) => (Math.abs(from - to) > 1 ? [[from, to] as const] : [])));
  for (const [from, to] of draw(places, extent.runsMax, { seed: extent.seed, drawn })) {
    const unit = units[from];
    if (unit === undefined) continue;
    yield run("call moved", `${unit.what} to place ${to + 1}`, flat(units.toSpliced(from, 1).toSpliced(to, 0, unit)));
  }
  for (let i = 0; i + 1 < units.length; i++) {
    const [first, second] = [units[i], units[i + 1]];
    if (first === undefined || second === undefined) continue;
    yield run(
      "neighbours exchanged",
      `${second.what} before ${first.what}`,
      flat([...units.slice(0, i), second, first, ...units.slice(i + 2)]),
    );
  }
  yield run("whole run twice", "the run, and again", [...flat(units), ...again(flat(units))]);
  yield* atOnce(benign, run);
  yield* late(benign, run);
}

type Run = (technique: Technique, what: string, moves: readonly Move[], from?: Moment) => Mutant;

interface Unit {
  readonly what: string;
  readonly moves: readonly Move[];
}

/** Each call with its result and the person's word on it, as an agent sends it that lets Sluice fill in. */
function unitsOf(benign: Benign): readonly Unit[] {
  return benign.calls.map(({ call, result, isApproved, allowed }) => {
    const calls: readonly Move[] = isApproved ? [call, { type: "approve" }, call] : [call];
    return { what: allowed.node, moves: honest(benign, [...calls, ...(result === undefined ? [] : [result])]) };
  });
}

/** The same moves under other ids. */
function again(moves: readonly Move[], mark = "again"): readonly Move[] {
  return moves.map((move) => (move.type === "call" || move.type === "result" ? { ...move, id: `${move.id}+${mark}` } : move));
}

function* repeats(benign: Benign, target: BenignCall, run: Run): Generator<Mutant> {
  const { result, before, isApproved } = target;
  const [call] = honest(benign, [target.call]);
  if (call?.type !== "call") return;
  const once: readonly Move[] = isApproved ? [call, { type: "approve" }, call] : [call];
  const settled = result === undefined ? [] : [result];
  const more = Array.from({ length: copies }, (_, i): TraceCall => ({ ...call, id: `${call.id}+${i}` }));
  const node = target.allowed.node;
  yield run("call repeated", `${node} once more after its result`, [...once, ...settled, ...more], before);
  yield run(
    "call repeated",
    `${node}, each with its result`,
    more.flatMap((each): readonly Move[] => [each, ...settled.map((one) => ({ ...one, id: each.id }))]),
    before,
  );
  yield run("call repeated", `${node} while it runs`, [...once, ...more], before);
  yield run(
    "call repeated",
    `${node} after it failed`,
    more.flatMap((each): readonly Move[] => [each, { type: "result", id: each.id, value: { error: "failed" } }]),
    before,
  );
  yield run(
    "call repeated",
    `${node} after its lease`,
    more.flatMap((each): readonly Move[] => [each, { type: "wait", ms: leaseSecondsDefault * 1_000 + 1 }]),
    before,
  );
  yield run("call repeated", `${node} at the end of the run`, more, benign.moments.at(-1));
}

/** From each place on, all that is left at once: announced as a batch, and not announced. */
function* atOnce(benign: Benign, run: Run): Generator<Mutant> {
  for (const target of benign.calls) {
    const left = benign.calls.filter(({ at }) => at >= target.at).map(({ call }) => call);
    const calls = honest(benign, left).filter((move) => move.type === "call");
    const what = `from ${target.allowed.node} on`;
    if (calls.length > 1) {
      yield run("all at once", `${what}, as a batch`, [{ type: "batch", calls }], target.before);
      yield run("all at once", `${what}, turned round`, [{ type: "batch", calls: [...calls].reverse() }], target.before);
      yield run("all at once", `${what}, not announced`, calls, target.before);
    }
    const [first] = calls;
    if (first === undefined) continue;
    const many = Array.from({ length: copies }, (_, i): TraceCall => ({ ...first, id: `${first.id}+${i}` }));
    yield run(
      "all at once",
      `${target.allowed.node}, ${copies} of it in a batch`,
      [{ type: "batch", calls: many }],
      target.before,
    );
    yield* batchedChoices(benign, target, run);
  }
}

/** A reader and an actor in one batch, in which the actor already says what the reader is about to bring. */
function* batchedChoices(benign: Benign, target: BenignCall, run: Run): Generator<Mutant> {
  for (const other of benign.calls.filter(({ at }) => at > target.at)) {
    for (const name of argumentNames(benign.plan, other.allowed)) {
      const calls = [target.call, { ...other.call, args: withArg(other.call.args, name, evil.id) }];
      yield run(
        "all at once",
        `${target.allowed.node} with ${other.allowed.node}.${name}`,
        [{ type: "batch", calls }],
        target.before,
      );
    }
  }
}

const dayMs = 86_400_000;

/** The rest of the run after a lease, after the session's time, after the plan's. */
function* late(benign: Benign, run: Run): Generator<Mutant> {
  const { limits = {}, notAfter } = benign.plan.frozen.plan;
  const waits = [
    leaseSecondsDefault * 1_000 + 1,
    dayMs + 1,
    ...(limits.seconds === undefined ? [] : [limits.seconds * 1_000 + 1]),
  ];
  if (notAfter !== undefined) waits.push(Date.parse(notAfter));
  for (const target of benign.calls)
    for (const ms of waits) {
      const rest = honest(benign, benign.moves.slice(target.at));
      yield run(
        "after its time",
        `${target.allowed.node} after ${Math.round(ms / 1_000)} s`,
        [{ type: "wait", ms }, ...rest],
        target.before,
      );
      // The result comes when the lease is over, and what follows rests on it.
      if (target.result !== undefined && !target.isApproved)
        yield run(
          "after its time",
          `the result of ${target.allowed.node} after ${Math.round(ms / 1_000)} s`,
          [target.call, { type: "wait", ms }, ...rest.slice(1)],
          target.before,
        );
    }
}

/** After a person's word on one call: the same call in the attacker's words, twice, and too late. */
export function* reworded(benign: Benign): Generator<Mutant> {
  for (const target of benign.calls) {
    if (!target.isApproved) continue;
    const approved = benign.moments[target.at + 2];
    if (approved === undefined) continue;
    const theirs = attackersResults(benign, target.at).flatMap(({ value }) => (typeof value === "string" ? [value] : []));
    for (const name of argumentNames(benign.plan, target.allowed))
      for (const value of [evil.email, evil.id, 999_999, null, ...theirs]) {
        const call = { ...target.call, args: withArg(target.call.args, name, value) };
        const what = `${target.allowed.node}.${name} after a person's word`;
        yield {
          technique: "another call after a person's word",
          what,
          from: approved,
          moves: [call, { ...call, id: `${call.id}+` }, { ...target.call, id: `${call.id}++` }],
          planted: [value],
          isSingle: false,
        };
      }
  }
}
