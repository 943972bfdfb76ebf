/**
 * The tools of a plan under a policy: further effects and audiences, and arguments that steer.
 * Pure. Never takes an effect away, never narrows an audience, never makes `content` of what steers.
 */
import { roleOf } from "../../catalogue/roles.ts";
import type { Effect, FlowRule, FrozenPlan, FrozenTool, Role, ToolFacts } from "../../plan/plan.ts";
import type { Policy } from "../policy.ts";
import { isNamed } from "../select.ts";

/** An argument that a policy makes steer the tool. */
export interface RaisedRole {
  readonly tool: string;
  /** The argument, or a part of it, dotted. */
  readonly place: string;
  readonly from: Role;
  readonly to: Role;
}

/** What the catalogue and the policies say of an argument, where they do not agree. */
export interface DisputedRole {
  readonly tool: string;
  readonly place: string;
  readonly said: readonly Role[];
}

/**
 * The roles that a policy raises: from `content`, where all say the same. What steers already cannot be changed, since its role decides
 * what it is held to; a part whose own role was declared does not follow what contains it.
 */
export function raisedRoles(frozen: Pick<FrozenPlan, "tools">, policy: Policy): readonly RaisedRole[] {
  return wantedRoles(frozen, policy).flatMap(({ tool, place, from, wanted }) => {
    const [to, ...others] = wanted;
    return to !== undefined && others.length === 0 && from === "content" ? [{ tool, place, from, to }] : [];
  });
}

/** The roles about which policies and catalogue disagree. */
export function disputedRoles(frozen: Pick<FrozenPlan, "tools">, policy: Policy): readonly DisputedRole[] {
  return wantedRoles(frozen, policy).flatMap(({ tool, place, from, wanted }) => {
    const said = from === "content" ? wanted : [...new Set([from, ...wanted])];
    return said.length > 1 ? [{ tool, place, said }] : [];
  });
}

interface WantedRole {
  readonly tool: string;
  readonly place: string;
  readonly from: Role;
  /** Roles that steer, each once. */
  readonly wanted: readonly Role[];
}

function wantedRoles({ tools }: Pick<FrozenPlan, "tools">, policy: Policy): readonly WantedRole[] {
  const rules = Object.entries(policy.roles ?? {});
  if (rules.length === 0) return [];
  return Object.values(tools).flatMap((tool) => {
    const places = new Map<string, Set<Role>>();
    for (const [glob, args] of rules) {
      if (!isNamed(glob, tool.name)) continue;
      for (const [place, roles] of Object.entries(args)) {
        const wanted = places.get(place) ?? new Set<Role>();
        for (const role of typeof roles === "string" ? [roles] : roles) if (role !== "content") wanted.add(role);
        places.set(place, wanted);
      }
    }
    return Array.from(places, ([place, wanted]) => ({
      tool: tool.name,
      place,
      from: roleOf(tool, place),
      wanted: [...wanted].sort(),
    }));
  });
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
