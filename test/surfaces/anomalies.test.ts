/** Whatever fails, at whatever moment: the answer is a denial, nothing runs twice, and nothing is delivered that is not committed. */
import { describe, expect, it } from "vitest";
import type { SessionEvent } from "../../src/decide/state.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";
import { makeShop, type Reply, type Seen, shop as shopFrozen } from "./firewall-fixture.ts";

const methods = [
  "create",
  "load",
  "commit",
  "contextOf",
  "list",
  "expire",
  "saveDocument",
  "loadDocument",
  "listDocuments",
  "record",
  "records",
  "writeRecord",
  "forgetRecords",
  "labelsOf",
  "note",
  "journal",
  "trimJournal",
] as const;

/** How one call of a store goes wrong. */
const faults: { readonly [name: string]: (ask: () => Promise<unknown>) => unknown } = {
  "it answers that it is unavailable": async () => ({ ok: false, error: { kind: "unavailable" } }),
  "it rejects": async () => Promise.reject(new Error("secret text of a driver")),
  "it throws at once": () => {
    throw new Error("secret text of a driver");
  },
  "it does what was asked and then rejects": async (ask) => {
    await ask();
    throw new Error("connection lost");
  },
  "it never answers": () => new Promise(() => undefined),
  "it does what was asked and never answers": async (ask) => {
    await ask();
    return new Promise(() => undefined);
  },
};

/** A store that goes wrong at call number `at` (from 0). */
function failingAt(
  at: number,
  fault: (ask: () => Promise<unknown>) => unknown,
): { readonly store: Store; readonly inner: Store; calls(): number } {
  const inner = createMemoryStore();
  let calls = 0;
  const wrap =
    (method: (...values: never[]) => Promise<unknown>) =>
    (...values: never[]) => {
      const ask = (): Promise<unknown> => method(...values);
      return calls++ === at ? fault(ask) : ask();
    };
  const store = Object.fromEntries(
    methods.map((name) => [name, wrap(inner[name] as (...values: never[]) => Promise<unknown>)]),
  ) as unknown as Store;
  return { store, inner, calls: () => calls };
}

const script = [
  ["order", {}],
  ["order", {}],
  ["secret", {}],
  ["send", {}],
  ["quotes", {}],
  ["say", { text: "x" }],
] as const;

interface Played {
  readonly replies: readonly Reply[];
  readonly seen: readonly Seen[];
  readonly events: readonly SessionEvent[];
  readonly calls: number;
}

async function play(at: number, fault: (ask: () => Promise<unknown>) => unknown): Promise<Played | undefined> {
  const { store, inner, calls } = failingAt(at, fault);
  const shop = makeShop({ secret: (c) => c.json({ key: "k" }) }, { store, storeTimeoutMs: 25 });
  const opened = await shop.firewall.open({ plan: shopFrozen.digest, principal: "ada", conversation: "c" });
  if (!opened.ok) {
    expect(opened.error.code).toBe("STORE_UNAVAILABLE");
    return undefined;
  }
  const replies: Reply[] = [];
  for (const [tool, args] of script) replies.push(await shop.call(opened.value.token, tool, args));
  const loaded = await inner.load(opened.value.session, 0);
  return { replies, seen: shop.seen, events: loaded.ok ? loaded.value.entries.map(({ event }) => event) : [], calls: calls() };
}

describe("a store that goes wrong once", () => {
  it.each(Object.entries(faults))("at any moment, where %s, denies that call and grants nothing twice", async (_, fault) => {
    const whole = await play(-1, fault);
    expect(whole?.replies.map(({ code, status }) => code ?? status)).toEqual([
      200,
      "CALL_REPEATED",
      200,
      200,
      200,
      "FLOW_SINK_DENIED",
    ]);
    for (let at = 0; at < (whole?.calls ?? 0); at++) {
      const played = await play(at, fault);
      if (played === undefined) continue;
      const { replies, seen, events } = played;
      const allows = events.flatMap((event) => (event.type === "allow" ? [event.node] : []));
      const settles = events.filter((event) => event.type === "settle" && event.ok);
      // Every call that reached a handler had been committed, and an operation that may run once ran once.
      expect(seen.length).toBeLessThanOrEqual(allows.length);
      expect(seen.filter(({ tool }) => tool === "order").length).toBeLessThanOrEqual(1);
      expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(settles.length);
      // A result that cannot be recorded at once is recorded a moment later: then nobody has noticed.
      const isUnnoticed = replies.every(({ code }) => code !== "STORE_UNAVAILABLE");
      if (isUnnoticed)
        expect(replies.map(({ status, code }) => code ?? status)).toEqual(
          whole?.replies.map(({ status, code }) => code ?? status),
        );
      else expect(replies.filter(({ code }) => code === "STORE_UNAVAILABLE")).toHaveLength(1);
      // If the quotes were delivered, nothing is said after them.
      if (replies[4]?.status === 200) expect(replies[5]?.code).not.toBe(undefined);
      expect(JSON.stringify(replies)).not.toMatch(/driver|connection/);
    }
  });
});

describe("a clock that throws once", () => {
  it("at any moment, denies that call as an internal error", async () => {
    let ticks = 0;
    let failAt = -1;
    const run = async (): Promise<readonly (string | number)[]> => {
      const clock = (): number => {
        if (ticks++ === failAt) throw new Error("no time");
        return 5;
      };
      const firewall = createFirewall({ plans: [shopFrozen], store: createMemoryStore(), clock });
      const opened = await firewall.open({ plan: shopFrozen.digest, principal: "ada" });
      if (!opened.ok) return [opened.error.code];
      const codes: (string | number)[] = [];
      for (const tool of ["order", "order"]) {
        const settled = await firewall.call(opened.value.token, { tool, args: {} }, async () => ({ value: 1 }));
        codes.push(settled.ok ? 200 : settled.verdict.code);
      }
      return codes;
    };
    expect(await run()).toEqual([200, "CALL_REPEATED"]);
    const whole = ticks;
    for (failAt = 0; failAt < whole; failAt++) {
      ticks = 0;
      const codes = await run();
      expect(codes.filter((code) => code === "INTERNAL")).toHaveLength(1);
      expect(codes.filter((code) => code === 200).length).toBeLessThanOrEqual(1);
    }
  });
});

describe("a source of randomness, a logger or a transport that fails", () => {
  it("opens no session, changes no verdict, and is a fault of the tool", async () => {
    const clock = (): number => 5;
    const broken = (): never => {
      throw new Error("broken");
    };
    const store = createMemoryStore();
    const blind = createFirewall({ plans: [shopFrozen], store, clock, random: broken, logger: { info: broken, error: broken } });
    expect(await blind.open({ plan: shopFrozen.digest, principal: "ada" })).toEqual({ ok: false, error: { code: "INTERNAL" } });
    const firewall = createFirewall({ plans: [shopFrozen], store, clock });
    const opened = await firewall.open({ plan: shopFrozen.digest, principal: "ada" });
    if (!opened.ok) throw new Error(opened.error.code);
    const settled = await firewall.call(opened.value.token, { tool: "order", args: {} }, broken);
    expect(settled).toMatchObject({ ok: false, verdict: { code: "UPSTREAM_FAILED" } });
    const hidden = await firewall.call(opened.value.token, { tool: "secret", args: {} }, broken);
    expect(hidden).toMatchObject({ ok: true, isError: false });
  });
});
