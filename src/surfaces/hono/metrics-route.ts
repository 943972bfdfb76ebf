/**
 * What was counted, as Prometheus reads it, and what an enforcement point has at hand now. Not for the agent.
 * Never asks the store more than once in five seconds, whoever asks, and leaves out what it cannot know.
 */
import type { Hono } from "hono";
import type { Family } from "../../telemetry/exposition.ts";
import { gauge, type Metrics } from "../../telemetry/metrics.ts";
import type { Enforcer } from "../enforce.ts";

/** What gauges are read of. */
export type Gauges = Pick<Enforcer, "guards" | "work" | "clock" | "approvals" | "waitingAmendments">;

/** What the route tells of. */
export interface MetricsRouteOptions {
  readonly enforcer: Gauges;
  readonly metrics: Pick<Metrics, "expose">;
}

/** Adds `GET /metrics`, in OpenMetrics 1.0 or the text format 0.0.4 as `Accept` asks for it. */
export function addMetricsRoute(app: Hono, { enforcer, metrics }: MetricsRouteOptions): void {
  const read = gaugesOf(enforcer);
  app.get("/metrics", async (c) => {
    const { type, text } = metrics.expose(c.req.header("accept"), await read());
    return new Response(text, {
      headers: { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" },
    });
  });
}

/** Milliseconds after which the store is asked again what waits for people: readers come every 15 seconds or so. */
const askedAgainMs = 5_000;

const help = {
  sluice_plans_loaded: "Frozen plans that are in force.",
  sluice_calls_in_flight: "Calls that were allowed here and are not settled yet.",
  sluice_draining: "1 once the process takes on no more calls.",
  sluice_approvals_waiting: "Calls that wait for a human, over all processes.",
  sluice_amendments_waiting: "Amendments that wait for a human, over all processes.",
} as const;

/** Names of all that {@link gaugesOf} reads. */
export const gaugeNames: readonly string[] = Object.keys(help);

/** Reads what an enforcement point has at hand. What the store does not answer is left out. */
export function gaugesOf({ guards, work, clock, approvals, waitingAmendments }: Gauges): () => Promise<readonly Family[]> {
  const one = (name: keyof typeof help, value: number): Family => gauge(name, help[name], value);
  const ask = async (): Promise<readonly Family[]> => {
    const [calls, amendments] = await Promise.all([approvals(), waitingAmendments()]);
    return [
      ...(calls.ok ? [one("sluice_approvals_waiting", calls.value.length)] : []),
      ...(amendments.ok ? [one("sluice_amendments_waiting", amendments.value.length)] : []),
    ];
  };
  let asked: { readonly at: number; readonly answer: Promise<readonly Family[]> } | undefined;
  return async () => {
    const now = clock();
    if (asked === undefined || !(Math.abs(now - asked.at) < askedAgainMs)) asked = { at: now, answer: ask() };
    return [
      one("sluice_plans_loaded", [...guards.values()].length),
      one("sluice_calls_in_flight", work.outstanding),
      one("sluice_draining", work.isDraining ? 1 : 0),
      ...(await asked.answer),
    ];
  };
}
