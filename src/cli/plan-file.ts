/**
 * Reads a plan file as what it is: a draft (JSON or YAML), or a frozen plan, and makes of either what a command needs.
 * Never takes a frozen plan whose digest does not fit, nor one whose tools are no longer those of the catalogue.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { jsonEqual, type Json, member } from "../json/value.ts";
import { freezePlan, thawPlan } from "../plan/freeze.ts";
import { catalogueOf } from "../plan/freeze-resolve.ts";
import type { FrozenPlan, Plan } from "../plan/plan.ts";
import { parsePlan } from "../plan/schema.ts";
import { readValue, refuseFindings, refuseInput } from "./input.ts";

/** Whether a value says that it is a frozen plan. */
export function isFrozenFile(value: Json): boolean {
  return member(value, "kind") === "sluice.frozen-plan";
}

/** A frozen plan, and the catalogue that it was, or would be, frozen against. */
export interface LoadedPlan {
  readonly frozen: FrozenPlan;
  readonly catalogue: Catalogue | undefined;
}

/** Takes a frozen plan back, or freezes a draft in memory. Exit 2 if it cannot be enforced. */
export async function loadPlan(
  source: string,
  catalogue: Catalogue | undefined,
  catalogueName = "the catalogue",
): Promise<LoadedPlan> {
  const value = await readValue(source);
  if (!isFrozenFile(value)) return { frozen: freezeDraft(source, value, catalogue), catalogue };
  const thawed = thawPlan(value);
  if (!thawed.ok) return refuseFindings(source, thawed.error);
  const frozen = thawed.value;
  if (catalogue !== undefined) checkTools(frozen, catalogue, catalogueName);
  return { frozen, catalogue: catalogue ?? catalogueOf(frozen) };
}

function freezeDraft(source: string, value: Json, catalogue: Catalogue | undefined): FrozenPlan {
  const plan = readDraft(source, value);
  const frozen = freezePlan(plan, catalogue);
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
