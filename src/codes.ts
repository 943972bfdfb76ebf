/**
 * Every stable code of Sluice. Permanent once released; spelled only here.
 * The text of a code is constant: no value of a call or a result ever enters it, since a model may read it.
 */

/** Why a call was denied, or what was wrong with an input. */
export type Code =
  | "PLAN_MALFORMED"
  | "PLAN_CYCLE"
  | "PLAN_LINT"
  | "PLAN_TOO_LARGE"
  | "PLAN_DIGEST_MISMATCH"
  | "PLAN_SIGNATURE_INVALID"
  | "PLAN_EXPIRED"
  | "PLAN_UNKNOWN"
  | "SESSION_MISSING"
  | "SESSION_UNKNOWN"
  | "SESSION_CLOSED"
  | "SESSION_CONFLICT"
  | "SESSION_PARAMS"
  | "SESSION_EXPIRED"
  | "AUTH_REQUIRED"
  | "AUTH_DENIED"
  | "CALL_MALFORMED"
  | "CALL_TOO_LARGE"
  | "CALL_NOT_IN_PLAN"
  | "CALL_OUT_OF_ORDER"
  | "CALL_AMBIGUOUS"
  | "CALL_REPEATED"
  | "CALL_GUARD"
  | "CALL_REQUIRE"
  | "CALL_EACH"
  | "CALL_LIMIT"
  | "CALL_RATE"
  | "CALL_BUDGET"
  | "CALL_BREAKER"
  | "CALL_NEEDS_APPROVAL"
  | "APPROVAL_UNKNOWN"
  | "APPROVAL_DENIED"
  | "APPROVAL_EXPIRED"
  | "APPROVAL_STALE"
  | "PLAN_NOT_APPROVED"
  | "PLAN_REVOKED"
  | "SESSION_REVOKED"
  | "PRINCIPAL_REVOKED"
  | "GRANT_MISSING"
  | "AMEND_OFF"
  | "AMEND_MALFORMED"
  | "AMEND_INVALID"
  | "AMEND_RUNS"
  | "AMEND_WIDER"
  | "AMEND_LIMIT"
  | "AMEND_UNKNOWN"
  | "AMEND_STALE"
  | "RUN_UNKNOWN"
  | "RUN_SETTLED"
  | "RESULT_TOO_LARGE"
  | "RESULT_MALFORMED"
  | "ARG_MISSING"
  | "ARG_UNEXPECTED"
  | "ARG_MISMATCH"
  | "ARG_CONSTRAINT"
  | "ARG_UNRESOLVED"
  | "ARG_TEXT"
  | "ARG_HANDLE"
  | "HIDDEN"
  | "FLOW_SINK_DENIED"
  | "FLOW_AUDIENCE_DENIED"
  | "FLOW_CHOICE_UNTRUSTED"
  | "FLOW_CONTROL_DENIED"
  | "TOOL_UNKNOWN"
  | "TOOL_DESCRIPTOR_CHANGED"
  | "UPSTREAM_FAILED"
  | "UPSTREAM_FORBIDDEN"
  | "REQUEST_MALFORMED"
  | "REQUEST_UNWRITABLE"
  | "RESULT_SECRET"
  | "TUNNEL_DENIED"
  | "DRAFT_MALFORMED"
  | "DRAFT_TOO_LARGE"
  | "DRAFT_BUSY"
  | "DRAFT_UNAVAILABLE"
  | "HISTORY_MISMATCH"
  | "MODEL_REQUEST"
  | "MODEL_RESPONSE"
  | "STORE_UNAVAILABLE"
  | "OVERLOADED"
  | "RATE_LIMITED"
  | "SHUTTING_DOWN"
  | "RELOAD_REFUSED"
  | "CONFIG_INVALID"
  | "INTERNAL";

/** What every surface needs to know of a code. */
export interface CodeInfo {
  /** HTTP status of a problem with this code (RFC 9457). */
  readonly status: number;
  /** Constant text, safe for a model to read. */
  readonly text: string;
  /** Seconds after which to come again (`Retry-After`), where it is worth it and the denial says no better. */
  readonly retryAfter?: number;
  /** What an agent or its host could do about it, best first. Absent: nothing helps. */
  readonly remedies?: readonly RemedyKind[];
}

/**
 * What can be done about a denial, for a program to act on: leave the argument out or correct it, send the handle that was delivered in its place,
 * name the node, ask a human to release this very call, propose a wider plan, try again later, open a new session, or give the call up.
 */
export type RemedyKind =
  | "omit-argument"
  | "fix-argument"
  | "send-handle"
  | "name-node"
  | "ask-approval"
  | "propose-amendment"
  | "wait"
  | "open-session"
  | "give-up";

/** Code → status and constant text. */
export const CODES: { readonly [C in Code]: CodeInfo } = {
  PLAN_MALFORMED: { status: 400, text: "the plan does not have the form of a plan" },
  PLAN_CYCLE: { status: 422, text: "the plan's nodes depend on each other in a circle" },
  PLAN_LINT: { status: 422, text: "the plan has findings that forbid freezing it" },
  PLAN_TOO_LARGE: { status: 413, text: "the plan is larger than Sluice accepts" },
  PLAN_DIGEST_MISMATCH: { status: 409, text: "the frozen plan was changed after it was frozen" },
  PLAN_SIGNATURE_INVALID: { status: 403, text: "the plan's signature does not verify" },
  PLAN_EXPIRED: { status: 403, text: "the plan has expired", remedies: ["give-up"] },
  PLAN_UNKNOWN: { status: 404, text: "no such plan is loaded" },
  SESSION_MISSING: {
    status: 400,
    text: "the request names no session: its token goes into `Sluice-Session`, or behind `Authorization: Bearer`",
  },
  SESSION_UNKNOWN: { status: 404, text: "no such session" },
  SESSION_CLOSED: { status: 409, text: "the session is closed", remedies: ["open-session"] },
  SESSION_CONFLICT: { status: 409, text: "the session changed while the call was decided", remedies: ["wait"] },
  SESSION_PARAMS: { status: 422, text: "the session's parameters are not what the plan asks for" },
  SESSION_EXPIRED: { status: 403, text: "the session's time is over", remedies: ["open-session"] },
  AUTH_REQUIRED: { status: 401, text: "a credential is needed" },
  AUTH_DENIED: { status: 403, text: "the credential does not allow this" },
  CALL_MALFORMED: { status: 400, text: "the call is not a JSON object of arguments", remedies: ["fix-argument"] },
  CALL_TOO_LARGE: { status: 413, text: "the call's arguments are larger than the plan allows", remedies: ["fix-argument"] },
  CALL_NOT_IN_PLAN: { status: 403, text: "the plan has no such operation", remedies: ["propose-amendment"] },
  CALL_OUT_OF_ORDER: { status: 403, text: "an operation that must come before has not succeeded yet", remedies: ["wait"] },
  CALL_AMBIGUOUS: {
    status: 403,
    text: "the call fits several operations of the plan; name one in sluice_node",
    remedies: ["name-node"],
  },
  CALL_REPEATED: {
    status: 403,
    text: "the operation has been used as often as the plan allows",
    remedies: ["propose-amendment"],
  },
  CALL_GUARD: { status: 403, text: "the operation's condition does not hold", remedies: ["propose-amendment"] },
  CALL_REQUIRE: {
    status: 403,
    text: "a condition across the arguments does not hold",
    remedies: ["fix-argument", "propose-amendment"],
  },
  CALL_EACH: { status: 403, text: "the call fits no open row of the operation's loop", remedies: ["propose-amendment"] },
  CALL_LIMIT: { status: 403, text: "a limit of the session is used up", remedies: ["open-session"] },
  CALL_RATE: { status: 429, text: "the operation is called too often in its window of time", remedies: ["wait"] },
  CALL_BUDGET: {
    status: 403,
    text: "the call would exceed a budget of the plan",
    remedies: ["fix-argument", "propose-amendment"],
  },
  CALL_BREAKER: {
    status: 429,
    text: "calls of this tool were denied again and again: go on without it",
    remedies: ["give-up", "wait"],
  },
  CALL_NEEDS_APPROVAL: { status: 403, text: "a human must approve this call first", remedies: ["ask-approval"] },
  APPROVAL_UNKNOWN: { status: 404, text: "no such approval is asked for" },
  APPROVAL_DENIED: {
    status: 403,
    text: "a human has refused to approve this call",
    remedies: ["fix-argument", "give-up"],
  },
  APPROVAL_EXPIRED: { status: 403, text: "the approval came too late or was not used in time; ask again" },
  APPROVAL_STALE: {
    status: 409,
    text: "the approval is not for this any more: it was used, or what was approved has changed",
  },
  PLAN_NOT_APPROVED: { status: 403, text: "the plan lacks the approval that the policy asks for", remedies: ["give-up"] },
  PLAN_REVOKED: { status: 403, text: "the plan was revoked", remedies: ["give-up"] },
  SESSION_REVOKED: { status: 403, text: "the session was revoked", remedies: ["give-up"] },
  PRINCIPAL_REVOKED: { status: 403, text: "whom the session acts for may not act any more", remedies: ["give-up"] },
  GRANT_MISSING: { status: 403, text: "whom the session would act for has no grant for this plan", remedies: ["give-up"] },
  AMEND_OFF: { status: 403, text: "plans are not amended here", remedies: ["give-up"] },
  AMEND_MALFORMED: {
    status: 400,
    text: "the amendment is not one: send members of a plan, with nodes by name and null for a node to drop; parameters, name and task stay",
  },
  AMEND_INVALID: { status: 422, text: "the plan as amended cannot be frozen" },
  AMEND_RUNS: {
    status: 409,
    text: "a node that has run keeps its tool, loop, parsing, labels and disclosure, and only results that were kept can be referred to",
  },
  AMEND_WIDER: { status: 403, text: "the plan as amended allows more than the plan does: a human must approve it" },
  AMEND_LIMIT: { status: 403, text: "the session has asked for too many amendments", remedies: ["give-up"] },
  AMEND_UNKNOWN: { status: 404, text: "no such amendment was asked for" },
  AMEND_STALE: { status: 409, text: "the amendment is not for this any more: it was decided, or the plan has changed since" },
  RUN_UNKNOWN: { status: 404, text: "no such call is in flight" },
  RUN_SETTLED: { status: 409, text: "the call was settled already" },
  RESULT_TOO_LARGE: { status: 502, text: "the tool's result is larger than the plan allows" },
  RESULT_MALFORMED: { status: 502, text: "the tool's result cannot be read" },
  ARG_MISSING: { status: 403, text: "an argument that the agent must give is missing", remedies: ["fix-argument"] },
  ARG_UNEXPECTED: { status: 403, text: "the plan does not mention one of the arguments", remedies: ["omit-argument"] },
  ARG_MISMATCH: {
    status: 403,
    text: "an argument differs from what the plan fixes; omit it and it is filled in",
    remedies: ["omit-argument"],
  },
  ARG_CONSTRAINT: { status: 403, text: "an argument does not satisfy the plan's constraint", remedies: ["fix-argument"] },
  ARG_UNRESOLVED: {
    status: 403,
    text: "the value that the plan refers to is not there exactly once",
    remedies: ["propose-amendment"],
  },
  ARG_TEXT: {
    status: 403,
    text: "the text contains links or characters that the plan does not allow",
    remedies: ["fix-argument"],
  },
  ARG_HANDLE: { status: 403, text: "the handle is not one for this argument", remedies: ["omit-argument"] },
  HIDDEN: {
    status: 403,
    text: "the call cannot be made with the hidden data as it is",
    remedies: ["omit-argument", "send-handle"],
  },
  FLOW_SINK_DENIED: { status: 403, text: "a data-flow rule forbids this data in this call", remedies: ["propose-amendment"] },
  FLOW_AUDIENCE_DENIED: {
    status: 403,
    text: "the call would show data to someone who may not read it",
    remedies: ["propose-amendment"],
  },
  FLOW_CHOICE_UNTRUSTED: {
    status: 403,
    text: "the agent has read untrusted data and may not choose this argument",
    remedies: ["propose-amendment"],
  },
  FLOW_CONTROL_DENIED: {
    status: 403,
    text: "a data-flow rule forbids the call after the data that led to it",
    remedies: ["propose-amendment"],
  },
  TOOL_UNKNOWN: { status: 404, text: "the catalogue has no such tool" },
  TOOL_DESCRIPTOR_CHANGED: { status: 403, text: "the tool's definition changed after the plan was frozen" },
  UPSTREAM_FAILED: { status: 502, text: "the tool could not be reached", remedies: ["wait"] },
  UPSTREAM_FORBIDDEN: { status: 403, text: "the address leads into a network that is closed to tools", remedies: ["give-up"] },
  REQUEST_MALFORMED: {
    status: 400,
    text: "the request cannot be read as exactly one call of the operation",
    remedies: ["fix-argument"],
  },
  REQUEST_UNWRITABLE: {
    status: 403,
    text: "no request of the operation says exactly the call's arguments",
    remedies: ["fix-argument"],
  },
  RESULT_SECRET: {
    status: 502,
    text: "the tool's result held a credential of the firewall's and is withheld",
    remedies: ["give-up"],
  },
  TUNNEL_DENIED: {
    status: 403,
    text: "tunnels are closed, since nothing in them can be checked: send the requests to the address of the reverse proxy",
    remedies: ["give-up"],
  },
  DRAFT_MALFORMED: { status: 400, text: "the request is no task that can be drafted" },
  DRAFT_TOO_LARGE: { status: 413, text: "the request is larger than a task and its tools may be" },
  DRAFT_BUSY: { status: 429, text: "other tasks are being drafted: try again later" },
  DRAFT_UNAVAILABLE: { status: 503, text: "no planner can work here" },
  HISTORY_MISMATCH: {
    status: 403,
    text: "the conversation is not the one that was recorded: calls, results or their order were changed",
    remedies: ["open-session"],
  },
  MODEL_REQUEST: { status: 400, text: "the request to the model has a part that is not let through" },
  MODEL_RESPONSE: { status: 502, text: "the model's answer has a part that is not let through" },
  STORE_UNAVAILABLE: { status: 503, text: "the session's state cannot be reached", retryAfter: 1, remedies: ["wait"] },
  OVERLOADED: { status: 503, text: "there is too much to decide at once", retryAfter: 1, remedies: ["wait"] },
  RATE_LIMITED: { status: 429, text: "calls come too fast", retryAfter: 1, remedies: ["wait"] },
  SHUTTING_DOWN: { status: 503, text: "this process is about to end and takes no new calls", retryAfter: 1, remedies: ["wait"] },
  RELOAD_REFUSED: { status: 422, text: "what was read again cannot be put in force; nothing has changed" },
  CONFIG_INVALID: { status: 500, text: "Sluice is not configured correctly" },
  INTERNAL: { status: 500, text: "an internal error; the call is denied" },
};
