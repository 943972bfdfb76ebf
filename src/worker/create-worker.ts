/**
 * The firewall as a Worker: what `sluice serve` serves, over Durable Objects and D1. Uploaded plans (`POST /sluice/plans`, for the
 * administrator) are served by every instance of the Worker within seconds.
 * Never serves a plan that it cannot enforce under the policy of now, and never a request before its settings are right.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard, type GuardOptions } from "../engine.ts";
import { leaseSecondsDefault } from "../limits.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { ConfigError } from "../result.ts";
import { createCloudflareStore } from "../stores/cloudflare.ts";
import { type Retention, retentionDefault, sweep } from "../stores/retention.ts";
import type { Store } from "../stores/store.ts";
import { bearerOf, equalSecret } from "../surfaces/credential.ts";
import { createFirewallApp, type FirewallApp, type Forward, forwardTo } from "../surfaces/firewall-app.ts";
import { jsonResponse } from "../surfaces/hono/json-response.ts";
import { hostProblemResponse } from "../surfaces/wire.ts";
import { loadServed, servedDigests, takePlan } from "./served-plans.ts";
import { readSettings, type Settings, type WorkerEnv } from "./settings.ts";

/** What the code of a Worker adds to its settings. */
export interface WorkerOptions {
  /** Frozen plans that are bundled with the Worker. */
  readonly plans?: readonly FrozenPlan[];
  /** Parsers of the dialects of SQL that plans name. */
  readonly sql?: readonly SqlParser[];
  /** Calls tools, in place of requests to `SLUICE_UPSTREAM`: by a service binding, say. */
  readonly forward?: (env: WorkerEnv) => Forward;
  /** How long what has expired is kept. Default: sessions a month. */
  readonly retention?: Retention;
}

/** What the runtime gives with a request. */
interface RequestContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** A Worker's default export. */
export interface SluiceWorker {
  fetch(request: Request, env: WorkerEnv, context: RequestContext): Promise<Response>;
  /** A cron trigger: forgets what is no longer kept. */
  scheduled(event: unknown, env: WorkerEnv): Promise<void>;
}

/** What one instance keeps from request to request: values, no promises, since a request that is cut off never finishes its own. */
interface Instance {
  readonly settings: Settings;
  readonly store: Store;
  readonly guard: GuardOptions;
  readonly forward: Forward;
  host: FirewallApp["app"] | undefined;
  /** Digests of the plans in it. */
  digests: string | undefined;
  /** When the digests were asked for. */
  at: number;
}

/** Milliseconds for which an instance does not ask which plans there are. */
const plansForMs = 5_000;

/** Makes a Worker. @example export default createWorker(); export { SluiceSession, SluiceShared } from "sluice/worker"; */
export function createWorker(options: WorkerOptions = {}): SluiceWorker {
  const instances = new WeakMap<WorkerEnv, Instance>();
  const instanceOf = (env: WorkerEnv): Instance => {
    const known = instances.get(env);
    if (known !== undefined) return known;
    const made = openInstance(env, options);
    instances.set(env, made);
    return made;
  };
  return {
    fetch: async (request, env, context) => {
      const answer = respond(request, () => instanceOf(env), options);
      // A client that goes away must not leave a check half-way: the next of its session in this instance would wait for it for ever.
      context.waitUntil(answer.catch(() => undefined));
      return answer;
    },
    scheduled: async (_, env) => {
      const { store } = instanceOf(env);
      const swept = await sweep(store, options.retention ?? retentionDefault, { now: Date.now(), batches: 5 });
      if (!swept.ok) console.error(JSON.stringify({ event: "sweep-failed", failure: swept.error.kind }));
    },
  };
}

function openInstance(env: WorkerEnv, { sql = [], forward }: WorkerOptions): Instance {
  const settings = readSettings(env);
  const { tenant, journal, policy, upstream } = settings;
  return {
    settings,
    store: createCloudflareStore(env, { tenant, journal }),
    guard: { clock: Date.now, leaseSeconds: leaseSecondsDefault, sql, ...(policy === undefined ? {} : { policy }) },
    forward: forward?.(env) ?? (upstream === undefined ? nowhere : forwardTo(upstream)),
    host: undefined,
    digests: undefined,
    at: Number.NEGATIVE_INFINITY,
  };
}

async function respond(request: Request, open: () => Instance, options: WorkerOptions): Promise<Response> {
  try {
    const instance = open();
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/sluice/plans") return await upload(request, instance, options);
    const isOpening = request.method === "POST" && pathname === "/sluice/sessions";
    if (!(await refresh(instance, options, isOpening))) return hostProblemResponse({ code: "STORE_UNAVAILABLE" });
    if (instance.host === undefined)
      return hostProblemResponse({ code: "PLAN_UNKNOWN", message: "no plan is served yet: POST a frozen plan to /sluice/plans" });
    return await instance.host.fetch(request);
  } catch (error) {
    const message = error instanceof ConfigError ? error.message : undefined;
    console.error(JSON.stringify({ event: "request-failed", ...(message === undefined ? {} : { message }) }));
    return hostProblemResponse({ code: message === undefined ? "INTERNAL" : "CONFIG_INVALID" });
  }
}

async function upload(request: Request, instance: Instance, options: WorkerOptions): Promise<Response> {
  const given = bearerOf(request.headers.get("authorization") ?? undefined);
  if (given === undefined) return hostProblemResponse({ code: "AUTH_REQUIRED" });
  if (!equalSecret(given, instance.settings.admin)) return hostProblemResponse({ code: "AUTH_DENIED" });
  const taken = await takePlan(request, instance);
  if (!taken.ok) return taken.error;
  await refresh(instance, options, true);
  const { digest, plan } = taken.value;
  return jsonResponse({ digest, name: plan.name }, 201);
}

/** Brings the plans that are served up to date. Whether they are known. */
async function refresh(instance: Instance, { plans = [], sql = [] }: WorkerOptions, isNeeded: boolean): Promise<boolean> {
  const now = Date.now();
  if (!isNeeded && instance.digests !== undefined && Math.abs(now - instance.at) < plansForMs) return true;
  const digests = await servedDigests(instance.store);
  // What was served before is served on: a plan never changes under its digest.
  if (!digests.ok) return instance.digests !== undefined && !isNeeded;
  const key = digests.value.join(" ");
  if (key !== instance.digests) {
    const served = [...plans];
    for (const digest of digests.value) {
      const plan = await loadServed(instance.store, digest);
      if (!plan.ok) return false;
      if (plan.value !== undefined && !served.some((other) => other.digest === digest)) served.push(plan.value);
    }
    instance.host = hostOf(instance, served, sql);
    instance.digests = key;
  }
  instance.at = now;
  return true;
}

/** The host over the plans that can be enforced; `undefined`: there is none. */
function hostOf(instance: Instance, served: readonly FrozenPlan[], sql: readonly SqlParser[]): Instance["host"] {
  const plans = served.filter((plan) => {
    const guard = createGuard(plan, instance.guard);
    if (!guard.ok) console.error(JSON.stringify({ event: "plan-not-served", plan: plan.digest, code: guard.error[0]?.code }));
    return guard.ok;
  });
  if (plans.length === 0) return undefined;
  const { admin, approvers, grants, approvalWaitSeconds, policy, clockSkewSeconds } = instance.settings;
  return createFirewallApp({
    plans,
    store: instance.store,
    admin,
    approvers,
    grants,
    sql,
    forward: instance.forward,
    own: { clockSkewSeconds },
    ...(approvalWaitSeconds === undefined ? {} : { approvalWaitSeconds }),
    ...(policy === undefined ? {} : { policy }),
    logger: {
      info: (event, facts) => console.log(JSON.stringify({ event, ...facts })),
      error: (event, facts) => console.error(JSON.stringify({ event, ...facts })),
    },
  }).app;
}

async function nowhere(): Promise<never> {
  throw new TypeError("no upstream");
}
