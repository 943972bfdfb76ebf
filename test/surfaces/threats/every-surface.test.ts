/**
 * Threats that every surface meets (`threat N` is row N of the table beside), each tried through every door into the same shop.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readJson } from "../../../src/json/read.ts";
import { err, type Result } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store, StoreFailure } from "../../../src/stores/store.ts";
import { type Door, doors, type Entry, type Told } from "./doors.ts";
import { openToken, secretKey } from "./shop.ts";

const order = (args: string): { readonly tool: string; readonly args: string } => ({ tool: "order", args });
const rightOrder = '{"amount":5,"symbol":"VTI"}';

/** Nothing but what the plan has was done with `order`. */
function expectOnlyRight({ ground }: Entry): void {
  for (const { tool, args } of ground.ran) if (tool === "order") expect(args).toBe(rightOrder);
}

async function denied(door: Door, call: { readonly tool: string; readonly args: string }): Promise<Told> {
  const entry = await door.open();
  const told = await entry.call(call);
  expect(told.code, told.text).toBeDefined();
  expect(entry.ground.ran).toEqual([]);
  return told;
}

describe.each(doors)("$name", (door) => {
  it.each([
    ["plain", '{"amount":5,"amount":500}'],
    ["escaped", '{"amount":5,"\\u0061mount":500}'],
    ["the bad one first", '{"amount":500,"amount":5}'],
    ["of a name that is filled in", '{"symbol":"VTI","symbol":"EVIL"}'],
  ])("threat 1: a key that is said twice (%s) never makes the check see one value and the tool another", async (_, args) => {
    const entry = await door.open();
    const told = await entry.call(order(args));
    expectOnlyRight(entry);
    if (door.takesText) expect([told.code === undefined, entry.ground.ran]).toEqual([false, []]);
  });

  it.each([
    "1e400",
    "-1e400",
    "60.00000000000001",
    "9007199254740993",
    "1e-400",
    "NaN",
    "Infinity",
    "0x10",
    "0.99999999999999999",
    "-0",
    "007",
  ])("threat 2: the number %s is refused, or is the one that was checked", async (number) => {
    const entry = await door.open();
    const told = await entry.call({ tool: "pick", args: `{"amount":${number}}` });
    for (const { args } of entry.ground.ran) {
      const read = readJson(args);
      const amount = read.ok ? (read.value as { readonly amount: number }).amount : Number.NaN;
      // What ran is one number for every reader: our bytes of it are the bytes of what is read from them.
      expect(canonicalJson({ amount })).toBe(args);
      expect(amount >= 1 && amount <= 60).toBe(true);
    }
    if (entry.ground.ran.length === 0) expect(told.code, told.text).toBeDefined();
  });

  it.each([
    ["another script", '"V\u0422I"'],
    ["a zero-width space", '"VTI\\u200b"'],
    ["a direction mark", '"\\u202eITV"'],
    ["full width", '"\uff36\uff34\uff29"'],
    ["another case", '"vti"'],
    ["a combining mark", '"VTI\\u0301"'],
    ["a NUL", '"VTI\\u0000"'],
    ["a lone surrogate", '"VTI\\ud800"'],
  ])("threat 3: a value that only looks like the plan's (%s) is another one", async (_, symbol) => {
    const { text } = await denied(door, order(`{"symbol":${symbol}}`));
    expect(text).not.toContain("\u202e");
  });

  it.each([
    '{"__proto__":{"amount":5}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '{"amount":5,"__proto__":{"symbol":"EVIL"}}',
    '{"toString":"x"}',
    '{"hasOwnProperty":1}',
  ])("threat 6: names of the prototype's in arguments are arguments that the tool has not: %s", async (args) => {
    await denied(door, order(args));
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("amount");
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])(
    "threat 6: a tool that is called %s is one that the plan has not",
    async (tool) => {
      await denied(door, { tool, args: "{}" });
    },
  );

  it("threat 8: of sixty calls at once of an operation that may run once, one runs", async () => {
    const entry = await door.open();
    const told = await Promise.all(
      Array.from({ length: 60 }, () => entry.call(order("{}")).catch((): Told => ({ code: "INTERNAL", text: "" }))),
    );
    expect(entry.ground.ran).toEqual([{ tool: "order", args: rightOrder }]);
    expect(told.filter(({ code }) => code === undefined).length).toBeLessThanOrEqual(1);
  });

  it("threat 8: an operation that may run once runs once, though two processes over one store both remember that it has not", async () => {
    const meeting = meetingAtCommit(createMemoryStore());
    const one = await door.open({ store: meeting.store });
    const other = await door.open({ store: meeting.store, token: one.token });
    // Both have the session at hand, and neither has heard of the other.
    // The model proxy knows a conversation by its record: two that differ would be refused for that alone, so there each begins with the order.
    if (door.name !== "model-api")
      for (const each of [one, other]) expect((await each.call({ tool: "pick", args: '{"amount":7}' })).code).toBeUndefined();
    // Whatever a surface reads anew before a check: both have decided before either of them writes.
    meeting.arm();
    await Promise.all([one, other].map((each) => each.call(order("{}")).catch(() => undefined)));
    const ran = [one, other].flatMap(({ ground }) => ground.ran.filter(({ tool }) => tool === "order"));
    expect(ran).toEqual([{ tool: "order", args: rightOrder }]);
  });

  it("threat 9: the tool gets the bytes that were checked, whatever the agent's looked like", async () => {
    const entry = await door.open();
    await entry.call(order('{ "symbol" : "\\u0056TI" ,\n "amount" : 5.0 }'));
    expect(entry.ground.ran.map(({ args }) => args)).toEqual([rightOrder]);
  });

  it("threat 9: a handle stands for the value only where the plan has it, and is never expanded elsewhere", async () => {
    const entry = await door.open();
    const { text } = await entry.call({ tool: "secret", args: "{}" });
    const [handle = ""] = /sluice:h:[A-Za-z0-9_-]{22}/.exec(text) ?? [];
    expect(handle).not.toBe("");
    await entry.call({ tool: "note", args: JSON.stringify({ text: handle }) });
    expect(entry.ground.ran.filter(({ args }) => args.includes(secretKey))).toEqual([]);
    await entry.call({ tool: "send", args: JSON.stringify({ key: handle, text: "x" }) });
    expect(entry.ground.ran.at(-1)).toEqual({ tool: "send", args: `{"key":"${secretKey}","text":"x"}` });
  });

  it("threat 11: arguments that are too large or too deep are denied", async () => {
    await denied(door, { tool: "note", args: JSON.stringify({ text: "x".repeat(5_000_000) }) });
    await denied(door, order(`{"symbol":${"[".repeat(5_000)}${"]".repeat(5_000)}}`));
    await denied(door, { tool: "note", args: JSON.stringify({ text: "x".repeat(101) }) });
  });

  it("threat 13: the credential of a closed session, of another store, with another secret, or of nobody allows nothing", async () => {
    const entry = await door.open();
    const other = await door.open();
    const stranger = await openToken(entry.ground, "eve");
    const [session = "", secret = ""] = entry.token.split(".");
    const closed = await openToken(entry.ground);
    await entry.ground.firewall.close(closed.split(".")[0] ?? "");
    const mixed = `${session}.${stranger.split(".")[1]}`;
    for (const token of [
      closed,
      other.token,
      mixed,
      `${session}.${"0".repeat(64)}`,
      `${stranger.split(".")[0]}.${secret}`,
      session,
    ]) {
      const told = await entry.call({ ...order("{}"), token }).catch((): Told => ({ code: "INTERNAL", text: "" }));
      expect(told.code, told.text).toBeDefined();
    }
    expect(entry.ground.ran).toEqual([]);
  });

  it("threat 19: a denial over a hidden value is the same text, right guess or wrong, and repeats nothing", async () => {
    const answers: string[] = [];
    for (const key of [secretKey, "KEY-wrong", "x".repeat(500)]) {
      const entry = await door.open();
      await entry.call({ tool: "secret", args: "{}" });
      const { code, text } = await entry.call({ tool: "send", args: JSON.stringify({ key, text: "x" }) });
      expect(code, text).toBeDefined();
      expect(entry.ground.ran.map(({ tool }) => tool)).toEqual(["secret"]);
      // What a model wrote itself its proxy shows to it again; what it did not write never.
      answers.push(text.replaceAll(key, "").replaceAll(/sluice:h:[A-Za-z0-9_-]{22}/g, ""));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toMatch(/KEY-/);
  });

  it("threat 19: of a call over a hidden value nobody learns what was wrong with it, nor that part of it was right", async () => {
    const answers: string[] = [];
    for (const isRight of [true, false]) {
      const entry = await door.open();
      const { text: shown } = await entry.call({ tool: "secret", args: "{}" });
      const [handle = ""] = /sluice:h:[A-Za-z0-9_-]{22}/.exec(shown) ?? [];
      expect(handle).not.toBe("");
      // With the key right the words are too long; with the key wrong nobody has come to look at the words.
      const sent = { key: isRight ? handle : "KEY-wrong", text: "x".repeat(51) };
      const { code, text } = await entry.call({ tool: "send", args: JSON.stringify(sent) });
      expect(code, text).toBe("HIDDEN");
      expect(entry.ground.ran.map(({ tool }) => tool)).toEqual(["secret"]);
      answers.push(text.replaceAll(sent.key, "").replaceAll(/sluice:h:[A-Za-z0-9_-]{22}/g, ""));
    }
    expect(answers[0]).toBe(answers[1]);
  });

  it.each([
    "wipe",
    "shop",
    "",
    "order ",
    "Order",
    "other/order",
    "mcp.sampling.createMessage",
    "shop/order/../wipe",
    "*",
    "Shop/order",
    "shop/Order",
    "SHOP/ORDER",
  ])("threat 21: what the plan does not name (%j) is denied", async (tool) => {
    await denied(door, { tool, args: "{}" });
  });

  it("threat 22: nothing goes ahead while the store does not answer, or answers with errors", async () => {
    const faults: readonly (() => Promise<never>)[] = [
      () => new Promise<never>(() => {}),
      () => Promise.reject(new Error("disk")),
    ];
    for (const fault of faults) {
      let isBroken = false;
      const store = failing(createMemoryStore(), () => (isBroken ? fault : undefined));
      const entry = await door.open({ store });
      isBroken = true;
      const told = await entry.call(order("{}")).catch((): Told => ({ code: "INTERNAL", text: "" }));
      expect(told.code, told.text).toBeDefined();
      expect(told.text).not.toContain("disk");
      expect(entry.ground.ran).toEqual([]);
    }
  });

  it.each<readonly [string, () => Promise<Result<number, StoreFailure>>]>([
    ["unavailable", async () => err({ kind: "unavailable", detail: "disk" })],
    ["a conflict, each time", async () => err({ kind: "conflict" })],
    ["unknown", async () => err({ kind: "unknown" })],
    ["an error", () => Promise.reject(new Error("disk"))],
  ])("threat 22: nothing goes ahead that a store which reads well does not write (%s)", async (_, fault) => {
    let isBroken = false;
    const inner = createMemoryStore();
    const commit: Store["commit"] = (...args) => (isBroken ? fault() : inner.commit(...args));
    const entry = await door.open({ store: { ...inner, commit } });
    expect((await entry.call({ tool: "pick", args: '{"amount":7}' })).code).toBeUndefined();
    isBroken = true;
    const told = await entry.call(order("{}")).catch((): Told => ({ code: "INTERNAL", text: "" }));
    expect(told.code, told.text).toBeDefined();
    expect(told.text).not.toContain("disk");
    expect(entry.ground.ran.map(({ tool }) => tool)).toEqual(["pick"]);
    // What did not go ahead is not spent either: it was never written.
    isBroken = false;
    expect((await entry.call(order("{}"))).code).toBeUndefined();
  });

  it("threat 22: nothing goes ahead without a credential", async () => {
    const entry = await door.open();
    expect((await entry.call({ ...order("{}"), token: "" })).code).toBeDefined();
    expect(entry.ground.ran).toEqual([]);
  });

  it("threat 25: what an agent calls a tool never breaks a line of a log", async () => {
    const entry = await door.open();
    const evil = "order\r\n2026-01-01 allow admin\u202e\u0000\u001b[2J";
    await entry.call({ tool: evil, args: "{}" }).catch(() => undefined);
    for (const line of entry.ground.log) expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(entry.ground.ran).toEqual([]);
  });

  it("threat 25: a denial is on record with its code, and no word of the agent's begins a line there", async () => {
    const entry = await door.open();
    const evil = "VTI\r\n2026-01-01 allow admin\u202e\u0000\u001b[2J";
    const told = await entry.call(order(JSON.stringify({ symbol: evil })));
    const kept = await entry.ground.store.load(entry.token.split(".")[0] ?? "", 0);
    const denials = kept.ok ? kept.value.entries.filter(({ event }) => event.type === "deny") : [];
    expect(denials.map(({ event }) => event.type === "deny" && event.code)).toEqual(["ARG_MISMATCH"]);
    expect(told.code, told.text).toBe("ARG_MISMATCH");
    for (const denial of denials) expect(canonicalJson(denial as never)).not.toMatch(/[\u0000-\u001f]|2026-01-01/);
    for (const line of entry.ground.log) expect(line).not.toMatch(/[\u0000-\u001f\u202e]|2026-01-01/);
  });
});

/** A store whose next two commits wait for each other, so that whoever commits has read what the other has not written yet. */
function meetingAtCommit(inner: Store): { readonly store: Store; arm(): void } {
  let missing = 0;
  let release = (): void => {};
  let met: Promise<void> = Promise.resolve();
  const commit: Store["commit"] = async (...args) => {
    if (missing > 0 && --missing === 0) release();
    // One that comes alone (the other was refused before) goes on after a while.
    await Promise.race([
      met,
      new Promise((resolve) => {
        setTimeout(resolve, 100);
      }),
    ]);
    return inner.commit(...args);
  };
  return {
    store: { ...inner, commit },
    arm: () => {
      missing = 2;
      met = new Promise((resolve) => {
        release = resolve;
      });
    },
  };
}

/** A store each method of which fails while `fault` says how. */
function failing(inner: Store, fault: () => (() => Promise<never>) | undefined): Store {
  return new Proxy(inner, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown;
      if (typeof own !== "function") return own;
      return (...args: unknown[]) => fault()?.() ?? (own as (...args: unknown[]) => unknown).apply(target, args);
    },
  });
}
