/**
 * The object that holds one session. A change that concerns it alone it commits by itself; for any other it is the one that asks the shared
 * object, which decides: what was asked is written down first, and is asked again under the same number until there is an answer.
 * Never answers from a state of which it does not know whether it is the last.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { assert, err, ok, type Result } from "../../result.ts";
import type { SessionHeader, StoreFailure } from "../store.ts";
import type { CloudflareBindings, ObjectState } from "./bindings.ts";
import { addLines, hasLines } from "./journal.ts";
import { sharedObjectName } from "./names.ts";
import { dropStaged, eventTexts, insertEvents, insertSession, readSession, type SessionState } from "./session-rows.ts";
import { answering, ask, failed, type Message, readMessage, written } from "./wire.ts";

/** What answers for a session's object. */
export interface SessionHandler {
  fetch(request: Request): Promise<Response>;
  /** Finishes what a crash has left. */
  alarm(): Promise<void>;
}

/** What only tests say. */
export interface SessionObjectOptions {
  /** Told of each step of the protocol before it is taken. */
  readonly onStep?: (step: "stage" | "ask" | "finish" | "answer" | "list") => Promise<void> | undefined;
  /** Milliseconds after which the object looks itself for what a crash has left. Default 10,000. */
  readonly lookAgainMs?: number;
}

interface World {
  readonly state: ObjectState;
  readonly env: Pick<CloudflareBindings, "SLUICE_SHARED" | "SLUICE_DB">;
  readonly onStep: NonNullable<SessionObjectOptions["onStep"]>;
  readonly lookAgainMs: number;
}

/** What the shared object decides on, as the session has written it down. */
interface Pending {
  readonly attempt: number;
  readonly count: number;
  readonly closes: boolean;
  readonly journal: boolean;
}

const unavailable = (detail: string): Result<never, StoreFailure> => err({ kind: "unavailable", detail });

/** How often the shared object is asked before the caller is told that there is no answer. */
const askTimesMax = 3;

/** Makes the handler of the object over its state. */
export function sessionObject(
  state: ObjectState,
  env: World["env"],
  { onStep = () => undefined, lookAgainMs = 10_000 }: SessionObjectOptions = {},
): SessionHandler {
  const world: World = { state, env, onStep, lookAgainMs };
  let last: Promise<unknown> = Promise.resolve();
  // One after another: while the shared object is asked, the runtime would let other requests in.
  const exclusively = <T>(job: () => Promise<T>): Promise<T> => {
    const next = last.then(job);
    last = next.catch(() => undefined);
    return next;
  };
  const whole =
    (job: (row: SessionState, message: Message) => Promise<string> | string) =>
    (message: Message): Promise<string> =>
      exclusively(async () => {
        const row = await settled(world);
        return row.ok ? job(row.value, message) : written(failed(row.error));
      });
  const verbs = {
    create: (message: Message) => exclusively(() => create(world, message)),
    load: whole((row, message) => load(world, row, message)),
    commit: whole((row, message) => commit(world, row, message)),
    row: whole((row) => written({ header: headerOf(row) as unknown as JsonObject, version: row.version, closed: row.closed })),
    entries: whole((_, { head }) => {
      const texts = (head.numbers as number[]).map((number) => eventTexts(state, number, number + 1)[0] ?? null);
      return written({}, texts);
    }),
    forget: whole((row, message) => forget(world, row, message)),
  };
  return {
    fetch: (request) => answering(request, verbs),
    alarm: () =>
      exclusively(async () => {
        const row = await settled(world);
        if (!row.ok && row.error.kind === "unknown") return;
        if (!row.ok || !(await list(world))) await arm(world);
      }),
  };
}

async function create(world: World, { head, texts }: Message): Promise<string> {
  const { state } = world;
  if (readSession(state) !== undefined) return written(failed({ kind: "exists" }));
  const { header, tenant, journal } = head as { readonly header: Json; readonly tenant: string; readonly journal: boolean };
  state.storage.transactionSync(() => {
    insertSession(state, { header: canonicalJson(header), tenant, lines: journal ? "[0]" : "[]" });
    insertEvents(state, 0, [texts[0] ?? ""]);
  });
  if (journal) await listOrArm(world);
  return written({});
}

/** The session's row, with nothing left open; failures: `unknown`, and `unavailable` where the shared object does not answer. */
async function settled(world: World): Promise<Result<SessionState, StoreFailure>> {
  const row = readSession(world.state);
  if (row === undefined) return err({ kind: "unknown" });
  if (row.pending === null) return ok(row);
  await decide(world, row, row.pending);
  const after = readSession(world.state);
  return after === undefined || after.pending !== null ? unavailable("shared") : ok(after);
}

async function load({ state, env }: World, row: SessionState, { head }: Message): Promise<string> {
  const texts = eventTexts(state, head.since as number, row.version);
  assert(texts.length === Math.max(0, row.version - (head.since as number)), "every event of a session is kept");
  // Asked while nothing of the session can change, and last: what is revoked by then is revoked.
  const shared = { namespace: env.SLUICE_SHARED, name: sharedObjectName(row.tenant), verb: "standing" };
  const header = headerOf(row) as unknown as JsonObject;
  const standing = await ask(shared, { header });
  if (!standing.ok) return written(failed(standing.error));
  const { revoked = null } = standing.value.head;
  return written({ header, version: row.version, revoked }, [standing.value.texts[0] ?? null, ...texts]);
}

async function commit(world: World, row: SessionState, { head, texts }: Message): Promise<string> {
  const { state, onStep } = world;
  const { version, closes, journal } = head as {
    readonly version: number;
    readonly closes: boolean;
    readonly journal: boolean;
  };
  if (row.version !== version) return written(failed({ kind: "conflict" }));
  const [shared = null, ...rest] = texts;
  const events = rest.map((text) => text ?? "");
  const pending: Pending = { attempt: row.attempt + 1, count: events.length, closes, journal };
  await onStep("stage");
  if (shared === null) {
    state.storage.transactionSync(() => {
      insertEvents(state, version, events);
      finish(world, row, pending);
    });
  } else {
    const asked = written(pending as unknown as JsonObject, [shared]);
    state.storage.transactionSync(() => {
      insertEvents(state, version, events);
      state.storage.sql.exec("UPDATE session SET attempt = ?, pending = ?", pending.attempt, asked);
    });
    const waking = arm(world);
    const decided = await decide(world, row, asked);
    await waking;
    if (!decided.ok) return written(failed(decided.error));
  }
  if (journal) await listOrArm(world);
  await onStep("answer");
  return written({ value: version + events.length });
}

/** Asks the shared object for its decision on what is pending, and carries it out. `unavailable`: it stays pending. */
async function decide(world: World, row: SessionState, asked: string): Promise<Result<undefined, StoreFailure>> {
  const { state, env, onStep } = world;
  const message = readPending(asked);
  const { attempt } = message.pending;
  const { id: session, conversation } = headerOf(row);
  const question = { namespace: env.SLUICE_SHARED, name: sharedObjectName(row.tenant), verb: "apply" };
  let decision: Result<unknown, StoreFailure> = unavailable("shared");
  for (let i = 0; i < askTimesMax && !decision.ok && decision.error.kind === "unavailable"; i++) {
    await onStep("ask");
    decision = await ask(question, { session, conversation, attempt }, [message.shared]);
  }
  if (!decision.ok && decision.error.kind === "unavailable") return unavailable("shared");
  await onStep("finish");
  state.storage.transactionSync(() => {
    if (decision.ok) finish(world, row, message.pending);
    else {
      dropStaged(state, row.version);
      state.storage.sql.exec("UPDATE session SET pending = NULL");
    }
  });
  if (row.lines === "[]" && !(decision.ok && message.pending.journal)) await state.storage.deleteAlarm();
  return decision.ok ? ok(undefined) : decision;
}

/** Makes the staged events the session's. */
function finish({ state }: World, row: SessionState, { count, closes, journal }: Pending): void {
  const next = row.version + count;
  const lines = [...linesOf(row), ...(journal ? Array.from({ length: count }, (_, i) => row.version + i) : [])];
  state.storage.sql.exec(
    "UPDATE session SET version = ?, closed = max(closed, ?), pending = NULL, lines = ?",
    next,
    closes ? 1 : 0,
    canonicalJson(lines),
  );
}

/** Adds what the journal lacks to it. Whether it lacks nothing now. */
async function list({ state, env, onStep }: World): Promise<boolean> {
  const row = readSession(state);
  if (row === undefined || row.lines === "[]") return true;
  await onStep("list");
  const { id: session } = headerOf(row);
  if (!(await addLines(env.SLUICE_DB, { tenant: row.tenant, session, numbers: linesOf(row) }))) return false;
  state.storage.sql.exec("UPDATE session SET lines = '[]'");
  await state.storage.deleteAlarm();
  return true;
}

/** As {@link list}; what fails is tried again by the alarm, which stands from before. */
async function listOrArm(world: World): Promise<void> {
  await arm(world);
  await list(world);
}

async function forget(world: World, row: SessionState, { head }: Message): Promise<string> {
  const { state, env } = world;
  const { id: session, expiresAt } = headerOf(row);
  const kept = written({ isForgotten: false });
  if (expiresAt > (head.before as number) || !(await list(world))) return kept;
  if (await hasLines(env.SLUICE_DB, { tenant: row.tenant, session })) return kept;
  const shared = { namespace: env.SLUICE_SHARED, name: sharedObjectName(row.tenant), verb: "forgetAttempts" };
  const forgotten = row.attempt === 0 ? ok(undefined) : await ask(shared, { session });
  if (!forgotten.ok) return written(failed(forgotten.error));
  await state.storage.deleteAlarm();
  await state.storage.deleteAll();
  return written({ isForgotten: true });
}

function arm({ state, lookAgainMs }: World): Promise<void> {
  return state.storage.setAlarm(Date.now() + lookAgainMs);
}

function headerOf({ header }: SessionState): SessionHeader {
  const read = readJson(header);
  assert(read.ok, "the store's own text reads as it was written");
  return read.value as unknown as SessionHeader;
}

function linesOf({ lines }: SessionState): readonly number[] {
  const read = readJson(lines);
  assert(read.ok, "the store's own text reads as it was written");
  return read.value as readonly number[];
}

function readPending(text: string): { readonly pending: Pending; readonly shared: string } {
  const message = readMessage(text);
  assert(message !== undefined, "the store's own text reads as it was written");
  return { pending: message.head as unknown as Pending, shared: message.texts[0] ?? "" };
}
