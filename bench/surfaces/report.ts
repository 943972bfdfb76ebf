/**
 * What a run of the benchmark of the surfaces writes.
 * Types only.
 */
import type { MachineFacts } from "../machine.ts";
import type { Effort, Row } from "./measure.ts";

/** `results/surfaces.json`. */
export interface SurfacesReport {
  readonly machine: MachineFacts;
  readonly efforts: { readonly [kind in "calls" | "starts"]: Effort };
  readonly rows: readonly Row[];
}
