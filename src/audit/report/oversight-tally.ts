/**
 * What people decided: calls that waited for them, who answered and how fast, and amendments of plans.
 * Pure; bounded. A call that nobody answered is said to be so, and never counted as a decision.
 */
import { reportOpenMax, reportRowsMax } from "./bounds.ts";
import type { AuditRecord } from "../record.ts";
import type { Row } from "./form.ts";
import { addTo, type Point, type Proof, proofOf, timeText } from "./proof.ts";
import { textFact } from "./facts.ts";
import { byText, type Groups, openGroups, type Rows, type Taken, within } from "./tally.ts";

interface HoldSeen {
  readonly id: string;
  readonly record: Point & { readonly [name in "session" | "plan" | "node" | "tool" | "code"]: string | undefined };
  readonly expires: number;
  readonly people: number;
  readonly yes: string[];
  readonly no: string[];
  answered: number | undefined;
  isReleased: boolean;
  isVoid: boolean;
  isInPeriod: boolean;
  readonly proof: Proof;
}

interface Amendment {
  readonly point: Point;
  readonly row: Omit<Row<"amendments">, "cites">;
}

interface Approver {
  readonly by: string;
  approved: number;
  refused: number;
  timed: number;
  fastest: number;
  slowest: number;
  total: number;
  readonly proof: Proof;
}

/** Counts decisions of people. */
export interface OversightTally {
  /** Takes a record of any time: what is answered in the period may have been asked before it. */
  take(taken: Taken): void;
  /** Who approved the call that a release is of. */
  approversOf(record: AuditRecord): readonly string[];
  holds(world: Rows): readonly Row<"holds">[];
  approvers(world: Rows): readonly Row<"approvers">[];
  amendments(world: Rows): readonly Row<"amendments">[];
}

/** What was asked and answered so far. */
interface Decisions {
  readonly holds: Map<string, HoldSeen>;
  readonly people: Groups<Approver>;
  readonly amendments: Amendment[];
  /** Held calls and amendments beyond what is kept. */
  lost: number;
  lostAmendments: number;
}

/** Opens one. */
export function openOversightTally(): OversightTally {
  const state: Decisions = { holds: new Map(), people: openGroups(), amendments: [], lost: 0, lostAmendments: 0 };
  const { holds, people, amendments } = state;
  return {
    take: (taken) => {
      const { record, isInPeriod } = taken;
      if (record.kind === "hold") ask(state, taken);
      if (record.kind === "approve" || record.kind === "refuse") answer(state, taken);
      if (record.kind === "release") {
        const hold = holds.get(textFact(record, "hold") ?? "");
        if (hold === undefined) return;
        hold.isReleased = true;
        hold.isInPeriod ||= isInPeriod;
        addTo(hold.proof, record);
      }
      const voided = record.kind === "deny" || record.kind === "hold" ? holds.get(textFact(record, "voids") ?? "") : undefined;
      if (voided !== undefined) {
        voided.isVoid = true;
        addTo(voided.proof, record);
      }
      if (record.kind === "ask-amend" || record.kind === "amend" || record.kind === "judge-amend") amend(state, taken);
    },
    approversOf: (record) => holds.get(textFact(record, "hold") ?? "")?.yes ?? [],
    holds: (world) => {
      const rows = [...holds.values()].filter(({ isInPeriod }) => isInPeriod).map((hold) => holdRow(hold, world));
      return within(rows, "holds", world, state.lost);
    },
    approvers: (world) => {
      const rows = [...people.values()].map((each) => approverRow(each, world));
      return within(
        rows.sort((a, b) => byText(a.by, b.by)),
        "approvers",
        world,
        people.lost(),
      );
    },
    amendments: (world) =>
      within(
        amendments.map(({ point, row }) => ({ ...row, cites: world.citing.cite(proofOf(point)) })),
        "amendments",
        world,
        state.lostAmendments,
      ),
  };
}

function openApprover(by: string): Approver {
  return { by, approved: 0, refused: 0, timed: 0, fastest: Number.POSITIVE_INFINITY, slowest: 0, total: 0, proof: proofOf() };
}

function count(
  approver: Approver | undefined,
  { record, isYes, waited }: { readonly record: Point; readonly isYes: boolean; readonly waited: number | undefined },
): void {
  if (approver === undefined) return;
  if (isYes) approver.approved += 1;
  else approver.refused += 1;
  addTo(approver.proof, record);
  if (waited === undefined) return;
  approver.timed += 1;
  approver.total += waited;
  approver.fastest = Math.min(approver.fastest, waited);
  approver.slowest = Math.max(approver.slowest, waited);
}

function holdRow(
  { id, record, expires, yes, no, answered, isReleased, isVoid, proof, people }: HoldSeen,
  world: Rows,
): Row<"holds"> {
  const { citing, planName, end } = world;
  const isApproved = yes.length >= people && no.length === 0;
  const unanswered = isVoid ? "void" : expires <= end ? "expired" : "waiting";
  return {
    at: timeText(record.at),
    plan: record.plan ?? "",
    planName: planName(record.plan ?? ""),
    session: record.session ?? "",
    node: record.node ?? "",
    tool: record.tool ?? null,
    code: record.code ?? null,
    outcome: no.length > 0 ? "refused" : isApproved ? "approved" : unanswered,
    by: [...new Set([...yes, ...no])],
    answered: answered === undefined ? null : timeText(answered),
    responseMs: answered === undefined ? null : answered - record.at,
    released: isReleased,
    cites: citing.cite(proof, { text: id }),
  };
}

function approverRow(
  { by, approved, refused, timed, fastest, slowest, total, proof }: Approver,
  { citing }: Rows,
): Row<"approvers"> {
  const times =
    timed === 0
      ? { fastestMs: null, meanMs: null, slowestMs: null }
      : { fastestMs: fastest, meanMs: Math.round(total / timed), slowestMs: slowest };
  return { by, approved, refused, ...times, cites: citing.cite(proof, { kind: ["approve", "refuse"], by }) };
}

function amendmentOf(record: AuditRecord): Amendment {
  const { kind, seq, at, session = "" } = record;
  const isYes = textFact(record, "decision") === "approve";
  const row = {
    at: timeText(at),
    session,
    plan: textFact(record, "plan") ?? record.plan ?? "",
    parent: textFact(record, "parent") ?? "",
    what: kind === "ask-amend" ? "asked" : kind === "amend" ? "applied" : isYes ? "approved" : "refused",
    by: textFact(record, "by") ?? null,
  } as const;
  return { point: { seq, at }, row };
}

function ask(state: Decisions, { record, isInPeriod }: Taken): void {
  const id = textFact(record, "hold");
  if (id === undefined) return;
  if (state.holds.size >= reportOpenMax) {
    // Those that are over and of no interest go first.
    for (const [known, hold] of state.holds) if (!hold.isInPeriod && hold.expires < record.at) state.holds.delete(known);
    if (state.holds.size >= reportOpenMax) {
      state.lost += 1;
      return;
    }
  }
  const { expires, people: asked } = record.facts;
  const { seq, at, session, plan, node, tool, code } = record;
  state.holds.set(id, {
    id,
    record: { seq, at, session, plan, node, tool, code },
    expires: typeof expires === "number" ? expires : Number.POSITIVE_INFINITY,
    people: typeof asked === "number" ? asked : 1,
    yes: [],
    no: [],
    answered: undefined,
    isReleased: false,
    isVoid: false,
    isInPeriod,
    proof: proofOf(record),
  });
}

function answer(state: Decisions, { record, isInPeriod }: Taken): void {
  const by = textFact(record, "by");
  const hold = state.holds.get(textFact(record, "hold") ?? "");
  const isYes = record.kind === "approve";
  if (hold !== undefined && by !== undefined) {
    (isYes ? hold.yes : hold.no).push(by);
    addTo(hold.proof, record);
    if (!isYes || hold.yes.length >= hold.people) hold.answered ??= record.at;
    hold.isInPeriod ||= isInPeriod;
  }
  if (isInPeriod && by !== undefined)
    count(
      state.people.of(by, () => openApprover(by)),
      { record, isYes, waited: hold === undefined ? undefined : record.at - hold.record.at },
    );
}

function amend(state: Decisions, { record, isInPeriod }: Taken): void {
  if (!isInPeriod) return;
  if (state.amendments.length < reportRowsMax) state.amendments.push(amendmentOf(record));
  else state.lostAmendments += 1;
}
