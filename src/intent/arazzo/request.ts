/**
 * The request of a step as arguments of a tool: parameters by their names, the members of a body beside them.
 * Pure. Never lets two parts of a request fall together in one argument.
 */
import { inputProperties } from "../../catalogue/catalogue.ts";
import { parsePointer } from "../../json/pointer.ts";
import { readJson } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { ArgRule, FrozenTool } from "../../plan/plan.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import type { OperationForm, ParameterPlace } from "./operation.ts";
import { isRuntimeText } from "./runtime-expression.ts";
import type { ArazzoDocument, Parameter, RequestBody, Reusable } from "./schema.ts";
import { type RequestTerms, type Scope, termOf } from "./scope.ts";
import { ruleOf, stepsOf, type Term } from "./term.ts";

/** A parameter with its place in the document. */
export interface PlacedParameter {
  readonly parameter: Parameter;
  readonly path: DocumentPath;
}

/** The parameters of a list, references followed. */
export function placedParameters(
  list: readonly (Parameter | Reusable)[] | undefined,
  path: DocumentPath,
  document: ArazzoDocument,
): readonly PlacedParameter[] {
  return (list ?? []).map((entry, at) => {
    const here = [...path, at];
    if (!("reference" in entry)) return { parameter: entry as Parameter, path: here };
    const { reference, value } = entry as Reusable;
    const name = /^\$components\.parameters\.(.+)$/su.exec(reference)?.[1];
    const found = name === undefined ? undefined : ownEntry(document.components?.parameters, name);
    if (name === undefined || found === undefined)
      return refuse("IMPORT_ARAZZO_FORM", [...here, "reference"], `${quoted(reference)} names no parameter of \`components\``);
    if (value !== undefined) return { parameter: { ...found, value }, path: [...here] };
    return { parameter: found, path: ["components", "parameters", name] };
  });
}

/** An own entry of a table. */
export function ownEntry<Value>(table: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Those of a workflow, but for what a step says itself by name and place (§4.6.4: overridden, never removed). */
export function withInherited(
  own: readonly PlacedParameter[],
  inherited: readonly PlacedParameter[],
): readonly PlacedParameter[] {
  const key = ({ parameter }: PlacedParameter): string => `${parameter.in ?? ""} ${parameter.name}`;
  const said = new Set(own.map(key));
  const seen = new Set<string>();
  for (const each of own) {
    if (seen.has(key(each)))
      refuse("IMPORT_ARAZZO_FORM", each.path, `the parameter ${quoted(each.parameter.name)} is given twice`);
    seen.add(key(each));
  }
  return [...inherited.filter((each) => !said.has(key(each))), ...own];
}

/** The arguments of a call, and the request that `$request` names. */
export interface Request {
  readonly args: { readonly [name: string]: ArgRule };
  readonly terms: RequestTerms;
}

/** What a request is made of. */
export interface RequestParts {
  readonly parameters: readonly PlacedParameter[];
  readonly body: RequestBody | undefined;
  readonly bodyPath: DocumentPath;
  readonly scope: Scope;
  readonly tool: FrozenTool | undefined;
  /** Where the arguments of the tool go, if the catalogue says so. */
  readonly form: OperationForm | undefined;
  readonly lost: (path: DocumentPath, what: string) => void;
}

/** The request of a step. Throws `ArazzoFault`. */
export function requestOf(parts: RequestParts): Request {
  const { parameters, body, bodyPath, scope, tool, form, lost } = parts;
  const args = new Map<string, ArgRule>();
  const terms = { header: new Map<string, Term>(), query: new Map<string, Term>(), path: new Map<string, Term>() };
  for (const placed of parameters) {
    const { parameter, path } = placed;
    const where = placeOf(placed);
    const term = termOf(parameter.value, scope, [...path, "value"]);
    if (where !== "cookie") terms[where].set(parameter.name, term);
    const name = form === undefined ? parameter.name : form.argumentOf(where, parameter.name);
    if (name === "credential") lost(path, `the credential ${quoted(parameter.name)}: the tool has its own`);
    else if (name === undefined)
      refuse("IMPORT_ARGUMENT", [...path, "name"], `\`${tool?.name ?? ""}\` has no ${where} parameter ${quoted(parameter.name)}`);
    else {
      if (args.has(name)) unsaid([...path, "name"], `two arguments would be called ${quoted(name)}`);
      args.set(name, ruleOf(term, [...path, "value"], where === "header" ? "header" : "text"));
    }
  }
  const payload = body === undefined ? undefined : payloadOf(body, bodyPath, scope);
  if (body?.contentType !== undefined) lost([...bodyPath, "contentType"], "the content type; the tool knows what it sends");
  if (payload !== undefined) addBody(payload, args, { bodyPath, tool, form });
  return { args: Object.fromEntries(args), terms: { ...terms, body: payload } };
}

function placeOf({ parameter, path }: PlacedParameter): ParameterPlace {
  const { in: where } = parameter;
  if (where === undefined) return refuse("IMPORT_ARAZZO_FORM", path, "a parameter of an operation says where it goes: `in`");
  if (where === "querystring")
    return unsaid([...path, "in"], "a whole query string is no argument of a tool: give its parameters");
  return where;
}

interface BodyContext {
  readonly bodyPath: DocumentPath;
  readonly tool: FrozenTool | undefined;
  readonly form: OperationForm | undefined;
}

/** Members of a body are arguments, unless the tool takes the body as one or a parameter has the name. */
function addBody(payload: Term, args: Map<string, ArgRule>, context: BodyContext): void {
  const place = [...context.bodyPath, "payload"];
  const { tool, form } = context;
  const members = membersOf(payload);
  const whole = form === undefined ? wholeBody(members, args, tool) : form.body;
  if (whole !== undefined) {
    if (args.has(whole)) unsaid(place, `two arguments would be called ${quoted(whole)}`);
    args.set(whole, ruleOf(payload, place));
    return;
  }
  for (const [name, term] of members ?? unsaid(place, "the tool takes the members of a body one by one: give an object")) {
    const arg = form === undefined ? name : form.memberOf(name);
    if (arg === undefined)
      refuse("IMPORT_ARGUMENT", [...place, name], `\`${tool?.name ?? ""}\` has no member ${quoted(name)} in its body`);
    else args.set(arg, ruleOf(term, [...place, name]));
  }
}

/** `body`, where the catalogue does not say how a body is given and its members cannot be arguments. */
function wholeBody(
  members: ReadonlyMap<string, Term> | undefined,
  args: ReadonlyMap<string, ArgRule>,
  tool: FrozenTool | undefined,
): "body" | undefined {
  const known = tool === undefined ? undefined : inputProperties(tool);
  const isWhole =
    members === undefined ||
    [...members.keys()].some((name) => args.has(name)) ||
    (known?.has("body") === true && !members.has("body"));
  return isWhole ? "body" : undefined;
}

function membersOf(term: Term): ReadonlyMap<string, Term> | undefined {
  if (term.kind === "object") return term.members;
  if (term.kind !== "const" || !isObject(term.value)) return undefined;
  return new Map(Object.entries(term.value).map(([name, value]) => [name, { kind: "const", value }]));
}

function payloadOf(body: RequestBody, path: DocumentPath, scope: Scope): Term | undefined {
  const place = [...path, "payload"];
  const { payload, replacements = [] } = body;
  if (payload === undefined) {
    if (replacements.length > 0) unsaid([...path, "replacements"], "replacements need a `payload` that they change");
    return undefined;
  }
  const isText = typeof payload === "string" && /^\s*(?:\[|\{(?!\$))/.test(payload);
  const isJson = body.contentType === undefined ? "perhaps" : /[/+]json\b/i.test(body.contentType);
  const term =
    isText && isJson !== false ? jsonTemplate(payload, { scope, place, isSure: isJson === true }) : termOf(payload, scope, place);
  return replacements.reduce((changed, { target, targetSelectorType, value }, at) => {
    const here = [...path, "replacements", at];
    if (targetSelectorType !== undefined && targetSelectorType !== "jsonpointer")
      unsaid([...here, "targetSelectorType"], "a place in a payload is a JSON pointer here");
    const tokens = parsePointer(target);
    if (tokens === undefined || tokens.length === 0)
      return unsaid([...here, "target"], "expected a JSON pointer into the payload, as in `/order/id`");
    return replaced(changed, tokens, { term: termOf(value, scope, [...here, "value"]), place: [...here, "target"] });
  }, term);
}

/** The term with another value at a place; the place's parent must be there. */
function replaced(term: Term, tokens: readonly string[], by: { readonly term: Term; readonly place: DocumentPath }): Term {
  const [token, ...rest] = tokens;
  if (token === undefined) return by.term;
  const members = membersOf(term);
  if (members !== undefined) {
    const inner = members.get(token);
    if (inner === undefined && rest.length > 0) return unsaid(by.place, `there is no ${quoted(token)} in the payload`);
    return { kind: "object", members: new Map([...members, [token, inner === undefined ? by.term : replaced(inner, rest, by)]]) };
  }
  const [index] = stepsOf([token]);
  const elements = elementsOf(term);
  const inner = typeof index === "number" ? elements?.[index] : undefined;
  if (elements === undefined || inner === undefined)
    return unsaid(by.place, `there is no ${quoted(token)} in the payload, or the payload is an expression as a whole`);
  return { kind: "list", elements: elements.map((element, at) => (at === index ? replaced(element, rest, by) : element)) };
}

function elementsOf(term: Term): readonly Term[] | undefined {
  if (term.kind === "list") return term.elements;
  return term.kind === "const" && isArray(term.value) ? term.value.map((value) => ({ kind: "const", value })) : undefined;
}

/**
 * A JSON text with expressions in it (§4.6.13, "JSON Templated Example"): read as JSON in which an expression outside of quotes stands
 * for a value. A text that is no JSON is a text.
 */
function jsonTemplate(
  text: string,
  { scope, place, isSure }: { readonly scope: Scope; readonly place: DocumentPath; readonly isSure: boolean },
): Term {
  const marks: string[] = [];
  const mark = `sluice-value-${text.length}-`;
  if (text.includes(mark)) return unsaid(place, `the payload holds the text ${quoted(mark)}`);
  // A string, or an expression in braces that stands where a value does.
  const marked = text.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|\{(\$[^{}"]*)\}/gsu, (found, expression: string | undefined) => {
    if (expression === undefined) return found;
    marks.push(expression);
    return `"${mark}${marks.length - 1}"`;
  });
  const read = readJson(marked);
  if (!read.ok)
    return isSure ? unsaid(place, `as JSON the payload cannot be read: ${read.error.message}`) : termOf(text, scope, place);
  const restore = (value: Json): Json => {
    if (typeof value === "string" && value.startsWith(mark)) return marks[Number(value.slice(mark.length))] ?? "";
    if (typeof value === "string" && isRuntimeText(value))
      return unsaid(place, `in a text an expression stands in braces: ${quoted(`{${value}}`)}`);
    if (isArray(value)) return value.map(restore);
    return isObject(value) ? restoredMembers(value, restore) : value;
  };
  return termOf(restore(read.value), scope, place);
}

function restoredMembers(value: JsonObject, restore: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.keys(value).map((name) => [name, restore(member(value, name) ?? null)]));
}
