/**
 * Sessions for the tests of stores. No test framework here: child processes load it too.
 */
import type { SessionEvent } from "../../src/decide/state.ts";
import type { Entry, SessionHeader } from "../../src/stores/store.ts";

/** A session's header, with what the test says. */
export function headerOf(id: string, over: Partial<SessionHeader> = {}): SessionHeader {
  return {
    id,
    plan: "sha256:00",
    principal: "ada",
    conversation: id,
    tokenDigest: "t",
    openedAt: 1_000,
    expiresAt: 2_000,
    ...over,
  };
}

/** The `open` event of a session. */
export function opening(header: SessionHeader): Entry {
  const { id: session, plan, principal, conversation, openedAt: at } = header;
  const event: SessionEvent = {
    type: "open",
    at,
    session,
    plan,
    principal,
    conversation,
    params: {},
    agentParams: [],
    context: { sources: [], readers: null },
    key: "00",
  };
  return { event };
}

/** An `allow` event of run `run`. */
export function allowed(run: number, at = 1_000): Entry {
  return {
    event: { type: "allow", at, run, node: "n", lease: at + 1 },
  };
}
