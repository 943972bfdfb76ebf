/**
 * The path of calls as surfaces walk it: a check with its place among the others, a result, and both as one.
 * Never rejects: a fault of ours is a denial.
 */
import type { ToolResult } from "../../../decide/observe.ts";
import type { AttemptedCall } from "../../../engine.ts";
import { type Credential, readToken } from "../../credential.ts";
import type { Enforcer } from "../enforcer.ts";
import { faultOf, guarded } from "../guarded.ts";
import { type Checked, checkFailed, type RunName, settleFailed, type Settled } from "../permit.ts";
import type { Point } from "../point.ts";
import type { Telling } from "../telling.ts";
import type { Place, Work } from "../load/work.ts";
import { checkCall, releaseCall } from "./check.ts";
import { settleAgain, type SettleOptions, settleRun } from "./settle.ts";
import { awaitApproval } from "./wait.ts";

type Calls = "check" | "checkBatch" | "release" | "settle" | "settleAgain" | "fail" | "call";

/** The path of calls, with what is taken on of them. */
export function callsOf(
  point: Point,
  { work, telling }: { readonly work: Work; readonly telling: Telling },
  waitMs: number,
): Pick<Enforcer, Calls> {
  const settled = async (run: RunName, settling: Parameters<typeof settleRun>[2]): Promise<Settled> => {
    try {
      const done = await telling.settle(run, () => settleRun(point, run, settling));
      work.ended(run);
      return done;
    } catch (error) {
      return settleFailed(faultOf(point, error));
    }
  };
  const settle: Enforcer["settle"] = (permit, result, said) => settled(permit, { result, said });
  const fail: Enforcer["fail"] = async (permit, code) => {
    const done = await settled(permit, { result: { error: null }, isFault: true });
    return done.ok && done.isError ? settleFailed(code) : done;
  };
  const taken = (caller: { readonly token: Credential; readonly tool?: string }, job: () => Promise<Checked>): Promise<Checked> =>
    telling.check(caller, () => placed(caller.token, job));
  const placed = async (token: Credential, job: () => Promise<Checked>): Promise<Checked> => {
    let place: Place | undefined;
    try {
      const entered = work.enter(token);
      if ("decision" in entered) return { allow: false, verdict: entered };
      place = entered;
      const checked = await job();
      if (checked.allow) work.began(checked.permit);
      return checked;
    } catch (error) {
      return checkFailed(faultOf(point, error));
    } finally {
      if (place !== undefined) work.leave(place);
    }
  };
  const releaseAs = (token: Credential, approval: string): Promise<Checked> =>
    taken({ token }, () => releaseCall(point, token, approval));
  const checkOnce: Enforcer["check"] = (token, call, options) => {
    try {
      return taken({ token, tool: call.tool }, () => checkCall(point, token, { call, batch: options?.batch }));
    } catch (error) {
      return Promise.resolve(checkFailed(faultOf(point, error)));
    }
  };
  const checkAndWait: Enforcer["check"] = (token, call, options) =>
    guarded(point, checkFailed, async () =>
      awaitApproval(await checkOnce(token, call, options), {
        waitMs,
        sleep: point.sleep,
        isEnding: () => work.isDraining,
        release: (approval) => releaseAs(token, approval),
      }),
    );
  const check = waitMs > 0 ? checkAndWait : checkOnce;
  return {
    check,
    checkBatch: (token, calls) => checkEach(check, token, calls),
    release: releaseAs,
    settle,
    settleAgain: (run, result) => guarded(point, settleFailed, () => telling.settle(run, () => settleAgain(point, run, result))),
    fail,
    call: wholeCall({ check, settle, fail }),
  };
}

/** The whole path of a call. */
function wholeCall({ check, settle, fail }: Pick<Enforcer, "check" | "settle" | "fail">): Enforcer["call"] {
  return async (token, call, forward) => {
    const checked = await check(token, call);
    if (!checked.allow) return { ok: false, verdict: checked.verdict };
    let result: ToolResult & { readonly said?: SettleOptions };
    try {
      result = await forward(checked.permit);
    } catch {
      return fail(checked.permit, "UPSTREAM_FAILED");
    }
    return settle(checked.permit, result, result.said);
  };
}

/** Calls that were made at once, one after the other, each told of all. */
async function checkEach(check: Enforcer["check"], token: string, calls: readonly AttemptedCall[]): Promise<readonly Checked[]> {
  const batch = calls.map(({ tool }) => tool);
  const checked: Checked[] = [];
  const credential = readToken(token) ?? token;
  for (const call of calls) checked.push(await check(credential, call, { batch }));
  return checked;
}
