/**
 * The functions that the reference interpreter is given: paths, expressions, extractors, templates, match, links, handles.
 * What a text compiles to is kept, since it is the same every time. Never decides anything.
 */
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { compileExpression, type Read } from "../../src/lang/expression.ts";
import { compileExtract } from "../../src/lang/extract/extract.ts";
import { extractKinds } from "../../src/lang/extract/spec.ts";
import { hostMatches, linksIn, readHost } from "../../src/lang/host.ts";
import { compileMatch } from "../../src/lang/match.ts";
import { parseQuery } from "../../src/lang/path/parse.ts";
import { readsRoot } from "../../src/lang/path/select.ts";
import { compilePath, type Located } from "../../src/lang/path.ts";
import { compileTemplate, type TemplateKind } from "../../src/lang/template/template.ts";
import { hmacSha256 } from "../../src/plan/digest.ts";

/** A step of a path: a member name, an index, or `any` for `*`. */
export type Step = string | number | typeof any;
export const any = Symbol("*");

/** A function that works out each answer once; its argument is plain data. */
function once<A, B>(compute: (argument: A) => B): (argument: A) => B {
  const known = new Map<string, B>();
  return (argument) => {
    const key = JSON.stringify(argument);
    const found = known.get(key) ?? compute(argument);
    known.set(key, found);
    return found;
  };
}

const pathOf = once(compilePath);
const queryOf = once(parseQuery);
/** What `extract(text, kind)` finds in an expression: every match, as a text. */
const extractors = Object.fromEntries(
  extractKinds.flatMap((kind) => {
    const compiled = compileExtract(kind);
    return compiled.ok ? [[kind, (text: string) => compiled.value.find(text).map(({ value }) => String(value))] as const] : [];
  }),
);
const expressionOf = once((source: string) => compileExpression(source, { variables: wordsOf(source), extractors }));
const matchOf = once((spec: JsonObject) => compileMatch(spec));

/** Node and path of `node$.path`. */
export function splitReference(reference: string): { readonly node: string; readonly path: string } {
  const dollar = reference.indexOf("$");
  return { node: reference.slice(0, dollar), path: reference.slice(dollar) };
}

/** What a path selects; `undefined` if the path fails. */
export function select(path: string, value: Json): readonly Located[] | undefined {
  const compiled = pathOf(path);
  const found = compiled.ok ? compiled.value.select(value) : compiled;
  return found.ok ? found.value : undefined;
}

/** The leading names, indexes and `*` of a path (none, if a filter looks at the root), and whether that is all of it. */
export function stepsOf(path: string): { readonly steps: readonly Step[]; readonly whole: boolean } {
  const parsed = queryOf(path);
  const steps: Step[] = [];
  if ("fault" in parsed || readsRoot(parsed.query)) return { steps, whole: false };
  for (const { descendant, selectors } of parsed.query.segments) {
    const only = selectors.length === 1 && !descendant ? selectors[0] : undefined;
    if (only?.kind === "name") steps.push(only.name);
    else if (only?.kind === "index" && only.index >= 0) steps.push(only.index);
    else if (only?.kind === "wildcard") steps.push(any);
    else return { steps, whole: false };
  }
  return { steps, whole: true };
}

/** The leading names and indexes of a path. */
export function prefixOf(path: string): readonly (string | number)[] {
  const { steps } = stepsOf(path);
  const end = steps.indexOf(any);
  return (end < 0 ? steps : steps.slice(0, end)).filter((step) => step !== any);
}

/** Whether a path selects at most one value. */
export function isSingular(path: string): boolean {
  const compiled = pathOf(path);
  return compiled.ok && compiled.value.singular;
}

/** What an expression reads. Variables are not known here, so every name that occurs is taken for one. */
export function readsOf(source: string): readonly Read[] {
  const compiled = expressionOf(source);
  return compiled.ok ? compiled.value.reads : [];
}

/** Value of an expression; `undefined` if it fails. A name without a binding fails when it is read. */
export function evaluate(source: string, bindings: JsonObject): Json | undefined {
  const compiled = expressionOf(source);
  const value = compiled.ok ? compiled.value.run(bindings) : compiled;
  return value.ok ? value.value : undefined;
}

function wordsOf(source: string): readonly string[] {
  return [...new Set(source.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [])];
}

/** Whether a value satisfies a constraint of `lang/match.ts`; a constraint that cannot be compiled holds for nothing. */
export function matches(spec: JsonObject, value: Json): boolean {
  const compiled = matchOf(spec);
  return compiled.ok && compiled.value.check(value) === undefined;
}

/** The distinct matches of an extractor in a text; `undefined` if it fails. */
export function extract(spec: string | JsonObject, text: string): readonly Json[] | undefined {
  const compiled = compileExtract(spec);
  const found = compiled.ok ? compiled.value.distinct(text) : compiled;
  return found.ok ? found.value : undefined;
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** HMAC-SHA-256 of a text, cut to 128 bits, in base64url without padding (RFC 4648 §5): 22 characters. */
export function keyedName(key: string, text: string): string {
  const bits = [...hmacSha256(key, text).subarray(0, 16)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.padEnd(132, "0").match(/.{6}/g) ?? []).map((six) => base64url[Number.parseInt(six, 2)]).join("");
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The filled text of a template; `undefined` if it cannot be filled. */
export function fillTemplate(
  rule: { readonly template: TemplateKind; readonly text: string },
  values: JsonObject,
): Json | undefined {
  const compiled = compileTemplate(rule.template, rule.text);
  const filled = compiled.ok ? compiled.value.fill(values) : compiled;
  return filled.ok ? filled.value : undefined;
}

/** All strings in a value. */
export function stringsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** The host that a whole text is, if it is one. */
function hostsOf(text: string): readonly string[] {
  const host = readHost(text);
  return host.ok ? [host.value.host] : [];
}

/** Whether a text has at most so many code points. */
export function isShort(text: string, maxLength: number | undefined): boolean {
  return [...text].length <= (maxLength ?? Number.POSITIVE_INFINITY);
}

/** Controls, line and paragraph separators, halves of surrogate pairs, marks between lines, and what Unicode lets a reader ignore. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/u;

/** A symbol of these blocks with its style, or the key of a digit: read as the symbol alone. */
const styled =
  /([©®‼⁉™ℹⓂ〰〽㊗㊙⤴⤵\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff]|[\u{1f000}-\u{1faff}])[\ufe0e\ufe0f]|([0-9#*])\ufe0f\u20e3/gu;

/**
 * Whether the agent may write a text: no control or bidi characters, links only to the given hosts; `hosts` may also be values in
 * which hosts are looked for, which are asked for only if the text holds a link.
 */
export function isAllowedText(text: string, hosts: readonly string[] | (() => readonly Json[])): boolean {
  if (unseen.test(text.replaceAll(styled, "$1$2").replaceAll(/[\n\t]/g, ""))) return false;
  const links = linksIn(text);
  if (links.length === 0) return true;
  const hostsIn = (value: string): readonly string[] => [...hostsOf(value), ...linksIn(value).map((link) => link.host)];
  const allowed = typeof hosts === "function" ? hosts().flatMap(stringsIn).flatMap(hostsIn) : hosts;
  return links.every((link) => hostMatches(link.host, allowed));
}

/** What a text says as JSON or YAML; `undefined` if it is no text, is not to be read, or cannot be. */
export function readText(parse: "json" | "yaml" | undefined, value: Json): Json | undefined {
  if (parse === undefined || typeof value !== "string") return undefined;
  const read = parse === "json" ? readJson(value) : readYaml(value);
  return read.ok ? read.value : undefined;
}
