/** Labels of resources over sessions, conversations, plans and processes that share a store. */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, LabelSpec, Plan } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";

const path = { type: "string" };
const tools: Json = {
  server: "disk",
  tools: [
    { name: "get", inputSchema: { type: "object" }, sluice: { effects: ["read"], labels: ["feed"] } },
    {
      name: "write",
      inputSchema: { type: "object", properties: { path, text: {} } },
      sluice: { effects: ["write"], labels: ["own"], roles: { path: "target", text: "content" }, resource: "file:{path}" },
    },
    {
      name: "read",
      inputSchema: { type: "object", properties: { path } },
      sluice: { effects: ["read"], labels: ["own"], roles: { path: "selector" }, resource: "file:{path}" },
    },
    {
      name: "pay",
      inputSchema: { type: "object", properties: { to: {} } },
      sluice: { effects: ["money"], labels: ["own"], roles: { to: "target" }, resource: "account:pay" },
    },
  ],
};

function freeze(name: string, plan: Pick<Plan, "nodes">, feed: LabelSpec = { integrity: "untrusted" }): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const labels = { own: { integrity: "trusted" }, feed } as const;
  const flows = [{ id: "no-strangers", deny: ["untrusted"], to: "disk/pay" }];
  const frozen = freezePlan({ sluice: 1, name, labels, flows, ...plan }, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

const writing = freeze("writing", {
  nodes: {
    get: { tool: "get", optional: true },
    write: { tool: "write", args: { path: "/inbox/a.txt", text: { from: "get$" } } },
  },
});
const nodes: Plan["nodes"] = {
  read: { tool: "read", args: { path: "/Inbox//A.txt" } },
  pay: { tool: "pay", args: { to: { from: "read$" } } },
};
const reading = freeze("reading", { nodes });
/** A plan that trusts `feed`, whoever wrote it. */
const gullible = freeze("gullible", { nodes }, { integrity: "trusted" });

/** Another process over the same store. */
const process = (store: Store): Enforcer =>
  createFirewall({ plans: [writing, reading, gullible], store, clock: () => 1_000_000, storeTimeoutMs: 50 });

/** Runs calls in a session of its own, each answered by `answers`; the codes, or what was delivered. */
async function play(firewall: Enforcer, plan: FrozenPlan, calls: readonly (readonly [string, Json])[]): Promise<unknown[]> {
  const opened = await firewall.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const said: unknown[] = [];
  for (const [tool, value] of calls) {
    const settled = await firewall.call(opened.value.token, { tool, args: {} }, async () => ({ value }));
    said.push(settled.ok ? settled.delivered : settled.verdict.code);
  }
  return said;
}

const write = [
  ["get", "eve"],
  ["write", "done"],
] as const;
const read = [
  ["read", "eve"],
  ["pay", "paid"],
] as const;

describe.each([
  ["in memory", createMemoryStore],
  ["in SQLite", () => openSqliteStore(":memory:")],
])("a file that one session wrote and another reads, %s", (_, make) => {
  it("is trusted as long as nobody wrote a stranger's text to it", async () => {
    expect(await play(process(make()), reading, read)).toEqual(["eve", "paid"]);
  });

  it("has the label of what was written, in another conversation, plan and process", async () => {
    const store = make();
    expect(await play(process(store), writing, write)).toEqual(["eve", "done"]);
    expect(await play(process(store), reading, read)).toEqual(["eve", "FLOW_SINK_DENIED"]);
  });

  it("has it from the moment at which the write was reserved, though it fails", async () => {
    const store = make();
    const firewall = process(store);
    const opened = await firewall.open({ plan: writing.digest, principal: "ada" });
    if (!opened.ok) throw new Error(opened.error.code);
    await firewall.call(opened.value.token, { tool: "get", args: {} }, async () => ({ value: "eve" }));
    const checked = await firewall.check(opened.value.token, { tool: "write", args: {} });
    expect(checked.allow).toBe(true);
    expect(await play(process(store), reading, read)).toEqual(["eve", "FLOW_SINK_DENIED"]);
    if (checked.allow) await firewall.fail(checked.permit, "UPSTREAM_FAILED");
    expect(await play(process(store), reading, read)).toEqual(["eve", "FLOW_SINK_DENIED"]);
  });

  it("stays untrusted in a plan that trusts whoever wrote it", async () => {
    const store = make();
    await play(process(store), writing, write);
    expect(await play(process(store), gullible, read)).toEqual(["eve", "FLOW_SINK_DENIED"]);
  });

  it("stays so when the session that wrote it is forgotten", async () => {
    const store = make();
    await play(process(store), writing, write);
    await store.expire(Number.MAX_SAFE_INTEGER, 99);
    expect(await play(process(store), reading, read)).toEqual(["eve", "FLOW_SINK_DENIED"]);
  });

  it("is not delivered while the store does not say what was written to it", async () => {
    const inner = make();
    await play(process(inner), writing, write);
    for (const labelsOf of [
      async () => ({ ok: false, error: { kind: "unavailable" } }) as const,
      () => Promise.reject(new Error("secret")),
      () => new Promise<never>(() => undefined),
    ]) {
      const store: Store = {
        ...inner,
        labelsOf,
      };
      expect(await play(process(store), reading, read)).toEqual(["STORE_UNAVAILABLE", "CALL_OUT_OF_ORDER"]);
    }
  });
});
