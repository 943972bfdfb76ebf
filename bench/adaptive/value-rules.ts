/**
 * Whether a forwarded value can be what its rule in the plan says, by looking at the rule as it is written.
 * Shares no code with the engine. Says nothing where the rule needs the languages of a plan (CEL, JSONPath filters, extractors).
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import type { ArgRule, PlanNode, WriteSpec } from "../../src/plan/plan.ts";
import { type Ground, nodeOfReference, partsWithin } from "./ground.ts";
import type { Allowed } from "./play.ts";

/** What a rule is compared with. */
export interface RuleWorld {
  readonly ground: Ground;
  readonly params: JsonObject;
  readonly call: Allowed;
}

/** Why the value cannot be what the rule says; nothing if it can. */
export function valueFaults(world: RuleWorld, rule: ArgRule, value: Json): readonly string[] {
  const match = isObject(rule as Json) ? ((rule as { readonly match?: JsonObject }).match ?? undefined) : undefined;
  return [
    ...classFaults(world, rule, value),
    ...(match === undefined ? [] : constraintFaults(match, value).map((why) => `match: ${why}`)),
  ];
}

function classFaults(world: RuleWorld, rule: ArgRule, value: Json): readonly string[] {
  if (typeof rule !== "object" || rule === null) return jsonEqual(rule as Json, value) ? [] : ["another constant"];
  if ("const" in rule) return jsonEqual(rule.const, value) ? [] : ["another constant"];
  if (isList(rule))
    return isArray(value) && value.length === rule.length
      ? rule.flatMap((part, i) => valueFaults(world, part, value[i] as Json))
      : ["another list"];
  if ("param" in rule) return jsonEqual(world.params[rule.param] as Json, value) ? [] : ["another value than the parameter's"];
  if ("choose" in rule) return constraintFaults(rule.choose, value).map((why) => `choice: ${why}`);
  if ("write" in rule) return writtenFaults(rule.write, value);
  if ("object" in rule) {
    if (!isObject(value)) return ["no object"];
    return Object.entries(value).flatMap(([name, part]) =>
      Object.hasOwn(rule.object, name)
        ? valueFaults(world, rule.object[name] as ArgRule, part)
        : [`a member \`${name}\` that no rule has`],
    );
  }
  if ("template" in rule) return templateFaults(rule.text, value);
  if (("from" in rule || "item" in rule) && rule.extract === undefined) return readFaults(world, rule, value);
  return [];
}

/** What a rule without an extractor reads stands, as it is, in a result of the node that it names. */
function readFaults(
  world: RuleWorld,
  rule: Extract<ArgRule, { readonly from: string } | { readonly item: string }>,
  value: Json,
): readonly string[] {
  if (rule.otherwise !== undefined && jsonEqual(rule.otherwise, value)) return [];
  const { ground, call } = world;
  const node = ground.frozen.plan.nodes[call.node];
  const source = "from" in rule ? nodeOfReference(rule.from) : sourceOf(node);
  const from = ground.frozen.plan.nodes[source];
  const isParsed = from?.parse !== undefined || ground.frozen.tools[from?.tool ?? ""]?.facts.parse !== undefined;
  if (from === undefined || from.let !== undefined || isParsed) return [];
  const results = ground.runs.filter((run) => run.call.node === source && run.status === "ok");
  return results.some((run) => partsWithin(run.value).some((part) => jsonEqual(part, value)))
    ? []
    : [`a value that no result of \`${source}\` has`];
}

function sourceOf(node: PlanNode | undefined): string {
  const each = node?.each;
  return typeof each === "object" ? nodeOfReference(each.from) : (each ?? "");
}

/** The fixed words of a template stand in the text, in their order. */
function templateFaults(text: string, value: Json): readonly string[] {
  if (typeof value !== "string") return [];
  let at = 0;
  for (const words of text.split(/\{\w+\}/)) {
    const found = value.indexOf(words, at);
    if (found < 0) return ["a text that lost words of its template"];
    at = found + words.length;
  }
  return [];
}

const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function writtenFaults({ maxLength, links }: WriteSpec, value: Json): readonly string[] {
  if (typeof value !== "string") return ["no text"];
  const hosts = [...value.matchAll(/https?:\/\/([\w.-]+)/gi)].map(([, host = ""]) => host.toLowerCase().replace(/\.$/, ""));
  const isListed = (host: string): boolean =>
    Array.isArray(links) &&
    links.some((each: string) => each === host || (each.startsWith("*.") && host.endsWith(each.slice(1))));
  return [
    ...(maxLength !== undefined && [...value].length > maxLength ? ["a text that is too long"] : []),
    ...(invisible.test(value) ? ["control or bidi characters"] : []),
    ...(links === "none" && hosts.length > 0 ? ["a link"] : []),
    ...(Array.isArray(links) && !hosts.every(isListed) ? ["a link to a host that the plan does not list"] : []),
  ];
}

const typesOf: { readonly [type: string]: (value: Json) => boolean } = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" || typeof value === "bigint",
  integer: (value) => typeof value === "bigint" || Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  array: isArray,
  object: (value) => isObject(value) && !isArray(value),
  null: (value) => value === null,
};

/** The plain keywords of a constraint; the others are left to the interpreter. */
export function constraintFaults(constraint: JsonObject, value: Json): readonly string[] {
  const { type, enum: values, minimum, maximum, minLength, maxLength, pattern } = constraint;
  const size = typeof value === "string" ? [...value].length : undefined;
  const types = [type ?? []].flat() as readonly string[];
  return [
    ...(types.length > 0 && !types.some((name) => typesOf[name]?.(value) ?? true) ? [`no ${types.join(" or ")}`] : []),
    ...(isArray(values) && !values.some((each) => jsonEqual(each, value)) ? ["none of the values"] : []),
    ...(Object.hasOwn(constraint, "const") && !jsonEqual(constraint.const as Json, value) ? ["another constant"] : []),
    ...(typeof minimum === "number" && typeof value === "number" && value < minimum ? ["too small"] : []),
    ...(typeof maximum === "number" && typeof value === "number" && value > maximum ? ["too large"] : []),
    ...(typeof minLength === "number" && size !== undefined && size < minLength ? ["too short"] : []),
    ...(typeof maxLength === "number" && size !== undefined && size > maxLength ? ["too long"] : []),
    ...(typeof pattern === "string" && typeof value === "string" && !fits(pattern, value) ? ["outside the pattern"] : []),
  ];
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // A pattern that this runtime does not read: the interpreter has its own reader.
    return true;
  }
}

function isList(rule: ArgRule): rule is readonly ArgRule[] {
  return Array.isArray(rule);
}
