/**
 * A session as its operator sees it: counts, labels, verdicts and the chains of denials.
 * Never for an agent, and never with a value of a result or a secret in it.
 */
import type { Code } from "../codes.ts";
import { type Guard, resumeUnder } from "../engine.ts";
import { type JsonObject, withoutMember } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import type { ContextLabel, Entry } from "../stores/store.ts";
import type { Enforcer } from "./enforce.ts";
import { createChildGuards } from "./enforce/session/children.ts";
import { answered } from "./enforce/store/answered.ts";

/** One event, in short. */
export interface SeenEvent {
  readonly type: Entry["event"]["type"];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly node?: string;
  readonly run?: number;
  /** Of a denial. */
  readonly code?: Code;
  readonly tool?: string;
  /** Of a denial: node, argument, rule, labels, and the taint chain. */
  readonly facts?: JsonObject;
  /** Of a result. */
  readonly isOk?: boolean;
}

/** A session, in short. */
export interface SeenSession {
  readonly session: string;
  readonly plan: string;
  readonly principal: string;
  readonly conversation: string;
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly isClosed: boolean;
  readonly counts: { readonly allowed: number; readonly denied: number; readonly inFlight: number };
  /** What the agent has seen, as far as this session knows. */
  readonly context: ContextLabel;
  readonly events: readonly SeenEvent[];
}

/** Reads a session from the store, as of now. */
export async function inspectSession(enforcer: Enforcer, session: string): Promise<Result<SeenSession, Code>> {
  const loaded = await answered(() => enforcer.store.load(session, 0));
  if (!loaded.ok) return err(loaded.error.kind === "unknown" ? "SESSION_UNKNOWN" : "STORE_UNAVAILABLE");
  const { header, entries } = loaded.value;
  const found = await enforcer.guardOf(header.plan);
  if (!found.ok) return found;
  const guard = found.value;
  const recorded = entries.map(({ event }) => event);
  const children = await createChildGuards(enforcer.store).of(guard, recorded);
  if (!children.ok) return err(children.error.kind === "plan" ? "PLAN_UNKNOWN" : "STORE_UNAVAILABLE");
  const programOf = (digest: string): Guard["program"] | undefined =>
    (digest === guard.digest ? guard : children.value.get(digest))?.program;
  const { program, state } = resumeUnder(guard.program, recorded, programOf);
  const { plan, principal, conversation, openedAt, expiresAt } = header;
  const now = enforcer.clock();
  return ok({
    session,
    plan,
    principal,
    conversation,
    openedAt,
    expiresAt,
    isClosed: state.isClosed,
    counts: {
      allowed: state.allowed,
      denied: state.denied,
      inFlight: [...state.inFlight.values()].filter((run) => run.lease > now).length,
    },
    context: program.labels.toValue(state.context),
    events: entries.map(seen),
  });
}

function seen({ event, facts }: Entry): SeenEvent {
  const { type, at } = event;
  switch (event.type) {
    case "allow":
      return { type, at, run: event.run, node: event.node };
    case "deny":
      return {
        type,
        at,
        code: event.code,
        tool: event.tool,
        ...(event.node === undefined ? {} : { node: event.node }),
        ...(facts === undefined ? {} : { facts: withoutMember(facts, "call") }),
      };
    case "settle":
      return { type, at, run: event.run, isOk: event.ok };
    default:
      return { type, at };
  }
}
