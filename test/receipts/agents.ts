/**
 * Agents behind Sluices of their own, with keys and policies that name each other. Nothing here listens on a socket.
 */
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";

/** A key pair of an agent: the private one, and what a policy says of it. */
export interface AgentKey {
  readonly jwk: JWK;
  readonly key: { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };
}

/** Makes a key. */
export async function agentKey(): Promise<AgentKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk, key: { kty: "OKP", crv: "Ed25519", x: jwk.x as string } };
}

const text = { type: "string" };
const shaped = (properties: { readonly [name: string]: Json }): Json => ({ type: "object", properties });

/** The tools of all agents: mail is read, the desk and the bank are other agents, money is paid. */
const tools: Json = {
  tools: [
    { name: "mail/read", inputSchema: shaped({}), sluice: { labels: ["mail"], effects: ["read"] } },
    { name: "crm/read", inputSchema: shaped({}), sluice: { labels: ["crm"], effects: ["read"] } },
    { name: "desk/ask", inputSchema: shaped({ summary: text, account: text }), sluice: { labels: ["desk"], effects: ["read"] } },
    { name: "bank/ask", inputSchema: shaped({ order: text, account: text }), sluice: { labels: ["bank"], effects: ["read"] } },
    {
      name: "pay/send",
      inputSchema: shaped({ to: text, memo: text }),
      sluice: { labels: ["own"], effects: ["money"], roles: { to: "target", memo: "content" } },
    },
  ],
};

const labels = {
  mail: { integrity: "untrusted" },
  crm: { integrity: "trusted" },
  desk: { integrity: "trusted" },
  bank: { integrity: "trusted" },
  own: { integrity: "trusted" },
} as const;

/** Freezes a plan against these tools. */
export function freeze(plan: Omit<Plan, "sluice" | "labels">, policy?: Policy): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan({ sluice: 1, labels, ...plan }, catalogue.value, policy === undefined ? {} : { policy });
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

const write = { write: { maxLength: 500, links: "none" as const } };

/** The reader: mail → a summary of its own words → the desk; the account comes from its own records. */
export const readerPlan = {
  name: "reader",
  nodes: {
    mail: { tool: "mail/read" },
    crm: { tool: "crm/read" },
    ask: { tool: "desk/ask", args: { summary: write, account: { from: "crm$.account" } } },
  },
} satisfies Omit<Plan, "sluice" | "labels">;

/** The desk: passes on what it was told. */
export const deskPlan = {
  name: "desk",
  params: { summary: { type: "string" }, account: { type: "string" } },
  nodes: { ask: { tool: "bank/ask", args: { order: { param: "summary" }, account: { param: "account" } } } },
} satisfies Omit<Plan, "sluice" | "labels">;

/** The bank: pays to an account, with a memo; neither may come from mail. */
export const bankPlan = {
  name: "bank",
  params: { order: { type: "string" }, account: { type: "string" } },
  nodes: { pay: { tool: "pay/send", args: { to: { param: "account" }, memo: { param: "order" } } } },
  flows: [{ id: "no-mail-in-payments", deny: ["mail"], to: "pay/*" }],
} satisfies Omit<Plan, "sluice" | "labels">;

/** What a policy of the tests says beside its name. */
export type Terms = Pick<Policy, "issuers" | "peers">;

/** A policy that declares the labels of the tests. */
export function policyOf(name: string, terms: Terms): Policy {
  return { sluicePolicy: 1, name, labels, ...terms };
}

/** A firewall with a key, over a store. */
export function agent(
  plan: FrozenPlan,
  {
    policy,
    key,
    store = createMemoryStore(),
    clock,
  }: {
    readonly policy: Policy;
    readonly key?: AgentKey;
    readonly store?: Store;
    readonly clock?: () => number;
  },
): Enforcer {
  return createFirewall({
    plans: [plan],
    store,
    policy,
    receipts: key === undefined ? {} : { key: key.jwk },
    ...(clock === undefined ? {} : { clock }),
  });
}

/** An opened session's token, or the reason why there is none. */
export async function opened(...[enforcer, options]: [Enforcer, Parameters<Enforcer["open"]>[0]]): Promise<string> {
  const session = await enforcer.open(options);
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  return session.value.token;
}
