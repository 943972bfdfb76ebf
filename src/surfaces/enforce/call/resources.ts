/**
 * Labels of resources between the engine and the store: what a read brings back, what a write leaves.
 * Never lets a call go, or a result out, while the store does not say what is kept there.
 */
import type { Decision } from "../../../decide/decide.ts";
import { queryOf, writtenLabel } from "../../../decide/resources.ts";
import type { Run, Touched } from "../../../decide/state.ts";
import { ok, type Result } from "../../../result.ts";
import type { Change, ContextLabel, ResourceLabel, StoreFailure } from "../../../stores/store.ts";
import { answered } from "../store/answered.ts";
import type { Live } from "../session/live.ts";
import type { Point } from "../point.ts";

/** What the store keeps of the resources that a call reads; `undefined`: nothing, or the call reads none. */
export function keptInStore(
  point: Point,
  touched: Touched,
): Result<ContextLabel | undefined, StoreFailure> | Promise<Result<ContextLabel | undefined, StoreFailure>> {
  const query = queryOf(touched);
  return query === undefined ? nothingKept : answered(() => point.store.labelsOf(query));
}

const nothingKept = ok(undefined);

/** What an allowed call leaves where it writes, from the moment it is reserved: a call that copies leaves what it may read, too. */
export async function writtenByCall(
  point: Point,
  live: Live,
  { event, fit, made }: Decision & { readonly allow: true },
): Promise<Result<readonly ResourceLabel[], StoreFailure>> {
  const { writes } = event;
  if (writes === undefined) return ok([]);
  const { labels } = live.guard.program;
  const kept = await keptInStore(point, event);
  if (!kept.ok) return kept;
  const own = writtenLabel(live.guard.program, live.state, { node: fit.node, touched: event, made: made.label });
  const label = labels.toForeign(kept.value === undefined ? own : labels.join(own, labels.fromForeign(kept.value)));
  return ok(writes.map((key) => ({ key, label })));
}

/** What a settled run leaves where it wrote, beyond what it left when it was reserved: what it read while it ran. */
export function writtenByRun(live: Live, run: Run, settled: Run): Pick<Change, "resources"> | undefined {
  const { plan, labels } = live.guard.program;
  if (run.touched.writes === undefined || plan.nodes[run.node]?.resources?.isCopying !== true) return undefined;
  const label = labels.toForeign(settled.base);
  return { resources: run.touched.writes.map((key) => ({ key, label })) };
}
