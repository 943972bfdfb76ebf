/**
 * Reads what a tool's catalogue says of the resources that it reads and writes.
 * Pure. Never lets a misspelt member pass: a resource that nobody tracks would launder what is written to it.
 */
import { isArray, isObject, type Json, member } from "../json/value.ts";
import type { ResourceSpec, ToolFacts } from "../plan/plan.ts";
import { type Place, quote, type Report } from "./report.ts";

/** What a tool can do with a resource. */
export const accesses: readonly NonNullable<ResourceSpec["access"]>[] = ["read", "write", "both"];

interface ResourceContext {
  readonly report: Report;
  /** Whether the tool has an argument of this name. */
  readonly isArgument: (name: string) => boolean;
}

/** Reads `resource`: a template, `{ template, access? }`, or a list of these. */
export function readResource(value: Json | undefined, place: Place, context: ResourceContext): ToolFacts["resource"] {
  if (value === undefined) return undefined;
  if (!isArray(value)) return readOne(value, place, context);
  if (value.length === 0) context.report.error(place, "must name at least one resource; leave the member out for none");
  return value.flatMap((one, i) => readOne(one, [...place, i], context) ?? []);
}

function readOne(value: Json, place: Place, context: ResourceContext): string | ResourceSpec | undefined {
  if (!isObject(value)) return readTemplate(value, place, context);
  const { report } = context;
  for (const key of Object.keys(value))
    if (key !== "template" && key !== "access") report.error([...place, key], "unknown member; known are template, access");
  const template = readTemplate(member(value, "template") ?? null, [...place, "template"], context);
  const given = member(value, "access");
  const access = accesses.find((name) => name === given);
  if (given !== undefined && access === undefined) report.error([...place, "access"], `must be ${accesses.join(", ")}`);
  return template === undefined ? undefined : { template, ...(access === undefined ? {} : { access }) };
}

function readTemplate(value: Json, place: Place, { report, isArgument }: ResourceContext): string | undefined {
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:(?:[^{}]|\{[^{}]+\})+$/.test(value)) {
    report.error(place, "must be a template such as `file:{path}`: a kind, a colon, text and arguments in braces");
    return undefined;
  }
  for (const [, hole = ""] of value.matchAll(/\{([^{}]+)\}/g))
    if (!isArgument(hole)) report.error(place, `the tool's input schema has no argument ${quote(hole)}`);
  return value;
}
