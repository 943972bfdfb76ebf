/**
 * Amendments that wait for a human, over a store: what people look at, what they decide, and how a session goes on.
 * Never for an agent: whoever calls this has authenticated a person or the host.
 */
import { diffCompiled } from "../../../amend/diff.ts";
import { writtenIn } from "../../../amend/written.ts";
import type { Code } from "../../../codes.ts";
import { refuseContinuation } from "../../../decide/continue.ts";
import { countPeople } from "../../../decide/program.ts";
import type { AskState, SessionEvent } from "../../../decide/state.ts";
import type { Guard } from "../../../engine.ts";
import type { JsonObject } from "../../../json/value.ts";
import { commitAttemptsMax } from "../../../limits.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { RecordWrite } from "../../../stores/store.ts";
import { isSessionId } from "../../credential.ts";
import type { Live } from "../session/live.ts";
import { codeOf, commit, isConflict, isPast, nextAttempt, type Point, timeOf } from "../point.ts";
import { refuseStanding } from "../session/standing.ts";
import type { Amendment, AmendmentDecision } from "./amendment.ts";
import { pendingRecord, pendingRecords } from "./pending.ts";

/** The amendments of a session, oldest first, each that waits with its difference. For people, not for an agent. */
export async function listAmendments(point: Point, session: string): Promise<Result<readonly Amendment[], Code>> {
  return point.live.exclusively(session, async () => {
    const refreshed = await point.live.refresh(session);
    if (!refreshed.ok) return err(codeOf(refreshed.error));
    const { live } = refreshed.value;
    const found: Amendment[] = [];
    for (const number of live.state.asks.keys()) found.push(await showAmendment(point, live, number));
    return ok(found);
  });
}

/** Every amendment that waits for a human now, over all sessions, what expires first at first. For people, not for an agent. */
export async function listWaiting(point: Point): Promise<Result<readonly Amendment[], Code>> {
  const records = await pendingRecords(point, "amendment");
  if (!records.ok) return records;
  const found: Amendment[] = [];
  for (const { amendment: id } of records.value) {
    const amendment = typeof id === "string" ? await findAmendment(point, id) : undefined;
    if (amendment?.ok === false && amendment.error === "STORE_UNAVAILABLE") return amendment;
    if (amendment?.ok && amendment.value.status === "waiting") found.push(amendment.value);
  }
  return ok(found);
}

/** One amendment by its id, whatever became of it. Error: `AMEND_UNKNOWN`. */
export async function findAmendment(point: Point, id: string): Promise<Result<Amendment, Code>> {
  const [, session = "", number = ""] = /^(.{1,128})\.a(0|[1-9]\d{0,5})$/.exec(id) ?? [];
  if (!isSessionId(session)) return err("AMEND_UNKNOWN");
  return point.live.exclusively(session, async () => {
    const refreshed = await point.live.refresh(session);
    // That there is no such session is not for whoever guesses ids to learn.
    if (!refreshed.ok) return err(refreshed.error.kind === "unknown" ? "AMEND_UNKNOWN" : codeOf(refreshed.error));
    const { live } = refreshed.value;
    return Number(number) < live.state.asks.length ? ok(await showAmendment(point, live, Number(number))) : err("AMEND_UNKNOWN");
  });
}

function idOf({ header }: Live, number: number): string {
  return `${header.id}.a${number}`;
}

/** The record by which the amendment that gets this number is found: it can wait as long as its session. */
export function askRecord(live: Live, number: number): RecordWrite {
  const id = idOf(live, number);
  return pendingRecord("amendment", { id, expires: live.header.expiresAt, value: { amendment: id } });
}

async function showAmendment(point: Point, live: Live, number: number): Promise<Amendment> {
  const { plan, status } = live.state.asks[number] as AskState;
  const child = status === "waiting" ? await point.live.children.find(live.root, plan) : undefined;
  return amendmentOf(point, live, { number, child: child?.ok ? child.value : undefined });
}

/** An amendment with what its session and its plans say of it; `child`: the guard of the plan as amended. */
export function amendmentOf(
  point: Point,
  live: Live,
  { number, child }: { readonly number: number; readonly child: Guard | undefined },
): Amendment {
  const { header, guard, state } = live;
  const { at, plan, parent, status, approvers } = state.asks[number] as AskState;
  const isOver = status === "waiting" && isPast(point, live, header.expiresAt);
  const { program, frozen } = guard;
  return {
    id: idOf(live, number),
    session: header.id,
    amendment: number,
    principal: header.principal,
    planName: frozen.plan.name,
    status: isOver ? "expired" : status,
    at,
    expires: header.expiresAt,
    plan,
    parent,
    context: program.labels.toValue(state.context).sources,
    people: peopleOf(guard),
    approvers: [...approvers],
    ...(child === undefined
      ? {}
      : {
          written: writtenIn(frozen.plan, child.frozen.plan),
          diff: diffCompiled(program.plan, child.program.plan, { isAmending: true }),
        }),
  };
}

function peopleOf(guard: Guard): number {
  return Math.max(1, ...quorumsOf(guard).map((quorum) => quorum.people ?? 1));
}

/**
 * Records what a person says of an amendment, and goes on under its plan once enough have approved it. Errors: `AMEND_UNKNOWN`,
 * `AMEND_STALE` (decided, the plan changed since, or the person saw another one), `AUTH_DENIED` (the policy names others).
 */
export async function decideAmendment(
  point: Point,
  session: string,
  number: number,
  said: AmendmentDecision,
): Promise<Result<Amendment, Code>> {
  return point.live.exclusively(session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(session);
      if (!refreshed.ok) return err(codeOf(refreshed.error));
      const { live, revoked } = refreshed.value;
      const fallen = (await refuseStanding(point, live, revoked)) ?? refuseDeciding(point, live, { number, said });
      if (fallen !== undefined) return err(fallen);
      const decided = await commitDecision(point, live, { number, said });
      if (decided === "conflict") continue;
      return decided === undefined ? ok(await showAmendment(point, live, number)) : err(decided);
    }
    return err("SESSION_CONFLICT");
  });
}

interface Said {
  readonly number: number;
  readonly said: AmendmentDecision;
}

function refuseDeciding(point: Point, live: Live, { number, said }: Said): Code | undefined {
  const { state, header, guard } = live;
  const ask = state.asks[number];
  if (ask === undefined) return "AMEND_UNKNOWN";
  if (state.isClosed) return "SESSION_CLOSED";
  if (isPast(point, live, header.expiresAt)) return "SESSION_EXPIRED";
  if (ask.status !== "waiting" || ask.parent !== state.plan || ask.plan !== said.plan) return "AMEND_STALE";
  // Who says `agent` would be taken for the agent in the record.
  if (said.by === "agent" || said.by === "") return "AUTH_DENIED";
  return quorumsOf(guard).every(({ by }) => by.includes(said.by)) ? undefined : "AUTH_DENIED";
}

/** What a plan needs, an amendment of it needs too; and what a call needs. */
function quorumsOf({ policy }: Guard): readonly { readonly by: readonly string[]; readonly people?: number }[] {
  return [policy?.approval?.plans, policy?.approval?.calls].filter((quorum) => quorum !== undefined);
}

async function commitDecision(point: Point, live: Live, { number, said }: Said): Promise<Code | "conflict" | undefined> {
  const { by, decision, reason } = said;
  const facts = reason === undefined ? {} : { facts: { reason } };
  const ask = live.state.asks[number] as AskState;
  const quorums = quorumsOf(live.guard);
  const people = peopleOf(live.guard);
  const { keys } = live.guard.program.approval;
  // Who approved under an older policy counts only if every quorum of now names him.
  const counted = [...ask.approvers, by].filter((name) => quorums.every((quorum) => quorum.by.includes(name)));
  const isEnough = countPeople(counted, { ...(keys && { keys }) }) >= people;
  if (decision === "deny" || !isEnough) {
    const event: SessionEvent = { type: "judge-amend", at: timeOf(point, live), ask: number, by, decision };
    const committed = await commit(point, live, { entries: [{ event, ...facts }] });
    if (isConflict(committed)) return "conflict";
    if (!committed.ok) return codeOf(committed.error);
    point.live.advance(live, [event]);
    return undefined;
  }
  const child = await point.live.children.find(live.root, ask.plan);
  if (!child.ok) return codeOf(child.error);
  // What ran since may refuse what could have gone on when it was asked for.
  const refused = refuseContinuation(live.state, live.guard.program, child.value.program);
  if (refused !== undefined) return refused;
  const event: AmendEvent = { type: "amend", at: timeOf(point, live), plan: ask.plan, parent: live.state.plan, by, ask: number };
  return goOn(point, live, { child: child.value, event, ...facts });
}

/** The event by which a session goes on under another plan. */
export type AmendEvent = Extract<SessionEvent, { readonly type: "amend" }>;

/** Keeps the child's plan, commits the event, and goes on under the plan; a code, or `conflict` if someone else was faster. */
export async function goOn(
  point: Point,
  live: Live,
  { child, event, facts }: { readonly child: Guard; readonly event: AmendEvent; readonly facts?: JsonObject },
): Promise<Code | "conflict" | undefined> {
  const saved = await point.live.children.save(child.frozen);
  if (!saved.ok) return codeOf(saved.error);
  const committed = await commit(point, live, { entries: [facts === undefined ? { event } : { event, facts }] });
  if (isConflict(committed)) return "conflict";
  if (!committed.ok) return codeOf(committed.error);
  point.live.amend(live, event, child);
  return undefined;
}
