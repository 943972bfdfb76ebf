/**
 * What an organisation says about labels, tools and plans that no log knows: categories of data, recipients, countries, purposes, retention.
 * Pure. Never guesses: what the file does not say is "not declared", and nothing of it is checked against the world.
 */
import * as z from "zod";
import type { Json, JsonObject } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { byName, exact, phrase, prose } from "../../plan/schema.ts";
import { checkJson } from "../../plan/schema-check.ts";
import { findingsOf } from "../../plan/schema-issue.ts";
import { err, ok, type Result } from "../../result.ts";

interface Said {
  readonly purpose?: string;
  readonly retention?: string;
}

/** What an organisation declares. What is absent is not declared. */
export interface Mapping {
  /** Version of this form. */
  readonly sluiceReport: 1;
  readonly controller?: {
    readonly name?: string;
    readonly contact?: string;
    readonly representative?: string;
    readonly officer?: string;
  };
  /** By label: whether it is personal data, of which category, and whether of a special one. */
  readonly labels?: {
    readonly [label: string]: { readonly personal?: boolean; readonly category?: string; readonly special?: boolean };
  };
  /** By tool or glob: who is behind it, where, and what allows the transfer there. */
  readonly tools?: {
    readonly [tool: string]: Said & {
      readonly recipient?: string;
      readonly kind?: "internal" | "processor" | "third-party" | "authority";
      readonly country?: string;
      readonly safeguard?: string;
    };
  };
  /** By name of a plan or glob: what it is for, and on what basis. */
  readonly plans?: { readonly [plan: string]: Said & { readonly basis?: string } };
}

const optional = z.exactOptional;
const flag = z.boolean("expected true or false");
const said = { purpose: optional(prose), retention: optional(prose) };
const key = z.string("expected a name or glob").regex(/^[\s\S]{1,300}$/, "expected a name or glob of 1 to 300 characters");

const labelSays = exact({
  personal: optional(flag).meta({ description: "whether it stands for personal data; true where a category is given" }),
  category: optional(phrase).meta({ description: "category of personal data, as in `contact data of customers`" }),
  special: optional(flag).meta({ description: "special categories (GDPR art. 9), sensitive personal information, health data" }),
});

const toolSays = exact({
  recipient: optional(phrase).meta({ description: "who is behind the tool" }),
  kind: optional(
    z.enum(
      ["internal", "processor", "third-party", "authority"],
      "expected `internal`, `processor`, `third-party` or `authority`",
    ),
  ),
  country: optional(phrase),
  safeguard: optional(prose).meta({ description: "what allows the transfer to that country" }),
  ...said,
});

const planSays = exact({
  basis: optional(prose).meta({ description: "the lawful basis, as the organisation sees it" }),
  ...said,
});

const mapping: z.ZodType<Mapping> = exact({
  sluiceReport: z.literal(1, "expected 1, the version of this form"),
  controller: optional(
    exact({
      name: optional(phrase),
      contact: optional(prose),
      representative: optional(prose),
      officer: optional(prose).meta({ description: "data protection officer, or privacy official" }),
    }),
  ),
  labels: optional(byName(key, labelSays, "expected what labels stand for, by label")),
  tools: optional(byName(key, toolSays, "expected who is behind tools, by tool or glob (`mail/*`)")),
  plans: optional(byName(key, planSays, "expected what plans are for, by name or glob")),
});

/** Reads a mapping. Errors: every fault with its place. */
export function readMapping(value: Json): Result<Mapping, readonly Finding[]> {
  const broken = checkJson(value);
  if (broken.length > 0) return err(broken);
  const read = mapping.safeParse(value, { jitless: true });
  return read.success ? ok(read.data) : err(findingsOf(read.error.issues, value));
}

/** The form as JSON Schema (draft 2020-12), as published in `mapping.schema.json`. */
export function mappingJsonSchema(): JsonObject {
  return { title: "Sluice report mapping", ...z.toJSONSchema(mapping) } as unknown as JsonObject;
}
