/**
 * Which part of the plan decided a call, and what it says, in one sentence.
 * Pure. Names of the plan and values of the trace; for the operator, never for the agent.
 */
import { CODES, type Code } from "../codes.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import { compileMatch } from "../lang/match.ts";
import type { ArgRule, Plan, PlanNode } from "../plan/plan.ts";
import { classify, optionsOf } from "../plan/walk.ts";
import { predecessorsOf, runsOf } from "./edits/node.ts";
import type { Steps } from "./patch.ts";
import { nodeOf, shown, type Situation, type Spot, spotOf } from "./situation.ts";

/** The part of the plan that decided. */
export interface DecidingRule {
  /** JSON pointer into the plan. */
  readonly pointer: string;
  /** What the plan says there; absent where it says nothing. */
  readonly value?: Json;
  /** One sentence, lower case, no full stop. */
  readonly says: string;
}

/** The rule that a call satisfied (its node) or did not. */
export function decidingRule(situation: Situation): DecidingRule {
  const { plan, call } = situation;
  const { path, says } =
    call.code === null
      ? { path: ["nodes", call.node ?? ""], says: `the call is a run of \`${call.node}\`` }
      : reasonOf(situation, call.code);
  const value = valueAt(plan, path);
  return { pointer: pointerOf(path), ...(value === undefined ? {} : { value }), says };
}

interface Reason {
  readonly path: Steps;
  readonly says: string;
}

function reasonOf(situation: Situation, code: Code): Reason {
  const found = nodeOf(situation);
  if (found === undefined) return sessionReason(situation, code);
  const { name, node } = found;
  const at = (...steps: Steps): Steps => ["nodes", name, ...steps];
  const spot = spotOf(situation);
  switch (code) {
    case "CALL_OUT_OF_ORDER":
      return { path: node.after === undefined ? at() : at("after"), says: orderSays(situation, { name, node }) };
    case "CALL_GUARD":
      return { path: at("when"), says: `\`${name}\` runs only where \`${node.when}\` is true` };
    case "CALL_REPEATED":
      return { path: node.times === undefined ? at() : at("times"), says: repeatedSays(situation, name, node) };
    case "CALL_EACH":
      return { path: at("each"), says: `the rows of \`${name}\` cannot be told, or there are more than its \`max\`` };
    case "CALL_REQUIRE":
      return {
        path: at("require"),
        says: `a condition of \`${name}\` does not hold: ${(node.require ?? []).map((source) => `\`${source}\``).join(", ")}`,
      };
    case "CALL_RATE":
      return { path: at("constraints", "rate"), says: `\`${name}\` is called too often in its window of time` };
    case "CALL_BUDGET":
      return { path: at("constraints", "budget"), says: `the call would take more than is left of the budget of \`${name}\`` };
    case "CALL_NEEDS_APPROVAL":
      return { path: at("constraints", "approve"), says: `a human must approve each run of \`${name}\`` };
    case "FLOW_SINK_DENIED":
    case "FLOW_CONTROL_DENIED":
      return flowReason(situation, spot);
    case "FLOW_AUDIENCE_DENIED":
      return {
        path: spot?.path ?? at(),
        says: `\`${spot?.title ?? ""}\` of \`${name}\` reaches readers who may not see its data`,
      };
    case "FLOW_CHOICE_UNTRUSTED":
      return {
        path: spot?.path ?? at(),
        says: `the agent chooses \`${spot?.title ?? ""}\` of \`${name}\`, and has read untrusted data`,
      };
    case "ARG_UNEXPECTED":
      return { path: at("args"), says: `\`${name}\` takes no argument \`${spot?.title ?? situation.call.argument ?? ""}\`` };
    default:
      return spot === undefined
        ? { path: at(), says: CODES[code].text }
        : { path: spot.path, says: argumentSays(spot, code, node) };
  }
}

function sessionReason({ plan, call }: Situation, code: Code): Reason {
  if (code === "CALL_NOT_IN_PLAN") {
    const has = Object.values(plan.nodes).some(({ tool }) => tool === call.tool);
    return {
      path: ["nodes"],
      says: has ? `no node of the plan has that name and calls \`${call.tool}\`` : `no node of the plan calls \`${call.tool}\``,
    };
  }
  if (code === "CALL_AMBIGUOUS") {
    const names = Object.keys(plan.nodes).filter((name) => plan.nodes[name]?.tool === call.tool);
    return {
      path: ["nodes"],
      says: `the call fits several nodes; the agent names one in \`sluice_node\`: ${names.map((name) => `\`${name}\``).join(", ")}`,
    };
  }
  const limit: { readonly [C in Code]?: Steps } = {
    CALL_LIMIT: ["limits", "calls"],
    CALL_TOO_LARGE: ["limits", "maxBytes"],
    SESSION_EXPIRED: ["limits", "seconds"],
    PLAN_EXPIRED: ["notAfter"],
  };
  return { path: limit[code] ?? [], says: CODES[code].text };
}

function orderSays(situation: Situation, found: { readonly name: string; readonly node: PlanNode }): string {
  const missing = predecessorsOf(situation, found).filter((name) => runsOf(situation, name).length === 0);
  if (missing.length > 0)
    return `\`${found.name}\` waits for ${missing.map((name) => `\`${name}\``).join(", ")}, which had no run before`;
  return found.node.optional === true
    ? `\`${found.name}\` is optional and closed: a node that reads it has started`
    : `a node that \`${found.name}\` waits for has not had all its runs`;
}

function repeatedSays(situation: Situation, name: string, node: PlanNode): string {
  const runs = runsOf(situation, name).length;
  const row = node.each === undefined ? "" : " (for each row)";
  return `\`${name}\` had ${runs} run${runs === 1 ? "" : "s"}, as many as the plan allows${row}`;
}

function flowReason({ plan, call }: Situation, spot: Spot | undefined): Reason {
  const index = (plan.flows ?? []).findIndex(({ id }) => id === call.rule);
  const rule = plan.flows?.[index];
  if (rule === undefined) {
    const ofPolicy =
      call.rule?.startsWith("policy.") === true ? `the policy's rule \`${call.rule.slice(7)}\`` : "a data-flow rule of the plan";
    return { path: ["flows"], says: `${ofPolicy} forbids this data there` };
  }
  const where = spot === undefined ? "the call" : `\`${spot.title}\` of \`${call.tool}\``;
  return {
    path: ["flows", index],
    says: `the rule \`${rule.id}\` keeps ${rule.deny.map((name) => `\`${name}\``).join(", ")} out of ${where}`,
  };
}

const effectKinds = ["hosts", "paths", "emails", "domains", "sql", "argv"] as const;

/** The node's constraints by effect, where the argument's own constraint is kept: then it is one of those that is not. */
function effectsOf({ rule, sent }: Spot, { constraints }: PlanNode): readonly string[] {
  const own = rule === undefined ? undefined : constraintOf(rule);
  const match = typeof own === "object" ? compileMatch(own as Json) : undefined;
  const isKept = sent === undefined || match === undefined || (match.ok && match.value.check(sent) === undefined);
  return isKept ? effectKinds.filter((kind) => constraints?.[kind] !== undefined) : [];
}

function argumentSays(spot: Spot, code: Code, found: PlanNode): string {
  const { title, node, rule, sent } = spot;
  const what = `\`${title}\` of \`${node}\``;
  const source = rule === undefined ? "the plan" : ruleSays(rule);
  if (code === "ARG_MISSING") return `the agent must give ${what}`;
  if (code === "ARG_UNRESOLVED") return `${what} is ${source}, and that is not there exactly once`;
  const effects = code === "ARG_CONSTRAINT" ? effectsOf(spot, found) : [];
  if (effects.length > 0)
    return `${what} must keep to the node's ${effects.map((kind) => `\`${kind}\``).join(" and ")}; sent was ${shown(sent)}`;
  if (code === "ARG_CONSTRAINT") return `${what} must satisfy ${JSON.stringify(constraintOf(rule))}; sent was ${shown(sent)}`;
  if (code === "ARG_TEXT") return `${what} is free text within ${JSON.stringify(constraintOf(rule))}; sent was ${shown(sent)}`;
  return `${what} is ${source}; sent was ${shown(sent)}`;
}

function constraintOf(rule: ArgRule | undefined): unknown {
  if (rule === undefined) return {};
  const classed = classify(rule);
  if (classed.kind === "choose") return classed.rule.choose;
  if (classed.kind === "write") return classed.rule.write;
  return optionsOf(rule).match ?? "the node's constraints";
}

/** What a rule makes of an argument, for a sentence: `` `ceiling`, a parameter ``. */
export function ruleSays(rule: ArgRule): string {
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
      return `always ${shown(classed.rule.const)}`;
    case "param":
      return `the parameter \`${classed.rule.param}\``;
    case "from":
      return `what \`${classed.rule.from}\` selects${classed.rule.extract === undefined ? "" : ", of that an extract"}`;
    case "item":
      return `\`${classed.rule.item}\` of the row`;
    case "expr":
      return `the value of \`${classed.rule.expr}\``;
    case "template":
      return `a text of the template \`${classed.rule.template}\``;
    case "choose":
      return "the agent's choice";
    case "write":
      return "the agent's text";
    case "object":
      return "an object of rules";
    case "list":
      return "a list of rules";
  }
}

function valueAt(plan: Plan, path: Steps): Json | undefined {
  let value: unknown = plan;
  for (const step of path)
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Readonly<Record<string | number, unknown>>)[step]
        : undefined;
  return value as Json | undefined;
}
