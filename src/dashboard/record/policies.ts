/**
 * The policies in force, with the plans that each binds and what linting says of it.
 * Never the composition alone: what was frozen with a plan and what holds today are told apart, as whoever changes them needs it.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import { sha256Hex } from "../../plan/digest.ts";
import type { Finding } from "../../plan/finding.ts";
import { policyOf } from "../../policy/frozen.ts";
import { lintPolicy } from "../../policy/lint.ts";
import type { Policy } from "../../policy/policy.ts";
import type { DashboardWorld } from "../dashboard.ts";

/** A plan, as a link. */
export interface BoundPlan {
  readonly digest: string;
  readonly name: string;
}

/** One rule of a policy, in a line. */
export interface PolicyRule {
  readonly kind: string;
  /** Its id or what it is about; absent: it has none. */
  readonly name?: string;
  readonly says: string;
}

/** A policy in force. */
export interface PolicyInForce {
  /** Digest of its canonical text. */
  readonly digest: string;
  readonly name: string;
  readonly description?: string;
  /** `today`: what this process was started with; `frozen`: it came with plans. It may be both. */
  readonly origins: readonly ("today" | "frozen")[];
  readonly plans: readonly BoundPlan[];
  readonly rules: readonly PolicyRule[];
  readonly findings: readonly Finding[];
  readonly whole: Json;
}

/** All of them, and the plans that no policy binds. */
export interface PoliciesInForce {
  readonly policies: readonly PolicyInForce[];
  readonly unbound: readonly BoundPlan[];
  /** Number of plans in force. */
  readonly planCount: number;
}

/** The policies in force: today's first, then those that were frozen with plans. */
export function policiesOf(world: Pick<DashboardWorld, "enforcer" | "policy" | "catalogue">): PoliciesInForce {
  const plans = [...world.enforcer.guards.values()].map(({ frozen }) => frozen);
  const found = new Map<
    string,
    { readonly policy: Policy; readonly origins: Set<"today" | "frozen">; readonly plans: BoundPlan[] }
  >();
  const bind = (policy: Policy, origin: "today" | "frozen", bound: readonly BoundPlan[]): void => {
    const key = sha256Hex(canonicalJson(policy as unknown as Json));
    const known = found.get(key) ?? { policy, origins: new Set(), plans: [] };
    known.origins.add(origin);
    for (const plan of bound) if (!known.plans.some(({ digest }) => digest === plan.digest)) known.plans.push(plan);
    found.set(key, known);
  };
  const today = world.policy?.();
  const linkOf = ({ digest, plan }: (typeof plans)[number]): BoundPlan => ({ digest, name: plan.name });
  if (today !== undefined) bind(today, "today", plans.map(linkOf));
  for (const frozen of plans) {
    const own = policyOf(frozen);
    if (own !== undefined) bind(own, "frozen", [linkOf(frozen)]);
  }
  const catalogue = world.catalogue?.();
  const unbound = today === undefined ? plans.filter((frozen) => policyOf(frozen) === undefined).map(linkOf) : [];
  return {
    policies: [...found].map(([digest, { policy, origins, plans: bound }]) => ({
      digest,
      name: policy.name,
      ...(policy.description === undefined ? {} : { description: policy.description }),
      origins: [...origins],
      plans: bound,
      rules: rulesOf(policy),
      findings: lintPolicy(policy, catalogue),
      whole: policy as unknown as Json,
    })),
    unbound,
    planCount: plans.length,
  };
}

function list(names: string | readonly string[] | undefined): string {
  return typeof names === "string" ? names : (names ?? []).join(", ");
}

/** What a rule is about, if not everything. */
function about(name: string, names: string | readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? "" : ` ${name} ${list(names)}`;
}

function rule(kind: string, says: string, name?: string): PolicyRule {
  return { kind, says, ...(name === undefined ? {} : { name }) };
}

/** The rules of a policy, a line each, in the order in which the language has them. */
export function rulesOf(policy: Policy): readonly PolicyRule[] {
  return [
    ...(policy.readers === "closed" ? [rule("readers", "what has no label may be read by nobody")] : []),
    ...Object.entries(policy.labels ?? {}).map(([name, { integrity, readers }]) =>
      rule(
        "label",
        [integrity ?? "", readers === undefined ? "" : `readers: ${list(readers) || "nobody"}`]
          .filter((part) => part !== "")
          .join("; "),
        name,
      ),
    ),
    ...(policy.flows ?? []).map((flow) =>
      rule(
        "flow",
        `${flow.approve === "human" ? "needs a person's approval" : "denies"}: ${list(flow.deny)} to ${list(flow.to)}${about("in", flow.args)}${about("as", flow.roles)}${about("unless endorsed to", flow.accepts)}`,
        flow.id,
      ),
    ),
    ...(policy.sanitizers ?? []).map(({ id, labels, to, through }) =>
      rule("sanitizer", `${list(labels)} reaches ${list(to)} only through ${list(through)}`, id),
    ),
    ...(policy.forbid ?? []).map(({ id, tools, effects, classes, roles, why }) =>
      rule(
        "forbid",
        `no${about("tools", tools)}${about("effects", effects)}${about("arguments that are", classes)}${about("as", roles)}${why === undefined ? "" : `: ${why}`}`,
        id,
      ),
    ),
    ...(policy.constraints ?? []).map(({ id, tools, effects, hold, why }) =>
      rule(
        "constraint",
        `${canonicalJson(hold as unknown as Json)}${about("on tools", tools)}${about("with effects", effects)}${why === undefined ? "" : `: ${why}`}`,
        id,
      ),
    ),
    ...peopleRules(policy),
  ];
}

/** Who approves, how much is allowed, what tools are taken for, and who is behind them. */
function peopleRules(policy: Policy): readonly PolicyRule[] {
  const { approve, approval, limits } = policy;
  return [
    ...(approve === undefined
      ? []
      : [
          rule(
            "approve calls",
            `a person approves${about("tools", approve.tools)}${about("effects", approve.effects)}${about("untrusted data as", approve.untrusted)}`,
          ),
        ]),
    ...(["plans", "calls"] as const).flatMap((what) => {
      const quorum = approval?.[what];
      return quorum === undefined ? [] : [rule(`approve ${what}`, `${quorum.people ?? 1} of ${list(quorum.by) || "nobody"}`)];
    }),
    ...(limits === undefined ? [] : [rule("limits", canonicalJson(limits as unknown as Json))]),
    ...Object.entries(policy.roles ?? {}).map(([tools, roles]) => rule("roles", canonicalJson(roles as unknown as Json), tools)),
    ...Object.entries(policy.effects ?? {}).map(([tools, effects]) => rule("effects", list(effects), tools)),
    ...Object.entries(policy.audience ?? {}).map(([tools, audience]) => rule("audience", list(audience) || "nobody", tools)),
    ...Object.entries(policy.approvers ?? {}).map(([name, approver]) =>
      rule("approver", "revoked" in approver ? "revoked" : "may approve", name),
    ),
    ...Object.entries(policy.issuers ?? {}).map(([name, issuer]) =>
      rule(
        "issuer",
        "revoked" in issuer ? "revoked" : `may speak about ${Object.keys(issuer.labels ?? {}).join(", ") || "nothing"}`,
        name,
      ),
    ),
    ...Object.entries(policy.peers ?? {}).map(([tools, issuers]) => rule("peer", `behind it is ${list(issuers)}`, tools)),
  ];
}
