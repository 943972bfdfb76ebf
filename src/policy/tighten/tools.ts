/**
 * The tools of a plan under a policy: further effects and audiences, and arguments that steer.
 * Pure. Never takes an effect away, never narrows an audience, never makes an argument lighter.
 */
import { roleOf } from "../../catalogue/roles.ts";
import type { Effect, FlowRule, FrozenPlan, FrozenTool, Role, ToolFacts } from "../../plan/plan.ts";
import type { Policy } from "../policy.ts";
import { roleWeight } from "../role-weight.ts";
import { isNamed } from "../select.ts";

/** An argument that a policy makes steer the tool. */
export interface RaisedRole {
  readonly tool: string;
  /** The argument, or a part of it, dotted. */
  readonly place: string;
  readonly from: Role;
  readonly to: Role;
}

/** The roles that a policy raises. What is heavier already stays; a part whose own role was declared does not follow what contains it. */
export function raisedRoles({ tools }: Pick<FrozenPlan, "tools">, policy: Policy): readonly RaisedRole[] {
  const rules = Object.entries(policy.roles ?? {});
  if (rules.length === 0) return [];
  const raised = new Map<string, RaisedRole>();
  for (const tool of Object.values(tools)) {
    const wanted = rules.filter(([glob]) => isNamed(glob, tool.name)).flatMap(([, args]) => Object.entries(args));
    for (const [place, to] of wanted) {
      const from = roleOf(tool, place);
      const known = raised.get(`${tool.name} ${place}`);
      if (roleWeight[to] > roleWeight[known?.to ?? from])
        raised.set(`${tool.name} ${place}`, { tool: tool.name, place, from, to });
    }
  }
  return [...raised.values()];
}

/** A tool with what the policy adds to its facts. */
export function tightenTool(tool: FrozenTool, policy: Policy, raised: readonly RaisedRole[]): FrozenTool {
  const effects = matching(policy.effects, tool.name).flat();
  const audiences = matching(policy.audience, tool.name);
  const roles = raised.filter((each) => each.tool === tool.name);
  if (effects.length === 0 && audiences.length === 0 && roles.length === 0) return tool;
  const { facts } = tool;
  const audience = audiences.reduce<ToolFacts["audience"]>(
    widerAudience,
    facts.audience ?? (audiences.length === 0 ? undefined : defaultAudience([...facts.effects, ...effects])),
  );
  return {
    ...tool,
    facts: {
      ...facts,
      effects: [...new Set<Effect>([...facts.effects, ...effects])],
      roles: { ...facts.roles, ...Object.fromEntries(roles.map(({ place, to }) => [place, to])) },
      ...(audience === undefined ? {} : { audience }),
    },
  };
}

function matching<Value>(map: { readonly [glob: string]: Value } | undefined, tool: string): readonly Value[] {
  return Object.entries(map ?? {}).flatMap(([glob, value]) => (isNamed(glob, tool) ? [value] : []));
}

/** Who reads what a tool is sent where nobody says (src/README.md, "Flow"). */
function defaultAudience(effects: readonly Effect[]): ToolFacts["audience"] {
  return effects.includes("network") || effects.includes("message") ? "public" : undefined;
}

/** Both audiences. Where one is an argument, who they are together cannot be said, so that it is everyone. */
function widerAudience(a: ToolFacts["audience"], b: readonly string[] | "public"): ToolFacts["audience"] {
  if (a === undefined) return b;
  if (a === "public" || b === "public" || "arg" in a) return "public";
  return [...new Set([...a, ...b])].sort();
}

/** Flow rules that name a role keep covering the arguments that had it. */
export function keptFlows(flows: readonly FlowRule[], { tool, place, from, to }: RaisedRole): readonly FlowRule[] {
  const arg = place.split(".", 1)[0] as string;
  return flows
    .filter((flow) => isNamed(flow.to, tool) && flow.roles?.includes(from) === true && !flow.roles.includes(to))
    .filter((flow) => flow.args === undefined || flow.args.includes(arg))
    .map(({ roles: _, ...flow }) => ({ ...flow, to: [tool], args: [arg] }));
}
