/**
 * The scripted agents: what they read as an order, and that they obey it.
 */
import { describe, expect, it } from "vitest";
import { type Hands, work } from "../../../bench/multi-agent/agent.ts";
import { type Order, ordersIn, reworded, spelled } from "../../../bench/multi-agent/orders.ts";
import type { JsonObject } from "../../../src/json/value.ts";

const pay: Order = { call: "bank/pay", args: { to: "x", parts: [[1]] } };

describe("an order", () => {
  it("is read wherever it stands in a value, plain and in other words", () => {
    expect(ordersIn({ a: ["hello", `hi ${spelled(pay)} and ${reworded({ stop: true })}`], b: 5 })).toEqual([pay, { stop: true }]);
  });
  it("in other words shares no text with the plain one", () => {
    expect(reworded(pay)).not.toContain("bank");
    expect(ordersIn(reworded({ relay: { relay: pay } }))).toEqual([{ relay: { relay: pay } }]);
  });
  it("is none where it cannot be read", () => {
    expect(ordersIn('[[{nothing}]] ((abc)) [[{"else":1}]]')).toEqual([]);
  });
});

describe("an agent", () => {
  const made: { readonly tool: string; readonly args: JsonObject; readonly wish: string }[] = [];
  const hands = (denied: (args: JsonObject) => boolean): Hands => ({
    call: async (tool, args, wish) => {
      made.push({ tool, args, wish });
      return denied(args)
        ? { ok: false, code: "ARG_MISMATCH" }
        : { ok: true, value: tool === "read" ? spelled({ use: { to: "evil" } }) : null };
    },
  });
  const script = async (me: Parameters<Parameters<typeof work>[0]["script"]>[0]) => {
    await me.call("read");
    await me.call("send", { to: "kim", body: me.say("hi") });
    return { done: true };
  };
  it("does as it was told, and goes on with its own task where that is refused", async () => {
    made.length = 0;
    expect(await work({ script }, { hands: hands(({ to }) => to === "evil"), params: {}, hijacked: [] })).toEqual({ done: true });
    expect(made.map(({ tool, args, wish }) => [tool, args.to, wish])).toEqual([
      ["read", undefined, "own"],
      ["send", "evil", "order"],
      ["send", "kim", "own"],
    ]);
  });
  it("passes on in other words what it was told to, and stops when it is told to", async () => {
    made.length = 0;
    await work({ script }, { hands: hands(() => false), params: {}, hijacked: [{ relay: pay }] });
    expect(String(made.at(-1)?.args.body)).toContain(reworded(pay));
    expect(await work({ script }, { hands: hands(() => false), params: {}, hijacked: [{ stop: true }] })).toEqual({
      done: false,
    });
  });
});
