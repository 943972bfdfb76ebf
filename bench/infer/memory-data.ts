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
import type { Proposal } from "../../src/infer/proposal.ts";
import { sameValue } from "../../src/infer/values/same-value.ts";
import { domainDigest } from "../../src/plan/digest.ts";
import { createRandom } from "../../models/train/data/random.ts";
import type { ArgRule, FrozenPlan, FrozenTool, PlanNode } from "../../src/plan/plan.ts";

/** One argument of the plan that a row calls right: a value, or the number of the call whose result it is. */
export type GoldArgument = { readonly const: Json } | { readonly from: number; readonly path: string };

/** One call of it. */
export interface GoldCall {
  readonly tool: string;
  readonly args: ReadonlyMap<string, GoldArgument>;
  /** Arguments that the set marks as not read from the task, with their values; its plans count as right without them. */
  readonly unread: ReadonlyMap<string, Json>;
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
    const unread = new Map<string, Json>();
    const given = member(node, "args");
    for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
      const from = member(value, "from");
      const constant = member(value, "const");
      if (member(value, "not_from_user") === true || member(value, "default") === true) {
        if (constant !== undefined) unread.set(name, constant);
        continue;
      }
      const path = member(value, "path");
      if (from !== undefined) args.set(name, { from: names.indexOf(from), path: typeof path === "string" ? path : "" });
      else if (constant !== undefined) args.set(name, { const: constant });
    }
    return { tool: qualified(String(member(node, "tool"))), args, unread };
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

/** What the dates of the set are relative to. */
export const sgdNow = "2019-03-01";

/** Approved plans of one intent. */
const approvedPerIntent = 10;

/** Rows as approved plans, as tasks of their intents, and as tasks of other intents. */
export interface SplitRows {
  readonly approved: readonly MemoryRow[];
  readonly asked: readonly MemoryRow[];
  readonly strange: readonly MemoryRow[];
}

/**
 * Splits rows by chance (`seed`). `isOneOfAKind`: of services that do the same (`Hotels_1`, `Hotels_4`) only the first, since no task
 * says which of them is meant.
 */
export function splitRows(
  { rows, tools }: MemorySet,
  options: { readonly kind: string; readonly seed: string; readonly isOneOfAKind: boolean; readonly limit: number },
): SplitRows {
  const { kind, seed, isOneOfAKind, limit } = options;
  const first = new Map<string, string>();
  for (const name of [...tools.keys()].sort()) {
    const [service = ""] = name.split("/");
    const family = service.replace(/_\d+$/, "");
    if (!first.has(family)) first.set(family, service);
  }
  const isFirst = ({ tool }: GoldCall) => [...first.values()].includes(tool.split("/")[0] ?? "");
  const random = createRandom(`memory${seed}`);
  const intents = new Map<string, MemoryRow[]>();
  for (const row of random.shuffled(rows.filter((one) => one.kind === kind && (!isOneOfAKind || one.calls.every(isFirst)))))
    intents.set(row.intent, [...(intents.get(row.intent) ?? []), row]);
  const groups = [...intents.values()];
  const known = groups.filter(({ length }) => length > approvedPerIntent);
  return {
    approved: known.flatMap((group) => group.slice(0, approvedPerIntent)),
    asked: random.shuffled(known.flatMap((group) => group.slice(approvedPerIntent))).slice(0, limit),
    strange: random.shuffled(groups.filter((group) => !known.includes(group)).flat()).slice(0, Math.floor(limit / 10)),
  };
}

/**
 * What is wrong with a proposal for a row: other tools, arguments, values or flows than its plan; absent if nothing is. `mayRead`: an
 * argument that the set marks as not read from the task may be there, with the set's value.
 */
export function faultOf(
  { calls }: MemoryRow,
  proposal: Proposal,
  options: { readonly mayRead?: boolean } = {},
): string | undefined {
  const proposed = proposal.calls.map(({ tool }) => tool.name);
  const wanted = calls.map(({ tool }) => tool);
  if (proposed.join(" ") !== wanted.join(" ")) return `tools ${proposed.join(" ")} for ${wanted.join(" ")}`;
  for (const [at, { args, unread }] of calls.entries()) {
    const given = new Map((proposal.calls[at]?.args ?? []).map(({ path, source }) => [path[0], source]));
    for (const [name, gold] of args) {
      const source = given.get(name);
      given.delete(name);
      if (source === undefined) return `no ${name}`;
      if ("from" in gold) {
        if (source.kind !== "result" || source.call !== gold.from) return `${name} is no result of call ${gold.from}`;
      } else if (source.kind !== "constant" || !sameValue(source.value, gold.const))
        return `${name} ${JSON.stringify(source)} for ${JSON.stringify(gold.const)}`;
    }
    for (const [name, source] of given) {
      const said = unread.get(name ?? "");
      const isAsUnread = said !== undefined && source.kind === "constant" && sameValue(source.value, said);
      if (options.mayRead !== true || !isAsUnread) return `${name} ${JSON.stringify(source)} for nothing`;
    }
  }
  return undefined;
}
