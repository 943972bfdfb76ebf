/**
 * Lints a plan: the rules of `lint/rules.ts`, over the plan and its catalogue.
 * Pure. No I/O, no clock. A rule never throws on input and never changes the plan.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import { endorsedBitsMax } from "../limits.ts";
import { compilePlan } from "./compile.ts";
import { placedInEnvelope, withEnvelope } from "./envelope.ts";
import type { Finding } from "./finding.ts";
import { grantSentence } from "./lint/approver/sentence.ts";
import { adviceRules, freezeRules } from "./lint/rules.ts";
import { type LintSubject, openSubject } from "./lint/subject.ts";
import { type WorstCaseFlow, worstCaseOf } from "./lint/flows/worst-case.ts";
import type { LabelSpec, Plan } from "./plan.ts";
import { parsePlan } from "./schema.ts";

export type { WorstCaseFlow } from "./lint/flows/worst-case.ts";

/** Bounds that an organisation may lower. */
export interface LintOptions {
  /** Bits that endorsements may let through in one session. At most, and by default, `endorsedBitsMax`. */
  readonly endorsedBitsMax?: number;
  /** Labels that a policy declares: names of them are declared, and mean what the catalogue and the plan say besides. */
  readonly labels?: { readonly [name: string]: Pick<LabelSpec, "integrity"> };
}

/**
 * Everything there is to say about a plan: first what forbids freezing it (errors), then what an author or approver should know.
 * Without a catalogue the tools are known by name only. A value that has not the form of a plan gives the findings of `parsePlan`.
 */
export function lintPlan(plan: Plan, catalogue?: Catalogue, options: LintOptions = {}): readonly Finding[] {
  const parsed = parsePlan(plan as unknown as Json);
  if (!parsed.ok) return parsed.error;
  const { plan: whole, names } = withEnvelope(parsed.value);
  const subject = subjectOf(whole, catalogue, options);
  const found = [...frozenFindings(subject), ...adviceRules.flatMap((rule) => rule(subject))];
  const findings = [...placedInEnvelope(found, names), ...grantedCalls(parsed.value)];
  return [...findings].sort((a, b) => weight[a.severity] - weight[b.severity]);
}

const weight: { readonly [S in Finding["severity"]]: number } = { error: 0, warning: 1, info: 2 };

/** What can come from where into which argument, worst first; nothing for a plan that `parsePlan` refuses. */
export function worstCaseFlows(plan: Plan, catalogue?: Catalogue): readonly WorstCaseFlow[] {
  const parsed = parsePlan(plan as unknown as Json);
  return parsed.ok ? worstCaseOf(subjectOf(withEnvelope(parsed.value).plan, catalogue, {})).flows : [];
}

/** What linting and freezing share: the plan, resolved. The plan must have been parsed. */
export function subjectOf(plan: Plan, catalogue: Catalogue | undefined, options: LintOptions): LintSubject {
  return openSubject(plan, catalogue, {
    endorsedBitsMax: Math.min(options.endorsedBitsMax ?? endorsedBitsMax, endorsedBitsMax),
    labels: options.labels ?? {},
  });
}

/** The findings that forbid freezing a plan's envelope: of the plan as it would be with all that amendments may add by themselves. */
export function envelopeFindings(plan: Plan, catalogue: Catalogue | undefined, options: LintOptions): readonly Finding[] {
  const { plan: whole, names } = withEnvelope(plan);
  if (names.length === 0) return [];
  return placedInEnvelope(frozenFindings(subjectOf(whole, catalogue, options)), names);
}

/** What amendments may add without a human, as sentences for the approver. */
function grantedCalls({ envelope = [] }: Plan): readonly Finding[] {
  return envelope.map((entry, i) => ({
    code: "PLAN_ENVELOPE",
    severity: "info",
    pointer: pointerOf(["envelope", i]),
    message: grantSentence(entry),
  }));
}

/** The findings that decide whether a plan can be frozen, and those that come with them: rules, then what cannot be compiled. */
export function frozenFindings(subject: LintSubject): readonly Finding[] {
  const findings = [...subject.findings, ...freezeRules.flatMap((rule) => rule(subject))];
  const compiled = compilePlan(subject.frozen);
  if (compiled.ok) return findings;
  const known = new Set(findings.map(({ code, pointer }) => `${code} ${pointer}`));
  // A circle is reported with its witness above.
  const others = compiled.error.filter(({ code, pointer }) => code !== "PLAN_CYCLE" && !known.has(`${code} ${pointer}`));
  return [...findings, ...others];
}
