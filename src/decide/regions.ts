/**
 * Which part of a result carries which label, and which part the agent is shown.
 * Pure. No I/O, no clock.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import type { Run } from "./state.ts";

/** Label of what a path with this static prefix reads of a run's result: the join of the regions that overlap it. */
export function labelOfRead(run: Run, prefix: readonly (string | number)[]): Label {
  if (run.regions.length === 0) return run.base;
  let label = bottom;
  for (const region of run.regions) {
    const shared = Math.min(region.prefix.length, prefix.length);
    let overlaps = true;
    for (let i = 0; i < shared && overlaps; i++) overlaps = region.prefix[i] === prefix[i];
    if (!overlaps) continue;
    // Within the region nothing else is read.
    if (region.prefix.length <= prefix.length) return region.label;
    label = join(label, region.label);
  }
  return join(run.base, label);
}

/** Label of what the agent sees of an ok run. */
export function shownLabel(node: CompiledNode, run: Run): Label {
  if (node.show === "none") return bottom;
  if (node.show === "all") return run.base;
  return node.show.reduce((label, path) => join(label, labelOfRead(run, path.prefix)), bottom);
}
