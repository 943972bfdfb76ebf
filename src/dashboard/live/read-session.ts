/**
 * A session as the store has it, folded to any of its events: what the pages of a session are made of.
 * Never trusts a plan whose digest it has not, and never changes anything.
 */
import type { Code } from "../../codes.ts";
import type { Program } from "../../decide/program.ts";
import type { SessionEvent, SessionState } from "../../decide/state.ts";
import { createGuard, type Guard, resumeUnder } from "../../engine.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Entry, RevokedPart, SessionHeader, Store } from "../../stores/store.ts";
import type { Enforcer } from "../../surfaces/enforce.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import { createChildGuards, thawText } from "../../surfaces/enforce/session/children.ts";

/** What a session is read with. */
export interface SessionWorld {
  readonly store: Store;
  readonly enforcer: Pick<Enforcer, "guardOf">;
}

/** A session folded so far. */
export interface Folded {
  readonly program: Program;
  readonly state: SessionState;
  /** The plan that it ran under then. */
  readonly frozen: FrozenPlan;
}

/** A session with all its events. */
export interface ReadSession {
  readonly header: SessionHeader;
  readonly entries: readonly Entry[];
  readonly events: readonly SessionEvent[];
  readonly revoked?: RevokedPart;
  /** Names of the nodes of runs, by the numbers of the runs. */
  readonly nodeOfRun: ReadonlyMap<number, string>;
  /** Folds the first so many events; `undefined`: the plan cannot be enforced here (any more). */
  foldTo(version: number): Folded | undefined;
}

/** Reads a session. Errors: `SESSION_UNKNOWN`, `STORE_UNAVAILABLE`. */
export async function readSession({ store, enforcer }: SessionWorld, session: string): Promise<Result<ReadSession, Code>> {
  const loaded = await answered(() => store.load(session, 0));
  if (!loaded.ok) return err(loaded.error.kind === "unknown" ? "SESSION_UNKNOWN" : "STORE_UNAVAILABLE");
  const { header, entries, revoked } = loaded.value;
  const events = entries.map(({ event }) => event);
  const root = await rootOf({ store, enforcer }, header.plan);
  const guards = root === undefined ? new Map<string, Guard>() : await guardsOf(store, root, events);
  const foldTo = (version: number): Folded | undefined => {
    const guard = guards.get(header.plan);
    if (guard === undefined || version < 1) return undefined;
    try {
      const { program, state } = resumeUnder(guard.program, events.slice(0, version), (digest) => guards.get(digest)?.program);
      return { program, state, frozen: program.plan.frozen };
    } catch {
      // An amendment whose plan is not here, or an event that no state takes.
      return undefined;
    }
  };
  const nodeOfRun = new Map(
    events.flatMap((event): [number, string][] => (event.type === "allow" ? [[event.run, event.node]] : [])),
  );
  return ok({ header, entries, events, nodeOfRun, foldTo, ...(revoked === undefined ? {} : { revoked }) });
}

/** The guard that is in force, or one of the plan alone: what was decided under an earlier policy is to be looked at all the same. */
async function rootOf({ store, enforcer }: SessionWorld, digest: string): Promise<Guard | undefined> {
  const inForce = await enforcer.guardOf(digest);
  if (inForce.ok) return inForce.value;
  const text = await answered(() => store.loadDocument("plan", digest));
  const frozen = text.ok && text.value !== undefined ? thawText(text.value) : undefined;
  const guard = frozen?.digest === digest ? createGuard(frozen, { clock: () => 0 }) : undefined;
  return guard?.ok === true ? guard.value : undefined;
}

/** The guards of all plans that a session ran under, as far as they can be had. */
async function guardsOf(store: Store, root: Guard, events: readonly SessionEvent[]): Promise<ReadonlyMap<string, Guard>> {
  const children = createChildGuards(store);
  const guards = new Map([[root.digest, root]]);
  for (const event of events) {
    if (event.type !== "amend" || guards.has(event.plan)) continue;
    const found = await children.find(root, event.plan);
    if (found.ok) guards.set(event.plan, found.value);
  }
  return guards;
}
