/**
 * What there is to say about a plan before anybody lets it be enforced: findings, worst case, and what it would be frozen to.
 * Never enforces anything, and never says that a plan is good: it says what was found.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { pointerOf } from "../../json/pointer.ts";
import type { Json } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { freezePlan } from "../../plan/freeze.ts";
import { lintUnderPolicy } from "../../plan/freeze-policy.ts";
import { flowSentence } from "../../plan/lint/approver/sentence.ts";
import { approvalSummary } from "../../plan/lint/approver/summary.ts";
import { lintPlan, worstCaseFlows } from "../../plan/lint.ts";
import type { FrozenPlan, FrozenTool, LabelSpec, Plan } from "../../plan/plan.ts";
import { parsePlan } from "../../plan/schema.ts";
import type { Policy } from "../../policy/policy.ts";
import { err, ok } from "../../result.ts";
import type { DashboardWorld } from "../dashboard.ts";

/** What was found about a plan. */
export interface PlanLook {
  readonly findings: readonly Finding[];
  /** What can reach what in the worst case, a sentence each. */
  readonly flows: readonly string[];
  /** What who approves it approves, a sentence each. */
  readonly worst: readonly string[];
}

/** What was found about a draft. */
export interface DraftLook extends PlanLook {
  /** The plan, if it has the form of one. */
  readonly plan?: Plan;
  /** What it would be frozen to; absent: an error forbids it. */
  readonly frozen?: FrozenPlan;
}

/** Looks at a plan that has the form of one. */
export function lookAt(plan: Plan, catalogue: Catalogue | undefined, policy: Policy | undefined): PlanLook {
  const { findings, flows } =
    policy === undefined
      ? { findings: lintPlan(plan, catalogue), flows: worstCaseFlows(plan, catalogue) }
      : lintUnderPolicy(plan, catalogue, policy);
  return { findings: sorted(findings), flows: [...new Set(flows.map(flowSentence))], worst: approvalSummary(plan, catalogue) };
}

/** Looks at what was handed in as a plan. */
export function lookAtDraft(value: Json, catalogue: Catalogue | undefined, policy: Policy | undefined): DraftLook {
  const parsed = parsePlan(value);
  if (!parsed.ok) return { findings: parsed.error, flows: [], worst: [] };
  const plan = parsed.value;
  const frozen = freezePlan(plan, catalogue, policy === undefined ? {} : { policy });
  const look = lookAt(plan, catalogue, policy);
  if (frozen.ok) return { ...look, plan, frozen: frozen.value };
  // Freezing may find what linting alone does not.
  const known = new Set(look.findings.map(({ code, pointer }) => `${code} ${pointer}`));
  const more = frozen.error.filter(({ code, pointer }) => !known.has(`${code} ${pointer}`));
  return { ...look, findings: sorted([...more, ...look.findings]), plan };
}

const order: readonly Finding["severity"][] = ["error", "warning", "info"];

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/**
 * The tools that a draft is frozen against where it brings none: the operator's catalogue, or else the tools that the plans in force pin. Two
 * plans that pin one name differently leave it out: nobody could say which is meant.
 */
export function toolsAtHand({ enforcer, catalogue }: DashboardWorld): Catalogue | undefined {
  const given = catalogue?.();
  if (given !== undefined) return given;
  const tools = new Map<string, FrozenTool>();
  const servers = new Map<string, Json>();
  const twice = new Set<string>();
  let labels: { readonly [name: string]: LabelSpec } = {};
  for (const { frozen } of enforcer.guards.values()) {
    for (const [name, tool] of Object.entries(frozen.tools)) {
      if (tools.has(name) && JSON.stringify(tools.get(name)) !== JSON.stringify(tool)) twice.add(name);
      tools.set(name, tool);
    }
    for (const [name, server] of Object.entries(frozen.servers)) servers.set(name, server);
    labels = { ...labels, ...frozen.labels };
  }
  for (const name of twice) tools.delete(name);
  if (tools.size === 0) return undefined;
  return {
    tools,
    servers,
    labels,
    findings: [],
    resolve: (name, place = []) => {
      const fit = [...tools.values()].filter((tool) => tool.name === name || tool.name.endsWith(`/${name}`));
      const [tool] = fit;
      if (tool !== undefined && fit.length === 1) return ok(tool);
      const message =
        fit.length > 1
          ? "several tools have this name: name the server too"
          : "no plan in force has this tool: hand in a catalogue with the draft";
      return err({
        code: fit.length > 1 ? "TOOL_AMBIGUOUS" : "TOOL_UNKNOWN",
        severity: "error",
        pointer: pointerOf(place),
        message,
      });
    },
  };
}
