/**
 * The enforcement point that every surface shares: load → decide → commit → forward → observe → commit → deliver.
 * Never forwards what is not committed, delivers nothing whose label is not committed, and turns every fault into a denial.
 */
import type { Code } from "../codes.ts";
import type { ToolResult } from "../decide/observe.ts";
import type { AttemptedCall } from "../engine.ts";
import { leaseSecondsDefault, sessionSecondsDefault, storeTimeoutMsDefault } from "../limits.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { AssertionError, err, type Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import { boundStore } from "./enforce/bounded-store.ts";
import { checkCall } from "./enforce/check.ts";
import { type Checked, checkFailed, type Denial, denialOf, type Permit, settleFailed, type Settled } from "./enforce/permit.ts";
import type { Point } from "./enforce/point.ts";
import { admitToken, closeSession, type Opened, type OpenFailure, type OpenOptions, openSession } from "./enforce/session.ts";
import { settleRun } from "./enforce/settle.ts";
import { createLiveSessions, type Guards } from "./enforce/live.ts";

export { type Allowance, type Checked, type Denial, denialOf, type Permit, type Settled } from "./enforce/permit.ts";
export type { Opened, OpenFailure, OpenOptions } from "./enforce/session.ts";
export type { Guards } from "./enforce/live.ts";

/** What an enforcement point is made of. */
export interface EnforcerOptions {
  readonly guards: Guards;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Seconds after which an unsettled call counts as failed. Default 300. */
  readonly leaseSeconds?: number;
  /** Seconds after which a session allows nothing, if its plan does not say less. Default a day. */
  readonly sessionSeconds?: number;
  /** Milliseconds after which a store that does not answer is unavailable, so that the call is denied. Default 10,000. */
  readonly storeTimeoutMs?: number;
  readonly logger?: Logger;
}

/** Enforces plans over a store. No method rejects. */
export interface Enforcer {
  readonly guards: Guards;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  /** Opens a session for the host. */
  open(options: OpenOptions): Promise<Result<Opened, OpenFailure>>;
  /** Whether a token is one of a session that is still open to it: before anything large is read. `undefined`: yes. */
  admit(token: string): Promise<Denial | undefined>;
  /** Decides a call and commits the verdict. The tool may be named by its bare name if the plan has one tool of that name. */
  check(token: string, call: AttemptedCall): Promise<Checked>;
  /** Takes the result of a call, commits its labels, and says what may be delivered. */
  settle(permit: Permit, result: ToolResult): Promise<Settled>;
  /** Settles a call that came to nothing: an error for the plan, and the denial `code` for the agent, unless the outcome is hidden. */
  fail(permit: Permit, code: Code): Promise<Settled>;
  /** The whole path: check, forward, settle. `forward` gets exactly what may be sent; what it throws is never shown. */
  call(token: string, call: AttemptedCall, forward: (permit: Permit) => Promise<ToolResult>): Promise<Settled>;
  /** Closes a session. */
  close(session: string): Promise<Result<undefined, Code>>;
}

/** Makes an enforcement point. */
export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { guards, clock, random, logger } = options;
  const store = boundStore(options.store, options.storeTimeoutMs ?? storeTimeoutMsDefault);
  const live = createLiveSessions(store, guards);
  const leaseMs = (options.leaseSeconds ?? leaseSecondsDefault) * 1_000;
  const sessionMs = (options.sessionSeconds ?? sessionSecondsDefault) * 1_000;
  const point: Point = { live, store, clock, leaseMs, logger };
  const settle: Enforcer["settle"] = (permit, result) => guarded(point, settleFailed, () => settleRun(point, permit, result));
  const fail: Enforcer["fail"] = (permit, code) =>
    guarded(point, settleFailed, async () => {
      const settled = await settleRun(point, permit, { error: null });
      return settled.ok && settled.isError ? settleFailed(code) : settled;
    });
  const check: Enforcer["check"] = (token, call) => guarded(point, checkFailed, () => checkCall(point, token, call));
  return {
    guards,
    store,
    clock,
    logger,
    open: (session) =>
      guarded<Result<Opened, OpenFailure>>(
        point,
        (code) => err({ code }),
        () => openSession({ guards, store, clock, random, sessionMs }, session),
      ),
    admit: (token) => guarded(point, denialOf, () => admitToken(point, token)),
    check,
    settle,
    fail,
    call: async (token, call, forward) => {
      const checked = await check(token, call);
      if (!checked.allow) return { ok: false, verdict: checked.verdict };
      let result: ToolResult;
      try {
        result = await forward(checked.permit);
      } catch {
        return fail(checked.permit, "UPSTREAM_FAILED");
      }
      return settle(checked.permit, result);
    },
    close: (session) => guarded<Result<undefined, Code>>(point, err, () => closeSession(point, session)),
  };
}

/** Runs a step; whatever it throws is a fault of ours, and a denial. */
async function guarded<T>(point: Point, failed: (code: Code) => T, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    try {
      point.logger?.error("internal", {
        // The text of an assertion is ours; that of any other error may quote data.
        fault: error instanceof AssertionError ? error.message : error instanceof Error ? error.name : "unknown",
      });
    } catch {
      // A logger that fails changes no verdict.
    }
    return failed("INTERNAL");
  }
}
