/**
 * What an enforcement point is made of, and what it answers: types only.
 * Never more than surfaces may ask: how a call is walked stands in the folders beside it.
 */
import type { Code } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import type { AttemptedCall, Guard } from "../../engine.ts";
import type { Json } from "../../json/value.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Result } from "../../result.ts";
import type { Store } from "../../stores/store.ts";
import type { LabelValue } from "../../taint/label.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { Credential } from "../credential.ts";
import type { Observer } from "../observe.ts";
import type { PlanInForce } from "./call/disclose.ts";
import type { Answer } from "./call/receipts.ts";
import type { SettleOptions } from "./call/settle.ts";
import type { Work, WorkLimits } from "./load/work.ts";
import type { Checked, Denial, Permit, RunName, Settled } from "./permit.ts";
import type { ReceiptOptions } from "./receipts.ts";
import type { Guards } from "./session/live.ts";
import type { Adoption } from "./session/plans.ts";
import type { Opened, OpenFailure, OpenOptions } from "./session/session.ts";
import type { Amended } from "./waiting/amend.ts";
import type { Amendment, AmendmentDecision, AmendmentOptions } from "./waiting/amendment.ts";
import type { Approval, ApprovalDecision, ApprovalDetails } from "./waiting/approvals.ts";

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
  /** Seconds that a call waits for a human at most before it can be neither approved nor released. Default an hour. */
  readonly holdSeconds?: number;
  /** Seconds that a call which needs approval is kept before it is answered; less than the client's own time-out. Default 0: it is answered at once. */
  readonly approvalWaitSeconds?: number;
  /** Told of every call that has come to wait for a human, once. What it throws changes nothing. */
  readonly onPending?: (approval: Approval) => unknown;
  /** Told of every amendment that has come to wait for a human, once. What it throws changes nothing. */
  readonly onPendingAmendment?: (amendment: Amendment) => unknown;
  /** `required`: no session is opened for a principal without a grant for the plan. Default `none`. */
  readonly grants?: "none" | "required";
  /** Waits so many milliseconds. Default: a timer. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Milliseconds after which a store that does not answer is unavailable, so that the call is denied. Default 10,000. */
  readonly storeTimeoutMs?: number;
  /** How amendments are taken; `false`: not at all. Default: with the tools of the plan and its envelope. */
  readonly amendments?: AmendmentOptions | false;
  /** Receipts between agents; see `ReceiptOptions`. Default: nothing is signed, and what comes from other agents is the top. */
  readonly receipts?: ReceiptOptions;
  /** How plans that only other processes have loaded are taken from the store. Absent: their sessions are denied. */
  readonly adoption?: Adoption;
  /** How much work is taken on at once; see `WorkLimits` for the defaults. */
  readonly limits?: WorkLimits;
  /** Seconds by which the clocks of the processes over the store may differ: expiries come so much earlier, shared windows are so much longer. Default 0. */
  readonly clockSkewSeconds?: number;
  /** Whether what was asked is kept beside each verdict (`facts.call`), so that an audit can decide it again. Default: no. */
  readonly recordCalls?: boolean;
  readonly logger?: Logger;
  /** Told of every check, result, session and answer of the store, without values. What it throws changes nothing. */
  readonly telemetry?: Telemetry;
}

/** Enforces plans over a store. No method rejects. */
export interface Enforcer {
  readonly guards: Guards;
  /** What watches instead, while it is on: for surfaces alone. The methods here enforce, whatever is watched. */
  readonly observer?: Observer;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  /** What is taken on now, and how to end it. */
  readonly work: Pick<Work, "drain" | "isDraining" | "outstanding">;
  /** The guard of a plan that sessions run under, also of one that only another process has loaded. */
  guardOf(digest: string): Promise<Result<Guard, Code>>;
  /**
   * Opens a session for the host. `random`: what its id, token and handle key are made of, where several processes of the host must come to
   * the same session; whoever opens it second is told `SESSION_CONFLICT`. Default: the enforcer's own.
   */
  open(options: OpenOptions, how?: { readonly random?: Random }): Promise<Result<Opened, OpenFailure>>;
  /** Whether a token is one of a session that is still open to it: before anything large is read. `undefined`: yes. */
  admit(token: Credential): Promise<Denial | undefined> | undefined;
  /**
   * Decides a call and commits the verdict. The tool may be named by its bare name if the plan has one tool of that name. `batch` names the
   * tools of all calls that the agent made at once with this one, its own included: it is checked as if the others had returned.
   */
  check(token: Credential, call: AttemptedCall, options?: { readonly batch?: readonly string[] }): Promise<Checked>;
  /** Decides calls that the agent made at once, in their order, each as if the others had returned. */
  checkBatch(token: string, calls: readonly AttemptedCall[]): Promise<readonly Checked[]>;
  /** Takes the result of a call, commits its labels, and says what may be delivered. */
  settle(permit: RunName, result: ToolResult, said?: SettleOptions): Promise<Settled>;
  /**
   * As `settle`, for a caller that may have settled this very result of the run before (it knows by a digest): then what was delivered is
   * delivered again, and nothing is recorded.
   */
  settleAgain(run: RunName, result: ToolResult): Promise<Settled>;
  /** The session of a token and the plan that it runs under now, by its guard. */
  plan(token: string): Promise<Result<PlanInForce, Denial>>;
  /**
   * Commits that the agent is about to see data of this label which is no call's result (a server's message, say); `undefined`: it may be
   * shown now.
   */
  disclose(token: string, shown: LabelValue): Promise<Denial | undefined>;
  /** Records a denial that a surface makes before there is a call to decide, and returns what the agent is told. */
  refuse(token: string, what: { readonly tool: string; readonly code: Code }): Promise<Denial>;
  /** Settles a call that came to nothing: an error for the plan, and the denial `code` for the agent, unless the outcome is hidden. */
  fail(permit: Permit, code: Code): Promise<Settled>;
  /** The whole path: check, forward, settle. `forward` gets exactly what may be sent; what it throws is never shown. */
  call(
    token: string,
    call: AttemptedCall,
    forward: (permit: Permit) => Promise<ToolResult & { readonly said?: SettleOptions }>,
  ): Promise<Settled>;
  /** Signs for what an agent answers another one: with the label of all that it has read. */
  answer(token: string, value: Json): Promise<Result<Answer, Denial>>;
  /** Releases a call that was held for a human, by its id: once, with exactly the held bytes, if it is approved and still passes. */
  release(token: string, approval: string): Promise<Checked>;
  /** Calls that wait for a human. Not for an agent. */
  approvals(): Promise<Result<readonly Approval[], Code>>;
  /** One held call, with the bytes that would be sent. Not for an agent. */
  approval(id: string): Promise<Result<ApprovalDetails, Code>>;
  /** Records what a person says of a held call. Whoever calls this has authenticated the person; an agent must never reach it. */
  approve(id: string, said: ApprovalDecision): Promise<Result<Approval, Code>>;
  /** Takes an amendment of a session's plan, as an agent asks for it: members of a plan, nodes by name. */
  amend(token: string, draft: Json): Promise<Amended>;
  /** The amendments of a session that waited or wait for a human. Not for an agent. */
  amendments(session: string): Promise<Result<readonly Amendment[], Code>>;
  /** The amendments that wait for a human, over all sessions. Not for an agent. */
  waitingAmendments(): Promise<Result<readonly Amendment[], Code>>;
  /** One amendment by its id. Not for an agent. */
  amendment(id: string): Promise<Result<Amendment, Code>>;
  /** Records what a person says of an amendment. Whoever calls this has authenticated the person; an agent must never reach it. */
  decideAmendment(session: string, amendment: number, said: AmendmentDecision): Promise<Result<Amendment, Code>>;
  /** Closes a session. */
  close(session: string): Promise<Result<undefined, Code>>;
}
