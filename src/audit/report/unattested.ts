/**
 * What no log can attest, said in every report: where the software ends and the organisation answers.
 * Data alone. Never shortened because a log verifies.
 */
import type { Framework, Report } from "./form.ts";

const always: Report["unattested"] = [
  {
    what: "That labels and categories are right",
    why: "A tool's labels are the operator's word in the catalogue, and the category of a label is the organisation's word in the mapping. Data of another kind under a label is counted under that label.",
  },
  {
    what: "Processing that does not pass Sluice",
    why: "Tools that an agent calls directly, the agent's final answer to its user, exports by hand, backups and the tools' own copies are not in the log.",
  },
  {
    what: "What a recipient did with the data",
    why: "The log says which call was forwarded and how it ended, not what happened behind the tool.",
  },
  {
    what: "That data was in a call marked as may-carry",
    why: "A model's words can depend on everything that it was shown. Such a flow is stated wherever the plan does not exclude it, so it is the worst case and not an observation.",
  },
  {
    what: "Contracts and notices",
    why: "Agreements with processors, notices to people, and their dates are kept elsewhere.",
  },
  {
    what: "That nobody else had the keys",
    why: "Whoever holds the signing key of the log can make another log. A checkpoint that was kept elsewhere (`sluice audit checkpoint`, `verify --witness`) is what shows that a log was not replaced or cut.",
  },
];

const own: { readonly [name in Framework]: Report["unattested"] } = {
  gdpr: [
    {
      what: "A lawful basis (art. 6, 9)",
      why: "The basis shown is what the mapping declares. Whether it holds, and whether consent was given, is not in a log of calls.",
    },
    {
      what: "Data protection impact assessment, necessity and proportionality (art. 5(1)(c), 35)",
      why: "Plans and constraints show what was possible; whether that was necessary is a judgement.",
    },
    {
      what: "A complete answer to an access or erasure request (art. 15, 17)",
      why: "The report covers what went through agents and what this log keeps. Erasing a person here deletes the key of the person's values in this log; other systems, and copies of the log's key made before, are not reached.",
    },
    {
      what: "Breach notification (art. 33, 34)",
      why: "Refused flows are no breaches, and a breach outside Sluice leaves no record here.",
    },
  ],
  ccpa: [
    {
      what: "Whether personal information was sold or shared (§1798.120, §1798.140)",
      why: "A sale depends on what is given for the data. The report shows to which tools it went, not on which terms.",
    },
    {
      what: "That a request was verified (§1798.130(a)(2))",
      why: "Who asked, and how the identity was checked, is not in the log unless the organisation noted it.",
    },
    {
      what: "Collection outside agents",
      why: "Categories and sources are those of tools under plans; websites, forms and purchases are not covered.",
    },
    {
      what: "Complete deletion (§1798.105)",
      why: "Erasing a person here deletes the key of the person's values in this log. Service providers and other systems must be told separately.",
    },
  ],
  hipaa: [
    {
      what: "Which disclosures an accounting may leave out (45 CFR 164.528(a)(1))",
      why: "Disclosures for treatment, payment and operations, to the individual, or under an authorization need not be accounted for. The log does not know which is which: all are listed.",
    },
    {
      what: "Authorizations and business associate agreements (164.508, 164.504(e))",
      why: "They are kept elsewhere; the recipient named is what the mapping declares.",
    },
    {
      what: "Minimum necessary (164.502(b))",
      why: "Constraints show what a call could not do; whether less would have been enough is a judgement.",
    },
    {
      what: "Disclosures before this log began or after records were removed",
      why: "An accounting covers six years. HIPAA gives no right to erasure: a person whose key was deleted here can no longer be named, and what was disclosed cannot be read any more.",
    },
  ],
};

/** What a report of a framework does not attest. */
export function unattestedBy(framework: Framework): Report["unattested"] {
  return [...(own[framework] ?? []), ...always];
}
