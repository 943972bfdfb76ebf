/**
 * What the names of runtime expressions mean at one place of a workflow: inputs, outputs of earlier steps, the response at hand.
 * Pure. Never guesses: a name that is not declared, or declared later, is an error.
 */
import type { Json } from "../../json/value.ts";
import { isArray, isObject } from "../../json/value.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import { isRuntimeText, parseRuntime, type RuntimeExpression, splitEmbedded } from "./runtime-expression.ts";
import { constantOf, isConstant, stepsOf, type Term, termAt, type TermPath } from "./term.ts";

/** A step that came before. */
export interface PastStep {
  readonly outputs: ReadonlyMap<string, Term>;
  /** Why it never runs, where that is known. */
  readonly never?: string;
}

/** The request that a step makes, by where its parts go. */
export interface RequestTerms {
  readonly header: ReadonlyMap<string, Term>;
  readonly query: ReadonlyMap<string, Term>;
  readonly path: ReadonlyMap<string, Term>;
  readonly body: Term | undefined;
}

/** What names mean. */
export interface Scope {
  readonly inputs: ReadonlyMap<string, Term>;
  readonly steps: ReadonlyMap<string, PastStep>;
  /** Ids of all steps of the workflow, so that a later one is told apart from one that does not exist. */
  readonly stepIds: ReadonlySet<string>;
  /** Workflows that were run before (`dependsOn`), with their inputs and outputs. */
  readonly workflows: ReadonlyMap<
    string,
    { readonly inputs: ReadonlyMap<string, Term>; readonly outputs: ReadonlyMap<string, Term> }
  >;
  /** `url` of the source descriptions. */
  readonly urls: ReadonlyMap<string, string>;
  /** The step at hand, for its criteria, actions and outputs. */
  readonly request?: RequestTerms;
  readonly response?: Term;
  /** The outputs of the workflow that the step at hand has run. */
  readonly outputs?: ReadonlyMap<string, Term>;
}

/** A JSON value of the document with all expressions in it resolved. */
export function termOf(value: Json, scope: Scope, place: DocumentPath): Term {
  if (typeof value === "string") return textTerm(value, scope, place);
  const inner = isArray(value)
    ? ({ kind: "list", elements: value.map((element, at) => termOf(element, scope, [...place, at])) } as const)
    : isObject(value)
      ? ({
          kind: "object",
          members: new Map(Object.entries(value).map(([name, element]) => [name, termOf(element, scope, [...place, name])])),
        } as const)
      : ({ kind: "const", value } as const);
  return isConstant(inner) ? { kind: "const", value: constantOf(inner) } : inner;
}

/** A text: an expression, a text with expressions in it, or a constant. */
export function textTerm(text: string, scope: Scope, place: DocumentPath): Term {
  if (isRuntimeText(text)) return lookUp(text, scope, place);
  if (!text.includes("{$")) return { kind: "const", value: text };
  const parts = splitEmbedded(text).map((part) => ("literal" in part ? part.literal : lookUp(part.expression, scope, place)));
  if (parts.some((part) => typeof part === "string" && part.includes("{$")))
    return refuse("IMPORT_ARAZZO_EXPRESSION", place, "an embedded expression ends with `}`: `{$inputs.name}`");
  const constant = parts.every((part) => typeof part === "string" || (part.kind === "const" && typeof part.value === "string"));
  if (!constant) return { kind: "text", parts };
  return { kind: "const", value: parts.map((part) => (typeof part === "string" ? part : String(constantOf(part)))).join("") };
}

/** The value of one runtime expression. */
export function lookUp(text: string, scope: Scope, place: DocumentPath): Term {
  const expression = parseRuntime(text);
  if (expression === undefined)
    return refuse(
      "IMPORT_ARAZZO_EXPRESSION",
      place,
      `${quoted(text)} is no runtime expression, as in \`$inputs.name\` or \`$steps.id.outputs.name\``,
    );
  return resolve(expression, text, { scope, place });
}

interface At {
  readonly scope: Scope;
  readonly place: DocumentPath;
}

function resolve(expression: RuntimeExpression, text: string, at: At): Term {
  const { scope, place } = at;
  switch (expression.kind) {
    case "inputs":
      return named(scope.inputs, expression, { ...at, what: "input of this workflow" });
    case "steps":
      return ofStep(expression, at);
    case "workflows":
      return ofWorkflow(expression, at);
    case "outputs":
      if (scope.outputs === undefined)
        return unsaid(place, "`$outputs` is known only once a workflow has run: refer to the outputs of a step");
      return named(scope.outputs, expression, { ...at, what: "output of the workflow that the step runs" });
    case "response":
      return ofResponse(expression.source, at);
    case "request":
      return ofRequest(expression.source, at);
    case "sourceDescriptions": {
      const url = expression.rest.endsWith(".url") ? scope.urls.get(expression.rest.slice(0, -".url".length)) : undefined;
      return url === undefined
        ? unsaid(place, `${quoted(text)} has no value: of a source description only \`.url\` is one`)
        : { kind: "const", value: url };
    }
    case "components":
      return unsaid(place, "components are referred to with `reference`, not as values");
    default:
      return unsaid(place, `${quoted(text)} is not seen by a plan: it sees the arguments of calls and the bodies of responses`);
  }
}

type Named = RuntimeExpression & { readonly kind: "inputs" | "outputs" | "steps" | "workflows" };

/** A declared name, the longest that fits, and what is selected below it by `.name`, `[0]` and the pointer. */
function named(
  declared: ReadonlyMap<string, Term>,
  expression: Pick<Named, "rest" | "pointer">,
  at: At & { readonly what: string },
): Term {
  const { rest, pointer } = expression;
  const name = prefixIn(rest, (prefix) => declared.has(prefix));
  const term = name === undefined ? undefined : declared.get(name);
  if (name === undefined || term === undefined) {
    const known = [...declared.keys()].slice(0, 8).map(quoted).join(", ");
    return refuse(
      "IMPORT_ARAZZO_EXPRESSION",
      at.place,
      `${quoted(rest)} is no ${at.what}; there ${known === "" ? "are none" : `is ${known}`}`,
    );
  }
  const below = readAccess(rest.slice(name.length));
  if (below === undefined)
    return refuse("IMPORT_ARAZZO_EXPRESSION", at.place, `after ${quoted(name)} comes \`.member\`, \`[0]\` or \`#/pointer\``);
  return termAt(term, [...below, ...stepsOf(pointer)], at.place);
}

/** The longest prefix of a dotted name that is known, where the rest begins with `.` or `[`. */
function prefixIn(text: string, isKnown: (prefix: string) => boolean): string | undefined {
  if (isKnown(text)) return text;
  for (let end = text.length - 1; end > 0; end--)
    if ((text[end] === "." || text[end] === "[") && isKnown(text.slice(0, end))) return text.slice(0, end);
  return undefined;
}

/** `.name` and `[0]` in a row, as steps; `undefined` if the text is anything else. */
export function readAccess(text: string): TermPath | undefined {
  if (!/^(?:\.[^.[\]\s]+|\[[0-9]{1,9}\])*$/.test(text)) return undefined;
  return [...text.matchAll(/\.([^.[\]\s]+)|\[([0-9]+)\]/g)].map(([, name, index]) => name ?? Number(index));
}

function ofStep(expression: Pick<Named, "rest" | "pointer">, at: At): Term {
  const { scope, place } = at;
  const { rest } = expression;
  const id = prefixIn(rest, (prefix) => scope.stepIds.has(prefix));
  if (id === undefined) return refuse("IMPORT_ARAZZO_EXPRESSION", place, `${quoted(rest)} names no step of this workflow`);
  const step = scope.steps.get(id);
  if (step === undefined) return unsaid(place, `step ${quoted(id)} comes later: a value comes from an earlier step`);
  if (step.never !== undefined) return unsaid(place, `step ${quoted(id)} never runs: ${step.never}`);
  const name = rest.slice(id.length);
  if (!name.startsWith(".outputs."))
    return refuse("IMPORT_ARAZZO_EXPRESSION", place, `of a step there are outputs, as in \`$steps.${id}.outputs.name\``);
  return named(
    step.outputs,
    { rest: name.slice(".outputs.".length), pointer: expression.pointer },
    { ...at, what: `output of step ${quoted(id)}` },
  );
}

function ofWorkflow(expression: Pick<Named, "rest" | "pointer">, at: At): Term {
  const { scope, place } = at;
  const { rest, pointer } = expression;
  const id = prefixIn(rest, (prefix) => scope.workflows.has(prefix));
  const workflow = id === undefined ? undefined : scope.workflows.get(id);
  if (id === undefined || workflow === undefined)
    return unsaid(place, `${quoted(rest)} names no workflow of this document that has run before: list it in \`dependsOn\``);
  const name = rest.slice(id.length);
  for (const kind of ["outputs", "inputs"] as const)
    if (name.startsWith(`.${kind}.`))
      return named(
        workflow[kind],
        { rest: name.slice(kind.length + 2), pointer },
        { ...at, what: `${kind.slice(0, -1)} of workflow ${quoted(id)}` },
      );
  return refuse("IMPORT_ARAZZO_EXPRESSION", place, "of a workflow there are `inputs` and `outputs`");
}

type SourceOf = (RuntimeExpression & { readonly kind: "response" })["source"];

function ofResponse(source: SourceOf, { scope, place }: At): Term {
  if (scope.response === undefined)
    return unsaid(place, "`$response` belongs to the step that it is the response of: refer to an output of that step");
  if (source.kind !== "body")
    return unsaid(place, "headers of a response are not seen by a plan: it sees what the tool returns, which is the body");
  return termAt(scope.response, stepsOf(source.pointer), place);
}

function ofRequest(source: SourceOf, { scope, place }: At): Term {
  const { request } = scope;
  if (request === undefined) return unsaid(place, "`$request` belongs to the step that makes it: refer to what was put there");
  const term = source.kind === "body" ? request.body : request[source.kind].get(source.name);
  if (term === undefined)
    return refuse(
      "IMPORT_ARAZZO_EXPRESSION",
      place,
      `the step sends no such ${source.kind === "body" ? "body" : `${source.kind} parameter`}`,
    );
  return source.kind === "body" ? termAt(term, stepsOf(source.pointer), place) : term;
}
