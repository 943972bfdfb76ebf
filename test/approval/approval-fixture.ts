/**
 * A plan with calls that a human approves, enforcers over one store, and a clock that the test moves.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type OwnEnforcement } from "../../src/surfaces/options.ts";
import type { Checked, Enforcer } from "../../src/surfaces/enforce.ts";

const text = { type: "string" };
const tools: Json = {
  server: "bank",
  tools: [
    {
      name: "inbox",
      inputSchema: { type: "object", properties: {} },
      sluice: { labels: ["external_api"], effects: ["read"] },
    },
    {
      name: "pay",
      inputSchema: { type: "object", properties: { to: text, amount: { type: "number" } } },
      sluice: { labels: ["desk"], effects: ["money"], roles: { to: "target", amount: "target" } },
    },
    {
      name: "send",
      inputSchema: { type: "object", properties: { to: text, body: text } },
      sluice: { labels: ["desk"], effects: ["write"], roles: { to: "target", body: "content" } },
    },
  ],
};

/** `pay` waits for a human, whatever it says; `send` only if its body may come from mail. */
export const bankPlan: Plan = {
  sluice: 1,
  name: "bank",
  labels: { desk: { integrity: "trusted" } },
  nodes: {
    inbox: { tool: "inbox", optional: true, times: { max: 3 } },
    pay: {
      tool: "pay",
      optional: true,
      times: { max: 2 },
      args: { to: { choose: { enum: ["ana", "bob"] } }, amount: { choose: { type: "number", minimum: 1, maximum: 90 } } },
      constraints: { approve: "human", budget: { sum: "amount", max: 100 } },
    },
    send: {
      tool: "send",
      optional: true,
      times: { max: 3 },
      args: { to: "kim", body: { write: { maxLength: 200, links: "none" } } },
    },
  },
  flows: [{ id: "mail-in-words", deny: ["external_api"], to: "bank/send", args: ["body"], approve: "human" }],
};

/** Freezes a plan against the tools of the tests. */
export function freeze(plan: Plan, policy?: Policy): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan(plan, catalogue.value, policy === undefined ? {} : { policy });
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

/** The frozen bank. */
export const bank = freeze(bankPlan);

/** Enforcers over one store. */
export interface World {
  readonly store: Store;
  readonly enforcer: Enforcer;
  readonly others: readonly Enforcer[];
  readonly pending: string[];
  readonly waits: number[];
  time: number;
  open(principal?: string): Promise<string>;
}

/** Makes a world. `during` runs whenever the enforcer waits. */
export function makeWorld(
  over: Partial<OwnEnforcement> & { readonly frozen?: FrozenPlan; readonly enforcers?: number } = {},
): World {
  const { frozen = bank, enforcers = 1, ...options } = over;
  const store = over.store ?? createMemoryStore();
  const pending: string[] = [];
  const make = (): Enforcer =>
    createFirewall({
      plans: [frozen],
      clock: () => world.time,
      onPending: ({ id }) => pending.push(id),
      ...options,
      store,
    });
  const world: World = {
    store,
    pending,
    waits: [],
    time: 1_000_000,
    get enforcer() {
      return all[0] as Enforcer;
    },
    get others() {
      return all.slice(1);
    },
    open: async (principal = "ada") => {
      const opened = await world.enforcer.open({ plan: frozen.digest, principal });
      if (!opened.ok) throw new Error(JSON.stringify(opened.error));
      return opened.value.token;
    },
  };
  const all = Array.from({ length: enforcers }, make);
  return world;
}

/** `allow`, or the code of the denial. */
export function outcome(checked: Checked): string {
  return checked.allow ? "allow" : checked.verdict.code;
}

/** The id of the approval that a denial asks for. */
export function approvalOf(checked: Checked): string {
  const id = checked.allow ? undefined : checked.verdict.remedies.find(({ approval }) => approval !== undefined)?.approval;
  if (id === undefined) throw new Error(`no approval is asked for: ${outcome(checked)}`);
  return id;
}
