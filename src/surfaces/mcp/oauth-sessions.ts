/**
 * The sessions that a host opens for principals who come with access tokens: each has the plan that the host's configuration names.
 * Never opens a second session for one principal: a new connection is no new budget.
 */
import type { JsonObject } from "../../json/value.ts";
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
}

/**
 * Opens each principal's session when it comes for the first time, and keeps its token in memory. A session that is over stays over: the
 * host decides about another (it restarts, or gives its own `sessionOf`).
 */
export function sessionsOf(options: {
  readonly enforcer: Pick<Enforcer, "open" | "logger">;
  readonly principals: readonly PrincipalPlan[];
}): (principal: TokenPrincipal) => Promise<string | undefined> {
  const { enforcer, principals } = options;
  const opened = new Map<PrincipalPlan, Promise<string | undefined>>();
  const open = async ({ issuer, subject, plan, params = {}, principal }: PrincipalPlan): Promise<string | undefined> => {
    const session = await enforcer.open({ plan, principal: principal ?? `${subject} ${issuer}`, params });
    if (session.ok) return session.value.token;
    enforcer.logger?.error("session-not-opened", { code: session.error.code });
    return undefined;
  };
  return async ({ issuer, subject }) => {
    const named = principals.find((one) => one.issuer === issuer && one.subject === subject);
    if (named === undefined) return undefined;
    const opening = opened.get(named) ?? open(named);
    opened.set(named, opening);
    const token = await opening;
    // What failed (a store that did not answer) may be tried again.
    if (token === undefined) opened.delete(named);
    return token;
  };
}
