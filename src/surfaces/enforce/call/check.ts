/**
 * The first half of the path: load → join the conversation's label → decide → commit.
 * Never returns a permit whose event is not committed.
 */
import type { Code } from "../../../codes.ts";
import { isBreakerOpen } from "../../../decide/breaker.ts";
import { factsOfVerdict } from "../../../decide/carried.ts";
import { decide, type Decision, decideRelease } from "../../../decide/decide.ts";
import { verdictReads } from "../../../decide/made.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import { type Verdict, verdictOf } from "../../../decide/verdict.ts";
import { type AttemptedCall, batchLabel } from "../../../engine.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import { strictCopy } from "../../../json/strict.ts";
import type { JsonObject } from "../../../json/value.ts";
import { commitAttemptsMax, denialsPerSessionMax, inFlightMax, recordedCallCharsMax, resultBytesMax } from "../../../limits.ts";
import { qualifiedName } from "../../../plan/tool-name.ts";
import { assert, type Result } from "../../../result.ts";
import { issuedRecord } from "../../../receipts/issued.ts";
import type { Change, StoreFailure } from "../../../stores/store.ts";
import { type Credential, readToken } from "../../credential.ts";
import type { Live } from "../session/live.ts";
import { holdRecord } from "../waiting/approvals.ts";
import { type Checked, checkFailed, type Denial, denialOf, type Permit } from "../permit.ts";
import { codeOf, commit, isConflict, nextAttempt, type Point, refusal, timeOf } from "../point.ts";
import { refuseStanding } from "../session/standing.ts";
import { contextAfter, labelToJoin, takesOf } from "./commit.ts";
import { peerOf, promiseReceipt } from "./receipts.ts";
import { writtenByCall } from "./resources.ts";

/** Decides a call of the session that a token opens. `batch`: the tools of all calls that the agent made at once with it. */
export function checkCall(
  point: Point,
  token: Credential,
  { call, batch = [] }: { readonly call: AttemptedCall; readonly batch?: readonly string[] | undefined },
): Promise<Checked> {
  return inSession(point, token, (live, arrived) => {
    const tool = qualified(live, call.tool);
    if (isBreakerOpen(live.guard.program, live.state, { tool, arrived })) return checkFailed("CALL_BREAKER");
    const decided = (): Promise<Checked | undefined> =>
      decideOnce(point, live, {
        tool,
        call: { ...call, tool },
        decide: (at) => decide(live.guard.program, live.state, { ...call, tool, at }, point),
      });
    if (batch.length < 2) return decided();
    return joinBatch(point, live, batch).then((refused) => (refused === "joined" ? decided() : refused));
  });
}

/**
 * Raises the context with what the results of calls that were made at once may carry, so that each is checked as if the others had returned
 * (ANCHORS C7; "A batch" in `src/README.md`). `undefined`: the session changed meanwhile.
 */
async function joinBatch(point: Point, live: Live, batch: readonly string[]): Promise<"joined" | Checked | undefined> {
  const { program } = live.guard;
  const named = batch.slice(0, inFlightMax).map((tool) => ({ tool: qualified(live, tool), args: null }));
  const label = batchLabel(program, named);
  if (program.labels.flowsTo(program.labels.fromForeign(label), live.state.context)) return "joined";
  const event: SessionEvent = { type: "context", at: timeOf(point, live), label };
  // SECURITY: in the conversation too. What is in the session's context counts as told there, and no result would say it again.
  const context = contextAfter(live, { reads: program.labels.fromForeign(label) });
  const committed = await commit(point, live, { entries: [{ event }], ...(context === undefined ? undefined : { context }) });
  if (isConflict(committed)) return undefined;
  if (!committed.ok) return checkFailed(codeOf(committed.error));
  point.live.advance(live, [event]);
  return "joined";
}

/** Releases a held call of the session that a token opens, if people have approved it and it still passes: once, with exactly the held bytes. */
export async function releaseCall(point: Point, token: Credential, hold: string): Promise<Checked> {
  return inSession(point, token, (live) => {
    const node = live.state.holds.get(hold)?.node ?? "";
    return decideOnce(point, live, {
      tool: live.guard.program.plan.byName.get(node)?.tool?.name ?? "",
      release: hold,
      decide: (at) => {
        const decision = decideRelease(live.guard.program, live.state, { hold, at }, point);
        return typeof decision === "string" ? denialOf(decision, hold) : decision;
      },
    });
  });
}

/** Runs a job on the session that a token opens, as it stands and as long as it may go on; again, if someone else changed it meanwhile. */
function inSession(
  point: Point,
  token: Credential,
  job: (live: Live, arrived: number) => Checked | Promise<Checked | undefined>,
): Promise<Checked> {
  const read = readToken(token);
  if (read === undefined) return Promise.resolve(checkFailed("SESSION_UNKNOWN"));
  const arrived = point.clock();
  return point.live.exclusively(read.session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(read.session);
      if (!refreshed.ok) return checkFailed(codeOf(refreshed.error));
      const { live, context, revoked } = refreshed.value;
      const code = refusal(point, live, read) ?? (await refuseStanding(point, live, revoked));
      if (code !== undefined) return checkFailed(code);
      if (live.state.denied >= denialsPerSessionMax) return checkFailed("CALL_LIMIT");
      // What other sessions of the conversation have seen, this one's agent may remember.
      const joined = context === undefined ? undefined : labelToJoin(live, context);
      if (joined !== undefined) {
        const event: SessionEvent = { type: "context", at: timeOf(point, live), label: joined };
        const committed = await commit(point, live, { entries: [{ event }] });
        if (isConflict(committed)) continue;
        if (!committed.ok) return checkFailed(codeOf(committed.error));
        point.live.advance(live, [event]);
      }
      const checked = await job(live, arrived);
      if (checked !== undefined) return checked;
    }
    return checkFailed("SESSION_CONFLICT");
  });
}

/** What is to be decided: a denial, where nothing is to be recorded. */
interface Asked {
  readonly tool: string;
  /** The call, or the hold that is to be released. */
  readonly call?: AttemptedCall;
  readonly release?: string;
  readonly decide: (at: number) => Decision | Denial;
}

/** Decides and commits; `undefined` if the session changed meanwhile. */
async function decideOnce(point: Point, live: Live, asking: Asked): Promise<Checked | undefined> {
  const { program } = live.guard;
  const { state } = live;
  const { tool } = asking;
  const at = timeOf(point, live);
  const asked = asking.decide(at);
  if ("decision" in asked) return { allow: false, verdict: asked };
  let decision = asked;
  const promised = decision.allow ? promiseReceipt(point, live, decision) : undefined;
  if (decision.allow && promised !== undefined) decision = { ...decision, event: { ...decision.event, receipt: promised.id } };
  let verdict = verdictOf(program, state, decision);
  let committed = await commitDecision(point, live, { decision, verdict, asking });
  if (!committed.ok && committed.error.kind === "budget" && decision.allow) {
    decision = outOfBudget(live, decision, { tool, at });
    verdict = verdictOf(program, state, decision);
    committed = await commitDecision(point, live, { decision, verdict, asking });
  }
  if (isConflict(committed)) return undefined;
  if (!committed.ok) return checkFailed(codeOf(committed.error));
  if (decision.allow) {
    assert(verdict.decision === "allow", "an allow is an allow");
    const permit = permitOf(live, decision);
    point.live.advance(live, [decision.event], decision.made);
    const receipt = promised === undefined ? undefined : await promised.sign();
    return { allow: true, verdict, permit: receipt === undefined ? permit : { ...permit, receipt } };
  }
  assert(verdict.decision === "deny", "a denial is a denial");
  point.live.advance(live, [decision.event], decision.made);
  if (decision.event.hold !== undefined) point.onHold(live, decision.event.hold.id);
  return { allow: false, verdict };
}

function commitDecision(
  point: Point,
  live: Live,
  { decision, verdict, asking }: { readonly decision: Decision; readonly verdict: Verdict; readonly asking: Asked },
): Promise<Result<number, StoreFailure>> {
  const { event } = decision;
  const facts = factsOf(point, live, { verdict, asking });
  const context = contextAfter(live, decision.made);
  const takes = decision.allow && decision.fit.shared.length > 0 ? takesOf(live, decision, point.skewMs) : undefined;
  const change: Change = {
    entries: [facts === undefined ? { event } : { event, facts }],
    ...(context === undefined ? undefined : { context }),
    ...(takes === undefined ? undefined : { takes }),
    ...recordsOf(live, event),
  };
  return decision.allow && decision.event.writes !== undefined
    ? commitWriting(point, live, { decision, change })
    : commit(point, live, change);
}

/** Commits a call that writes to resources: the store is asked what is kept where it reads, too. */
async function commitWriting(
  point: Point,
  live: Live,
  { decision, change }: { readonly decision: Decision & { readonly allow: true }; readonly change: Change },
): Promise<Result<number, StoreFailure>> {
  const resources = await writtenByCall(point, live, decision);
  return resources.ok ? commit(point, live, { ...change, resources: resources.value }) : resources;
}

/** The records by which what waits, and where a receipt was issued, is found. */
function recordsOf(live: Live, event: Decision["event"]): Pick<Change, "records"> | undefined {
  if (event.type === "deny") return event.hold === undefined ? undefined : { records: [holdRecord(live, event.hold)] };
  const { receipt, run, at } = event;
  if (receipt === undefined) return undefined;
  const { header, state } = live;
  return { records: [issuedRecord({ receipt, session: header.id, version: state.version + 1, run, purpose: "request", at })] };
}

/** What the operator may know beside the event: why it was denied, and for an audit what was asked and which labels its arguments carried. */
function factsOf(
  point: Point,
  live: Live,
  { verdict, asking }: { readonly verdict: Verdict; readonly asking: Asked },
): JsonObject | undefined {
  if (!point.recordsCalls) return verdict.decision === "deny" ? factsOfVerdict(live.guard.program, verdict) : undefined;
  return { ...factsOfVerdict(live.guard.program, verdict), call: recordedCall(asking) };
}

/** What was asked, as plain JSON. Arguments are their canonical text: as deep as they are, they are one text. */
function recordedCall({ tool, call, release }: Asked): JsonObject {
  const args = call === undefined ? undefined : canonicalJson(strictCopy(call.args) ?? null);
  if (args !== undefined && args.length > recordedCallCharsMax) return { tool };
  return {
    tool,
    ...(args === undefined ? {} : { args }),
    ...(call?.node === undefined ? {} : { node: call.node }),
    ...(call?.labels === undefined ? {} : { labels: strictCopy(call.labels) ?? null }),
    ...(release === undefined ? {} : { release }),
  };
}

/** The denial in place of an allow whose shared budgets the store refused. What a denial of this node may not tell, this one does not either. */
function outOfBudget(
  live: Live,
  decision: Decision & { readonly allow: true },
  call: { readonly tool: string; readonly at: number },
): Decision {
  const { fit, made } = decision;
  const code: Code = verdictReads(live.state, fit.node).isHidden ? "HIDDEN" : "CALL_BUDGET";
  const named = decision.event.isNamed === true ? { named: fit.node.name } : {};
  const event = {
    type: "deny" as const,
    at: call.at,
    code,
    tool: call.tool,
    node: fit.node.name,
    isTried: true as const,
    ...named,
  };
  return { allow: false, code, misfit: { stage: 7, code, node: fit.node, row: fit.row, args: fit.args }, made, event };
}

function permitOf(live: Live, decision: Decision & { readonly allow: true }): Permit {
  const { fit, run, event } = decision;
  const { node } = fit;
  const tool = node.tool?.name ?? "";
  const permit: Omit<Permit, "body"> = {
    session: live.header.id,
    run,
    tool,
    args: fit.final,
    lease: event.lease,
    resultBytesMax: Math.min(node.constraints.maxBytes, live.guard.program.plan.limits.maxBytes, resultBytesMax),
    // What a read brings back is asked for when the tool has done reading.
    // Of what another agent answers the receipt is judged first, which is about all of it.
    isStreamable:
      node.show === "all" && !node.isReferred && event.reads === undefined && peerOf(live.guard.policy, tool) === undefined,
  };
  return Object.defineProperty(permit, "body", bodyOfArgs) as Permit;
}

const bodies = new WeakMap<JsonObject, string>();

/**
 * The body of a permit: written when it is asked for, as a handler in this process takes the arguments themselves. One getter for all permits:
 * a literal with a getter is a shape of its own each time, and four times as dear.
 */
const bodyOfArgs: PropertyDescriptor & ThisType<Permit> = {
  enumerable: true,
  get() {
    const body = bodies.get(this.args) ?? canonicalJson(this.args);
    bodies.set(this.args, body);
    return body;
  },
};

/** The qualified name of a tool: as given, or the one tool of the plan that has this bare name. */
function qualified(live: Live, tool: string): string {
  const { byTool } = live.guard.program.plan;
  return (tool.includes("/") ? tool : qualifiedName(tool, [...byTool.keys()])).slice(0, toolCharsMax);
}

/** An agent's word for a tool that the plan does not have is kept no longer than a name can be. */
const toolCharsMax = 260;
