/**
 * Plays one run of a scenario: with or without Sluice, attacked or not. Fresh agents, stores and world each time.
 * Never tells an agent that there is a Sluice but by a refused call, and never lets anything of a run into the next.
 */
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { issueReceipt } from "../../src/receipts/issue.ts";
import { receiptKey } from "../../src/receipts/key.ts";
import { receiptHeader } from "../../src/receipts/receipt.ts";
import { ok } from "../../src/result.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { inspectSession } from "../../src/surfaces/inspect.ts";
import { createGateway, type Gateway } from "../../src/surfaces/mcp/gateway.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { paramsOfMessage, receiveFromPeers } from "../../src/surfaces/receipts.ts";
import { type Hands, work } from "./agent.ts";
import { bareHands, guardedHands, runTool } from "./hands.ts";
import { createHost } from "./host.ts";
import type { CallMade, Net, PlayOptions, Served } from "./net.ts";
import type { Prepared } from "./prepare.ts";
import type { Sent, Start, Toolkit } from "./scenario.ts";
import { mcpServer, type Receiver } from "./wire.ts";
import { createWorld, type World } from "./world.ts";

/** A denial as an agent's Sluice recorded it. */
export interface Recorded {
  readonly agent: string;
  readonly tool: string;
  readonly code: string;
  readonly chain: readonly Json[];
}

/** A played run. */
export interface Played {
  readonly world: World;
  readonly calls: readonly CallMade[];
  readonly denials: readonly Recorded[];
  /** Milliseconds of each check. */
  readonly checks: readonly number[];
  /** How often a person was asked. */
  readonly confirmations: number;
}

/** Messages of one run, at most: two agents that ask each other for ever end here, with and without Sluice. */
const messagesMax = 40;

/** Plays a run. */
export async function play(prepared: Prepared, options: PlayOptions): Promise<Played> {
  const { scenario } = prepared;
  const { attack, variant } = options;
  const world = createWorld(scenario.world);
  variant?.change?.(world);
  attack?.plant?.(world);
  const net = createNet(prepared, options, world);
  const own = { ...scenario.start, ...(variant?.params === undefined ? {} : { params: variant.params }) };
  for (const start of [...(attack?.starts ?? []), own, ...(scenario.later ?? [])]) await begin(net, start);
  const denials = await recorded(net);
  for (const { gateway } of net.served.values()) await gateway?.close();
  const { calls, checks, tally } = net;
  return { world, calls, denials, checks, confirmations: tally.confirmations };
}

function createNet(prepared: Prepared, options: PlayOptions, world: World): Net {
  const served = new Map<string, Served>();
  const seen: Sent[] = [];
  const net: Net = {
    prepared,
    options,
    world,
    served,
    calls: [],
    sessions: [],
    checks: [],
    tally: { messages: 0, confirmations: 0 },
    receiverOf: (name) => receiverOf(net, name),
    pass: async (sent, send) => {
      if (++net.tally.messages > messagesMax) throw new Error("too many messages");
      const made = await (options.attack?.tamper?.(sent, toolkitOf(net, seen)) ?? [sent]);
      seen.push(sent);
      const [first, ...more] = made;
      if (first === undefined) throw new Error("nobody answered");
      const answer = await settled(send(first));
      for (const one of more) await settled(send(one));
      if (!answer.ok) throw answer.error;
      return answer.value;
    },
  };
  if (options.isGuarded) for (const name of prepared.plans.keys()) served.set(name, serve(net, name, stores(prepared, served)));
  return net;
}

async function settled<T>(
  promise: Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }> {
  return promise.then(
    (value) => ({ ok: true, value }) as const,
    (error: unknown) => ({ ok: false, error }) as const,
  );
}

/** The store that agents of this name share, if one of them is there already. */
function stores({ scenario }: Prepared, served: ReadonlyMap<string, Served>): (name: string) => Store {
  return (name) => {
    const own = scenario.agents[name]?.store;
    const twin = [...served].find(([other]) => own !== undefined && scenario.agents[other]?.store === own);
    return twin?.[1].enforcer.store ?? createMemoryStore();
  };
}

/** An agent's Sluice, with its checks timed, and its MCP gateway where another agent is one of its servers. */
function serve(net: Net, name: string, storeOf: (name: string) => Store): Served {
  const { plans, keys, scenario } = net.prepared;
  const plan = plans.get(name);
  if (plan === undefined) throw new Error(`${name} has no plan`);
  const firewall = createFirewall({
    plans: [plan],
    store: storeOf(name),
    clock: () => net.world.now,
    receipts: { key: keys.get(name) as SigningKey },
  });
  const enforcer: Enforcer = {
    ...firewall,
    check: async (...call) => {
      const begun = performance.now();
      const checked = await firewall.check(...call);
      net.checks.push(performance.now() - begun);
      return checked;
    },
  };
  const used = new Set(Object.values(plan.plan.nodes).map(({ tool }) => tool));
  const byMcp = Object.entries(scenario.tools).filter(([tool, { peer }]) => peer?.by === "mcp" && used.has(tool));
  const servers = byMcp.map((tool) => mcpServer(name, tool, net.pass, net.receiverOf));
  const gateway: Gateway | undefined = servers.length === 0 ? undefined : createGateway({ enforcer, servers });
  const host =
    scenario.agents[name]?.isHosted === true
      ? createHost(enforcer, (tool, args) => runTool(net, { agent: name, tool, args }))
      : undefined;
  return { enforcer, plan, gateway, host };
}

/** Begins a session of an agent for its user. */
async function begin(net: Net, { agent, params = {}, principal = "user" }: Start): Promise<void> {
  const served = net.served.get(agent);
  if (served === undefined) {
    await run(net, agent, { hands: bareHands(net, agent), params });
    return;
  }
  const opened = await served.enforcer.open({ plan: served.plan.digest, principal, params });
  if (!opened.ok) throw new Error(`${agent}: ${JSON.stringify(opened.error)}`);
  net.sessions.push({ agent, session: opened.value.session });
  await run(net, agent, {
    hands: guardedHands(net, agent, { served, token: opened.value.token, session: opened.value.session }),
    params,
  });
}

function run(net: Net, name: string, { hands, params }: { readonly hands: Hands; readonly params: JsonObject }): Promise<Json> {
  const agent = net.prepared.scenario.agents[name];
  if (agent === undefined) throw new Error(`no agent \`${name}\``);
  return work(agent, { hands, params, hijacked: net.options.attack?.hijacked?.[name] ?? [] });
}

/** An agent as others reach it. */
function receiverOf(net: Net, name: string): Receiver {
  const served = net.served.get(name);
  const takes = net.prepared.scenario.agents[name]?.takes ?? [];
  if (served === undefined) {
    const bare = (value: Json): Promise<Json> =>
      run(net, name, { hands: bareHands(net, name), params: paramsOfMessage(value, takes) });
    return {
      name,
      http: async (_from, request) => Response.json(await bare((await request.json()) as Json)),
      take: async ({ value }, wrap) => ({ body: JSON.stringify(wrap(await bare(value))) }),
    };
  }
  const { enforcer, plan, host } = served;
  const worked = async (token: string, session: string, params: JsonObject): Promise<Json> => {
    net.sessions.push({ agent: name, session });
    return run(net, name, { hands: guardedHands(net, name, { served, token, session }), params });
  };
  const take: Receiver["take"] = async (sent, wrap) => {
    const { from, value, receipt } = sent;
    const params = paramsOfMessage(value, takes);
    const options = { plan: plan.digest, principal: from, params, message: { value, receipt, params: takes } };
    const opened =
      host === undefined ? await enforcer.open(options) : ok(await host.open(sent, { plan: plan.digest, params, takes }));
    if (!opened.ok) throw new Error(opened.error.code);
    const { token, session } = opened.value;
    const answer = await enforcer.answer(token, wrap(await worked(token, session, params)));
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  };
  const hosted = async (from: string, request: Request): Promise<Response> => {
    const value = readJson(await request.text());
    const receipt = request.headers.get(receiptHeader) ?? undefined;
    const { body, receipt: own } = await take(
      { from, to: name, value: value.ok && isObject(value.value) ? value.value : {}, receipt },
      (said) => said,
    );
    const headers = { "content-type": "application/json", ...(own === undefined ? {} : { [receiptHeader]: own }) };
    return new Response(body, { headers });
  };
  const received = (from: string, request: Request): Promise<Response> =>
    receiveFromPeers({
      enforcer,
      work: async ({ value, open }) => {
        const opened = await open({ plan: plan.digest, principal: from, params: paramsOfMessage(value, takes) }, takes);
        if (!opened.ok) return undefined;
        const { token, session, params } = opened.value;
        return { token, value: await worked(token, session, params) };
      },
    })(request);
  return { name, take, http: host === undefined ? received : hosted };
}

function toolkitOf(net: Net, seen: readonly Sent[]): Toolkit {
  const { keys, attackerKey } = net.prepared;
  const clock = (): number => net.world.now;
  return {
    seen,
    wait: (seconds) => {
      net.world.now += seconds * 1_000;
    },
    forge: async ({ to, value }, stolenFrom) => {
      const signing = stolenFrom === undefined ? attackerKey : keys.get(stolenFrom);
      const audience = await receiptKey(keys.get(to) as SigningKey).id();
      const label = { sources: ["user_input"], readers: null };
      const issuer = { key: receiptKey(signing as SigningKey), clock, random: systemRandom };
      return (await issueReceipt(issuer, { value, purpose: "request", audience, label, context: label })).receipt;
    },
  };
}

/** Every denial that a Sluice of the run has recorded. */
async function recorded({ served, sessions }: Net): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for (const { agent, session } of sessions) {
    const enforcer = served.get(agent)?.enforcer;
    const seen = enforcer === undefined ? undefined : await inspectSession(enforcer, session);
    if (seen?.ok !== true) throw new Error(`${agent}: the record of ${session} cannot be read`);
    for (const { type, code = "", tool = "", facts } of seen.value.events) {
      const chain = member(facts, "chain");
      if (type === "deny") all.push({ agent, tool, code, chain: isArray(chain) ? chain : [] });
    }
  }
  return all;
}
