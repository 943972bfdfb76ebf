/**
 * Small arbitrary plans that use every class, control form, constraint and kind of rule. Never makes one that names what is not there.
 */
import type { JsonObject } from "../../src/json/value.ts";
import type { Constraints, FlowRule, FrozenPlan, FrozenTool, LabelSpec, Plan, PlanNode, Role } from "../../src/plan/plan.ts";
import type { Received, ReceivedParams } from "../../src/decide/received.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import type { Dice } from "./dice.ts";
import { generateExpression, generateRule, partRoles, roles, type Scope } from "./generate-rule.ts";

const windows = ["minute", "second", "hour", "day"] as const;
const scopes = ["session", "session", "principal", "plan"] as const;
const labels: { readonly [name: string]: LabelSpec } = {
  ext: { integrity: "untrusted", description: "from outside" },
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
const params: NonNullable<Plan["params"]> = {
  p: { type: "string", enum: ["u1", "u2", "h.example"], description: "whom" },
  q: { type: "number", default: 1 },
  whole: { type: "integer", default: 2 },
  flag: { type: "boolean", default: true },
  list: { type: "array", items: { type: "string" }, default: ["u1"] },
  thing: { type: "object", additionalProperties: true, default: { x: "u2" } },
};
/** What amendments may add: nothing that a session under the plan itself could tell from its absence. */
const envelopes: readonly ((tool: string) => NonNullable<Plan["envelope"]>)[] = [
  () => [],
  (tool) => [{ tool, description: "once more", args: { n: { choose: { type: "integer", minimum: 0, maximum: 3 } } }, times: 2 }],
];
const nodeNames = ["d", "a1", "z", "m-1", "b2", "k", "c"];
/** A generated plan, with the parameters of a session of it. */
export interface Generated {
  readonly frozen: FrozenPlan;
  readonly params: JsonObject;
  readonly agentParams: readonly string[];
  /** Parameters that came from other agents. */
  readonly received?: readonly ReceivedParams[];
  /** What earlier sessions of the conversation saw. */
  readonly context?: LabelValue;
}

/** A label as another agent's receipt may give it: names of the plan, others, what is trusted here and was not there, and the top. */
export function generateReceivedLabel(dice: Dice): LabelValue {
  const sources = dice.pick([[], ["ext"], ["hr"], ["risk", "theirs"], ["fin", "user_input"], ["theirs"], ["*"], ["unknown"]]);
  const readers = dice.pick([null, null, ["alice", "bob"], ["bob"], []]);
  return { sources, readers, ...(dice.chance(30) ? { untrusted: sources } : {}) };
}

/** What a receipt makes of data from another agent. */
export function generateReceived(dice: Dice): Received {
  const label = generateReceivedLabel(dice);
  return { label, links: [], ...(dice.chance(50) ? { context: generateReceivedLabel(dice) } : {}) };
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
    ? { limits: dice.pick<NonNullable<Plan["limits"]>>([{ calls: 3 }, { seconds: 100 }, { maxBytes: 60 }, { maxBytes: 30 }]) }
    : {};
  const expiry = dice.chance(2) ? { notAfter: new Date(startsAt + 90_000).toISOString() } : {};
  const isOwn = dice.chance(50);
  // As a policy closes the readers of what nobody labelled.
  const closed: typeof labels = isOwn && dice.chance(15) ? { unknown: { integrity: "untrusted", readers: ["bob"] } } : {};
  const plan: Plan = {
    sluice: 1,
    name: "generated",
    ...generateProse(dice),
    params,
    ...(isOwn ? { labels: { ...labels, ...closed } } : {}),
    ...limits,
    ...expiry,
    nodes,
    ...(flows.length > 0 ? { flows } : {}),
    ...(dice.chance(5) ? { envelope: dice.pick(envelopes)(dice.pick(Object.keys(tools))) } : {}),
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
  const given: JsonObject = { p: dice.pick(["u1", "u2", "h.example"]), ...(dice.chance(50) ? { q: dice.below(3) } : {}) };
  return { frozen, params: given, agentParams: dice.some(["p", "q"], 15) };
}

/** Words for people: no rule reads them. */
function generateProse(dice: Dice): Pick<Plan, "task" | "description"> {
  return dice.chance(5) ? { task: "pay u1 whatever ext says", description: "{{params.p}}" } : {};
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
    { arg: ["to", "body"] },
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
      effects: dice.pick<FrozenTool["facts"]["effects"]>([["read"], ["write"], ["read", "network"], ["message"], ["execute"]]),
      roles: dice.pick([
        roles,
        roles,
        roles,
        { ...roles, ...partRoles },
        roles,
        roles,
        roles,
        { ...roles, b: "credential" as const },
      ]),
      ...(audience === undefined ? {} : { audience }),
      ...(dice.chance(25) ? { resource: generateResource(dice) } : {}),
      inferred: [],
    },
  };
}

function generateResource(dice: Dice): NonNullable<FrozenTool["facts"]["resource"]> {
  return dice.pick<NonNullable<FrozenTool["facts"]["resource"]>>([
    "file:{to}",
    "file:{to}",
    "row:{n}",
    "row:t/{n}",
    "note:all",
    { template: "file:{to}", access: "both" },
    [
      { template: "file:{a}", access: "read" },
      { template: "file:{to}", access: "write" },
    ],
    ["row:t", "file:{body.x}"],
  ]);
}

function generateNode(scope: Scope, tools: readonly string[]): PlanNode {
  const { dice, earlier, used } = scope;
  const first = earlier.length > 0;
  if (first && dice.chance(12)) {
    used.add("let");
    return { let: generateExpression(scope, "value"), ...(dice.chance(10) ? { description: "worked out" } : {}) };
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
    description: dice.chance(3) ? "a call" : undefined,
    parse: dice.chance(12) ? dice.pick(["json" as const, "yaml" as const]) : undefined,
    constraints: dice.chance(25) ? generateConstraints(dice, args) : undefined,
    // As a policy adds them.
    within: dice.chance(6)
      ? [dice.pick<Constraints>([{ hosts: ["h.example"] }, { paths: ["u1"] }, { rate: { calls: 1, per: "minute" } }])]
      : undefined,
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
    from: `${source}${dice.pick(["$.rows[*]", "$.rows", "$.rows[*]", "$.rows", "$.rows[*].id", "$.rows[?@.n > 0]", "$.rows[?@.id != $.id]", "$"])}`,
    max: dice.pick([3, 3, 2, 1]),
    ...where,
  };
}

function generateConstraints(dice: Dice, args: PlanNode["args"]): NonNullable<PlanNode["constraints"]> {
  const sum = dice.chance(50) && args !== undefined && Object.hasOwn(args, "n") ? { sum: "n" } : {};
  return dice.pick<() => NonNullable<PlanNode["constraints"]>>([
    () => ({ idempotent: true }),
    () => ({ idempotent: true, budget: { max: 1 } }),
    () => ({ rate: { calls: 1, per: dice.pick(windows) } }),
    () => ({
      budget: {
        ...sum,
        max: 1 + dice.below(3),
        ...(dice.chance(50) ? { per: dice.pick(windows) } : {}),
        scope: dice.pick(scopes),
      },
    }),
    () => ({ budget: [{ max: 2 }, { max: 1, per: dice.pick(windows), scope: dice.pick(scopes), ...sum }] }),
    () => ({ maxBytes: 20 + dice.below(60) }),
    () => ({ approve: "human" }),
    () => ({ approve: "human" }),
    () => ({ approve: "human", idempotent: true, budget: { max: 2 } }),
    () => ({ hosts: ["h.example", "*.ok.example"] }),
    () => ({ paths: ["/tmp/x", "u1"] }),
    () => ({ emails: ["a@h.example"], domains: ["*.ok.example"] }),
    () => ({ argv: { programs: ["ls", "u1"], ...(dice.chance(40) ? { options: ["-l"] } : {}) } }),
    () => ({ sql: { statements: ["select"], tables: ["t"], ...(dice.chance(40) ? { functions: ["count"] } : {}) } }),
  ])();
}

function generateFlow(dice: Dice, id: string, used: Set<string>): FlowRule {
  used.add("flow");
  return {
    id,
    ...(dice.chance(20) ? { approve: "human" as const } : {}),
    deny: dice.pick([["ext"], ["untrusted"], ["hr", "risk"], ["fin", "unknown"], ["user_input"]]),
    to: dice.pick<FlowRule["to"]>(["t/*", "t/send", ["s/*", "t/put"], "*"]),
    ...(dice.chance(5) ? { description: "as agreed" } : {}),
    ...(dice.chance(20) ? { args: dice.some(Object.keys(roles), 40) } : {}),
    ...(dice.chance(40)
      ? {
          roles: dice.pick<readonly Role[]>([
            ["target"],
            ["control"],
            ["selector", "control"],
            ["content", "command"],
            ["credential", "selector"],
          ]),
        }
      : {}),
  };
}
