/**
 * Logs under what a firewall can have around it: an encrypted store, parsers of SQL, policies that change, people who refuse, holds that expire.
 */
import { describe, expect, it } from "vitest";
import { loadedFacts } from "../../src/audit/config-facts.ts";
import { readRecord } from "../../src/audit/record.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { definePolicy } from "../../src/policy/define.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createPostgresParser } from "../../src/sql/postgres.ts";
import { encryptedStore } from "../../src/stores/encrypted.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { bank } from "../approval/approval-fixture.ts";
import { shop } from "../surfaces/firewall-fixture.ts";
import { type Audited, makeAudited, must, traffic } from "./fixture.ts";

async function kindsOf(audited: Audited): Promise<readonly string[]> {
  const texts = must(await audited.log.read(0, 10_000));
  return texts.map((text) => readRecord(text)?.kind ?? "unreadable");
}

describe("a log over an encrypted store", () => {
  it("verifies like any other, and what the store holds is sealed", async () => {
    const inner = createMemoryStore({ journal: true });
    const key = { id: "k1", secret: new Uint8Array(32).fill(3) };
    const audited = await makeAudited({ store: encryptedStore(inner, { keys: [key] }) });
    await traffic(audited);
    const raw = JSON.stringify(must(await inner.journal({ limit: 100 })));
    expect(raw).not.toContain("hello bob");
    const found = await audited.verify();
    expect(found.faults).toEqual([]);
    expect(found.events).toMatchObject({ follows: 9, shared: 1, differs: 0, unknown: 0 });
    expect(must(await audited.store.journal({ limit: 1 }))).toEqual([]);
  });
});

describe("a log of a plan that constrains SQL", () => {
  const sqlPlan: Plan = {
    sluice: 1,
    name: "query",
    labels: { desk: { integrity: "trusted" } },
    nodes: {
      q: {
        tool: "base/sql",
        times: { max: 9 },
        args: { sql: { choose: { enum: ["SELECT a FROM t", "DELETE FROM t", "SELECT a FROM other"] } } },
        constraints: { sql: { dialect: "postgres", statements: ["SELECT"], tables: ["t"] } },
      },
    },
  };
  const tools: Json = {
    server: "base",
    tools: [
      {
        name: "sql",
        inputSchema: { type: "object", properties: { sql: { type: "string" } } },
        sluice: { labels: ["desk"], effects: ["read"], roles: { sql: "command" } },
      },
    ],
  };

  function frozenQuery(): FrozenPlan {
    const frozen = freezePlan(sqlPlan, must(readCatalogue(tools)));
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
    return frozen.value;
  }

  it("is decided again with the parser, and without it nothing of it is called right or wrong", async () => {
    const postgres = await createPostgresParser();
    const audited = await makeAudited({ options: { plans: [frozenQuery()], sql: [postgres] } });
    const { token } = await audited.open();
    expect(await audited.call(token, "sql", { sql: "SELECT a FROM t" })).toBe("allow");
    expect(await audited.call(token, "sql", { sql: "DELETE FROM t" })).toBe("ARG_CONSTRAINT");
    expect(await audited.call(token, "sql", { sql: "SELECT a FROM other" })).toBe("ARG_CONSTRAINT");
    const found = await audited.verify({ sqlOf: async () => [postgres] });
    expect(found).toMatchObject({ isValid: true, events: { follows: 3, unknown: 0 } });
    expect(await audited.verify()).toMatchObject({ isValid: true, events: { follows: 0, unknown: 5 } });
  });
});

describe("a log under a policy", () => {
  const house: Policy = definePolicy({ sluicePolicy: 1, name: "house", approve: { tools: ["shop/order"] } });

  /** A run under the policy that a firewall has, with a record of the one that it says it has. */
  async function run(own: Policy | undefined, noted?: { readonly policy: Policy | undefined }): Promise<Audited> {
    const audited = await makeAudited({ options: { plans: [shop], ...(own === undefined ? {} : { policy: own }) } });
    const note = { type: "config", at: audited.clock.now, what: "start" };
    if (noted !== undefined) await audited.store.note({ ...note, ...loadedFacts([shop], noted.policy) });
    await traffic(audited);
    return audited;
  }

  it("is decided again under it", async () => {
    const audited = await run(house, { policy: house });
    expect(await audited.verify({ policy: house })).toMatchObject({ isValid: true, events: { unknown: 0, differs: 0 } });
    expect((await audited.verify({ policy: house })).events.follows).toBeGreaterThan(8);
  });

  it("that was not given has verdicts of which it is not known whether they follow; with none recorded they do not", async () => {
    const known = await (await run(house, { policy: house })).verify();
    expect(known).toMatchObject({ isValid: true, events: { differs: 0 } });
    expect(known.events.unknown).toBeGreaterThan(0);
    const silent = await (await run(house)).verify();
    expect(silent.faults.map(({ kind }) => kind)).toContain("verdict");
    const lying = await (await run(house, { policy: undefined })).verify();
    expect(lying.faults.map(({ kind }) => kind)).toContain("verdict");
  });
});

describe("a log of what people decide", () => {
  it("has holds, approvals, refusals, expiry and releases, and each follows", async () => {
    const audited = await makeAudited({ options: { plans: [bank], holdSeconds: 60 } });
    const { token, session } = await audited.open();
    const { firewall, clock } = audited;
    const held = async (): Promise<string> => {
      const waiting = must(await firewall.approvals());
      return waiting.find(({ status }) => status === "pending")?.id ?? "";
    };
    expect(await audited.call(token, "pay", { to: "ana", amount: 5 })).toBe("CALL_NEEDS_APPROVAL");
    const first = await held();
    must(await firewall.approve(first, { by: "kim", decision: "deny", reason: "not today" }));
    expect((await firewall.release(token, first)).allow).toBe(false);
    expect(await audited.call(token, "pay", { to: "bob", amount: 6 })).toBe("CALL_NEEDS_APPROVAL");
    const second = await held();
    must(await firewall.approve(second, { by: "kim", decision: "approve" }));
    const released = await firewall.release(token, second);
    expect(released.allow).toBe(true);
    if (released.allow) await firewall.settle(released.permit, { value: { ok: true } });
    expect(await audited.call(token, "pay", { to: "ana", amount: 7 })).toBe("CALL_NEEDS_APPROVAL");
    clock.now += 61_000;
    expect((await firewall.release(token, await held())).allow).toBe(false);
    await firewall.close(session);
    const found = await audited.verify();
    expect(found.faults).toEqual([]);
    expect(found.events).toMatchObject({ differs: 0, unknown: 0, unrecorded: 0 });
    const kinds = await kindsOf(audited);
    expect(kinds.filter((kind) => kind === "hold")).toHaveLength(3);
    for (const kind of ["refuse", "approve", "release", "settle", "close"]) expect(kinds).toContain(kind);
  });
});

describe("a log of what a plan endorses", () => {
  it("says which argument of which call it was, and by which label", async () => {
    const tools: Json = {
      server: "web",
      tools: [
        {
          name: "page",
          inputSchema: { type: "object", properties: {} },
          sluice: { labels: ["external_api"], effects: ["read"] },
        },
        {
          name: "open",
          inputSchema: { type: "object", properties: { id: { type: "string" } } },
          sluice: { labels: ["desk"], effects: ["write"], roles: { id: "target" } },
        },
      ],
    };
    const plan: Plan = {
      sluice: 1,
      name: "pick",
      labels: { desk: { integrity: "trusted" } },
      nodes: {
        page: { tool: "web/page" },
        open: {
          tool: "web/open",
          args: {
            id: { choose: { enum: ["a", "b"] }, endorse: { from: "external_api", to: "desk", why: "one of two, both harmless" } },
          },
        },
      },
      flows: [{ id: "no-web", deny: ["external_api"], to: "web/open", args: ["id"] }],
    };
    const frozen = freezePlan(plan, must(readCatalogue(tools)));
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
    const audited = await makeAudited({ options: { plans: [frozen.value] } });
    const { token } = await audited.open();
    expect(await audited.call(token, "page", {}, { text: "choose b" })).toBe("allow");
    expect(await audited.call(token, "open", { id: "b" })).toBe("allow");
    expect(await audited.verify()).toMatchObject({ isValid: true, events: { follows: 2 } });
    const records = must(await audited.log.read(0, 100)).flatMap((text) => readRecord(text) ?? []);
    expect(records.find(({ tool, kind }) => kind === "allow" && tool === "web/open")?.facts).toMatchObject({
      downgrades: [{ argument: "id", endorse: ["external_api"], to: ["desk"] }],
    });
  });
});
