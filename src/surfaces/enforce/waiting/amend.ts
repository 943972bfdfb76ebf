/**
 * Amendments over a store: what an agent asks for goes through at once where it is narrower or granted, and waits for a human otherwise.
 * Never lets an agent decide, and never tells it a value: it learns where its own draft is wider, and nothing of what the plan holds.
 */
import { combine, diffCompiled, type PlanChange, type PlanDiff, type Relation } from "../../../amend/diff.ts";
import { type Proposal, proposeAmendment } from "../../../amend/propose.ts";
import type { Code } from "../../../codes.ts";
import { envelopeKey, refuseContinuation } from "../../../decide/continue.ts";
import { isLargerThan } from "../../../decide/size.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import type { Guard } from "../../../engine.ts";
import type { Json } from "../../../json/value.ts";
import { amendmentBytesMax, amendmentsPerSessionMax, commitAttemptsMax, openAmendmentsMax } from "../../../limits.ts";
import { readToken } from "../../credential.ts";
import type { Live } from "../session/live.ts";
import { type Denial, denialOf } from "../permit.ts";
import { codeOf, commit, isConflict, isPast, nextAttempt, type Point, refusal, timeOf } from "../point.ts";
import { refuseStanding } from "../session/standing.ts";
import type { AmendmentOptions } from "./amendment.ts";
import { type AmendEvent, amendmentOf, askRecord, goOn } from "./amendments.ts";

/** One difference, as far as an agent may know it: where, and in which direction. */
export type SafeChange = Pick<PlanChange, "relation" | "node" | "argument" | "after">;

/** What becomes of an amendment. */
export type Amended =
  | { readonly status: "applied"; readonly plan: string; readonly changes: readonly SafeChange[] }
  | { readonly status: "waiting"; readonly amendment: number; readonly plan: string; readonly changes: readonly SafeChange[] }
  | {
      readonly status: "denied";
      readonly verdict: Denial;
      /** Where the draft cannot be frozen: codes and pointers, no texts. */
      readonly findings: readonly { readonly code: string; readonly pointer: string }[];
    };

function denied(code: Code, findings: Extract<Amended, { readonly status: "denied" }>["findings"] = []): Amended {
  return { status: "denied", verdict: denialOf(code), findings };
}

/** Takes an amendment of the session that a token opens. */
export async function amendSession(point: Point, token: string, draft: Json): Promise<Amended> {
  const read = readToken(token);
  if (read === undefined) return denied("SESSION_UNKNOWN");
  const { amendments } = point;
  if (amendments === undefined) return denied("AMEND_OFF");
  if (isLargerThan(draft, amendmentBytesMax)) return denied("AMEND_MALFORMED");
  return point.live.exclusively(read.session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(read.session);
      if (!refreshed.ok) return denied(codeOf(refreshed.error));
      const { live, revoked } = refreshed.value;
      const code = refusal(point, live, read) ?? (await refuseStanding(point, live, revoked)) ?? refuseAsking(point, live);
      if (code !== undefined) return denied(code);
      const answer = await takeDraft(point, live, { draft, amendments });
      if (answer !== undefined) return answer;
    }
    return denied("SESSION_CONFLICT");
  });
}

function refuseAsking(point: Point, live: Live): Code | undefined {
  const { state, guard } = live;
  if (state.isClosed) return "SESSION_CLOSED";
  if (isPast(point, live, guard.program.plan.notAfter)) return "PLAN_EXPIRED";
  return state.amended + state.asks.length >= amendmentsPerSessionMax ? "AMEND_LIMIT" : undefined;
}

/** Reads a draft and commits what becomes of it; `undefined` if the session changed meanwhile. */
async function takeDraft(
  point: Point,
  live: Live,
  { draft, amendments }: { readonly draft: Json; readonly amendments: AmendmentOptions },
): Promise<Amended | undefined> {
  const { guard, state } = live;
  const { program, frozen } = guard;
  const spentOf = (entry: number): number => state.spentEnvelope.get(envelopeKey(program, entry)) ?? 0;
  const proposal = proposeAmendment({ frozen, compiled: program.plan, catalogue: amendments.catalogue, spentOf }, draft);
  if (!proposal.ok)
    return denied(
      proposal.error.code,
      proposal.error.findings.map(({ code, pointer }) => ({ code, pointer })),
    );
  const own = live.root.guardOf(proposal.value.own);
  const approved = live.root.guardOf(proposal.value.approved);
  if (!own.ok || !approved.ok) return denied("AMEND_INVALID");
  const diff = diffCompiled(program.plan, own.value.program.plan, { isAmending: true });
  // What people read of a plan is theirs: an agent does not reword it by itself.
  const isOwn = isGranted(diff, proposal.value) && !proposal.value.isReworded;
  if (isOwn && !isMultiplying(own.value, proposal.value, spentOf))
    return applyOwn(point, live, { child: own.value, proposal: proposal.value, diff });
  return askFor(point, live, approved.value);
}

/** Whether all that is wider is what the envelope grants. */
function isGranted({ changes }: PlanDiff, { granted }: Proposal): boolean {
  const rest: Relation = combine(
    changes.filter(({ node }) => node === undefined || !granted.has(node)).map(({ relation }) => relation),
  );
  return rest === "same" || rest === "narrower";
}

/** Whether runs of one entry would be counted as those of several nodes: budgets and rates of a policy count each node by itself. */
function isMultiplying({ program }: Guard, { granted, spent }: Proposal, spentOf: (entry: number) => number): boolean {
  const isCounted = [...granted].some((name) => {
    const node = program.plan.byName.get(name);
    return (
      node !== undefined &&
      [node.constraints, ...node.within].some(({ budgets, rate }) => budgets.length > 0 || rate !== undefined)
    );
  });
  const entries = spent.map(({ entry }) => entry);
  return isCounted && (new Set(entries).size < entries.length || entries.some((entry) => spentOf(entry) > 0));
}

async function applyOwn(
  point: Point,
  live: Live,
  { child, proposal, diff }: { readonly child: Guard; readonly proposal: Proposal; readonly diff: PlanDiff },
): Promise<Amended | undefined> {
  const refused = refuseContinuation(live.state, live.guard.program, child.program);
  if (refused !== undefined) return denied(refused);
  const { spent } = proposal;
  const event: AmendEvent = {
    type: "amend",
    at: timeOf(point, live),
    plan: child.digest,
    parent: live.state.plan,
    by: "agent",
    ...(spent.length === 0 ? {} : { spent }),
  };
  const committed = await goOn(point, live, { child, event });
  if (committed === "conflict") return undefined;
  return committed === undefined ? { status: "applied", plan: child.digest, changes: diff.changes.map(safe) } : denied(committed);
}

/** Keeps what only a human may allow. The same plan is asked for once. */
async function askFor(point: Point, live: Live, child: Guard): Promise<Amended | undefined> {
  const { state, guard } = live;
  const refused = refuseContinuation(state, guard.program, child.program);
  if (refused !== undefined) return denied(refused);
  const { changes } = diffCompiled(guard.program.plan, child.program.plan, { isAmending: true });
  const answer = (amendment: number): Amended => ({
    status: "waiting",
    amendment,
    plan: child.digest,
    changes: changes.map(safe),
  });
  const known = state.asks.findIndex((ask) => ask.plan === child.digest && ask.parent === state.plan && ask.status !== "stale");
  if (state.asks[known]?.status === "denied") return denied("APPROVAL_DENIED");
  if (known >= 0) return answer(known);
  if (state.asks.filter(({ status }) => status === "waiting").length >= openAmendmentsMax) return denied("AMEND_LIMIT");
  const saved = await point.live.children.save(child.frozen);
  if (!saved.ok) return denied(codeOf(saved.error));
  const event: SessionEvent = { type: "ask-amend", at: timeOf(point, live), ask: { plan: child.digest, parent: state.plan } };
  const records = [askRecord(live, state.asks.length)];
  const committed = await commit(point, live, { entries: [{ event }], records });
  if (isConflict(committed)) return undefined;
  if (!committed.ok) return denied(codeOf(committed.error));
  point.live.advance(live, [event]);
  const number = state.asks.length - 1;
  point.onAsk(amendmentOf(point, live, { number, child }));
  return answer(number);
}

function safe({ relation, node, argument, after }: PlanChange): SafeChange {
  return {
    relation,
    ...(node === undefined ? {} : { node }),
    ...(argument === undefined ? {} : { argument }),
    ...(after === undefined ? {} : { after }),
  };
}
