/**
 * Changes one thing of a generated plan: a bound, a class, a condition, a label, a rule. Many make it narrower, many do not.
 * Never says which: that is what is tested.
 */
import type { ArgRule, Constraints, FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";
import type { Dice } from "../spec/dice.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Edit = (dice: Dice, plan: Writable<Plan>) => void;

/** A copy of a plan with one to three changes. */
export function mutatePlan(dice: Dice, frozen: FrozenPlan): FrozenPlan {
  const plan = structuredClone(frozen.plan) as Writable<Plan>;
  const count = 1 + dice.below(3);
  for (let i = 0; i < count; i++) dice.pick(edits)(dice, plan);
  const used = new Set(Object.values(plan.nodes).map((node) => node.tool));
  const tools = Object.fromEntries(Object.entries(frozen.tools).filter(([name]) => used.has(name)));
  return { ...frozen, digest: `sha256:${"1".repeat(64)}`, plan, tools };
}

/** Changes one node. */
function onNode(change: (dice: Dice, node: Writable<PlanNode>, names: readonly string[]) => void): Edit {
  return (dice, plan) => {
    const names = Object.keys(plan.nodes).filter((name) => plan.nodes[name]?.tool !== undefined);
    if (names.length === 0) return;
    change(dice, plan.nodes[dice.pick(names)] as Writable<PlanNode>, Object.keys(plan.nodes));
  };
}

/** Changes one argument rule, at any depth of lists and objects. */
function onRule(change: (dice: Dice, rule: ArgRule) => ArgRule): Edit {
  return onNode((dice, node) => {
    const args = { ...node.args };
    const names = Object.keys(args);
    if (names.length === 0) return;
    const name = dice.pick(names);
    args[name] = within(dice, args[name] as ArgRule, change);
    node.args = args;
  });
}

function within(dice: Dice, rule: ArgRule, change: (dice: Dice, rule: ArgRule) => ArgRule): ArgRule {
  if (Array.isArray(rule) && rule.length > 0 && dice.chance(80)) {
    const i = dice.below(rule.length);
    return rule.map((part: ArgRule, at) => (at === i ? within(dice, part, change) : part));
  }
  if (typeof rule === "object" && rule !== null && "object" in rule && dice.chance(80)) {
    const name = dice.pick(Object.keys(rule.object));
    return { ...rule, object: { ...rule.object, [name]: within(dice, rule.object[name] as ArgRule, change) } };
  }
  return change(dice, rule);
}

const isBody = (rule: ArgRule): rule is Exclude<ArgRule, null | boolean | number | bigint | string | readonly ArgRule[]> =>
  typeof rule === "object" && rule !== null && !Array.isArray(rule);

const constraintsPool: readonly Constraints[] = [
  { rate: { calls: 1, per: "hour" } },
  { rate: { calls: 1, per: "minute" } },
  { budget: { max: 1 } },
  { budget: [{ max: 2 }, { max: 1, per: "second" }] },
  { approve: "human" },
  { idempotent: true },
  { maxBytes: 30 },
  { maxBytes: 60 },
  { hosts: ["h.example"] },
  { hosts: ["h.example", "*.ok.example"] },
  { paths: ["/tmp/x/y", "u1"] },
  {},
];

function drop<T extends object>(dice: Dice, object: T, names: readonly (keyof T)[]): void {
  const there = names.filter((name) => object[name] !== undefined);
  if (there.length > 0) delete object[dice.pick(there)];
}

const edits: readonly Edit[] = [
  onNode((dice, node) => {
    node.times = dice.pick<NonNullable<PlanNode["times"]>>([
      1,
      2,
      { max: 2 },
      { min: 2, max: 3 },
      { min: 0, max: 1 },
      { max: 3 },
    ]);
  }),
  onNode((dice, node) => {
    node.constraints = dice.pick(constraintsPool);
  }),
  onNode((dice, node) => {
    node.require = [...(node.require ?? []), dice.pick(["params.q < 2", "has(args.a)", "args.n <= 2"])];
  }),
  onNode((dice, node) =>
    drop(dice, node, ["require", "when", "optional", "after", "labels", "removes", "show", "constraints", "within"]),
  ),
  onNode((dice, node, names) => {
    node.after = [...new Set([...(node.after ?? []), dice.pick(names)])];
  }),
  onNode((_, node) => {
    node.optional = true;
  }),
  onNode((dice, node) => {
    node.when = dice.pick(["params.q > 0", "true"]);
  }),
  onNode((dice, node) => {
    node.labels = dice.pick([["ext"], ["hr"], ["risk", "ext"], [...(node.labels ?? []), "ext"]]);
  }),
  onNode((dice, node) => {
    node.show = dice.pick<NonNullable<PlanNode["show"]>>(["none", "all", ["$.id"]]);
  }),
  onNode((dice, node) => {
    node.removes = { labels: ["ext"], paths: [dice.pick(["$.n", "$.id"])] };
  }),
  onNode((dice, node) => {
    if (typeof node.each === "object") node.each = { ...node.each, max: dice.pick([1, 2, 5]) };
  }),
  onNode((dice, node) => {
    const names = Object.keys(node.args ?? {});
    if (names.length === 0) return;
    const gone = dice.pick(names);
    node.args = Object.fromEntries(Object.entries(node.args ?? {}).filter(([name]) => name !== gone));
  }),
  onNode((dice, node) => {
    node.args = {
      ...node.args,
      [dice.pick(["a", "b", "n", "to"])]: dice.pick<ArgRule>(["u1", { choose: { enum: ["u1", "u2"] } }]),
    };
  }),
  (dice, plan) => {
    const nodes = { ...plan.nodes };
    delete nodes[dice.pick(Object.keys(nodes))];
    plan.nodes = nodes;
  },
  (dice, plan) => {
    const tool = Object.values(plan.nodes).find((node) => node.tool !== undefined)?.tool;
    if (tool !== undefined) plan.nodes = { ...plan.nodes, extra: { tool, args: { a: dice.pick(["u1", "u2"]) } } };
  },
  (dice, plan) => {
    plan.limits = dice.pick<NonNullable<Plan["limits"]>>([{ calls: 2 }, { calls: 3 }, { maxBytes: 30 }, { seconds: 60 }, {}]);
  },
  (dice, plan) => {
    plan.notAfter = dice.pick([new Date(1_700_000_030_000).toISOString(), new Date(1_700_000_200_000).toISOString()]);
  },
  (dice, plan) => {
    const flows = [...(plan.flows ?? [])];
    const i = dice.below(flows.length + 1);
    const rule = flows[i];
    if (rule === undefined)
      flows.push({ id: "more", deny: [dice.pick(["ext", "untrusted", "hr"])], to: dice.pick(["t/*", "*"]) });
    else if (dice.chance(50)) flows.splice(i, 1);
    else flows[i] = { ...rule, deny: dice.pick([[...rule.deny, "ext"], ["ext"], ["untrusted"]]) };
    plan.flows = flows;
  },
  (dice, plan) => {
    plan.labels = {
      ...plan.labels,
      [dice.pick(["ext", "risk", "hr", "fin"])]: dice.pick([
        { integrity: "untrusted" as const },
        { integrity: "trusted" as const },
        { integrity: "untrusted" as const, readers: ["bob"] },
      ]),
    };
  },
  onRule((dice, rule) => {
    if (!isBody(rule)) return rule;
    const next = { ...rule };
    drop(dice, next, ["optional", "match", "endorse", "declassify"]);
    return next;
  }),
  onRule((dice, rule) => {
    if (!isBody(rule)) return dice.chance(50) ? { choose: { const: rule as never } } : { const: rule as never };
    return dice.pick<ArgRule>([
      { ...rule, match: dice.pick([{ enum: ["u1", "u2"] }, { maxLength: 3 }, { enum: ["u1"] }]) },
      "otherwise" in rule ? rule : { ...rule, optional: true },
      { ...rule, endorse: { from: ["ext"], to: "risk", why: "test" } },
      { ...rule, declassify: { from: ["hr"], to: "public", why: "test" } },
    ]);
  }),
  onRule((dice, rule) => {
    if (isBody(rule) && "choose" in rule)
      return {
        ...rule,
        choose: dice.pick<object>([
          { enum: ["u1"] },
          { enum: ["u1", "u2"] },
          { minimum: 1, maximum: 2 },
          { const: "u1" },
          { type: "string", maxLength: 3 },
        ]) as never,
      };
    if (isBody(rule) && "write" in rule)
      return {
        ...rule,
        write: dice.pick([{ maxLength: 3 }, { maxLength: 20, links: "none" as const }, { links: ["h.example"] }, {}]),
      };
    if (isBody(rule) && "from" in rule) {
      const { pick: _, otherwise: __, ...rest } = rule;
      return dice.pick<ArgRule>([rest, { ...rest, pick: "first" }, { ...rest, pick: "agent" }]);
    }
    return rule;
  }),
  onRule((dice, rule) => {
    if (isBody(rule) && "choose" in rule) return dice.pick<ArgRule>(["u1", "u2", 1]);
    if (isBody(rule) && "write" in rule) return dice.pick<ArgRule>(["hi", { choose: { const: "hi" } }]);
    return rule;
  }),
];
