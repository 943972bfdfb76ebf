/**
 * What a tool catalogue is once it has been read.
 * Types only.
 */
import type { Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenTool, LabelSpec } from "../plan/plan.ts";
import type { Result } from "../result.ts";
import type { Place } from "./report.ts";

/** A tool catalogue that was read without error. */
export interface Catalogue {
  /** By qualified name (`server/tool`), in the order of the file. */
  readonly tools: ReadonlyMap<string, FrozenTool>;
  /** The identity of every server that has a tool here, as given; `{"name"}` if nothing was given. */
  readonly servers: ReadonlyMap<string, Json>;
  /** The labels that the file declares. */
  readonly labels: { readonly [name: string]: LabelSpec };
  /** The tool of a qualified name, or the only tool of a bare one. Errors: `TOOL_UNKNOWN`, `TOOL_AMBIGUOUS`, at `place`. */
  resolve(name: string, place?: Place): Result<FrozenTool, Finding>;
  /** Warnings. */
  readonly findings: readonly Finding[];
}
