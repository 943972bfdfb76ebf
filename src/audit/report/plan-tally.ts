/**
 * Which plans were in force, who approved them, and which of their safeguards applied how often.
 * Pure; bounded. An approval that no key verifies is no approval, and a safeguard is said to apply only where its node ran.
 */
import type { AuditRecord } from "../record.ts";
import type { Row } from "./form.ts";
import type { NodeFacts, PlanFacts } from "./plan-facts.ts";
import { addTo, type Point, type Proof, proofOf, timeText } from "./proof.ts";
import { textFact } from "./facts.ts";
import { byText, type Groups, openGroups, type Rows, type Taken, within } from "./tally.ts";

interface NodeRuns {
  readonly plan: PlanFacts;
  readonly node: NodeFacts;
  readonly allowed: Proof;
  /** Results that fitted their schema: only there a sanitizer applies. */
  readonly valid: Proof;
  readonly settled: Proof;
}

/** A plan under which something happened. */
interface Used {
  readonly digest: string;
  readonly approved: Pick<PlanFacts, "approvals" | "unverified" | "signature"> | undefined;
  readonly proof: Proof;
}

interface Told {
  readonly by: string;
  readonly kind: string;
  readonly point: Point;
}

/** Counts what plans did. */
export interface PlanTally {
  take(taken: Taken): void;
  /** Who approved a plan. */
  approversOf(digest: string): readonly string[];
  approvals(world: Rows): readonly Row<"approvals">[];
  safeguards(world: Rows): readonly Row<"safeguards">[];
}

/** Opens one. */
export function openPlanTally(): PlanTally {
  const runs: Groups<NodeRuns> = openGroups();
  /** The record that keeps the text of each plan, and who the log says froze or approved it. */
  const loaded: Groups<Point> = openGroups();
  const told: Groups<Told[]> = openGroups();
  const used: Groups<Used> = openGroups();
  const note = (record: AuditRecord): void => {
    const by = textFact(record, "by");
    const digest = textFact(record, "plan") ?? textFact(record, "digest");
    if (by !== undefined && digest !== undefined)
      told.of(digest, () => [])?.push({ by, kind: record.kind, point: { seq: record.seq, at: record.at } });
  };
  const approversOf: PlanTally["approversOf"] = (digest) => {
    const signed = used.get(digest)?.approved?.approvals.map(({ approver }) => approver) ?? [];
    const noted = told.get(digest) ?? [];
    return [...new Set([...signed, ...noted.map(({ by }) => by)])].sort();
  };
  return {
    approversOf,
    take: ({ record, isInPeriod, plan, node }) => {
      if (record.kind === "plan-loaded") loaded.of(textFact(record, "plan") ?? "", () => ({ seq: record.seq, at: record.at }));
      // A plan may be approved long before the period; what amends one is approved with its digest.
      if (record.kind === "plan-frozen" || (record.kind === "amend" && textFact(record, "by") !== "agent")) note(record);
      if (!isInPeriod || record.plan === undefined) return;
      const digest = record.plan;
      const use = used.of(digest, () => ({
        digest,
        approved: plan === undefined ? undefined : approvedOf(plan),
        proof: proofOf(),
      }));
      if (use !== undefined) addTo(use.proof, record);
      if (plan === undefined || node === undefined || node.safeguards.length === 0) return;
      const of = runs.of(`${plan.digest}\n${node.name}`, () => ({
        plan,
        node,
        allowed: proofOf(),
        valid: proofOf(),
        settled: proofOf(),
      }));
      if (of === undefined) return;
      if (record.kind === "allow" || record.kind === "release") addTo(of.allowed, record);
      if (record.kind !== "settle") return;
      addTo(of.settled, record);
      if (record.facts.valid === true) addTo(of.valid, record);
    },
    approvals: (world) => {
      const rows = used.values().flatMap((use) => {
        const first = loaded.get(use.digest);
        return approvalRows(use, {
          world,
          place: first === undefined ? use.proof : proofOf(first),
          told: told.get(use.digest) ?? [],
        });
      });
      return within(
        rows.sort((a, b) => byText(a.planName, b.planName)),
        "approvals",
        world,
        used.lost(),
      );
    },
    safeguards: (world) => {
      const rows = runs.values().flatMap((each) => safeguardRows(each, { world, approversOf }));
      rows.sort((a, b) => byText(a.planName, b.planName) || byText(a.kind, b.kind) || byText(a.node, b.node));
      return within(rows, "safeguards", world, runs.lost());
    },
  };
}

/** What of a plan is kept: not the plan. */
function approvedOf({ approvals, unverified, signature }: PlanFacts): NonNullable<Used["approved"]> {
  return { approvals, unverified, signature };
}

function approvalRows(
  { digest, approved: plan }: Used,
  { world: { citing, planName }, place, told }: { readonly world: Rows; readonly place: Proof; readonly told: readonly Told[] },
): readonly Row<"approvals">[] {
  const of = { plan: digest, planName: planName(digest) };
  const signed = (plan?.approvals ?? []).map(({ approver, at, keyId }) => ({
    ...of,
    by: approver,
    at: timeText(at),
    how: "signature" as const,
    detail: `signed with key ${keyId}, which the plan's policy names`,
    cites: citing.cite(place),
  }));
  const noted = told.map(({ by, kind, point }) => ({
    ...of,
    by,
    at: timeText(point.at),
    how: "record" as const,
    detail: kind === "amend" ? "an amendment that a person approved" : "the log says who froze it",
    cites: citing.cite(proofOf(point)),
  }));
  if (signed.length + noted.length > 0) return [...signed, ...noted];
  const unverified = plan?.unverified ?? 0;
  const detail =
    plan === undefined
      ? "the text of the plan is not in the log"
      : unverified > 0
        ? `${unverified} signed approval${unverified === 1 ? "" : "s"} in the plan that no key of its policy verifies`
        : plan.signature
          ? "the plan is signed, by a key that the log does not know; nobody is named"
          : "nobody is named: neither the plan nor the log says who approved it";
  return [{ ...of, by: null, at: null, how: "none", detail, cites: citing.cite(place) }];
}

function safeguardRows(
  { plan, node, allowed, valid, settled }: NodeRuns,
  { world, approversOf }: { readonly world: Rows; readonly approversOf: PlanTally["approversOf"] },
): readonly Row<"safeguards">[] {
  const filter = { plan: plan.digest, node: node.name };
  return node.safeguards.flatMap(({ kind, what, why, isOfResult }) => {
    const proof = kind === "sanitizer" ? valid : isOfResult === true ? settled : allowed;
    if (proof.count === 0) return [];
    return {
      plan: plan.digest,
      planName: plan.name,
      node: node.name,
      tool: node.tool,
      kind,
      what,
      why: why ?? null,
      allowedBy: approversOf(plan.digest),
      calls: proof.count,
      ...world.citing.span(proof, { ...filter, kind: isOfResult === true ? ["settle"] : ["allow", "release"] }),
    };
  });
}
