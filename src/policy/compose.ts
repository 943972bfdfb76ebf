/**
 * Several policies → one that is as strict as all of them: commutative, associative, idempotent, whatever the order.
 * Pure. Never lets one policy loosen another; what cannot be expressed as a meet is kept from both sides.
 */
import { leastOf } from "../lang/match/kinds.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import type { Effect, LabelSpec } from "../plan/plan.ts";
import { unknownName } from "../plan/built-in-labels.ts";
import type { Approver, ArgumentRole, ApproveCalls, Issuer, Policy, PolicyLabel, PolicyLimits, Quorum } from "./policy.ts";

/** A composed policy in its one canonical form: lists sorted, nothing twice, no examples. */
export function composePolicies(policies: readonly [Policy, ...(readonly Policy[])]): Policy {
  const [first, ...others] = policies.map(canonical) as [Policy, ...Policy[]];
  return others.reduce(meet, first);
}

/** What a label means under a policy that knows nothing of other declarations; readers are explicit. */
function readersOf(policy: Policy, name: string): readonly string[] | "public" {
  const label = Object.hasOwn(policy.labels ?? {}, name) ? policy.labels?.[name] : undefined;
  return label?.readers ?? (policy.readers === "closed" ? [] : "public");
}

/** The same policy in the one form that equal policies share. */
function canonical(policy: Policy): Policy {
  const { examples: _examples, description: _description, ...rest } = policy;
  return compact({
    ...rest,
    name: [...new Set(policy.name.split("+"))].sort().join("+"),
    readers: policy.readers === "closed" ? ("closed" as const) : undefined,
    labels: labelsOf([policy]),
    flows: sorted((policy.flows ?? []).map(({ description: _, ...flow }) => ({ ...flow, ...texts({ to: flow.to }) }))),
    sanitizers: sorted(
      (policy.sanitizers ?? []).map(({ description: _, ...rule }) => ({
        ...rule,
        ...texts({ to: rule.to, through: rule.through }),
      })),
    ),
    roles: byKey([policy.roles], (each) => byKey(each, allRoles)),
    effects: byKey([policy.effects], (each) => union(each)),
    audience: byKey([policy.audience], widestAudience),
    approve: approveOf([policy.approve]),
    limits: limitsOf([policy.limits]),
    forbid: sorted(policy.forbid ?? []),
    constraints: sorted(policy.constraints ?? []),
    approvers: byKey([policy.approvers], soleApprover),
    approval: approvalOf([policy], byKey([policy.approvers], soleApprover)),
    issuers: byKey([policy.issuers], soleIssuer),
    peers: byKey([policy.peers], allNames),
  });
}

/** Both policies at once; both are canonical, and so is the result. */
function meet(a: Policy, b: Policy): Policy {
  const approvers = byKey([a.approvers, b.approvers], soleApprover);
  return compact({
    sluicePolicy: 1 as const,
    name: [...new Set([...a.name.split("+"), ...b.name.split("+")])].sort().join("+"),
    readers: a.readers ?? b.readers,
    labels: labelsOf([a, b]),
    flows: sorted([...(a.flows ?? []), ...(b.flows ?? [])]),
    sanitizers: sorted([...(a.sanitizers ?? []), ...(b.sanitizers ?? [])]),
    roles: byKey([a.roles, b.roles], (each) => byKey(each, allRoles)),
    effects: byKey([a.effects, b.effects], (each) => union(each)),
    audience: byKey([a.audience, b.audience], widestAudience),
    approve: approveOf([a.approve, b.approve]),
    limits: limitsOf([a.limits, b.limits]),
    forbid: sorted([...(a.forbid ?? []), ...(b.forbid ?? [])]),
    constraints: sorted([...(a.constraints ?? []), ...(b.constraints ?? [])]),
    approvers,
    approval: approvalOf([a, b], approvers),
    issuers: byKey([a.issuers, b.issuers], soleIssuer),
    peers: byKey([a.peers, b.peers], allNames),
  });
}

/** Without members that say nothing; members in ascending order of their names. */
function compact(policy: { readonly [K in keyof Policy]: Policy[K] | undefined }): Policy {
  const kept = Object.entries(policy).filter(([, value]) => value !== undefined && !isEmpty(value));
  return Object.fromEntries(kept.sort(([x], [y]) => (x < y ? -1 : 1))) as unknown as Policy;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Each element once, in the order of its canonical text. */
function sorted<Element>(list: readonly Element[]): readonly Element[] {
  const byText = new Map(list.map((element) => [canonicalJson(element as unknown as Json), element]));
  return [...byText].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, element]) => element);
}

/** Lists of globs as they are written are as good as the glob alone; in a canonical policy they are sorted lists. */
function texts<Shape extends { readonly [name: string]: string | readonly string[] }>(
  shape: Shape,
): { readonly [K in keyof Shape]: readonly string[] } {
  const lists = Object.entries(shape).map(([name, value]) => [
    name,
    [...new Set(typeof value === "string" ? [value] : value)].sort(),
  ]);
  return Object.fromEntries(lists) as { readonly [K in keyof Shape]: readonly string[] };
}

function union<Value extends string>(lists: readonly (readonly Value[])[]): readonly Value[] {
  return [...new Set(lists.flat())].sort();
}

/** Joins maps: every key of any, with what `join` makes of its values; keys in ascending order. */
function byKey<Value, Joined>(
  maps: readonly ({ readonly [key: string]: Value } | undefined)[],
  join: (values: readonly Value[]) => Joined,
): { readonly [key: string]: Joined } {
  const values = new Map<string, Value[]>();
  for (const map of maps)
    for (const [key, value] of Object.entries(map ?? {})) values.set(key, [...(values.get(key) ?? []), value]);
  return Object.fromEntries([...values].sort(([x], [y]) => (x < y ? -1 : 1)).map(([key, list]) => [key, join(list)]));
}

/** Every label that one of the policies declares, as all of them together have it. */
function labelsOf(policies: readonly Policy[]): { readonly [name: string]: PolicyLabel } {
  const isClosed = policies.some(({ readers }) => readers === "closed");
  const specs = byKey(
    policies.map(({ labels }) => labels),
    (all) => all.some(({ integrity }) => integrity === "untrusted"),
  );
  return Object.fromEntries(
    Object.entries(specs).map(([name, isUntrusted]): [string, PolicyLabel] => {
      const integrity: LabelSpec["integrity"] = isUntrusted ? "untrusted" : "trusted";
      const readers = policies.map((policy) => readersOf(policy, name)).reduce(fewerReaders);
      const isSaid = readers !== "public" || isClosed;
      return [name, isSaid ? { integrity, readers } : { integrity }];
    }),
  );
}

function fewerReaders(a: readonly string[] | "public", b: readonly string[] | "public"): readonly string[] | "public" {
  if (a === "public") return b === "public" ? b : [...new Set(b)].sort();
  return [...new Set(b === "public" ? a : a.filter((reader) => b.includes(reader)))].sort();
}

/** Every role that is said of an argument: more than one is a dispute. */
function allRoles(roles: readonly (ArgumentRole | readonly ArgumentRole[])[]): readonly ArgumentRole[] {
  return union(roles.map((each) => (typeof each === "string" ? [each] : each)));
}

/** Everyone who reads on any side: the more readers there are, the fewer data may be sent. */
function widestAudience(all: readonly (readonly string[] | "public")[]): readonly string[] | "public" {
  return all.includes("public") ? "public" : union(all as readonly (readonly string[])[]);
}

function approveOf(all: readonly (ApproveCalls | undefined)[]): ApproveCalls | undefined {
  const tools = union(all.map((each) => each?.tools ?? []));
  const effects = union<Effect>(all.map((each) => each?.effects ?? []));
  const untrusted = union<ArgumentRole>(all.map((each) => each?.untrusted ?? []));
  return {
    ...(effects.length === 0 ? {} : { effects }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(untrusted.length === 0 ? {} : { untrusted }),
  };
}

function limitsOf(all: readonly (PolicyLimits | undefined)[]): PolicyLimits {
  const text = numbers({
    bits: leastOf(all.map((each) => each?.text?.bits)),
    maxLength: leastOf(all.map((each) => each?.text?.maxLength)),
  });
  return {
    ...numbers({
      calls: leastOf(all.map((each) => each?.calls)),
      endorsedBits: leastOf(all.map((each) => each?.endorsedBits)),
      maxBytes: leastOf(all.map((each) => each?.maxBytes)),
      nodes: leastOf(all.map((each) => each?.nodes)),
      seconds: leastOf(all.map((each) => each?.seconds)),
    }),
    ...(isEmpty(text) ? {} : { text }),
  };
}

function numbers(values: { readonly [name: string]: number | undefined }): { readonly [name: string]: number } {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/** An approver whom all policies know by the same key. Two keys under one name are nobody's: who it is cannot be told. */
function soleApprover(all: readonly Approver[]): Approver {
  const keys = new Set(all.map((approver) => ("key" in approver ? approver.key.x : undefined)));
  const [sole] = all;
  if (keys.size !== 1 || sole === undefined || !("key" in sole)) return { revoked: true };
  const { kty, crv, x } = sole.key;
  return { key: { crv, kty, x } };
}

/** Every issuer that is said to be behind a tool: more than one is nobody. */
function allNames(names: readonly (string | readonly string[])[]): readonly string[] {
  return union(names.map((each) => [each].flat()));
}

/**
 * An issuer whom all policies know by the same key. It may speak about what all of them list, and what it speaks about has the labels that
 * any of them gives it.
 */
function soleIssuer(all: readonly Issuer[]): Issuer {
  const known = all.flatMap((issuer) => ("key" in issuer ? [issuer] : []));
  const [sole] = known;
  if (sole === undefined || known.length < all.length || known.some(({ key }) => key.x !== sole.key.x)) return { revoked: true };
  const { kty, crv, x } = sole.key;
  const isListed = (theirs: string): boolean => known.every(({ labels }) => Object.hasOwn(labels ?? {}, theirs));
  const labels = byKey(
    known.map((issuer) => issuer.labels),
    allNames,
  );
  const readers = Object.entries(sole.readers ?? {})
    .filter(([theirs, ours]) =>
      known.every((issuer) => Object.hasOwn(issuer.readers ?? {}, theirs) && issuer.readers?.[theirs] === ours),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    constants: allNames(known.map(({ constants = unknownName }) => constants)),
    key: { crv, kty, x },
    labels: Object.fromEntries(Object.entries(labels).filter(([theirs]) => isListed(theirs))),
    readers: Object.fromEntries(readers),
  };
}

/** Who approves under all policies: those whom each of them names, and as many as the one that wants most. */
function approvalOf(
  policies: readonly Policy[],
  approvers: { readonly [name: string]: Approver },
): { readonly plans?: Quorum; readonly calls?: Quorum } {
  const isAble = (person: string): boolean => {
    const approver = Object.hasOwn(approvers, person) ? approvers[person] : undefined;
    return approver !== undefined && "key" in approver;
  };
  const quorum = (kind: "plans" | "calls"): Quorum | undefined => {
    const all = policies.flatMap(({ approval }) => approval?.[kind] ?? []);
    const [first, ...others] = all;
    if (first === undefined) return undefined;
    const by = [...new Set(first.by)]
      .filter((person) => isAble(person) && others.every((other) => other.by.includes(person)))
      .sort();
    return { by, people: Math.max(...all.map(({ people }) => people ?? 1)) };
  };
  const [calls, plans] = [quorum("calls"), quorum("plans")];
  return { ...(calls === undefined ? {} : { calls }), ...(plans === undefined ? {} : { plans }) };
}
