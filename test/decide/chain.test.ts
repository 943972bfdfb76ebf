/**
 * The taint chain of a denial: which results, and whether the agent's context, are between the data and where it may not go.
 */
import { describe, expect, it } from "vitest";
import type { Session } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import type { ChainLink } from "../../src/decide/chain.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { frozenPlan, guardOf, run, sessionOf } from "../amend/world.ts";
import { open } from "../attacks/world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" } };
const list: PlanNode = { tool: "ledger/list" };
const toMail = { id: "to-mail", deny: ["external_api"], to: "mail/send" } as const;

function session(nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}): Session {
  return sessionOf(frozenPlan(nodes, rest));
}

function chain(of: Session, tool: string, args: Json = {}): readonly ChainLink[] {
  const verdict = of.check({ tool, args });
  if (verdict.decision !== "deny") throw new Error("was allowed");
  return verdict.chain;
}

const fromRead: ChainLink = { kind: "result", tool: "inbox/read", node: "read", run: 0, labels: ["external_api"] };

describe("the chain of a denial that no flow rule made", () => {
  it("is empty as long as nothing untrusted was read", () => {
    const own = session({ read, list });
    expect(chain(own, "inbox/read", { id: "m2" })).toEqual([]);
    run(own, "ledger/list", {}, "x");
    expect(chain(own, "inbox/read", { id: "m2" })).toEqual([]);
    expect(chain(own, "made/up")).toEqual([]);
  });

  it("goes from what was read, through the context, to the argument that was wrong", () => {
    const own = session({ read, list, send: { tool: "mail/send", args: { to: "ana", body: "hello" } } });
    run(own, "ledger/list", {}, "trusted, and no part of it");
    run(own, "inbox/read", {}, "x");
    expect(chain(own, "mail/send", { to: "eve" })).toEqual([
      { ...fromRead, run: 1 },
      { kind: "context", labels: ["external_api", "ledger", "user_input"] },
      { kind: "argument", tool: "mail/send", node: "send", argument: "to", labels: ["external_api", "ledger", "user_input"] },
    ]);
  });

  it("ends at the tool where there is no argument or no node to name", () => {
    const own = session({ read, list });
    run(own, "inbox/read", {}, "x");
    const before = [fromRead, { kind: "context", labels: ["external_api", "user_input"] }];
    expect(chain(own, "made/up")).toEqual([
      ...before,
      { kind: "argument", tool: "made/up", labels: ["external_api", "user_input"] },
    ]);
    expect(chain(own, "inbox/read")).toEqual([
      ...before,
      { kind: "argument", tool: "inbox/read", node: "read", labels: ["external_api", "user_input"] },
    ]);
  });

  it("names for each label the result by which it first came to the agent", () => {
    const own = session({ read: { ...read, times: 3 }, list });
    run(own, "inbox/read", {}, "x");
    run(own, "ledger/list", {}, "x");
    run(own, "inbox/read", {}, "y");
    const links = chain(own, "made/up");
    expect(links.map(({ kind, run: number }) => [kind, number])).toEqual([
      ["result", 0],
      ["context", undefined],
      ["argument", undefined],
    ]);
  });
});

describe("the chain of a denial by a flow rule", () => {
  it("goes from the result that the plan refers to, past the agent, to the argument", () => {
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$" } } };
    const own = session({ read, other: { tool: "inbox/read", args: { id: "m2" } }, send }, { flows: [toMail] });
    run(own, "inbox/read", { id: "m2" }, "read as well, and no part of it");
    run(own, "inbox/read", { id: "m1" }, "x");
    expect(chain(own, "mail/send")).toEqual([
      { ...fromRead, run: 1 },
      { kind: "argument", tool: "mail/send", node: "send", argument: "body", labels: ["external_api"] },
    ]);
  });

  it("goes through the context where the agent wrote the argument", () => {
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { write: { maxLength: 9 } } } };
    const own = session({ read, send }, { flows: [toMail] });
    run(own, "inbox/read", {}, "x");
    expect(chain(own, "mail/send", { body: "hi" })).toEqual([
      fromRead,
      { kind: "context", labels: ["external_api", "user_input"] },
      { kind: "argument", tool: "mail/send", node: "send", argument: "body", labels: ["external_api", "user_input"] },
    ]);
  });

  it("names every result that the data went through, the first one first", () => {
    const relay: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$" } } };
    const pay: PlanNode = { tool: "bank/pay", args: { iban: { from: "relay$.id" }, amount: 1 } };
    const own = session({ read, relay, list, pay }, { flows: [{ id: "to-bank", deny: ["external_api"], to: "bank/*" }] });
    run(own, "inbox/read", {}, "x");
    run(own, "ledger/list", {}, "x");
    run(own, "mail/send", {}, { id: "DE1" });
    expect(chain(own, "bank/pay")).toEqual([
      fromRead,
      { kind: "result", tool: "mail/send", node: "relay", run: 2, labels: ["external_api", "receipts"] },
      { kind: "argument", tool: "bank/pay", node: "pay", argument: "iban", labels: ["external_api", "receipts"] },
    ]);
  });

  it("of an argument without untrusted data names none of the trusted results", () => {
    const deny = { id: "no-ledger", deny: ["ledger"], to: "mail/send" };
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "list$" } } };
    const own = session({ list, send }, { flows: [deny] });
    run(own, "ledger/list", {}, "x");
    expect(chain(own, "mail/send").map(({ kind }) => kind)).toEqual(["argument"]);
  });
});

describe("the chain of a denied audience", () => {
  it("names every result by which readers were lost, be it trusted", () => {
    const { session: own } = open({
      nodes: {
        v: { tool: "vault/read" },
        s: { tool: "safe/read" },
        send: { tool: "mail/send", args: { to: "eve", body: { from: "v$" } } },
        note: { tool: "mail/send", args: { to: "eve", subject: { write: {} } } },
      },
    });
    run(own, "safe/read", {}, "x");
    run(own, "vault/read", {}, "x");
    const vault: ChainLink = { kind: "result", tool: "vault/read", node: "v", run: 1, labels: ["secret"] };
    expect(chain(own, "mail/send", { sluice_node: "send" })).toEqual([
      vault,
      { kind: "argument", tool: "mail/send", node: "send", argument: "body", labels: ["secret"] },
    ]);
    const all = ["safe", "secret", "user_input"];
    expect(chain(own, "mail/send", { sluice_node: "note", subject: "x" })).toEqual([
      { kind: "result", tool: "safe/read", node: "s", run: 0, labels: ["safe"] },
      vault,
      { kind: "context", labels: all },
      { kind: "argument", tool: "mail/send", node: "note", argument: "subject", labels: all },
    ]);
  });
});

describe("the chain of what another agent sent", () => {
  const web = { sources: ["external_api"], readers: null };
  const own = { sources: ["ledger"], readers: null };
  const links: readonly ChainLink[] = [{ kind: "receipt", labels: ["external_api"], issuer: "partner", status: "admitted" }];
  const nodes: { readonly [name: string]: PlanNode } = {
    list,
    send: { tool: "mail/send", args: { to: "ana", body: { param: "p" } } },
    tell: { tool: "mail/send", args: { to: "ana", body: { from: "list$" } } },
    note: { tool: "mail/send", args: { to: "ana", body: { write: {} } } },
  };
  const world = guardOf(frozenPlan(nodes, { params: { p: { type: "string" } }, flows: [toMail] }));
  const opened = (label: LabelValue, context: LabelValue, params: readonly string[] = ["p"]): Session => {
    const session = world.session({
      id: "s",
      key: "00".repeat(16),
      params: { p: "x" },
      received: [{ params, label, context, links }],
    });
    if (!session.ok) throw new Error(session.error.message);
    return session.value;
  };
  const kinds = (all: readonly ChainLink[]): readonly string[] => all.map(({ kind }) => kind);

  it("begins with its receipts where the message is what may not go there", () => {
    const links1 = chain(opened(web, own), "mail/send", { sluice_node: "send" });
    expect(links1[0]).toEqual(links[0]);
    expect(kinds(links1)).toEqual(["receipt", "argument"]);
  });

  it("begins with them where only what that agent had read may not go there, and the agent had a say in it", () => {
    const session = opened(own, web);
    expect(kinds(chain(session, "mail/send", { sluice_node: "note", body: "x" }))).toEqual(["receipt", "context", "argument"]);
    expect(kinds(chain(session, "made/up"))).toEqual(["receipt", "context", "argument"]);
  });

  it("names no receipt of a message that had nothing to do with it", () => {
    const session = opened(own, own, []);
    expect(run(session, "ledger/list", {}, "x")).toBe("allow");
    session.check({ tool: "mail/send", args: { sluice_node: "note", body: "x" }, labels: { body: web } });
    const verdict = session.check({ tool: "mail/send", args: { sluice_node: "tell" }, labels: { body: web } });
    if (verdict.decision !== "deny") throw new Error("was allowed");
    expect(kinds(verdict.chain)).toEqual(["argument"]);
  });

  it("names none where that agent had read it, but the plan filled in what came from elsewhere", () => {
    const session = opened(own, web);
    expect(run(session, "ledger/list", {}, "x")).toBe("allow");
    const verdict = session.check({ tool: "mail/send", args: { sluice_node: "tell" }, labels: { body: web } });
    if (verdict.decision !== "deny") throw new Error("was allowed");
    expect(kinds(verdict.chain)).toEqual(["argument"]);
  });
});

it("follows 64 results of a line and no more", () => {
  const count = 70;
  const relay = (i: number): PlanNode => ({ tool: "inbox/read", args: { id: { from: `n${i - 1}$` } } });
  const line = Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i === 0 ? read : relay(i)]));
  const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: `n${count - 1}$` } } };
  const session = sessionOf(frozenPlan({ ...line, send }, { flows: [toMail], limits: { calls: 99 } }));
  for (let i = 0; i < count; i++) expect(run(session, "inbox/read", { sluice_node: `n${i}` }, "m1")).toBe("allow");
  const links = chain(session, "mail/send");
  // From the end of the line: what came last is nearest to the argument.
  const results = links.flatMap(({ kind, run: number }) => (kind === "result" ? [number] : []));
  expect(results).toEqual(Array.from({ length: 64 }, (_, i) => count - 64 + i));
  expect(links.at(-1)?.kind).toBe("argument");
});
