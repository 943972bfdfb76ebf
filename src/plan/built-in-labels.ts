/**
 * Labels that exist without being declared (src/README.md, "Words"), and what carries which: the same for freezing and for the engine.
 * Pure. Follows no data.
 */
import type { FrozenTool, LabelSpec, PlanNode } from "./plan.ts";

/** The label of what nobody labelled. It is untrusted and nothing removes it. */
export const unknownName = "unknown";

/** Name → what it means. A plan or a catalogue may declare all but `unknown` anew. */
export const builtInLabels: { readonly [name: string]: LabelSpec } = {
  user_input: { integrity: "trusted" },
  database_record: { integrity: "untrusted" },
  external_api: { integrity: "untrusted" },
  [unknownName]: { integrity: "untrusted" },
};

/** What the results of a node carry by themselves: what catalogue and plan say of the tool, or `unknown` where neither says anything. */
export function ownLabels({ node, tool }: { readonly node: PlanNode; readonly tool: FrozenTool }): readonly string[] {
  if (tool.facts.labels === undefined && node.labels === undefined) return [unknownName];
  return [...new Set([...(tool.facts.labels ?? []), ...(node.labels ?? [])])];
}
