/**
 * What the parts of one run share: how it is played, who is served by which Sluice, what was called.
 * Types only.
 */
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Enforcer } from "../../src/surfaces/enforce.ts";
import type { Gateway } from "../../src/surfaces/mcp/gateway.ts";
import type { Wish } from "./agent.ts";
import type { Host } from "./host.ts";
import type { Prepared } from "./prepare.ts";
import type { Attack, Sent, Variant } from "./scenario.ts";
import type { Receiver } from "./wire.ts";
import type { World } from "./world.ts";

/** How a run is played. */
export interface PlayOptions {
  /** Whether the agents that have plans are behind their Sluices. */
  readonly isGuarded: boolean;
  readonly attack?: Attack;
  readonly variant?: Variant;
  /** What a person says who is asked. Default: what the scenario says is wanted. `yes`: to everything. */
  readonly human?: "careful" | "yes";
}

/** A call that an agent made. */
export interface CallMade {
  readonly agent: string;
  readonly tool: string;
  readonly wish: Wish;
  /** Of a refused call. */
  readonly code?: string;
}

/** An agent's Sluice in a run. */
export interface Served {
  readonly enforcer: Enforcer;
  readonly plan: FrozenPlan;
  readonly gateway: Gateway | undefined;
  readonly host: Host | undefined;
}

/** What the parts of a run share. */
export interface Net {
  readonly prepared: Prepared;
  readonly options: PlayOptions;
  readonly world: World;
  readonly served: ReadonlyMap<string, Served>;
  readonly calls: CallMade[];
  readonly sessions: { readonly agent: string; readonly session: string }[];
  readonly checks: number[];
  readonly tally: { messages: number; confirmations: number };
  /** Lets a message pass whoever is on the way, and gives back the answer to the first that is delivered. */
  readonly pass: <Answer>(sent: Sent, send: (one: Sent) => Promise<Answer>) => Promise<Answer>;
  readonly receiverOf: (name: string) => Receiver;
}
