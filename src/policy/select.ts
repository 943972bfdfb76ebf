/**
 * Which tools and arguments a rule of a policy speaks about.
 * Pure. A selector that names nothing speaks about every tool; an empty list cannot be written.
 */
import { roleOf } from "../catalogue/roles.ts";
import { globMatches } from "../plan/compile.ts";
import type { FrozenPlan, FrozenTool, PlanNode, Role } from "../plan/plan.ts";
import { rulesOf } from "../plan/walk.ts";
import type { ToolSelector } from "./policy.ts";

/** A tool node with its name and its tool. */
export interface ToolNode {
  readonly name: string;
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  /** The tool as the catalogue has it, where a policy has changed it. */
  readonly before?: FrozenTool;
}

/** The tool nodes of a frozen plan, in ascending order of their names. */
export function toolNodesOf(
  { plan, tools }: Pick<FrozenPlan, "plan" | "tools">,
  before: FrozenPlan["tools"] = {},
): readonly ToolNode[] {
  return Object.keys(plan.nodes)
    .sort()
    .flatMap((name) => {
      const node = plan.nodes[name] as PlanNode;
      const tool = node.tool !== undefined && Object.hasOwn(tools, node.tool) ? tools[node.tool] : undefined;
      if (tool === undefined) return [];
      const old = Object.hasOwn(before, tool.name) ? before[tool.name] : undefined;
      return [{ name, node, tool, ...(old === undefined ? {} : { before: old }) }];
    });
}

/** Whether one of the globs covers a tool's name. */
export function isNamed(globs: string | readonly string[], tool: string): boolean {
  return (typeof globs === "string" ? [globs] : globs).some((glob) => globMatches(glob, tool));
}

/** Whether a rule speaks about a tool: by its globs and by its effects, where it says either. */
export function isSelected({ tools, effects }: ToolSelector, tool: FrozenTool): boolean {
  if (tools !== undefined && !isNamed(tools, tool.name)) return false;
  return effects === undefined || effects.some((effect) => tool.facts.effects.includes(effect));
}

/** The roles of an argument and of its parts, each once: those that the engine sees, and those that they had before a policy raised them. */
export function rolesAt({ name, node, tool, before = tool }: ToolNode, arg: string): ReadonlySet<Role> {
  const places = rulesOf(name, node).filter((visited) => visited.arg === arg);
  return new Set(places.flatMap(({ place }) => [roleOf(tool, place), roleOf(before, place)]));
}

/** The arguments of a node that a flow rule or sanitizer covers (src/README.md, "Flow"); `control` is no argument. */
export function coveredArguments(
  rule: { readonly args?: readonly string[]; readonly roles?: readonly Role[] },
  toolNode: ToolNode,
): readonly string[] {
  return Object.keys(toolNode.node.args ?? {})
    .sort()
    .filter((arg) => {
      if (rule.args !== undefined && !rule.args.includes(arg)) return false;
      if (rule.roles === undefined) return true;
      const roles = rolesAt(toolNode, arg);
      return rule.roles.some((role) => roles.has(role));
    });
}
