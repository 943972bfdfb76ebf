/**
 * Histories of a store: what clients asked and were answered, and when. Also the clients: they ask at random, but all for the same few things.
 * No test framework here: child processes load it too.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { Result } from "../../src/result.ts";
import type { Change, Store, StoreFailure, Take } from "../../src/stores/store.ts";
import { allowed, headerOf, opening } from "../stores/session-fixture.ts";

/** One question to a store. `args` are those of the method. */
export interface Question {
  readonly method: "create" | "load" | "commit" | "contextOf" | "record" | "writeRecord" | "labelsOf";
  readonly args: readonly unknown[];
}

/** A question with its answer. */
export interface RecordedOp extends Question {
  readonly client: number;
  /** Nanoseconds of a clock that all processes of the machine share: asked before `call`, never answered before `ret`. */
  readonly call: string;
  readonly ret: string;
  /** The answer as text; absent: it is not known whether it happened. */
  readonly answer?: string;
}

/** An answer as a text that is the same for the same answer of any store. */
export function answerText(result: Result<unknown, StoreFailure>): string {
  if (!result.ok) return result.error.kind === "budget" ? `budget ${result.error.counter}` : result.error.kind;
  return `ok ${sortedText((result.value ?? null) as Json)}`;
}

function sortedText(value: Json): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Asks a question. */
export async function ask(store: Store, { method, args }: Question): Promise<Result<unknown, StoreFailure>> {
  const asked = store[method] as (...values: readonly unknown[]) => Promise<Result<unknown, StoreFailure>>;
  return asked.apply(store, [...args]);
}

/** Asks and writes down. What fails by `unavailable`, or throws, may have happened. */
export async function record(
  store: Store,
  client: number,
  question: Question,
): Promise<RecordedOp & { readonly result?: unknown }> {
  const call = String(process.hrtime.bigint());
  let answer: string | undefined;
  let result: unknown;
  try {
    const answered = await ask(store, question);
    result = answered;
    answer = answerText(answered);
    if (!answered.ok && answered.error.kind === "unavailable") answer = undefined;
  } catch {
    answer = undefined;
  }
  const ret = String(process.hrtime.bigint());
  return { ...question, client, call, ret, ...(answer === undefined ? {} : { answer }), result };
}

/** Numbers at random from a seed. */
function createDice(seed: number): (sides: number) => number {
  let state = seed | 1;
  return (sides) => {
    // xorshift32 (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

/** What a client knows: the versions that it was told last. */
interface Known {
  readonly sessions: Map<string, number>;
  readonly records: Map<string, number>;
}

/** One of two counters: one for ever, one with a window in which everything is. Each holds one. */
function take(dice: (sides: number) => number, seed: number, run: number): Take {
  const windowed = dice(2);
  const one = { counter: `t${seed}-${windowed}`, run, amount: 1, max: 1, at: 1 };
  return windowed === 0 ? one : { ...one, windowMs: 1_000 };
}

/** Names are shared by all clients of a history, and by no two histories: `seed` names them. */
function question(
  dice: (sides: number) => number,
  seed: number,
  { known, client }: { readonly known: Known; readonly client: number },
): Question {
  const session = `h${seed}-${dice(2)}`;
  const name = `r${dice(2)}`;
  const label = { sources: [`l${client}${dice(2)}`], readers: null };
  const at = known.records.get(name) ?? 0;
  const write = { kind: `k${seed}`, id: name, version: at, value: { by: client, n: dice(1_000) } as JsonObject };
  const header = headerOf(session, { conversation: `c${seed}`, openedAt: 1, expiresAt: 2 });
  switch (dice(11)) {
    case 0:
      return { method: "create", args: [header, opening(header)] };
    case 1:
      return { method: "load", args: [session, 0] };
    case 2:
      return { method: "contextOf", args: [`c${seed}`] };
    case 3:
      return { method: "record", args: [`k${seed}`, name] };
    case 4:
      return { method: "writeRecord", args: [write] };
    case 5:
      return { method: "labelsOf", args: [{ keys: [`q${seed}|a`], prefixes: [`q${seed}|b`] }] };
    default: {
      const version = known.sessions.get(session) ?? 1;
      const run = version * 100 + client;
      const change: Change = {
        entries: [allowed(run)],
        ...(dice(3) === 0 ? { context: label } : {}),
        ...(dice(2) === 0 ? { takes: [take(dice, seed, run)] } : {}),
        ...(dice(3) === 0 ? { records: [write] } : {}),
        ...(dice(3) === 0 ? { resources: [{ key: `q${seed}|${dice(2) === 0 ? "a" : "bc"}`, label }] } : {}),
      };
      return { method: "commit", args: [session, version, change] };
    }
  }
}

/** Learns versions from an answer, as whoever asked would. */
function learn(known: Known, { method, args }: Question, result: unknown): void {
  const answer = result as Result<{ readonly version: number } | number | undefined, StoreFailure> | undefined;
  if (answer === undefined || !answer.ok) return;
  const version = typeof answer.value === "number" ? answer.value : answer.value?.version;
  if (method === "load" || method === "commit") known.sessions.set(String(args[0]), version ?? 1);
  if (method === "record") known.records.set(String(args[1]), version ?? 0);
  if (method === "writeRecord") known.records.set((args[0] as { readonly id: string }).id, version ?? 0);
}

/** A client: asks so many things, one after another. */
export async function randomOps(
  store: Store,
  { seed, count, client }: { readonly seed: number; readonly count: number; readonly client: number },
): Promise<readonly RecordedOp[]> {
  const dice = createDice(seed * 31 + client * 7_919 + 1);
  for (let i = 0; i < 8; i++) dice(2);
  const known: Known = { sessions: new Map(), records: new Map() };
  const ops: RecordedOp[] = [];
  for (let i = 0; i < count; i++) {
    const { result, ...op } = await record(store, client, question(dice, seed, { known, client }));
    learn(known, op, result);
    ops.push(op);
  }
  return ops;
}
