/**
 * What a program asks the quarantined model (CaMeL's `query_ai_assistant`) is left to the agent, since Sluice calls no model: a text in a
 * `content` argument is written by the agent; any other argument is chosen by it, and every such call is held for a human.
 * Pure. Never lets an answer of a model decide anything else: a plan that computes with one, or branches or loops on it, is refused.
 */
import { type Catalogue, inputProperties, roleOf } from "../../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import type { ArgRule, Plan, PlanNode } from "../../../src/plan/plan.ts";
import { readsOf } from "../../../src/plan/walk-reads.ts";

/** The tool that programs ask the model with. It is in the catalogue of the import only, never in that of a run. */
export const modelTool: JsonObject = {
  name: "query_ai_assistant",
  description: "Answers a question about data with a quarantined language model.",
  inputSchema: { type: "object", properties: { query: { type: "string" }, data: {} }, required: ["query"] },
  sluice: { labels: ["external_api"], effects: ["read"], roles: { query: "content", data: "content" } },
};

type Nodes = { readonly [name: string]: PlanNode };

/** The plan without its questions to the model, or the node that does more with an answer than to pass it on. */
export function withoutModel(plan: Plan, catalogue: Catalogue): Plan | { readonly computed: string } {
  const entries = Object.entries(plan.nodes);
  const questions = new Set(entries.filter(([, { tool }]) => tool === "local/query_ai_assistant").map(([name]) => name));
  if (questions.size === 0) return plan;
  const nodes: Record<string, PlanNode> = {};
  for (const [name, node] of entries) {
    if (questions.has(name)) continue;
    const asked = Object.entries(node.args ?? {}).filter(([, rule]) => questionOf(rule, questions) !== undefined);
    const passed = asked.map(([, rule]) => questionOf(rule, questions) as string);
    const waits = [...(node.after ?? []), ...passed].flatMap((before) => behind(before, { nodes: plan.nodes, questions }));
    const { after: _after, ...rest } = node;
    const open = asked.some(([arg]) => !isContent(catalogue, node, arg));
    const args = Object.fromEntries(asked.map(([arg]) => [arg, leftToAgent(catalogue, node, arg)]));
    nodes[name] = {
      ...rest,
      ...(node.args === undefined ? {} : { args: { ...node.args, ...args } }),
      ...(waits.length === 0 ? {} : { after: [...new Set(waits)].filter((before) => before !== name) }),
      ...(open ? { constraints: { ...node.constraints, approve: "human" } } : {}),
    };
  }
  const used = Object.entries(nodes).find(([name, node]) =>
    readNames(name, node, plan.nodes).some((read) => questions.has(read)),
  );
  return used === undefined ? { ...plan, nodes } : { computed: used[0] };
}

/** The question whose answer a rule passes on as it is. */
function questionOf(rule: ArgRule, questions: ReadonlySet<string>): string | undefined {
  if (!isObject(rule as Json) || Object.keys(rule as object).length !== 1) return undefined;
  const from = member(rule as Json, "from");
  const name = typeof from === "string" && from.endsWith("$") ? from.slice(0, -1) : undefined;
  return name !== undefined && questions.has(name) ? name : undefined;
}

function readNames(name: string, node: PlanNode, nodes: Nodes): readonly string[] {
  const reads = readsOf(name, node, { nodes: new Set(Object.keys(nodes)), params: new Set() });
  return reads.map((read) => read.node);
}

/** What must be settled in place of a node: of a question that which it asks about, through computations, which are never waited for. */
function behind(
  name: string,
  context: { readonly nodes: Nodes; readonly questions: ReadonlySet<string> },
  seen: ReadonlySet<string> = new Set(),
): readonly string[] {
  const node = context.nodes[name];
  if (node === undefined || seen.has(name)) return [];
  if (!context.questions.has(name) && node.let === undefined) return [name];
  const inner = new Set([...seen, name]);
  return readNames(name, node, context.nodes).flatMap((read) => behind(read, context, inner));
}

function isContent(catalogue: Catalogue, { tool = "" }: PlanNode, arg: string): boolean {
  const found = catalogue.resolve(tool);
  return found.ok && roleOf(found.value, arg) === "content";
}

function leftToAgent(catalogue: Catalogue, node: PlanNode, arg: string): ArgRule {
  if (isContent(catalogue, node, arg)) return { write: { maxLength: 4000, links: "plan" } };
  const found = catalogue.resolve(node.tool ?? "");
  const schema = found.ok ? inputProperties(found.value).get(arg) : undefined;
  const choices = member(schema, "anyOf");
  const types = [schema, ...(isArray(choices) ? choices : [])].map((one) => member(one, "type"));
  const type = types.find((one) => typeof one === "string" && one !== "null") ?? "string";
  return { choose: type === "string" ? { type, maxLength: 500 } : { type } };
}
