/**
 * `sluice import --from arazzo`: an Arazzo document (1.0, 1.1) → a draft plan; with `x-sluice`, the very plan that was exported.
 * Pure. Never follows a URL, and never drops what restricts a step: what no plan can say is one error with its JSON pointer.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { pointerOf } from "../../json/pointer.ts";
import type { Json } from "../../json/value.ts";
import { readYaml } from "../../json/yaml.ts";
import { importStepsMax, planNodesMax, proseCharsMax } from "../../limits.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Plan, PlanNode } from "../../plan/plan.ts";
import { parsePlan } from "../../plan/schema.ts";
import { err, ok, type Result } from "../../result.ts";
import { type DraftOptions, draftOf } from "../draft.ts";
import type { Imported, ImportError, IntentStep } from "../intent.ts";
import { extensionName, extensionOf, overlay } from "./extension.ts";
import { ArazzoFault, type DocumentPath, quoted, refuse } from "./fault.ts";
import { lower, type Lowered, workflowOf } from "./lower.ts";
import { lostField } from "./lowering.ts";
import { piecesOf } from "./pieces.ts";
import { type ArazzoDocument, readDocument, type Workflow } from "./schema.ts";

/** How a workflow is imported. */
export interface ArazzoOptions extends DraftOptions {
  /** `workflowId`. Default: the only one that no other workflow runs. */
  readonly workflow?: string;
}

/**
 * Makes a draft plan of a workflow of an Arazzo document (YAML or JSON). A step becomes a node that calls `<source description>/<operationId>`; a
 * workflow without `x-sluice` gets the defaults of every import.
 * Errors: those of the strict readers, of `draftOf`, `IMPORT_ARAZZO_FORM`, `IMPORT_ARAZZO_EXPRESSION`, `IMPORT_ARAZZO_WORKFLOW` (which one is
 * meant), `IMPORT_ARAZZO_DISAGREES` (fields were changed beside an `x-sluice`), `IMPORT_UNREPRESENTABLE`.
 *
 * @example importArazzo(text, catalogue, { workflow: "place-order" })
 */
export function importArazzo(
  text: string,
  catalogue: Catalogue | undefined,
  options: ArazzoOptions = {},
): Result<Imported, ImportError> {
  const read = readYaml(text);
  if (!read.ok) {
    const { code, line, column, pointer, message } = read.error;
    return err({ code, message, place: { line, column, pointer } });
  }
  try {
    return importDocument(readDocument(read.value), catalogue, options);
  } catch (error) {
    if (!(error instanceof ArazzoFault)) throw error;
    return err({ ...error.fault, place: { pointer: pointerOf(error.path) } });
  }
}

function importDocument(
  document: ArazzoDocument,
  catalogue: Catalogue | undefined,
  options: ArazzoOptions,
): Result<Imported, ImportError> {
  const workflow = chosenWorkflow(document, options.workflow);
  const path = ["workflows", document.workflows.indexOf(workflow)];
  if (extensionOf(workflow) !== undefined) return ok(restore({ document, workflow, path }, catalogue, options));
  const stray = workflow.steps.findIndex((step) => Object.hasOwn(step, extensionName));
  if (stray !== -1)
    refuse(
      "IMPORT_ARAZZO_DISAGREES",
      [...path, "steps", stray, extensionName],
      "the workflow has lost its own `x-sluice`: remove this one, too",
    );
  const lowered = lower({ document, workflow, catalogue, stepsMax: importStepsMax });
  const drafted = draftOf(lowered.intent, catalogue, {
    name: options.name ?? workflow.workflowId,
    ...(options.task === undefined ? {} : { task: options.task }),
  });
  if (!drafted.ok) {
    const { place } = drafted.error;
    return err({ ...drafted.error, place: place.pointer === undefined ? { pointer: pointerOf(path) } : place });
  }
  const { plan, findings } = drafted.value;
  const kept = workflow.description !== undefined && workflow.description.length <= proseCharsMax;
  const lost = lostFields(document, workflow, { path, isDescriptionKept: kept });
  return ok({
    plan: {
      ...withRetries(plan, lowered),
      // The id as it stands: it is a name already.
      ...(options.name === undefined ? { name: workflow.workflowId } : {}),
      ...(kept ? { description: workflow.description } : {}),
    },
    findings: [...findings, ...lost],
  });
}

/** The workflow that is meant. */
function chosenWorkflow(document: ArazzoDocument, id: string | undefined): Workflow {
  const ids = new Set<string>();
  for (const [at, { workflowId }] of document.workflows.entries()) {
    if (ids.has(workflowId))
      refuse("IMPORT_ARAZZO_FORM", ["workflows", at, "workflowId"], `another workflow is called ${quoted(workflowId)} already`);
    ids.add(workflowId);
  }
  if (id !== undefined) return workflowOf(document, id, ["workflows"]);
  const used = new Set(
    document.workflows.flatMap(({ dependsOn = [], steps }) => [...dependsOn, ...steps.map(({ workflowId }) => workflowId)]),
  );
  const roots = document.workflows.filter(({ workflowId }) => !used.has(workflowId));
  const [only, second] = roots;
  if (only !== undefined && second === undefined) return only;
  const names = (roots.length === 0 ? document.workflows : roots).slice(0, 8).map(({ workflowId }) => quoted(workflowId));
  return refuse("IMPORT_ARAZZO_WORKFLOW", ["workflows"], `a plan is made of one workflow: say which, ${names.join(" or ")}`);
}

/** The plan that the fields of Arazzo say by themselves, before any default is added. */
export function plainPlan(workflow: Workflow, lowered: Lowered): Plan {
  const { intent } = lowered;
  return withRetries(
    {
      sluice: 1,
      name: workflow.workflowId,
      ...(intent.task === undefined ? {} : { task: intent.task }),
      ...(workflow.description === undefined ? {} : { description: workflow.description }),
      ...(intent.params === undefined ? {} : { params: intent.params }),
      nodes: Object.fromEntries(intent.steps.map((step) => [step.name, plainNode(step)])),
    },
    lowered,
  );
}

function plainNode({ name: _name, place: _place, positional: _positional, args = {}, ...rest }: IntentStep): PlanNode {
  return { ...rest, ...(Object.keys(args).length === 0 ? {} : { args }) };
}

/** Calls that may be tried again: failures do not count, and the session's calls bound all tries together. */
function withRetries(plan: Plan, { retried, calls }: Lowered): Plan {
  if (calls === undefined) return plan;
  const nodes = Object.fromEntries(
    Object.entries(plan.nodes).map(([name, node]) => [
      name,
      retried.includes(name) ? { ...node, constraints: { ...node.constraints, idempotent: true } } : node,
    ]),
  );
  return { ...plan, limits: { ...plan.limits, calls }, nodes };
}

interface Chosen {
  readonly document: ArazzoDocument;
  readonly workflow: Workflow;
  readonly path: DocumentPath;
}

/** The plan that was exported with `x-sluice`. */
function restore({ document, workflow, path }: Chosen, catalogue: Catalogue | undefined, options: ArazzoOptions): Imported {
  // Without the catalogue, so that the same fields say the same wherever they are read.
  const lowered = lower({ document, workflow, catalogue: undefined, stepsMax: planNodesMax });
  const value = overlay(workflow, path, { found: piecesOf(plainPlan(workflow, lowered)), places: lowered.places });
  const parsed = parsePlan(value);
  if (!parsed.ok) {
    const [first] = parsed.error;
    return refuse(
      "IMPORT_ARAZZO_FORM",
      [...path, extensionName],
      `with this the plan cannot be read, at ${quoted(first?.pointer ?? "")}: ${first?.message ?? ""}`,
    );
  }
  const plan: Plan = {
    ...parsed.value,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.task === undefined ? {} : { task: options.task }),
  };
  for (const [name, node] of Object.entries(plan.nodes)) {
    const found = node.tool === undefined ? undefined : catalogue?.resolve(node.tool);
    if (found?.ok === false)
      refuse(
        found.error.code === "TOOL_AMBIGUOUS" ? "IMPORT_TOOL_AMBIGUOUS" : "IMPORT_TOOL_UNKNOWN",
        lowered.places.get(name) ?? path,
        found.error.message,
      );
  }
  return { plan, findings: otherWorkflows(document, workflow) };
}

function otherWorkflows(document: ArazzoDocument, workflow: Workflow): readonly Finding[] {
  const used = reachable(document, workflow);
  return document.workflows.flatMap((other, at) =>
    used.has(other.workflowId)
      ? []
      : [lostField(["workflows", at], `workflow ${quoted(other.workflowId)}; a plan is made of one`)],
  );
}

/** The ids of a workflow and of all that it runs. */
function reachable(document: ArazzoDocument, workflow: Workflow): ReadonlySet<string> {
  const found = new Set([workflow.workflowId]);
  for (const id of found) {
    const next = document.workflows.find(({ workflowId }) => workflowId === id);
    for (const other of [...(next?.dependsOn ?? []), ...(next?.steps ?? []).map(({ workflowId }) => workflowId)])
      if (other !== undefined) found.add(other);
  }
  return found;
}

/** A finding for each field that describes the document, and for each extension of somebody else's. */
function lostFields(
  document: ArazzoDocument,
  workflow: Workflow,
  { path, isDescriptionKept }: { readonly path: DocumentPath; readonly isDescriptionKept: boolean },
): readonly Finding[] {
  const found: Finding[] = [];
  for (const key of Object.keys(document.info)) found.push(lostField(["info", key], `the document's ${key}`));
  if (document.$self !== undefined) found.push(lostField(["$self"], "the document's own address"));
  for (const [at] of document.sourceDescriptions.entries())
    found.push(lostField(["sourceDescriptions", at, "url"], "where the API is described; the catalogue says what its tools are"));
  if (workflow.description !== undefined && !isDescriptionKept)
    found.push(lostField([...path, "description"], `a description of more than ${proseCharsMax} characters`));
  if (workflow.outputs !== undefined)
    found.push(lostField([...path, "outputs"], "what the workflow gives back; a plan is about calls"));
  const hosts: readonly (readonly [object, DocumentPath])[] = [
    [document, []],
    ...document.sourceDescriptions.map((source, at) => [source, ["sourceDescriptions", at]] as const),
    [workflow, path],
    ...workflow.steps.map((step, at) => [step, [...path, "steps", at]] as const),
  ];
  for (const [host, place] of hosts)
    for (const key of Object.keys(host))
      if (key.startsWith("x-")) found.push(lostField([...place, key], `the extension ${quoted(key)}`));
  return [...found, ...otherWorkflows(document, workflow)];
}

/** A document read and lowered without a catalogue, as {@link importArazzo} reads it where it restores a plan. Throws `ArazzoFault`. */
export function plainPlanOf(value: Json): { readonly plan: Plan; readonly places: ReadonlyMap<string, DocumentPath> } {
  const document = readDocument(value);
  const workflow = chosenWorkflow(document, undefined);
  const lowered = lower({ document, workflow, catalogue: undefined, stepsMax: planNodesMax });
  return { plan: plainPlan(workflow, lowered), places: lowered.places };
}
