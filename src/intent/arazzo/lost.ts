/**
 * What a reader of an exported document does not know of the plan, one line for each member that differs.
 * Pure. Never leaves out a difference that it is given.
 */
import type { Json } from "../../json/value.ts";
import { parsePointer, pointerOf } from "../../json/pointer.ts";
import type { ArgRule, Plan } from "../../plan/plan.ts";
import { classify, type RuleClass } from "../../plan/walk.ts";

/** A member of a plan that a document does not say, or says otherwise. */
export interface LostField {
  /** JSON pointer into the plan. */
  readonly pointer: string;
  /** One line: what is not known without it. */
  readonly why: string;
}

const planMembers: { readonly [member: string]: string } = {
  name: "the plan's own name: the workflow has another id",
  task: "the user's words",
  description: "what the plan is for",
  notAfter: "when the plan ends",
  labels: "which data is trusted, and who may read it",
  limits: "how many calls there are, for how long, and how large they may be",
  flows: "which data may not reach which tools",
  envelope: "which calls the agent may add while the plan runs",
};

const nodeMembers: { readonly [member: string]: string } = {
  tool: "the name of the tool: the operation is called otherwise",
  description: "what the call is for",
  args: "that the call has no arguments but those of the plan",
  labels: "where the result comes from",
  parse: "that the text of the result is read as data",
  removes: "which labels the result no longer carries",
  times: "how often the call may be made: a step runs once",
  each: "for which rows the call is made: a step runs once",
  when: "the condition under which the call may be made",
  optional: "that the call may be left out",
  after: "which calls must come before: steps run in a row, where the plan leaves it open or asks for more",
  require: "the condition that the arguments must satisfy",
  constraints: "what holds the call: hosts, paths, statements, budgets, approvals",
  show: "what the agent sees of the result",
};

const argClasses: { readonly [C in RuleClass]: string } = {
  const: "the constant, or the rule on it: an expression of Arazzo would be read in it, or it carries conditions",
  param: "the conditions on the parameter in this place",
  from: "which value of the result is taken, or the conditions on it",
  item: "which value of the row is taken",
  expr: "how the value is computed",
  template: "the grammar of the text that the value is put into",
  choose: "that the agent chooses the value, and among which",
  write: "that the agent writes the text, and where it may link to",
  object: "how the members are filled in",
  list: "how the elements are filled in",
};

/** A line for each difference; a computation, and a node that is called otherwise, have one for the whole. */
export function lostMembers(
  plan: Plan,
  different: ReadonlyMap<string, Json | undefined>,
  renamed: readonly string[],
): readonly LostField[] {
  const lost: LostField[] = renamed.map((node) => ({
    pointer: pointerOf(["nodes", node]),
    why: "the node's own name: the step has another id",
  }));
  for (const [pointer, value] of different) lost.push({ pointer, why: whyOf(plan, parsePointer(pointer) ?? [], value) });
  return lost;
}

function whyOf(plan: Plan, path: readonly string[], value: Json | undefined): string {
  const [root = "", name = "", own = "", arg] = path;
  if (root === "params")
    return value === undefined
      ? "that this is no parameter: the agent gives it in one call"
      : "what the plan asks of the parameter: JSON Schema does not say it alike";
  if (root !== "nodes") return planMembers[root] ?? "a member that Arazzo does not have";
  if (own === "let") return "a computation: Arazzo has no step without an operation";
  if (arg !== undefined && value !== undefined) return argClasses[classify(value as ArgRule).kind];
  const node = Object.hasOwn(plan.nodes, name) ? plan.nodes[name] : undefined;
  if (own === "after" && node?.after === undefined) return "that the plan does not ask for this order by itself";
  return nodeMembers[own] ?? "a member that Arazzo does not have";
}
