/**
 * Options of every surface, checked once when it is set up.
 * Never for a request: what is wrong here stops the start with a `ConfigError`.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard, type Guard, type GuardOptions } from "../engine.ts";
import { leaseSecondsDefault } from "../limits.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "../policy/policy.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { ConfigError } from "../result.ts";
import type { Store } from "../stores/store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { systemRandom } from "./random.ts";
import {
  type Adoption,
  type Amendment,
  type AmendmentOptions,
  type Approval,
  createEnforcer,
  type Enforcer,
  type Guards,
  type ReceiptOptions,
  type WorkLimits,
} from "./enforce.ts";
import { type ObserveMode, observerOf } from "./observe.ts";

/** What enforces: an enforcer that several surfaces share, or what one is made of. */
export type EnforcementOptions = { readonly enforcer: Enforcer } | OwnEnforcement;

/** What an enforcer is made of. */
export interface OwnEnforcement {
  /** Frozen plans. Each is compiled once. At least one, but where `mode` observes. */
  readonly plans: readonly FrozenPlan[] | { readonly [name: string]: FrozenPlan };
  readonly store: Store;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the system's, by Web Crypto. */
  readonly random?: Random;
  /** Seconds after which an unsettled call counts as failed. Default 300. */
  readonly leaseSeconds?: number;
  /** Seconds after which a session allows nothing, if its plan does not say less. Default a day. */
  readonly sessionSeconds?: number;
  /** Seconds that a call waits for a human at most before it can be neither approved nor released. Default an hour. */
  readonly holdSeconds?: number;
  /** Seconds that a call which needs approval is kept before it is answered; less than the client's own time-out. Default 0: it is answered at once. */
  readonly approvalWaitSeconds?: number;
  /** Told of every call that has come to wait for a human, once: `approvalWebhook`, say. What it throws changes nothing. */
  readonly onPending?: (approval: Approval) => unknown;
  /** Told of every amendment that has come to wait for a human, once: `approvalWebhook` as well. What it throws changes nothing. */
  readonly onPendingAmendment?: (amendment: Amendment) => unknown;
  /** `required`: no session is opened for a principal without a grant for the plan. Default `none`. */
  readonly grants?: "none" | "required";
  /** The organisation's rules of today, besides those that were frozen with a plan. A plan that violates either is refused. */
  readonly policy?: Policy;
  /** Parsers of the dialects of SQL that the plans name (`sluice/sql/postgres`, `sluice/sql/node-sql-parser`). */
  readonly sql?: readonly SqlParser[];
  /** Milliseconds after which a store that does not answer is unavailable, so that the call is denied. Default 10,000. */
  readonly storeTimeoutMs?: number;
  /** How agents may amend plans; `false`: not at all. Default: with the tools of the plan and its envelope. */
  readonly amendments?: AmendmentOptions | false;
  /** Receipts between agents: the key of this Sluice, and the names that it goes by. Default: nothing is signed, and what comes from other agents is the top. */
  readonly receipts?: ReceiptOptions;
  /** Absent: every call is enforced. Else calls go ahead unchecked and are recorded, for the reason and until the time that are given here. */
  readonly mode?: ObserveMode;
  /** How much work is taken on at once, and how often a principal may ask; by default far more than agents do. */
  readonly limits?: WorkLimits;
  /**
   * Seconds by which the clocks of the processes over the store may differ: expiries come so much earlier, and windows of shared budgets are
   * so much longer. Default 0: one machine, one clock.
   */
  readonly clockSkewSeconds?: number;
  /**
   * Sessions of plans that are not loaded here, because another process opened them or a reload has taken the plan away: `serve` them with
   * the plan from the store, held to the policy of today (default), or `deny`. No session is opened for such a plan either way.
   */
  readonly unloaded?: "serve" | "deny";
  /** Further parsers for a plan that is taken from the store. */
  readonly sqlOf?: (plan: FrozenPlan) => Promise<readonly SqlParser[]>;
  /** Why a plan cannot be served here, if it cannot: its tools are not behind this surface, say. Asked before a plan is taken on. */
  readonly accepts?: ((guard: Guard) => string | undefined) | undefined;
  /** Whether what was asked is kept beside each verdict (`facts.call`), so that an audit can decide it again. Default: no. */
  readonly recordCalls?: boolean;
  readonly logger?: Logger;
  /** Told of every check, result, session and answer of the store, without values: `createMetrics().telemetry`, say. What it throws changes nothing. */
  readonly telemetry?: Telemetry;
}

/** The enforcer that options name or describe. Throws `ConfigError`. */
export function enforcerOf(options: EnforcementOptions): Enforcer {
  if ("enforcer" in options) {
    if (typeof options.enforcer?.check !== "function") throw new ConfigError("`enforcer` must be what `createFirewall` returns");
    if ("mode" in options) throw new ConfigError("`mode` is said to `createFirewall`: an `enforcer` has its own");
    return options.enforcer;
  }
  return createFirewall(options);
}

/** What a firewall is loaded with: what may change while it runs. */
export type Loaded = Pick<OwnEnforcement, "plans" | "policy" | "sql">;

/** Plans and a policy that were checked whole, and are not in force yet. */
export interface Prepared {
  readonly guards: Guards;
  /** Puts all of it in force at once, in place of what was. Sessions that run go on under the rules of now from their next call on. */
  commit(): void;
}

/** An enforcer with plans of its own. */
export interface Firewall extends Enforcer {
  /** Checks other plans and another policy as a whole, and changes nothing. Throws `ConfigError` if any of it cannot be enforced. */
  prepare(next: Loaded): Prepared;
}

/** Compiles the plans and makes the enforcer that surfaces share. Throws `ConfigError`. */
export function createFirewall(options: OwnEnforcement): Firewall {
  const { clock, random, logger, ...checked } = checkOptions(options);
  const { leaseSeconds, holdSeconds, sessionSeconds, approvalWaitSeconds } = checked;
  const { mode, accepts } = options;
  const guardOptions = ({ policy, sql = [] }: Loaded): GuardOptions => ({
    clock,
    leaseSeconds,
    sql,
    ...(policy === undefined ? {} : { policy }),
  });
  let inForce: Loaded = options;
  let generation = 0;
  const guards = new Map(compileAll(options, guardOptions(options)));
  const adoption: Adoption = {
    generation: () => generation,
    guardOf: async (frozen) => {
      const sql = [...(inForce.sql ?? []), ...((await options.sqlOf?.(frozen)) ?? [])];
      const guard = createGuard(frozen, guardOptions({ ...inForce, sql }));
      return guard.ok && accepts?.(guard.value) === undefined ? guard.value : undefined;
    },
  };
  const enforcer = createEnforcer({
    ...given(options, [
      "onPending",
      "onPendingAmendment",
      "storeTimeoutMs",
      "amendments",
      "receipts",
      "recordCalls",
      "limits",
      "clockSkewSeconds",
      "telemetry",
    ]),
    grants: checked.grants,
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
    ...(approvalWaitSeconds === undefined ? {} : { approvalWaitSeconds }),
    ...(sessionSeconds === undefined ? {} : { sessionSeconds }),
    ...(options.unloaded === "deny" ? {} : { adoption }),
    guards,
    store: options.store,
    clock,
    random,
    leaseSeconds,
    ...(logger === undefined ? {} : { logger }),
  });
  const prepare = (next: Loaded): Prepared => {
    const made = compileAll({ ...next, mode, accepts }, guardOptions(next));
    if (mode !== undefined) refuseUnapproved(made, next.policy);
    return {
      guards: made,
      commit: () => {
        inForce = next;
        generation += 1;
        guards.clear();
        for (const [digest, guard] of made) guards.set(digest, guard);
      },
    };
  };
  if (mode === undefined) return { ...enforcer, prepare };
  // A mode that is inherited nobody has given to this firewall.
  if (!Object.hasOwn(options, "mode")) throw new ConfigError("`mode` must be a member of the options themselves");
  const permit = (): void => refuseUnapproved(guards, inForce.policy);
  return { ...enforcer, prepare, observer: observerOf(mode, { guards, store: enforcer.store, clock, random, logger, permit }) };
}

/** Some members of an object, those that are there. */
function given<T extends object, const K extends keyof T>(options: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))) as Pick<T, K>;
}

interface CheckedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger | undefined;
  readonly grants: "none" | "required";
  readonly leaseSeconds: number;
  readonly sessionSeconds: number | undefined;
  readonly holdSeconds: number | undefined;
  readonly approvalWaitSeconds: number | undefined;
}

/** Refuses options that are none. Throws `ConfigError`. */
function checkOptions(options: OwnEnforcement): CheckedOptions {
  const { store, clock = Date.now, random = systemRandom, logger, storeTimeoutMs } = options;
  if (typeof store?.commit !== "function") throw new ConfigError("`store` must be a store, such as `createMemoryStore()`");
  if (typeof clock !== "function") throw new ConfigError("`clock` must be a function that returns milliseconds");
  if (typeof random !== "function") throw new ConfigError("`random` must be a function that returns bytes");
  if (storeTimeoutMs !== undefined && !(Number.isInteger(storeTimeoutMs) && storeTimeoutMs >= 1 && storeTimeoutMs <= 300_000))
    throw new ConfigError("`storeTimeoutMs` must be an integer number of milliseconds from 1 to 300000");
  const { onPending, onPendingAmendment, grants = "none", unloaded = "serve", clockSkewSeconds = 0 } = options;
  if (grants !== "none" && grants !== "required") throw new ConfigError("`grants` must be `none` or `required`");
  if (unloaded !== "serve" && unloaded !== "deny") throw new ConfigError("`unloaded` must be `serve` or `deny`");
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= 300))
    throw new ConfigError("`clockSkewSeconds` must be a number of seconds from 0 to 300");
  if (onPending !== undefined && typeof onPending !== "function") throw new ConfigError("`onPending` must be a function");
  if (onPendingAmendment !== undefined && typeof onPendingAmendment !== "function")
    throw new ConfigError("`onPendingAmendment` must be a function");
  return {
    clock,
    random,
    logger,
    grants,
    leaseSeconds: seconds("leaseSeconds", options.leaseSeconds) ?? leaseSecondsDefault,
    sessionSeconds: seconds("sessionSeconds", options.sessionSeconds),
    holdSeconds: seconds("holdSeconds", options.holdSeconds),
    approvalWaitSeconds: seconds("approvalWaitSeconds", options.approvalWaitSeconds || undefined),
  };
}

/** What people must approve does not go ahead because somebody observes. */
function refuseUnapproved(guards: Guards, policy: Policy | undefined): void {
  const policies = [policy, ...[...guards.values()].map((guard) => guard.policy)];
  if (policies.some((one) => one?.approve !== undefined || one?.approval !== undefined))
    throw new ConfigError("`mode`: a policy asks for people's approval, so that calls may not go ahead unchecked");
}

function compileAll(
  { plans, mode, accepts }: Pick<OwnEnforcement, "plans" | "accepts"> & { readonly mode?: ObserveMode | undefined },
  options: GuardOptions,
): ReadonlyMap<string, Guard> {
  if (typeof plans !== "object" || plans === null) throw new ConfigError("`plans` must be a list or an object of frozen plans");
  const guards = new Map<string, Guard>();
  for (const [place, frozen] of Object.entries(plans as { readonly [name: string]: FrozenPlan })) {
    if (frozen?.kind !== "sluice.frozen-plan")
      throw new ConfigError(`\`plans.${place}\` must be a frozen plan: what \`freezePlan\` or \`thawPlan\` returns`);
    const guard = createGuard(frozen, options);
    if (!guard.ok) {
      const [first] = guard.error;
      throw new ConfigError(
        `\`plans.${place}\` cannot be enforced: ${first?.code ?? ""} at \`${first?.pointer ?? ""}\`: ${first?.message ?? ""}`,
      );
    }
    const refused = accepts?.(guard.value);
    if (refused !== undefined) throw new ConfigError(`\`plans.${place}\` cannot be served: ${refused}`);
    guards.set(frozen.digest, guard.value);
  }
  if (guards.size === 0 && mode === undefined)
    throw new ConfigError("`plans` must hold at least one frozen plan: without one every call is denied");
  return guards;
}

/** A number of seconds, if it is given. */
function seconds(name: string, value: number | undefined): number | undefined {
  if (value !== undefined && !(Number.isFinite(value) && value > 0 && value <= 31_622_400)) {
    throw new ConfigError(`\`${name}\` must be a number of seconds greater than 0 and at most a year`);
  }
  return value;
}
