/**
 * Says a flow as one sentence for the person who approves a plan.
 * Pure. Names of the plan only; never a value.
 */
import type { WorstCaseFlow } from "./worst-case.ts";

/** Who may decide what, in one sentence, lower case and without a full stop. */
export function flowSentence(flow: WorstCaseFlow): string {
  const what = `\`${flow.argument}\` of \`${flow.to}\``;
  const within = flow.bits === undefined ? "" : flow.bits === 0 ? " (one value)" : ` within ${flow.bits} bits`;
  const who =
    flow.from === "conversation"
      ? `whoever writes what the agent has read (${quoted(flow.labels)})`
      : `whoever writes in \`${flow.source ?? flow.from}\``;
  const way = flow.via.length === 0 ? "" : `, by way of ${quoted(flow.via.slice(0, 5))}${flow.via.length > 5 ? ", …" : ""}`;
  const verb = flow.role === "content" ? "writes into" : "chooses";
  return `${who} ${verb} ${what}${within}${way}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
