/**
 * A workflow of an Arazzo document as an intent: its steps in a row, sub-workflows in their place, criteria and actions as conditions.
 * Pure. Never lets a step run that the workflow would not run, and never drops what restricts one.
 */
import { pointerOf } from "../../json/pointer.ts";
import { type Json, member } from "../../json/value.ts";
import { expressionCharsMax, importConditionsMax, jsonDepthMax } from "../../limits.ts";
import type { Finding } from "../../plan/finding.ts";
import { freshName } from "../../plan/names.ts";
import type { Intent } from "../intent.ts";
import { type ActionContext, retryOf, skipsOf, successOf } from "./actions.ts";
import { negated } from "./criterion.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import { readInputs } from "./inputs.ts";
import {
  inputTerm,
  type Lowering,
  type LowerOptions,
  lostField,
  nameFor,
  type Outputs,
  parameters,
  pathOfWorkflow,
  schemaContext,
} from "./lowering.ts";
import { formOf } from "./operation.ts";
import { outputsOf } from "./outputs.ts";
import { placedParameters, requestOf, withInherited } from "./request.ts";
import type { ArazzoDocument, Step, Workflow } from "./schema.ts";
import { type PastStep, type RequestTerms, type Scope, termOf } from "./scope.ts";
import type { Term } from "./term.ts";
import { toolOf } from "./tools.ts";

/** A workflow that was read. */
export interface Lowered {
  readonly intent: Intent;
  /** Steps whose failed calls may be made again. */
  readonly retried: readonly string[];
  /** Calls in all, where calls may be made again. */
  readonly calls?: number;
  /** Node → the step that it comes from. */
  readonly places: ReadonlyMap<string, DocumentPath>;
}

/** A workflow at the place where it is run. */
interface Frame {
  readonly workflow: Workflow;
  readonly path: DocumentPath;
  readonly inputs: ReadonlyMap<string, Term>;
  /** CEL, all of which is true if the workflow runs at all. */
  readonly guards: readonly string[];
  /** What the names of its nodes begin with. */
  readonly prefix: string;
  /** Ids of the workflows that are being run, so that none runs itself. */
  readonly running: readonly string[];
}

type PastWorkflows = Scope["workflows"];

/** Reads a workflow. Throws `ArazzoFault`. */
export function lower(options: LowerOptions): Lowered {
  const { document, workflow } = options;
  const lowering: Lowering = {
    ...options,
    steps: [],
    names: new Set(),
    params: new Map(),
    findings: [],
    places: new Map(),
    retries: new Map(),
    pending: [],
    previous: undefined,
  };
  const path = pathOfWorkflow(document, workflow);
  const inputs = parameters(lowering, workflow, { path, prefix: "" });
  runWorkflow(lowering, { workflow, path, inputs, guards: [], prefix: "", running: [] });
  const task = workflow.summary;
  const retried = [...lowering.retries.keys()];
  const tries = [...lowering.retries.values()].reduce((sum, limit) => sum + limit, 0);
  const intent: Intent = {
    ...(task === undefined || task === "" ? {} : { task }),
    ...(lowering.params.size === 0 ? {} : { params: Object.fromEntries(lowering.params) }),
    steps: lowering.steps,
    findings: lowering.findings,
  };
  const calls = retried.length === 0 ? {} : { calls: lowering.steps.length + tries };
  return { intent, retried, ...calls, places: lowering.places };
}

function runWorkflow(lowering: Lowering, frame: Frame): { readonly outputs: Outputs } {
  const { workflow, path } = frame;
  if (frame.running.includes(workflow.workflowId))
    unsaid([...path, "workflowId"], "a workflow that runs itself has no end in a plan");
  const running = [...frame.running, workflow.workflowId];
  if (running.length > jsonDepthMax) unsaid([...path, "workflowId"], `workflows run one another at most ${jsonDepthMax} deep`);
  const workflows = runDependencies(lowering, { ...frame, running });
  const steps = new Map<string, PastStep>();
  const scope: Scope = {
    inputs: frame.inputs,
    steps,
    stepIds: stepIdsOf(workflow, path),
    workflows,
    urls: new Map(lowering.document.sourceDescriptions.map(({ name, url }) => [name, url])),
  };
  const skips: Skipped[] = [];
  for (const [index, step] of workflow.steps.entries()) {
    const stepPath = [...path, "steps", index];
    const over = skips.filter(({ to }) => index < to);
    if (over.some(({ when }) => when === "")) {
      steps.set(step.stepId, { outputs: new Map(), never: "an action before it always goes on elsewhere" });
      const finding = lostField(stepPath, `step ${quoted(step.stepId)}, which never runs`);
      lowering.findings.push({ ...finding, code: "IMPORT_STEP_SKIPPED", severity: "warning" });
      continue;
    }
    const guards = [...frame.guards, ...over.map(({ when }) => negated(when))];
    checkLength(guards, stepPath);
    const past = runStep(lowering, { frame: { ...frame, running }, step, stepPath, index, guards, scope });
    steps.set(step.stepId, past);
    for (const { to, when } of past.skips) {
      // A step that does not run does not skip. What skips as much as this one guards the same steps by itself.
      const open = over.filter((earlier) => earlier.to < to).map((earlier) => negated(earlier.when));
      const all = [...open, ...when];
      checkLength(all, stepPath);
      skips.push({ to, when: all.join(" && ") });
    }
  }
  return { outputs: outputsOf(workflow.outputs, scope, [...path, "outputs"]) };
}

/** Steps up to `to` (exclusive) are skipped if this is true; the empty expression is. */
interface Skipped {
  readonly to: number;
  readonly when: string;
}

function checkLength(conditions: readonly string[], path: DocumentPath): void {
  const length = conditions.reduce((sum, condition) => sum + condition.length + " && ".length, 0);
  if (conditions.length > importConditionsMax || length > expressionCharsMax)
    unsaid(path, `so many actions lead past this step that its condition has more than ${expressionCharsMax} characters`);
}

function stepIdsOf(workflow: Workflow, path: DocumentPath): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const [at, { stepId }] of workflow.steps.entries()) {
    if (ids.has(stepId))
      refuse("IMPORT_ARAZZO_FORM", [...path, "steps", at, "stepId"], `another step is called ${quoted(stepId)} already`);
    ids.add(stepId);
  }
  return ids;
}

/** Runs the workflows that must come before, each once. */
function runDependencies(lowering: Lowering, frame: Frame): PastWorkflows {
  const { workflow, path, running } = frame;
  const done = new Map<string, { readonly inputs: Outputs; readonly outputs: Outputs }>();
  for (const [at, id] of (workflow.dependsOn ?? []).entries()) {
    const place = [...path, "dependsOn", at];
    const other = workflowOf(lowering.document, id, place);
    if (done.has(id)) refuse("IMPORT_ARAZZO_FORM", place, `${quoted(id)} is listed twice`);
    const prefix = `${frame.prefix}${id}_`;
    const otherPath = pathOfWorkflow(lowering.document, other);
    const inputs = parameters(lowering, other, { path: otherPath, prefix });
    const { outputs } = runWorkflow(lowering, {
      workflow: other,
      path: otherPath,
      inputs,
      guards: frame.guards,
      prefix,
      running,
    });
    done.set(id, { inputs, outputs });
  }
  return done;
}

/** A workflow of this document. */
export function workflowOf(document: ArazzoDocument, id: string, place: DocumentPath): Workflow {
  if (id.startsWith("$")) return unsaid(place, "a workflow of another document is not followed: copy it into this one");
  const found = document.workflows.find(({ workflowId }) => workflowId === id);
  return found ?? refuse("IMPORT_ARAZZO_FORM", place, `${quoted(id)} is no workflow of this document`);
}

interface StepRun {
  readonly frame: Frame;
  readonly step: Step;
  readonly stepPath: DocumentPath;
  readonly index: number;
  readonly guards: readonly string[];
  readonly scope: Scope;
}

type StepResult = PastStep & { readonly skips: readonly { readonly to: number; readonly when: readonly string[] }[] };

function runStep(lowering: Lowering, run: StepRun): StepResult {
  const { step, stepPath, frame, index, scope: outer } = run;
  checkKind(step, stepPath);
  for (const [at, id] of (step.dependsOn ?? []).entries()) {
    const bare = id.replace(/^\$steps\./, "");
    if (!outer.steps.has(bare)) unsaid([...stepPath, "dependsOn", at], `${quoted(id)} is no earlier step of this workflow`);
  }
  const inherited = placedParameters(frame.workflow.parameters, [...frame.path, "parameters"], lowering.document);
  const own = placedParameters(step.parameters, [...stepPath, "parameters"], lowering.document);
  const scope =
    step.workflowId === undefined
      ? callStep(lowering, { ...run, parameters: withInherited(own, inherited) })
      : callWorkflow(lowering, {
          ...run,
          parameters: withInherited(
            own,
            inherited.filter(({ parameter }) => parameter.in === undefined),
          ),
        });
  const context: ActionContext = {
    document: lowering.document,
    workflow: frame.workflow,
    workflowPath: frame.path,
    index,
    step,
    stepPath,
    scope: scope.scope,
    typeOf: (param) => lowering.params.get(param)?.type,
  };
  const success = successOf(context);
  const skips = skipsOf(context, success);
  const retry = retryOf(context, success, (path, what) => lowering.findings.push(lostField(path, what)));
  if (retry !== undefined && scope.node !== undefined) {
    lowering.retries.set(scope.node, retry.limit);
    if (retry.isNarrower) lowering.findings.push(retryWider(scope.node));
  }
  lowering.pending = [...lowering.pending, ...success.cel.map((cel) => ({ guards: run.guards, cel }))];
  return {
    outputs:
      step.workflowId === undefined
        ? outputsOf(step.outputs, scope.scope, [...stepPath, "outputs"])
        : (scope.scope.outputs ?? new Map()),
    skips,
  };
}

function retryWider(node: string): Finding {
  const message = "the workflow says after which failures the call is tried again; the plan allows it after every failure";
  return {
    code: "IMPORT_RETRY_WIDER",
    severity: "warning",
    pointer: pointerOf(["nodes", node, "constraints", "idempotent"]),
    message,
  };
}

function checkKind(step: Step, path: DocumentPath): void {
  for (const key of ["channelPath", "correlationId", "action", "timeout"] as const)
    if (step[key] !== undefined) unsaid([...path, key], "a plan has calls of tools only: no messages of AsyncAPI");
  const kinds = [step.operationId, step.operationPath, step.workflowId].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) refuse("IMPORT_ARAZZO_FORM", path, "a step has one of `operationId`, `operationPath` and `workflowId`");
}

type Called = StepRun & { readonly parameters: ReturnType<typeof placedParameters> };

/** A step that calls a tool: one node. */
function callStep(
  lowering: Lowering,
  { step, stepPath, guards, scope, frame, parameters: given }: Called,
): { readonly scope: Scope; readonly node: string } {
  const { document, catalogue, names } = lowering;
  const { name: tool, tool: known } = toolOf(step, stepPath, { document, catalogue });
  const wanted = member(member(step as unknown as Json, "x-sluice"), "node");
  const node = freshName(nameFor(typeof wanted === "string" ? wanted : `${frame.prefix}${step.stepId}`), names);
  const { args, terms } = requestOf({
    parameters: given,
    body: step.requestBody,
    bodyPath: [...stepPath, "requestBody"],
    scope,
    tool: known,
    form: known === undefined || catalogue === undefined ? undefined : formOf(known, catalogue),
    lost: (path, what) => lowering.findings.push(lostField(path, what)),
  });
  const require = takePending(lowering, guards, stepPath);
  const when = guards.join(" && ");
  lowering.steps.push({
    name: node,
    tool,
    args,
    ...(when === "" ? {} : { when }),
    ...(lowering.previous === undefined ? {} : { after: [lowering.previous] }),
    ...(require.length === 0 ? {} : { require }),
    ...(step.description === undefined ? {} : { description: step.description }),
    place: { pointer: pointerOf(stepPath) },
  });
  if (lowering.steps.length > lowering.stepsMax)
    refuse("IMPORT_TOO_LARGE", stepPath, `a plan is made of at most ${lowering.stepsMax} steps`);
  lowering.places.set(node, stepPath);
  lowering.previous = node;
  return { node, scope: { ...scope, request: terms satisfies RequestTerms, response: { kind: "result", node, path: [] } } };
}

/** The criteria that a call waits for. A call that always happens settles them for all that come after it. */
function takePending(lowering: Lowering, guards: readonly string[], path: DocumentPath): readonly string[] {
  const { pending } = lowering;
  if (pending.length > importConditionsMax)
    unsaid(path, `this step would wait for more than ${importConditionsMax} success criteria of steps before it`);
  if (guards.length === 0) lowering.pending = [];
  return pending.map(({ guards: of, cel }) => {
    const extra = of.filter((guard) => !guards.includes(guard));
    return extra.length === 0 ? cel : `${negated(extra.join(" && "))} || ${cel}`;
  });
}

/** A step that runs a workflow of this document: its steps, in this place. */
function callWorkflow(lowering: Lowering, run: Called): { readonly scope: Scope; readonly node?: undefined } {
  const { step, stepPath, guards, scope, frame, parameters: given } = run;
  const place = [...stepPath, "workflowId"];
  if (step.requestBody !== undefined)
    refuse("IMPORT_ARAZZO_FORM", [...stepPath, "requestBody"], "a step that runs a workflow sends no body");
  const other = workflowOf(lowering.document, step.workflowId ?? "", place);
  const path = pathOfWorkflow(lowering.document, other);
  if (frame.running.includes(other.workflowId)) unsaid(place, "a workflow that runs itself has no end in a plan");
  const declared = readInputs(other.inputs, [...path, "inputs"], schemaContext(lowering));
  const terms = new Map(
    given.map(({ parameter, path: at }) => [parameter.name, { term: termOf(parameter.value, scope, [...at, "value"]), at }]),
  );
  for (const [name, { at }] of terms)
    if (!declared.some((input) => input.name === name))
      refuse("IMPORT_ARAZZO_FORM", [...at, "name"], `${quoted(name)} is no input of workflow ${quoted(other.workflowId)}`);
  const inputs = new Map(
    declared.map(
      (input) => [input.name, inputTerm(lowering, input, { given: terms.get(input.name), workflow: other.workflowId })] as const,
    ),
  );
  const { outputs } = runWorkflow(lowering, {
    workflow: other,
    path,
    inputs,
    guards,
    prefix: `${frame.prefix}${step.stepId}_`,
    running: frame.running,
  });
  const own = outputsOf(step.outputs, { ...scope, outputs }, [...stepPath, "outputs"]);
  return { scope: { ...scope, outputs: new Map([...outputs, ...own]) } };
}
