/**
 * The folded states that one process keeps, so that a check does not replay a session: derived from the store, never a fact of their own.
 * Never holds an event that the store has not committed.
 */
import { continueUnder } from "../../../decide/continue.ts";
import { apply } from "../../../decide/fold.ts";
import type { Made } from "../../../decide/made.ts";
import type { SessionEvent, SessionState } from "../../../decide/state.ts";
import { type Guard, resumeUnder } from "../../../engine.ts";
import { type Json, jsonEqual } from "../../../json/value.ts";
import { liveSessionsMax } from "../../../limits.ts";
import { assert, ok, type Result } from "../../../result.ts";
import type { ContextLabel, RevokedPart, SessionHeader, Store, StoreFailure } from "../../../stores/store.ts";
import { type ChildGuards, type Children, createChildGuards } from "./children.ts";
import type { PlansInForce } from "./plans.ts";

export type { Guards } from "./plans.ts";

/** A session as it stands. */
export interface Live {
  /** The guard of the plan that the session runs under now. */
  readonly guard: Guard;
  /** The guard of the plan that it was opened with: whether that one still stands, the session's standing rests on. */
  readonly root: Guard;
  readonly header: SessionHeader;
  readonly state: SessionState;
  /** The greatest time of its events, in milliseconds since the epoch. */
  readonly latest: number;
  /** The last of its events. */
  readonly last: SessionEvent;
}

/** Why there is no state. */
export type LiveFailure = StoreFailure | { readonly kind: "plan" };

/** A session as the store has it now. */
export interface Refreshed {
  readonly live: Live;
  readonly context: ContextLabel | undefined;
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

/** Makes the states of a store's sessions. The store answers within its time and does not reject: see `boundStore`. */
export function createLiveSessions(store: Store, plans: PlansInForce): LiveSessions {
  const states = new Map<string, Live>();
  const children = createChildGuards(store);
  const keep = (session: string, live: Live): void => {
    states.delete(session);
    states.set(session, live);
    if (states.size > liveSessionsMax) for (const [oldest] of states) return void states.delete(oldest);
  };
  /** A state under a guard that is not in force any more is none: its plan was loaded anew, perhaps under other rules. */
  const peek = (session: string): Live | undefined => {
    const live = states.get(session);
    return live !== undefined && plans.known(live.header.plan) === live.root ? live : undefined;
  };
  const refresh: LiveSessions["refresh"] = async (session) => {
    let known = peek(session);
    // From the last event that is known: by it one sees that what is known is what the store has.
    let loaded = await store.load(session, known === undefined ? 0 : known.state.version - 1);
    if (known !== undefined && loaded.ok && !isSame(known.last, loaded.value.entries[0]?.event)) {
      // The store has lost events that it had, and may have others in their place: what it says now is what counts.
      states.delete(session);
      known = undefined;
      loaded = await store.load(session, 0);
    }
    if (!loaded.ok) return loaded;
    const { header, context, entries, revoked } = loaded.value;
    let guard = plans.known(header.plan);
    if (guard === undefined) {
      const found = await plans.find(header.plan);
      if (!found.ok) return found;
      guard = found.value;
    }
    if (known !== undefined && known.root !== guard) {
      // Loaded anew while this was read: folded again, from the beginning.
      states.delete(session);
      return refresh(session);
    }
    // Nobody else has changed it: the ordinary case.
    if (known !== undefined && entries.length === 1) {
      assert(known.state.version === loaded.value.version, "a state has folded every event");
      keep(session, known);
      return ok({ live: known, context, revoked });
    }
    const events = entries.slice(known === undefined ? 0 : 1).map((entry) => entry.event);
    const amended = await children.of(guard, events);
    if (!amended.ok) return amended;
    const current = known ?? openLive(guard, header, { events, children: amended.value });
    if (known !== undefined) fold(known, { events, children: amended.value }, () => states.delete(session));
    assert(current.state.version === loaded.value.version, "a state has folded every event");
    keep(session, current);
    return ok({ live: current, context, revoked });
  };
  return {
    exclusively: createQueues(),
    peek,
    refresh,
    forget: (session) => void states.delete(session),
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
  const latest = events.reduce((time, { at }) => Math.max(time, at), header.openedAt);
  return { guard: children.get(state.plan) ?? root, root, header, state, latest, last: events.at(-1) as SessionEvent };
}

/** Whether an event of a store is the one that is known. A store in memory gives back the very object. */
function isSame(known: SessionEvent, stored: SessionEvent | undefined): boolean {
  return known === stored || jsonEqual(known as unknown as Json, stored as unknown as Json | undefined);
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
      // INVARIANT: the time changes with the state, as the guard does.
      Object.assign(live, { latest: Math.max(live.latest, event.at), last: event });
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

/** Runs the jobs of one key in the order of their coming; jobs of different keys do not wait for each other. */
function createQueues(): LiveSessions["exclusively"] {
  /** Keys at which a job runs, with those who wait for it to end; `null`: nobody does. */
  const lines = new Map<string, (() => void)[] | null>();
  const turn = (key: string): Promise<void> =>
    new Promise((resolve) => {
      const line = lines.get(key);
      if (line) line.push(resolve);
      else lines.set(key, [resolve]);
    });
  return async (key, job) => {
    if (lines.has(key)) await turn(key);
    else lines.set(key, null);
    try {
      return await job();
    } finally {
      // INVARIANT: the key stays taken while it is handed on.
      const next = lines.get(key)?.shift();
      if (next === undefined) lines.delete(key);
      else next();
    }
  };
}
