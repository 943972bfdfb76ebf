/**
 * The folded states that one process keeps, so that a check does not replay a session: derived from the store, never a fact of their own.
 * Never holds an event that the store has not committed.
 */
import { continueUnder } from "../../decide/continue.ts";
import { apply } from "../../decide/fold.ts";
import type { Made } from "../../decide/made.ts";
import type { SessionEvent, SessionState } from "../../decide/state.ts";
import { type Guard, resumeUnder } from "../../engine.ts";
import { liveSessionsMax } from "../../limits.ts";
import { assert, err, ok, type Result } from "../../result.ts";
import type { ContextLabel, RevokedPart, SessionHeader, Store, StoreFailure } from "../../stores/store.ts";
import { type ChildGuards, type Children, createChildGuards } from "./children.ts";

/** The guards of all plans that are enforced now, by digest. May change while it is used: a plan that is gone denies. */
export type Guards = Pick<ReadonlyMap<string, Guard>, "get" | "values">;

/** A session as it stands. */
export interface Live {
  /** The guard of the plan that the session runs under now. */
  readonly guard: Guard;
  /** The guard of the plan that it was opened with: whether that one still stands, the session's standing rests on. */
  readonly root: Guard;
  readonly header: SessionHeader;
  readonly state: SessionState;
}

/** Why there is no state. */
export type LiveFailure = StoreFailure | { readonly kind: "plan" };

/** A session as the store has it now. */
export interface Refreshed {
  readonly live: Live;
  readonly context?: ContextLabel;
  readonly revoked: RevokedPart | undefined;
}

/** Folded states of the sessions that were used last. */
export interface LiveSessions {
  /** Runs jobs of one session one after another. INVARIANT: only such a job touches the session's state. */
  exclusively<T>(session: string, job: () => Promise<T>): Promise<T>;
  /** The session with all events that the store has now, the label of its conversation, and what of it is revoked. */
  refresh(session: string): Promise<Result<Refreshed, LiveFailure>>;
  /** What is there already, which may be behind the store. */
  peek(session: string): Live | undefined;
  /** Folds events that the store has just committed after the state's version. */
  advance(live: Live, events: readonly SessionEvent[], made?: Made): void;
  /** Folds an amendment that the store has just committed: the session goes on under `child`. */
  amend(live: Live, event: SessionEvent & { readonly type: "amend" }, child: Guard): void;
  /** Guards of plans that sessions are amended to. */
  readonly children: ChildGuards;
  /** Drops a state that can no longer be trusted; it is folded again when needed. */
  forget(session: string): void;
}

/** Makes the states of a store's sessions. */
export function createLiveSessions(store: Store, guards: Guards): LiveSessions {
  const states = new Map<string, Live>();
  const children = createChildGuards(store);
  const keep = (session: string, live: Live): void => {
    states.delete(session);
    states.set(session, live);
    if (states.size > liveSessionsMax) for (const [oldest] of states) return void states.delete(oldest);
  };
  return {
    exclusively: createQueues(),
    peek: (session) => states.get(session),
    forget: (session) => void states.delete(session),
    refresh: async (session) => {
      let known = states.get(session);
      let loaded = await load(store, session, known?.state.version ?? 0);
      if (known !== undefined && loaded.ok && loaded.value.version < known.state.version) {
        // The store has lost events that it had: what it says now is what counts.
        states.delete(session);
        known = undefined;
        loaded = await load(store, session, 0);
      }
      if (!loaded.ok) return loaded;
      const { header, context, entries, revoked } = loaded.value;
      const guard = guards.get(header.plan);
      if (guard === undefined) return err({ kind: "plan" });
      const events = entries.map((entry) => entry.event);
      const amended = await children.of(guard, events);
      if (!amended.ok) return amended;
      const live = known?.root === guard ? known : undefined;
      if (known !== undefined && live === undefined) {
        states.delete(session);
        return err({ kind: "conflict" });
      }
      const current = live ?? openLive(guard, header, { events, children: amended.value });
      if (live !== undefined) fold(live, { events, children: amended.value }, () => states.delete(session));
      assert(current.state.version === loaded.value.version, "a state has folded every event");
      keep(session, current);
      return ok({ live: current, revoked, ...(context === undefined ? {} : { context }) });
    },
    advance: (live, events, made) => fold(live, { events, made, children: noChildren }, () => states.delete(live.header.id)),
    amend: (live, event, child) =>
      fold(live, { events: [event], children: new Map([[child.digest, child]]) }, () => states.delete(live.header.id)),
    children,
  };
}

const noChildren: Children = new Map();

/** Folds a session from its beginning. */
function openLive(
  root: Guard,
  header: SessionHeader,
  { events, children }: { readonly events: readonly SessionEvent[]; readonly children: Children },
): Live {
  const { state } = resumeUnder(root.program, events, (digest) => (children.get(digest) ?? rootAs(root, digest))?.program);
  return { guard: children.get(state.plan) ?? root, root, header, state };
}

function rootAs(root: Guard, digest: string): Guard | undefined {
  return root.digest === digest ? root : undefined;
}

/** Folds events; a state that could not take one is half-folded, and dropped. */
function fold(
  live: Live,
  {
    events,
    made,
    children,
  }: { readonly events: readonly SessionEvent[]; readonly made?: Made | undefined; readonly children: Children },
  drop: () => void,
): void {
  try {
    for (const event of events) {
      if (event.type === "amend") goOn(live, event, children.get(event.plan) ?? rootAs(live.root, event.plan));
      else apply(live.guard.program, live.state, event, made);
    }
  } catch (error) {
    drop();
    throw error;
  }
}

function goOn(live: Live, event: SessionEvent & { readonly type: "amend" }, next: Guard | undefined): void {
  assert(next !== undefined, "the plan of an amendment is there when it is folded");
  continueUnder(live.state, live.guard.program, next.program, event);
  // INVARIANT: the guard changes with the state, and in no other place.
  (live as { guard: Guard }).guard = next;
}

async function load(store: Store, session: string, since: number): ReturnType<Store["load"]> {
  return answered(() => store.load(session, since));
}

/** What a store answers; a rejection is `unavailable`. */
export async function answered<T>(ask: () => Promise<Result<T, StoreFailure>>): Promise<Result<T, StoreFailure>> {
  try {
    return await ask();
  } catch {
    return err({ kind: "unavailable", detail: "rejected" });
  }
}

/** Runs the jobs of one key in the order of their coming; jobs of different keys do not wait for each other. */
function createQueues(): LiveSessions["exclusively"] {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, job) => {
    const before = tails.get(key) ?? Promise.resolve();
    const run = before.then(job);
    const tail = run.then(
      () => undefined,
      () => undefined,
    );
    tails.set(key, tail);
    try {
      return await run;
    } finally {
      if (tails.get(key) === tail) tails.delete(key);
    }
  };
}
