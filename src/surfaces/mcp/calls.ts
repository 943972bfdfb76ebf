/**
 * One call through the gateway, whatever its method: compare the server with the plan, check, forward, settle.
 * Never forwards anything but the permitted arguments, and never returns an answer that is not settled.
 */
import type { Code } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import { isLargerThan } from "../../decide/size.ts";
import type { AttemptedCall } from "../../engine.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { member } from "../../json/value.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import { serverName } from "../../plan/tool-name.ts";
import { receiptMeta } from "../../receipts/receipt.ts";
import type { LabelValue } from "../../taint/label.ts";
import type { Allowance, Checked, Denial, Enforcer, Permit, PlanInForce, Settled } from "../enforce.ts";
import { followSignals } from "../following-signal.ts";
import { type MessageId, notificationMessage, type RpcOutcome } from "./jsonrpc.ts";
import type { Lane } from "./lane.ts";
import { saidOf } from "./results.ts";
import type { Route } from "./route.ts";
import type { Upstream, UpstreamFailure } from "./upstream.ts";

/** One request of a client, with all that serving it needs. */
export interface Ask {
  readonly method: string;
  readonly params: JsonObject;
  readonly isStateless: boolean;
  readonly plan: PlanInForce;
  readonly lane: Lane;
  readonly route: Route;
  readonly signal: AbortSignal;
  /** What the client wants progress to be told under. */
  readonly progressToken: MessageId | undefined;
  /** Tools of all calls that came in the same batch. */
  readonly batch: readonly string[] | undefined;
}

/** How a method's call is sent and its answer read. */
export interface Form {
  readonly method: string;
  readonly params: (permit: Permit) => JsonObject;
  /** Whether an answer has the form that the method's has. */
  readonly isAnswer: (result: JsonObject) => boolean;
  readonly record: (outcome: RpcOutcome, node: CompiledNode | undefined) => ToolResult;
}

/** What came of a call. */
export type Performed =
  | { readonly kind: "denied"; readonly denial: Denial }
  | { readonly kind: "settled"; readonly outcome: RpcOutcome; readonly settled: Settled };

/** A call, or the id of one that a person has approved. */
export type Attempt = AttemptedCall & { readonly approval?: string };

/** Performs a call for a client's request. */
export async function perform(
  enforcer: Enforcer,
  ask: Ask,
  { attempt, form }: { attempt: Attempt; form: Form },
): Promise<Performed> {
  const { token } = ask.route;
  const { program, frozen } = ask.plan.guard;
  const isPlanned = program.plan.byTool.has(attempt.tool);
  const opened = isPlanned ? await ask.lane.open(serverName(attempt.tool), frozen) : undefined;
  // A server that is not there, or not what the plan was frozen with, is asked nothing, and nothing is spent on it.
  if (opened?.ok === false)
    return { kind: "denied", denial: await enforcer.refuse(token, { tool: attempt.tool, code: opened.error }) };
  const checked = await check(enforcer, ask, attempt);
  if (!checked.allow) return { kind: "denied", denial: checked.verdict };
  const { permit, verdict } = checked;
  if (opened === undefined) return failed(enforcer, permit, "TOOL_UNKNOWN");
  if (ask.signal.aborted) return failed(enforcer, permit, "UPSTREAM_FAILED");
  const node = ask.plan.guard.program.plan.byName.get(verdict.node);
  const answer = await forward(enforcer, ask, { permit, verdict, node, form, upstream: opened.value });
  await ask.lane.settled();
  if (!answer.ok) return failed(enforcer, permit, codeOfFailure(answer.error));
  const outcome = answer.value;
  // What is not recorded counts too.
  const told = outcome.ok ? outcome.result : (outcome.error as unknown as Json);
  if (isLargerThan(told, permit.resultBytesMax)) return failed(enforcer, permit, "RESULT_TOO_LARGE");
  if (outcome.ok && !form.isAnswer(outcome.result)) return failed(enforcer, permit, "RESULT_MALFORMED");
  const said = saidOf(outcome, ask.plan.header.principal);
  return { kind: "settled", outcome, settled: await enforcer.settle(permit, form.record(outcome, node), said) };
}

async function check(enforcer: Enforcer, ask: Ask, attempt: Attempt): Promise<Checked> {
  const { approval, ...call } = attempt;
  const { token } = ask.route;
  if (approval !== undefined) {
    const released = await enforcer.release(token, approval);
    // What was approved must be what is asked for: an answer never goes to a question of another tool.
    if (!released.allow || released.permit.tool === call.tool) return released;
    await enforcer.fail(released.permit, "APPROVAL_STALE");
    return { allow: false, verdict: await enforcer.refuse(token, { tool: call.tool, code: "APPROVAL_STALE" }) };
  }
  return enforcer.check(token, call, ask.batch === undefined ? {} : { batch: ask.batch });
}

async function failed(enforcer: Enforcer, permit: Permit, code: Code): Promise<Performed> {
  const settled = await enforcer.fail(permit, code);
  return settled.ok
    ? { kind: "settled", outcome: { ok: true, result: {} }, settled: { ...settled, isWhole: false } }
    : { kind: "denied", denial: settled.verdict };
}

function codeOfFailure(failure: UpstreamFailure): Code {
  if (failure === "large") return "RESULT_TOO_LARGE";
  return failure === "broken" ? "RESULT_MALFORMED" : "UPSTREAM_FAILED";
}

interface Forwarding {
  readonly permit: Permit;
  readonly verdict: Allowance;
  readonly node: CompiledNode | undefined;
  readonly form: Form;
  readonly upstream: Upstream;
}

async function forward(
  enforcer: Enforcer,
  ask: Ask,
  { permit, verdict, node, form, upstream }: Forwarding,
): ReturnType<Upstream["request"]> {
  const { receipt } = permit;
  const params = form.params(permit);
  const meta = receipt === undefined ? {} : { _meta: { [receiptMeta]: receipt } };
  const leave = ask.lane.routes.enter(upstream.name, ask.route);
  const { progressToken } = ask;
  // Progress of a result that is hidden would tell of it.
  const isTold = progressToken !== undefined && node?.show === "all";
  const following = followSignals([ask.signal], leaseMs(enforcer, permit));
  try {
    return await upstream.request(
      form.method,
      { ...params, ...meta },
      {
        signal: following.signal,
        ...(isTold ? { onProgress: progressTo(enforcer, ask, { progressToken, label: callLabel(verdict, ask, node) }) } : {}),
      },
    );
  } finally {
    following.release();
    leave();
  }
}

/** Passes progress on, once the agent may see it. */
function progressTo(
  enforcer: Enforcer,
  ask: Ask,
  { progressToken, label }: { readonly progressToken: MessageId; readonly label: LabelValue },
): (progress: JsonObject) => void {
  return (progress) =>
    ask.lane.inOrder(async () => {
      const denial = await enforcer.disclose(ask.route.token, label);
      if (denial === undefined) ask.route.send(progressMessage(progressToken, progress));
    });
}

function leaseMs(enforcer: Enforcer, permit: Permit): number {
  return Math.min(Math.max(1, permit.lease - enforcer.clock()), 2_147_483_647);
}

/** The label of what a call brings: of its tool and of its arguments. */
function callLabel(verdict: Allowance, { plan }: Ask, node: CompiledNode | undefined): LabelValue {
  const { labels, toolLabels } = plan.guard.program;
  const own = node === undefined ? undefined : toolLabels[node.index];
  const args = Object.values(verdict.labels).map((label) => labels.fromValue(label));
  return labels.toForeign([...(own === undefined ? [labels.of(["unknown"])] : [own]), ...args].reduce(labels.join));
}

function progressMessage(progressToken: MessageId, params: JsonObject): JsonObject {
  const kept = ["progress", "total", "message"].flatMap((name) => {
    const value = member(params, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return notificationMessage("notifications/progress", { ...Object.fromEntries(kept), progressToken });
}
