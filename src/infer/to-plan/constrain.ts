/**
 * Default constraints of a drafted plan beyond those of an import: a person's approval, promises that the catalogue backs, sizes, and
 * budgets for amounts that are asked for.
 * Pure. Never promises what the catalogue does not declare, and never loosens what is there.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { draftBytesDefault } from "../../limits.ts";
import { amountsOf } from "../../plan/lint/effects/money.ts";
import { runsMax } from "../../plan/lint/bits.ts";
import type { Constraints, Effect, FrozenTool, Plan, PlanNode } from "../../plan/plan.ts";
import { classify } from "../../plan/walk.ts";

/** Effects that nobody takes back: a person looks at the very bytes first. */
const asking: ReadonlySet<Effect> = new Set<Effect>(["money", "message", "execute"]);

/** The plan with these defaults. */
export function withDefaults(plan: Plan, catalogue: Catalogue): Plan {
  const nodes = Object.entries(plan.nodes).map(([name, node]): [string, PlanNode] => {
    const tool = catalogue.tools.get(node.tool ?? "");
    if (tool === undefined) return [name, node];
    const constraints = { ...node.constraints, ...defaultsOf(plan, name, tool) };
    return [name, Object.keys(constraints).length === 0 ? node : { ...node, constraints }];
  });
  return { ...plan, limits: { ...plan.limits, maxBytes: draftBytesDefault }, nodes: Object.fromEntries(nodes) };
}

function defaultsOf(plan: Plan, name: string, tool: FrozenTool): Constraints {
  const { effects, inferred } = tool.facts;
  // What nobody declared is a guess about the tool, and a promise would make it a fact.
  const isOffline =
    !inferred.includes("effects") && effects.length > 0 && !effects.some((effect) => effect !== "read" && effect !== "write");
  return {
    ...(isOffline ? { noExternalNetwork: true } : {}),
    ...(effects.some((effect) => asking.has(effect)) ? { approve: "human" } : {}),
    ...budgetOf(plan, name, tool),
  };
}

/** What the one amount of money that is asked for comes to at most, where its schema bounds it. */
function budgetOf(plan: Plan, name: string, tool: FrozenTool): Constraints {
  const node = plan.nodes[name] as PlanNode;
  if (!tool.facts.effects.includes("money") || node.constraints?.budget !== undefined || typeof node.each === "string") return {};
  const [sum, second] = amountsOf({ node, tool });
  const rule = sum === undefined || second !== undefined ? undefined : node.args?.[sum];
  const classed = rule === undefined ? undefined : classify(rule);
  if (sum === undefined || classed?.kind !== "param") return {};
  const most = plan.params?.[classed.rule.param]?.maximum;
  const max = typeof most === "number" ? most * runsMax(plan.nodes, name) : Number.NaN;
  return Number.isFinite(max) && max >= 0 ? { budget: { sum, max } } : {};
}
