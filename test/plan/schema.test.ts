import { describe, expect, it } from "vitest";
import { describedSchema } from "../../docs/reference/plan-schema.ts";
import type { Json } from "../../src/json/value.ts";
import { parsePlan, planJsonSchema } from "../../src/plan/schema.ts";

const good = {
  sluice: 1,
  name: "rebalance-portfolio",
  task: "Rebalance towards 60/40, at most $50,000 per order",
  params: { ceiling: { type: "number", maximum: 50000 } },
  labels: { external_api: { integrity: "untrusted" }, risk_engine: { integrity: "trusted", readers: ["desk@example.com"] } },
  limits: { calls: 40, seconds: 600, maxBytes: 1000000 },
  notAfter: "2026-12-31T23:59:59Z",
  nodes: {
    quotes: {
      tool: "market/quotes",
      args: { symbols: ["VTI", "BND"] },
      labels: ["external_api"],
      constraints: { readOnly: true },
    },
    risk: {
      tool: "risk/check",
      args: { quotes: { from: "quotes$" } },
      removes: { labels: ["external_api"], paths: ["$.orders"] },
    },
    total: { let: "size(risk.orders)" },
    order: {
      tool: "broker/order",
      each: { from: "risk$.orders[*]", max: 4 },
      args: {
        symbol: { item: "$.symbol", match: { enum: ["VTI", "BND"] } },
        quantity: { item: "$.quantity" },
        note: { object: { text: { write: { maxLength: 10, links: "none" } }, tags: [{ param: "ceiling" }, "x", null] } },
        url: { template: "url", text: "https://a.example/{x}", with: { x: { from: "quotes$.id", pick: "first" } } },
        side: {
          choose: { enum: ["buy"] },
          optional: true,
          endorse: { from: "external_api", to: "risk_engine", why: "two sides" },
        },
        id: 12345678901234567890n,
        account: { const: { number: 98765432109876543210n } },
      },
      require: ["args.quantity <= params.ceiling"],
      constraints: { budget: [{ sum: "quantity", max: 500, per: "day", scope: "principal" }], rate: { calls: 2, per: "minute" } },
      times: { min: 0, max: 3 },
      show: ["$.id"],
    },
  },
  flows: [{ id: "unsanitized-market-data", deny: ["external_api"], to: "broker/*", roles: ["target", "control"] }],
} as const;

/** One node with these members beside its tool. */
const node = (members: object): Json => ({ sluice: 1, name: "p", nodes: { n: { tool: "s/t", ...members } } }) as unknown as Json;
/** One argument with this rule. */
const arg = (rule: unknown): Json => node({ args: { a: rule } });
const withMember = (members: object): Json =>
  ({ sluice: 1, name: "p", nodes: { n: { tool: "s/t" } }, ...members }) as unknown as Json;
let deep: Json = { param: "p" };
for (let i = 0; i < 18; i++) deep = [deep];
let deeper: Json = 1;
for (let i = 0; i < 70; i++) deeper = [deeper];

const bad: readonly (readonly [what: string, plan: unknown, code: string, pointer: string])[] = [
  ["no object", "plan", "PLAN_TYPE", ""],
  ["nothing", null, "PLAN_TYPE", ""],
  ["no version", { name: "p", nodes: { n: { tool: "t" } } }, "PLAN_MISSING", "/sluice"],
  ["another version", withMember({ sluice: 2 }), "PLAN_VALUE", "/sluice"],
  ["a version as text", withMember({ sluice: "1" }), "PLAN_VALUE", "/sluice"],
  ["no name", { sluice: 1, nodes: { n: { tool: "t" } } }, "PLAN_MISSING", "/name"],
  ["a name beyond ASCII", withMember({ name: "plän" }), "PLAN_FORMAT", "/name"],
  ["a name that is too long", withMember({ name: "a".repeat(129) }), "PLAN_FORMAT", "/name"],
  ["a name that ends with a line feed", withMember({ name: "plan\n" }), "PLAN_FORMAT", "/name"],
  ["no nodes", withMember({ nodes: {} }), "PLAN_RANGE", "/nodes"],
  ["nodes as a list", withMember({ nodes: [] }), "PLAN_TYPE", "/nodes"],
  ["an unknown member", withMember({ flow: [] }), "PLAN_MEMBER", "/flow"],
  ["an instant that is no date", withMember({ notAfter: "2026-02-30T00:00:00Z" }), "PLAN_VALUE", "/notAfter"],
  ["an unknown integrity", withMember({ labels: { l: { integrity: "high" } } }), "PLAN_VALUE", "/labels/l/integrity"],
  ["a label name with a space", withMember({ labels: { "a b": { integrity: "trusted" } } }), "PLAN_NAME", "/labels/a b"],
  ["a limit of nothing", withMember({ limits: { calls: 0 } }), "PLAN_RANGE", "/limits/calls"],
  ["a limit beyond all limits", withMember({ limits: { maxBytes: 1e12 } }), "PLAN_RANGE", "/limits/maxBytes"],
  ["half a call", withMember({ limits: { calls: 1.5 } }), "PLAN_TYPE", "/limits/calls"],
  ["a parameter of unknown type", withMember({ params: { p: { type: "text" } } }), "PLAN_VALUE", "/params/p/type"],
  ["a flow rule without an id", withMember({ flows: [{ deny: ["x"], to: "*" }] }), "PLAN_MISSING", "/flows/0/id"],
  ["a flow rule that denies nothing", withMember({ flows: [{ id: "f", deny: [], to: "*" }] }), "PLAN_RANGE", "/flows/0/deny"],
  [
    "an unknown role",
    withMember({ flows: [{ id: "f", deny: ["x"], to: "*", roles: ["sink"] }] }),
    "PLAN_VALUE",
    "/flows/0/roles/0",
  ],
  [
    "two flow rules of one id",
    withMember({
      flows: [
        { id: "f", deny: ["x"], to: "*" },
        { id: "f", deny: ["y"], to: "*" },
      ],
    }),
    "PLAN_DUPLICATE",
    "/flows/1/id",
  ],
  ["a node without tool or let", withMember({ nodes: { n: {} } }), "PLAN_NODE", "/nodes/n"],
  ["a node with tool and let", node({ let: "1" }), "PLAN_NODE", "/nodes/n"],
  ["a let with arguments", withMember({ nodes: { n: { let: "1", args: {} } } }), "PLAN_MEMBER", "/nodes/n/args"],
  ["a node name with a slash", withMember({ nodes: { "a/b": { tool: "t" } } }), "PLAN_NAME", "/nodes/a~1b"],
  [
    "a member called __proto__",
    JSON.parse('{"sluice":1,"name":"p","nodes":{"n":{"tool":"t","args":{"__proto__":1}}}}'),
    "PLAN_NAME",
    "/nodes/n/args/__proto__",
  ],
  ["a misspelt member", node({ arg: {} }), "PLAN_MEMBER", "/nodes/n/arg"],
  ["an argument called sluice_node", node({ args: { sluice_node: "n" } }), "PLAN_NAME", "/nodes/n/args/sluice_node"],
  ["a rule without a class", arg({ value: 1 }), "PLAN_RULE", "/nodes/n/args/a"],
  ["a rule with two classes", arg({ const: 1, from: "x$" }), "PLAN_RULE", "/nodes/n/args/a"],
  ["a rule with a stranger", arg({ const: 1, form: "x$" }), "PLAN_MEMBER", "/nodes/n/args/a/form"],
  ["a bad rule in a list in an object", arg({ object: { x: [1, { prm: "p" }] } }), "PLAN_RULE", "/nodes/n/args/a/object/x/1"],
  [
    "a bad rule in a template",
    arg({ template: "url", text: "{x}", with: { x: { from: 5 } } }),
    "PLAN_TYPE",
    "/nodes/n/args/a/with/x/from",
  ],
  ["a reference without a path", arg({ from: "quotes" }), "PLAN_FORMAT", "/nodes/n/args/a/from"],
  ["an item path without a dollar", arg({ item: "symbol" }), "PLAN_FORMAT", "/nodes/n/args/a/item"],
  ["where on an item", arg({ item: "$.x", where: "true" }), "PLAN_MEMBER", "/nodes/n/args/a/where"],
  ["an unknown pick", arg({ from: "x$", pick: "any" }), "PLAN_VALUE", "/nodes/n/args/a/pick"],
  ["an unknown template", arg({ template: "html", text: "" }), "PLAN_VALUE", "/nodes/n/args/a/template"],
  [
    "an endorsement without a reason",
    arg({ choose: {}, endorse: { from: "x", to: "y" } }),
    "PLAN_MISSING",
    "/nodes/n/args/a/endorse/why",
  ],
  ["links by a word", arg({ write: { links: "all" } }), "PLAN_TYPE", "/nodes/n/args/a/write/links"],
  ["no number", arg(Number.NaN), "PLAN_JSON", "/nodes/n/args/a"],
  ["half a surrogate pair", arg("\ud800"), "PLAN_JSON", "/nodes/n/args/a"],
  ["a function", arg(() => 1), "PLAN_JSON", "/nodes/n/args/a"],
  ["an undefined member", arg({ const: undefined }), "PLAN_JSON", "/nodes/n/args/a/const"],
  ["rules that nest too deep", arg(deep), "PLAN_TOO_LARGE", `/nodes/n/args/a${"/0".repeat(17)}`],
  ["a value that nests too deep", arg({ const: deeper }), "PLAN_TOO_LARGE", `/nodes/n/args/a/const${"/0".repeat(60)}`],
  ["min above max", node({ times: { min: 3, max: 2 } }), "PLAN_RANGE", "/nodes/n/times/min"],
  ["times of nothing", node({ times: 0 }), "PLAN_RANGE", "/nodes/n/times"],
  ["each without a bound", node({ each: { from: "x$" } }), "PLAN_MISSING", "/nodes/n/each/max"],
  ["each of too many", node({ each: { from: "x$", max: 1e9 } }), "PLAN_RANGE", "/nodes/n/each/max"],
  ["show by a word", node({ show: "some" }), "PLAN_TYPE", "/nodes/n/show"],
  ["an approval by nobody", node({ constraints: { approve: "model" } }), "PLAN_VALUE", "/nodes/n/constraints/approve"],
  ["a misspelt constraint", node({ constraints: { readonly: true } }), "PLAN_MEMBER", "/nodes/n/constraints/readonly"],
  ["a negative budget", node({ constraints: { budget: { max: -1 } } }), "PLAN_RANGE", "/nodes/n/constraints/budget/max"],
];

describe("parsePlan", () => {
  it("takes a plan with every kind of member, and gives back the value itself", () => {
    const result = parsePlan(good as unknown as Json);
    expect(result).toEqual({ ok: true, value: good });
    expect(result.ok && result.value).toBe(good);
  });

  it.each(bad)("refuses %s at its place", (_what, plan, code, pointer) => {
    const result = parsePlan(plan as Json);
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.error.map((finding) => `${finding.code} ${finding.pointer}`)).toEqual([`${code} ${pointer}`]);
    expect(result.error[0]?.severity).toBe("error");
    expect(result.error[0]?.message).not.toMatch(/\n|Invalid|Unrecognized|\.$/);
  });

  it("reports every fault of a plan in one go", () => {
    const result = parsePlan({
      sluice: 1,
      nodes: { n: { tol: "s/t", args: { a: { from: 1 }, b: { write: 1 } } } },
    } as unknown as Json);
    expect(result.ok ? [] : result.error.map((finding) => finding.pointer)).toEqual([
      "/name",
      "/nodes/n/tool",
      "/nodes/n/args/a/from",
      "/nodes/n/args/b/write",
      "/nodes/n/tol",
    ]);
  });

  it("names the known member that is nearest to an unknown one", () => {
    const result = parsePlan(node({ constraints: { readonly: true }, requires: [] }));
    expect(result.ok ? [] : result.error.map((finding) => finding.message)).toEqual([
      "unknown member `readonly`: did you mean `readOnly`?",
      "unknown member `requires`: did you mean `require`?",
    ]);
  });

  it("never shows control characters of a name in a message", () => {
    const result = parsePlan(node({ "evil\u001b[31m": 1 }));
    expect(result.ok ? "" : result.error[0]?.message).toContain("evil\\u{1b}[31m");
  });

  it("does not look through the prototype of a value", () => {
    const inherited = Object.assign(Object.create({ tool: "s/t" }), { description: "x" });
    expect(parsePlan({ sluice: 1, name: "p", nodes: { n: inherited } } as unknown as Json).ok).toBe(false);
  });

  it("takes names of tools with single blanks inside, as catalogues in the wild have them, and no others with blanks", () => {
    const reads = (tool: string): boolean => parsePlan({ sluice: 1, name: "p", nodes: { n: { tool } } }).ok;
    expect(["s/Mail Check: is it free?", "local/a b c"].map(reads)).toEqual([true, true]);
    expect([" s/t", "s/t ", "s/a  b", "s/a\tb", "s/a\u00a0b", "", `s/${"a ".repeat(127)}ab`].map(reads)).toEqual(
      Array(7).fill(false),
    );
  });

  it("reads 100,000 nodes in seconds, not minutes", { timeout: 60_000 }, () => {
    const nodes: { [name: string]: Json } = {};
    for (let i = 0; i < 100_000; i++)
      nodes[`n${i}`] = { tool: "s/t", args: { a: { from: `n${Math.max(0, i - 1)}$.x` }, b: "c" } };
    expect(parsePlan({ sluice: 1, name: "p", nodes }).ok).toBe(true);
  });
});

describe("planJsonSchema", () => {
  it("is what plan.schema.json holds (vitest -u writes it)", async () => {
    // With a sentence for each member, which editors show.
    const schema = describedSchema(planJsonSchema());
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../../src/plan/plan.schema.json");
  });

  it("describes an argument rule by the eleven forms, each closed", () => {
    const rule = (
      planJsonSchema() as { $defs: { ArgRule: { anyOf: readonly { type?: string; additionalProperties?: unknown }[] } } }
    ).$defs.ArgRule;
    expect(rule.anyOf.length).toBe(11);
    for (const form of rule.anyOf) if (form.type === "object") expect(form.additionalProperties).toBe(false);
  });
});
