/**
 * Writes a policy in TypeScript: a label or approver that is not declared does not compile.
 * Pure. Returns the plain policy; enforces nothing before a plan is held to it.
 */
import type { Json } from "../json/value.ts";
import { ConfigError } from "../result.ts";
import type { Approver, Policy, PolicyFlow, PolicyLabel, Quorum, Sanitizer } from "./policy.ts";
import { parsePolicy } from "./schema.ts";

/** Labels that exist without being declared, and `untrusted`, which stands for every label of that integrity. */
export type BuiltInLabel = "user_input" | "database_record" | "external_api" | "unknown" | "untrusted";

/** A quorum of declared approvers. */
export type QuorumOf<Person extends string> = Omit<Quorum, "by"> & { readonly by: readonly Person[] };

/**
 * Checks a policy as far as types can (names of labels and approvers) and, at run time, as `parsePolicy` does. Throws `ConfigError`
 * with every finding.
 *
 * @example
 * definePolicy({
 *   sluicePolicy: 1,
 *   name: "acme",
 *   labels: { web_page: { integrity: "untrusted" } },
 *   flows: [{ id: "no-page-chooses-who-gets-mail", deny: ["web_page"], to: "mail/*", roles: ["target"] }],
 * });
 */
export function definePolicy<
  const Labels extends { readonly [name: string]: PolicyLabel } = Record<never, PolicyLabel>,
  const Approvers extends { readonly [name: string]: Approver } = Record<never, Approver>,
>(
  policy: Omit<Policy, "labels" | "flows" | "sanitizers" | "approvers" | "approval"> & {
    readonly labels?: Labels;
    readonly approvers?: Approvers;
    readonly flows?: readonly (Omit<PolicyFlow, "deny" | "accepts"> & {
      readonly deny: readonly ((keyof Labels & string) | BuiltInLabel)[];
      readonly accepts?: readonly (keyof Labels & string)[];
    })[];
    readonly sanitizers?: readonly (Omit<Sanitizer, "labels"> & {
      readonly labels: readonly ((keyof Labels & string) | BuiltInLabel)[];
    })[];
    readonly approval?: {
      readonly plans?: QuorumOf<keyof Approvers & string>;
      readonly calls?: QuorumOf<keyof Approvers & string>;
    };
  },
): Policy {
  const parsed = parsePolicy(policy as unknown as Json);
  if (!parsed.ok) throw new ConfigError("`definePolicy` was given something that is not a policy", parsed.error);
  return parsed.value;
}
