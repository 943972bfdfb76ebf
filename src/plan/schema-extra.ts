/**
 * What must hold of a plan by itself and no schema can say: counts, depths, order of bounds, unique ids.
 * Pure. Knows no catalogue and compiles nothing.
 */
import { pointerOf } from "../json/pointer.ts";
import { planLabelsMax, planNodesMax, ruleDepthMax } from "../limits.ts";
import type { Finding } from "./finding.ts";
import type { ArgRule, Plan, PlanNode } from "./plan.ts";
import { partsOf } from "./walk.ts";

/** Findings about a value that already has the form of a plan; all are errors. Linear in the plan. */
export function checkPlan(plan: Plan): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (code: Finding["code"], path: readonly (string | number)[], message: string): void => {
    findings.push({ code, severity: "error", pointer: pointerOf(path), message });
  };
  const nodes = Object.keys(plan.nodes);
  if (nodes.length === 0) report("PLAN_RANGE", ["nodes"], "expected at least one node");
  if (nodes.length > planNodesMax) report("PLAN_TOO_LARGE", ["nodes"], `a plan has at most ${planNodesMax} nodes`);
  if (Object.keys(plan.labels ?? {}).length > planLabelsMax) {
    report("PLAN_TOO_LARGE", ["labels"], `a plan declares at most ${planLabelsMax} labels`);
  }
  if (findings.length > 0) return findings;
  const flows = new Set<string>();
  (plan.flows ?? []).forEach((flow, at) => {
    if (flows.has(flow.id)) report("PLAN_DUPLICATE", ["flows", at, "id"], `another flow rule is called \`${flow.id}\` already`);
    flows.add(flow.id);
  });
  for (const name of nodes) {
    const node = plan.nodes[name] as PlanNode;
    if (typeof node.times === "object" && (node.times.min ?? 0) > node.times.max) {
      report("PLAN_RANGE", ["nodes", name, "times", "min"], "`min` is greater than `max`");
    }
    for (const [arg, rule] of Object.entries(node.args ?? {})) {
      const deep = deeperThan(rule, ruleDepthMax);
      if (deep !== undefined) {
        report("PLAN_TOO_LARGE", ["nodes", name, "args", arg, ...deep], `argument rules nest at most ${ruleDepthMax} deep`);
      }
    }
  }
  return findings;
}

/** The path of a first nested rule below `depth` levels. Recursion is bounded by `jsonDepthMax`. */
function deeperThan(rule: ArgRule, depth: number): readonly (string | number)[] | undefined {
  if (depth < 0) return [];
  for (const part of partsOf(rule)) {
    const deep = deeperThan(part.rule, depth - 1);
    if (deep !== undefined) return [...part.path, ...deep];
  }
  return undefined;
}
