/**
 * Small arbitrary plans that use every class, control form, constraint and kind of rule. Never makes one that names what is not there.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type {
  ArgRule,
  FlowRule,
  FromRule,
  FrozenPlan,
  FrozenTool,
  LabelSpec,
  Plan,
  PlanNode,
  Role,
  RuleOptions,
} from "../../src/plan/plan.ts";
import type { Dice } from "./dice.ts";

/** Names of arguments, with the role that each has in every tool. */
export const roles: { readonly [arg: string]: Role } = {
  a: "selector",
  b: "target",
  body: "content",
  n: "selector",
  to: "target",
  o: "command",
};
const labels: { readonly [name: string]: LabelSpec } = {
  ext: { integrity: "untrusted" },
  risk: { integrity: "trusted" },
  hr: { integrity: "trusted", readers: ["alice", "bob"] },
  fin: { integrity: "untrusted", readers: ["bob", "carol"] },
};
const schemas: readonly JsonObject[] = [
  {
    type: "object",
    properties: {
      id: { enum: ["u1", "u2", "u3"] },
      n: { type: "integer" },
      rows: { type: "array", items: { type: "object", additionalProperties: true } },
    },
    additionalProperties: true,
  },
  { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: true },
];
const nodeNames = ["d", "a1", "z", "m-1", "b2", "k", "c"];
const paths = [
  "$",
  "$.id",
  "$.n",
  "$.rows[0].id",
  "$.rows[*].id",
  "$.rows[?@.n > 1].id",
  "$.deep.id",
  "$.rows",
  "$..id",
  "$.none",
];
const texts = ["$.text", "$.rows[*].text", "$.id"];

/** A generated plan, with the parameters of a session of it. */
export interface Generated {
  readonly frozen: FrozenPlan;
  readonly params: JsonObject;
  readonly agentParams: readonly string[];
}

/** What a rule may refer to. `used` collects the classes and forms that occur, for statistics. */
interface Scope {
  readonly dice: Dice;
  readonly earlier: readonly string[];
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly hasItem: boolean;
  readonly used: Set<string>;
}

/** Generates a plan. `used` collects the names of the classes and forms in it. */
export function generatePlan(dice: Dice, used: Set<string>): Generated {
  const tools = generateTools(dice);
  const count = 2 + dice.below(6);
  const nodes: { [name: string]: PlanNode } = {};
  for (let i = 0; i < count; i++) {
    const earlier = Object.keys(nodes);
    nodes[nodeNames[i] as string] = generateNode({ dice, earlier, nodes, hasItem: false, used }, Object.keys(tools));
  }
  const flows = Array.from({ length: dice.pick([0, 0, 1, 2]) }, (_, i) => generateFlow(dice, `flow-${i}`, used));
  const limits = dice.chance(20)
    ? { limits: dice.pick<NonNullable<Plan["limits"]>>([{ calls: 3 }, { seconds: 100 }, { maxBytes: 60 }]) }
    : {};
  const expiry = dice.chance(2) ? { notAfter: new Date(startsAt + 90_000).toISOString() } : {};
  const isOwn = dice.chance(50);
  const plan: Plan = {
    sluice: 1,
    name: "generated",
    params: { p: { type: "string", enum: ["u1", "u2", "h.example"] }, q: { type: "number", default: 1 } },
    ...(isOwn ? { labels } : {}),
    ...limits,
    ...expiry,
    nodes,
    ...(flows.length > 0 ? { flows } : {}),
  };
  const usedTools = Object.fromEntries(
    Object.values(nodes).flatMap((node) => (node.tool === undefined ? [] : [[node.tool, tools[node.tool] as FrozenTool]])),
  );
  const servers = Object.fromEntries(Object.keys(usedTools).map((name) => [name.split("/")[0] as string, null]));
  const frozen: FrozenPlan = {
    kind: "sluice.frozen-plan",
    version: 1,
    digest: `sha256:${"0".repeat(64)}`,
    plan,
    tools: usedTools,
    servers,
    labels: isOwn ? {} : labels,
  };
  const params: JsonObject = { p: dice.pick(["u1", "u2", "h.example"]), ...(dice.chance(50) ? { q: dice.below(3) } : {}) };
  return { frozen, params, agentParams: dice.some(["p", "q"], 15) };
}

/** The instant at which generated sessions are opened, in milliseconds since the epoch. */
export const startsAt = 1_700_000_000_000;

function generateTools(dice: Dice): { readonly [name: string]: FrozenTool } {
  const names = ["s/get", "s/list", "t/send", "t/put"].slice(0, 2 + dice.below(3));
  return Object.fromEntries(names.map((name) => [name, generateTool(dice, name)]));
}

function generateTool(dice: Dice, name: string): FrozenTool {
  const schema = dice.pick<JsonObject | undefined>([schemas[0], schemas[1], undefined]);
  const properties: JsonObject = { ...Object.fromEntries(Object.keys(roles).map((arg) => [arg, {}])), extra: { default: 5 } };
  const audience = dice.pick<FrozenTool["facts"]["audience"] | undefined>([
    undefined,
    undefined,
    ["bob"],
    { arg: "to" },
    "public",
  ]);
  const sources = dice.pick<readonly string[] | undefined>([
    ["risk"],
    ["risk"],
    ["ext"],
    [],
    ["hr"],
    ["fin"],
    ["external_api"],
    undefined,
    ["hr", "ext"],
  ]);
  return {
    name,
    definition: {
      name: name.split("/")[1] as string,
      inputSchema: { type: "object", properties },
      ...(schema === undefined ? {} : { outputSchema: schema }),
    },
    facts: {
      ...(sources === undefined ? {} : { labels: sources }),
      effects: dice.pick<FrozenTool["facts"]["effects"]>([["read"], ["write"], ["read", "network"], ["message"]]),
      roles,
      ...(audience === undefined ? {} : { audience }),
      inferred: [],
    },
  };
}

function generateNode(scope: Scope, tools: readonly string[]): PlanNode {
  const { dice, earlier, used } = scope;
  const first = earlier.length > 0;
  if (first && dice.chance(12)) {
    used.add("let");
    return { let: generateExpression(scope, "value") };
  }
  const each = first && dice.chance(30) ? generateEach(scope) : undefined;
  const inner: Scope = { ...scope, hasItem: each !== undefined };
  const args = Object.fromEntries(
    dice.some(Object.keys(roles), first ? 28 : 12).map((name) => [name, generateRule(inner, { name, depth: 0 })]),
  );
  const own = {
    times: dice.pick<PlanNode["times"]>([undefined, undefined, undefined, { max: 3 }, { min: 0, max: 2 }, 2]),
    each,
    when: first && dice.chance(14) ? generateExpression(scope, "test") : undefined,
    optional: dice.chance(15) ? true : undefined,
    after: first && dice.chance(20) ? [dice.pick(earlier)] : undefined,
    require: dice.chance(7) ? [generateExpression(inner, "require")] : undefined,
    labels: dice.chance(15) ? [dice.pick(["ext", "hr", "risk"])] : undefined,
    removes: dice.chance(25)
      ? {
          labels: dice.pick([["ext"], ["ext", "fin", "external_api"], ["unknown"]]),
          paths: dice.pick([["$.n"], ["$.rows"], ["$.deep.id"], ["$.id", "$.n"]]),
        }
      : undefined,
    show: dice.chance(30)
      ? dice.pick<PlanNode["show"]>(["none", "none", ["$.id"], ["$.rows[*].id"], ["$.rows", "$.n"], ["$.deep.id"], "all"])
      : undefined,
    constraints: dice.chance(25) ? generateConstraints(dice, args) : undefined,
  };
  for (const [form, value] of Object.entries(own)) if (value !== undefined) used.add(form);
  if (each !== undefined) used.add(typeof each === "string" ? "each-node" : "each-from");
  return { tool: dice.pick(tools), args, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

function generateEach(scope: Scope): NonNullable<PlanNode["each"]> {
  const { dice, earlier, nodes } = scope;
  const source = dice.pick(earlier);
  if (dice.chance(35) && nodes[source]?.tool !== undefined) return source;
  const where = dice.chance(15) ? { where: dice.pick(["true", "item.n > 1", "item.id == params.p"]) } : {};
  return {
    from: `${source}${dice.pick(["$.rows[*]", "$.rows", "$.rows[*]", "$.rows", "$.rows[*].id", "$.rows[?@.n > 0]", "$"])}`,
    max: dice.pick([3, 3, 2, 1]),
    ...where,
  };
}

function generateConstraints(dice: Dice, args: PlanNode["args"]): NonNullable<PlanNode["constraints"]> {
  const sum = dice.chance(50) && args !== undefined && Object.hasOwn(args, "n") ? { sum: "n" } : {};
  return dice.pick<() => NonNullable<PlanNode["constraints"]>>([
    () => ({ idempotent: true }),
    () => ({ idempotent: true, budget: { max: 1 } }),
    () => ({ rate: { calls: 1, per: dice.pick(["hour", "minute", "second"]) } }),
    () => ({
      budget: {
        ...sum,
        max: 1 + dice.below(3),
        ...(dice.chance(50) ? { per: "minute" as const } : {}),
        scope: dice.pick(["session", "session", "principal", "plan"]),
      },
    }),
    () => ({ budget: [{ max: 2 }, { max: 1, per: "second", ...sum }] }),
    () => ({ maxBytes: 20 + dice.below(60) }),
    () => ({ approve: "human" }),
    () => ({ hosts: ["h.example", "*.ok.example"] }),
    () => ({ paths: ["/tmp/x", "u1"] }),
  ])();
}

function generateFlow(dice: Dice, id: string, used: Set<string>): FlowRule {
  used.add("flow");
  return {
    id,
    deny: dice.pick([["ext"], ["untrusted"], ["hr", "risk"], ["fin", "unknown"], ["user_input"]]),
    to: dice.pick<FlowRule["to"]>(["t/*", "t/send", ["s/*", "t/put"], "*"]),
    ...(dice.chance(20) ? { args: dice.some(Object.keys(roles), 40) } : {}),
    ...(dice.chance(40)
      ? { roles: dice.pick<readonly Role[]>([["target"], ["control"], ["selector", "control"], ["content", "command"]]) }
      : {}),
  };
}

/** CEL that reads earlier nodes, parameters, the row or the arguments. */
function generateExpression(scope: Scope, purpose: "value" | "test" | "require"): string {
  const { dice, earlier, hasItem } = scope;
  const node = earlier.length === 0 ? undefined : dice.pick(earlier);
  const name = node === undefined ? "" : /^[a-z]\w*$/.test(node) && dice.chance(80) ? node : `nodes["${node}"]`;
  const ofItem = hasItem ? ["item.n", "item.id"] : [];
  if (purpose === "require")
    return dice.pick([
      "args.n <= 2",
      "has(args.a)",
      "args.a == params.p",
      "args.n + params.q < 4",
      "args.b",
      ...(hasItem ? ["item.n > 0"] : []),
    ]);
  if (node === undefined) return purpose === "test" ? "params.q > 0" : dice.pick(["params.p", "params.q + 1", ...ofItem]);
  const tests = [
    `${name}.n > 0`,
    `size(${name}.rows) > 0`,
    `${name}.id == params.p`,
    `${name}.ok`,
    `params.q > 0`,
    `size(${name}) > 0`,
    `${name}.n < 9`,
  ];
  const values = [
    `${name}.id`,
    `${name}.n + params.q`,
    `${name}.rows.map(r, r.id)`,
    `{"id": ${name}.id, "rows": ${name}.rows}`,
    `size(${name})`,
    `${name}`,
    `params.p`,
  ];
  return dice.pick(purpose === "test" ? tests : [...values, ...ofItem]);
}

interface RulePlace {
  readonly name: string;
  readonly depth: number;
}

/** An argument rule of any class. */
function generateRule(scope: Scope, place: RulePlace): ArgRule {
  const { dice, used } = scope;
  const kinds: readonly string[] = [
    "literal",
    "param",
    "choose",
    "const",
    ...(scope.earlier.length > 0 ? ["from", "from", "from", "from", "expr", "template"] : ["expr", "literal", "choose"]),
    ...(scope.hasItem ? ["item", "item", "item", "item"] : []),
    ...(roles[place.name] === "content" ? ["write", "write"] : []),
    ...(place.depth < 2 ? ["list", "object"] : []),
  ];
  const kind = dice.pick(kinds);
  used.add(kind);
  if (kind === "literal") return dice.pick<ArgRule>(["u1", 1, true, null, "https://h.example/x"]);
  if (kind === "list")
    return Array.from({ length: 1 + dice.below(2) }, () => generateRule(scope, { ...place, depth: place.depth + 1 }));
  const rule = generateClass(scope, kind, place) as object;
  const { optional, ...options } = generateOptions(scope);
  return { ...rule, ...options, ...(optional === undefined || "otherwise" in rule ? {} : { optional }) } as ArgRule;
}

function generateClass(scope: Scope, kind: string, place: RulePlace): ArgRule {
  const { dice, used } = scope;
  const inside = { ...place, depth: place.depth + 1 };
  const pick = dice.chance(35) ? { pick: dice.pick<"first" | "last" | "agent">(["first", "agent", "last", "agent"]) } : {};
  if ("pick" in pick && (kind === "from" || kind === "item")) used.add(`pick-${pick.pick}`);
  const extract = dice.chance(12) ? { extract: dice.pick(["iban", "email", "url", "integer"]) } : {};
  const textOrPath = "extract" in extract ? dice.pick(texts) : dice.pick(paths);
  if ("extract" in extract && (kind === "from" || kind === "item")) used.add("extract");
  const otherwise = "pick" in pick ? {} : dice.chance(15) ? { otherwise: dice.pick<Json>(["u1", 0, null]) } : {};
  if ("otherwise" in otherwise && (kind === "from" || kind === "item")) used.add("otherwise");
  switch (kind) {
    case "param":
      return { param: dice.pick(["p", "q"]) };
    case "const":
      return { const: dice.pick<Json>([{ x: 1, y: ["u1"] }, "u2", 2, null]) };
    case "from": {
      const where = dice.chance(15) ? { where: dice.pick(["true", 'item != "u3"', "item == params.p", "item.n > 0"]) } : {};
      if ("where" in where) used.add("where");
      return { from: `${dice.pick(scope.earlier)}${textOrPath}`, ...where, ...pick, ...extract, ...otherwise };
    }
    case "item":
      return {
        item: dice.pick(["$.id", "$.n", "$.id", "$", "$.n", "$.text", "$.rows[*].id"]),
        ...pick,
        ...extract,
        ...otherwise,
      };
    case "expr":
      return { expr: generateExpression(scope, "value") };
    case "template":
      return { template: dice.pick(["text", "url"] as const), text: "https://h.example/{x}", with: { x: generateHole(scope) } };
    case "choose":
      return {
        choose: dice.pick<JsonObject>([
          { enum: ["u1", "u2"] },
          { type: "integer", minimum: 0, maximum: 3 },
          { type: "string", maxLength: 12 },
          { enum: ["u1", null] },
        ]),
      };
    case "write":
      return {
        write: {
          ...(dice.chance(50) ? { maxLength: 30 } : {}),
          ...(dice.chance(70)
            ? { links: dice.pick<"none" | "plan" | readonly string[]>(["plan", "none", ["*.ok.example"]]) }
            : {}),
        },
      };
    default:
      return {
        object: Object.fromEntries(dice.some(["x", "y", "z"], 60).map((name) => [name, generateRule(scope, { ...inside })])),
      };
  }
}

function generateHole(scope: Scope): ArgRule {
  const kind = scope.dice.pick(["param", "from", "literal", ...(scope.hasItem ? ["item"] : [])]);
  const { pick, ...rule } =
    kind === "literal" ? { const: "u1" } : (generateClass(scope, kind, { name: "b", depth: 2 }) as FromRule);
  return { ...rule, ...(pick === undefined || pick === "agent" ? {} : { pick }) } as ArgRule;
}

function generateOptions(scope: Scope): RuleOptions {
  const { dice, used } = scope;
  const options = {
    ...(dice.chance(15)
      ? { match: dice.pick<JsonObject>([{ enum: ["u1", "u2", 1] }, { type: "string" }, { type: "number", maximum: 2 }]) }
      : {}),
    ...(dice.chance(25) ? { optional: true } : {}),
    ...(dice.chance(15)
      ? {
          endorse: {
            from: dice.pick([["ext"], ["ext", "fin", "external_api", "unknown"]]),
            to: dice.pick(["risk", "user_input", "hr"]),
            why: "a test",
          },
        }
      : {}),
    ...(dice.chance(10)
      ? {
          declassify: {
            from: dice.pick(["hr", "fin"]),
            to: dice.pick<string | readonly string[]>([["dave"], "public"]),
            why: "a test",
          },
        }
      : {}),
  };
  for (const option of Object.keys(options)) used.add(option);
  return options;
}
