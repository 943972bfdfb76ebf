/**
 * Whoever can write to the store, but not decide: what was forged before the log was written is chained and signed, and does not follow.
 */
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Entry, Store } from "../../src/stores/store.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { freeze, shopPlan } from "../surfaces/firewall-fixture.ts";
import { type Audited, makeAudited, must } from "./fixture.ts";

const say = shopPlan.nodes.say;
const guarded = freeze({
  ...shopPlan,
  nodes: {
    ...shopPlan.nodes,
    say: { ...say, constraints: { ...say?.constraints, approve: "human" } },
  },
  flows: [],
} as Plan);

type Change = (entry: Entry) => Entry;

const inEvent =
  (changes: JsonObject): Change =>
  ({ event, ...rest }) => ({ ...rest, event: { ...event, ...changes } as never });
const inFacts =
  (change: (facts: JsonObject) => JsonObject): Change =>
  ({ event, facts = {} }) => ({ event, facts: change(facts) });

/** A store whose journal lies about some lines. */
function lying(store: Store, change: (entry: Entry) => Entry): Store {
  return {
    ...store,
    journal: async (page) => {
      const lines = await store.journal(page);
      return lines.ok
        ? {
            ok: true,
            value: lines.value.map((line) => (line.entry === undefined ? line : { ...line, entry: change(line.entry) })),
          }
        : lines;
    },
  };
}

/** A run with an allow, a hold that is approved and released, a denial for a label, results that carry labels. */
async function run(change: Change): Promise<Audited> {
  const audited = await makeAudited({
    store: lying(createMemoryStore({ journal: true }), change),
    options: { plans: [guarded] },
  });
  const { token } = await audited.open();
  await audited.call(token, "quotes", {}, { prices: [1] });
  await audited.call(token, "secret", {}, { key: "k-1" });
  await audited.call(token, "send");
  expect(await audited.call(token, "say", { text: "hello" })).toBe("CALL_NEEDS_APPROVAL");
  const [held] = must(await audited.firewall.approvals());
  must(await audited.firewall.approve(held?.id ?? "", { by: "bob", decision: "approve", reason: "known to me" }));
  const released = await audited.firewall.release(token, held?.id ?? "");
  expect(released.allow).toBe(true);
  if (released.allow) await audited.firewall.settle(released.permit, { value: { ok: true } });
  expect(await audited.call(token, "order", { symbol: "XYZ" })).toBe("ARG_MISMATCH");
  return audited;
}

const isOf =
  (type: string, node?: string) =>
  ({ event }: Entry): boolean =>
    event.type === type && (node === undefined || (event as { readonly node?: string }).node === node);
const where =
  (is: (entry: Entry) => boolean, change: Change): Change =>
  (entry) =>
    is(entry) ? change(entry) : entry;

const isHold = (entry: Entry): boolean => isOf("deny")(entry) && (entry.event as { readonly hold?: object }).hold !== undefined;
const isRelease = (entry: Entry): boolean =>
  isOf("allow")(entry) && (entry.event as { readonly hold?: string }).hold !== undefined;
const isDenial = (entry: Entry): boolean => isOf("deny")(entry) && !isHold(entry);

const forged: readonly (readonly [name: string, change: Change])[] = [
  ["an allow of another node", where(isOf("allow", "quotes"), inEvent({ node: "feed" }))],
  ["an allow of another run", where(isOf("allow", "secret"), inEvent({ run: 7 }))],
  [
    "an allow whose call was another",
    where(
      isOf("allow", "quotes"),
      inFacts((facts) => ({ ...facts, call: { tool: "shop/order", args: "{}" } })),
    ),
  ],
  [
    "an allow that carried nothing",
    where(
      isOf("allow", "send"),
      inFacts(({ labels: _, ...facts }) => facts),
    ),
  ],
  [
    "an allow that carried something else",
    where(
      isOf("allow", "send"),
      inFacts((facts) => ({ ...facts, labels: { key: ["desk"] } })),
    ),
  ],
  [
    "an allow with an endorsement that the plan has not",
    where(
      isOf("allow", "send"),
      inFacts((facts) => ({ ...facts, downgrades: [{ argument: "key", endorse: ["vault"], to: ["desk"] }] })),
    ),
  ],
  [
    "a denial in place of an allow",
    where(isOf("allow", "secret"), ({ event, ...rest }) => ({
      ...rest,
      event: { type: "deny", at: event.at, code: "ARG_MISSING", tool: "shop/secret", node: "secret" } as never,
    })),
  ],
  ["a denial for another reason", where(isDenial, inEvent({ code: "ARG_MISSING" }))],
  [
    "a denial of another argument",
    where(
      isDenial,
      inFacts((facts) => ({ ...facts, argument: "amount" })),
    ),
  ],
  [
    "a denial without its chain",
    where(
      isDenial,
      inFacts((facts) => ({ ...facts, chain: [] })),
    ),
  ],
  [
    "a hold for fewer people",
    where(isHold, ({ event, ...rest }) => ({
      ...rest,
      event: { ...event, hold: { ...(event as unknown as { readonly hold: JsonObject }).hold, people: 0 } } as never,
    })),
  ],
  ["an approval of what was not held", where(isOf("approve"), inEvent({ hold: "s_other.1" }))],
  ["a refusal that was an approval", where(isOf("approve"), inEvent({ decision: "deny" }))],
  [
    "a release of other bytes",
    where(isRelease, ({ event, ...rest }) => ({ ...rest, event: { ...event, args: { text: "other" } as Json } as never })),
  ],
];

describe("a line of the journal that was forged before it was chained", () => {
  it("is not there in an honest run, which has all that is forged below", async () => {
    const seen = new Set<string>();
    const audited = await run((entry) => {
      for (const [name, is] of [
        ["hold", isHold],
        ["release", isRelease],
        ["denial", isDenial],
        ["approve", isOf("approve")],
        ["send", isOf("allow", "send")],
      ] as const)
        if (is(entry)) seen.add(name);
      return entry;
    });
    const found = await audited.verify();
    expect(found.faults).toEqual([]);
    expect(found.events).toMatchObject({ follows: 7, differs: 0, unknown: 0, unrecorded: 0 });
    expect([...seen].sort()).toEqual(["approve", "denial", "hold", "release", "send"]);
  });

  it.each(forged)("is found, though it is chained and signed: %s", async (_, change) => {
    const found = await (await run(change)).verify();
    expect(found.isValid).toBe(false);
    expect(found.faults.map(({ kind }) => kind)).toContain("verdict");
    expect(found.faults.filter(({ kind }) => kind === "chain" || kind === "checkpoint")).toEqual([]);
  });
});

describe("a person's words beside a decision", () => {
  it("are kept apart, and go with the person", async () => {
    const audited = await run((entry) => entry);
    await audited.verify();
    const text = must(await audited.log.read(0, 100)).join("\n");
    expect(text).not.toContain("known to me");
    expect(text).toMatch(/"kind":"approve".*"details":/);
    const ada = must(await audited.subjects.find("ada@example.org"));
    await audited.store.note({ type: "erase", subject: ada?.id ?? "", at: audited.clock.now });
    expect(await audited.verify()).toMatchObject({ isValid: true, values: { checked: 0 } });
  });
});
