/**
 * Reads what the operator declares: the `sluice` member of a tool, and the labels of a catalogue file.
 * Pure. Never lets an unknown member or value pass: a misspelt declaration would silently be none.
 */
import { type Json, type JsonObject, isArray, isObject, member } from "../json/value.ts";
import { nameCharsMax } from "../limits.ts";
import type { Effect, LabelSpec, Role, ToolFacts } from "../plan/plan.ts";
import { effectNames } from "./effects.ts";
import { type Place, type Report, quote } from "./report.ts";
import { readResource } from "./resource.ts";
import { roleNames } from "./roles.ts";

/** What was declared of a tool; members that were not are absent. `inferred` names those that no person has confirmed yet. */
export type Declared = Partial<ToolFacts>;

const facts = ["labels", "effects", "roles", "resource", "audience", "parse"] as const;
const members = [...facts, "inferred"] as const;

/** Whether a text is a name of a label, server, plan and the like: ASCII letters, digits, `_`, `.`, `-`. */
export function isName(text: string): boolean {
  return text.length > 0 && text.length <= nameCharsMax && /^[A-Za-z0-9_.-]+$/.test(text);
}

/** A list of distinct strings that all pass `isValid`; errors go to the report. */
function readStrings(
  value: Json,
  place: Place,
  options: { readonly report: Report; readonly what: string; readonly isValid: (text: string) => boolean },
): readonly string[] | undefined {
  const { report, what, isValid } = options;
  if (!isArray(value)) {
    report.error(place, `must be a list of ${what}`);
    return undefined;
  }
  const found = new Set<string>();
  for (const [index, entry] of value.entries()) {
    if (typeof entry !== "string" || !isValid(entry)) report.error([...place, index], `must be ${what}`);
    else if (found.has(entry)) report.error([...place, index], `${quote(entry)} stands twice in the list`);
    else found.add(entry);
  }
  return [...found];
}

/**
 * Reads the `sluice` member of a tool. `args`: the arguments of its input schema, or `undefined` if the schema tells none, in which
 * case names of arguments cannot be checked.
 */
export function readDeclared(
  value: Json | undefined,
  place: Place,
  options: { readonly report: Report; readonly args: ReadonlySet<string> | undefined },
): Declared {
  const { report, args } = options;
  if (value === undefined) return {};
  if (!isObject(value)) {
    report.error(place, `must be an object with ${facts.map((name) => `\`${name}\``).join(", ")}`);
    return {};
  }
  for (const key of Object.keys(value)) {
    if (!members.some((name) => name === key)) report.error([...place, key], `unknown member; known are ${members.join(", ")}`);
  }
  const labels = readLabelNames(member(value, "labels"), [...place, "labels"], report);
  const effects = readEffects(member(value, "effects"), [...place, "effects"], report);
  const roles = readRoles(member(value, "roles"), [...place, "roles"], { report, args });
  const isArg = (name: string): boolean => isArgument(name, args);
  const resource = readResource(member(value, "resource"), [...place, "resource"], { report, isArgument: isArg });
  const audience = readAudience(member(value, "audience"), [...place, "audience"], { report, args });
  const parse = member(value, "parse");
  if (parse !== undefined && parse !== "json" && parse !== "yaml") report.error([...place, "parse"], "must be `json` or `yaml`");
  const inferred = readInferred(member(value, "inferred"), [...place, "inferred"], report);
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(effects === undefined ? {} : { effects }),
    ...(roles === undefined ? {} : { roles }),
    ...(resource === undefined ? {} : { resource }),
    ...(audience === undefined ? {} : { audience }),
    ...(parse === "json" || parse === "yaml" ? { parse } : {}),
    ...(inferred === undefined ? {} : { inferred }),
  };
}

/** Names of facts that a program wrote and no person has confirmed: `effects`, `roles`, `roles.to`. They count as they are written. */
function readInferred(value: Json | undefined, place: Place, report: Report): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const isFact = (text: string): boolean => facts.some((name) => name === text) || (text.startsWith("roles.") && text.length > 6);
  return readStrings(value, place, { report, what: `facts (${facts.join(", ")}, roles.ARGUMENT)`, isValid: isFact });
}

function readLabelNames(value: Json | undefined, place: Place, report: Report): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const labels = readStrings(value, place, { report, what: "label names (letters, digits, `_`, `.`, `-`)", isValid: isName });
  // An empty list would read as "trusted by nobody's word"; absent means `unknown`.
  if (isArray(value) && value.length === 0)
    report.error(place, "must name at least one label; leave the member out for `unknown`");
  return labels;
}

function readEffects(value: Json | undefined, place: Place, report: Report): readonly Effect[] | undefined {
  if (value === undefined) return undefined;
  const isEffect = (text: string) => effectNames.some((effect) => effect === text);
  const found = readStrings(value, place, { report, what: `effects (${effectNames.join(", ")})`, isValid: isEffect });
  return found === undefined ? undefined : effectNames.filter((effect) => found.includes(effect));
}

interface ArgumentContext {
  readonly report: Report;
  readonly args: ReadonlySet<string> | undefined;
}

function readRoles(
  value: Json | undefined,
  place: Place,
  context: ArgumentContext,
): { readonly [arg: string]: Role } | undefined {
  if (value === undefined) return undefined;
  const { report, args } = context;
  if (!isObject(value)) {
    report.error(place, "must be an object of roles by argument");
    return undefined;
  }
  const found: [string, Role][] = [];
  for (const [path, given] of Object.entries(value)) {
    const role = roleNames.find((name) => name === given);
    if (role === undefined) report.error([...place, path], `must be a role (${roleNames.join(", ")})`);
    else if (!isArgument(path, args)) report.error([...place, path], "the tool's input schema has no such argument");
    else found.push([path, role]);
  }
  return Object.fromEntries(found);
}

/** Whether a name, or the part of a dotted path before its first dot, is an argument. */
function isArgument(path: string, args: ReadonlySet<string> | undefined): boolean {
  return args === undefined || args.has(path) || args.has(path.split(".", 1)[0] ?? path);
}

function readAudience(value: Json | undefined, place: Place, context: ArgumentContext): ToolFacts["audience"] {
  if (value === undefined || value === "public") return value;
  const { report, args } = context;
  if (isArray(value))
    return readStrings(value, place, { report, what: "principals (non-empty strings)", isValid: (text) => text !== "" });
  const arg = member(value, "arg");
  const names = typeof arg === "string" ? [arg] : isArray(arg) && arg.every((name) => typeof name === "string") ? arg : [];
  if (!isObject(value) || names.length === 0 || Object.keys(value).length !== 1) {
    report.error(place, 'must be `public`, a list of principals, or {"arg": name of an argument, or a list of names}');
    return undefined;
  }
  for (const name of names)
    if (!isArgument(name as string, args)) report.error([...place, "arg"], "the tool's input schema has no such argument");
  return { arg: arg as string | readonly string[] };
}

/** Reads the `labels` of a catalogue file. `unknown` cannot be declared: it stands for data that nobody vouches for. */
export function readLabels(value: Json | undefined, report: Report): { readonly [name: string]: LabelSpec } {
  if (value === undefined) return {};
  if (!isObject(value)) {
    report.error(["labels"], "must be an object of labels by name");
    return {};
  }
  const found: [string, LabelSpec][] = [];
  for (const [name, given] of Object.entries(value)) {
    const place = ["labels", name];
    if (!isName(name)) report.error(place, "a label's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
    else if (name === "unknown" || name === "untrusted") report.error(place, "the name is reserved");
    else if (!isObject(given)) report.error(place, 'must be an object such as {"integrity": "untrusted"}');
    else {
      const spec = readLabel(given, place, report);
      if (spec !== undefined) found.push([name, spec]);
    }
  }
  return Object.fromEntries(found);
}

function readLabel(given: JsonObject, place: Place, report: Report): LabelSpec | undefined {
  for (const key of Object.keys(given)) {
    if (key !== "integrity" && key !== "readers" && key !== "description") {
      report.error([...place, key], "unknown member; known are integrity, readers, description");
    }
  }
  const integrity = member(given, "integrity");
  const listed = member(given, "readers");
  const description = member(given, "description");
  const isReader = (text: string) => text !== "";
  const readers =
    listed === undefined
      ? undefined
      : readStrings(listed, [...place, "readers"], { report, what: "principals", isValid: isReader });
  if (description !== undefined && typeof description !== "string") report.error([...place, "description"], "must be text");
  if (integrity !== "trusted" && integrity !== "untrusted") {
    report.error([...place, "integrity"], "must be `trusted` or `untrusted`");
    return undefined;
  }
  return {
    integrity,
    ...(readers === undefined ? {} : { readers }),
    ...(typeof description === "string" ? { description } : {}),
  };
}
