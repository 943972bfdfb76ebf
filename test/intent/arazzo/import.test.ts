/**
 * What workflows of Arazzo come to as plans: their steps, expressions, criteria and actions, and what the engine then allows.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { catalogueFromOpenApi } from "../../../src/catalogue/from/openapi.ts";
import { createGuard } from "../../../src/engine.ts";
import { type ArazzoOptions, importArazzo } from "../../../src/intent/arazzo/import.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { must } from "../../plans/example.ts";

const loans = readFileSync(new URL("loans.arazzo.yaml", import.meta.url), "utf8");

/** A document with some steps of one API. */
function documentOf(steps: readonly JsonObject[], more: JsonObject = {}): string {
  const { workflow = {}, ...root } = more as { readonly workflow?: JsonObject };
  return JSON.stringify({
    arazzo: "1.0.1",
    info: { title: "Pets", version: "1" },
    sourceDescriptions: [{ name: "pets", url: "./pets.yaml", type: "openapi" }],
    workflows: [{ workflowId: "w", steps, ...workflow }],
    ...root,
  });
}

function planOf(steps: readonly JsonObject[], more?: JsonObject, catalogue?: Catalogue, options?: ArazzoOptions): Plan {
  return must(importArazzo(documentOf(steps, more), catalogue, options), "importArazzo").plan;
}

const stringInputs = (...names: readonly string[]): JsonObject => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});
const find = { stepId: "find", operationId: "findPet", outputs: { id: "$response.body#/pets/0/id", all: "$response.body" } };
const buy = { stepId: "buy", operationId: "buyPet" };

/** The verdicts on calls of a plan, each with the result that is recorded if it is allowed. */
function play(
  plan: Plan,
  calls: readonly (readonly [tool: string, args: JsonObject, result: Json | Error])[],
  params: JsonObject = {},
): readonly string[] {
  let now = Date.UTC(2026, 0, 1);
  const tools = [...new Set(Object.values(plan.nodes).map((node) => node.tool ?? ""))].map((name) => ({
    name,
    inputSchema: { type: "object", additionalProperties: true },
    sluice: { effects: ["read"], labels: ["ours"] },
  }));
  const catalogue = must(readCatalogue({ tools, labels: { ours: { integrity: "trusted" } } }), "catalogue");
  const guard = must(
    createGuard(must(freezePlan(plan, catalogue), "freezePlan"), { clock: () => (now += 1_000) }),
    "createGuard",
  );
  const session = must(guard.session({ id: "s", key: "00112233445566778899aabbccddeeff", principal: "p", params }), "session");
  return calls.map(([tool, args, result]) => {
    const verdict = session.check({ tool, args });
    if (verdict.decision === "deny") return verdict.code;
    session.record(verdict.run, result instanceof Error ? { error: result.message } : { value: result });
    return "allow";
  });
}

describe("a workflow of Arazzo", () => {
  it("becomes a plan of its steps in a row, with what it says of each", () => {
    const { plan, findings } = must(importArazzo(loans, undefined), "importArazzo");
    expect(plan.name).toBe("pay-later");
    expect(plan.task).toBe("Buy the basket and pay for it later");
    expect(Object.keys(plan.params ?? {})).toEqual(["customer", "basket", "token", "currency"]);
    expect(plan.nodes.checkCustomer).toMatchObject({
      tool: "loans/findCustomer",
      description: "Only customers who are allowed to pay later go on.",
      args: {
        Authorization: { template: "header", text: "Bearer {token}", with: { token: { param: "token" } } },
        customerId: { param: "customer" },
      },
    });
    expect(plan.nodes.plan?.args).toMatchObject({
      account: { with: { id: { from: "checkCustomer$.accounts[0].id" } } },
      amount: { expr: "params.basket.total" },
      parts: 4,
    });
    expect(plan.nodes.order?.args).toMatchObject({
      dryRun: false,
      ship: { object: { to: { param: "customer" }, tags: ["later", "3"] } },
    });
    // Three steps, and one of them up to three times more.
    expect(plan.limits?.calls).toBe(6);
    expect(plan.nodes.plan?.constraints?.idempotent).toBe(true);
    const lost = findings
      .filter(({ code }) => code === "IMPORT_FIELD_LOST")
      .map(({ message }) => /\((\/.*)\)$/.exec(message)?.[1]);
    expect(lost).toEqual([
      "/workflows/0/steps/1/requestBody/contentType",
      "/workflows/0/steps/1/onFailure/0/retryAfter",
      "/info/title",
      "/info/summary",
      "/info/version",
      "/sourceDescriptions/0/url",
      "/sourceDescriptions/1/url",
      "/workflows/0/outputs",
    ]);
    expect(findings.map(({ code }) => code)).toContain("IMPORT_RETRY_WIDER");
  });

  it("runs under the engine as the workflow would: a blocked customer gets no plan and no order", () => {
    const { plan } = must(importArazzo(loans, undefined), "importArazzo");
    const params = { customer: "C1234", basket: { total: 10, items: ["a"] }, token: "t" };
    const limits = [{ currency: "EUR", amount: 5 }];
    const check = (result: Json | Error) => ["loans/findCustomer", {}, result] as const;
    const later = ["loans/createPlan", {}, { id: 1 }] as const;
    const order = ["shop/placeOrder", {}, {}] as const;
    const accounts = [{ id: "A1" }];
    expect(play(plan, [later, check({ status: "ok", accounts, limits }), later, order], params)).toEqual([
      "CALL_OUT_OF_ORDER",
      "allow",
      "allow",
      "allow",
    ]);
    expect(play(plan, [check({ status: "BLOCKED", accounts, limits }), later, order], params)).toEqual([
      "allow",
      "CALL_GUARD",
      "CALL_GUARD",
    ]);
    // The success criterion does not hold: the workflow ends.
    expect(play(plan, [check({ status: "ok", accounts, limits: [] }), later, order], params)).toEqual([
      "allow",
      "CALL_REQUIRE",
      "CALL_OUT_OF_ORDER",
    ]);
    // `goto` passes over a step.
    expect(play(plan, [check({ status: "ok", openPlan: 7, accounts, limits }), later, order], params)).toEqual([
      "allow",
      "CALL_GUARD",
      "allow",
    ]);
    // A failed call is made again, three times at most.
    const failing = ["loans/createPlan", {}, new Error("503")] as const;
    expect(
      play(plan, [check({ status: "ok", accounts, limits }), failing, order, failing, failing, later, order, order], params),
    ).toEqual(["allow", "allow", "CALL_OUT_OF_ORDER", "allow", "allow", "allow", "allow", "CALL_LIMIT"]);
  });

  it("takes its values from inputs, outputs, requests and constants", () => {
    const steps = [
      {
        ...find,
        parameters: [{ name: "q", in: "query", value: "$inputs.q" }],
        outputs: { ...find.outputs, sent: "$request.query.q", name: "$response.body#/a~1b/c d" },
      },
      {
        ...buy,
        parameters: [
          { name: "id", in: "path", value: "$steps.find.outputs.id" },
          { name: "deep", in: "query", value: "$steps.find.outputs.all#/x/1" },
          { name: "sent", in: "query", value: "$steps.find.outputs.sent" },
          { name: "name", in: "query", value: "$steps.find.outputs.name" },
          { name: "price", in: "query", value: "$5.00" },
          { name: "link", in: "query", value: "https://pets.example/{$steps.find.outputs.id}?q={$inputs.q}" },
          { name: "list", in: "query", value: [1, "$inputs.q"] },
          { name: "api", in: "query", value: "$sourceDescriptions.pets.url" },
        ],
      },
    ];
    expect(planOf(steps, { workflow: { inputs: stringInputs("q") } }).nodes.buy?.args).toEqual({
      id: { from: "find$.pets[0].id" },
      deep: { from: "find$.x[1]" },
      sent: { param: "q" },
      name: { from: "find$['a/b']['c d']" },
      price: "$5.00",
      link: {
        template: "url",
        text: "https://pets.example/{id}?q={q}",
        with: { id: { from: "find$.pets[0].id" }, q: { param: "q" } },
      },
      list: [1, { param: "q" }],
      api: "./pets.yaml",
    });
  });

  it("runs other workflows in their place, with what is given to them", () => {
    const login = {
      workflowId: "login",
      inputs: { type: "object", properties: { user: { type: "string" }, tries: { type: "integer", default: 2 } } },
      steps: [
        {
          stepId: "in",
          operationId: "login",
          requestBody: { payload: { user: "$inputs.user", tries: "$inputs.tries" } },
          outputs: { token: "$response.body#/token" },
        },
      ],
      outputs: { token: "$steps.in.outputs.token" },
    };
    const text = documentOf([], {
      workflows: [
        login,
        {
          workflowId: "main",
          inputs: stringInputs("who"),
          steps: [
            { stepId: "auth", workflowId: "login", parameters: [{ name: "user", value: "$inputs.who" }] },
            { ...buy, parameters: [{ name: "token", in: "header", value: "$steps.auth.outputs.token" }] },
          ],
        },
      ],
    });
    const { plan } = must(importArazzo(text, undefined), "importArazzo");
    expect(plan.nodes).toEqual({
      auth_in: { tool: "pets/login", args: { user: { param: "who" }, tries: 2 } },
      buy: { tool: "pets/buyPet", after: ["auth_in"], args: { token: { from: "auth_in$.token" } } },
    });
    const depending = documentOf([], {
      workflows: [
        login,
        {
          workflowId: "main",
          dependsOn: ["login"],
          steps: [{ ...buy, parameters: [{ name: "t", in: "query", value: "$workflows.login.outputs.token" }] }],
        },
      ],
    });
    const after = must(importArazzo(depending, undefined), "importArazzo").plan;
    expect(Object.keys(after.params ?? {})).toEqual(["login_user", "login_tries"]);
    expect(after.nodes.buy?.args).toEqual({ t: { from: "login_in$.token" } });
  });

  it("uses the components that it refers to, and what the step says stands for what the workflow says", () => {
    const components = {
      parameters: { page: { name: "page", in: "query", value: 1 } },
      successActions: { stop: { name: "stop", type: "end", criteria: [{ condition: "$response.body#/none == true" }] } },
    };
    const workflow = {
      parameters: [{ reference: "$components.parameters.page" }, { name: "lang", in: "query", value: "en" }],
      successActions: [{ reference: "$components.successActions.stop" }],
    };
    const steps = [{ ...find, parameters: [{ reference: "$components.parameters.page", value: 2 }] }, buy];
    const plan = planOf(steps, { components, workflow });
    expect(plan.nodes.find?.args).toEqual({ lang: "en", page: 2 });
    expect(plan.nodes.buy?.args).toEqual({ page: 1, lang: "en" });
    expect(plan.nodes.buy?.when).toBe("!(find.none == true)");
  });

  it("compares texts without case, as the specification demands", () => {
    const steps = [
      {
        ...find,
        successCriteria: [{ condition: "$response.body#/state == 'Free' && ($inputs.n >= 2 || !($response.body.ok))" }],
      },
      buy,
    ];
    const workflow = { inputs: { type: "object", required: ["n"], properties: { n: { type: "integer" } } } };
    const plan = planOf(steps, { workflow });
    expect(plan.nodes.buy?.require).toEqual(['lowerAscii(find.state) == "free"', "(params.n >= 2 || !(find.ok))"]);
    expect(
      play(
        plan,
        [
          ["pets/findPet", {}, { state: "FREE", ok: true }],
          ["pets/buyPet", {}, {}],
        ],
        { n: 2 },
      ),
    ).toEqual(["allow", "allow"]);
    expect(
      play(
        plan,
        [
          ["pets/findPet", {}, { state: "gone", ok: true }],
          ["pets/buyPet", {}, {}],
        ],
        { n: 2 },
      ),
    ).toEqual(["allow", "CALL_REQUIRE"]);
  });

  it.each([
    ["regex", "$response.body#/name", "^R[ae]x$", { name: "Rex" }, { name: "Rexy" }],
    ["regex", "$response.body#/name", "ex", { name: "Rex" }, { name: "Rx" }],
    ["jsonpath", "$response.body", "$.pets[?@.age > 3]", { pets: [{}, { age: 4 }] }, { pets: [{ age: 3 }] }],
    ["jsonpath", "$response.body", "$.pets[0].name", { pets: [{ name: 1 }] }, { pets: [] }],
    [
      "jsonpath",
      "$response.body#/pets",
      "$[?count(@.tags) > 0 && @.kind != 'cat']",
      [{ tags: [], kind: "dog" }],
      [{ tags: 1, kind: "cat" }],
    ],
  ])("ends where a criterion of type %s on %s does not hold: %s", (type, context, condition, good, bad) => {
    const wrap = (value: unknown): Json => (Array.isArray(value) ? { pets: value } : value) as Json;
    const plan = planOf([{ ...find, successCriteria: [{ type, context, condition }] }, buy]);
    const run = (result: unknown): readonly string[] =>
      play(plan, [
        ["pets/findPet", {}, wrap(result)],
        ["pets/buyPet", {}, {}],
      ]);
    expect(run(good)).toEqual(["allow", "allow"]);
    expect(run(bad)).toEqual(["allow", "CALL_REQUIRE"]);
  });

  it("gives an optional input a default, or asks for it", () => {
    const workflow = {
      inputs: { type: "object", properties: { a: { type: "string", default: "x" }, b: { type: "string", format: "password" } } },
    };
    const { plan, findings } = must(importArazzo(documentOf([find], { workflow }), undefined), "importArazzo");
    expect(plan.params).toEqual({ a: { type: "string", default: "x" }, b: { type: "string" } });
    expect(findings.filter(({ code }) => code === "IMPORT_INPUT_REQUIRED").map(({ pointer }) => pointer)).toEqual(["/params/b"]);
  });

  it("keeps what JSON Schema means by a pattern and by an object", () => {
    const properties = {
      part: { type: "string", pattern: "[0-9]" },
      whole: { type: "string", pattern: "^(?:a|b)$" },
      open: { type: "object", properties: { x: { type: "string" } } },
      closed: { type: "object", properties: { x: { type: "string" } }, additionalProperties: false },
    };
    const plan = planOf([find], { workflow: { inputs: { type: "object", properties } } });
    expect(plan.params).toEqual({
      part: { type: "string", pattern: "[\\s\\S]*(?:[0-9])[\\s\\S]*" },
      whole: { type: "string", pattern: "a|b" },
      open: { type: "object", properties: { x: { type: "string" } }, additionalProperties: true },
      closed: { type: "object", properties: { x: { type: "string" } } },
    });
  });
});

describe("a workflow with the catalogue of its API", () => {
  const openapi: JsonObject = {
    openapi: "3.1.0",
    info: { title: "Pets", version: "1" },
    servers: [{ url: "https://pets.example" }],
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
    security: [{ key: [] }],
    paths: {
      "/pets/{id}": {
        post: {
          operationId: "updatePet",
          parameters: [
            { name: "id", in: "path", required: true, schema: { type: "string" } },
            { name: "id", in: "query", schema: { type: "string" } },
          ],
          requestBody: {
            content: { "application/json": { schema: { type: "object", properties: { name: { type: "string" } } } } },
          },
          responses: { "200": { description: "ok" } },
        },
      },
    },
  };
  const catalogue = must(
    readCatalogue(must(catalogueFromOpenApi(openapi, { server: "pets" }), "catalogueFromOpenApi").catalogue),
    "readCatalogue",
  );
  const step = {
    stepId: "update",
    operationPath: "{$sourceDescriptions.pets.url}#/paths/~1pets~1{id}/post",
    parameters: [
      { name: "id", in: "path", value: "p1" },
      { name: "x-key", in: "header", value: "$inputs.key" },
    ],
    requestBody: { payload: { name: "Rex" } },
  };
  const workflow = { inputs: stringInputs("key") };

  it("finds an operation by its path, and its arguments by where they go; secrets are the tool's", () => {
    const { plan, findings } = must(importArazzo(documentOf([step], { workflow }), catalogue), "importArazzo");
    const [tool] = catalogue.tools.keys();
    expect(plan.nodes.update?.tool).toBe(tool);
    expect(Object.values(plan.nodes.update?.args ?? {}).sort()).toEqual(["Rex", "p1"]);
    expect(findings.some(({ message }) => message.includes("the credential `x-key`"))).toBe(true);
  });

  it("refuses what the operation does not take, and an operation that there is not", () => {
    const wrong = importArazzo(
      documentOf([{ ...step, parameters: [{ name: "size", in: "query", value: 1 }] }], { workflow }),
      catalogue,
    );
    expect(wrong).toMatchObject({
      ok: false,
      error: { code: "IMPORT_ARGUMENT", place: { pointer: "/workflows/0/steps/0/parameters/0/name" } },
    });
    const missing = importArazzo(documentOf([{ stepId: "a", operationId: "deletePet" }]), catalogue);
    expect(missing).toMatchObject({
      ok: false,
      error: { code: "IMPORT_TOOL_UNKNOWN", place: { pointer: "/workflows/0/steps/0/operationId" } },
    });
  });
});
