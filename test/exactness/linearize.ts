/**
 * Whether a history of a store is linearizable: whether every question can have happened at one moment between its asking and its answer,
 * such that the store in memory, asked one after another, gives the same answers.
 *
 * Wing & Gong, "Testing and verifying concurrent objects" (1993), with the memory of Lowe, "Testing for linearizability" (2017): a set of
 * questions and the state that they lead to are tried once. A question that was not answered may have happened at any later moment, or never.
 */
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { answerText, ask, type RecordedOp } from "./history.ts";

/** What a check came to. */
export interface Linearization {
  readonly isLinearizable: boolean;
  /** Where it is not: the questions that could not follow the longest order that was found, in short. */
  readonly stuck: readonly string[];
  /** How many steps it took. */
  readonly steps: number;
}

/** How many steps a check may take; a history that needs more is too long, or too wide. */
const stepsMax = 200_000;

interface Op extends RecordedOp {
  readonly index: number;
  readonly from: bigint;
  readonly to: bigint | undefined;
}

/** The model: a store in memory, and what was asked of it so far. */
interface Model {
  store: Store;
  readonly order: Op[];
}

/** Checks a history. Throws if it takes too long to say. */
export async function linearize(history: readonly RecordedOp[]): Promise<Linearization> {
  const ops: readonly Op[] = history
    .map((op, index) => ({ ...op, index, from: BigInt(op.call), to: op.answer === undefined ? undefined : BigInt(op.ret) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const model: Model = { store: createMemoryStore(), order: [] };
  const seen = new Set<string>();
  let steps = 0;
  let longest: readonly Op[] = [];

  /** Asks the model; the answer, and whether it fits. The model has changed if it is a write that went through. */
  const tryNext = async (op: Op): Promise<{ readonly fits: boolean; readonly hasChanged: boolean }> => {
    steps += 1;
    if (steps > stepsMax) throw new Error(`a history of ${ops.length} questions takes more than ${stepsMax} steps`);
    const answer = answerText(await ask(model.store, op));
    const hasChanged = isWriting(op) && answer.startsWith("ok");
    // What was not answered need not have happened: it is of use only where it changes something.
    return { fits: op.answer === undefined ? hasChanged : op.answer === answer, hasChanged };
  };

  const push = (op: Op): void => {
    model.order.push(op);
    if (model.order.length > longest.length) longest = [...model.order];
  };

  /** Whether the rest can follow what `model.order` has. A model that has gone too far is brought back. */
  const search = async (all: readonly Op[]): Promise<boolean> => {
    const before = model.order.length;
    const rest = await takeIdle(all, { push, tryNext });
    if (rest.every(({ to }) => to === undefined)) return true;
    const key = await fingerprint(model, rest);
    const isNew = !seen.has(key);
    seen.add(key);
    for (const op of isNew ? minimal(rest).filter(isWriting) : []) {
      const { fits, hasChanged } = await tryNext(op);
      if (fits) {
        push(op);
        if (await search(rest.filter((each) => each !== op))) return true;
        model.order.pop();
      }
      if (hasChanged) await rebuild(model);
    }
    model.order.length = before;
    return false;
  };
  const isLinearizable = await search(ops.filter((op) => op.answer !== undefined || isWriting(op)));
  const left = ops.filter((op) => !longest.includes(op));
  const stuck = isLinearizable
    ? []
    : left.map(
        ({ client, method, args, answer, call, ret }) => `${call}-${ret} ${client} ${method} ${JSON.stringify(args)}: ${answer}`,
      );
  return { isLinearizable, stuck, steps };
}

/**
 * Takes what may be next, fits, and changes nothing: an order that has it later could have it here as well. Returns what is left. A write
 * that should be refused and is not is not tried here, for it would change the model.
 */
async function takeIdle(
  all: readonly Op[],
  {
    push,
    tryNext,
  }: {
    readonly push: (op: Op) => void;
    readonly tryNext: (op: Op) => Promise<{ readonly fits: boolean; readonly hasChanged: boolean }>;
  },
): Promise<readonly Op[]> {
  let rest = all;
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const op of minimal(rest)) {
      if (isWriting(op) || !(await tryNext(op)).fits) continue;
      push(op);
      rest = rest.filter((each) => each !== op);
      isMoving = true;
    }
  }
  return rest;
}

/** What may be next: asked before everything that is left was answered. Answered ones first, since the others need not have happened. */
function minimal(rest: readonly Op[]): readonly Op[] {
  if (rest.every(({ to }) => to === undefined)) return rest;
  const ends = rest.flatMap(({ to }) => (to === undefined ? [] : [to]));
  const first = ends.reduce((least, to) => (to < least ? to : least));
  const next = rest.filter(({ from }) => from <= first);
  return [...next.filter(({ to }) => to !== undefined), ...next.filter(({ to }) => to === undefined)];
}

function isWriting({ method }: RecordedOp): boolean {
  return method === "create" || method === "commit" || method === "writeRecord";
}

/** Goes back: the store in memory forgets nothing, so it is made again. */
async function rebuild(model: Model): Promise<void> {
  model.store = createMemoryStore();
  for (const op of model.order) if (isWriting(op)) await ask(model.store, op);
}

/**
 * What is left, and all that the model shows. Counters do not show, but follow from it: which takes happened, the events of the sessions
 * say, and amounts may be added in any order.
 */
async function fingerprint(model: Model, rest: readonly Op[]): Promise<string> {
  const shown: string[] = [];
  const names = new Set(model.order.filter(isWriting).flatMap((op) => subjects(op)));
  for (const name of [...names].sort()) {
    const [method, ...args] = JSON.parse(name) as ["load" | "contextOf" | "record" | "labelsOf", ...unknown[]];
    shown.push(answerText(await ask(model.store, { method, args })));
  }
  return `${rest.map(({ index }) => index).join(" ")} ${shown.join(" ")}`;
}

/** The questions that show what a question has written. */
function subjects({ method, args }: RecordedOp): readonly string[] {
  const [first, , change] = args as readonly [unknown, unknown, Record<string, unknown>];
  if (method === "create") return [JSON.stringify(["load", (first as { readonly id: string }).id, 0])];
  if (method === "writeRecord") return [recordQuestion(first as Named)];
  const resources = (change.resources ?? []) as readonly { readonly key: string }[];
  return [
    JSON.stringify(["load", first, 0]),
    ...((change.records ?? []) as readonly Named[]).map(recordQuestion),
    ...resources.map(({ key }) => JSON.stringify(["labelsOf", { keys: [key], prefixes: [] }])),
  ];
}

interface Named {
  readonly kind: string;
  readonly id: string;
}

function recordQuestion({ kind, id }: Named): string {
  return JSON.stringify(["record", kind, id]);
}
