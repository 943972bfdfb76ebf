/**
 * The connections of one Sluice session to the servers of its plan, and what is remembered of them.
 * Never shares a connection between two sessions, and never uses one whose server has not been compared with the plan.
 */
import type { Code } from "../../codes.ts";
import type { JsonObject } from "../../json/value.ts";
import { mcpHelloMs, mcpKeptMax } from "../../limits.ts";
import { hexOf } from "../../plan/digest.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import { err, ok, type Result } from "../../result.ts";
import type { RpcOutcome } from "./jsonrpc.ts";
import { type Listing, listTools, pinFaults } from "./definitions.ts";
import { createRoutes, type Routes } from "./route.ts";
import type { Upstream, UpstreamServer } from "./upstream.ts";

/** Who takes what a server sends on its own. */
export interface LaneListener {
  onNotification(server: string, method: string, params: JsonObject): void;
  onRequest(
    server: string,
    request: { readonly method: string; readonly params: JsonObject; readonly signal: AbortSignal },
  ): Promise<RpcOutcome>;
}

/** Connections of one session. */
export interface Lane {
  readonly session: string;
  /** A connection to a server that is what the plan pins; connected, and compared again, as needed. Errors: a code for the agent. */
  open(server: string, plan: FrozenPlan): Promise<Result<Upstream, Code>>;
  /** Where messages of servers go. */
  readonly routes: Routes;
  /** Runs a job after those before it: what is sent on is sent on in the order in which it came. */
  inOrder(job: () => Promise<void>): void;
  /** What was begun with `inOrder` so far has ended. */
  settled(): Promise<void>;
  readonly kept: Kept;
  /** A new name: of this session, and of no other process that serves it. */
  name(): string;
  /** Milliseconds since the epoch of the last use. */
  readonly usedAt: number;
  close(): Promise<void>;
}

/** What is remembered for a session: cursors, whose resource an address is, what is subscribed. */
export interface Kept {
  /** A cursor of ours that stands for one of a server. */
  readonly cursors: Bounded<{ readonly method: string; readonly server: string; readonly cursor?: string }>;
  /** Servers that have listed an address. */
  readonly addresses: Bounded<ReadonlySet<string>>;
  /** Prompts that were listed, by their shown names. */
  readonly prompts: Bounded<{ readonly server: string; readonly name: string }>;
  /** Addresses that were subscribed, with their server. */
  readonly subscribed: Bounded<string>;
}

/** A map of the newest entries. */
export interface Bounded<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  keys(): Iterable<string>;
  values(): Iterable<Value>;
}

/** A map that holds at most `max` entries: the oldest goes first. */
export function bounded<Value>(max: number = mcpKeptMax): Bounded<Value> {
  const map = new Map<string, Value>();
  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      map.delete(key);
      map.set(key, value);
      if (map.size > max) for (const oldest of map.keys()) return void map.delete(oldest);
    },
    delete: (key) => void map.delete(key),
    keys: () => map.keys(),
    values: () => map.values(),
  };
}

/** What all lanes share. */
export interface LaneWorld {
  /** Makes the listener of a lane. */
  readonly listen: (lane: Lane) => LaneListener;
  /** Capabilities of the client's that a server of a plan is told of. */
  readonly announce: (server: string, plan: FrozenPlan, lane: Lane) => JsonObject;
  readonly servers: ReadonlyMap<string, UpstreamServer>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger | undefined;
  readonly recheckMs: number;
}

interface Link {
  readonly upstream: Upstream;
  listing: Listing;
  listedAt: number;
  isStale: boolean;
  /** The listing that is under way: nobody calls before it has come. */
  refreshing: Promise<Result<Link, Code>> | undefined;
  /** Digest of the plan that it was compared with, and what came of it. */
  compared: { readonly plan: string; readonly isSame: boolean } | undefined;
}

/** A lane at work. */
interface LaneState {
  readonly world: LaneWorld;
  readonly lane: Lane;
  readonly listener: LaneListener;
  readonly links: Map<string, Promise<Result<Link, Code>>>;
  readonly ending: AbortController;
}

/** Makes the lane of a session. */
export function createLane(world: LaneWorld, session: string): Lane {
  const { servers, clock } = world;
  const links: LaneState["links"] = new Map();
  const ending = new AbortController();
  const order = createOrder();
  const own = hexOf(world.random(6));
  let named = 0;
  let usedAt = clock();
  const lane: Lane = {
    session,
    open: async (name, plan) => {
      usedAt = clock();
      const server = servers.get(name);
      return server === undefined || ending.signal.aborted ? err("UPSTREAM_FAILED") : openLink(state, server, plan);
    },
    routes: createRoutes(),
    ...order,
    name: () => `${own}-${++named}`,
    kept: { cursors: bounded(), addresses: bounded(), prompts: bounded(), subscribed: bounded() },
    get usedAt() {
      return usedAt;
    },
    close: async () => {
      ending.abort();
      const open = await Promise.all(links.values());
      links.clear();
      await Promise.all(open.map((each) => (each.ok ? each.value.upstream.close() : undefined)));
    },
  };
  const state: LaneState = { world, lane, listener: world.listen(lane), links, ending };
  return lane;
}

/** Runs jobs one after another; of a server that tells more than its client takes, what is too much is lost. */
function createOrder(): Pick<Lane, "inOrder" | "settled"> {
  let order: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    inOrder: (job) => {
      if (waiting >= mcpKeptMax) return;
      waiting++;
      order = order.then(job).then(done, done);
    },
    settled: () => order,
  };
  function done(): void {
    waiting--;
  }
}

/** A connection that is what the plan pins. */
async function openLink(state: LaneState, server: UpstreamServer, plan: FrozenPlan): Promise<Result<Upstream, Code>> {
  const linked = await linkOf(state, server, plan);
  if (!linked.ok) return linked;
  const fresh = await refresh(state, linked.value);
  if (!fresh.ok) return fresh;
  // One changed tool voids the plan, whichever of its servers has it.
  const others = await Promise.all(state.links.values());
  const known = others.flatMap((each) => (each.ok ? [each.value] : []));
  const isSame = [fresh.value, ...known].map((link) => compare(state, link, plan)).every(Boolean);
  return isSame ? ok(fresh.value.upstream) : err("TOOL_DESCRIPTOR_CHANGED");
}

/** The connection to a server that there is, or a new one. */
async function linkOf(state: LaneState, server: UpstreamServer, plan: FrozenPlan): Promise<Result<Link, Code>> {
  const { links } = state;
  const known = links.get(server.name);
  const there = await known;
  if (there?.ok === true && there.value.upstream.isOpen) return there;
  // Someone else may have begun to connect while this one waited.
  const now = links.get(server.name);
  if (now !== undefined && now !== known) return now;
  const fresh = connect(state, server, plan);
  links.set(server.name, fresh);
  const linked = await fresh;
  if (!linked.ok && links.get(server.name) === fresh) links.delete(server.name);
  return linked;
}

async function connect(state: LaneState, server: UpstreamServer, plan: FrozenPlan): Promise<Result<Link, Code>> {
  const { world, lane, listener, ending } = state;
  const { name } = server;
  let link: Link | undefined;
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(mcpHelloMs)]);
  const connected = await server.connect(
    {
      onNotification: (method, params) => {
        if (method === "notifications/tools/list_changed" && link !== undefined) link.isStale = true;
        listener.onNotification(name, method, params);
      },
      onRequest: (method, params, each) => listener.onRequest(name, { method, params, signal: each }),
    },
    { signal, capabilities: world.announce(name, plan, lane) },
  );
  if (!connected.ok) return fault(state, name, connected.error);
  const listing = await listTools(connected.value, signal);
  if (!listing.ok) {
    await connected.value.close();
    return fault(state, name, listing.error);
  }
  link = {
    upstream: connected.value,
    listing: listing.value,
    listedAt: world.clock(),
    isStale: false,
    refreshing: undefined,
    compared: undefined,
  };
  return ok(link);
}

function fault({ world }: LaneState, server: string, failure: string): { readonly ok: false; readonly error: Code } {
  world.logger?.error("upstream-failed", { server, failure });
  return err("UPSTREAM_FAILED");
}

/** The connection with a listing that is not too old, and not known to have changed. */
function refresh(state: LaneState, link: Link): Promise<Result<Link, Code>> {
  const { clock, recheckMs } = state.world;
  if (link.refreshing !== undefined) return link.refreshing;
  if (!link.isStale && clock() - link.listedAt < recheckMs) return Promise.resolve(ok(link));
  link.refreshing = relist(state, link).finally(() => {
    link.refreshing = undefined;
  });
  return link.refreshing;
}

async function relist(state: LaneState, link: Link): Promise<Result<Link, Code>> {
  const { world, ending } = state;
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(mcpHelloMs)]);
  do {
    // Before the question: what changes while it is answered makes it stale again.
    link.isStale = false;
    const listing = await listTools(link.upstream, signal);
    if (!listing.ok) {
      link.isStale = true;
      return fault(state, link.upstream.name, listing.error);
    }
    link.listing = listing.value;
    link.listedAt = world.clock();
    link.compared = undefined;
  } while (isStaleAgain(link));
  return ok(link);
}

function isStaleAgain({ isStale }: Link): boolean {
  return isStale;
}

function compare({ world }: LaneState, link: Link, plan: FrozenPlan): boolean {
  if (link.compared?.plan === plan.digest) return link.compared.isSame;
  const { upstream, listing } = link;
  const faults = pinFaults(plan, upstream.name, { identity: upstream.identity, listing });
  for (const { what, where } of faults) world.logger?.error("definition-changed", { what, where });
  link.compared = { plan: plan.digest, isSame: faults.length === 0 };
  return link.compared.isSame;
}
