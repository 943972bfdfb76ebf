/**
 * What grows while a workflow is read: steps, parameters, findings; and how inputs become parameters or take the values that a step gives.
 * Pure. Never names two nodes or parameters alike.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { pointerOf, showPointer } from "../../json/pointer.ts";
import type { JsonObject } from "../../json/value.ts";
import { compileMatch } from "../../lang/match.ts";
import { importStepsMax, nameCharsMax } from "../../limits.ts";
import type { Finding } from "../../plan/finding.ts";
import { freshName, slugOf } from "../../plan/names.ts";
import type { ParamSpec } from "../../plan/plan.ts";
import type { IntentStep } from "../intent.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import { type Input, readInputs, type SchemaContext } from "./inputs.ts";
import type { ArazzoDocument, Workflow } from "./schema.ts";
import { constantOf, isConstant, type Term } from "./term.ts";

/** What is read, and with what. */
export interface LowerOptions {
  readonly document: ArazzoDocument;
  readonly workflow: Workflow;
  readonly catalogue: Catalogue | undefined;
  /** Most steps, sub-workflows included. */
  readonly stepsMax: number;
}

/** CEL that must hold where all of `guards` does. */
export interface Condition {
  readonly guards: readonly string[];
  readonly cel: string;
}

/** What grows as the workflow is walked through. */
export interface Lowering extends LowerOptions {
  readonly steps: IntentStep[];
  readonly names: Set<string>;
  readonly params: Map<string, ParamSpec>;
  readonly findings: Finding[];
  readonly places: Map<string, DocumentPath>;
  readonly retries: Map<string, number>;
  /** Success criteria of earlier steps, which the next call asks for: a workflow ends where they do not hold. */
  pending: readonly Condition[];
  previous: string | undefined;
}

/** Values by the names of inputs or outputs. */
export type Outputs = ReadonlyMap<string, Term>;

/** Where a workflow stands in its document. */
export function pathOfWorkflow(document: ArazzoDocument, workflow: Workflow): DocumentPath {
  return ["workflows", document.workflows.indexOf(workflow)];
}

/** One finding for a field that the plan does not have. */
export function lostField(path: DocumentPath, what: string): Finding {
  return {
    code: "IMPORT_FIELD_LOST",
    severity: "info",
    pointer: "",
    message: `not in the plan: ${what} (${showPointer(pointerOf(path))})`,
  };
}

/** What schemas are read with. */
export function schemaContext(lowering: Lowering): SchemaContext {
  return {
    components: lowering.document.components?.inputs ?? {},
    work: { left: importStepsMax },
    depth: 0,
    lost: (path, what) => lowering.findings.push(lostField(path, what)),
  };
}

/** Parameters of the plan for the inputs of a workflow that the host starts. */
export function parameters(
  lowering: Lowering,
  workflow: Workflow,
  { path, prefix }: { readonly path: DocumentPath; readonly prefix: string },
): Outputs {
  const inputs = readInputs(workflow.inputs, [...path, "inputs"], schemaContext(lowering));
  const taken = new Set(lowering.params.keys());
  return new Map(
    inputs.map((input) => {
      const name = freshName(nameFor(`${prefix}${input.name}`), taken);
      lowering.params.set(name, input.spec);
      if (!input.isRequired && input.spec.default === undefined) lowering.findings.push(requiredNow(name, input));
      return [input.name, { kind: "param", name, path: [] }] as const;
    }),
  );
}

function requiredNow(name: string, input: Input): Finding {
  const message = `the input ${quoted(input.name)} is optional in the workflow; a parameter without a default must be given when a session opens`;
  return { code: "IMPORT_INPUT_REQUIRED", severity: "info", pointer: pointerOf(["params", name]), message };
}

/** A name of the document as it stands, where a plan can have it. */
export function nameFor(name: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(name) && name.length <= nameCharsMax ? name : slugOf(name);
}

/** The value of an input of a workflow that a step runs. */
export function inputTerm(
  lowering: Lowering,
  input: Input,
  {
    given,
    workflow,
  }: { readonly given: { readonly term: Term; readonly at: DocumentPath } | undefined; readonly workflow: string },
): Term {
  if (given === undefined) {
    if (input.spec.default !== undefined) return { kind: "const", value: input.spec.default };
    if (input.isRequired)
      return refuse(
        "IMPORT_ARAZZO_FORM",
        input.path,
        `a step runs workflow ${quoted(workflow)} without this input, which is required`,
      );
    return {
      kind: "absent",
      why: `the step that runs workflow ${quoted(workflow)} does not give its input ${quoted(input.name)}`,
    };
  }
  const { default: _default, description: _description, ...match } = input.spec;
  const constraint = match as JsonObject;
  if (isConstant(given.term)) {
    const compiled = compileMatch(constraint);
    if (compiled.ok && compiled.value.check(constantOf(given.term)) !== undefined)
      return unsaid([...given.at, "value"], `the workflow's own schema of ${quoted(input.name)} refuses this value`);
  } else if (Object.keys(constraint).some((key) => key !== "type"))
    lowering.findings.push(
      lostField(input.path, `what the schema of ${quoted(input.name)} asks of a value that comes from another step or input`),
    );
  return given.term;
}
