/**
 * Each rule by which a proposal becomes a plan, with proposals that are written down.
 */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { planOf } from "../../../src/infer/to-plan/to-plan.ts";
import { catalogueOf, draftOfScript, officeTools, proposalOf, type ScriptedCall } from "./scripted.ts";

const search: ScriptedCall = { tool: "people/search", words: "Find Ada", args: { query: { is: "Ada", words: "Ada" } } };

function codes(draft: ReturnType<typeof draftOfScript>): readonly string[] {
  return draft.findings.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe("constants", () => {
  it("stand as they are, typed", () => {
    const { plan } = draftOfScript("Pay 12.5 to DE1", [
      { tool: "bank/pay", args: { iban: { is: "DE1" }, amount: { is: 12.5 }, currency: { is: "EUR" } } },
    ]);
    expect(plan.nodes.pay?.args).toEqual({ iban: "DE1", amount: 12.5, currency: "EUR" });
  });

  it("of nested arguments are one object again", () => {
    const { plan } = draftOfScript("Lunch on May 3", [
      {
        tool: "calendar/create",
        args: { title: { is: "Lunch" }, "when.start": { is: "2026-05-03" }, "when.minutes": { is: 30 } },
      },
    ]);
    expect(plan.nodes.create?.args?.when).toEqual({ const: { start: "2026-05-03", minutes: 30 } });
  });

  it("beside what is asked for are an object of rules", () => {
    const { plan } = draftOfScript("Lunch on May 3", [
      {
        tool: "calendar/create",
        args: { title: { is: "Lunch" }, "when.start": { is: "2026-05-03" }, "when.minutes": { ask: true } },
      },
    ]);
    expect(plan.nodes.create?.args?.when).toEqual({ object: { start: "2026-05-03", minutes: { param: "minutes" } } });
  });

  it("of a list of objects are its columns: a list gives each row its own, one value stands in all", () => {
    const { plan } = draftOfScript("Invite two guests", [
      {
        tool: "calendar/create",
        args: {
          title: { is: "Lunch" },
          "when.start": { is: "2026-05-03" },
          "attendees.[].email": { is: ["a@x.example", "b@x.example"] },
          "attendees.[].role": { is: "guest" },
        },
      },
    ]);
    expect(plan.nodes.create?.args?.attendees).toEqual({
      const: [
        { email: "a@x.example", role: "guest" },
        { email: "b@x.example", role: "guest" },
      ],
    });
  });
});

describe("what the task does not say", () => {
  it("is a parameter with the type, the constraint and the description of the schema", () => {
    const draft = draftOfScript("Pay the bill", [{ tool: "bank/pay", args: { iban: { ask: true }, amount: { ask: true } } }]);
    expect(draft.plan.params).toEqual({
      iban: { type: "string", description: "iban for bank/pay" },
      amount: { type: "number", minimum: 0, maximum: 500, description: "Amount in euros" },
      currency: { type: "string", enum: ["EUR", "USD"], default: "EUR", description: "currency for bank/pay" },
    });
    expect(codes(draft)).toContain("INFER_ASKED /params/amount");
  });

  it("is asked for where the tool demands it and nobody proposed it, so that the draft can be frozen", () => {
    const { plan, findings } = draftOfScript("Send a mail", [{ tool: "mail/send", args: {} }]);
    expect(plan.nodes.send?.args).toEqual({ to: { param: "to" }, subject: { param: "subject" }, body: { param: "body" } });
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("is asked for once where calls of several tools ask for the same, and a finding says so", () => {
    const tool = (name: string): Json => ({
      name: `a/${name}`,
      inputSchema: { type: "object", properties: { token: { type: "string" } }, required: ["token"] },
    });
    const catalogue = catalogueOf({ tools: [tool("get_x"), tool("get_y")] });
    const calls = [
      { tool: "a/get_x", args: { token: { ask: true } } },
      { tool: "a/get_y", args: { token: { ask: true } } },
    ] as const;
    const draft = draftOfScript("Get both", calls, catalogue);
    expect(Object.keys(draft.plan.params ?? {})).toEqual(["token"]);
    expect(codes(draft)).toContain("INFER_ASKED_ONCE /params/token");
  });

  it("is asked for twice where one tool is called twice and nothing else tells the calls apart", () => {
    const calls = [
      { tool: "people/get", args: { id: { ask: true } } },
      { tool: "people/get", args: { id: { ask: true } } },
    ] as const;
    const { plan } = draftOfScript("Get two people", calls);
    expect(plan.nodes).toMatchObject({
      get: { args: { id: { param: "get_id" } } },
      get_2: { args: { id: { param: "get_2_id" } } },
    });
  });

  it("keeps of a schema what a parameter can say, and leaves the rest to the tool", () => {
    const schema = {
      type: ["string", "null"],
      pattern: "^[a-z]+$",
      format: "nobody-knows",
      maxLength: 9,
      "x-note": 1,
      default: 7,
    };
    const catalogue = catalogueOf({ tools: [{ name: "a/get", inputSchema: { type: "object", properties: { code: schema } } }] });
    const { plan } = draftOfScript("Get it", [{ tool: "a/get", args: { code: { ask: true } } }], catalogue);
    expect(plan.params?.code).toEqual({ type: "string", pattern: "^[a-z]+$", maxLength: 9, description: "code for a/get" });
  });
});

describe("several calls", () => {
  it("of one tool are several nodes", () => {
    const { plan } = draftOfScript("Get p1 and p2", [
      { tool: "people/get", args: { id: { is: "p1" } } },
      { tool: "people/get", args: { id: { is: "p2" } } },
    ]);
    expect(plan.nodes).toMatchObject({ get: { args: { id: "p1" } }, get_2: { args: { id: "p2" } } });
  });

  it("that are equal are one node that runs as often, and decisions point at it", () => {
    const pay: ScriptedCall = { tool: "bank/pay", args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } } };
    const { plan, decisions } = draftOfScript("Pay 5 to DE1 twice", [pay, pay]);
    expect(plan.nodes).toMatchObject({ pay: { times: 2, constraints: { budget: { sum: "amount", max: 10 } } } });
    expect(new Set(decisions.map(({ node }) => node))).toEqual(new Set(["pay"]));
  });

  it.each([
    ["Pay the bill, then notify a@x.example of it", ["pay"]],
    ["Pay the bill. Afterwards notify a@x.example of it", ["pay"]],
    ["Pay the bill. Finally, notify a@x.example of it", ["pay"]],
    ["Pay the bill before you notify a@x.example of it", ["pay"]],
    ["Pay the bill and notify a@x.example of it", undefined],
    ['Pay "then and then" and notify a@x.example of it', undefined],
    ["Pay next Friday's bill, notify a@x.example of it", undefined],
  ])("are ordered by the words of %j where the later one acts", (task, after) => {
    const draft = draftOfScript(task, [
      { tool: "bank/pay", words: "Pay", args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } } },
      { tool: "mail/notify", words: "notify", args: { address: { is: "a@x.example" }, text: { is: "paid" } } },
    ]);
    expect(draft.plan.nodes.notify?.after).toEqual(after);
  });

  it("are ordered the other way round where the words say so", () => {
    const { plan } = draftOfScript("Notify a@x.example after you pay DE1", [
      { tool: "mail/notify", words: "Notify", args: { address: { is: "a@x.example" }, text: { is: "paid" } } },
      { tool: "bank/pay", words: "pay", args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } } },
    ]);
    expect(plan.nodes.notify?.after).toEqual(["pay"]);
    expect(plan.nodes.pay?.after).toBeUndefined();
  });

  it("that only read, and those whose data flows, have no order by words", () => {
    const { plan } = draftOfScript("Find Ada, then get p1, then note it", [
      search,
      { tool: "people/get", words: "get p1", args: { id: { is: "p1" } } },
      { tool: "mail/notify", words: "note it", args: { address: { from: 1, path: "email" }, text: { is: "hi" } } },
    ]);
    expect(Object.values(plan.nodes).map(({ after }) => after)).toEqual([undefined, undefined, undefined]);
  });

  it("wait for a reader where the words say that they wait", () => {
    const pay: ScriptedCall = {
      tool: "bank/pay",
      words: "pay",
      args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } },
    };
    expect(draftOfScript("Find Ada before you pay DE1", [search, pay]).plan.nodes.pay?.after).toEqual(["search"]);
    expect(draftOfScript("Find Ada. Once that is done, pay DE1", [search, pay]).plan.nodes.pay?.after).toEqual(["search"]);
    expect(draftOfScript("Find Ada, then pay DE1", [search, pay]).plan.nodes.pay?.after).toBeUndefined();
  });

  it("that only read have no order where one could pass for the other, and those that act have", () => {
    const two = (tool: string, name: string, other: string): readonly ScriptedCall[] => [
      { tool, args: { [name]: { is: "x" } } },
      { tool, args: { [name]: { is: "x" }, [other]: { is: "sales" } } },
    ];
    const { plan } = draftOfScript("Find x, and x in sales", two("people/search", "query", "team"));
    expect(plan.nodes.search_2?.after).toBeUndefined();
    const acting = catalogueOf({
      tools: [
        { name: "a/remove", inputSchema: { type: "object", properties: { id: { type: "string" }, kind: { type: "string" } } } },
      ],
    });
    expect(draftOfScript("Remove x", two("a/remove", "id", "kind"), acting).plan.nodes.remove_2?.after).toEqual(["remove"]);
  });

  it("come after all acts that were named before at the end, and after no reader whose data they do not take", () => {
    const task = "Find Ada, pay DE1, and finally notify a@x.example";
    const { plan } = draftOfScript(task, [
      search,
      { tool: "bank/pay", words: "pay", args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } } },
      { tool: "mail/notify", words: "notify", args: { address: { is: "a@x.example" }, text: { is: "paid" } } },
    ]);
    expect(plan.nodes.notify?.after).toEqual(["pay"]);
  });
});

describe("what the draft says beside its nodes", () => {
  it("warns of a condition that it does not have, and not of politeness", () => {
    const calls: readonly ScriptedCall[] = [
      search,
      { tool: "bank/pay", words: "pay", args: { iban: { is: "DE1" }, amount: { is: 5 }, currency: { is: "EUR" } } },
    ];
    expect(codes(draftOfScript("Find Ada. If she is new, pay DE1 5 euros", calls))).toEqual(["INFER_CONDITION /nodes/pay"]);
    expect(codes(draftOfScript("Find Ada and pay DE1 5 euros if possible. Check if it worked", calls))).toEqual([]);
  });

  it("has default constraints: promises that are declared, a person's approval, sizes, a budget for what is asked for", () => {
    const { plan } = draftOfScript("Find Ada and pay", [search, { tool: "bank/pay", args: { amount: { ask: true } } }]);
    expect(plan.limits).toEqual({ calls: 2, maxBytes: 1_000_000 });
    expect(plan.nodes.search?.constraints).toEqual({ readOnly: true, noExternalNetwork: true });
    expect(plan.nodes.pay?.constraints).toEqual({ budget: { sum: "amount", max: 500 }, approve: "human" });
  });

  it("promises nothing of a tool that nobody has declared", () => {
    const catalogue = catalogueOf({
      tools: [{ name: "a/get_it", description: "Get it", inputSchema: { type: "object", properties: {} } }],
    });
    const { plan } = draftOfScript("Get it", [{ tool: "a/get_it" }], catalogue);
    expect(plan.nodes.get_it?.constraints?.noExternalNetwork).toBeUndefined();
  });

  it("names the plan that it was drafted from", () => {
    const task = "Find Ada";
    const planned = planOf(proposalOf(task, [search], { origin: { planner: "memory", from: "sha256:ab" } }), {
      task,
      catalogue: officeTools,
    });
    expect(planned).toMatchObject({ ok: true, value: { plan: { description: "drafted from the approved plan sha256:ab" } } });
  });

  it("rests each decision on words of the task, with alternatives where it is unsure", () => {
    const task = "Find Ada";
    const { decisions } = draftOfScript(task, [
      {
        tool: "people/search",
        words: "Find Ada",
        confidence: 0.99,
        others: ["people/get"],
        args: { query: { is: "Ada", words: "Ada", confidence: 0.5, or: "Find" } },
      },
    ]);
    expect(decisions).toEqual([
      {
        node: "search",
        kind: "tool",
        value: "people/search",
        confidence: 0.99,
        words: [{ text: "Find Ada", start: 0, end: 8 }],
        isUnsure: false,
        alternatives: [],
      },
      {
        node: "search",
        argument: "query",
        kind: "constant",
        value: "Ada",
        confidence: 0.5,
        words: [{ text: "Ada", start: 5, end: 8 }],
        isUnsure: true,
        alternatives: [{ kind: "constant", value: "Find", confidence: 0.1, words: [] }],
      },
    ]);
  });

  it("is no plan where the planner names a tool that the catalogue has not", () => {
    const other = catalogueOf({ tools: [{ name: "a/b", inputSchema: { type: "object", properties: {} } }] });
    const planned = planOf(proposalOf("Find Ada", [search]), { task: "Find Ada", catalogue: other });
    expect(planned).toEqual({ ok: false, error: "the planner names a tool that the catalogue has not: `people/search`" });
  });
});
