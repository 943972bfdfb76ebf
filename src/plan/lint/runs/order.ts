/**
 * Rules about order: checks that nothing depends on, effects on one resource in no order, limits that end a plan in its middle.
 * Pure. Says nothing of nodes whose order does not show in the plan's own values.
 */
import type { Finding } from "../../finding.ts";
import type { Effect, FrozenTool, PlanNode } from "../../plan.ts";
import { classify } from "../../walk.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";

const changing: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);

/** `LINT_CHECK_UNUSED`: a node that cleans labels away, and no node reads its result: what it finds changes nothing. */
export const heededChecks: LintRule = (subject) => {
  const read = new Set<string>();
  for (const [name, reads] of subject.reads)
    for (const { node, by } of reads) if (by !== "after" && node !== name) read.add(node);
  const acts = subject.toolNodes.some(({ tool }) => tool.facts.effects.some((effect) => changing.has(effect)));
  return subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    if (node.removes === undefined || read.has(name) || !acts) return [];
    const message = `nothing reads what \`${tool.name}\` finds, so the plan goes on whatever it is; \`after\` is an order and no condition: ask in \`when\` or \`require\``;
    return [findingAt(["nodes", name], { code: "LINT_CHECK_UNUSED", severity: "warning", message })];
  });
};

/** Pairs of nodes that are compared, also nodes of one resource, and nodes that are visited for one pair. */
const pairsMax = 200;
const visitsMax = 5_000;

/** `LINT_ORDER_OPEN`: two nodes on one fixed resource, of which one changes it, and neither waits for the other. */
export const orderedResources: LintRule = (subject) => {
  const byResource = new Map<string, ToolNode[]>();
  for (const toolNode of subject.toolNodes) {
    for (const key of fixedResources(toolNode)) {
      const group = byResource.get(key);
      if (group === undefined) byResource.set(key, [toolNode]);
      else if (group.length < pairsMax) group.push(toolNode);
    }
  }
  const found = new Map<string, Finding>();
  let pairs = 0;
  for (const [resource, nodes] of byResource) {
    for (const changer of nodes.filter(({ tool }) => changes(tool))) {
      for (const other of nodes) {
        if (other === changer || found.has(changer.name) || found.has(other.name) || ++pairs > pairsMax) continue;
        if (comesBefore(subject, changer.name, other.name) || comesBefore(subject, other.name, changer.name)) continue;
        const message = `\`${changer.name}\` and \`${other.name}\` may come in either order, and both are about \`${resource}\`; \`after\` would say which is first`;
        found.set(changer.name, findingAt(["nodes", changer.name], { code: "LINT_ORDER_OPEN", severity: "warning", message }));
      }
    }
  }
  return [...found.values()];
};

function changes(tool: FrozenTool): boolean {
  return tool.facts.effects.some((effect) => changing.has(effect));
}

/** The resources of a node whose names are constants of the plan. */
function fixedResources({ node, tool }: ToolNode): readonly string[] {
  const { resource } = tool.facts;
  if (resource === undefined) return [];
  const specs = Array.isArray(resource) ? resource : [resource];
  return specs.flatMap((spec: unknown) => {
    const template = typeof spec === "string" ? spec : (spec as { readonly template: string }).template;
    const filled = template.replace(/\{([^{}]+)\}/g, (hole, arg: string) => constantText(node, arg) ?? hole);
    return filled.includes("{") ? [] : [filled];
  });
}

function constantText(node: PlanNode, arg: string): string | undefined {
  const rule = node.args?.[arg];
  const classed = rule === undefined ? undefined : classify(rule);
  return classed?.kind === "const" && typeof classed.rule.const === "string" ? classed.rule.const : undefined;
}

/** Whether `later` waits for `first`, directly or through others. */
function comesBefore(subject: LintSubject, first: string, later: string): boolean {
  const seen = new Set([later]);
  const open = [later];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === first || seen.size > visitsMax) return true;
    for (const { node } of subject.reads.get(next) ?? []) {
      if (!seen.has(node)) open.push(node);
      seen.add(node);
    }
  }
  return false;
}

/** `LINT_LIMIT_LOW`: a limit of calls below what the plan needs at least. */
export const sufficientLimits: LintRule = (subject) => {
  const limit = subject.plan.limits?.calls;
  if (limit === undefined) return [];
  let least = 0;
  for (const { node } of subject.toolNodes) {
    if (node.optional === true || node.when !== undefined || node.each !== undefined) continue;
    least += typeof node.times === "number" ? node.times : node.times === undefined ? 1 : (node.times.min ?? 0);
  }
  if (least <= limit) return [];
  const message = `the plan needs at least ${least} calls, so every session ends in the middle`;
  return [findingAt(["limits", "calls"], { code: "LINT_LIMIT_LOW", severity: "warning", message })];
};
