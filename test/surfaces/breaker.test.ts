import { describe, expect, it } from "vitest";
import type { AttemptedCall } from "../../src/engine.ts";
import { breakerDenials, breakerSeconds } from "../../src/limits.ts";
import { CODES } from "../../src/codes.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { shop } from "./firewall-fixture.ts";

const wrong = { tool: "order", args: { symbol: "evil" } } as const;

/** A firewall whose clock the test turns, with a session open in it. */
async function open(): Promise<{ firewall: Enforcer; token: string; time: { now: number } }> {
  const time = { now: 1_000_000 };
  const firewall = createFirewall({ plans: [shop], store: createMemoryStore(), clock: () => time.now });
  const opened = await firewall.open({ plan: shop.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  return { firewall, token: opened.value.token, time };
}

/** Makes a call a number of times, a millisecond apart, and says the codes. */
async function repeat(world: Awaited<ReturnType<typeof open>>, call: AttemptedCall, times: number): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < times; i++) {
    world.time.now += 1;
    const checked = await world.firewall.check(world.token, call);
    codes.push(checked.allow ? "allow" : checked.verdict.code);
  }
  return codes;
}

describe("the breaker", () => {
  it("stops looking at a tool after its denials in a row, and keeps no more events", async () => {
    const world = await open();
    const codes = await repeat(world, wrong, breakerDenials + 5);
    expect(codes).toEqual([...Array(breakerDenials).fill("ARG_MISMATCH"), ...Array(5).fill("CALL_BREAKER")]);
    const stored = await world.firewall.store.load(world.token.split(".")[0] as string, 0);
    expect(stored.ok && stored.value.version).toBe(1 + breakerDenials);
  });

  it("tells the agent to give up, in constant words", async () => {
    const world = await open();
    await repeat(world, wrong, breakerDenials);
    world.time.now += 1;
    const checked = await world.firewall.check(world.token, wrong);
    expect(checked).toMatchObject({
      allow: false,
      verdict: { code: "CALL_BREAKER", text: CODES.CALL_BREAKER.text, remedies: [{ kind: "give-up" }, { kind: "wait" }] },
    });
  });

  it("denies the right call too while it is open, and looks again after its time", async () => {
    const world = await open();
    await repeat(world, wrong, breakerDenials);
    const right = { tool: "order", args: {} };
    expect(await repeat(world, right, 1)).toEqual(["CALL_BREAKER"]);
    world.time.now += breakerSeconds * 1_000;
    expect(await repeat(world, right, 1)).toEqual(["allow"]);
  });

  it("lets one denied call through to be looked at, not a new storm", async () => {
    const world = await open();
    await repeat(world, wrong, breakerDenials);
    world.time.now += breakerSeconds * 1_000;
    expect(await repeat(world, wrong, 3)).toEqual(["ARG_MISMATCH", "CALL_BREAKER", "CALL_BREAKER"]);
  });

  it("leaves other tools alone, and closes when anything goes ahead", async () => {
    const world = await open();
    await repeat(world, wrong, breakerDenials);
    expect(await repeat(world, { tool: "feed", args: {} }, 1)).toEqual(["allow"]);
    expect(await repeat(world, wrong, 1)).toEqual(["ARG_MISMATCH"]);
  });

  it("takes all tools that the plan does not have for one, whatever they are called", async () => {
    const world = await open();
    for (let i = 0; i < breakerDenials; i++) await repeat(world, { tool: `made-up-${i}`, args: {} }, 1);
    expect(await repeat(world, { tool: "another", args: {} }, 1)).toEqual(["CALL_BREAKER"]);
  });

  it("does not take calls that were made at once for retries", async () => {
    const world = await open();
    const codes = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const checked = await world.firewall.check(world.token, wrong);
        return checked.allow ? "allow" : checked.verdict.code;
      }),
    );
    expect(new Set(codes)).toEqual(new Set(["ARG_MISMATCH"]));
  });
});

describe("remedies", () => {
  it("are stated for every code that a call can be denied with", () => {
    const mute = Object.entries(CODES).filter(
      ([code, { remedies }]) => /^(?:CALL|ARG|FLOW)_/.test(code) && remedies === undefined,
    );
    expect(mute).toEqual([]);
  });
});
