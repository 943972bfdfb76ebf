/**
 * Options of every surface, checked once when it is set up.
 * Never for a request: what is wrong here stops the start with a `ConfigError`.
 */
import { systemRandom } from "./random.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard, type Guard, type GuardOptions } from "../engine.ts";
import { leaseSecondsDefault } from "../limits.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "../policy/policy.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { ConfigError } from "../result.ts";
import type { Store } from "../stores/store.ts";
import {
  type Amendment,
  type AmendmentOptions,
  type Approval,
  createEnforcer,
  type Enforcer,
  type ReceiptOptions,
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
  readonly logger?: Logger;
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

/** Compiles the plans and makes the enforcer that surfaces share. Throws `ConfigError`. */
export function createFirewall(options: OwnEnforcement): Enforcer {
  const { store, clock = Date.now, random = systemRandom, policy, logger, storeTimeoutMs, sql = [] } = options;
  if (typeof store?.commit !== "function") throw new ConfigError("`store` must be a store, such as `createMemoryStore()`");
  if (typeof clock !== "function") throw new ConfigError("`clock` must be a function that returns milliseconds");
  if (typeof random !== "function") throw new ConfigError("`random` must be a function that returns bytes");
  if (storeTimeoutMs !== undefined && !(Number.isInteger(storeTimeoutMs) && storeTimeoutMs >= 1 && storeTimeoutMs <= 300_000))
    throw new ConfigError("`storeTimeoutMs` must be an integer number of milliseconds from 1 to 300000");
  const leaseSeconds = seconds("leaseSeconds", options.leaseSeconds) ?? leaseSecondsDefault;
  const sessionSeconds = seconds("sessionSeconds", options.sessionSeconds);
  const holdSeconds = seconds("holdSeconds", options.holdSeconds);
  const approvalWaitSeconds = seconds("approvalWaitSeconds", options.approvalWaitSeconds || undefined);
  const { onPending, onPendingAmendment, grants = "none" } = options;
  if (grants !== "none" && grants !== "required") throw new ConfigError("`grants` must be `none` or `required`");
  if (onPending !== undefined && typeof onPending !== "function") throw new ConfigError("`onPending` must be a function");
  if (onPendingAmendment !== undefined && typeof onPendingAmendment !== "function")
    throw new ConfigError("`onPendingAmendment` must be a function");
  const guards = compileAll(options, { clock, leaseSeconds, sql, ...(policy === undefined ? {} : { policy }) });
  const enforcer = createEnforcer({
    grants,
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
    ...(approvalWaitSeconds === undefined ? {} : { approvalWaitSeconds }),
    ...(onPending === undefined ? {} : { onPending }),
    ...(onPendingAmendment === undefined ? {} : { onPendingAmendment }),
    guards,
    store,
    clock,
    random,
    leaseSeconds,
    ...(sessionSeconds === undefined ? {} : { sessionSeconds }),
    ...(storeTimeoutMs === undefined ? {} : { storeTimeoutMs }),
    ...(options.amendments === undefined ? {} : { amendments: options.amendments }),
    ...(options.receipts === undefined ? {} : { receipts: options.receipts }),
    ...(logger === undefined ? {} : { logger }),
  });
  if (options.mode === undefined) return enforcer;
  // A mode that is inherited nobody has given to this firewall.
  if (!Object.hasOwn(options, "mode")) throw new ConfigError("`mode` must be a member of the options themselves");
  const permit = (): void => refuseUnapproved(guards, policy);
  return { ...enforcer, observer: observerOf(options.mode, { guards, store: enforcer.store, clock, random, logger, permit }) };
}

/** What people must approve does not go ahead because somebody observes. */
function refuseUnapproved(guards: ReadonlyMap<string, Guard>, policy: Policy | undefined): void {
  const policies = [policy, ...[...guards.values()].map((guard) => guard.policy)];
  if (policies.some((one) => one?.approve !== undefined || one?.approval !== undefined))
    throw new ConfigError("`mode`: a policy asks for people's approval, so that calls may not go ahead unchecked");
}

function compileAll({ plans, mode }: OwnEnforcement, options: GuardOptions): ReadonlyMap<string, Guard> {
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
