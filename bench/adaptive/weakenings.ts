/**
 * Plans with one protection less: each rule of a plan taken away or loosened by itself, so that an attack which cannot see the difference shows.
 * Pure. What is made is never frozen or offered to anybody: lint would refuse much of it.
 */
import { isObject, type Json } from "../../src/json/value.ts";
import type { ArgRule, Constraints, FrozenPlan, FrozenTool, LabelSpec, Plan, PlanNode } from "../../src/plan/plan.ts";
import { declaredLabels, isAttackers, specOf } from "./ground.ts";

/** Kinds of rules, as the rows of the table name them. */
export const ruleKinds = [
  "value filled in",
  "choice among values",
  "free text bounded",
  "match",
  "require",
  "guard",
  "order",
  "runs",
  "constraint by effect",
  "budget or rate",
  "person asked",
  "flow rule",
  "label of a source",
  "meaning of a label",
  "readers",
  "audience",
  "hidden result",
  "limit",
] as const;

/** One of them. */
export type RuleKind = (typeof ruleKinds)[number];

/** A plan with one protection less. */
export interface Weakening {
  readonly kind: RuleKind;
  readonly what: string;
  readonly frozen: FrozenPlan;
  /** The node that it is about; absent: all. */
  readonly node?: string;
}

/**
 * Every weakening of a plan that can show on a run of these nodes: a label that none of them has, and an audience where no data has readers, protect
 * nothing there.
 */
export function* weakenings(frozen: FrozenPlan, reached: ReadonlySet<string>): Generator<Weakening> {
  const { plan } = frozen;
  for (const [name, node] of Object.entries(plan.nodes)) {
    const put = (kind: RuleKind, what: string, changed: PlanNode): Weakening => ({
      kind,
      what: `${name}: ${what}`,
      frozen: withPlan(frozen, { ...plan, nodes: { ...plan.nodes, [name]: changed } }),
      node: name,
    });
    yield* weakerArguments(frozen, node, put);
    yield* weakerNode(node, put);
    if (node.labels !== undefined && isAttackers(frozen, node.labels))
      yield put("label of a source", `labels ${node.labels.join(", ")}`, { ...node, labels: ["user_input"] });
  }
  for (const [i, flow] of (plan.flows ?? []).entries())
    yield { kind: "flow rule", what: flow.id, frozen: withPlan(frozen, { ...plan, flows: (plan.flows ?? []).toSpliced(i, 1) }) };
  const present = new Set(
    Object.entries(plan.nodes).flatMap(([name, node]) => (reached.has(name) ? declaredLabels(frozen, node) : [])),
  );
  yield* weakerLabels(frozen, present);
  yield* weakerTools(
    frozen,
    [...present].some((name) => specOf(frozen, name).readers !== undefined),
  );
  for (const name of Object.keys(plan.limits ?? {})) {
    const { [name as "calls"]: _, ...limits } = plan.limits ?? {};
    yield { kind: "limit", what: name, frozen: withPlan(frozen, { ...plan, limits }) };
  }
}

type Put = (kind: RuleKind, what: string, changed: PlanNode) => Weakening;

function withPlan({ policy: _, ...frozen }: FrozenPlan, plan: Plan): FrozenPlan {
  return { ...frozen, plan };
}

/** All labels that somebody untrusted may have, for an endorsement of everything. */
function untrustedNames({ plan, labels, tools }: FrozenPlan): readonly string[] {
  const named = Object.values(tools).flatMap(({ facts }) => facts.labels ?? []);
  const ofNodes = Object.values(plan.nodes).flatMap((node) => node.labels ?? []);
  const all = new Set([
    ...Object.keys(plan.labels ?? {}),
    ...Object.keys(labels),
    ...named,
    ...ofNodes,
    "external_api",
    "database_record",
  ]);
  return [...all].filter((name) => name !== "unknown" && isAttackers({ plan, labels, tools } as FrozenPlan, [name]));
}

function* weakerArguments(frozen: FrozenPlan, node: PlanNode, put: Put): Generator<Weakening> {
  const endorse = { from: untrustedNames(frozen), to: "user_input", why: "weakened" };
  for (const [arg, rule] of Object.entries(node.args ?? {})) {
    const as = (changed: ArgRule): PlanNode => ({ ...node, args: { ...node.args, [arg]: changed } });
    if (isObject(rule as Json) && "match" in (rule as object)) {
      const { match: _, ...rest } = rule as { readonly match?: unknown };
      yield put("match", `match of ${arg}`, as(rest as ArgRule));
    }
    if (isObject(rule as Json) && "choose" in (rule as object)) {
      yield put("choice among values", `values of ${arg}`, as({ ...(rule as object), choose: {}, endorse } as ArgRule));
      if (!("endorse" in (rule as object)))
        yield put("choice among values", `${arg} endorsed`, as({ ...(rule as object), endorse } as ArgRule));
      continue;
    }
    if (isObject(rule as Json) && "write" in (rule as object)) {
      const { maxLength, links } = (rule as { readonly write: { readonly maxLength?: number; readonly links?: string } }).write;
      const bounds = maxLength === undefined ? {} : { maxLength };
      if (maxLength !== undefined)
        yield put("free text bounded", `length of ${arg}`, as({ write: links === undefined ? {} : { links } } as ArgRule));
      yield put("free text bounded", `links of ${arg}`, as({ write: { ...bounds, links: ["evil.example", "*.evil.example"] } }));
      continue;
    }
    yield put("value filled in", arg, as({ choose: {}, optional: true, endorse }));
  }
}

function* weakerNode(node: PlanNode, put: Put): Generator<Weakening> {
  const { require: conditions = [], when, after, times, each, show, constraints } = node;
  for (const i of conditions.keys()) yield put("require", `condition ${i + 1}`, { ...node, require: conditions.toSpliced(i, 1) });
  if (when !== undefined) yield put("guard", "when", without(node, "when"));
  if (after !== undefined) yield put("order", `after ${after.join(", ")}`, without(node, "after"));
  if (node.tool !== undefined) {
    const min = typeof times === "number" ? times : (times?.min ?? 1);
    yield put("runs", "times", { ...node, times: { min, max: 1_000 } });
  }
  if (typeof each === "object") {
    yield put("runs", "rows", { ...node, each: { ...each, max: 1_000 } });
    if (each.where !== undefined) yield put("runs", "which rows", { ...node, each: { from: each.from, max: each.max } });
  }
  if (show !== undefined && show !== "all") yield put("hidden result", "show", { ...node, show: "all" });
  yield* weakerConstraints(node, constraints, put);
}

/** What is compared when a plan is frozen, or is the operator's word, is no rule of a call. */
const staticOnly: readonly string[] = ["readOnly", "noExternalNetwork", "sandbox", "idempotent"];

function* weakerConstraints(node: PlanNode, constraints: Constraints | undefined, put: Put): Generator<Weakening> {
  for (const name of Object.keys(constraints ?? {})) {
    if (staticOnly.includes(name)) continue;
    const { [name as "maxBytes"]: _, ...rest } = constraints ?? {};
    const kind =
      name === "approve" ? "person asked" : name === "budget" || name === "rate" ? "budget or rate" : "constraint by effect";
    yield put(kind, name, { ...node, constraints: rest });
  }
}

function without(node: PlanNode, name: "when" | "after"): PlanNode {
  const { [name]: _, ...rest } = node;
  return rest;
}

/** Names that come to mean less: trusted where they were not, open where they were not. */
function* weakerLabels(frozen: FrozenPlan, present: ReadonlySet<string>): Generator<Weakening> {
  const { plan, labels } = frozen;
  const declared: { readonly [name: string]: LabelSpec } = { ...labels, ...plan.labels };
  const named = new Set([...Object.keys(declared), ...untrustedNames(frozen)]);
  for (const name of named) {
    if (!present.has(name)) continue;
    const put = (spec: LabelSpec): FrozenPlan => withPlan(frozen, { ...plan, labels: { ...plan.labels, [name]: spec } });
    const spec = declared[name] ?? { integrity: "untrusted" };
    if (isAttackers(frozen, [name]))
      yield { kind: "meaning of a label", what: `${name} trusted`, frozen: put({ ...spec, integrity: "trusted" }) };
    if (spec.readers === undefined) continue;
    const { readers: _, ...open } = spec;
    yield { kind: "readers", what: `readers of ${name}`, frozen: put(open) };
  }
}

/** Tools that are taken for less than they are. */
function* weakerTools(frozen: FrozenPlan, isReadByFew: boolean): Generator<Weakening> {
  const used = new Set(Object.values(frozen.plan.nodes).map(({ tool }) => tool));
  for (const tool of Object.values(frozen.tools)) {
    if (!used.has(tool.name)) continue;
    const put = (facts: Partial<FrozenTool["facts"]>): FrozenPlan =>
      withPlan(
        { ...frozen, tools: { ...frozen.tools, [tool.name]: { ...tool, facts: { ...tool.facts, ...facts } } } },
        frozen.plan,
      );
    const own = tool.facts.labels ?? ["unknown"];
    const isRelabelled = Object.values(frozen.plan.nodes).some((node) => node.tool === tool.name && node.labels === undefined);
    if (isRelabelled && isAttackers(frozen, own))
      yield { kind: "label of a source", what: `labels of ${tool.name}`, frozen: put({ labels: ["user_input"] }) };
    const isOutside = tool.facts.effects.some((effect) => effect === "network" || effect === "message");
    if (isReadByFew && (tool.facts.audience !== undefined || isOutside))
      yield {
        kind: "audience",
        what: `audience of ${tool.name}`,
        frozen: put({ audience: undefined as never, effects: ["read"] }),
      };
  }
}
