/**
 * Resolves what a plan names outside of itself: its tools, their servers, the labels that the catalogue declares.
 * Pure. Never picks one of several tools of a name, and never takes a fact from anywhere but the catalogue.
 */
import { type Catalogue, readCatalogue } from "../catalogue/catalogue.ts";
import { quote } from "../catalogue/report.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import { err, ok } from "../result.ts";
import type { Finding } from "./finding.ts";
import type { EnvelopeEntry, FrozenPlan, FrozenTool, LabelSpec, Plan, PlanNode } from "./plan.ts";
import { suggestion } from "./schema-issue.ts";
import { optionsOf, rulesOf } from "./walk.ts";

/** A plan with what it names, as it would be frozen; its digest is still empty. */
export interface Resolved {
  readonly frozen: FrozenPlan;
  /** Tools that no catalogue describes: nothing is known of them but what their names suggest. */
  readonly undescribed: ReadonlySet<string>;
  /** Errors: `TOOL_UNKNOWN`, `TOOL_AMBIGUOUS`. */
  readonly findings: readonly Finding[];
}

/** Tool names that are looked at for a near one; a longer list is not what a slip of the pen is compared with. */
const suggestionsMax = 1_000;

/** Resolves a plan against a catalogue; without one, against what its own tool names suggest. */
export function resolvePlan(plan: Plan, catalogue: Catalogue | undefined): Resolved {
  const findings: Finding[] = [];
  const undescribed = new Set<string>();
  const tools = new Map<string, FrozenTool>();
  const named = catalogue ?? inferredCatalogue(plan);
  const find = (wanted: string, place: readonly (string | number)[]): FrozenTool => {
    const found = named?.resolve(wanted, place);
    if (found?.ok === false && catalogue !== undefined) {
      const near =
        found.error.code === "TOOL_UNKNOWN" && catalogue.tools.size <= suggestionsMax ? nearTool(wanted, catalogue) : "";
      findings.push({ ...found.error, message: found.error.message + near });
    }
    const tool = found?.ok === true ? found.value : bareTool(wanted);
    if (catalogue === undefined || found?.ok !== true) undescribed.add(tool.name);
    tools.set(tool.name, tool);
    return tool;
  };
  const nodes = Object.keys(plan.nodes).map((name): [string, PlanNode] => {
    const node = plan.nodes[name] as PlanNode;
    if (node.tool === undefined) return [name, node];
    const tool = find(node.tool, ["nodes", name, "tool"]);
    return [name, tool.name === node.tool ? node : { ...node, tool: tool.name }];
  });
  const envelope = plan.envelope?.map((entry, i): EnvelopeEntry => {
    const tool = find(entry.tool, ["envelope", i, "tool"]);
    return tool.name === entry.tool ? entry : { ...entry, tool: tool.name };
  });
  const qualified = { ...plan, nodes: Object.fromEntries(nodes), ...(envelope === undefined ? {} : { envelope }) };
  const frozen: FrozenPlan = {
    kind: "sluice.frozen-plan",
    version: 1,
    digest: "",
    plan: qualified,
    tools: byName(tools),
    servers: serversOf(tools, named),
    labels: labelsUsed(qualified, tools, named),
  };
  return { frozen, undescribed, findings };
}

/** What the names of a plan's tools suggest, where there is no catalogue. */
function inferredCatalogue(plan: Plan): Catalogue | undefined {
  const names = new Set([...Object.values(plan.nodes), ...(plan.envelope ?? [])].flatMap(({ tool }) => tool ?? []));
  const read = readCatalogue({ tools: Array.from(names, (name) => ({ name })) });
  return read.ok ? read.value : undefined;
}

function bareTool(name: string): FrozenTool {
  return { name, definition: { name }, facts: { effects: [], roles: {}, inferred: ["labels", "effects", "roles"] } };
}

function nearTool(name: string, catalogue: Catalogue): string {
  const hint = suggestion(name, catalogue.tools.keys());
  return hint.startsWith(": did") ? hint : "";
}

function byName<Value>(values: ReadonlyMap<string, Value>): { readonly [name: string]: Value } {
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The server of a qualified tool name. */
function serverOf(tool: string): string {
  const slash = tool.indexOf("/");
  return slash === -1 ? "local" : tool.slice(0, slash);
}

function serversOf(tools: ReadonlyMap<string, FrozenTool>, catalogue: Catalogue | undefined): { readonly [name: string]: Json } {
  const servers = new Map<string, Json>();
  for (const name of tools.keys()) {
    const server = serverOf(name);
    servers.set(server, catalogue?.servers.get(server) ?? { name: server });
  }
  return byName(servers);
}

/** The declarations of the catalogue's labels that the plan or its tools name, or that the plan declares anew. */
function labelsUsed(
  plan: Plan,
  tools: ReadonlyMap<string, FrozenTool>,
  catalogue: Catalogue | undefined,
): { readonly [name: string]: LabelSpec } {
  const declared = catalogue?.labels ?? {};
  const used = new Map<string, LabelSpec>();
  const use = (name: string): void => {
    if (Object.hasOwn(declared, name)) used.set(name, declared[name] as LabelSpec);
  };
  for (const tool of tools.values()) tool.facts.labels?.forEach(use);
  for (const { name } of labelUses(plan)) use(name);
  // What a plan declares anew is judged against what the operator said, also when a frozen file is read back.
  for (const name of Object.keys(plan.labels ?? {})) use(name);
  for (const name of ["user_input", "database_record", "external_api"]) use(name);
  return byName(used);
}

/** One mention of a label in a plan. */
export interface LabelUse {
  readonly name: string;
  readonly by: "deny" | "labels" | "removes" | "endorse-from" | "endorse-to" | "declassify-from";
  /** Where in the plan. */
  readonly path: readonly (string | number)[];
}

/** Every mention of a label in the rules of a plan, in the order of the plan. */
export function labelUses(plan: Plan): readonly LabelUse[] {
  const uses: LabelUse[] = [];
  const add = (by: LabelUse["by"], names: string | readonly string[], path: readonly (string | number)[]): void => {
    if (typeof names === "string") uses.push({ name: names, by, path });
    else for (const [i, name] of names.entries()) uses.push({ name, by, path: [...path, i] });
  };
  for (const name of Object.keys(plan.nodes)) {
    const node = plan.nodes[name] as PlanNode;
    const at = ["nodes", name];
    add("labels", node.labels ?? [], [...at, "labels"]);
    add("removes", node.removes?.labels ?? [], [...at, "removes", "labels"]);
    for (const { path, rule } of rulesOf(name, node)) {
      const { endorse, declassify } = optionsOf(rule);
      if (endorse !== undefined) {
        add("endorse-from", endorse.from, [...path, "endorse", "from"]);
        add("endorse-to", endorse.to, [...path, "endorse", "to"]);
      }
      if (declassify !== undefined) add("declassify-from", declassify.from, [...path, "declassify", "from"]);
    }
  }
  (plan.flows ?? []).forEach((flow, i) => {
    add("deny", flow.deny, ["flows", i, "deny"]);
  });
  return uses;
}

/** The catalogue that a frozen plan carries: its own tools, by their qualified names only. */
export function catalogueOf(frozen: FrozenPlan): Catalogue {
  const tools: ReadonlyMap<string, FrozenTool> = new Map(Object.entries(frozen.tools));
  return {
    tools,
    servers: new Map(Object.entries(frozen.servers)),
    labels: frozen.labels,
    findings: [],
    resolve: (name, place = []) => {
      const tool = tools.get(name);
      if (tool !== undefined) return ok(tool);
      const message = `the frozen plan does not hold the tool ${quote(name)}`;
      return err({ code: "TOOL_UNKNOWN", severity: "error", pointer: pointerOf(place), message });
    },
  };
}
