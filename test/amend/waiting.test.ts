/**
 * Amendments that wait, over all sessions: how they are found, what people see of them, and who is told.
 */
import { expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Amendment, Enforcer } from "../../src/surfaces/enforce.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { approvalOf, bank, makeWorld, outcome } from "../approval/approval-fixture.ts";
import { catalogue, frozenPlan } from "./world.ts";

const plan = frozenPlan({ read: { tool: "inbox/read", args: { id: "m1" } } });
const pay = (iban: string): Json => ({ nodes: { pay: { tool: "bank/pay", args: { iban, amount: 5 } } } });

interface World {
  readonly enforcer: Enforcer;
  readonly told: Amendment[];
  time: number;
  open(): Promise<string>;
}

function makeAmending(): World {
  const told: Amendment[] = [];
  const enforcer = createFirewall({
    plans: [plan],
    store: createMemoryStore(),
    clock: () => world.time,
    amendments: { catalogue },
    sessionSeconds: 60,
    onPendingAmendment: (amendment) => told.push(amendment),
  });
  const world: World = {
    enforcer,
    told,
    time: 1_000_000,
    open: async () => {
      const opened = await enforcer.open({ plan: plan.digest, principal: "ada" });
      if (!opened.ok) throw new Error(opened.error.code);
      return opened.value.token;
    },
  };
  return world;
}

async function waiting({ enforcer }: World): Promise<readonly Amendment[]> {
  const listed = await enforcer.waitingAmendments();
  if (!listed.ok) throw new Error(listed.error);
  return listed.value;
}

it("are listed over all sessions, told of once each, and gone from the list when they are decided", async () => {
  const world = makeAmending();
  const { enforcer, told } = world;
  const [first, second] = [await world.open(), await world.open()];
  await enforcer.amend(first, pay("DE1"));
  await enforcer.amend(first, pay("DE1"));
  world.time += 1;
  await enforcer.amend(second, pay("DE2"));
  await enforcer.amend(second, { limits: { calls: 3 } });
  await Promise.resolve();
  const listed = await waiting(world);
  // The second session's went stale with its own narrower amendment.
  expect(listed.map(({ status, planName, principal, people }) => [status, planName, principal, people])).toEqual([
    ["waiting", "world", "ada", 1],
  ]);
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual(listed[0]);
  const { session, amendment, plan: digest } = listed[0] as Amendment;
  expect(await enforcer.decideAmendment(session, amendment, { by: "grace", decision: "deny", plan: digest })).toMatchObject({
    ok: true,
  });
  expect(await waiting(world)).toEqual([]);
});

it("say every value that the agent wrote, with its place, and none that the plan has", async () => {
  const world = makeAmending();
  const token = await world.open();
  await world.enforcer.amend(token, {
    nodes: { pay: { tool: "bank/pay", args: { iban: "DE1", amount: 5 } }, read: { tool: "inbox/read", args: { id: "m2" } } },
  });
  expect((await waiting(world))[0]?.written).toEqual([
    { pointer: "/nodes/pay/args/amount", value: 5 },
    { pointer: "/nodes/pay/args/iban", value: "DE1" },
    { pointer: "/nodes/pay/tool", value: "bank/pay" },
    { pointer: "/nodes/read/args/id", value: "m2" },
  ]);
});

it("wait no longer than their session", async () => {
  const world = makeAmending();
  await world.enforcer.amend(await world.open(), pay("DE1"));
  const { id, expires } = (await waiting(world))[0] as Amendment;
  world.time = expires + 1;
  expect(await waiting(world)).toEqual([]);
  expect(await world.enforcer.amendment(id)).toMatchObject({ ok: true, value: { status: "expired" } });
});

it("are unknown by any id that was not given out", async () => {
  const world = makeAmending();
  await world.enforcer.amend(await world.open(), pay("DE1"));
  const { id } = (await waiting(world))[0] as Amendment;
  for (const other of ["", "x", id.replace(/0$/, "1"), id.replace(".a0", ".0"), `s_${"0".repeat(32)}.a0`])
    expect(await world.enforcer.amendment(other), other).toEqual({ ok: false, error: "AMEND_UNKNOWN" });
});

it("leave a held call under the plan that the session has come to, with the one that it began with beside it", async () => {
  const world = makeWorld();
  const token = await world.open();
  const amended = await world.enforcer.amend(token, { limits: { calls: 9 } });
  if (amended.status !== "applied") throw new Error(amended.status);
  const id = approvalOf(await world.enforcer.check(token, { tool: "pay", args: { to: "ana", amount: 10 } }));
  const approval = await world.enforcer.approval(id);
  expect(approval).toMatchObject({ ok: true, value: { plan: amended.plan, root: bank.digest, planName: "bank" } });
  if (!approval.ok) return;
  expect(approval.value.worst.length).toBeGreaterThan(0);
  const { digest } = approval.value;
  expect(await world.enforcer.approve(id, { by: "eve", decision: "approve", digest })).toMatchObject({ ok: true });
  expect(outcome(await world.enforcer.release(token, id))).toBe("allow");
});
