/**
 * Who the approvers of a policy are: their keys, by which two names are known for one person.
 * Pure. Never says whether anyone may approve anything.
 */
import type { Policy } from "./policy.ts";

/** The public keys (`x` of an Ed25519 JWK) of a policy's approvers, by name; those without a key are not among them. */
export function approverKeys(policy: Policy | undefined): ReadonlyMap<string, string> {
  const all = Object.entries(policy?.approvers ?? {});
  return new Map(all.flatMap(([name, approver]) => ("key" in approver ? [[name, approver.key.x] as const] : [])));
}
