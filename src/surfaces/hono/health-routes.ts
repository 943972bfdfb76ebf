/**
 * Whether a process lives, and whether it can serve: for a supervisor or a load balancer, which has no credential.
 * Never says why not, nor anything of plans, sessions or the store; asks the store at most once in a second, whoever asks.
 */
import type { Hono } from "hono";
import { healthProbeMs, healthProbeTimeoutMs } from "../../limits.ts";
import type { Enforcer } from "../enforce.ts";
import { answered } from "../enforce/store/answered.ts";
import { jsonResponse } from "./json-response.ts";

/** What is asked. */
export interface HealthOptions {
  readonly enforcer: Pick<Enforcer, "store" | "guards" | "observer" | "work" | "clock">;
  /** What else must hold for the process to be ready; it is about to end otherwise. */
  readonly isReady?: () => boolean;
}

/** Adds `GET /live` (200: the process answers) and `GET /ready` (200, or 503: the store does not answer, no plan is loaded, or the end has begun). */
export function addHealthRoutes(app: Hono, options: HealthOptions): void {
  const isReady = createReadiness(options);
  app.get("/live", () => jsonResponse({ status: "live" }));
  app.get("/ready", async () => {
    const status = (await isReady()) ? "ready" : "unready";
    return jsonResponse({ status }, status === "ready" ? 200 : 503);
  });
}

function createReadiness({ enforcer, isReady = () => true }: HealthOptions): () => Promise<boolean> {
  const { store, guards, observer, work, clock } = enforcer;
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined;
  const reachable = (): Promise<boolean> => {
    const now = clock();
    if (asked !== undefined && Math.abs(now - asked.at) < healthProbeMs) return asked.answer;
    const probe = answered(() => store.record("health", "ready")).then(({ ok }) => ok);
    asked = { at: now, answer: Promise.race([probe, afterwards(healthProbeTimeoutMs)]) };
    return asked.answer;
  };
  return async () => {
    const [loaded] = guards.values();
    if (work.isDraining || !isReady() || (loaded === undefined && observer === undefined)) return false;
    return reachable();
  };
}

function afterwards(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms);
  });
}
