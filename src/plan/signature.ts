/**
 * Puts a signature on a frozen plan, or takes it off.
 * Pure. Neither makes nor verifies one: that is `sign.ts`, which needs keys.
 */
import type { FrozenPlan } from "./plan.ts";

/** The frozen plan with the signature and the approvals of another copy of it: neither is part of what the digest covers. */
export function withMarksOf(frozen: FrozenPlan, { signature, approvals }: FrozenPlan): FrozenPlan {
  if (signature === undefined && approvals === undefined) return frozen;
  return Object.freeze({
    ...frozen,
    ...(signature === undefined ? {} : { signature }),
    ...(approvals === undefined ? {} : { approvals: Object.freeze([...approvals]) }),
  });
}

/** The frozen plan with another signature, or with none. Its digest stays, since the signature is no part of what it covers. */
export function withSignature(frozen: FrozenPlan, signature: string | undefined): FrozenPlan {
  const { signature: _, ...rest } = frozen;
  return Object.freeze(signature === undefined ? rest : { ...rest, signature });
}
