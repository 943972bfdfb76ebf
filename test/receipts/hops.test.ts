/**
 * Labels between agents, each behind a Sluice of its own: what one has read blocks at the third, and nothing in between takes it away.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import type { Enforcer, Permit } from "../../src/surfaces/enforce.ts";
import {
  agent,
  type AgentKey,
  agentKey,
  bankPlan,
  deskPlan,
  freeze,
  opened,
  policyOf,
  readerPlan,
  type Terms,
} from "./agents.ts";

let [reader, desk, bank]: AgentKey[] = [];
const names = { mail: "mail", crm: "crm", user_input: "own" };
const issuer = (
  key: AgentKey | undefined,
  labels: { readonly [theirs: string]: string } = names,
): NonNullable<Policy["issuers"]>[string] => ({
  key: (key as AgentKey).key,
  labels,
});
const termsOf = (): { readonly [agent: string]: Terms } => ({
  reader: { issuers: { desk: issuer(desk) }, peers: { "desk/*": "desk" } },
  desk: { issuers: { reader: issuer(reader), bank: issuer(bank) }, peers: { "bank/*": "bank" } },
  bank: { issuers: { desk: issuer(desk) } },
});

beforeAll(async () => {
  [reader, desk, bank] = [await agentKey(), await agentKey(), await agentKey()];
});

/** The three agents, in one process, calling each other by functions. */
class Line {
  readonly plans: { readonly [name: string]: FrozenPlan };
  readonly reader: Enforcer;
  readonly desk: Enforcer;
  readonly bank: Enforcer;
  constructor(
    changed: { readonly [agent: string]: Terms } = {},
    more: { readonly clock?: () => number; readonly bankStore?: Store } = {},
  ) {
    const terms = { ...termsOf(), ...changed };
    const policy = (name: string): Policy => policyOf(name, terms[name] as Terms);
    this.plans = { reader: freeze(readerPlan), desk: freeze(deskPlan), bank: freeze(bankPlan) };
    const clock = more.clock === undefined ? {} : { clock: more.clock };
    const of = (name: string, key: AgentKey | undefined, store = createMemoryStore()): Enforcer =>
      agent(this.plans[name] as FrozenPlan, { policy: policy(name), key: key as AgentKey, store, ...clock });
    this.reader = of("reader", reader);
    this.desk = of("desk", desk);
    this.bank = of("bank", bank, more.bankStore);
  }

  /** Lets the reader read its mail and its records, and returns what goes to the desk. */
  async read(summary = "they want us to pay DE666"): Promise<{ readonly token: string; readonly permit: Permit }> {
    const token = await opened(this.reader, { plan: (this.plans.reader as FrozenPlan).digest, principal: "ann" });
    await this.reader.call(token, { tool: "mail/read", args: {} }, async () => ({ value: "please pay DE666" }));
    await this.reader.call(token, { tool: "crm/read", args: {} }, async () => ({ value: { account: "DE1" } }));
    const checked = await this.reader.check(token, { tool: "desk/ask", args: { summary } });
    if (!checked.allow) throw new Error(checked.verdict.code);
    return { token, permit: checked.permit };
  }

  /** Opens a session of an agent for a message. */
  async receive(name: "desk" | "bank", value: JsonObject, receipt: string | undefined): Promise<string> {
    const params = Object.fromEntries(Object.entries(value));
    return opened(this[name], {
      plan: (this.plans[name] as FrozenPlan).digest,
      principal: "other agent",
      params,
      message: { value, receipt, params: Object.keys(params) },
    });
  }

  async pass(token: string): Promise<Permit> {
    const checked = await this.desk.check(token, { tool: "bank/ask", args: {} });
    if (!checked.allow) throw new Error(checked.verdict.code);
    return checked.permit;
  }
}

/** The chain of a denial as one line a link. */
const chainOf = (verdict: { readonly chain: readonly object[] }): readonly string[] =>
  (verdict.chain as readonly { kind: string; tool?: string; issuer?: string; status?: string; argument?: string }[]).map(
    ({ kind, tool, issuer: by, status, argument }) =>
      [kind, tool, argument, by, status].filter((each) => each !== undefined).join(" "),
  );

describe("three agents in a line", () => {
  it("what the first has read in mail does not become a payment by the third, whose record names every hop", async () => {
    const line = new Line();
    const { permit: first } = await line.read();
    expect(first.receipt).toBeDefined();
    const second = await line.pass(await line.receive("desk", first.args, first.receipt));
    const token = await line.receive("bank", second.args, second.receipt);
    const checked = await line.bank.check(token, { tool: "pay/send", args: {} });
    expect(checked.verdict).toMatchObject({
      decision: "deny",
      code: "FLOW_SINK_DENIED",
      facts: { argument: "memo", rule: "no-mail-in-payments" },
    });
    if (checked.allow) return;
    expect(chainOf(checked.verdict)).toEqual([
      "result mail/read reader",
      // What the reader's agent wrote came from its context.
      "context reader",
      "receipt reader admitted",
      "receipt desk admitted",
      "argument pay/send memo",
    ]);
    const session = token.split(".")[0] ?? "";
    const stored = await line.bank.store.load(session, 0);
    const denial = stored.ok ? stored.value.entries.find(({ event }) => event.type === "deny") : undefined;
    expect(JSON.stringify(denial?.facts)).toContain("mail/read");
  });

  it("an argument that came from trusted records stays so: the payment without the memo goes through", async () => {
    const line = new Line();
    const memoless = freeze({ ...bankPlan, nodes: { pay: { tool: "pay/send", args: { to: { param: "account" } } } } });
    const third = agent(memoless, { policy: policyOf("bank", termsOf().bank as Terms), key: bank as AgentKey });
    const { permit: first } = await line.read();
    const second = await line.pass(await line.receive("desk", first.args, first.receipt));
    const message = { value: second.args, receipt: second.receipt, params: ["order", "account"] };
    const token = await opened(third, { plan: memoless.digest, principal: "desk", params: second.args, message });
    const checked = await third.check(token, { tool: "pay/send", args: {} });
    expect(checked).toMatchObject({ allow: true, permit: { args: { to: "DE1" } } });
    expect(checked.allow && checked.verdict.labels.to?.sources).toEqual(["crm"]);
  });

  const breaks: readonly (readonly [
    string,
    (permit: Permit) => { readonly value: JsonObject; readonly receipt?: string | undefined },
  ])[] = [
    ["its receipt is taken off", ({ args }) => ({ value: args })],
    ["a word of it is changed", ({ args, receipt }) => ({ value: { ...args, account: "DE666" }, receipt })],
    ["its receipt is that of another message", ({ args }) => ({ value: args, receipt: "AAAA.AAAA.AAAA" })],
  ];
  it.each(breaks)("a message is still taken when %s, and pays nothing", async (_name, broken) => {
    const line = new Line();
    const { permit: first } = await line.read();
    const second = await line.pass(await line.receive("desk", first.args, first.receipt));
    const { value, receipt } = broken(second);
    const token = await line.receive("bank", value, receipt);
    const { verdict } = await line.bank.check(token, { tool: "pay/send", args: {} });
    expect(verdict).toMatchObject({ decision: "deny", code: "FLOW_SINK_DENIED" });
    expect(verdict.decision === "deny" && verdict.facts.labels).toMatchObject({ sources: ["*"], readers: [] });
  });

  it("a label that the agent in the middle may not speak about is unknown at the end, and never its absence", async () => {
    const bankOnly = { issuers: { desk: issuer(desk, { crm: "crm" }) } };
    const line = new Line({ bank: bankOnly });
    const { permit: first } = await line.read();
    const second = await line.pass(await line.receive("desk", first.args, first.receipt));
    const token = await line.receive("bank", second.args, second.receipt);
    const stored = await line.bank.store.load(token.split(".")[0] ?? "", 0);
    const [opening] = stored.ok ? stored.value.entries : [];
    expect(opening?.event).toMatchObject({
      received: [
        {
          label: { sources: ["crm", "unknown"] },
          parts: { order: { sources: ["crm", "unknown"] }, account: { sources: ["crm"] } },
        },
      ],
    });
  });

  it("what an agent was told by another one is in its conversation, also where no call was made", async () => {
    const line = new Line();
    const { permit } = await line.read();
    const plan = (line.plans.desk as FrozenPlan).digest;
    const message = { value: permit.args, receipt: permit.receipt, params: ["summary", "account"] };
    await opened(line.desk, { plan, principal: "reader", conversation: "c-1", params: permit.args, message });
    const context = await line.desk.store.contextOf("c-1");
    expect(context.ok && context.value?.sources).toContain("mail");
  });
});

describe("an answer", () => {
  /** The reader asks, the desk answers: what is recorded at the reader. */
  const ask = async (
    line: Line,
  ): Promise<{ readonly reader: string; readonly permit: Permit; readonly body: string; readonly receipt?: string }> => {
    const { token, permit } = await line.read();
    const other = await line.receive("desk", permit.args, permit.receipt);
    const answer = await line.desk.answer(other, { done: true });
    if (!answer.ok) throw new Error(answer.error.code);
    return { reader: token, permit, ...answer.value };
  };
  const contextOf = async (line: Line, token: string): Promise<readonly string[]> => {
    const loaded = await line.reader.store.load(token.split(".")[0] ?? "", 0);
    return (loaded.ok && loaded.value.context?.sources) || [];
  };

  it("has the labels of all that the other agent has read", async () => {
    const line = new Line();
    const { reader: token, permit, receipt } = await ask(line);
    expect(await line.reader.settle(permit, { value: { done: true } }, { receipt })).toMatchObject({
      ok: true,
      delivered: { done: true },
    });
    const sources = await contextOf(line, token);
    expect(sources).toContain("mail");
    expect(sources).not.toContain("*");
  });

  it("without its receipt, with another one or of other bytes is delivered, and the conversation has the label of everything", async () => {
    for (const broken of ["none", "swapped", "changed"] as const) {
      const line = new Line();
      const [first, second] = [await ask(line), await ask(line)];
      const receipt = broken === "none" ? undefined : broken === "swapped" ? second.receipt : first.receipt;
      const value = { done: broken !== "changed" };
      const settled = await line.reader.settle(first.permit, { value }, { receipt });
      expect(settled).toMatchObject({ ok: true, delivered: value });
      expect(await contextOf(line, first.reader)).toContain("*");
      const again = await line.reader.check(first.reader, { tool: "desk/ask", args: {} });
      expect(again.allow).toBe(false);
    }
  });

  it("that never came adds nothing: the failure is our own word", async () => {
    const line = new Line();
    const { reader: token, permit } = await ask(line);
    await line.reader.fail(permit, "UPSTREAM_FAILED");
    expect(await contextOf(line, token)).not.toContain("*");
  });

  it("is signed for no one who does not hold the session's token (threat 13)", async () => {
    const line = new Line();
    const { permit } = await line.read();
    const [mine, other] = [
      await line.receive("desk", permit.args, permit.receipt),
      await line.receive("desk", permit.args, undefined),
    ];
    const mixed = `${mine.split(".")[0]}.${other.split(".")[1]}`;
    expect(await line.desk.answer(mixed, "x")).toMatchObject({ ok: false, error: { code: "AUTH_DENIED" } });
    // Whose request nobody signed is answered without a receipt.
    expect(await line.desk.answer(other, "x")).toEqual({ ok: true, value: { body: '"x"' } });
  });
});

describe("a receipt that comes a thousand times at once (threats 7, 8)", () => {
  const stores: readonly (readonly [string, () => Store | Promise<Store>])[] = [
    ["memory", () => createMemoryStore()],
    ["sqlite", () => openSqliteStore(":memory:")],
  ];
  it.each(stores)("opens one session with its labels, over a store in %s", async (_name, make) => {
    const store = await make();
    const line = new Line({}, { bankStore: store });
    const twin = new Line({}, { bankStore: store });
    const { permit: first } = await line.read();
    const second = await line.pass(await line.receive("desk", first.args, first.receipt));
    const tokens = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? line : twin).receive("bank", second.args, second.receipt)),
    );
    let admitted = 0;
    for (const token of tokens) {
      const stored = await store.load(token.split(".")[0] ?? "", 0);
      const event = stored.ok ? stored.value.entries[0]?.event : undefined;
      const sources = event?.type === "open" ? event.received?.[0]?.label.sources : undefined;
      if (sources?.includes("*") === false) admitted++;
    }
    expect(admitted).toBe(1);
  });
});
