/**
 * What the labels of a plan mean under a policy.
 * Pure. Untrusted wins, readers intersect; where readers are closed, who is not named may not read.
 */
import { builtInLabels } from "../../plan/built-in-labels.ts";
import type { FrozenPlan, LabelSpec } from "../../plan/plan.ts";
import { optionsOf, rulesOf } from "../../plan/walk.ts";
import type { Policy } from "../policy.ts";

/** What the labels that a plan uses mean under a policy: the stricter of all declarations. */
export function labelsOf(frozen: FrozenPlan, policy: Policy): { readonly [name: string]: LabelSpec } {
  const isClosed = policy.readers === "closed";
  const own = frozen.plan.labels ?? {};
  const names = isClosed || policy.labels !== undefined ? labelNames(frozen) : new Set<string>();
  const specs = Array.from(names).flatMap((name): readonly (readonly [string, LabelSpec])[] => {
    const said = [own, frozen.labels, builtInLabels].find((table) => Object.hasOwn(table, name))?.[name];
    const ours = Object.hasOwn(policy.labels ?? {}, name) ? policy.labels?.[name] : undefined;
    if (ours === undefined && !isClosed) return [];
    const readers = fewer(said?.readers ?? (isClosed && ours?.readers === undefined ? [] : undefined), ours?.readers);
    const isUntrusted = said?.integrity === "untrusted" || ours?.integrity === "untrusted" || (said ?? ours) === undefined;
    const spec: LabelSpec = { integrity: isUntrusted ? "untrusted" : "trusted" };
    return [[name, readers === undefined ? spec : { ...spec, readers }]];
  });
  return { ...own, ...Object.fromEntries(specs) };
}

/** Every label that a plan or its tools name, and those that are built in. */
function labelNames({ plan, tools }: FrozenPlan): ReadonlySet<string> {
  const names = new Set<string>([...Object.keys(builtInLabels), ...Object.keys(plan.labels ?? {})]);
  const add = (list: string | readonly string[] | undefined): void => {
    for (const name of typeof list === "string" ? [list] : (list ?? [])) names.add(name);
  };
  for (const tool of Object.values(tools)) add(tool.facts.labels);
  for (const flow of plan.flows ?? []) add(flow.deny);
  for (const [name, node] of Object.entries(plan.nodes)) {
    add(node.labels);
    add(node.removes?.labels);
    for (const { rule } of rulesOf(name, node)) {
      const { endorse, declassify } = optionsOf(rule);
      add(endorse?.from);
      add(endorse?.to);
      add(declassify?.from);
    }
  }
  names.delete("untrusted");
  return names;
}

/** The readers that both sides let read; `undefined`: everyone. */
function fewer(a: readonly string[] | undefined, b: readonly string[] | "public" | undefined): readonly string[] | undefined {
  if (b === undefined || b === "public") return a;
  return a === undefined ? b : a.filter((reader) => b.includes(reader));
}
