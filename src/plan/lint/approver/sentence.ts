/**
 * Says a flow as one sentence for the person who approves a plan.
 * Pure. Names of the plan only; never a value.
 */
import { runsOfEntry } from "../../envelope.ts";
import type { EnvelopeEntry } from "../../plan.ts";
import type { WorstCaseFlow } from "../flows/worst-case.ts";

/** Bits beyond which a bound is no comfort to anyone, and is not said. */
const bitsShownMax = 64;

/** Who may decide what, in one sentence, lower case and without a full stop. */
export function flowSentence(flow: WorstCaseFlow): string {
  const what = `${flow.partly === true ? "part of " : ""}\`${flow.argument}\` of \`${flow.to}\``;
  const way = flow.via.length === 0 ? "" : `, by way of ${quoted(flow.via.slice(0, 5))}${flow.via.length > 5 ? ", …" : ""}`;
  const place = flow.from === "conversation" ? "the conversation" : `\`${flow.source ?? flow.from}\``;
  if (flow.concern === "readers")
    return `data of ${place} that not everyone may read (${quoted(flow.labels)}) reaches ${what}${way}`;
  const who =
    flow.from === "conversation"
      ? `whoever writes what the agent has read (${quoted(flow.labels)})`
      : `whoever writes in ${place}`;
  return `${who} ${flow.role === "content" ? "writes into" : "chooses"} ${what}${boundOf(flow.bits)}${way}`;
}

/** What amendments may add without a human. */
export function grantSentence(entry: EnvelopeEntry): string {
  const count = runsOfEntry(entry);
  return `while the plan runs, the agent may add ${count} ${count === 1 ? "call" : "calls"} of \`${entry.tool}\` within this shape, and nobody is asked`;
}

function boundOf(bits: number | undefined): string {
  if (bits === undefined || bits > bitsShownMax) return "";
  return bits === 0 ? ", which has one value" : ` within ${bits} bit${bits === 1 ? "" : "s"}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
