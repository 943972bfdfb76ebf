/**
 * The form of a plan: unknown value → `Plan`, or every fault with its place; the same form as JSON Schema 2020-12.
 * Pure. The only core file that imports zod; never shows zod's own text, and never runs per call.
 */
import * as z from "zod";
import type { Json, JsonObject } from "../json/value.ts";
import { isDateTime } from "../lang/date.ts";
import {
  callBytesMax,
  callsPerSessionMax,
  eachRowsMax,
  envelopeEntriesMax,
  expressionCharsMax,
  nameCharsMax,
  pathCharsMax,
  proseCharsMax,
  resultBytesMax,
  sessionSecondsMax,
} from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import type { Finding } from "./finding.ts";
import type { ArgRule, Plan } from "./plan.ts";
import { checkJson } from "./schema-check.ts";
import { checkPlan } from "./schema-extra.ts";
import { findingsOf, nodeUnion, ruleForm, ruleOption, unknownMembers } from "./schema-issue.ts";

/** An object with these members and no other. */
export function exact<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? unknownMembers(issue.keys, known) : "expected an object"),
  });
}

/** An object from names to values. */
export function byName<Value extends z.ZodType>(key: z.ZodString, value: Value, what: string): z.ZodRecord<z.ZodString, Value> {
  return z.record(key, value, { error: (issue) => (issue.code === "invalid_key" ? what : "expected an object") });
}

/** A text of 1 to `charsMax` characters. */
export function text(charsMax: number, error: string): z.ZodString {
  return z.string(error).min(1, error).max(charsMax, error);
}

/** An integer within bounds, both included. */
export function integer(min: number, max: number): z.ZodNumber {
  const error = `expected an integer from ${min} to ${max}`;
  return z.int(error).min(min, error).max(max, error);
}

/** A list, empty or not. */
export function list<Element extends z.ZodType>(element: Element, what: string): z.ZodArray<Element> {
  return z.array(element, `expected a list of ${what}`);
}

/** What a name may be made of, as a sentence. */
export const nameRule = `a name has 1 to ${nameCharsMax} of the characters \`A-Z a-z 0-9 _ . -\``;
/** A name of the plan language. */
export const name = z.string(nameRule).regex(/^[A-Za-z0-9_.-]{1,128}$/, nameRule);
/** One name or more. */
export const names = list(name, "names").min(1, "expected at least one name");
/** A text for people. */
export const prose = z.string("expected text").max(proseCharsMax, `expected at most ${proseCharsMax} characters`);
const boolean = z.boolean("expected true or false");
const expression = text(expressionCharsMax, `expected an expression (CEL) of 1 to ${expressionCharsMax} characters`);
const argNameRule = `the name of an argument has 1 to ${nameCharsMax} characters, and is not \`sluice_node\``;
/** The name of an argument. */
export const argName = z.string(argNameRule).regex(/^(?!sluice_node$)[\s\S]{1,128}$/, argNameRule);
/** A short text. */
export const phrase = text(nameCharsMax * 2, `expected a text of 1 to ${nameCharsMax * 2} characters`);
/** One short text or more. */
export const phrases = list(phrase, "texts").min(1, "expected at least one text");
const toolRule = "expected the name of a tool, as in `server/tool`";
// MCP only recommends names without blanks, and catalogues in the wild have them: one at a time, and none at an end.
const tool = z
  .string(toolRule)
  .max(nameCharsMax * 2, toolRule)
  .regex(/^[^\s\u0000-\u001f\u007f]+(?: [^\s\u0000-\u001f\u007f]+)*$/, toolRule);
const pathRule = "expected a path that begins with `$`, as in `$.rows[*].id`";
const path = z.string(pathRule).regex(/^\$/, pathRule).max(pathCharsMax, pathRule);
const referenceRule = "expected a reference to a result, as in `node$.path`";
const reference = z
  .string(referenceRule)
  .regex(/^[A-Za-z0-9_.-]{1,128}\$/, referenceRule)
  .max(pathCharsMax + nameCharsMax, referenceRule);
const instantRule = "expected an instant, as in `2026-12-31T23:59:59Z`";
const instant = z.string(instantRule).max(64, instantRule).refine(isDateTime, instantRule);
/** Any JSON value: `checkJson` has looked at the whole document before. */
const json = z.unknown() as unknown as z.ZodType<Json>;
const jsonObject = z.record(z.string(), json, "expected an object") as unknown as z.ZodType<JsonObject>;
const windowRule = "expected `second`, `minute`, `hour` or `day`";
const window = z.enum(["second", "minute", "hour", "day"], windowRule);
const roles = ["target", "command", "credential", "selector", "control", "content"] as const;

const endorse = exact({ from: z.union([name, names], "expected a label or labels"), to: name, why: prose.min(1, "say why") });
const declassify = exact({
  from: z.union([name, names], "expected a label or labels"),
  to: z.union([phrase, phrases], "expected `public`, a reader or readers"),
  why: prose.min(1, "say why"),
});
const options = {
  match: z.exactOptional(jsonObject),
  optional: z.exactOptional(boolean),
  endorse: z.exactOptional(endorse),
  declassify: z.exactOptional(declassify),
};
const pick = z.exactOptional(z.enum(["first", "last", "agent"], "expected `first`, `last` or `agent`"));
const extract = z.exactOptional(z.union([phrase, jsonObject], "expected the name of a grammar, or an object with its options"));
const otherwise = z.exactOptional(json);
const hosts = list(text(260, "expected a host, as in `example.com` or `*.example.com`"), "hosts");

const rule = z.unknown().check((payload) => {
  // One option is run, not all eleven in turn: a plan of 100,000 nodes has a million rules.
  const option = ruleOption(payload.value);
  const issues =
    typeof option === "object"
      ? [{ ...option, path: [] }]
      : (ruleOptions[option]?.safeParse(payload.value, { jitless: true }).error?.issues ?? []);
  if (issues.length > 0) payload.issues.push({ code: "custom", input: payload.value, message: ruleForm, params: { issues } });
}) as unknown as z.ZodType<ArgRule>;

/**
 * The forms of an argument rule in the order of `ruleOption`: scalar, list, then `ruleClasses`. A `bigint` is an integer beyond
 * 2^53 as the strict readers make it; `checkJson` has looked at scalars before.
 */
const ruleOptions: readonly z.ZodType[] = [
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.bigint()], ruleForm),
  z.array(rule),
  exact({ const: json, ...options }),
  exact({ param: name, ...options }),
  exact({ from: reference, where: z.exactOptional(expression), pick, extract, otherwise, ...options }),
  exact({ item: path, pick, extract, otherwise, ...options }),
  exact({ expr: expression, ...options }),
  exact({
    template: z.enum(
      ["sql", "url", "path", "argv", "header", "text"],
      "expected `sql`, `url`, `path`, `argv`, `header` or `text`",
    ),
    text: prose,
    with: z.exactOptional(byName(name, rule, nameRule)),
    ...options,
  }),
  exact({ choose: jsonObject, ...options }),
  exact({
    write: exact({
      maxLength: z.exactOptional(integer(1, callBytesMax)),
      links: z.exactOptional(z.union([z.enum(["none", "plan"]), hosts], "expected `none`, `plan` or a list of hosts")),
    }),
    ...options,
  }),
  exact({ object: byName(argName, rule, argNameRule), ...options }),
];

const amount = z.number("expected a number from 0").min(0, "expected a number from 0");
const budget = exact({
  sum: z.exactOptional(argName),
  max: amount,
  per: z.exactOptional(window),
  scope: z.exactOptional(z.enum(["session", "principal", "plan"], "expected `session`, `principal` or `plan`")),
});
/** Constraints of a node. */
export const constraints = exact({
  readOnly: z.exactOptional(boolean),
  noExternalNetwork: z.exactOptional(boolean),
  maxBytes: z.exactOptional(integer(1, resultBytesMax)),
  hosts: z.exactOptional(hosts),
  paths: z.exactOptional(list(text(pathCharsMax, "expected a path prefix"), "path prefixes")),
  sql: z.exactOptional(
    exact({
      dialect: z.exactOptional(z.enum(["postgres", "sqlite", "mysql"], "expected `postgres`, `sqlite` or `mysql`")),
      statements: phrases,
      tables: z.exactOptional(list(phrase, "tables")),
      columns: z.exactOptional(
        z.union(
          [list(phrase, "columns"), byName(phrase, list(phrase, "columns"), "expected the name of a table")],
          "expected columns by table, or a list of `table.column`",
        ),
      ),
      functions: z.exactOptional(list(phrase, "functions")),
    }),
  ),
  emails: z.exactOptional(list(text(254, "expected an address, as in `ada@example.com`"), "addresses")),
  domains: z.exactOptional(list(text(255, "expected a domain, as in `example.com` or `*.example.com`"), "domains")),
  argv: z.exactOptional(exact({ programs: phrases, options: z.exactOptional(list(phrase, "options")) })),
  sandbox: z.exactOptional(name),
  idempotent: z.exactOptional(boolean),
  approve: z.exactOptional(z.literal("human", "expected `human`")),
  rate: z.exactOptional(exact({ calls: integer(1, callsPerSessionMax), per: window })),
  budget: z.exactOptional(z.union([budget, list(budget, "budgets")], "expected a budget, or a list of budgets")),
});

const runs = integer(1, callsPerSessionMax);
const toolNode = exact({
  tool,
  description: z.exactOptional(prose),
  args: z.exactOptional(byName(argName, rule, argNameRule)),
  labels: z.exactOptional(list(name, "label names")),
  parse: z.exactOptional(z.enum(["json", "yaml"], "expected `json` or `yaml`")),
  removes: z.exactOptional(exact({ labels: names, paths: list(path, "paths").min(1, "expected at least one path") })),
  times: z.exactOptional(
    z.union(
      [runs, exact({ min: z.exactOptional(integer(0, callsPerSessionMax)), max: runs })],
      "expected a number of runs, or an object with `max` and perhaps `min`",
    ),
  ),
  each: z.exactOptional(
    z.union(
      [name, exact({ from: reference, max: integer(1, eachRowsMax), where: z.exactOptional(expression) })],
      "expected the name of a node, or an object with `from` and `max`",
    ),
  ),
  when: z.exactOptional(expression),
  optional: z.exactOptional(boolean),
  after: z.exactOptional(list(name, "node names")),
  require: z.exactOptional(list(expression, "expressions")),
  constraints: z.exactOptional(constraints),
  show: z.exactOptional(z.union([z.enum(["all", "none"]), list(path, "paths")], "expected `all`, `none` or a list of paths")),
});
const letNode = exact({ let: expression, description: z.exactOptional(prose) });
const node = z.union([toolNode, letNode], nodeUnion);

const param = z
  .object(
    {
      type: z.exactOptional(
        z.enum(
          ["string", "number", "integer", "boolean", "array", "object"],
          "expected `string`, `number`, `integer`, `boolean`, `array` or `object`",
        ),
      ),
      default: z.exactOptional(json),
      description: z.exactOptional(prose),
      read: z.exactOptional(z.union([phrase, jsonObject], "expected a way of reading, as in `date`, or an object with `kind`")),
    },
    "expected an object: a JSON Schema in the vocabulary of `match`",
  )
  .catchall(json);
const label = exact({
  integrity: z.enum(["trusted", "untrusted"], "expected `trusted` or `untrusted`"),
  readers: z.exactOptional(list(phrase, "readers")),
  description: z.exactOptional(prose),
});
/** A flow rule. */
export const flow = exact({
  id: name,
  deny: names,
  approve: z.exactOptional(z.literal("human", "expected `human`")),
  to: z.union([phrase, phrases], "expected a tool name or glob, or a list of them"),
  args: z.exactOptional(list(argName, "argument names").min(1, "expected at least one argument name")),
  roles: z.exactOptional(
    list(z.enum(roles, `expected one of ${roles.map((role) => `\`${role}\``).join(", ")}`), "roles").min(
      1,
      "expected at least one role",
    ),
  ),
  description: z.exactOptional(prose),
});

const envelopeEntry = exact({
  tool,
  description: z.exactOptional(prose),
  args: z.exactOptional(byName(argName, rule, argNameRule)),
  times: z.exactOptional(runs),
});

const plan = exact({
  sluice: z.literal(1, "expected `1`, the version of the plan language"),
  name,
  task: z.exactOptional(prose),
  description: z.exactOptional(prose),
  notAfter: z.exactOptional(instant),
  params: z.exactOptional(byName(name, param, nameRule)),
  labels: z.exactOptional(byName(name, label, nameRule)),
  limits: z.exactOptional(
    exact({
      calls: z.exactOptional(integer(1, callsPerSessionMax)),
      seconds: z.exactOptional(integer(1, sessionSecondsMax)),
      maxBytes: z.exactOptional(integer(1, resultBytesMax)),
    }),
  ),
  nodes: byName(name, node, nameRule),
  flows: z.exactOptional(list(flow, "flow rules")),
  envelope: z.exactOptional(
    list(envelopeEntry, "envelope entries").max(envelopeEntriesMax, `expected at most ${envelopeEntriesMax} entries`),
  ),
}) satisfies z.ZodType<Plan>;

/**
 * Reads a value as a plan. The plan is the value itself, untouched. Every fault is one finding with a JSON pointer and the
 * severity `error`: `PLAN_JSON`, `PLAN_TYPE`, `PLAN_MISSING`, `PLAN_MEMBER` (unknown), `PLAN_NAME`, `PLAN_FORMAT`,
 * `PLAN_RANGE`, `PLAN_VALUE`, `PLAN_RULE` and `PLAN_NODE` (no class, or two), `PLAN_DUPLICATE`, `PLAN_TOO_LARGE`.
 * What needs other nodes, tools or the language layer is for `lintPlan` and `freezePlan`.
 */
export function parsePlan(value: Json): Result<Plan, readonly Finding[]> {
  const faults = checkJson(value);
  if (faults.length > 0) return err(faults);
  // Without `jitless` zod would try `new Function`, which Workers forbid and a content security policy reports.
  const result = plan.safeParse(value, { jitless: true });
  if (!result.success) return err(findingsOf(result.error.issues, value));
  // The value and not zod's copy of it, whose members stand in another order.
  const parsed = value as unknown as Plan;
  const extra = checkPlan(parsed);
  return extra.length > 0 ? err(extra) : ok(parsed);
}

/** The form of a plan as JSON Schema (draft 2020-12), as published in `plan.schema.json`. */
export function planJsonSchema(): JsonObject {
  const ids = z.registry<{ readonly id: string }>();
  ids.add(rule, { id: "ArgRule" });
  ids.add(toolNode, { id: "ToolNode" });
  ids.add(letNode, { id: "LetNode" });
  ids.add(constraints, { id: "Constraints" });
  ids.add(flow, { id: "FlowRule" });
  ids.add(envelopeEntry, { id: "EnvelopeEntry" });
  const toSchema = (schema: z.ZodType, anyOf: readonly object[]): JsonObject =>
    z.toJSONSchema(schema, {
      target: "draft-2020-12",
      metadata: ids,
      unrepresentable: (site) => (site.zodSchema._zod.def.type === "bigint" ? { type: "integer" } : "throw"),
      override: (site) => {
        if ((site.zodSchema as unknown) === rule) Object.assign(site.jsonSchema, { anyOf });
        if ((site.zodSchema as unknown) === instant) Object.assign(site.jsonSchema, { format: "date-time" });
      },
    }) as unknown as JsonObject;
  const forms = ruleOptions.map((option) => {
    const { $schema: _schema, $defs: _definitions, ...form } = toSchema(option, []);
    return form;
  });
  return { title: "Sluice plan", ...toSchema(plan, forms) };
}
