/**
 * How much work an enforcement point takes on: checks at once, in all, for a principal and for a session, and how often a principal may ask.
 * Never asks a store: what is refused here costs nothing. Limits are of one process; budgets that processes share are the plan's.
 */
import type { Code } from "../../../codes.ts";
import { meteredNamesMax, outstandingRunsMax, workLimitsDefault } from "../../../limits.ts";
import type { Clock } from "../../../ports.ts";
import { ConfigError } from "../../../result.ts";
import { type Credential, isTokenOf, readToken } from "../../credential.ts";
import type { LiveSessions } from "../session/live.ts";
import { type Denial, denialOf, type Permit, type RunName } from "../permit.ts";
import { createMeter, type Meter } from "./gcra.ts";

/** How much work is taken on. */
export interface WorkLimits {
  /** Checks at once, those that wait for others of their session included. Default 4,096. */
  readonly checks?: number;
  /** Of one principal. Default 2,048. */
  readonly principalChecks?: number;
  /** Of one session, whose checks come one after another. Default 1,024. */
  readonly sessionChecks?: number;
  /** Checks of one principal in a minute. Default: any number. */
  readonly principalPerMinute?: number;
  /** How many of them may come at once. Default: as many as in ten seconds, and at least one. */
  readonly principalBurst?: number;
  /** Checks in a minute whose sessions this process does not know yet, of all callers together: each asks the store. Default: any number. */
  readonly unknownPerMinute?: number;
}

/** What an enforcement point has taken on. */
export interface Work {
  /** Takes a place for a check of a token: what is told to {@link leave} when it is over, or why there is none. */
  enter(token: Credential): Place | Denial;
  /** The check is over. */
  leave(place: Place): void;
  /** A call was allowed here. */
  began(permit: Permit): void;
  /** A call was settled here. */
  ended(run: RunName): void;
  /** From now on no call is taken on: `SHUTTING_DOWN`. Those in flight may be settled. */
  drain(): void;
  readonly isDraining: boolean;
  /** Calls that were allowed here, are within their lease, and were not settled here. */
  readonly outstanding: number;
}

/** A check that was taken on, by whose it is. */
export interface Place {
  /** Absent: what was shown is no token, and costs nothing. */
  readonly session: string | undefined;
  /** Absent: this process does not know the session. */
  readonly principal: string | undefined;
}

const nobody: Place = { session: undefined, principal: undefined };

/** Counts by name. A name at zero stays for the next time it is wanted, until there are many of them. */
function createCounts(namesMax: number) {
  const counts = new Map<string, { count: number }>();
  const sweep = (): void => {
    for (const [name, { count }] of counts) if (count === 0) counts.delete(name);
  };
  return {
    of: (name: string): number => counts.get(name)?.count ?? 0,
    add: (name: string, by: 1 | -1): void => {
      const known = counts.get(name);
      if (known !== undefined) {
        known.count += by;
        return;
      }
      if (counts.size >= namesMax) sweep();
      counts.set(name, { count: by });
    },
  };
}

/** Makes it. Throws `ConfigError` for limits that are none. */
export function createWork(
  limits: WorkLimits,
  { clock, peek }: { readonly clock: Clock; readonly peek: LiveSessions["peek"] },
): Work {
  const { checks, principalChecks, sessionChecks } = { ...workLimitsDefault, ...limits };
  for (const [name, value] of Object.entries(limits))
    if (!(Number.isSafeInteger(value) && value >= 1)) throw new ConfigError(`\`limits.${name}\` must be a whole number from 1`);
  const { principalPerMinute, principalBurst, unknownPerMinute } = limits;
  const byPrincipal = meterOf(principalPerMinute, principalBurst);
  const byUnknown = meterOf(unknownPerMinute, undefined);
  const bySession = createCounts(2 * checks);
  const ofPrincipal = createCounts(2 * checks);
  const runs = new Map<string, number>();
  let all = 0;
  let isDraining = false;

  /** Why there is no place; nothing is taken then. */
  const refuse = (session: string, principal: string | undefined): Denial | undefined => {
    if (isDraining) return denialOf("SHUTTING_DOWN");
    if (all >= checks || bySession.of(session) >= sessionChecks) return denialOf("OVERLOADED");
    if (principal !== undefined && ofPrincipal.of(principal) >= principalChecks) return denialOf("OVERLOADED");
    const meter = principal === undefined ? byUnknown : byPrincipal;
    const waitMs = meter?.take(principal ?? "", clock()) ?? 0;
    return waitMs === 0 ? undefined : later("RATE_LIMITED", waitMs);
  };
  const count = ({ session, principal }: Place, by: 1 | -1): void => {
    if (session === undefined) return;
    all += by;
    bySession.add(session, by);
    if (principal !== undefined) ofPrincipal.add(principal, by);
  };
  return {
    enter: (token) => {
      const place = whose(token, peek);
      // What is no token costs nothing, and is told so.
      if (place.session === undefined) return place;
      const verdict = refuse(place.session, place.principal);
      if (verdict !== undefined) return verdict;
      count(place, 1);
      return place;
    },
    leave: (place) => count(place, -1),
    began: ({ session, run, lease }) => {
      runs.set(`${session} ${run}`, lease);
      if (runs.size <= outstandingRunsMax) return;
      const [oldest] = runs.keys();
      if (oldest !== undefined) runs.delete(oldest);
    },
    ended: ({ session, run }) => void runs.delete(`${session} ${run}`),
    drain: () => {
      isDraining = true;
    },
    get isDraining() {
      return isDraining;
    },
    get outstanding() {
      const now = clock();
      return [...runs.values()].filter((lease) => lease > now).length;
    },
  };
}

function meterOf(perMinute: number | undefined, burst: number | undefined): Meter | undefined {
  if (perMinute === undefined) return undefined;
  return createMeter({ perMinute, burst: burst ?? Math.max(1, Math.ceil(perMinute / 6)) }, meteredNamesMax);
}

/** SECURITY: whoever has not the session's secret is nobody's principal, and cannot use up anybody's rate. */
function whose(token: Credential, peek: LiveSessions["peek"]): Place {
  const read = readToken(token);
  if (read === undefined) return nobody;
  const live = peek(read.session);
  if (live === undefined) return { session: read.session, principal: undefined };
  if (!isTokenOf(live.header.tokenDigest, read)) return { session: "", principal: undefined };
  return { session: read.session, principal: live.header.principal };
}

/** A denial that says after how many seconds to come again. */
function later(code: Code, waitMs: number): Denial {
  return { ...denialOf(code), remedies: [{ kind: "wait", seconds: Math.ceil(waitMs / 1_000) }] };
}
