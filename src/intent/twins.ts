/**
 * Joins steps that no call could tell apart: the same tool with the same rules, at the same place in the order.
 * Pure. Never joins steps if a rule reads one of them, since "the first run" would then be another.
 */
import { canonicalJson } from "../json/canonical.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import { readsOf } from "../plan/walk-reads.ts";
import type { ResolvedStep } from "./resolved-step.ts";
import { isWithin, nodeOf, type OrderContext, sentRules } from "./lookalikes.ts";

/** Steps of which each stands for one or more of those that were given. */
export interface MergedSteps {
  readonly steps: readonly ResolvedStep[];
  /** The step that a step which is gone was joined with. */
  readonly joined: ReadonlyMap<string, string>;
  /** `IMPORT_MERGED`. */
  readonly findings: readonly Finding[];
}

/** Joins equal steps, and says so in a finding for each that stands for several. */
export function mergeTwins(steps: readonly ResolvedStep[], { tools, params }: OrderContext): MergedSteps {
  const groups = new Map<string, ResolvedStep[]>();
  const read = stepsRead(steps, params);
  for (const step of steps) {
    if (step.tool === undefined || step.each !== undefined || step.optional !== undefined || typeof step.times === "object")
      continue;
    if (read.has(step.name)) continue;
    const key = keyOf(step);
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  const twins = [...groups.values()].filter((group) => group.length > 1 && !isSeparated(group, steps, tools));
  if (twins.length === 0) return { steps, joined: new Map(), findings: [] };
  const names = new Map(twins.flatMap((group) => group.map(({ name }) => [name, group[0]?.name ?? name] as const)));
  const times = new Map(twins.map((group) => [group[0]?.name ?? "", group.reduce((sum, step) => sum + timesOf(step), 0)]));
  const left = steps
    .filter(({ name }) => (names.get(name) ?? name) === name)
    .map((step): ResolvedStep => {
      const count = times.get(step.name);
      const after = step.after && [...new Set(step.after.map((name) => names.get(name) ?? name))];
      return { ...step, ...(after && { after }), ...(count === undefined ? {} : { times: count }) };
    });
  const findings = Array.from(times, ([name, count]): Finding => {
    const message = `${count} equal calls that nothing tells apart are one node that runs ${count} times`;
    return { code: "IMPORT_MERGED", severity: "info", pointer: pointerOf(["nodes", name]), message };
  });
  return { steps: left, joined: names, findings };
}

/** Whether another step's node would fit calls of the group: then they keep the order in which they stand. */
function isSeparated(group: readonly ResolvedStep[], steps: readonly ResolvedStep[], tools: OrderContext["tools"]): boolean {
  const [first] = group;
  const tool = first === undefined ? undefined : tools.get(first.name);
  if (first === undefined || tool === undefined) return false;
  const own = new Set(group);
  const rules = sentRules(first, tool);
  // Fewer arguments cannot hold them, and most calls end there.
  const others = steps.filter(
    (step) => tools.get(step.name) === tool && !own.has(step) && Object.keys(step.args).length >= rules.size,
  );
  return others.some((step) => isWithin(rules, sentRules(step, tool)));
}

function timesOf({ times }: ResolvedStep): number {
  return typeof times === "number" ? times : 1;
}

function keyOf({ tool, args, when, after, require }: ResolvedStep): string {
  const whole = { tool, args, when: when ?? null, after: [...(after ?? [])].sort(), require: require ?? [] };
  return canonicalJson(whole as unknown as Json);
}

/** Steps whose results a rule reads; `after` reads nothing. */
function stepsRead(steps: readonly ResolvedStep[], params: ReadonlySet<string>): ReadonlySet<string> {
  const nodes = new Set(steps.map(({ name }) => name));
  const reads = steps.flatMap((step) => readsOf(step.name, nodeOf(step), { nodes, params }));
  return new Set(reads.filter(({ by }) => by !== "after").map(({ node }) => node));
}
