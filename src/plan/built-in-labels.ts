/**
 * Labels that exist without being declared (src/README.md, "Words"): one table for freezing and for the engine.
 * Pure. Data only.
 */
import type { LabelSpec } from "./plan.ts";

/** The label of what nobody labelled. It is untrusted and nothing removes it. */
export const unknownName = "unknown";

/** Name → what it means. A plan or a catalogue may declare all but `unknown` anew. */
export const builtInLabels: { readonly [name: string]: LabelSpec } = {
  user_input: { integrity: "trusted" },
  database_record: { integrity: "untrusted" },
  external_api: { integrity: "untrusted" },
  [unknownName]: { integrity: "untrusted" },
};
