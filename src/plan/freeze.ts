/**
 * Freezes a plan: checked, resolved against its catalogue, named by its digest; and takes a frozen plan back from its file.
 * Pure. No I/O, no clock. What it returns cannot be changed, and a changed byte in its file voids it.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { isArray, isObject, type Json, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { domainDigest } from "./digest.ts";
import type { Finding } from "./finding.ts";
import { readFrozenForm } from "./freeze-form.ts";
import { catalogueOf } from "./freeze-resolve.ts";
import { frozenFindings, type LintOptions, subjectOf } from "./lint.ts";
import type { FrozenPlan, Plan } from "./plan.ts";
import { parsePlan } from "./schema.ts";
import { checkJson } from "./schema-check.ts";
import { withSignature } from "./signature.ts";

/**
 * Freezes a plan against a catalogue. Without one, the tools are pinned by name alone. The error holds every finding of severity
 * `error`: those of `parsePlan`, `TOOL_UNKNOWN`, the `PLAN_*` codes of the lint rules that forbid freezing, and the `PLAN_*` and
 * `LANG_*` codes of `compilePlan`. Nothing of the arguments is kept or changed: the frozen plan is a copy, frozen all through.
 *
 * @example
 * const frozen = freezePlan(plan, catalogue);
 * if (frozen.ok) createGuard(frozen.value, options);
 */
export function freezePlan(plan: Plan, catalogue?: Catalogue, options: LintOptions = {}): Result<FrozenPlan, readonly Finding[]> {
  const parsed = parsePlan(plan as unknown as Json);
  if (!parsed.ok) return parsed;
  const subject = subjectOf(parsed.value, catalogue, options);
  const unfit = checkTools(subject.frozen);
  if (unfit.length > 0) return err(unfit);
  const errors = frozenFindings(subject).filter(({ severity }) => severity === "error");
  if (errors.length > 0) return err(errors);
  return ok(copyFrozen({ ...subject.frozen, digest: digestOf(subject.frozen) } as unknown as Json) as unknown as FrozenPlan);
}

/** The digest of a frozen plan: over the plan with qualified names, the tools, their servers' identities and the catalogue's labels. */
function digestOf({ plan, tools, servers, labels }: Pick<FrozenPlan, "plan" | "tools" | "servers" | "labels">): string {
  return domainDigest("plan", canonicalJson({ plan, tools, servers, labels } as unknown as Json));
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
 * `freezePlan`, since a digest is a name and not a proof that the plan was ever linted. The signature is kept, not verified.
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
  const frozen = freezePlan(claimed.plan, catalogueOf(claimed));
  if (!frozen.ok) return frozen;
  // Not what freezing makes of its own parts: a tool, server or label too many.
  if (frozen.value.digest !== claimed.digest) return err([mismatch]);
  return claimed.signature === undefined ? frozen : ok(withSignature(frozen.value, claimed.signature));
}

/** A deep copy in which nothing can be changed. Depth was bounded by `checkJson`. */
function copyFrozen(value: Json): Json {
  if (isArray(value)) return Object.freeze(value.map(copyFrozen));
  if (!isObject(value)) return value;
  // `fromEntries` defines members, so that no name is taken for the prototype.
  return Object.freeze(Object.fromEntries(Object.keys(value).map((key) => [key, copyFrozen(member(value, key) ?? null)])));
}
