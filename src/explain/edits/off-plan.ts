/**
 * Changes for a call that fits no node: a node of its own, with exactly what was sent.
 * Pure. Only proposes; each is frozen and replayed before anybody sees it.
 */
import type { Json } from "../../json/value.ts";
import { nameCharsMax } from "../../limits.ts";
import { constantRule, type Edit, type Situation } from "../situation.ts";

/** A new node that allows this call once. */
export function offPlanEdits({ plan, call }: Situation): readonly Edit[] {
  if (call.code !== "CALL_NOT_IN_PLAN") return [];
  const { sluice_node: named, ...sent } = call.sent;
  if (
    typeof named === "string" &&
    call.code === "CALL_NOT_IN_PLAN" &&
    Object.values(plan.nodes).some(({ tool }) => tool === call.tool)
  )
    return [];
  const args: Readonly<Record<string, Json>> = Object.fromEntries(
    Object.entries(sent).map(([key, value]) => [key, constantRule(value)]),
  );
  const name = freshName(call.tool, Object.keys(plan.nodes));
  const value: Json = { tool: call.tool, ...(Object.keys(args).length === 0 ? {} : { args }), optional: true };
  const opens = `one call of \`${call.tool}\` with exactly these arguments, at any time`;
  return [{ patch: [{ op: "add", path: ["nodes", name], value }], opens, bits: 0, rank: 3 }];
}

function freshName(tool: string, taken: readonly string[]): string {
  const base = (tool.split("/").at(-1) ?? "call").replace(/[^A-Za-z0-9_-]/g, "_").slice(0, nameCharsMax - 8) || "call";
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}_${i}`;
    if (!taken.includes(name)) return name;
  }
}
