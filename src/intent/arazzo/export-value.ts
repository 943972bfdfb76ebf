/**
 * Argument rules as values of Arazzo: constants, inputs, outputs of earlier steps, and texts with these embedded.
 * Pure. Never says a value that only resembles the rule's: what Arazzo cannot say is left out, and listed where the plan is compared.
 */
import { pointerOf } from "../../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../json/value.ts";
import { parseQuery } from "../../lang/path/parse.ts";
import { parseReference } from "../../lang/path.ts";
import { splitHoles } from "../../lang/template/holes.ts";
import { freshName, slugOf } from "../../plan/names.ts";
import type { ArgRule, ParamSpec, TemplateRule } from "../../plan/plan.ts";
import { classify } from "../../plan/walk.ts";
import { schemaOf } from "./inputs.ts";
import { isRuntimeText } from "./runtime-expression.ts";

/** What a document is being made of. */
export interface Writing {
  readonly params: { readonly [name: string]: ParamSpec };
  /** Inputs of the workflow for what the agent gives, by name. */
  readonly inputs: Map<string, JsonObject>;
  /** Names of inputs that are taken. */
  readonly taken: Set<string>;
  /** Steps that were written already, with the outputs that later ones refer to: expression → name. */
  readonly steps: ReadonlyMap<string, WrittenStep>;
}

/** A step that was written. */
export interface WrittenStep {
  readonly stepId: string;
  readonly outputs: Map<string, string>;
  readonly outputNames: Set<string>;
  /** Whether it has one result: no loop. */
  readonly isSingle: boolean;
}

/** The value of a rule, or `undefined` if Arazzo cannot say it. `name` is for what the agent gives. */
export function valueOfRule(rule: ArgRule, name: string, writing: Writing): Json | undefined {
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
      return isLiteral(classed.rule.const) ? classed.rule.const : undefined;
    case "param":
      return Object.hasOwn(writing.params, classed.rule.param) ? `$inputs.${classed.rule.param}` : undefined;
    case "from": {
      const { from, where, pick, extract, otherwise } = classed.rule;
      const isPlain = where === undefined && pick === undefined && extract === undefined && otherwise === undefined;
      return isPlain ? outputFor(from, writing) : undefined;
    }
    case "template":
      return templateText(classed.rule, name, writing);
    case "choose":
      return inputFor(name, { ...schemaOf(classed.rule.choose), description: "The agent chooses it." }, writing);
    case "write":
      return inputFor(name, writeSchema(classed.rule.write.maxLength), writing);
    case "object":
      return objectValue(classed.rule.object, name, writing);
    case "list":
      return listValue(classed.rules, name, writing);
    default:
      return undefined;
  }
}

function writeSchema(maxLength: number | undefined): JsonObject {
  return { type: "string", ...(maxLength === undefined ? {} : { maxLength }), description: "The agent writes it." };
}

/** Whether a constant means itself in Arazzo: no text in it is, or holds, an expression. */
function isLiteral(value: Json): boolean {
  if (typeof value === "string") return !isRuntimeText(value) && !value.includes("{$");
  if (isArray(value)) return value.every(isLiteral);
  return !isObject(value) || Object.values(value).every(isLiteral);
}

function inputFor(name: string, schema: JsonObject, { inputs, taken }: Writing): string {
  const input = freshName(slugOf(name), taken);
  inputs.set(input, schema);
  return `$inputs.${input}`;
}

function objectValue(members: { readonly [name: string]: ArgRule }, name: string, writing: Writing): Json | undefined {
  const values: [string, Json][] = [];
  for (const [key, rule] of Object.entries(members)) {
    const value = valueOfRule(rule, `${name}_${key}`, writing);
    if (value === undefined) return undefined;
    values.push([key, value]);
  }
  return Object.fromEntries(values);
}

function listValue(rules: readonly ArgRule[], name: string, writing: Writing): Json | undefined {
  const values: Json[] = [];
  for (const [at, rule] of rules.entries()) {
    const value = valueOfRule(rule, `${name}_${at}`, writing);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** The output of an earlier step for `node$.path`; it is added to that step. */
function outputFor(reference: string, { steps }: Writing): string | undefined {
  const parsed = parseReference(reference);
  const step = parsed.ok ? steps.get(parsed.value.node) : undefined;
  if (!parsed.ok || step === undefined || !step.isSingle || !parsed.value.path.singular) return undefined;
  const path = parsed.value.path.prefix;
  // A negative index ends the prefix, and a JSON pointer has none.
  const query = parseQuery(parsed.value.path.source);
  if ("fault" in query || query.query.segments.length !== path.length) return undefined;
  const expression = path.length === 0 ? "$response.body" : `$response.body#${pointerOf(path)}`;
  const known = step.outputs.get(expression);
  const names = path.filter((part) => typeof part === "string");
  const name = known ?? freshName(names.length === 0 ? "result" : slugOf(names.join("_")), step.outputNames);
  step.outputs.set(expression, name);
  return `$steps.${step.stepId}.outputs.${name}`;
}

/** A template of plain text, or of a URL, as a text with embedded expressions. */
function templateText({ template, text, with: values = {} }: TemplateRule, name: string, writing: Writing): string | undefined {
  const parts = template === "text" || template === "url" || template === "header" ? splitHoles(text) : undefined;
  if (parts?.ok !== true) return undefined;
  let written = "";
  for (const part of parts.value) {
    if ("literal" in part) {
      if (part.literal.includes("{$") || part.literal.endsWith("{")) return undefined;
      written += part.literal;
      continue;
    }
    const rule = Object.hasOwn(values, part.hole) ? values[part.hole] : undefined;
    const value = rule === undefined ? undefined : valueOfRule(rule, `${name}_${part.hole}`, writing);
    if (typeof value !== "string" || !isRuntimeText(value)) return undefined;
    written += `{${value}}`;
  }
  return isRuntimeText(written) || !written.includes("{$") ? undefined : written;
}
