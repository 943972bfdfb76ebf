/**
 * How much work an enforcement point takes on: checks at once, in all, for a principal and for a session, and how often a principal may ask.
 * Never asks a store: what is refused here costs nothing. Limits are of one process; budgets that processes share are the plan's.
 */
import type { Code } from "../../codes.ts";
import { meteredNamesMax, outstandingRunsMax, workLimitsDefault } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { isSecretOf, readToken } from "../credential.ts";
import { createMeter, type Meter } from "./gcra.ts";
import type { LiveSessions } from "./live.ts";
import { type Checked, type Denial, denialOf, type Permit, type RunName } from "./permit.ts";

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
  /** Does a check if there is place for it. */
  check(token: string, job: () => Promise<Checked>): Promise<Checked>;
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

/** Whose work it is. */
interface Who {
  readonly session: string;
  /** Absent: this process does not know the session. */
  readonly principal: string | undefined;
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
  const running = new Map<string, number>();
  const runs = new Map<string, number>();
  let all = 0;
  let isDraining = false;

  /** Why there is no place; nothing is taken then. */
  const refuse = ({ session, principal }: Who): Denial | undefined => {
    if (isDraining) return denialOf("SHUTTING_DOWN");
    if (all >= checks || (running.get(`s ${session}`) ?? 0) >= sessionChecks) return denialOf("OVERLOADED");
    if (principal !== undefined && (running.get(`p ${principal}`) ?? 0) >= principalChecks) return denialOf("OVERLOADED");
    const meter = principal === undefined ? byUnknown : byPrincipal;
    const waitMs = meter?.take(principal ?? "", clock()) ?? 0;
    return waitMs === 0 ? undefined : later("RATE_LIMITED", waitMs);
  };
  const count = ({ session, principal }: Who, by: 1 | -1): void => {
    all += by;
    for (const key of [`s ${session}`, ...(principal === undefined ? [] : [`p ${principal}`])]) {
      const next = (running.get(key) ?? 0) + by;
      if (next === 0) running.delete(key);
      else running.set(key, next);
    }
  };
  return {
    check: async (token, job) => {
      const who = whose(token, peek);
      // What is no token costs nothing, and is told so.
      if (who === undefined) return job();
      const verdict = refuse(who);
      if (verdict !== undefined) return { allow: false, verdict };
      count(who, 1);
      try {
        return await job();
      } finally {
        count(who, -1);
      }
    },
    began: ({ session, run, lease }) => {
      runs.set(`${session} ${run}`, lease);
      const [oldest] = runs.keys();
      if (runs.size > outstandingRunsMax && oldest !== undefined) runs.delete(oldest);
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
function whose(token: string, peek: LiveSessions["peek"]): Who | undefined {
  const read = readToken(token);
  if (read === undefined) return undefined;
  const live = peek(read.session);
  if (live === undefined) return { session: read.session, principal: undefined };
  if (!isSecretOf(live.header.tokenDigest, read.secret)) return { session: "", principal: undefined };
  return { session: read.session, principal: live.header.principal };
}

/** A denial that says after how many seconds to come again. */
function later(code: Code, waitMs: number): Denial {
  return { ...denialOf(code), remedies: [{ kind: "wait", seconds: Math.ceil(waitMs / 1_000) }] };
}
