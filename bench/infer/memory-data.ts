/**
 * Rows of a data set as approved plans and as tasks to draft: what the memory is measured with.
 * Never writes anything of a data set anywhere.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJson } from "../../src/json/read.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { domainDigest } from "../../src/plan/digest.ts";
import type { ArgRule, FrozenPlan, FrozenTool, PlanNode } from "../../src/plan/plan.ts";

/** One argument of the plan that a row calls right: a value, or the number of the call whose result it is. */
export type GoldArgument = { readonly const: Json } | { readonly from: number; readonly path: string };

/** One call of it. */
export interface GoldCall {
  readonly tool: string;
  readonly args: ReadonlyMap<string, GoldArgument>;
}

/** A row: a task and its right plan. */
export interface MemoryRow {
  readonly id: string;
  readonly kind: string;
  readonly task: string;
  readonly catalogue: string;
  readonly calls: readonly GoldCall[];
  /** Name of its intent: tools in order, which arguments are filled, and which of them by results. */
  readonly intent: string;
}

/** Rows of a set with the tools that their plans call. */
export interface MemorySet {
  readonly rows: readonly MemoryRow[];
  readonly tools: ReadonlyMap<string, FrozenTool>;
}

/** Reads `plans/SPLIT/SET.jsonl.gz` and its catalogues. Throws where there is no data, or what is there cannot be read. */
export function readMemorySet(split: "train" | "dev", set: string): MemorySet {
  const folder = join(process.env.SLUICE_DATA ?? "../shared/data", "plans");
  const path = join(folder, split, `${set}.jsonl.gz`);
  if (!existsSync(path)) throw new Error(`no data at ${path}: set SLUICE_DATA to the folder of the data sets`);
  const rows: MemoryRow[] = [];
  for (const line of gunzipSync(readFileSync(path)).toString("utf8").split("\n")) {
    if (line.trim() === "") continue;
    const read = readJson(line);
    if (!read.ok) throw new Error(`${path}: ${read.error.message}`);
    const row = rowOf(read.value);
    if (row !== undefined) rows.push(row);
  }
  const tools = new Map<string, FrozenTool>();
  for (const name of new Set(rows.map(({ catalogue }) => catalogue)))
    for (const [tool, frozen] of readTools(join(folder, "catalogs", `${name}.json`))) tools.set(tool, frozen);
  return { rows, tools };
}

function rowOf(row: Json): MemoryRow | undefined {
  const id = member(row, "id");
  const task = member(row, "task");
  const catalogue = member(row, "catalog");
  const kind = member(row, "kind");
  const nodes = member(member(row, "plan"), "nodes");
  if (typeof id !== "string" || typeof task !== "string" || typeof catalogue !== "string" || !isArray(nodes)) return undefined;
  if (nodes.length === 0) return undefined;
  const names = nodes.map((node) => member(node, "id"));
  const calls = nodes.map((node): GoldCall => {
    const args = new Map<string, GoldArgument>();
    const given = member(node, "args");
    for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
      if (member(value, "not_from_user") === true || member(value, "default") === true) continue;
      const from = member(value, "from");
      const constant = member(value, "const");
      const path = member(value, "path");
      if (from !== undefined) args.set(name, { from: names.indexOf(from), path: typeof path === "string" ? path : "" });
      else if (constant !== undefined) args.set(name, { const: constant });
    }
    return { tool: qualified(String(member(node, "tool"))), args };
  });
  const intent = JSON.stringify(
    calls.map(({ tool, args }) => [
      tool,
      ...[...args].map(([name, value]) => ("from" in value ? `${name}<${value.from}.${value.path}` : name)).sort(),
    ]),
  );
  return { id, kind: typeof kind === "string" ? kind : "task", task, catalogue, calls, intent };
}

/** `Banks_2.CheckBalance` is a tool of the server `Banks_2`. */
function qualified(name: string): string {
  return name.includes(".") ? name.replace(".", "/") : `local/${name}`;
}

function readTools(path: string): ReadonlyMap<string, FrozenTool> {
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok || !isArray(read.value)) throw new Error(`${path}: not a list of tools`);
  const definitions = read.value.map((entry): JsonObject => {
    const returns = member(entry, "returns");
    return {
      name: qualified(String(member(entry, "name"))).replace(/^local\//, ""),
      description: member(entry, "description") ?? "",
      inputSchema: member(entry, "parameters") ?? { type: "object" },
      ...(returns === undefined ? {} : { outputSchema: returns }),
    };
  });
  const catalogue = readCatalogue(definitions, { declarations: "ignore" });
  if (!catalogue.ok) throw new Error(`${path}: ${catalogue.error[0]?.message ?? "no catalogue"}`);
  return catalogue.value.tools;
}

/** The plan of a row as if somebody had approved it. It is not frozen through the linter: rows leave out arguments that their tools demand. */
export function approvedRow({ task, calls }: MemoryRow, tools: ReadonlyMap<string, FrozenTool>): FrozenPlan {
  const nodes: { [name: string]: PlanNode } = {};
  const used: { [name: string]: FrozenTool } = {};
  for (const [at, { tool, args }] of calls.entries()) {
    const rules: { [name: string]: ArgRule } = {};
    for (const [name, value] of args) {
      if ("const" in value) rules[name] = { const: value.const };
      else rules[name] = { from: `n${value.from}$${value.path === "" ? "" : `["${value.path}"]`}` };
    }
    nodes[`n${at}`] = { tool, args: rules };
    const frozen = tools.get(tool);
    if (frozen !== undefined) used[tool] = frozen;
  }
  const plan = { sluice: 1 as const, name: "approved", task, nodes };
  const digest = domainDigest("plan", canonicalJson(plan as unknown as Json));
  return { kind: "sluice.frozen-plan", version: 1, digest, plan, tools: used, servers: {}, labels: {} };
}
