/**
 * The guided loop: inputs that reach something new are kept and mutated further.
 * The same seed, corpus and number of executions make the same inputs, as long as the target itself is deterministic.
 * Never stops at a finding: each kind of failure is kept once, made small, and the run goes on.
 */
import type { Coverage, Kept, Reached } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { seeded } from "./random.ts";
import { shrink } from "./shrink.ts";
import { mustBeUnpolluted, PropertyError, type Target } from "./target.ts";

/** A kind of failure, and a small input that provokes it. */
export interface Finding {
  /** What tells kinds apart: the message without values, and the place. */
  readonly kind: string;
  readonly message: string;
  readonly stack: string;
  readonly input: string;
}

/** What a run is given. */
export interface Campaign {
  readonly coverage: Coverage;
  readonly inputs: readonly string[];
  readonly seed: number;
  /** Mutated inputs to run, beside those given. */
  readonly executionsMax: number;
  readonly secondsMax: number;
  /** Told before each execution, so that a hang can be named. */
  readonly watch?: (input: string | undefined) => void;
}

/** What a run did. */
export interface Outcome {
  readonly executions: number;
  readonly kept: readonly Kept[];
  readonly findings: readonly Finding[];
  /** For each site of the coverage the bits that were reached. */
  readonly seen: Uint8Array;
}

/** Longer than this for one small input is a finding, if it happens three times in a row. */
const slowMs = 2_000;
const wordLengthMax = 60;
const wordsMax = 4_000;

/** The longest input of a target. */
export function lengthMaxOf({ lengthMax = 4_096 }: Target): number {
  return lengthMax;
}

/** One execution: what it reached, and how it failed, if it did. */
export async function execute(
  target: Target,
  input: string,
  coverage: Coverage,
): Promise<{ readonly reached: Reached; readonly failure?: Error }> {
  coverage.reset();
  // The processor's time, not the wall's: a busy machine is no finding.
  const start = process.cpuUsage();
  let failure: Error | undefined;
  try {
    const pending = target.run(input);
    if (pending) await pending;
    mustBeUnpolluted();
  } catch (error) {
    failure = error instanceof Error ? error : new Error(`thrown: ${String(error)}`);
  }
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1_000;
  const reached = coverage.take();
  if (failure === undefined && ms > slowMs) failure = new PropertyError("took longer than any input of this size may");
  return failure ? { reached, failure } : { reached };
}

/** The kind of a failure: its message without values, and the first place of the project in its stack. */
export function kindOf({ name, message, stack = "" }: Error): string {
  const frames = [...stack.slice(stack.indexOf("\n    at ")).matchAll(/(?:src|test\/fuzz)\/[\w/.-]+\.ts:\d+/g)];
  const place = frames.find(([frame]) => !frame.startsWith("test/fuzz/target.ts"))?.[0] ?? "";
  const text = message
    .split("\n")[0]
    ?.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|\d+/g, "…")
    .replace(/: .*$/, "")
    .slice(0, 120);
  return `${name}: ${text} (${place})`;
}

interface State {
  readonly target: Target;
  readonly campaign: Campaign;
  readonly seen: Uint8Array;
  readonly kept: Kept[];
  readonly findings: Map<string, Finding>;
  executions: number;
}

/** Runs a target on its inputs, then on mutations of what reached something new. */
export async function fuzz(target: Target, campaign: Campaign): Promise<Outcome> {
  const state: State = { target, campaign, seen: new Uint8Array(1 << 18), kept: [], findings: new Map(), executions: 0 };
  for (const input of new Set([...target.seeds, ...campaign.inputs])) await tryInput(state, input);
  const random = seeded(campaign.seed);
  const words = wordsOf(state);
  const endsAt = performance.now() + campaign.secondsMax * 1_000;
  for (let left = campaign.executionsMax; left > 0 && performance.now() < endsAt; left--) {
    const { kept } = state;
    // Half of the time something found lately: it is where the search stands.
    const from = random.below(2) === 0 ? Math.max(0, kept.length - 20) : 0;
    const base = kept[from + random.below(kept.length - from)]?.input ?? "";
    const others = kept.length > 0 ? [random.pick(kept).input, random.pick(kept).input] : [];
    const dictionary = random.below(3) === 0 ? words : (target.dictionary ?? words);
    const unitMax = target.isBytes ? 0xff : 0xffff;
    await tryInput(state, mutate(base, { random, others, dictionary, lengthMax: lengthMaxOf(target), unitMax }));
  }
  return { executions: state.executions, kept: state.kept, findings: [...state.findings.values()], seen: state.seen };
}

async function tryInput(state: State, input: string): Promise<void> {
  const { target, campaign, seen, kept, findings } = state;
  campaign.watch?.(input);
  state.executions++;
  const { reached, failure } = await execute(target, input, campaign.coverage);
  campaign.watch?.(undefined);
  if (failure) {
    const kind = kindOf(failure);
    if (findings.has(kind) || !(await failsAgain(state, input, kind))) return;
    const small = await shrink(input, (smaller) => failsAgain(state, smaller, kind));
    findings.set(kind, { kind, message: failure.message, stack: failure.stack ?? "", input: small });
    return;
  }
  let isNew = false;
  for (let i = 0; i < reached.hits.length; i += 2) {
    const site = reached.hits[i] as number;
    const bit = reached.hits[i + 1] as number;
    if (((seen[site] as number) & bit) !== 0) continue;
    seen[site] = (seen[site] as number) | bit;
    isNew = true;
  }
  if (isNew) kept.push({ input, reached });
}

/** Whether the input fails in the same way, twice: a busy machine is no finding. */
async function failsAgain({ target, campaign }: State, input: string, kind: string): Promise<boolean> {
  for (let i = 0; i < 2; i++) {
    campaign.watch?.(input);
    const { failure } = await execute(target, input, campaign.coverage);
    campaign.watch?.(undefined);
    if (!failure || kindOf(failure) !== kind) return false;
  }
  return true;
}

/** The texts in the code that the first inputs ran through. */
function wordsOf({ campaign, seen }: State): readonly string[] {
  const entered = campaign.coverage.modules.filter(({ first, sites }) =>
    sites.some(({ name }, i) => name !== undefined && seen[first + i] !== 0),
  );
  const words = entered.flatMap((module) => module.words).filter((word) => word !== "" && word.length <= wordLengthMax);
  return [...new Set(words)].slice(0, wordsMax);
}
