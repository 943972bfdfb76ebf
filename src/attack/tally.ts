/**
 * Counts tries, and keeps one line for each thing that remains possible.
 * Pure. Keeps no line that `replay` does not allow.
 */
import type { Code } from "../codes.ts";
import type { Guard } from "../engine.ts";
import type { JsonObject } from "../json/value.ts";
import { replayTrace } from "../replay.ts";
import type { TraceEvent } from "../trace.ts";
import { type Attempt, type Technique, techniques } from "./attempt.ts";
import { achievements, badness, isFinding, type Judge, type Possibility, remaining } from "./judge.ts";
import type { Refused } from "./off-plan.ts";
import { type BaseRun, type Called, type Outcome, playTail } from "./run.ts";

/** A possibility with the run that shows it. */
export interface AttackLine extends Omit<Possibility, "technique" | "place"> {
  /** How it was done. */
  readonly techniques: readonly Technique[];
  /** Places of the results that were poisoned. */
  readonly places: readonly string[];
  /** Tries that came to the same. */
  readonly count: number;
  /** Untrusted data, or data that lost its label, steers a tool and nobody was told: the attack exits with 1. */
  readonly isFinding: boolean;
  readonly params: JsonObject;
  /** The run up to the call that was allowed: `replay` allows it too. */
  readonly trace: readonly TraceEvent[];
}

/** What was tried of one technique. */
export interface TechniqueCount {
  readonly technique: Technique;
  readonly tries: number;
  /** Calls that were denied, by code. */
  readonly denied: { readonly [code: string]: number };
  /** Tries that achieved something. */
  readonly achieved: number;
}

/** What was counted. */
export interface Tallied {
  readonly tries: number;
  /** Tries among them that no trace can show (time, batches, sessions, amendments, approvals, definitions): refused, or a fault. */
  readonly untraced: number;
  /** Tries that were left out because there were too many. */
  readonly skipped: number;
  readonly techniques: readonly TechniqueCount[];
  /** Worst first. */
  readonly possible: readonly AttackLine[];
  /** Lines that were left out. */
  readonly more: number;
  /** What Sluice should have refused before any call, and did not. */
  readonly faults: readonly string[];
}

/** Bounds of a tally. */
export interface TallyOptions {
  readonly triesMax: number;
  readonly linesMax: number;
  readonly seed: number;
  readonly onProgress: ((done: number) => void) | undefined;
}

/** Takes tries one by one. */
export interface Tally {
  take(attempt: Attempt): void;
  refuse(refused: Refused): void;
  report(): Tallied;
}

interface Counted {
  tries: number;
  achieved: number;
  readonly denied: Map<Code, number>;
}

interface Line {
  readonly worst: Possibility;
  readonly attempt: Attempt;
  readonly id: string;
  count: number;
  readonly techniques: Set<Technique>;
  readonly places: Set<string>;
}

/** Tries between two reports of progress. */
const progressEvery = 500;
/** Places that one line names. */
const placesMax = 12;

/** An empty tally. */
export function openTally(judge: Judge, guard: Guard, { triesMax, linesMax, seed, onProgress }: TallyOptions): Tally {
  const counts = new Map<Technique, Counted>(techniques.map((name) => [name, { tries: 0, achieved: 0, denied: new Map() }]));
  const lines = new Map<string, Line>();
  const faults: string[] = [];
  const expectedOf = openExpectations(guard);
  let tries = 0;
  let untraced = 0;
  let skipped = 0;
  const begin = (technique: Technique): Counted => {
    tries += 1;
    if (tries % progressEvery === 0) onProgress?.(tries);
    const counted = counts.get(technique) as Counted;
    counted.tries += 1;
    return counted;
  };
  return {
    take: (attempt) => {
      if (tries >= triesMax && !isDrawn(tries + skipped, seed)) {
        skipped += 1;
        return;
      }
      const counted = begin(attempt.technique);
      const outcome = playTail(guard, attempt.base, attempt);
      for (const { code } of outcome.denied) addOne(counted.denied, code);
      const found = achievements(judge, attempt, { outcome, expected: expectedOf(attempt) });
      if (found.length > 0) counted.achieved += 1;
      for (const possibility of found) note(lines, possibility, { attempt, outcome });
    },
    refuse: ({ technique, code, what }) => {
      const counted = begin(technique);
      untraced += 1;
      if (code !== undefined) addOne(counted.denied, code);
      else {
        counted.achieved += 1;
        faults.push(`${technique}: ${what}`);
      }
    },
    report: () => {
      const all = [...lines.values()].map(lineOf).filter((line) => isReplayed(guard, line));
      const sorted = all.sort((a, b) => badness(b) - badness(a) || (keyOf(a) < keyOf(b) ? -1 : 1));
      const possible = sorted.slice(0, linesMax);
      return { tries, untraced, skipped, techniques: countsOf(counts), possible, more: sorted.length - possible.length, faults };
    },
  };
}

/** What is allowed anyway: the rest of the benign run, or what the control run shows. */
function openExpectations(guard: Guard): (attempt: Attempt) => readonly Called[] {
  const known = new WeakMap<BaseRun, Map<string, readonly Called[]>>();
  return (attempt) => {
    const { base, at, control } = attempt;
    if (control === undefined) return remaining(attempt);
    const ofBase = known.get(base) ?? new Map<string, readonly Called[]>();
    known.set(base, ofBase);
    // Two controls from the same place differ only in the calls that are added, hence in length.
    const key = `${at} ${control.length}`;
    const expected = ofBase.get(key) ?? playTail(guard, base, { at, tail: control }).allowed;
    ofBase.set(key, expected);
    return expected;
  };
}

function addOne(counts: Map<Code, number>, code: Code): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

function countsOf(counts: ReadonlyMap<Technique, Counted>): readonly TechniqueCount[] {
  return [...counts]
    .filter(([, { tries }]) => tries > 0)
    .map(([technique, { tries, denied, achieved }]) => ({
      technique,
      tries,
      denied: Object.fromEntries([...denied].sort()),
      achieved,
    }));
}

/** Beyond the bound one try in 64 is made; which ones is the seed's choice. */
function isDrawn(number: number, seed: number): boolean {
  return ((Math.imul(number + 1, 2_654_435_761) + Math.imul(seed + 1, 40_503)) >>> 7) % 64 === 0;
}

function keyOf({ node, argument, controls, told }: Pick<Possibility, "node" | "argument" | "controls" | "told">): string {
  return JSON.stringify([node, argument ?? null, controls, told ?? null]);
}

function note(
  lines: Map<string, Line>,
  possibility: Possibility,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: Outcome },
): void {
  const { node, argument, value, technique, place } = possibility;
  const key = keyOf(possibility);
  const known = lines.get(key);
  if (known === undefined) {
    const called = outcome.allowed.find(
      (each) => each.node === node && (argument === undefined || each.final[argument] === value),
    );
    const techniquesOf = new Set([technique]);
    const places = new Set(place === undefined ? [] : [place]);
    lines.set(key, { worst: possibility, attempt, id: called?.id ?? "", count: 1, techniques: techniquesOf, places });
    return;
  }
  known.count += 1;
  known.techniques.add(technique);
  if (place !== undefined && known.places.size < placesMax) known.places.add(place);
}

function lineOf({ worst, attempt, id, count, techniques: used, places }: Line): AttackLine {
  const { technique: _, place: __, ...possibility } = worst;
  const { base, at, tail } = attempt;
  const end = tail.findIndex((event) => event.type === "call" && event.id === id);
  const trace = [...base.events.slice(0, at), ...tail.slice(0, end + 1)];
  return {
    ...possibility,
    techniques: [...used],
    places: [...places],
    count,
    isFinding: isFinding(worst),
    params: base.params,
    trace,
  };
}

function isReplayed({ program }: Guard, { trace, params, node }: AttackLine): boolean {
  const calls = replayTrace(program.plan.frozen, { events: trace }, { params, sql: [...program.sql.values()] });
  const last = calls.ok ? calls.value.at(-1) : undefined;
  return last?.verdict === "allow" && last.node === node;
}
