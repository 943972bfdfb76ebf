/**
 * Decides the calls of recorded sessions again, event by event, and says where a verdict does not follow from what was recorded before it.
 * Never takes a recorded verdict for the right one, and never guesses: what cannot be decided again is said to be so.
 */
import { factsOfDecision } from "../decide/carried.ts";
import { continueUnder } from "../decide/continue.ts";
import { decide, type Decision, decideRelease } from "../decide/decide.ts";
import { apply, openState } from "../decide/fold.ts";
import { approveEvent } from "../decide/hold.ts";
import type { Program } from "../decide/program.ts";
import type { SessionEvent, SessionState } from "../decide/state.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard, type Guard } from "../engine.ts";
import { readJson } from "../json/read.ts";
import { isObject, type Json, jsonEqual, type JsonObject, member, withoutMember } from "../json/value.ts";
import { auditSessionsKeptMax } from "../limits.ts";
import { thawPlan } from "../plan/freeze.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "../policy/policy.ts";
import type { Entry } from "../stores/store.ts";

/**
 * What became of one event. `follows`: decided again, with the same outcome. `folded`: no verdict, or nothing to decide. `erased`: it rests
 * on what was erased. `unrecorded`: what was asked was not kept. `shared`: it rests on what other sessions spent. `surface`: refused before
 * there was a call. `unknown`: the session's beginning or plan is not in the log. `differs`: it does not follow.
 */
export type Redecided = "follows" | "folded" | "erased" | "unrecorded" | "shared" | "surface" | "unknown" | "differs";

/** What sessions are decided again with. */
export interface RedecideOptions {
  /** The text of a plan, whose digest is checked here. */
  readonly planOf: (digest: string) => Promise<string | undefined>;
  /** The policy that was in force besides those of the plans. */
  readonly policy?: Policy | undefined;
  /** Parsers of the dialects of SQL that a plan names. */
  readonly sqlOf?: ((plan: FrozenPlan) => Promise<readonly SqlParser[]>) | undefined;
}

/** Decides sessions again. */
export interface Redecider {
  /** Takes the next event of a session, in order; `undefined`: what it says was erased. */
  take(session: string, number: number, entry: Entry | undefined): Promise<Redecided>;
}

type Running = { readonly state: SessionState; guard: Guard } | "erased" | "unknown";

/** Makes one. */
export function createRedecider({ planOf, policy, sqlOf }: RedecideOptions): Redecider {
  const sessions = new Map<string, Running>();
  const guards = new Map<string, Guard | undefined>();
  const guardOf = async (digest: string): Promise<Guard | undefined> => {
    if (guards.has(digest)) return guards.get(digest);
    const text = await planOf(digest);
    const frozen = text === undefined ? undefined : thawText(text);
    const sql = frozen === undefined ? [] : await sqlOf?.(frozen);
    const options = { clock: () => 0, ...(policy === undefined ? {} : { policy }), ...(sql === undefined ? {} : { sql }) };
    const guard = frozen?.digest === digest ? createGuard(frozen, options) : undefined;
    guards.set(digest, guard?.ok === true ? guard.value : undefined);
    return guards.get(digest);
  };
  const begin = async (event: SessionEvent & { readonly type: "open" }): Promise<Running> => {
    const guard = await guardOf(event.plan);
    return guard === undefined ? "unknown" : { state: openState(guard.program, event), guard };
  };
  const keep = (session: string, running: Running): void => {
    sessions.set(session, running);
    const [oldest] = sessions.keys();
    if (sessions.size > auditSessionsKeptMax && oldest !== undefined) sessions.delete(oldest);
  };
  return {
    take: async (session, number, entry) => {
      const running = sessions.get(session);
      if (entry === undefined) {
        keep(session, "erased");
        return "erased";
      }
      const { event } = entry;
      try {
        if (running === undefined) {
          if (event.type !== "open" || number !== 0) return "unknown";
          keep(session, await begin(event));
          return sessions.get(session) === "unknown" ? "unknown" : "folded";
        }
        if (typeof running === "string") return running;
        const next = event.type === "amend" ? await guardOf(event.plan) : running.guard;
        if (next === undefined) {
          keep(session, "unknown");
          return "unknown";
        }
        const said = judge(running, entry);
        if (event.type === "amend") {
          continueUnder(running.state, running.guard.program, next.program, event);
          running.guard = next;
        } else apply(running.guard.program, running.state, event);
        if (event.type === "close") sessions.delete(session);
        return said;
      } catch {
        // An event that no state takes follows from nothing.
        keep(session, "unknown");
        return "differs";
      }
    },
  };
}

/** The frozen plan of a text, its digest checked. */
export function thawText(text: string): FrozenPlan | undefined {
  const read = readJson(text);
  const frozen = read.ok ? thawPlan(read.value) : undefined;
  return frozen?.ok === true ? frozen.value : undefined;
}

/** Decides an event again, the state still as it was before it. */
function judge(
  { state, guard }: { readonly state: SessionState; readonly guard: Guard },
  { event, facts = {} }: Entry,
): Redecided {
  const { program } = guard;
  if (event.type === "approve") {
    const { hold, by, decision, at } = event;
    return approveEvent(program, state, { hold, by, decision, at }).ok ? "follows" : "differs";
  }
  if (event.type === "open") return "differs";
  if (event.type !== "allow" && event.type !== "deny") return "folded";
  const call = member(facts, "call");
  if (call === undefined) return event.type === "deny" && Object.keys(facts).length === 0 ? "surface" : "unrecorded";
  const decision = decideAgain(program, state, { event, call });
  if (decision === undefined) return "unrecorded";
  if (typeof decision === "string") return "differs";
  if (isOutOfBudget(decision, event)) return "shared";
  const isSame =
    jsonEqual(decided(decision.event), decided(event)) &&
    jsonEqual(factsOfDecision(program, state, decision), withoutMember(isObject(facts) ? facts : {}, "call"));
  return isSame ? "follows" : "differs";
}

type Verdict = SessionEvent & { readonly type: "allow" | "deny" };

/** The decision of what was asked; `undefined`: what was asked is not there; a code: there was nothing to release. */
function decideAgain(
  program: Program,
  state: SessionState,
  { event, call }: { readonly event: Verdict; readonly call: Json },
): Decision | string | undefined {
  const { at } = event;
  const leaseMs = event.type === "allow" ? event.lease - at : 0;
  const holdMs = event.type === "deny" && event.hold !== undefined ? event.hold.expires - at : 0;
  const options = { leaseMs, holdMs };
  const release = member(call, "release");
  if (typeof release === "string") return decideRelease(program, state, { hold: release, at }, options);
  const [tool, text, node, labels] = ["tool", "args", "node", "labels"].map((name) => member(call, name));
  const args = typeof text === "string" ? readJson(text) : undefined;
  if (typeof tool !== "string" || args?.ok !== true) return undefined;
  const asked = {
    tool,
    args: args.value,
    at,
    ...(typeof node === "string" ? { node } : {}),
    ...(labels === undefined ? {} : { labels: labels as unknown as NonNullable<Parameters<typeof decide>[2]["labels"]> }),
  };
  return decide(program, state, asked, options);
}

/** Whether what this session alone would allow was denied for what sessions share: that only the store knew. */
function isOutOfBudget(decision: Decision, event: Verdict): boolean {
  if (!decision.allow || event.type !== "deny" || decision.fit.shared.length === 0) return false;
  return (event.code === "CALL_BUDGET" || event.code === "HIDDEN") && event.node === decision.fit.node.name;
}

/** The event without what is no part of the decision. */
function decided(event: SessionEvent): Json {
  const whole = event as unknown as JsonObject;
  return Object.hasOwn(whole, "receipt") ? withoutMember(whole, "receipt") : whole;
}
