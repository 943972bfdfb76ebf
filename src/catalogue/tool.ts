/**
 * Reads one tool of a catalogue: its definition in the shape of MCP, and the facts that Sluice holds of it.
 * Pure. Never invents labels: a tool for which nobody declared any gives data of label `unknown`.
 */
import { type Json, type JsonObject, isObject, member } from "../json/value.ts";
import { nameCharsMax } from "../limits.ts";
import type { FrozenTool, Role, ToolFacts } from "../plan/plan.ts";
import { isName, readDeclared } from "./declared.ts";
import { inferEffects } from "./effects.ts";
import { type Place, type Report, quote } from "./report.ts";
import { inferRole } from "./roles.ts";
import { resolveSchema, schemaProperties } from "./schema.ts";

/** Where tools without a server of their own belong, and whose word counts. */
export interface ToolContext {
  readonly report: Report;
  /** The server of a tool that names none. */
  readonly server: string;
  /** The list came from this very server, which cannot speak for another: names are never read as `server/tool`. */
  readonly isServerKnown: boolean;
  /** Whether `sluice` members are the operator's. If not they are left out, with a warning. */
  readonly isTrusted: boolean;
}

/** A tool with the server that it belongs to. */
export interface ReadTool {
  readonly server: string;
  readonly tool: FrozenTool;
}

/** Spellings that other APIs have for members of an MCP tool (`parameters`: OpenAI; `input_schema`: Anthropic). */
const spellings: { readonly [member: string]: readonly string[] } = {
  inputSchema: ["inputSchema", "parameters", "input_schema"],
  outputSchema: ["outputSchema", "returns", "output_schema"],
};

/** Reads one entry of the list of tools; `undefined` if it cannot be used, and then the report says why. */
export function readTool(value: Json, place: Place, context: ToolContext): ReadTool | undefined {
  const { report } = context;
  const entry = unwrap(value);
  if (entry === undefined) {
    report.error(place, "must be an object that describes a tool");
    return undefined;
  }
  const name = member(entry, "name");
  if (typeof name !== "string" || name === "") {
    report.error([...place, "name"], "every tool needs a name");
    return undefined;
  }
  // Names that look alike or hide characters could pass for another tool: they are left out, so nothing can call them.
  if (name.length > nameCharsMax * 2 || !/^[\x20-\x7e]+$/.test(name)) {
    report.warn([...place, "name"], "the tool is left out: its name is not printable ASCII or too long", "CATALOGUE_NAME");
    return undefined;
  }
  const home = homeOf(entry, name, { place, context });
  const definition = home === undefined ? undefined : readDefinition(entry, { place, name: home.name, context });
  if (home === undefined || definition === undefined) return undefined;
  return {
    server: home.server,
    tool: { name: `${home.server}/${home.name}`, definition, facts: readFacts(definition, place, report) },
  };
}

/** The description of the tool itself: OpenAI wraps it in `function`. */
function unwrap(value: Json): JsonObject | undefined {
  const wrapped = member(value, "function");
  if (!isObject(value) || !isObject(wrapped) || Object.hasOwn(value, "name")) return isObject(value) ? value : undefined;
  const beside = Object.entries(value).filter(([key]) => key === "sluice" || key === "server");
  return Object.fromEntries([...Object.entries(wrapped), ...beside]);
}

/** Which server a tool belongs to, and its name there. */
function homeOf(
  entry: JsonObject,
  name: string,
  options: { readonly place: Place; readonly context: ToolContext },
): { readonly server: string; readonly name: string } | undefined {
  const { place, context } = options;
  if (context.isServerKnown) return { server: context.server, name };
  const given = member(entry, "server");
  if (given !== undefined && (typeof given !== "string" || !isName(given))) {
    context.report.error([...place, "server"], "must be the name of a server (letters, digits, `_`, `.`, `-`)", "CATALOGUE_NAME");
    return undefined;
  }
  const slash = name.indexOf("/");
  const prefix = slash > 0 && slash < name.length - 1 && isName(name.slice(0, slash)) ? name.slice(0, slash) : undefined;
  if (prefix !== undefined && (given === undefined || given === prefix)) return { server: prefix, name: name.slice(slash + 1) };
  return { server: given ?? context.server, name };
}

/** The definition with the member names of MCP. Other members are kept: the digest of a plan covers them. */
function readDefinition(
  entry: JsonObject,
  options: { readonly place: Place; readonly name: string; readonly context: ToolContext },
): JsonObject | undefined {
  const { place, name, context } = options;
  const { report, isTrusted } = context;
  const errors = errorsOf(report);
  const definition: [string, Json][] = [["name", name]];
  const used = new Set(["name", "server"]);
  for (const [canonical, names] of Object.entries(spellings)) {
    const present = names.filter((spelling) => Object.hasOwn(entry, spelling));
    for (const spelling of present) used.add(spelling);
    const [spelling, second] = present;
    if (second !== undefined) report.error([...place, second], `says again what ${quote(spelling ?? "")} says; keep one`);
    const schema = spelling === undefined ? undefined : member(entry, spelling);
    if (spelling === undefined || schema === undefined || schema === null) continue;
    if (isObject(schema)) definition.push([canonical, schema]);
    else report.error([...place, spelling], "must be a JSON Schema object");
  }
  for (const text of ["description", "title"]) {
    const given = member(entry, text);
    if (given !== undefined && given !== null && typeof given !== "string") report.error([...place, text], "must be text");
  }
  const annotations = member(entry, "annotations");
  if (annotations !== undefined && annotations !== null && !isObject(annotations))
    report.error([...place, "annotations"], "must be an object");
  if (Object.hasOwn(entry, "sluice") && !isTrusted) {
    used.add("sluice");
    report.warn([...place, "sluice"], "left out: a server's word about itself does not count", "CATALOGUE_IGNORED");
  }
  for (const [key, value] of Object.entries(entry)) if (!used.has(key)) definition.push([key, value]);
  return errorsOf(report) === errors ? Object.fromEntries(definition) : undefined;
}

function errorsOf(report: Report): number {
  return report.findings.reduce((count, { severity }) => count + (severity === "error" ? 1 : 0), 0);
}

/** What holds of a tool: what was declared, and the rest inferred and named in `inferred`. */
function readFacts(definition: JsonObject, place: Place, report: Report): ToolFacts {
  const schema = member(definition, "inputSchema");
  const properties = schemaProperties(schema);
  const isClosed = member(resolveSchema(schema, schema), "properties") !== undefined || properties.size > 0;
  const declared = readDeclared(member(definition, "sluice"), [...place, "sluice"], {
    report,
    args: isClosed ? new Set(properties.keys()) : undefined,
  });
  const inferred: string[] = [...(declared.inferred ?? [])];
  const description = member(definition, "description");
  const annotations = member(definition, "annotations");
  const infer = (fact: string): void => {
    if (!inferred.includes(fact)) inferred.push(fact);
  };
  if (declared.effects === undefined) infer("effects");
  const effects =
    declared.effects ??
    inferEffects({
      name: nameOf(definition),
      ...(typeof description === "string" ? { description } : {}),
      arguments: [...properties.keys()],
      ...(annotations === undefined ? {} : { annotations }),
    });
  const roles: [string, Role][] = Object.entries(declared.roles ?? {});
  if (declared.roles === undefined && properties.size > 0) infer("roles");
  for (const [arg, property] of properties) {
    if (declared.roles !== undefined && Object.hasOwn(declared.roles, arg)) continue;
    if (declared.roles !== undefined) infer(`roles.${arg}`);
    roles.push([arg, inferRole(arg, effects, property)]);
  }
  return { ...declared, effects, roles: Object.fromEntries(roles), inferred };
}

function nameOf(definition: JsonObject): string {
  const name = member(definition, "name");
  return typeof name === "string" ? name : "";
}
