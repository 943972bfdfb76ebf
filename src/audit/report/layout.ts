/**
 * Which sections a report has under each law, in their order, with the provisions that ask for them.
 * Data alone. A provision is named where it asks for such a record; where none does, that is said.
 */
import type { Framework, Report, SectionName } from "./form.ts";

/** A section as a reader meets it. */
export interface SectionLayout {
  readonly name: SectionName;
  readonly title: string;
  /** Provisions that ask for it, or why it is there. */
  readonly basis: string;
  readonly intro: string;
  /** Said where there is no row. */
  readonly none: string;
}

const titles: { readonly [name in SectionName]: Pick<SectionLayout, "title" | "intro" | "none"> } = {
  activities: {
    title: "Processing activities",
    intro: "One entry for each plan that ran. A plan is frozen before an agent runs, and nothing else can run under it.",
    none: "Nothing ran under a plan in this period.",
  },
  flows: {
    title: "Where data came from and where it went",
    intro:
      "By reference: Sluice itself put a value of that result into the call. May carry: the agent wrote the argument after it had seen that data, or another tool passed it on, so it may be in there.",
    none: "No data came from a source to a tool in this period.",
  },
  disclosures: {
    title: "Disclosures about this person",
    intro:
      "Each call of this person's sessions that sent data to somebody. The values that were sent are kept apart under the person's key.",
    none: "Nothing about this person was sent to anybody in this period.",
  },
  approvals: {
    title: "Who approved the plans",
    intro: "Signatures were verified with the keys that the plan's own policy names.",
    none: "No plan was in use in this period.",
  },
  holds: {
    title: "Calls that waited for a person",
    intro: "A call that needs approval is held with its very bytes. What a person approves is what is sent.",
    none: "No call waited for a person in this period.",
  },
  approvers: {
    title: "Decisions by person",
    intro: "How often each person approved or refused a held call, and how long after it was asked.",
    none: "Nobody decided on a held call in this period.",
  },
  amendments: {
    title: "Amendments of plans",
    intro: "An amendment within the frozen plan's own bounds is applied by itself; a wider one waits for a person.",
    none: "No plan was amended in this period.",
  },
  safeguards: {
    title: "Safeguards that applied",
    intro:
      "What the plans do to keep data where it belongs, counted where it applied. Declassifications and endorsements relax a rule, and say why.",
    none: "No safeguard of a plan applied in this period.",
  },
  refusals: {
    title: "Calls that were refused",
    intro: "A refused call was not forwarded: nothing was sent.",
    none: "No call was refused in this period.",
  },
  erasures: {
    title: "Erasures",
    intro:
      "Erasing a person deletes the key that the person's values are sealed with. The records stay, under a pseudonym, and the log still verifies.",
    none: "Nobody was erased in this period.",
  },
  acts: {
    title: "Acts of administrators and configuration",
    intro: "What was done to the firewall itself: starts and reloads, grants, revocations, tokens, openings of sealed values.",
    none: "No such act is recorded in this period.",
  },
};

const supporting = "no provision asks for it; it supports the sections above";

const bases: { readonly [framework in Framework]: { readonly [name in SectionName]: string } } = {
  gdpr: {
    activities: "GDPR art. 30(1)",
    flows: "GDPR art. 30(1)(d) and (e), 15(1)(g), 44",
    disclosures: "GDPR art. 15(1)(a) to (c)",
    approvals: "GDPR art. 5(2), 24(1)",
    holds: "GDPR art. 22(3), 32(4)",
    approvers: "GDPR art. 22(3), 32(4)",
    amendments: "GDPR art. 24(1), 25(1)",
    safeguards: "GDPR art. 25, 30(1)(g), 32(1)",
    refusals: "GDPR art. 5(1)(b) and (f), 25(2)",
    erasures: "GDPR art. 17",
    acts: "GDPR art. 32(1)(d), 32(4)",
  },
  ccpa: {
    activities: "Cal. Civ. Code §1798.110(a)(1) and (3)",
    flows: "Cal. Civ. Code §1798.110(a)(2) and (4), §1798.115(a)",
    disclosures: "Cal. Civ. Code §1798.110(a)(4), §1798.130(a)(3)",
    approvals: supporting,
    holds: supporting,
    approvers: supporting,
    amendments: supporting,
    safeguards: "Cal. Civ. Code §1798.100(c) and (e)",
    refusals: "Cal. Civ. Code §1798.100(c)",
    erasures: "Cal. Civ. Code §1798.105",
    acts: "Cal. Civ. Code §1798.100(e)",
  },
  hipaa: {
    activities: "45 CFR 164.308(a)(1)(ii)(D)",
    flows: "45 CFR 164.502(a)",
    disclosures: "45 CFR 164.528(b)(2)",
    approvals: "45 CFR 164.308(a)(4)",
    holds: "45 CFR 164.308(a)(3)(ii)(A)",
    approvers: "45 CFR 164.308(a)(3)(ii)(A)",
    amendments: "45 CFR 164.308(a)(4)",
    safeguards: "45 CFR 164.312(a)(1), 164.502(b)",
    refusals: "45 CFR 164.312(a)(1)",
    erasures: "HIPAA gives no right to erasure; listed because it limits an accounting (45 CFR 164.528)",
    acts: "45 CFR 164.312(b)",
  },
};

/** What the first section says of: that the log verifies. */
export const integrityBasis: { readonly [framework in Framework]: string } = {
  gdpr: "GDPR art. 5(1)(f), 32(1)(b) and (d)",
  ccpa: "Cal. Civ. Code §1798.100(e)",
  hipaa: "45 CFR 164.312(b), 164.312(c)(1)",
};

/** What a report is called. */
export const reportTitles: {
  readonly [framework in Framework]: { readonly all: string; readonly one: string; readonly law: string };
} = {
  gdpr: { all: "Records of processing", one: "Access report", law: "General Data Protection Regulation (EU) 2016/679" },
  ccpa: { all: "Personal information report", one: "Request to know", law: "California Consumer Privacy Act" },
  hipaa: { all: "Use and disclosure report", one: "Accounting of disclosures", law: "HIPAA Privacy and Security Rules" },
};

/** The sections of a report, what a law asks for first at first. */
export function sectionsOf({ framework, disclosures }: Report): readonly SectionLayout[] {
  const names = (Object.keys(titles) as SectionName[]).filter((name) => name !== "disclosures");
  const order: readonly SectionName[] = disclosures === undefined ? names : ["disclosures", ...names];
  return order.map((name) => ({ name, ...titles[name], basis: bases[framework][name] }));
}
