/**
 * Every interleaving: actors that share a store are taken through all orders in which their steps can happen, with every fault at every step.
 * A model checker without a model: what runs is the code itself, again from the beginning for each schedule (Godefroid, "Model Checking for
 * Programming Languages using VeriSoft", POPL 1997). It knows nothing of timers: whoever waits for one is stuck.
 */
import { err } from "../../src/result.ts";
import type { Store } from "../../src/stores/store.ts";

/** What can become of one step. */
export type Fate =
  /** Done and answered. */
  | "done"
  /** Not done, and answered `unavailable`. */
  | "refused"
  /** Done, and answered `unavailable`. */
  | "unheard"
  /** Not done; whoever asked is never heard of again. */
  | "dies before"
  /** Done; whoever asked is never heard of again. */
  | "dies after";

const faults: readonly Fate[] = ["refused", "unheard", "dies before", "dies after"];

/** A step that waits for its turn. */
interface Step {
  readonly actor: string;
  readonly name: string;
  /** What it may be told besides the truth: a tool that works cannot be refused, only its process can die. */
  readonly fates: readonly Fate[];
  /** Whether it touches nothing that another actor sees, so that it makes no difference when it happens. */
  readonly isOwn: boolean;
  take(fate: Fate): Promise<void>;
}

/** The world of one schedule. */
export interface Stage {
  /** The store as an actor sees it: each question is a step. */
  storeOf(actor: string, store: Store): Store;
  /** A step of an actor beside the store that all may see: what it does happens in its turn. */
  step(actor: string, name: string, act: () => void): Promise<void>;
  /** A step that no other actor sees. */
  ownStep(actor: string, name: string, act: () => void): Promise<void>;
}

/** Actors by name. What one of them throws is thrown by {@link explore}. */
export type Cast = { readonly [actor: string]: () => Promise<void> };

/** What is played: makes its world, runs its actors, and says what was broken in the end. */
export interface Play {
  readonly cast: (stage: Stage) => Promise<Cast>;
  /** Sentences, none if all is well; asked when nobody has a step left. */
  readonly broken: () => Promise<readonly string[]>;
}

/** What came of it. */
export interface Explored {
  readonly schedules: number;
  /** The most steps that a schedule had. */
  readonly longest: number;
  /** The first schedule that broke something, a line for each step, and what was broken. */
  readonly counterexample?: { readonly steps: readonly string[]; readonly broken: readonly string[] };
  /** Whether every schedule was played. */
  readonly isWhole: boolean;
}

/** Which of the steps that could be next was taken. */
interface Choice {
  readonly taken: number;
  readonly of: number;
}

/** Plays all schedules with at most so many faults each. */
export async function explore(
  play: () => Play,
  { faultsMax, schedulesMax }: { readonly faultsMax: number; readonly schedulesMax: number },
): Promise<Explored> {
  const path: Choice[] = [];
  let longest = 0;
  for (let schedules = 1; schedules <= schedulesMax; schedules++) {
    const { steps, broken } = await playOne(play(), path, faultsMax);
    longest = Math.max(longest, steps.length);
    if (broken.length > 0) return { schedules, longest, counterexample: { steps, broken }, isWhole: false };
    let last = path.pop();
    while (last !== undefined && last.taken === last.of - 1) last = path.pop();
    if (last === undefined) return { schedules, longest, isWhole: true };
    path.push({ ...last, taken: last.taken + 1 });
  }
  return { schedules: schedulesMax, longest, isWhole: false };
}

async function playOne(
  { cast, broken }: Play,
  path: Choice[],
  faultsMax: number,
): Promise<{ readonly steps: readonly string[]; readonly broken: readonly string[] }> {
  const waiting: Step[] = [];
  const steps: string[] = [];
  const dead = new Set<string>();
  const actors = await cast(stageOf(waiting));
  const left = new Set(Object.keys(actors));
  let thrown: unknown;
  for (const [name, act] of Object.entries(actors))
    act()
      .catch((error: unknown) => {
        thrown ??= error;
      })
      .finally(() => left.delete(name));
  let faultsLeft = faultsMax;
  for (let at = 0; ; at++) {
    const isWaiting = (name: string): boolean => dead.has(name) || waiting.some(({ actor }) => actor === name);
    if (!(await quiet(() => thrown !== undefined || [...left].every(isWaiting))))
      throw new Error(`${steps.join("\n")}: somebody waits for what never comes`);
    if (thrown !== undefined) throw new Error(`${steps.join("\n")}: ${String(thrown)}`, { cause: thrown });
    if (waiting.length === 0) break;
    // Such a step is taken at once: every schedule has one that differs in nothing but its place (a persistent set, op. cit.).
    const own = waiting.find(({ isOwn }) => isOwn);
    const choices = (own === undefined ? waiting : [own]).flatMap((step) =>
      ["done" as const, ...(faultsLeft > 0 ? step.fates : [])].map((fate) => [step, fate] as const),
    );
    const choice = path[at] ?? { taken: 0, of: choices.length };
    path[at] = choice;
    const [step, fate] = choices[choice.taken] as (typeof choices)[number];
    if (choice.of !== choices.length) throw new Error(`the play is not the same each time: ${steps.join("\n")}`);
    if (fate !== "done") faultsLeft -= 1;
    steps.push(`${step.actor}: ${step.name}${fate === "done" ? "" : ` (${fate})`}`);
    waiting.splice(waiting.indexOf(step), 1);
    await step.take(fate);
    if (!fate.startsWith("dies")) continue;
    dead.add(step.actor);
    for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]?.actor === step.actor) waiting.splice(i, 1);
  }
  return { steps, broken: await broken() };
}

/** Lets everything happen that can happen without a step. `false`: after a hundred turns of the event loop somebody has come to none. */
async function quiet(isReady: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 100; turn++) {
    await new Promise(setImmediate);
    if (isReady()) return true;
  }
  return false;
}

function stageOf(waiting: Step[]): Stage {
  const never = new Promise<never>(() => {});
  const ask = (
    { actor, name, fates, isOwn = false }: Pick<Step, "actor" | "name" | "fates"> & Partial<Step>,
    act: () => unknown,
  ): Promise<unknown> =>
    new Promise((resolve) => {
      const take = async (fate: Fate): Promise<void> => {
        const answer = fate === "refused" || fate === "dies before" ? undefined : await act();
        if (fate === "done") resolve(answer);
        else resolve(fate.startsWith("dies") ? never : err({ kind: "unavailable", detail: "the schedule" }));
      };
      waiting.push({ actor, name, fates, isOwn, take });
    });
  const deaths: readonly Fate[] = ["dies before", "dies after"];
  return {
    step: async (actor, name, act) => void (await ask({ actor, name, fates: deaths }, act)),
    ownStep: async (actor, name, act) => void (await ask({ actor, name, fates: deaths, isOwn: true }, act)),
    storeOf: (actor, store) =>
      Object.fromEntries(
        Object.entries(store).map(([name, method]) => [
          name,
          (...args: never[]) =>
            ask({ actor, name, fates: faults }, () => (method as (...all: never[]) => unknown).apply(store, args)),
        ]),
      ) as unknown as Store,
  };
}
