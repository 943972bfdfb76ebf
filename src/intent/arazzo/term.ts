/**
 * What a value of an Arazzo document comes to once its names are resolved, and how it is said as an argument rule and in CEL.
 * Pure. Never joins texts: what is embedded in a text stays a hole of a typed template.
 */
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { compileTemplate } from "../../lang/template/template.ts";
import { memberStep } from "../../learn/places.ts";
import { freshName, isKeyword, slugOf } from "../../plan/names.ts";
import type { ArgRule } from "../../plan/plan.ts";
import { type DocumentPath, quoted, unsaid } from "./fault.ts";

/** Member names and indexes below a parameter or a result. */
export type TermPath = readonly (string | number)[];

/** A value as the plan will have it. */
export type Term =
  | { readonly kind: "const"; readonly value: Json }
  | { readonly kind: "param"; readonly name: string; readonly path: TermPath }
  | { readonly kind: "result"; readonly node: string; readonly path: TermPath }
  | { readonly kind: "text"; readonly parts: readonly (string | Term)[] }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Term> }
  | { readonly kind: "list"; readonly elements: readonly Term[] }
  /** An input that nobody gives: whoever reads it has nothing to read. */
  | { readonly kind: "absent"; readonly why: string };

/** JSON pointer tokens as steps: a token of digits is an index, as the pointers of workflows mean it nearly always. */
export function stepsOf(tokens: readonly string[]): TermPath {
  return tokens.map((token) => (/^(?:0|[1-9][0-9]{0,8})$/.test(token) ? Number(token) : token));
}

/** What stands at a path below a value. */
export function termAt(term: Term, path: TermPath, place: DocumentPath): Term {
  const [step, ...rest] = path;
  if (step === undefined) return term;
  switch (term.kind) {
    case "param":
      return { ...term, path: [...term.path, ...path] };
    case "result":
      return { ...term, path: [...term.path, ...path] };
    case "const": {
      const inner = typeof step === "number" && isArray(term.value) ? term.value[step] : member(term.value, String(step));
      if (inner === undefined) return unsaid(place, `there is no ${quoted(String(step))} in the constant that this refers to`);
      return termAt({ kind: "const", value: inner }, rest, place);
    }
    case "object": {
      const inner = term.members.get(String(step));
      return inner === undefined
        ? unsaid(place, `there is no ${quoted(String(step))} in the object that this refers to`)
        : termAt(inner, rest, place);
    }
    case "list": {
      const inner = typeof step === "number" ? term.elements[step] : undefined;
      return inner === undefined
        ? unsaid(place, `there is no ${quoted(String(step))} in the list that this refers to`)
        : termAt(inner, rest, place);
    }
    case "text":
      return unsaid(place, "a text with embedded expressions has no parts");
    default:
      return unsaid(place, term.why);
  }
}

/** The rule of an argument with this value. `kind` is the grammar of a text with holes. */
export function ruleOf(term: Term, place: DocumentPath, kind: "text" | "header" = "text"): ArgRule {
  switch (term.kind) {
    case "const":
      return constantRule(term.value);
    case "param":
      return term.path.length === 0 ? { param: term.name } : { expr: celOf(term, place) };
    case "result":
      return {
        from: `${term.node}$${term.path.map((step) => (typeof step === "number" ? `[${step}]` : memberStep(step))).join("")}`,
      };
    case "text":
      return templateRule(term.parts, place, kind);
    case "object":
      return { object: Object.fromEntries([...term.members].map(([name, inner]) => [name, ruleOf(inner, place)])) };
    case "list":
      return term.elements.map((element) => ruleOf(element, place));
    default:
      return unsaid(place, term.why);
  }
}

/** A constant in its shortest form: objects, and lists with objects in them, are marked as constants. */
function constantRule(value: Json): ArgRule {
  const isPlain = (inner: Json): boolean => (isArray(inner) ? inner.every(isPlain) : !isObject(inner));
  return isPlain(value) ? (value as ArgRule) : { const: value };
}

function templateRule(parts: readonly (string | Term)[], place: DocumentPath, kind: "text" | "header"): ArgRule {
  const taken = new Set<string>();
  const holes: [string, ArgRule][] = [];
  const known = new Map<string, string>();
  const text = parts
    .map((part) => {
      if (typeof part === "string") return part.replaceAll("{", "{{").replaceAll("}", "}}");
      const rule = ruleOf(part, place);
      const key = JSON.stringify(rule, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
      const hole = known.get(key) ?? freshName(slugOf(lastNameOf(part)), taken);
      if (!known.has(key)) holes.push([hole, rule]);
      known.set(key, hole);
      return `{${hole}}`;
    })
    .join("");
  const [first] = parts;
  const template = kind === "text" && typeof first === "string" && /^(?:https?|wss?):\/\//i.test(first) ? "url" : kind;
  const compiled = compileTemplate(template, text);
  if (!compiled.ok) return unsaid(place, `as a template (${template}) this cannot be filled: ${compiled.error.message}`);
  return { template, text, with: Object.fromEntries(holes) };
}

function lastNameOf(term: Term): string {
  if (term.kind !== "param" && term.kind !== "result") return "value";
  const last = [...term.path].reverse().find((step) => typeof step === "string");
  return String(last ?? (term.kind === "param" ? term.name : term.node));
}

/** The value in CEL. */
export function celOf(term: Term, place: DocumentPath): string {
  switch (term.kind) {
    case "const":
      return celLiteral(term.value);
    case "param":
      return `params${celPath([term.name, ...term.path])}`;
    case "result":
      return `${celNode(term.node)}${celPath(term.path)}`;
    case "object":
      return `{${[...term.members].map(([name, inner]) => `${JSON.stringify(name)}: ${celOf(inner, place)}`).join(", ")}}`;
    case "list":
      return `[${term.elements.map((element) => celOf(element, place)).join(", ")}]`;
    case "text":
      return unsaid(place, "a text with embedded expressions cannot be compared: compare its parts");
    default:
      return unsaid(place, term.why);
  }
}

/** A node's result: by its own name where that is no word of the language. */
function celNode(name: string): string {
  const isWord = /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && slugOf(name.toLowerCase()) === name.toLowerCase();
  return isWord ? name : `nodes[${JSON.stringify(name)}]`;
}

function celPath(path: TermPath): string {
  return path.map(celStep).join("");
}

/** One access of a member or an element. */
export function celStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) && !isKeyword(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** A JSON value as a literal of CEL. */
export function celLiteral(value: Json): string {
  if (isArray(value)) return `[${value.map(celLiteral).join(", ")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}: ${celLiteral(inner)}`)
      .join(", ")}}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Whether any part of a value refers to something. */
export function isConstant(term: Term): boolean {
  if (term.kind === "object") return [...term.members.values()].every(isConstant);
  if (term.kind === "list") return term.elements.every(isConstant);
  return term.kind === "const";
}

/** The JSON value of a constant term. */
export function constantOf(term: Term): Json {
  if (term.kind === "object") return Object.fromEntries([...term.members].map(([name, inner]) => [name, constantOf(inner)]));
  if (term.kind === "list") return term.elements.map(constantOf);
  return term.kind === "const" ? term.value : null;
}
