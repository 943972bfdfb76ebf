/**
 * The enforcement point that every surface shares: load → decide → commit → forward → observe → commit → deliver.
 * Never forwards what is not committed, delivers nothing whose label is not committed, and turns every fault into a denial.
 */
import type { Code } from "../codes.ts";
import type { Guard } from "../engine.ts";
import { strictCopy } from "../json/strict.ts";
import { holdSecondsDefault, leaseSecondsDefault, sessionSecondsDefault, storeTimeoutMsDefault } from "../limits.ts";
import { err, type Result } from "../result.ts";
import { callsOf } from "./enforce/call/calls.ts";
import { disclose, type PlanInForce, planInForce } from "./enforce/call/disclose.ts";
import { type Answer, answerMessage } from "./enforce/call/receipts.ts";
import { refuseCall } from "./enforce/call/refuse.ts";
import { timer } from "./enforce/call/wait.ts";
import type { Enforcer, EnforcerOptions } from "./enforce/enforcer.ts";
import { guarded, tell } from "./enforce/guarded.ts";
import { createWork } from "./enforce/load/work.ts";
import { type Denial, denialOf } from "./enforce/permit.ts";
import { codeOf, type Point } from "./enforce/point.ts";
import { createReceipts } from "./enforce/receipts.ts";
import { createLiveSessions } from "./enforce/session/live.ts";
import { createPlansInForce } from "./enforce/session/plans.ts";
import { admitToken, closeSession, isAdmitted, type Opened, type OpenFailure, openSession } from "./enforce/session/session.ts";
import { boundStore } from "./enforce/store/bounded-store.ts";
import { createTelling, toldStore } from "./enforce/telling.ts";
import { type Amended, amendSession } from "./enforce/waiting/amend.ts";
import type { Amendment } from "./enforce/waiting/amendment.ts";
import { decideAmendment, findAmendment, listAmendments, listWaiting } from "./enforce/waiting/amendments.ts";
import {
  type Approval,
  type ApprovalDetails,
  approvalOf,
  decideApproval,
  listApprovals,
  showApproval,
} from "./enforce/waiting/approvals.ts";

export {
  type Allowance,
  type Checked,
  type Denial,
  denialOf,
  type Permit,
  type RunName,
  type Settled,
} from "./enforce/permit.ts";
export type { Opened, OpenFailure, OpenOptions } from "./enforce/session/session.ts";
export type { PlanInForce } from "./enforce/call/disclose.ts";
export type { Answer } from "./enforce/call/receipts.ts";
export type { ReceiptOptions } from "./enforce/receipts.ts";
export type { SettleOptions } from "./enforce/call/settle.ts";
export type { Guards } from "./enforce/session/live.ts";
export type { Adoption } from "./enforce/session/plans.ts";
export type { WorkLimits } from "./enforce/load/work.ts";
export type { Amended } from "./enforce/waiting/amend.ts";
export type { Amendment, AmendmentOptions } from "./enforce/waiting/amendment.ts";
export type { Approval, ApprovalDecision, ApprovalDetails } from "./enforce/waiting/approvals.ts";
export type { Enforcer, EnforcerOptions } from "./enforce/enforcer.ts";

/** Makes an enforcement point. */
export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { guards, clock, random, logger } = options;
  const point = pointOf(options);
  const { store } = point;
  const work = createWork(options.limits ?? {}, { clock, peek: point.live.peek });
  const sessionMs = (options.sessionSeconds ?? sessionSecondsDefault) * 1_000;
  const needsGrant = options.grants === "required";
  const telling = createTelling(options.telemetry, point.live.peek);
  const calls = callsOf(point, { work, telling }, (options.approvalWaitSeconds ?? 0) * 1_000);
  return {
    guards,
    store,
    clock,
    logger,
    work,
    guardOf: (digest) =>
      guarded<Result<Guard, Code>>(point, err, async () => {
        const found = await point.plans.find(digest);
        return found.ok ? found : err(codeOf(found.error));
      }),
    open: (session, how) =>
      guarded<Result<Opened, OpenFailure>>(
        point,
        (code) => err({ code }),
        () =>
          telling.open(async () =>
            work.isDraining
              ? err({ code: "SHUTTING_DOWN" })
              : openSession({ guards, store, clock, random: how?.random ?? random, sessionMs, needsGrant, point }, session),
          ),
      ),
    admit: (token) =>
      isAdmitted(point, token)
        ? undefined
        : guarded(point, denialOf, () => telling.refuse({ token }, () => admitToken(point, token))),
    plan: (token) =>
      guarded<Result<PlanInForce, Denial>>(
        point,
        (code) => err(denialOf(code)),
        () => planInForce(point, token),
      ),
    disclose: (token, shown) => guarded(point, denialOf, () => disclose(point, token, shown)),
    refuse: (token, what) =>
      guarded(point, denialOf, () => telling.refuse({ token, tool: what.tool }, () => refuseCall(point, token, what))),
    ...calls,
    answer: (token, value) =>
      guarded<Result<Answer, Denial>>(
        point,
        (code) => err(denialOf(code)),
        () => answerMessage(point, token, value),
      ),
    ...peopleOf(point),
    amend: (token, draft) =>
      guarded<Amended>(
        point,
        (code) => ({ status: "denied", verdict: denialOf(code), findings: [] }),
        () => amendSession(point, token, strictCopy(draft) ?? null),
      ),
    close: (session) =>
      guarded<Result<undefined, Code>>(point, err, () => telling.close(session, () => closeSession(point, session))),
  };
}

type People = "approvals" | "approval" | "approve" | "amendments" | "waitingAmendments" | "amendment" | "decideAmendment";

/** What people see and decide. */
function peopleOf(point: Point): Pick<Enforcer, People> {
  return {
    approvals: () => guarded<Result<readonly Approval[], Code>>(point, err, () => listApprovals(point)),
    approval: (id) => guarded<Result<ApprovalDetails, Code>>(point, err, () => showApproval(point, id)),
    approve: (id, said) => guarded<Result<Approval, Code>>(point, err, () => decideApproval(point, id, said)),
    amendments: (session) => guarded<Result<readonly Amendment[], Code>>(point, err, () => listAmendments(point, session)),
    waitingAmendments: () => guarded<Result<readonly Amendment[], Code>>(point, err, () => listWaiting(point)),
    amendment: (id) => guarded<Result<Amendment, Code>>(point, err, () => findAmendment(point, id)),
    decideAmendment: (session, amendment, said) =>
      guarded<Result<Amendment, Code>>(point, err, () => decideAmendment(point, session, amendment, said)),
  };
}

/** What all steps share: the store within its time, the live sessions, and whom to tell. */
function pointOf(options: EnforcerOptions): Point {
  const { clock, random, logger, onPending, onPendingAmendment } = options;
  const store = toldStore(boundStore(options.store, options.storeTimeoutMs ?? storeTimeoutMsDefault), options.telemetry);
  const plans = createPlansInForce(store, options.guards, options.adoption);
  const live = createLiveSessions(store, plans);
  const leaseMs = (options.leaseSeconds ?? leaseSecondsDefault) * 1_000;
  const holdMs = (options.holdSeconds ?? holdSecondsDefault) * 1_000;
  const amendments = options.amendments === false ? undefined : (options.amendments ?? {});
  const onHold: Point["onHold"] = (held, id) => {
    const hold = held.state.holds.get(id);
    if (hold !== undefined && onPending !== undefined) tell(() => onPending(approvalOf(point, held, hold)), logger);
  };
  const onAsk: Point["onAsk"] = (amendment) => {
    if (onPendingAmendment !== undefined) tell(() => onPendingAmendment(amendment), logger);
  };
  const receipts = options.receipts === undefined ? undefined : createReceipts(options.receipts, { store, clock, random });
  const point: Point = {
    live,
    plans,
    store,
    clock,
    skewMs: (options.clockSkewSeconds ?? 0) * 1_000,
    leaseMs,
    holdMs,
    onHold,
    onAsk,
    amendments,
    receipts,
    recordsCalls: options.recordCalls === true,
    logger,
    random,
    sleep: options.sleep ?? timer,
  };
  return point;
}
