/**
 * Freezes a plan: checked, resolved against its catalogue, named by its digest; and takes a frozen plan back from its file.
 * Pure. No I/O, no clock. What it returns cannot be changed, and a changed byte in its file voids it.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { composePolicies } from "../policy/compose.ts";
import { policyOf } from "../policy/frozen.ts";
import type { Policy } from "../policy/policy.ts";
import { parsePolicy } from "../policy/schema.ts";
import { isArray, isObject, type Json, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { domainDigest } from "./digest.ts";
import type { Finding } from "./finding.ts";
import { readFrozenForm } from "./freeze-form.ts";
import { underPolicy } from "./freeze-policy.ts";
import { catalogueOf } from "./freeze-resolve.ts";
import { envelopeFindings, frozenFindings, type LintOptions, subjectOf } from "./lint.ts";
import type { FrozenPlan, Plan } from "./plan.ts";
import { parsePlan } from "./schema.ts";
import { checkJson } from "./schema-check.ts";
import { withMarksOf } from "./signature.ts";

/**
 * Freezes a plan against a catalogue. Without one, the tools are pinned by name alone. The error holds every finding of severity
 * `error`: those of `parsePlan`, `TOOL_UNKNOWN`, the `PLAN_*` codes of the lint rules that forbid freezing, and the `PLAN_*` and
 * `LANG_*` codes of `compilePlan`; with a policy also those of `underPolicy`. Nothing of the arguments is kept or changed: the frozen
 * plan is a copy, frozen all through. The policy is frozen with it, and counts wherever it is enforced.
 *
 * @example
 * const frozen = freezePlan(plan, catalogue);
 * if (frozen.ok) createGuard(frozen.value, options);
 */
export function freezePlan(
  plan: Plan,
  catalogue?: Catalogue,
  options: FreezeOptions = {},
): Result<FrozenPlan, readonly Finding[]> {
  const parsed = parsePlan(plan as unknown as Json);
  if (!parsed.ok) return parsed;
  const policy = options.policy === undefined ? undefined : parsePolicy(options.policy as unknown as Json);
  if (policy?.ok === false) return policy;
  const composed = policy === undefined ? undefined : composePolicies([policy.value]);
  const subject = subjectOf(parsed.value, catalogue, { ...options, ...(composed?.labels && { labels: composed.labels }) });
  const unfit = checkTools(subject.frozen);
  if (unfit.length > 0) return err(unfit);
  const frozen = composed === undefined ? subject.frozen : { ...subject.frozen, policy: composed };
  const errors = [...frozenFindings(subject), ...envelopeFindings(subject.frozen.plan, catalogue, options)].filter(
    ({ severity }) => severity === "error",
  );
  if (errors.length > 0) return err(errors);
  const violations =
    composed === undefined ? [] : underPolicy(frozen, composed).findings.filter(({ severity }) => severity === "error");
  if (violations.length > 0) return err(violations);
  return ok(copyFrozen({ ...frozen, digest: digestOf(frozen) } as unknown as Json) as unknown as FrozenPlan);
}

/** How a plan is frozen. */
export interface FreezeOptions extends LintOptions {
  /** The organisation's rules (`composePolicies` of several): the plan must satisfy them, and is enforced under them. */
  readonly policy?: Policy;
}

/** The digest of a frozen plan: over the plan with qualified names, the tools, their servers' identities and the catalogue's labels. */
function digestOf({
  plan,
  tools,
  servers,
  labels,
  policy,
}: Pick<FrozenPlan, "plan" | "tools" | "servers" | "labels" | "policy">): string {
  const named = { plan, tools, servers, labels, ...(policy === undefined ? {} : { policy }) };
  return domainDigest("plan", canonicalJson(named as unknown as Json));
}

/** What the catalogue brought, if it was not read from a text: it must be JSON to have a digest. */
function checkTools({ tools, servers }: FrozenPlan): readonly Finding[] {
  return checkJson({ tools, servers }).map((finding) => ({
    ...finding,
    pointer: "",
    message: `the catalogue's ${finding.pointer.split("/")[1] ?? ""} cannot be frozen: ${finding.message}`,
  }));
}

/** The file of a frozen plan: canonical JSON (RFC 8785) and a line feed. */
export function writeFrozen(frozen: FrozenPlan): string {
  return `${canonicalJson(frozen as unknown as Json)}\n`;
}

/**
 * Takes a frozen plan back from its file (read with `readJson`). It is frozen again from its own parts and must come out with the
 * digest that it claims. Errors: `PLAN_MALFORMED` (not the form of a frozen plan), `PLAN_DIGEST_MISMATCH` (changed since), and all of
 * `freezePlan`, since a digest is a name and not a proof that the plan was ever linted. The signature and the approvals are kept, not verified.
 */
export function thawPlan(value: Json): Result<FrozenPlan, readonly Finding[]> {
  const form = readFrozenForm(value);
  if (!form.ok) return form;
  const claimed = form.value;
  const mismatch: Finding = {
    code: "PLAN_DIGEST_MISMATCH",
    severity: "error",
    pointer: "/digest",
    message: "the frozen plan was changed after it was frozen: freeze it again",
  };
  if (digestOf(claimed) !== claimed.digest) return err([mismatch]);
  const policy = policyOf(claimed);
  const frozen = freezePlan(claimed.plan, catalogueOf(claimed), policy === undefined ? {} : { policy });
  if (!frozen.ok) return frozen;
  // Not what freezing makes of its own parts: a tool, server or label too many.
  if (frozen.value.digest !== claimed.digest) return err([mismatch]);
  return ok(withMarksOf(frozen.value, claimed));
}

/** A deep copy in which nothing can be changed. Depth was bounded by `checkJson`. */
function copyFrozen(value: Json): Json {
  if (isArray(value)) return Object.freeze(value.map(copyFrozen));
  if (!isObject(value)) return value;
  // `fromEntries` defines members, so that no name is taken for the prototype.
  return Object.freeze(Object.fromEntries(Object.keys(value).map((key) => [key, copyFrozen(member(value, key) ?? null)])));
}
