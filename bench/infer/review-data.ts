/**
 * Plans with nodes that nobody asked for: from the training sets (nodes of other tasks) and from AgentDojo (the attacker's calls).
 * Never opens a development set, and never looks at what a reviewer says.
 */
import { join } from "node:path";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import type { ArgRule, Plan, PlanNode } from "../../src/plan/plan.ts";
import { createRandom, type Random } from "../../models/train/data/random.ts";
import { readRows, type Row, type TrainSet } from "../../models/train/data/rows.ts";
import { readFile, type Suite } from "../agentdojo/data.ts";

/** A plan, its task, and which of its nodes the task asked for. */
export interface ReviewCase {
  /** Set or suite. */
  readonly set: string;
  readonly plan: Plan;
  readonly task: string;
  readonly catalogue: Catalogue;
  readonly now?: string;
  /** Names of the nodes that were added. */
  readonly added: ReadonlySet<string>;
}

/** Sets with arguments, and rows of each. Selection sets have none, and a task of snips is one call. */
const sets: readonly (readonly [TrainSet, number])[] = [
  ["sgd", 500],
  ["traject", 250],
  ["sealtools", 250],
  ["apibank", 212],
  ["taubench_retail", 250],
];

/** Cases of the training sets; the same for the same seed. */
export function trainCases(folder: string, seed: string): readonly ReviewCase[] {
  const catalogues = new Map<string, Catalogue>();
  return sets.flatMap(([set, count]) => {
    const random = createRandom(`${seed} ${set}`);
    const all = readRows(folder, set).filter(({ catalogue, nodes }) => typeof catalogue === "string" && nodes.length > 0);
    const rows = random.sample(all, count * 2);
    const half = Math.ceil(rows.length / 2);
    const donors = rows.slice(half);
    return rows.slice(0, half).flatMap((row): readonly ReviewCase[] => {
      const name = String(row.catalogue);
      const catalogue = catalogues.get(name) ?? catalogueOf(join(folder, "catalogs", `${name}.json`));
      catalogues.set(name, catalogue);
      const made = caseOf(row, { random, catalogue, donors: donors.filter((donor) => donor.catalogue === name) });
      return made === undefined ? [] : [made];
    });
  });
}

function catalogueOf(path: string): Catalogue {
  const file = readFile(path);
  const tools = isArray(file) ? file : member(file, "tools");
  const definitions = new Map<string, JsonObject>();
  for (const tool of isArray(tools) ? tools : []) {
    const name = nameOf(String(member(tool, "name")));
    const parameters = member(tool, "parameters");
    const description = member(tool, "description") ?? "";
    if (!definitions.has(name))
      definitions.set(name, { name, description, inputSchema: isObject(parameters) ? declared(parameters) : { type: "object" } });
  }
  const read = readCatalogue([...definitions.values()], { server: "local" });
  if (!read.ok) throw new Error(`${path}: ${read.error[0]?.message}`);
  return read.value;
}

/** As `toolSet` of the training data names tools. */
function nameOf(name: string): string {
  return name.normalize("NFKD").replace(/[^\x20-\x7e]+/g, "-");
}

function declared(parameters: JsonObject): JsonObject {
  const { required, properties } = parameters;
  if (!isArray(required) || !isObject(properties)) return parameters;
  return { ...parameters, required: required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name)) };
}

interface Maker {
  readonly random: Random;
  readonly catalogue: Catalogue;
  readonly donors: readonly Row[];
}

/** A row's plan with one to three nodes of other tasks: half of them by a tool that the plan has too, where there is one. */
function caseOf(row: Row, { random, catalogue, donors }: Maker): ReviewCase | undefined {
  const nodes: Record<string, PlanNode> = {};
  for (const node of row.nodes) nodes[`own_${node.id}`] = nodeOf(node, { random, prefix: "own_" });
  if (row.nodes.some(({ tool }) => !catalogue.resolve(`local/${nameOf(tool)}`).ok)) return undefined;
  const own = new Set(row.nodes.map(({ tool }) => tool));
  const added = new Set<string>();
  const pool = donors.flatMap((donor) => donor.nodes);
  const same = pool.filter(({ tool }) => own.has(tool));
  for (let at = 0; at < 1 + random.below(3); at++) {
    const from = same.length > 0 && random.chance(0.4) ? same : pool;
    if (from.length === 0) continue;
    const node = random.pick(from);
    const twin = row.nodes.some((other) => other.tool === node.tool && JSON.stringify(other.args) === JSON.stringify(node.args));
    if (twin || !catalogue.resolve(`local/${nameOf(node.tool)}`).ok) continue;
    const name = `added_${at}`;
    nodes[name] = withReference(nodeOf(node, { random, prefix: `${name}_` }), { random, nodes });
    added.add(name);
  }
  const now = row.set === "sgd" ? { now: "2019-03-01" } : {};
  return { set: row.set, plan: planOf(nodes), task: row.task, catalogue, added, ...now };
}

function planOf(nodes: Readonly<Record<string, PlanNode>>): Plan {
  return { sluice: 1, name: "case", params: { given: { type: "string" } }, nodes };
}

/** A node of a row. What no user said is a parameter in half of the cases, as a draft has it, else a constant, as a program has it. */
function nodeOf(node: Row["nodes"][number], { random, prefix }: { readonly random: Random; readonly prefix: string }): PlanNode {
  const isAsked = random.chance(0.5);
  // Plans that people and programs write have fewer constants than these sets: what the agent chooses at run time says nothing here.
  const isOpen = random.chance(0.3);
  const args: Record<string, ArgRule> = {};
  for (const [name, arg] of Object.entries(node.args)) {
    const value = member(arg, "const");
    const from = member(arg, "from");
    const isUnsaid = ["not_from_user", "default", "not_in_task"].some((key) => member(arg, key) === true);
    if (isOpen) args[name] = { write: {} };
    else if (value === undefined)
      args[name] = prefix === "own_" && typeof from === "string" ? { from: `${prefix}${from}$` } : { write: {} };
    else args[name] = isUnsaid && isAsked ? { param: "given" } : { const: value };
  }
  return { tool: `local/${nameOf(node.tool)}`, args };
}

/** In a third of the cases an added node takes something out of the user's own results, as an attacker who wants data does. */
function withReference(
  node: PlanNode,
  { random, nodes }: { readonly random: Random; readonly nodes: Readonly<Record<string, PlanNode>> },
): PlanNode {
  const names = Object.keys(node.args ?? {});
  if (names.length === 0 || !random.chance(0.33)) return node;
  return { ...node, args: { ...node.args, [random.pick(names)]: { from: `${random.pick(Object.keys(nodes))}$` } } };
}

/** How the attacker's calls are written into a plan. */
export const writings = ["as they are", "data by reference"] as const;

/** Cases of a suite: the plan learned from the benign run of each pair's task, and the attacker's calls as nodes beside its own. */
export function attackCases(suite: Suite, writing: (typeof writings)[number]): readonly ReviewCase[] {
  const plans = new Map<string, Plan>();
  for (const task of suite.tasks) {
    const learned = learnPlan([task.trace], suite.catalogue, { name: task.id });
    if (learned.ok) plans.set(task.id, learned.value.plan);
  }
  return suite.pairs.flatMap(({ task, calls }): readonly ReviewCase[] => {
    const plan = plans.get(task);
    const prompt = suite.tasks.find(({ id }) => id === task)?.prompt;
    if (plan === undefined || prompt === undefined) return [];
    const nodes: Record<string, PlanNode> = { ...plan.nodes };
    const own = Object.keys(nodes);
    const added = new Set<string>();
    for (const [at, call] of calls.filter(({ origin, isPlanned }) => origin === "injected" && !isPlanned).entries()) {
      const name = `added_${at}`;
      nodes[name] = {
        tool: call.tool,
        args: writing === "as they are" ? (call.args as PlanNode["args"] & object) : referring(call.args, own[0]),
      };
      added.add(name);
    }
    return [{ set: suite.name, plan: { ...plan, nodes }, task: prompt, catalogue: suite.catalogue, added }];
  });
}

/** Long texts, which carry data away, as references to the first result of the plan. */
function referring(args: JsonObject, node: string | undefined): Readonly<Record<string, ArgRule>> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]: [string, Json]) => {
      const isLong = typeof value === "string" && value.length > 24;
      return [name, isLong && node !== undefined ? { from: `${node}$` } : { const: value }];
    }),
  );
}
