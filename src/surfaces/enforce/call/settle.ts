/**
 * The second half of the path: observe → commit → what may be delivered.
 * Never lets anything of a result out before its labels are committed.
 */
import { type Observation, observe, type ToolResult } from "../../../decide/observe.ts";
import type { Received } from "../../../decide/received.ts";
import type { Run } from "../../../decide/state.ts";
import { type Json, jsonEqual } from "../../../json/value.ts";
import { commitAttemptsMax, settleWaitsMs } from "../../../limits.ts";
import { ok, type Result } from "../../../result.ts";
import type { StoreFailure } from "../../../stores/store.ts";
import { joinValues, type LabelValue } from "../../../taint/label.ts";
import { answered } from "../store/answered.ts";
import type { Live, LiveFailure } from "../session/live.ts";
import { type RunName, settleFailed, type Settled } from "../permit.ts";
import { codeOf, commit, isConflict, nextAttempt, type Point, timeOf } from "../point.ts";
import { afterSettle, contextAfter, givesOf, isRaising } from "./commit.ts";
import { isPeerRun, receivedResult, type ResultReceipt } from "./receipts.ts";
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

/** What is carried from one attempt at a settle to the next. */
interface Carried {
  /** A receipt counts once, however often the commit is tried. */
  received?: Received | undefined;
  /** Observations whose commit was not answered, with the number that their event has if it is in the store. */
  readonly doubtful: { readonly number: number; readonly observation: Observed }[];
}

type Observed = Extract<Observation, { readonly ok: true }>;

/** A settle that is under way. */
interface Job {
  readonly permit: RunName;
  readonly settling: Settling;
  readonly carried: Carried;
}

/**
 * Settles the run of a permit. The call has been carried out, so a store that is away for a moment is waited for: what it is not told is
 * spent without a result. An event whose commit was not answered is looked for first, so that it is never made twice.
 */
export async function settleRun(point: Point, permit: RunName, settling: Settling): Promise<Settled> {
  const job = { permit, settling, carried: { doubtful: [] } };
  for (let i = 0; ; i++) {
    const settled = await point.live.exclusively(permit.session, () => settleOnce(point, job));
    if (!("kind" in settled)) return settled;
    const waitMs = settleWaitsMs[i];
    // What did not answer within its time has been waited for already: once more, and no more.
    const isWaitedFor = settled.kind !== "unavailable" || (settled.detail === "timeout" && i > 0);
    if (isWaitedFor || waitMs === undefined) return settleFailed(codeOf(settled));
    await point.sleep(waitMs);
  }
}

/** Observes and commits; again, if someone else changed the session meanwhile. */
async function settleOnce(point: Point, job: Job): Promise<Settled | LiveFailure> {
  const { session, run } = job.permit;
  const { doubtful } = job.carried;
  for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
    // At first as the state stands: if someone was faster, the commit says so.
    const known = attempt === 0 && doubtful.length === 0 ? point.live.peek(session) : undefined;
    const current = known === undefined ? await refreshed(point, job) : ok(known);
    if (!current.ok) return current.error;
    if ("ok" in current.value) return current.value;
    const live = current.value;
    const observed = observeNow(point, live, job) ?? (await observeRun(point, live, job));
    if (!observed.ok) return observed.error;
    const observation = observed.value;
    if (!observation.ok) {
      // What is known here may be behind what another process has allowed.
      if (known !== undefined) continue;
      return settleFailed(observation.code);
    }
    const { event } = observation;
    const after = isRaising(live, event) ? afterSettle(live, event) : undefined;
    const context = after === undefined ? undefined : contextAfter(live, after);
    const gives = event.ok ? undefined : givesOf(live, event, point.skewMs);
    const committed = await commit(point, live, {
      entries: [{ event }],
      ...(context === undefined ? undefined : { context }),
      ...(gives === undefined ? undefined : { gives }),
      ...(after === undefined ? undefined : writtenByRun(live, live.state.runs[run] as Run, after.runs[run] as Run)),
    });
    if (isConflict(committed)) continue;
    if (!committed.ok) {
      doubtful.push({ number: live.state.version, observation });
      return committed.error;
    }
    point.live.advance(live, [event]);
    return deliveredOf(live, observation);
  }
  return settleFailed("SESSION_CONFLICT");
}

/** The session as the store has it, or what may be delivered if an earlier attempt did come through. */
async function refreshed(point: Point, { permit, carried }: Job): Promise<Result<Live | Settled, LiveFailure>> {
  const { session } = permit;
  const fresh = await point.live.refresh(session);
  if (!fresh.ok) return fresh;
  const { live } = fresh.value;
  const [first] = carried.doubtful;
  if (first === undefined || live.state.version <= first.number) return ok(live);
  const loaded = await answered(() => point.store.load(session, first.number));
  if (!loaded.ok) return loaded;
  const own = carried.doubtful.find(({ number, observation }) => {
    const stored = loaded.value.entries[number - first.number]?.event;
    return stored?.type === "settle" && jsonEqual(stored as unknown as Json, observation.event as unknown as Json);
  });
  return ok(own === undefined ? live : deliveredOf(live, own.observation));
}

/** What is made of a result that no store and no other agent has a say in; `undefined`: one of them may. */
function observeNow(point: Point, live: Live, { permit, settling }: Job): Result<Observation, StoreFailure> | undefined {
  const { result, said, isFault } = settling;
  const before = live.state.runs[permit.run];
  const isAlone =
    before !== undefined &&
    before.touched.reads === undefined &&
    before.touched.writes === undefined &&
    said?.brought === undefined &&
    said?.claims === undefined &&
    (isFault === true || !isPeerRun(live, before));
  return isAlone ? ok(observe(live.guard.program, live.state, permit.run, { result, at: timeOf(point, live) })) : undefined;
}

/** What is made of the result, as far as the state says; the store is asked for what resources bring back. */
async function observeRun(
  point: Point,
  live: Live,
  { permit, settling, carried }: Job,
): Promise<Result<Observation, StoreFailure>> {
  const { result, said = {}, isFault = false } = settling;
  const before = live.state.runs[permit.run];
  if (before?.status === "flight" && !isFault)
    carried.received ??= await receivedResult(point, live, { run: before, result, said });
  const kept = await keptInStore(point, before?.touched ?? {});
  if (!kept.ok) return kept;
  const brought = [kept.value, said.brought].filter((label) => label !== undefined);
  return ok(
    observe(live.guard.program, live.state, permit.run, {
      result,
      at: timeOf(point, live),
      ...(brought.length === 0 ? {} : { kept: brought.reduce(joinValues) }),
      ...(said.claims === undefined ? {} : { claims: said.claims }),
      ...(carried.received === undefined ? {} : { received: carried.received }),
    }),
  );
}

/** What the agent is given of a result whose event is in the store and in the state. */
function deliveredOf(live: Live, { event, delivered, isError, code }: Observed): Settled {
  if (code !== undefined && isError) return settleFailed(code);
  const { labels, plan } = live.guard.program;
  const { base, node } = live.state.runs[event.run] as Run;
  return {
    ok: true,
    delivered,
    isError,
    isWhole: plan.nodes[node]?.show === "all",
    // Named only when asked for: a label may have any number of sources.
    get label() {
      return labels.toForeign(base);
    },
  };
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
