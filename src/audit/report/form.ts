/**
 * The form of a compliance report: what `sluice audit report --format json` prints, as types and as JSON Schema 2020-12.
 * Pure. A row that no record proves has no place in it: each carries the numbers of records.
 */
import * as z from "zod";
import type { JsonObject } from "../../json/value.ts";

const exact = z.strictObject;
const optional = z.exactOptional;
const text = z.string();
const count = z.int().min(0);
const list = <Element extends z.ZodType>(element: Element): z.ZodReadonly<z.ZodArray<Element>> => z.array(element).readonly();
const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC" });
const declared = text.nullable();

/** The laws that a report can be made for. */
export const frameworks = ["gdpr", "ccpa", "hipaa"] as const;

const cites = exact({
  count: count.meta({ description: "how many records prove the row" }),
  seqs: list(count).meta({ description: "numbers of the first of them, and of the last" }),
  find: optional(text).meta({ description: "arguments of `sluice audit find LOG` that list them all; absent: `seqs` has all" }),
}).meta({ id: "Cites", description: "the records of the log that prove a row" });

const category = exact({
  label: text,
  isPersonal: z.boolean().nullable().meta({ description: "null: not declared" }),
  category: declared,
  isSpecial: z.boolean().meta({ description: "declared as data of a special category (GDPR art. 9), sensitive, or health data" }),
}).meta({ id: "Category", description: "a label and the data that the mapping says it stands for; null: not declared" });

const recipient = exact({
  tool: text,
  server: text,
  effects: list(text),
  hosts: list(text).meta({
    description: "hosts that the plan lets the tool reach, and that of the server where the catalogue says it",
  }),
  name: declared,
  kind: declared.meta({ description: "`internal`, `processor`, `third-party` or `authority`; null: not declared" }),
  country: declared,
  safeguard: declared.meta({ description: "what allows the transfer to that country" }),
}).meta({ id: "Recipient", description: "a tool that data goes to, and who is behind it by the mapping; null: not declared" });

const span = { first: time, last: time, cites };
const planOf = { plan: text, planName: text };

const activity = exact({
  ...planOf,
  task: declared,
  purpose: declared,
  basis: declared.meta({ description: "the lawful basis that the mapping declares; nothing checks it" }),
  retention: declared,
  sessions: count,
  people: exact({ count, isAtLeast: z.boolean() }),
  calls: count,
  categories: list(category),
  recipients: list(recipient),
  measures: list(text),
  ...span,
});

const flow = exact({
  ...planOf,
  from: exact({
    kind: z.enum(["tool", "person", "conversation"]).meta({
      description: "`person`: parameters of the session and what its user said; `conversation`: what earlier sessions brought",
    }),
    node: optional(text),
    tool: optional(text),
    categories: list(category),
  }),
  to: exact({ node: text, arguments: list(text), recipient }),
  way: z.enum(["reference", "may-carry"]).meta({
    description:
      "`reference`: Sluice put a value of that result into the call; `may-carry`: through the agent's words or another tool, at worst",
  }),
  purpose: declared,
  isCleaned: z.boolean().meta({ description: "labels of the source were taken away on the way" }),
  assumed: count.meta({ description: "calls of sessions whose beginning is not in the log: the plan's worst case" }),
  ...span,
  sources: cites.meta({ description: "records of the results (or of the session's opening) that the data came from" }),
});

const disclosure = exact({
  at: time,
  ...planOf,
  session: text,
  node: text,
  recipient,
  categories: list(category),
  what: list(text).meta({ description: "names of the arguments that were sent; their values are kept apart" }),
  purpose: declared,
  approvedBy: list(text),
  cites,
});

const approval = exact({
  ...planOf,
  by: declared.meta({ description: "null: no approval of this plan is in the log or beside it" }),
  at: time.nullable(),
  how: z.enum(["signature", "record", "none"]).meta({
    description: "`signature`: in the plan, verified by the keys of its policy; `record`: the log says so",
  }),
  detail: text,
  cites,
});

const hold = exact({
  at: time,
  ...planOf,
  session: text,
  node: text,
  tool: declared,
  code: declared,
  outcome: z.enum(["approved", "refused", "expired", "void", "waiting"]),
  by: list(text),
  answered: time.nullable(),
  responseMs: z.number().nullable(),
  released: z.boolean(),
  cites,
});

const approver = exact({
  by: text,
  approved: count,
  refused: count,
  fastestMs: z.number().nullable(),
  meanMs: z.number().nullable(),
  slowestMs: z.number().nullable(),
  cites,
});

const amendment = exact({
  at: time,
  session: text,
  plan: text,
  parent: text,
  what: z.enum(["asked", "applied", "approved", "refused"]),
  by: declared,
  cites,
});

const safeguard = exact({
  ...planOf,
  node: text,
  tool: declared,
  kind: z.enum(["sanitizer", "declassification", "endorsement", "constraint", "flow-rule", "hidden", "human-approval"]),
  what: text,
  why: declared,
  allowedBy: list(text).meta({ description: "who approved the plan that says so; empty: nobody whom the log or the plan names" }),
  calls: count,
  ...span,
});

const refusal = exact({
  ...planOf,
  node: declared,
  tool: declared,
  code: text,
  meaning: text,
  rule: declared,
  categories: list(category),
  calls: count,
  ...span,
});

const erasure = exact({ at: time, subject: text, by: declared, cites });

const act = exact({ kind: text, what: declared, by: declared, times: count, ...span });

const fault = exact({ kind: text, seq: optional(count), message: text });

const integrity = exact({
  state: z.enum(["valid", "not-valid", "not-signed"]).meta({
    description:
      "`not-signed`: chained without a fault, but no checkpoint was checked, so that whoever writes the log could have made it anew",
  }),
  size: count,
  root: text,
  head: text,
  checkpoints: count,
  signed: count.meta({ description: "records that the greatest checkpoint covers" }),
  values: exact({ checked: count, erased: count }),
  verdicts: exact({ follow: count, differ: count, notDecided: count }),
  faults: list(fault),
  faultCount: count,
});

/** A record that the report cites. */
const citedRecord = exact({
  seq: count,
  at: time,
  kind: text,
  digest: text,
  session: optional(text),
  plan: optional(text),
  node: optional(text),
  tool: optional(text),
  code: optional(text),
  by: optional(text),
});

const form = exact({
  sluiceReport: z.literal(1),
  framework: z.enum(frameworks),
  made: time,
  period: exact({ from: time.nullable(), to: time.nullable() }),
  log: exact({ id: text, records: count, inPeriod: count }),
  integrity,
  subject: optional(exact({ id: text, name: optional(text), isErased: z.boolean(), records: count })),
  controller: exact({ name: declared, contact: declared, representative: declared, officer: declared }),
  activities: list(activity),
  flows: list(flow),
  disclosures: optional(list(disclosure)).meta({ description: "only in a report about one subject" }),
  approvals: list(approval),
  holds: list(hold),
  approvers: list(approver),
  amendments: list(amendment),
  safeguards: list(safeguard),
  refusals: list(refusal),
  erasures: list(erasure),
  acts: list(act),
  omitted: z.record(text, count).meta({ description: "by section: rows beyond what a report holds" }),
  notes: list(text).meta({ description: "what the report could not see, beyond what no software can attest" }),
  unattested: list(exact({ what: text, why: text })),
  records: list(citedRecord).meta({ description: "the records that rows cite" }),
});

/** A report. */
export type Report = z.infer<typeof form>;
/** One of {@link frameworks}. */
export type Framework = (typeof frameworks)[number];
/** Numbers of the records that prove a row. */
export type Cites = z.infer<typeof cites>;
/** A label and what the mapping says of it. */
export type Category = z.infer<typeof category>;
/** A tool that data goes to. */
export type Recipient = z.infer<typeof recipient>;
/** A record that a report cites. */
export type CitedRecord = z.infer<typeof citedRecord>;
/** Names of the members of a report that are lists of rows. */
export type SectionName =
  | "activities"
  | "flows"
  | "disclosures"
  | "approvals"
  | "holds"
  | "approvers"
  | "amendments"
  | "safeguards"
  | "refusals"
  | "erasures"
  | "acts";
/** A row of a section. */
export type Row<Name extends SectionName> = NonNullable<Report[Name]>[number];

/** Whether a value is a report, by its form. */
export function isReport(value: unknown): value is Report {
  return form.safeParse(value, { jitless: true }).success;
}

/** The form as JSON Schema (draft 2020-12), as published in `report.schema.json`. */
export function reportJsonSchema(): JsonObject {
  return { title: "Sluice compliance report", ...z.toJSONSchema(form) } as unknown as JsonObject;
}
