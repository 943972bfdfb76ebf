/**
 * What was counted, as Prometheus reads it, and what an enforcement point has at hand now. Not for the agent.
 * Never asks the store more than once in five seconds, whoever asks, and leaves out what it cannot know.
 */
import type { Hono, MiddlewareHandler } from "hono";
import type { Family } from "../../telemetry/exposition.ts";
import { gauge, type Metrics } from "../../telemetry/metrics.ts";
import type { Enforcer } from "../enforce.ts";

/** What the route tells of. */
export interface MetricsRouteOptions {
  readonly enforcer: Pick<Enforcer, "guards" | "work" | "clock" | "approvals" | "waitingAmendments">;
  readonly metrics: Pick<Metrics, "expose">;
}

/** Adds `GET /metrics`, in OpenMetrics 1.0 or the text format 0.0.4 as `Accept` asks for it. */
export function addMetricsRoute(app: Hono, { enforcer, metrics }: MetricsRouteOptions, allowed: MiddlewareHandler): void {
  const waiting = createWaiting(enforcer);
  app.get("/metrics", allowed, async (c) => {
    const { guards, work } = enforcer;
    const { type, text } = metrics.expose(c.req.header("accept"), [
      gauge("sluice_plans_loaded", "Frozen plans that are in force.", [...guards.values()].length),
      gauge("sluice_calls_in_flight", "Calls that were allowed here and are not settled yet.", work.outstanding),
      gauge("sluice_draining", "1 once the process takes on no more calls.", work.isDraining ? 1 : 0),
      ...(await waiting()),
    ]);
    return new Response(text, {
      headers: { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" },
    });
  });
}

/** Milliseconds after which the store is asked again what waits for people: readers come every 15 seconds or so. */
const askedAgainMs = 5_000;

/** What waits for people, over all processes. */
function createWaiting({
  clock,
  approvals,
  waitingAmendments,
}: MetricsRouteOptions["enforcer"]): () => Promise<readonly Family[]> {
  let asked: { readonly at: number; readonly answer: Promise<readonly Family[]> } | undefined;
  const ask = async (): Promise<readonly Family[]> => {
    const [calls, amendments] = await Promise.all([approvals(), waitingAmendments()]);
    return [
      ...(calls.ok ? [gauge("sluice_approvals_waiting", "Calls that wait for a human.", calls.value.length)] : []),
      ...(amendments.ok
        ? [gauge("sluice_amendments_waiting", "Amendments that wait for a human.", amendments.value.length)]
        : []),
    ];
  };
  return () => {
    const now = clock();
    if (asked === undefined || Math.abs(now - asked.at) >= askedAgainMs) asked = { at: now, answer: ask() };
    return asked.answer;
  };
}
