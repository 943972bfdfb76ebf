/**
 * Approvals of plans: each a compact JWS (RFC 7515, Ed25519 of RFC 8037) of one person over a plan's digest, kept beside the digest.
 * Asynchronous, no clock: the time is given. Never takes an algorithm, a type, a name or a key from the approval itself without a policy that says so.
 */
import type { JWK } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { CompactSign } from "jose/jws/compact/sign";
import { compactVerify } from "jose/jws/compact/verify";
import { importJWK } from "jose/key/import";
import { canonicalJson } from "../json/canonical.ts";
import { readJsonBytes } from "../json/read.ts";
import { type Json, member } from "../json/value.ts";
import { approvalsPerPlanMax } from "../limits.ts";
import { utf8 } from "../plan/digest.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { type SigningKey, thumbprintOf } from "../plan/sign.ts";
import type { Policy, Quorum } from "../policy/policy.ts";
import { err, ok, type Result } from "../result.ts";

/** The type in the header, so that no other JWS of the same key passes for an approval (RFC 8725 §3.11). */
const type = "sluice-approval+jws";

/** What is signed. */
interface Statement {
  readonly purpose: "plan";
  readonly digest: string;
  readonly approver: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expires?: number;
}

/** An approval that holds: who gave it, and with which key. */
export interface PlanApproval {
  /** Digest of the plan that was approved. */
  readonly digest: string;
  readonly approver: string;
  /** Thumbprint of the key (RFC 7638). */
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expires?: number;
}

/** Why a plan is not approved. */
export interface ApprovalFailure {
  readonly code: "PLAN_NOT_APPROVED" | "CONFIG_INVALID";
  readonly message: string;
}

/** How a person approves a plan. */
export interface ApproveOptions {
  /** The name that the policy knows the person by. */
  readonly approver: string;
  /** Private Ed25519 key. */
  readonly key: SigningKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds since the epoch after which the approval counts no more. */
  readonly expires?: number;
}

/**
 * The frozen plan with one more approval; one by the same key before it is replaced, since a person approves once. Error: `CONFIG_INVALID` if
 * the key is no private Ed25519 key, or there are too many approvals.
 */
export async function approvePlan(
  frozen: FrozenPlan,
  { approver, key, now, expires }: ApproveOptions,
): Promise<Result<FrozenPlan, ApprovalFailure>> {
  const { kty, crv, x, d } = key;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || typeof d !== "string") return err(invalidKey);
  const kid = await thumbprintOf(x);
  const approvals = (frozen.approvals ?? []).filter((jws) => keyIdOf(jws) !== kid);
  if (approvals.length >= approvalsPerPlanMax)
    return err({ code: "CONFIG_INVALID", message: `a plan has at most ${approvalsPerPlanMax} approvals` });
  const statement: Statement = {
    purpose: "plan",
    digest: frozen.digest,
    approver,
    at: now,
    ...(expires === undefined ? {} : { expires }),
  };
  try {
    const signer = await importJWK({ kty, crv, x, d } as JWK, "EdDSA");
    const jws = await new CompactSign(utf8(canonicalJson(statement as unknown as Json)))
      .setProtectedHeader({ alg: "EdDSA", typ: type, kid })
      .sign(signer);
    return ok(Object.freeze({ ...frozen, approvals: Object.freeze([...approvals, jws]) }));
  } catch {
    return err(invalidKey);
  }
}

/** The key that an approval says it is of, not verified: only to find the one that a new one replaces. */
function keyIdOf(jws: string): string | undefined {
  try {
    return decodeProtectedHeader(jws).kid;
  } catch {
    return undefined;
  }
}

/**
 * The approvals of a frozen plan that the policy's keys verify and that are for this very digest, whoever gave them. What does not verify is no
 * approval; whether they are enough, in time and not revoked, {@link isApproved} says.
 */
export async function readApprovals(frozen: FrozenPlan, policy: Policy | undefined): Promise<readonly PlanApproval[]> {
  const found: PlanApproval[] = [];
  for (const jws of (frozen.approvals ?? []).slice(0, approvalsPerPlanMax)) {
    const approval = await readApproval(jws, frozen.digest, policy);
    if (approval !== undefined) found.push(approval);
  }
  return found;
}

async function readApproval(jws: string, digest: string, policy: Policy | undefined): Promise<PlanApproval | undefined> {
  try {
    const header = decodeProtectedHeader(jws);
    if (header.typ !== type || header.crit !== undefined || header.b64 !== undefined) return undefined;
    if (header.alg !== "EdDSA" && header.alg !== "Ed25519") return undefined;
    for (const [name, approver] of Object.entries(policy?.approvers ?? {})) {
      if (!("key" in approver)) continue;
      const { x } = approver.key;
      const keyId = await thumbprintOf(x);
      if (header.kid !== keyId) continue;
      const key = await importJWK({ kty: "OKP", crv: "Ed25519", x } as JWK, "EdDSA");
      const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA", "Ed25519"] });
      const approval = statementOf(payload, { digest, name, keyId });
      if (approval !== undefined) return approval;
    }
    return undefined;
  } catch {
    return undefined;
  }
}

/** The statement that was signed, if it is one about this plan by this person. */
function statementOf(
  payload: Uint8Array,
  { digest, name, keyId }: { readonly digest: string; readonly name: string; readonly keyId: string },
): PlanApproval | undefined {
  const read = readJsonBytes(payload);
  if (!read.ok) return undefined;
  const at = member(read.value, "at");
  const expires = member(read.value, "expires");
  const isOurs =
    member(read.value, "purpose") === "plan" &&
    member(read.value, "digest") === digest &&
    member(read.value, "approver") === name;
  if (!isOurs || typeof at !== "number" || (expires !== undefined && typeof expires !== "number")) return undefined;
  return { digest, approver: name, keyId, at, ...(expires === undefined ? {} : { expires }) };
}

/** What counts towards an approval at one moment. */
export interface ApprovalMoment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Thumbprints of keys that were revoked. */
  readonly revoked?: ReadonlySet<string>;
}

/** Whether enough different people whom the quorum names have approved: no quorum asks for nobody, an empty list of people is never satisfied. */
export function isApproved(
  approvals: readonly PlanApproval[],
  quorum: Quorum | undefined,
  { now, revoked }: ApprovalMoment,
): boolean {
  if (quorum === undefined) return true;
  const people = new Set<string>();
  const keys = new Set<string>();
  for (const { approver, keyId, at, expires } of approvals) {
    const isInTime = at <= now + clockSkewMs && (expires === undefined || now <= expires);
    if (!isInTime || revoked?.has(keyId) === true || !quorum.by.includes(approver)) continue;
    people.add(approver);
    keys.add(keyId);
  }
  // One key under two names is one person.
  return Math.min(people.size, keys.size) >= Math.max(1, quorum.people ?? 1);
}

/** Milliseconds that the clock of who approves may be ahead. */
const clockSkewMs = 300_000;

/**
 * Verifies that a plan is approved as its policy asks: by as many different people as `approval.plans` says, of those whom it names, with the keys of
 * `approvers`. Without a policy that asks, every plan is. Error: `PLAN_NOT_APPROVED`.
 */
export async function verifyApprovals(
  frozen: FrozenPlan,
  policy: Policy | undefined,
  moment: ApprovalMoment,
): Promise<Result<readonly PlanApproval[], ApprovalFailure>> {
  const quorum = policy?.approval?.plans;
  const approvals = await readApprovals(frozen, policy);
  if (isApproved(approvals, quorum, moment)) return ok(approvals);
  const people = Math.max(1, quorum?.people ?? 1);
  return err({
    code: "PLAN_NOT_APPROVED",
    message: `the policy asks for the approval of ${people} ${people === 1 ? "person" : "different people"} of ${quorum?.by.map((name) => `\`${name}\``).join(", ") || "nobody"}`,
  });
}

const invalidKey: ApprovalFailure = {
  code: "CONFIG_INVALID",
  message: "expected a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`",
};
