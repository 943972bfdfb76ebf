/**
 * Makes what a scenario needs once: keys, the catalogue, policies that name the other agents' keys, and frozen plans.
 * Keys are kept nowhere. Throws for a plan that cannot be frozen, with every finding.
 */
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, LabelSpec, Plan } from "../../src/plan/plan.ts";
import type { Issuer, Policy } from "../../src/policy/policy.ts";
import type { Agent, Scenario, Tool } from "./scenario.ts";

/** A scenario that can be played. */
export interface Prepared {
  readonly scenario: Scenario;
  /** By agent; an agent without a plan has none. */
  readonly plans: ReadonlyMap<string, FrozenPlan>;
  readonly keys: ReadonlyMap<string, JWK>;
  /** A key that no policy names. */
  readonly attackerKey: JWK;
  /** Names of the arguments that a plan leaves to its agent, by tool. */
  readonly open: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Prepares a scenario. */
export async function prepare(scenario: Scenario): Promise<Prepared> {
  const names = Object.keys(scenario.agents);
  const keys = new Map(await Promise.all(names.map(async (name) => [name, await makeKey()] as const)));
  const catalogue = catalogueOf(scenario);
  const plans = new Map<string, FrozenPlan>();
  const open = new Map<string, ReadonlySet<string>>();
  for (const [name, agent] of Object.entries(scenario.agents)) {
    if (agent.plan === undefined) continue;
    const plan: Plan = { sluice: 1, name: `${scenario.name}-${name}`, labels: scenario.labels, ...agent.plan };
    const frozen = freezePlan(plan, catalogue, { policy: policyOf(scenario, { name, agent, keys }) });
    if (!frozen.ok) {
      const errors = frozen.error.filter(({ severity }) => severity === "error");
      throw new Error(`${scenario.name}, ${name}: ${errors.map(({ code, message }) => `${code} ${message}`).join("; ")}`);
    }
    plans.set(name, frozen.value);
    for (const node of Object.values(plan.nodes)) {
      if (node.tool === undefined) continue;
      const args = Object.entries(node.args ?? {}).filter(([, rule]) => isLeftToAgent(rule as Json));
      open.set(`${name} ${node.tool}`, new Set([...(open.get(`${name} ${node.tool}`) ?? []), ...args.map(([arg]) => arg)]));
    }
  }
  return { scenario, plans, keys, attackerKey: await makeKey(), open };
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return exportJWK(privateKey);
}

function isLeftToAgent(rule: Json): boolean {
  return typeof rule === "object" && rule !== null && ("write" in rule || "choose" in rule || "pick" in rule);
}

/** The definition of a tool as its server lists it. */
export function definitionOf(name: string, { args, output }: Tool): JsonObject {
  return {
    name: name.slice(name.indexOf("/") + 1),
    description: name,
    inputSchema: { type: "object", properties: args, additionalProperties: false },
    ...(output === undefined ? {} : { outputSchema: output }),
  };
}

/** What an agent that is an MCP server says it is. */
export function serverInfo(name: string): JsonObject {
  return { name, version: "1.0.0" };
}

function catalogueOf({ tools, labels }: Scenario): Catalogue {
  const listed = Object.entries(tools).map(([name, tool]) => {
    const { labels: own, effects, roles, audience, resource } = tool;
    const optional = { roles, audience, resource } as { readonly [name: string]: Json | undefined };
    const said = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as JsonObject;
    const server = name.slice(0, name.indexOf("/"));
    return { ...definitionOf(name, tool), server, sluice: { labels: [...own], effects: [...effects], ...said } };
  });
  const servers = [...new Set(listed.map(({ server }) => server))].map((name) => [name, { name, serverInfo: serverInfo(name) }]);
  const read = readCatalogue({
    servers: Object.fromEntries(servers) as JsonObject,
    labels: labels as unknown as JsonObject,
    tools: listed as unknown as Json,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** Every agent takes the receipts of every other one, by the scenario's own names where it says nothing else. */
function policyOf(
  { name: scenario, labels, agents, tools }: Scenario,
  own: { readonly name: string; readonly agent: Agent; readonly keys: ReadonlyMap<string, JWK> },
): Policy {
  const others = Object.entries(agents).filter(([name, { plan }]) => name !== own.name && plan !== undefined);
  const same = Object.fromEntries(Object.keys(labels).map((label) => [label, label]));
  const readers = Object.values(labels).flatMap((label: LabelSpec) => label.readers ?? []);
  const issuers = others.map(([name]): readonly [string, Issuer] => {
    const { x = "" } = own.keys.get(name) ?? {};
    const heard = own.agent.hears?.[name];
    return [
      name,
      {
        key: { kty: "OKP", crv: "Ed25519", x },
        labels: heard ?? { ...same, user_input: "colleague" },
        ...(heard === undefined ? { constants: "colleague" } : {}),
        readers: Object.fromEntries(readers.map((reader) => [reader, reader])),
      },
    ];
  });
  const peers = Object.entries(tools).flatMap(([tool, { peer }]) =>
    peer === undefined || peer.agent === own.name || agents[peer.agent]?.plan === undefined ? [] : [[tool, peer.agent] as const],
  );
  return {
    sluicePolicy: 1,
    name: `${scenario}-${own.name}`,
    labels,
    issuers: Object.fromEntries(issuers),
    ...(peers.length === 0 ? {} : { peers: Object.fromEntries(peers) }),
    ...own.agent.policy,
  };
}
