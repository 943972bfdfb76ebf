/**
 * What a plan names outside of itself: tools by their full names, what is said of a name that nobody knows, the servers and labels that are
 * frozen with it, and what holds where there is no catalogue.
 */
import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { catalogueOf, labelUses, resolvePlan } from "../../src/plan/freeze-resolve.ts";
import type { Plan } from "../../src/plan/plan.ts";

function catalogue(file: Json): Catalogue {
  const read = readCatalogue(file);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const bank = catalogue({
  labels: {
    bill: { integrity: "untrusted" },
    desk: { integrity: "trusted" },
    spare: { integrity: "trusted" },
    external_api: { integrity: "untrusted", readers: ["ops"] },
  },
  servers: { bank: { name: "bank", url: "https://bank.example" } },
  tools: [
    { name: "bank/pay", sluice: { effects: ["money"] } },
    { name: "files/read", sluice: { effects: ["read"], labels: ["bill"] } },
    { name: "ledger/read", sluice: { effects: ["read"], labels: ["desk"] } },
  ],
});
const planOf = (nodes: Plan["nodes"], more: Partial<Plan> = {}): Plan => ({ sluice: 1, name: "p", nodes, ...more });

describe("a plan with a catalogue", () => {
  it("names each tool in full, in nodes and in the envelope, and is itself where it did before", () => {
    const full = planOf({ pay: { tool: "bank/pay", args: {} }, sum: { let: "1" } }, { envelope: [{ tool: "files/read" }] });
    const { frozen, findings, undescribed } = resolvePlan(full, bank);
    expect([frozen.plan, findings, [...undescribed]]).toEqual([full, [], []]);
    expect(frozen.plan.nodes.pay).toBe(full.nodes.pay);
    expect(frozen.plan.envelope?.[0]).toBe(full.envelope?.[0]);
    const short = planOf({ pay: { tool: "pay", args: { a: 1 } } }, { envelope: [{ tool: "pay", times: 2 }] });
    expect(resolvePlan(short, bank).frozen.plan).toEqual(
      planOf({ pay: { tool: "bank/pay", args: { a: 1 } } }, { envelope: [{ tool: "bank/pay", times: 2 }] }),
    );
    expect(Object.hasOwn(resolvePlan(planOf({}), bank).frozen.plan, "envelope")).toBe(false);
  });

  it("is told where it names a tool that nobody has, and which one was meant; of such a tool nothing is known", () => {
    const { frozen, findings, undescribed } = resolvePlan(
      planOf({ pay: { tool: "bank/pya" }, far: { tool: "weather/today" } }, { envelope: [{ tool: "files/raed" }] }),
      bank,
    );
    expect(findings.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`)).toEqual([
      "TOOL_UNKNOWN /nodes/pay/tool: the catalogue has no tool `bank/pya`: did you mean `bank/pay`?",
      "TOOL_UNKNOWN /nodes/far/tool: the catalogue has no tool `weather/today`",
      "TOOL_UNKNOWN /envelope/0/tool: the catalogue has no tool `files/raed`: did you mean `files/read`?",
    ]);
    expect([...undescribed]).toEqual(["bank/pya", "weather/today", "files/raed"]);
    expect(frozen.tools["weather/today"]).toEqual({
      name: "weather/today",
      definition: { name: "weather/today" },
      facts: { effects: [], roles: {}, inferred: ["labels", "effects", "roles"] },
    });
  });

  it("is told no near name where two are meant, and none of a catalogue of more than 1,000 tools", () => {
    const two = catalogue({ tools: [{ name: "a/read" }, { name: "b/read" }] });
    expect(resolvePlan(planOf({ x: { tool: "read" } }), two).findings).toMatchObject([
      { code: "TOOL_AMBIGUOUS", pointer: "/nodes/x/tool", message: "several servers have a tool `read`; write server/tool" },
    ]);
    const many = (count: number): Catalogue =>
      catalogue({ tools: Array.from({ length: count }, (_, i) => ({ name: `server/tool${i}` })) });
    const said = (count: number): string =>
      resolvePlan(planOf({ x: { tool: "server/toool1" } }), many(count)).findings[0]?.message ?? "";
    expect(said(1_000)).toContain("did you mean `server/tool1`?");
    expect(said(1_001)).toBe("the catalogue has no tool `server/toool1`");
  });

  it("carries the tools and servers that it uses and no others, in the order of their names", () => {
    const { frozen } = resolvePlan(planOf({ b: { tool: "ledger/read" }, a: { tool: "bank/pay" }, c: { tool: "plain" } }), bank);
    expect(Object.keys(frozen.tools)).toEqual(["bank/pay", "ledger/read", "plain"]);
    expect(Object.entries(frozen.servers)).toEqual([
      ["bank", { name: "bank", url: "https://bank.example" }],
      ["ledger", { name: "ledger" }],
      ["local", { name: "local" }],
    ]);
    expect([frozen.kind, frozen.version, frozen.digest]).toEqual(["sluice.frozen-plan", 1, ""]);
  });

  it("carries the labels that it names, that its tools give, that it declares anew, and those that always count", () => {
    const labels = (plan: Plan): readonly string[] => Object.keys(resolvePlan(plan, bank).frozen.labels);
    expect(labels(planOf({ pay: { tool: "bank/pay" } }))).toEqual(["external_api"]);
    expect(labels(planOf({ read: { tool: "files/read" } }))).toEqual(["bill", "external_api"]);
    expect(labels(planOf({ pay: { tool: "bank/pay", labels: ["spare", "unheard"] } }))).toEqual(["external_api", "spare"]);
    expect(labels(planOf({}, { labels: { desk: { integrity: "untrusted" } } }))).toEqual(["desk", "external_api"]);
    const flow = { id: "f", deny: ["spare"], to: "*" };
    expect(resolvePlan(planOf({}, { flows: [flow] }), bank).frozen.labels).toEqual({
      external_api: { integrity: "untrusted", readers: ["ops"] },
      spare: { integrity: "trusted" },
    });
  });
});

describe("a plan without a catalogue", () => {
  it("takes what the names of its tools suggest, of nodes and of the envelope, and says that nobody described them", () => {
    const { frozen, findings, undescribed } = resolvePlan(
      planOf({ pay: { tool: "bank/pay" }, sum: { let: "1" } }, { envelope: [{ tool: "mail/send" }] }),
      undefined,
    );
    expect([findings, [...undescribed]]).toEqual([[], ["bank/pay", "mail/send"]]);
    expect(frozen.tools["bank/pay"]?.facts.inferred).toContain("effects");
    expect(frozen.tools["mail/send"]?.facts.effects).toEqual(
      catalogue({ tools: [{ name: "mail/send" }] }).tools.get("mail/send")?.facts.effects,
    );
    expect(Object.keys(frozen.servers)).toEqual(["bank", "mail"]);
  });

  it("is resolved although its names make no catalogue, without a finding of that", () => {
    const { frozen, findings, undescribed } = resolvePlan(planOf({ a: { tool: "pay" }, b: { tool: "local/pay" } }), undefined);
    expect([Object.keys(frozen.tools).length > 0, findings, undescribed.size > 0]).toEqual([true, [], true]);
  });
});

it("names each mention of a label with its place, one or several", () => {
  const plan = planOf(
    {
      a: {
        tool: "bank/pay",
        labels: ["one"],
        removes: { labels: ["two"], paths: ["$"] },
        args: {
          x: {
            param: "p",
            endorse: { from: ["three", "four"], to: "five", why: "w" },
            declassify: { from: "six", to: "public", why: "w" },
          },
        },
      },
      b: { let: "1" },
    },
    { flows: [{ id: "f", deny: ["seven"], to: "*" }] },
  );
  expect(labelUses(plan).map(({ name, by, path }) => `${name} ${by} ${path.join("/")}`)).toEqual([
    "one labels nodes/a/labels/0",
    "two removes nodes/a/removes/labels/0",
    "three endorse-from nodes/a/args/x/endorse/from/0",
    "four endorse-from nodes/a/args/x/endorse/from/1",
    "five endorse-to nodes/a/args/x/endorse/to",
    "six declassify-from nodes/a/args/x/declassify/from",
    "seven deny flows/0/deny/0",
  ]);
});

it("is itself a catalogue of its tools, by full names alone", () => {
  const { frozen } = resolvePlan(planOf({ pay: { tool: "pay" } }), bank);
  const own = catalogueOf(frozen);
  expect([own.findings, own.labels, [...own.servers.keys()]]).toEqual([[], frozen.labels, ["bank"]]);
  expect(own.resolve("bank/pay")).toMatchObject({ ok: true, value: { name: "bank/pay" } });
  expect(own.resolve("pay", ["nodes", "pay", "tool"])).toEqual({
    ok: false,
    error: {
      code: "TOOL_UNKNOWN",
      severity: "error",
      pointer: "/nodes/pay/tool",
      message: "the frozen plan does not hold the tool `pay`",
    },
  });
  expect(own.resolve("pay")).toMatchObject({ error: { pointer: "" } });
});
