/**
 * `sluice export --to arazzo`: a plan as an Arazzo 1.0.1 document, with `x-sluice` for what Arazzo cannot say, or with a list of it.
 * Pure. Never leaves out silently: the document is read back and compared with the plan, member by member.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { pointerOf } from "../../json/pointer.ts";
import { topologicalOrder } from "../../plan/graph.ts";
import { freshName } from "../../plan/names.ts";
import type { Plan, PlanNode } from "../../plan/plan.ts";
import { readsOf } from "../../plan/walk-reads.ts";
import { extensionName, writeExtension } from "./extension.ts";
import { valueOfRule, type Writing, type WrittenStep } from "./export-value.ts";
import { plainPlanOf } from "./import.ts";
import { schemaOf } from "./inputs.ts";
import { type LostField, lostMembers } from "./lost.ts";
import { formOf, type OperationForm } from "./operation.ts";
import { differences, piecesOf } from "./pieces.ts";

export type { LostField } from "./lost.ts";

/** How a plan is exported. */
export interface ExportOptions {
  /** Default: the plan's name. */
  readonly workflowId?: string;
  /** Whether `x-sluice` keeps what Arazzo cannot say. Default true. */
  readonly isLossless?: boolean;
}

/** A plan as an Arazzo document. */
export interface Exported {
  /** Arazzo 1.0.1. The `url` of each source description is a placeholder: a plan does not know where an API is described. */
  readonly document: JsonObject;
  /** What a reader of the document does not know of the plan; empty with `x-sluice`. */
  readonly lost: readonly LostField[];
}

/**
 * Writes a plan as an Arazzo document of one workflow. With `x-sluice`, `importArazzo` makes an equal plan of it. The plan must be one that
 * `parsePlan` has read.
 *
 * @example exportArazzo(plan, catalogue, { isLossless: false }).lost
 */
export function exportArazzo(plan: Plan, catalogue?: Catalogue, options: ExportOptions = {}): Exported {
  const { isLossless = true, workflowId = plan.name } = options;
  const { workflow, sources, stepNodes } = writeWorkflow(plan, catalogue, idFor(workflowId));
  const nodeOf = (step: StepObject, at: number): JsonObject =>
    step.stepId === stepNodes[at] ? {} : { node: stepNodes[at] ?? "" };
  const steps = workflow.steps.map((step, at) => extendedBy(step, nodeOf(step, at)));
  const named = { ...workflow, steps };
  const found = piecesOf(plainPlanOf(documentOf(plan, named, sources)).plan);
  const different = differences(piecesOf(plan), found);
  if (!isLossless) {
    const renamed = stepNodes.filter((node, at) => node !== workflow.steps[at]?.stepId);
    return { document: documentOf(plan, workflow, sources), lost: lostMembers(plan, different, renamed) };
  }
  const own = new Map(different);
  const extended = workflow.steps.map((step, at) => {
    const below = pointerOf(["nodes", stepNodes[at] ?? ""]);
    const part = new Map([...different].filter(([pointer]) => pointer.startsWith(`${below}/`)));
    for (const pointer of part.keys()) own.delete(pointer);
    return extendedBy(step, { ...nodeOf(step, at), ...writeExtension(part, found, below) });
  });
  const ids = extended.filter((step) => step[extensionName] !== undefined).map(({ stepId }) => stepId);
  const extension = { version: 1, ...(ids.length === 0 ? {} : { steps: ids }), ...writeExtension(own, found, "") };
  return { document: documentOf(plan, { ...workflow, steps: extended, [extensionName]: extension }, sources), lost: [] };
}

function extendedBy(step: StepObject, extension: JsonObject): StepObject {
  return Object.keys(extension).length === 0 ? step : { ...step, [extensionName]: extension };
}

/** A name that Arazzo recommends for ids (§4.6.4: `[A-Za-z0-9_\-]+`). */
function idFor(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 128) || "plan";
}

interface WorkflowObject {
  readonly workflowId: string;
  readonly steps: readonly StepObject[];
  readonly [field: string]: Json | readonly StepObject[];
}

interface StepObject {
  readonly stepId: string;
  readonly [field: string]: Json;
}

function documentOf(
  plan: Plan,
  workflow: { readonly [field: string]: unknown },
  sources: ReadonlyMap<string, string>,
): JsonObject {
  return {
    arazzo: "1.0.1",
    info: { title: plan.name, version: "1.0.0" },
    sourceDescriptions: [...sources.values()].map((name) => ({ name, url: `./${name}.openapi.json`, type: "openapi" })),
    workflows: [workflow as JsonObject],
  };
}

interface WrittenWorkflow {
  readonly workflow: WorkflowObject;
  /** Server → name of its source description. */
  readonly sources: ReadonlyMap<string, string>;
  /** The node of each step. */
  readonly stepNodes: readonly string[];
}

function writeWorkflow(plan: Plan, catalogue: Catalogue | undefined, workflowId: string): WrittenWorkflow {
  const order = orderOf(plan);
  const tools = new Map(order.map((name) => [name, toolParts(plan.nodes[name] as PlanNode, catalogue)]));
  const sources = sourcesOf([...tools.values()].map(({ server }) => server));
  const params = plan.params ?? {};
  const steps = new Map<string, WrittenStep>();
  const writing: Writing = { params, inputs: new Map(), taken: new Set(Object.keys(params)), steps };
  const ids = new Set<string>();
  const written = order.map((name) => {
    const node = plan.nodes[name] as PlanNode;
    const { server, operation } = tools.get(name) ?? { server: "local", operation: name };
    const source = sources.get(server) ?? server;
    const stepId = freshName(idFor(name), ids);
    const request = requestOf(node, { stepId, writing, form: formOfTool(node, catalogue) });
    steps.set(name, { stepId, outputs: new Map(), outputNames: new Set(), isSingle: node.each === undefined });
    return {
      name,
      stepId,
      fields: {
        stepId,
        ...(node.description === undefined ? {} : { description: node.description }),
        operationId: sources.size === 1 && !operation.startsWith("$") ? operation : `$sourceDescriptions.${source}.${operation}`,
        ...request,
      },
    };
  });
  const inputs = inputsOf(plan, writing.inputs);
  return {
    workflow: {
      workflowId,
      ...(plan.task === undefined || plan.task === "" ? {} : { summary: plan.task }),
      ...(plan.description === undefined ? {} : { description: plan.description }),
      ...(inputs === undefined ? {} : { inputs }),
      // Outputs are known only once the later steps are written.
      steps: written.map(({ name, fields }) => {
        const outputs = steps.get(name)?.outputs ?? new Map<string, string>();
        return outputs.size === 0
          ? fields
          : { ...fields, outputs: Object.fromEntries([...outputs].map(([expression, output]) => [output, expression])) };
      }),
    },
    sources,
    stepNodes: order,
  };
}

/** The nodes that call a tool, each after what it reads; in the order of the plan where that is one. */
function orderOf(plan: Plan): readonly string[] {
  const nodes = new Set(Object.keys(plan.nodes));
  const names = { nodes, params: new Set(Object.keys(plan.params ?? {})) };
  const graph = new Map(
    [...nodes].map((name) => [name, readsOf(name, plan.nodes[name] as PlanNode, names).map((read) => read.node)]),
  );
  const seen = new Set<string>();
  const isOrdered = [...graph].every(([name, before]) => {
    seen.add(name);
    return before.every((other) => seen.has(other) || !nodes.has(other));
  });
  const sorted = isOrdered ? undefined : topologicalOrder(graph);
  const order = sorted?.ok === true ? sorted.order : [...nodes];
  return order.filter((name) => plan.nodes[name]?.tool !== undefined);
}

function toolParts(
  { tool = "" }: PlanNode,
  catalogue: Catalogue | undefined,
): { readonly server: string; readonly operation: string } {
  const found = catalogue?.resolve(tool);
  const name = found?.ok === true ? found.value.name : tool;
  const slash = name.indexOf("/");
  return slash > 0
    ? { server: name.slice(0, slash), operation: name.slice(slash + 1) || name }
    : { server: "local", operation: name };
}

function sourcesOf(servers: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const sources = new Map<string, string>();
  for (const server of servers.length === 0 ? ["local"] : servers)
    if (!sources.has(server)) sources.set(server, freshName(idFor(server), taken));
  return sources;
}

function formOfTool({ tool = "" }: PlanNode, catalogue: Catalogue | undefined): OperationForm | undefined {
  const found = catalogue?.resolve(tool);
  return catalogue !== undefined && found?.ok === true ? formOf(found.value, catalogue) : undefined;
}

/**
 * The arguments that Arazzo can say, where the catalogue says that they go. Of a tool that no OpenAPI document describes they are the members of a
 * JSON body.
 */
function requestOf(
  node: PlanNode,
  { stepId, writing, form }: { readonly stepId: string; readonly writing: Writing; readonly form: OperationForm | undefined },
): JsonObject {
  const parameters: JsonObject[] = [];
  const members: [string, Json][] = [];
  let payload: Json | undefined;
  for (const [arg, rule] of Object.entries(node.args ?? {})) {
    const value = valueOfRule(rule, `${stepId}_${arg}`, writing);
    const place = form?.placeOf(arg);
    if (value === undefined) continue;
    if (form !== undefined && arg === form.body) payload = value;
    else if (place === undefined || place.in === "body") members.push([place?.name ?? arg, value]);
    else parameters.push({ name: place.name, in: place.in, value });
  }
  if (members.length > 0) payload = Object.fromEntries(members);
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(payload === undefined ? {} : { requestBody: { contentType: "application/json", payload } }),
  };
}

function inputsOf(plan: Plan, given: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  const params = Object.entries(plan.params ?? {});
  if (params.length + given.size === 0) return undefined;
  const required = params.filter(([, spec]) => spec.default === undefined).map(([name]) => name);
  const properties = [...params.map(([name, spec]) => [name, schemaOf(spec as JsonObject)] as const), ...given];
  return { type: "object", ...(required.length === 0 ? {} : { required }), properties: Object.fromEntries(properties) };
}
