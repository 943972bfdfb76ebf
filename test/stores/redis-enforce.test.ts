/**
 * An enforcement point over a Redis client that loses answers, or sends a commit again: what is then a conflict, or unavailable, is never
 * read as leave to do it once more.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { createRedisStore, type RedisClient } from "../../src/stores/redis.ts";
import { createEnforcer } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { freezeLab, maxima } from "../exactness/plan.ts";
import { redisProgram, type RedisService, startRedis } from "../services/redis.ts";
import { describeWith } from "../services/service.ts";

type Fate = "answered" | "lost" | "twice";

describeWith(redisProgram, "An enforcement point over Redis", () => {
  let redis: RedisService;
  let tags = 0;
  beforeAll(async () => {
    redis = await startRedis({ settings: { appendfsync: "everysec" } });
  });
  afterAll(async () => redis.remove());

  /** Commits, told by their keys, meet these fates one after another; all else is answered. */
  const clientOf = (fates: Fate[]): RedisClient => ({
    call: async (command, ...args) => {
      const isCommit = command.startsWith("EVAL") && args[2]?.endsWith(":mark") === true && args[5]?.endsWith(":totals") === true;
      const fate = isCommit ? (fates.shift() ?? "answered") : "answered";
      // A script that the server does not have yet did nothing: the second time is the first.
      const first = await redis.client.call(command, ...args);
      if (fate === "lost") throw new Error("Connection is closed.");
      return fate === "twice" ? redis.client.call(command, ...args) : first;
    },
  });

  const made = async (fates: Fate[]) => {
    const plan = freezeLab();
    const guard = createGuard(plan, { clock: () => 0, leaseSeconds: 300 });
    if (!guard.ok) throw new Error("the plan of the test is sound");
    const tag = `e${tags++}`;
    // The server knows the scripts: else the first commit would be told NOSCRIPT.
    const plain = await createRedisStore(redis.client, { tag, durability: "everysec" });
    await plain.commit("nobody", 1, { entries: [{ event: { type: "close", at: 1 } }] });
    const store = await createRedisStore(clientOf(fates), { tag, durability: "everysec" });
    const point = createEnforcer({
      guards: new Map([[plan.digest, guard.value]]),
      store,
      clock: () => 1_700_000_000_000,
      random: systemRandom,
    });
    const opened = await point.open({ plan: plan.digest, principal: "ada" });
    if (!opened.ok) throw new Error(opened.error.code);
    const { token, session } = opened.value;
    return {
      check: async (tool: string): Promise<string> => {
        const checked = await point.check(token, { tool, args: tool === "mine" ? { amount: 1 } : {} });
        return checked.allow ? "allow" : checked.verdict.code;
      },
      allows: async (): Promise<number> => {
        const loaded = await plain.load(session, 0);
        if (!loaded.ok) throw new Error(loaded.error.kind);
        return loaded.value.entries.filter(({ event }) => event.type === "allow").length;
      },
      totals: async (): Promise<readonly string[]> => redis.client.hvals(`{${tag}}:totals`),
    };
  };

  it("denies the call whose answer was lost, counts it as spent, and is asked again with the right answer", async () => {
    for (const [tool, code] of [
      ["once", "CALL_REPEATED"],
      ["shared", "CALL_BUDGET"],
    ] as const) {
      const { check, allows } = await made(["lost"]);
      expect(await check(tool)).toBe("STORE_UNAVAILABLE");
      expect([await check(tool), await check(tool)]).toEqual([code, code]);
      expect(await allows()).toBe(1);
    }
  });

  it("takes a commit that was sent twice for one of somebody else, and never grants beyond the budget", async () => {
    for (const [tool, max] of [
      ["once", 1],
      ["shared", maxima.shared],
      ["mine", maxima.mine],
      ["again", maxima.again],
    ] as const) {
      for (const fates of [
        ["twice"],
        ["answered", "twice"],
        ["lost", "twice"],
        ["twice", "twice", "twice", "twice"],
      ] as Fate[][]) {
        const { check, allows, totals } = await made([...fates]);
        const answers: string[] = [];
        for (let i = 0; i < 6; i++) answers.push(await check(tool));
        const granted = answers.filter((answer) => answer === "allow").length;
        const recorded = await allows();
        expect(recorded).toBeLessThanOrEqual(max);
        // Each commit that was not answered as done is spent for nothing.
        expect(granted).toBeLessThanOrEqual(recorded - (fates[0] === "answered" ? 0 : 1));
        if (tool === "shared" || tool === "again") expect(await totals()).toEqual([`${recorded} 0`]);
      }
    }
  });
});
