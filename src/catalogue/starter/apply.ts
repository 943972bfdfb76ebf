/**
 * Lays a starter catalogue over a user's own list of tools: the user's definitions, the starter's facts.
 * Pure. Never changes what the operator declared, and never lets facts cover an argument that they were not written for.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import type { FrozenTool, LabelSpec } from "../../plan/plan.ts";
import { pointerOf } from "../../json/pointer.ts";
import { err, ok, type Result } from "../../result.ts";
import { type Catalogue, readCatalogue } from "../catalogue.ts";
import { quote } from "../report.ts";
import { overlay } from "./overlay.ts";
import { type Starter, starterOf, type StarterName } from "./starters.ts";

/** Which starter is laid over which server of a catalogue. */
export interface ApplyOptions {
  readonly starter: StarterName;
  /** The server in the user's catalogue. Default: the one that it has, or the one with the starter's usual name. */
  readonly server?: string;
}

/** A catalogue file with the facts of a starter in it. */
export interface Applied {
  /** The user's file: the same tools in the same order, with more `sluice` members and labels. */
  readonly file: JsonObject;
  /** What a person should look at: where the user's tools are not those that the facts were written for. */
  readonly findings: readonly Finding[];
}

/**
 * The user's catalogue (`tools/list` as it is, or a catalogue file) with the facts of a starter: for each tool of the server that the
 * starter knows by name, what the operator did not declare is declared as the starter says. A list that names no server gets the one that
 * is meant. What its definition has that the starter's
 * has not, is left to inference, and a finding `CATALOGUE_STARTER_DIFFERS` says so. Applying twice is applying once. Errors: those of
 * `readCatalogue`, and `CATALOGUE_STARTER_SERVER` where no server, or more than one, is meant.
 */
export function applyStarter(file: Json, options: ApplyOptions): Result<Applied, readonly Finding[]> {
  const starter = starterOf(options.starter);
  const named = withServer(file, options.server ?? starter.facts.server);
  const read = readCatalogue(named);
  if (!read.ok) return read;
  const server = serverOf([...read.value.servers.keys()], starter, options);
  if (!server.ok) return err([server.error]);
  const findings: Finding[] = [];
  const list = isArray(named) ? named : member(named, "tools");
  const place = isArray(file) ? [] : ["tools"];
  const own = isObject(named) ? named : {};
  const covered = { known: 0, unknown: [] as string[] };
  const tools = (isArray(list) ? list : []).map((entry, index) => {
    const tool = toolOf(entry, own);
    if (tool === undefined || !tool.name.startsWith(`${server.value}/`)) return entry;
    const name = tool.name.slice(server.value.length + 1);
    const laid = overlay(starter, name, tool);
    if (laid === undefined) covered.unknown.push(name);
    else covered.known += 1;
    if (laid?.difference !== undefined)
      findings.push({ code: "CATALOGUE_STARTER_DIFFERS", ...laid.difference, pointer: pointerOf([...place, index]) });
    return laid === undefined ? entry : { ...(entry as JsonObject), sluice: laid.sluice };
  });
  findings.push(...coverage(covered, options, pointerOf(place)));
  const labels = mergeLabels(member(own, "labels"), starter, findings);
  return ok({ file: { ...own, ...(Object.keys(labels).length === 0 ? {} : { labels }), tools }, findings });
}

/** A list as a server gives it names no server: it is the one that is meant. A catalogue that names one stays as it is. */
function withServer(file: Json, name: string): Json {
  const list = isArray(file) ? file : member(file, "tools");
  if (!isArray(list) || member(file, "server") !== undefined || member(file, "servers") !== undefined) return file;
  const named = { ...(isObject(file) ? file : {}), server: { name }, tools: list };
  const [before, after] = [readCatalogue(file), readCatalogue(named)];
  const isNameless = before.ok && after.ok && isOnly(before.value, "local") && isOnly(after.value, name);
  return isNameless ? named : file;
}

function isOnly({ servers }: Catalogue, name: string): boolean {
  return [...servers.keys()].every((server) => server === name);
}

/** One entry of the list as it is read among the others. `undefined`: it is left out there too. */
function toolOf(entry: Json, own: JsonObject): FrozenTool | undefined {
  const server = member(own, "server");
  const read = readCatalogue({ tools: [entry], ...(server === undefined ? {} : { server }) });
  return read.ok ? [...read.value.tools.values()][0] : undefined;
}

function serverOf(names: readonly string[], { facts }: Starter, options: ApplyOptions): Result<string, Finding> {
  const wanted = options.server ?? (names.length === 1 ? names[0] : facts.server);
  if (wanted !== undefined && names.includes(wanted)) return ok(wanted);
  const those = names.slice(0, 8).map(quote).join(", ");
  return err({
    code: "CATALOGUE_STARTER_SERVER",
    severity: "error",
    pointer: "",
    message: `the catalogue has no tool of a server ${quote(wanted ?? "")}; say which of its servers is meant: ${those}`,
  });
}

function coverage(
  { known, unknown }: { readonly known: number; readonly unknown: readonly string[] },
  { starter }: ApplyOptions,
  pointer: string,
): readonly Finding[] {
  if (unknown.length === 0) return [];
  const those = unknown.slice(0, 8).map(quote).join(", ");
  const more = unknown.length > 8 ? ` and ${unknown.length - 8} more` : "";
  const message =
    known === 0
      ? `the starter ${quote(starter)} knows none of these tools: ${those}${more}; they stay inferred`
      : `the starter ${quote(starter)} does not know ${those}${more}: they stay inferred, and their results unknown`;
  return [{ code: "CATALOGUE_STARTER_UNKNOWN", severity: known === 0 ? "warning" : "info", pointer, message }];
}

/** The operator's labels win. Where they trust what the starter does not, a person must know that it now covers these tools. */
function mergeLabels(given: Json | undefined, { facts }: Starter, findings: Finding[]): JsonObject {
  const own = isObject(given) ? given : {};
  for (const name of [...new Set([facts.label, ...Object.keys(facts.labels)])])
    if (member(member(own, name), "integrity") === "trusted")
      findings.push({
        code: "CATALOGUE_STARTER_TRUSTED",
        severity: "warning",
        pointer: pointerOf(["labels", name]),
        message: `the catalogue trusts ${quote(name)}, which the starter's tools carry: what strangers write there counts as trusted`,
      });
  const more = Object.entries(facts.labels).filter(([name]) => !Object.hasOwn(own, name));
  return { ...own, ...Object.fromEntries(more.map(([name, spec]) => [name, labelFile(spec)])) };
}

function labelFile({ integrity, description }: LabelSpec): JsonObject {
  return { integrity, ...(description === undefined ? {} : { description }) };
}
