/**
 * The second half of the path: observe → commit → what may be delivered.
 * Never lets anything of a result out before its labels are committed.
 */
import { observe, type ToolResult } from "../../decide/observe.ts";
import type { Run } from "../../decide/state.ts";
import { commitAttemptsMax } from "../../limits.ts";
import { joinValues, type LabelValue } from "../../taint/label.ts";
import { afterSettle, contextAfter, givesOf } from "./commit.ts";
import { type RunName, settleFailed, type Settled } from "./permit.ts";
import { codeOf, commit, isConflict, type Point } from "./point.ts";
import type { Received } from "../../decide/received.ts";
import { receivedResult, type ResultReceipt } from "./receipts.ts";
import { keptInStore, writtenByRun } from "./resources.ts";

/** What came with a result and says where it came from. It only raises the result's label. */
export interface SettleOptions extends ResultReceipt {
  /** Names of labels. One that the plan does not declare is untrusted. */
  readonly claims?: readonly string[];
  /** A label as another plan was told it. */
  readonly brought?: LabelValue;
}

/** How a run ended. `isFault`: nobody answered, and the error is our own. */
interface Settling {
  readonly result: ToolResult;
  readonly said?: SettleOptions | undefined;
  readonly isFault?: boolean;
}

/** Settles the run of a permit. */
export async function settleRun(
  point: Point,
  permit: RunName,
  { result, said = {}, isFault = false }: Settling,
): Promise<Settled> {
  const { session, run } = permit;
  return point.live.exclusively(session, async () => {
    // A receipt counts once, however often the commit is tried.
    let received: Received | undefined;
    for (let attempt = 0; attempt < commitAttemptsMax; attempt++) {
      // At first as the state stands: if someone was faster, the commit says so.
      let live = attempt === 0 ? point.live.peek(session) : undefined;
      if (live === undefined) {
        const refreshed = await point.live.refresh(session);
        if (!refreshed.ok) return settleFailed(codeOf(refreshed.error));
        live = refreshed.value.live;
      }
      const before = live.state.runs[run];
      if (before?.status === "flight" && !isFault) received ??= await receivedResult(point, live, { run: before, result, said });
      const kept = await keptInStore(point, before?.touched ?? {});
      if (!kept.ok) return settleFailed(codeOf(kept.error));
      const brought = [kept.value, said.brought].filter((label) => label !== undefined);
      const observation = observe(live.guard.program, live.state, run, {
        result,
        at: point.clock(),
        ...(brought.length === 0 ? {} : { kept: brought.reduce(joinValues) }),
        ...(said.claims === undefined ? {} : { claims: said.claims }),
        ...(received === undefined ? {} : { received }),
      });
      if (!observation.ok) return settleFailed(observation.code);
      const { event, delivered, isError, code } = observation;
      const after = afterSettle(live, event);
      const context = contextAfter(live, after);
      const committed = await commit(point, live, {
        entries: [{ event }],
        ...(context === undefined ? {} : { context }),
        gives: givesOf(live, event),
        resources: writtenByRun(live, before as Run, after.runs[run] as Run),
      });
      if (isConflict(committed)) continue;
      if (!committed.ok) return settleFailed(codeOf(committed.error));
      const node = live.guard.program.plan.nodes[(live.state.runs[run] as { readonly node: number }).node];
      point.live.advance(live, [event]);
      if (code !== undefined && isError) return settleFailed(code);
      const { base } = live.state.runs[run] as Run;
      const { labels } = live.guard.program;
      return {
        ok: true,
        delivered,
        isError,
        isWhole: node?.show === "all",
        // Named only when asked for: a label may have any number of sources.
        get label() {
          return labels.toForeign(base);
        },
      };
    }
    return settleFailed("SESSION_CONFLICT");
  });
}

/**
 * Settles a run whose very result may have been settled before, by a client that says it again or a process that was restarted: what was
 * delivered then is delivered again, by the same rules. Whoever calls this knows that it is the same result.
 */
export async function settleAgain(point: Point, run: RunName, result: ToolResult): Promise<Settled> {
  const said = await shownAgain(point, run, result);
  if (said !== undefined) return said;
  const settled = await settleRun(point, run, { result });
  // Somebody else has settled it meanwhile, or its lease is over.
  return settled.ok || settled.verdict.code !== "RUN_SETTLED" ? settled : ((await shownAgain(point, run, result)) ?? settled);
}

/** What was delivered of the result of a run that is settled; `undefined`: it is not. */
async function shownAgain(point: Point, { session, run }: RunName, result: ToolResult): Promise<Settled | undefined> {
  return point.live.exclusively(session, async () => {
    let live = point.live.peek(session);
    if (live === undefined || live.state.runs[run]?.status === "flight") {
      const refreshed = await point.live.refresh(session);
      if (!refreshed.ok) return settleFailed(codeOf(refreshed.error));
      live = refreshed.value.live;
    }
    const settled = live.state.runs[run];
    if (settled === undefined) return settleFailed("RUN_UNKNOWN");
    if (settled.status === "flight") return undefined;
    const runs: Run[] = [];
    runs[run] = { ...settled, status: "flight", lease: Number.POSITIVE_INFINITY };
    const observation = observe(live.guard.program, { ...live.state, runs }, run, { result, at: 0 });
    if (!observation.ok) return settleFailed(observation.code);
    const { delivered, isError, code } = observation;
    if (code !== undefined && isError) return settleFailed(code);
    return { ok: true, delivered, isError, isWhole: live.guard.program.plan.nodes[settled.node]?.show === "all" };
  });
}
