/**
 * Reads a plan file as what it is: a draft (JSON or YAML), or a frozen plan, and makes of either what a command needs.
 * Never takes a frozen plan whose digest does not fit, nor one whose tools are no longer those of the catalogue.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { SqlParser } from "../../constraints/sql.ts";
import { jsonEqual, type Json, member } from "../../json/value.ts";
import { freezePlan, thawPlan } from "../../plan/freeze.ts";
import { withPolicy } from "../../plan/freeze-policy.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import type { FrozenPlan, Plan } from "../../plan/plan.ts";
import type { Policy } from "../../policy/policy.ts";
import { parsePlan } from "../../plan/schema.ts";
import { parsersFor } from "./sql-parsers.ts";
import { readValue, refuseFindings, refuseInput } from "./input.ts";

/** Whether a value says that it is a frozen plan. */
export function isFrozenFile(value: Json): boolean {
  return member(value, "kind") === "sluice.frozen-plan";
}

/** The frozen plan of a file. Exit 2: it is a draft, or its digest does not fit. */
export async function readFrozen(source: string): Promise<FrozenPlan> {
  const value = await readValue(source);
  if (!isFrozenFile(value)) refuseInput(source, "this is a draft: `sluice freeze` makes the frozen plan that can be enforced");
  const thawed = thawPlan(value);
  return thawed.ok ? thawed.value : refuseFindings(source, thawed.error);
}

/** A frozen plan, and the catalogue that it was, or would be, frozen against. */
export interface LoadedPlan {
  readonly frozen: FrozenPlan;
  readonly catalogue: Catalogue | undefined;
  /** Parsers of the dialects of SQL that the plan names. */
  readonly sql: readonly SqlParser[];
}

/** What a plan file is read with. */
export interface LoadOptions {
  /** How the catalogue is called in messages. */
  readonly catalogueName?: string | undefined;
  /** Rules that hold besides those that were frozen with the plan. */
  readonly policy?: Policy | undefined;
}

/** Takes a frozen plan back, or freezes a draft in memory; either under the policy, if there is one. Exit 2 if it cannot be enforced. */
export async function loadPlan(source: string, catalogue: Catalogue | undefined, options: LoadOptions = {}): Promise<LoadedPlan> {
  const { catalogueName = "the catalogue", policy } = options;
  const value = await readValue(source);
  if (!isFrozenFile(value)) {
    const draft = freezeDraft(source, value, { catalogue, policy });
    return { frozen: draft, catalogue, sql: await parsersFor([draft]) };
  }
  const thawed = thawPlan(value);
  if (!thawed.ok) return refuseFindings(source, thawed.error);
  if (catalogue !== undefined) checkTools(thawed.value, catalogue, catalogueName);
  const frozen = withPolicy(thawed.value, policy);
  if (!frozen.ok) return refuseFindings(source, frozen.error, "; `sluice lint` lists them");
  const sql = await parsersFor([frozen.value]);
  return { frozen: frozen.value, catalogue: catalogue ?? catalogueOf(frozen.value), sql };
}

function freezeDraft(
  source: string,
  value: Json,
  { catalogue, policy }: { readonly catalogue: Catalogue | undefined; readonly policy: Policy | undefined },
): FrozenPlan {
  const plan = readDraft(source, value);
  const frozen = freezePlan(plan, catalogue, policy === undefined ? {} : { policy });
  return frozen.ok ? frozen.value : refuseFindings(source, frozen.error, "; `sluice lint` lists them");
}

/** A value as a draft. Exit 2 with its first fault. */
export function readDraft(source: string, value: Json): Plan {
  const plan = parsePlan(value);
  return plan.ok ? plan.value : refuseFindings(source, plan.error, "; `sluice lint` lists them");
}

/** DESIGN §1: a changed definition voids the plan. */
function checkTools(frozen: FrozenPlan, catalogue: Catalogue, catalogueName: string): void {
  for (const [name, tool] of Object.entries(frozen.tools)) {
    const now = catalogue.tools.get(name);
    if (now === undefined)
      refuseInput(catalogueName, `the plan was frozen with the tool \`${name}\`, which is not here`, { code: "TOOL_UNKNOWN" });
    if (!jsonEqual(now.definition, tool.definition))
      refuseInput(catalogueName, `the tool \`${name}\` is not the one that the plan was frozen with: freeze it again`, {
        code: "TOOL_DESCRIPTOR_CHANGED",
      });
  }
}
