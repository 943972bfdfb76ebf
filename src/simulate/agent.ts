/**
 * What an honest agent sends for one call of a node: its choices and texts, and nothing that Sluice fills in.
 * Pure. Sends handles for what it may not see.
 */
import { candidatesOf, fill, type FillScope, type SelectingRule } from "../decide/fill.ts";
import { handleOf } from "../decide/handle.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import type { ArgRule, PlanNode } from "../plan/plan.ts";
import { classify } from "../plan/walk.ts";
import type { Assignment, Dimension, Inventor } from "./invent.ts";
import type { Shape } from "./shape.ts";

/** What the agent's arguments are made from. */
export interface AgentScope {
  readonly fill: FillScope;
  readonly inventor: Inventor;
  readonly agent: ReadonlyMap<ArgRule, Shape>;
  readonly assignment: Assignment;
  /** Tells one run from another. */
  readonly salt: number;
}

/** Rows that a pick is tried with. */
const picksMax = 4;

/** The arguments of a call of `node`. */
export function agentArgs(scope: AgentScope, node: CompiledNode, spec: PlanNode): JsonObject {
  const sent = Object.entries(spec.args ?? {}).flatMap(([name, rule]): [string, Json][] => {
    const compiled = node.args.find((arg) => arg.name === name)?.rule;
    if (compiled === undefined || isLeftOut(scope, `${node.index}/${name}`, compiled)) return [];
    const value = isTelling(node, compiled)
      ? told(scope, compiled)
      : give(scope, rule, { compiled, key: `${node.index}/${name}` });
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(sent);
}

/** In a loop whose rows may run several times, the agent says which row it means. */
function isTelling(node: CompiledNode, rule: CompiledRule): boolean {
  return node.each !== undefined && node.max > 1 && rule.isFilled && !rule.isHidden && rule.kind !== "const";
}

function told({ fill: scope }: AgentScope, rule: CompiledRule): Json | undefined {
  const filled = fill(scope, rule);
  return filled.kind === "value" ? filled.value : undefined;
}

function isLeftOut({ assignment }: AgentScope, key: string, rule: CompiledRule): boolean {
  return rule.isOptional && !rule.isFilled && assignment.get(`o${key}`) === 1;
}

interface RulePlace {
  readonly compiled: CompiledRule;
  readonly key: string;
}

/** What is sent for a rule; `undefined` for what Sluice fills in. */
function give(scope: AgentScope, rule: ArgRule, { compiled, key }: RulePlace): Json | undefined {
  if (compiled.isFilled) return undefined;
  const shape = scope.agent.get(rule);
  if (shape !== undefined) return scope.inventor.make(shape, scope.assignment, scope.salt);
  const classed = classify(rule);
  if (compiled.kind === "object" && classed.kind === "object") {
    const members = compiled.members.flatMap((part): [string, Json][] => {
      const inner = give(scope, classed.rule.object[part.name] as ArgRule, { compiled: part.rule, key: `${key}/${part.name}` });
      return inner === undefined ? [] : [[part.name, inner]];
    });
    return Object.fromEntries(members);
  }
  if (compiled.kind === "list" && classed.kind === "list")
    return compiled.elements.map(
      (part, i) => give(scope, classed.rules[i] as ArgRule, { compiled: part, key: `${key}/${i}` }) ?? null,
    );
  return compiled.kind === "from" || compiled.kind === "item" ? pick(scope, compiled, key) : undefined;
}

/** One of the rows that the plan offers; its handle, if it is hidden. */
function pick({ fill: scope, assignment }: AgentScope, rule: SelectingRule, key: string): Json | undefined {
  const places = candidatesOf(scope, rule) ?? [];
  const place = places[(assignment.get(`k${key}`) ?? 0) % Math.max(1, places.length)];
  if (place === undefined || !rule.isHidden) return place?.value;
  const node = scope.program.plan.nodes[place.run?.node ?? rule.read.node];
  if (place.run === undefined || node === undefined) return undefined;
  return handleOf(scope.state, { node: node.name, run: place.run.number, path: place.path });
}

/** What the agent may choose in a call of the node, beside the values of its own shapes. */
export function agentDimensions(node: CompiledNode): readonly Dimension[] {
  const found: Dimension[] = [];
  const visit = (rule: CompiledRule, key: string): void => {
    if (rule.isFilled) return;
    if (rule.kind === "object") for (const part of rule.members) visit(part.rule, `${key}/${part.name}`);
    else if (rule.kind === "list") for (const [i, part] of rule.elements.entries()) visit(part, `${key}/${i}`);
    else if (rule.kind === "from" || rule.kind === "item") found.push({ key: `k${key}`, size: picksMax });
  };
  for (const { name, rule } of node.args) {
    if (rule.isOptional && !rule.isFilled) found.push({ key: `o${node.index}/${name}`, size: 2 });
    visit(rule, `${node.index}/${name}`);
  }
  return found;
}
