/**
 * What a rule about policies is, and what it finds.
 * Pure. Judges nothing.
 */
import { pointerOf } from "../../json/pointer.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Policy } from "../policy.ts";

/** A rule about policies: what it finds in one. */
export type PolicyRule = (policy: Policy) => readonly Finding[];

/** A finding at a place of a policy. */
export function policyFinding(
  severity: Finding["severity"],
  code: Finding["code"],
  place: { readonly path: readonly (string | number)[]; readonly message: string },
): Finding {
  return { code, severity, pointer: pointerOf(place.path), message: place.message };
}
