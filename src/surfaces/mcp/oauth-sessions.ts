/**
 * The sessions that a host opens for principals who come with access tokens: each has the plan that the host's configuration names.
 * Never opens a second session for one principal: a new connection is no new budget, and nor is another process.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { hmacSha256 } from "../../plan/digest.ts";
import type { Random } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { mintSession } from "../credential.ts";
import type { Enforcer } from "../enforce.ts";
import type { TokenPrincipal } from "./oauth.ts";

/** What one principal may do. */
export interface PrincipalPlan {
  /** The issuer of its tokens. */
  readonly issuer: string;
  /** `sub` of its tokens. */
  readonly subject: string;
  /** Digest of the plan. */
  readonly plan: string;
  readonly params?: JsonObject;
  /** Whom the session acts for, as budgets, grants and readers call them. Default: the subject, a blank, and the issuer. */
  readonly principal?: string;
  /** With a key: which of its sessions this is. Another name is another session. */
  readonly session?: string;
}

/** What sessions of principals are opened with. */
export interface PrincipalSessions {
  readonly enforcer: Pick<Enforcer, "open" | "admit" | "logger">;
  readonly principals: readonly PrincipalPlan[];
  /**
   * A secret that all processes of this host have, of 32 characters or more: then a principal's session follows from it, and is the same in
   * every process over one store, and after a restart. Default: each process opens its own.
   */
  readonly key?: string;
}

/**
 * Opens each principal's session when it comes for the first time, and keeps its token in memory. A session that is over stays over: the
 * host decides about another (it restarts, or with a key gives the principal another `session`, or gives its own `sessionOf`). Throws `ConfigError` for a short key.
 */
export function sessionsOf(options: PrincipalSessions): (principal: TokenPrincipal) => Promise<string | undefined> {
  const { principals, key } = options;
  if (key !== undefined && key.length < 32) throw new ConfigError("`key` must be a secret of 32 characters or more");
  const opened = new Map<PrincipalPlan, Promise<string | undefined>>();
  return async ({ issuer, subject }) => {
    const named = principals.find((one) => one.issuer === issuer && one.subject === subject);
    if (named === undefined) return undefined;
    const opening = opened.get(named) ?? (key === undefined ? openOwn(options, named) : openShared(options, named, key));
    opened.set(named, opening);
    const token = await opening;
    // What failed (a store that did not answer) may be tried again.
    if (token === undefined) opened.delete(named);
    return token;
  };
}

async function openOwn({ enforcer }: PrincipalSessions, named: PrincipalPlan): Promise<string | undefined> {
  const session = await enforcer.open(openingOf(named));
  if (session.ok) return session.value.token;
  enforcer.logger?.error("session-not-opened", { code: session.error.code });
  return undefined;
}

/** The session that follows from the key: opened by whichever process is first. */
async function openShared({ enforcer }: PrincipalSessions, named: PrincipalPlan, key: string): Promise<string | undefined> {
  const { issuer, subject, plan, params = {}, principal = "", session = "" } = named;
  // Whatever the host changes of a principal makes another session, so that none goes on under what is no longer said.
  const name = canonicalJson(["oauth-session", issuer, subject, plan, params, principal, session]);
  const { token } = mintSession(derivedFrom(key, name));
  const unknown = await enforcer.admit(token);
  if (unknown?.code === "STORE_UNAVAILABLE") return undefined;
  if (unknown?.code !== "SESSION_UNKNOWN") return token;
  const opening = await enforcer.open(openingOf(named), { random: derivedFrom(key, name) });
  if (opening.ok || opening.error.code === "SESSION_CONFLICT") return token;
  enforcer.logger?.error("session-not-opened", { code: opening.error.code });
  return undefined;
}

function openingOf({ issuer, subject, plan, params = {}, principal }: PrincipalPlan): Parameters<Enforcer["open"]>[0] {
  return { plan, principal: principal ?? `${subject} ${issuer}`, params };
}

/** Bytes that follow from a key and a name, 32 from each block (RFC 5869 §2.3 without its chaining): nobody without the key tells them from random ones. */
function derivedFrom(key: string, name: string): Random {
  let block = 0;
  return (bytes) => {
    const all = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 32) all.set(hmacSha256(key, `${block++}\0${name}`).subarray(0, bytes - at), at);
    return all;
  };
}
