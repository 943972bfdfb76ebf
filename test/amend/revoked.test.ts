/**
 * Revoking the plan that a session was amended to, by its own digest.
 */
import { expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { revocationKind } from "../../src/stores/store.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { frozenPlan } from "./world.ts";

it("stops the sessions that have come to it, and no other session of the plan", async () => {
  const plan = frozenPlan({ read: { tool: "inbox/read", args: { id: "m1" } }, list: { tool: "ledger/list" } });
  const store = createMemoryStore();
  const enforcer = createFirewall({ plans: [plan], store, clock: () => 1_000 });
  const tokens: string[] = [];
  for (const principal of ["ada", "bob"]) {
    const opened = await enforcer.open({ plan: plan.digest, principal });
    if (opened.ok) tokens.push(opened.value.token);
  }
  const [amended = "", plain = ""] = tokens;
  const applied = await enforcer.amend(amended, { nodes: { list: null } });
  expect(applied.status).toBe("applied");
  const digest = applied.status === "applied" ? applied.plan : "";
  await store.writeRecord({ kind: revocationKind, id: `plan:${digest}`, version: 0, value: {} });
  const read = { tool: "inbox/read", args: {} };
  expect(await enforcer.check(amended, read)).toMatchObject({ allow: false, verdict: { code: "PLAN_REVOKED" } });
  expect(await enforcer.amend(amended, { limits: { calls: 2 } })).toMatchObject({ verdict: { code: "PLAN_REVOKED" } });
  expect(await enforcer.check(plain, read)).toMatchObject({ allow: true });
});
