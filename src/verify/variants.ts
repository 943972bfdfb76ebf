/**
 * Plans like a plan, in which more can be seen or happens more easily: where a run is looked for, never where it is confirmed alone.
 * Pure. None of them is ever enforced.
 */
import { isArray, isObject, type JsonObject } from "../json/value.ts";
import type { FrozenPlan, PlanNode } from "../plan/plan.ts";
import type { TraceEvent } from "../trace.ts";

/** A name that no plan can have, so that following a node never meets a label of the plan. */
export const mark = "sluice:followed";

/** The plan with a label of its own on the results of one node, by which the engine follows what comes of them. */
export function withMark(frozen: FrozenPlan, name: string): { readonly frozen: FrozenPlan; readonly label: string } {
  const { plan } = frozen;
  const node = plan.nodes[name];
  const own = node?.tool === undefined ? undefined : frozen.tools[node.tool]?.facts.labels;
  if (node === undefined) return { frozen, label: mark };
  const labels = [...(node.labels ?? (own === undefined ? ["unknown"] : [])), mark];
  const marked = {
    ...plan,
    labels: { ...plan.labels, [mark]: { integrity: "trusted" as const } },
    nodes: { ...plan.nodes, [name]: { ...node, labels } },
  };
  return { frozen: { ...frozen, plan: marked }, label: mark };
}

/** The plan in which no sanitizer takes a label away: what it lets through is let through where results do not fit their schemas. */
export function withoutRemovals(frozen: FrozenPlan): FrozenPlan {
  const nodes = Object.fromEntries(
    Object.entries(frozen.plan.nodes).map(([name, { removes: _, ...node }]): [string, PlanNode] => [name, node]),
  );
  return { ...frozen, plan: { ...frozen.plan, nodes } };
}

/** The plan in which no loop over rows has any. */
export function withIdleLoops(frozen: FrozenPlan): FrozenPlan {
  const nodes = Object.fromEntries(
    Object.entries(frozen.plan.nodes).map(([name, node]): [string, PlanNode] => {
      if (node.each === undefined) return [name, node];
      const each = typeof node.each === "string" ? node.each : { ...node.each, where: "false" };
      return [name, { ...node, each, optional: true }];
    }),
  );
  return { ...frozen, plan: { ...frozen.plan, nodes } };
}

/** Runs like this one in which a sanitizer's result does not fit its schema, by one member at the top, and, if `isEmptied`, has no rows. */
export function misfits(
  frozen: FrozenPlan,
  trace: readonly TraceEvent[],
  { isEmptied }: { readonly isEmptied: boolean },
): readonly (readonly TraceEvent[])[] {
  const tools = new Set(Object.values(frozen.plan.nodes).flatMap(({ removes, tool }) => (removes && tool ? [tool] : [])));
  const ids = new Set(trace.flatMap((event) => (event.type === "call" && tools.has(event.tool) ? [event.id] : [])));
  const names = new Set<string>();
  const change = (make: (value: JsonObject) => JsonObject): readonly TraceEvent[] =>
    trace.map((event) => {
      if (event.type !== "result" || !ids.has(event.id) || !isObject(event.value)) return event;
      const entries = Object.entries(event.value).map(
        ([name, value]) => [name, isEmptied && isArray(value) ? [] : value] as const,
      );
      for (const [name] of entries) names.add(name);
      return { ...event, value: make(Object.fromEntries(entries)) };
    });
  const first = [change((value) => value), change((value) => ({ ...value, unexpected: true }))];
  return [...first, ...[...names].slice(0, misfitsMax).map((name) => change(({ [name]: _, ...value }) => value))];
}

/** Members of a result that are left out in turn. */
const misfitsMax = 16;
