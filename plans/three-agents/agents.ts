/**
 * The three agents of this example, each behind a Sluice of its own: their keys, plans and policies.
 * Keys are made when it starts and are kept nowhere.
 */
import { readFileSync } from "node:fs";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJson } from "../../src/json/read.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Issuer, Policy } from "../../src/policy/policy.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";

/** An agent's Sluice, and the plan that it enforces. */
export interface Agent {
  readonly firewall: Enforcer;
  readonly plan: FrozenPlan;
}

function must<T>(read: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T {
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const textOf = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return exportJWK(privateKey);
}

/** What each agent takes from another: mail stays mail, and what its user said is a colleague's word. */
function issuer({ x = "" }: JWK): Issuer {
  return {
    key: { kty: "OKP", crv: "Ed25519", x },
    labels: { mail_content: "mail_content", user_input: "colleague", colleague: "colleague" },
  };
}

const labels: Policy["labels"] = { mail_content: { integrity: "untrusted" }, colleague: { integrity: "trusted" } };

/** Makes the three agents: the reader asks the desk, and the desk asks the treasury. */
export async function makeAgents(): Promise<{ readonly reader: Agent; readonly desk: Agent; readonly treasury: Agent }> {
  const catalogue = must(readCatalogue(must(readJson(textOf("catalogue.json")))));
  const [reader, desk, treasury] = [await makeKey(), await makeKey(), await makeKey()];
  const agent = (name: string, key: JWK, rules: Pick<Policy, "issuers" | "peers">): Agent => {
    const policy: Policy = { sluicePolicy: 1, name, labels: { ...labels }, ...rules };
    const plan = must(freezePlan(must(parsePlan(must(readYaml(textOf(`${name}.yaml`))))), catalogue, { policy }));
    return { plan, firewall: createFirewall({ plans: [plan], store: createMemoryStore(), receipts: { key } }) };
  };
  return {
    reader: agent("reader", reader, { issuers: { desk: issuer(desk) }, peers: { "desk/*": "desk" } }),
    desk: agent("desk", desk, {
      issuers: { reader: issuer(reader), treasury: issuer(treasury) },
      peers: { "treasury/*": "treasury" },
    }),
    treasury: agent("treasury", treasury, { issuers: { desk: issuer(desk) } }),
  };
}
