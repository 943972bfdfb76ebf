/** Tools that say what they return, and plans with one node that reads it. Data only. */
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const returning = (name: string, outputSchema: object, more: object = {}): object =>
  tool(
    name,
    ["q"],
    { effects: ["read"], labels: ["own"], roles: { q: "content" }, ...more },
    { outputSchema: { type: "object", ...outputSchema } },
  );
const row = { type: "object", properties: { name: { type: "string" }, kind: { enum: ["a", "b"] } }, additionalProperties: false };
const properties = {
  n: { type: "integer" },
  one: { enum: ["only"] },
  state: { enum: ["ok", "rejected"] },
  rows: { type: "array", items: row },
  names: { type: "array", items: { type: "string" } },
  any: {},
  open: { type: "object" },
  loose: { type: "object", properties: { a: {} } },
  tight: {
    type: "object",
    properties: { alpha: { type: "object", properties: {}, additionalProperties: false } },
    additionalProperties: false,
  },
  either: { anyOf: [row], properties: {}, additionalProperties: false },
  many: { type: ["object", "null"], properties: {}, additionalProperties: false },
  untyped: { properties: { a: {} }, additionalProperties: false },
  linked: { $ref: "#/$defs/row" },
};
/** Tools whose results have a schema, and some whose results have none. */
export const catalogue = catalogueOf(
  [
    returning("own/get", { properties, additionalProperties: false, $defs: { row } }),
    returning("own/open", { properties: { a: {} } }),
    returning("text/get", { properties, additionalProperties: false }, { parse: "json" }),
    tool("raw/get", ["q"], { effects: ["read"], labels: ["own"], roles: { q: "content" } }),
  ],
  { own: { integrity: "trusted" } },
);
/** A call whose result is described. */
export const get = { tool: "own/get", args: { q: "x" } };
const codes = ["LINT_NO_SUCH_PLACE", "LINT_EACH_SINGLE", "LINT_WORD_UNKNOWN", "LINT_CONDITION_CONSTANT"];
/** A plan with a node that may read the result. */
export const use = (more: object, source: object = {}, params: object = {}): Plan =>
  plan({ get: { ...get, ...source }, use: { tool: "own/get", args: { q: "x" }, ...more } }, { params });
/** The node once for each row. */
export const each = (path: string, item = "$", more: object = {}): Plan =>
  use({ each: { from: `get${path}`, max: 2, ...more }, args: { q: { item } } });
/** The node under a guard. */
export const when = (source: string, params: object = {}): Plan => use({ when: source }, {}, params);
/** What is found. */
export const told = (value: Plan): readonly string[] =>
  said(value, catalogue, ...codes).map((line) => line.replace(/^warning /, ""));
