/**
 * A catalogue that was made from something else, and the last look at it: it must be one that the reader of catalogues takes.
 * Pure. Never hands out a catalogue that `readCatalogue` refuses.
 */
import { parsePointer } from "../../json/pointer.ts";
import { type Json, type JsonObject, member } from "../../json/value.ts";
import { catalogueToolsMax } from "../../limits.ts";
import { checkJson } from "../../plan/schema-check.ts";
import type { Finding } from "../../plan/finding.ts";
import { err, ok, type Result } from "../../result.ts";
import { readCatalogue } from "../catalogue.ts";
import type { Report } from "../report.ts";
import { suspicionsOf } from "../texts.ts";

/** A catalogue file that was made from something else. */
export interface MadeCatalogue {
  /** `{"server", "tools"}`: what `readCatalogue` reads and a person can edit. */
  readonly catalogue: JsonObject;
  /** Warnings and infos; pointers lead into what was imported, or into the catalogue where they begin with `/tools`. */
  readonly findings: readonly Finding[];
}

/** Whether a value is JSON all through; what is not becomes errors of the report. */
export function isReadable(value: unknown, report: Report, what: string): value is Json {
  const faults = checkJson(value);
  const [first] = faults;
  if (first === undefined) return true;
  report.error(parsePointer(first.pointer) ?? [], `${what} is not JSON here, or nested too deeply`, "CATALOGUE_SOURCE");
  return false;
}

/** The catalogue of a server's tools, if nothing was wrong so far and the reader of catalogues takes it. */
export function finish(
  server: JsonObject,
  tools: readonly JsonObject[],
  report: Report,
): Result<MadeCatalogue, readonly Finding[]> {
  if (tools.length > catalogueToolsMax) report.error([], `more than ${catalogueToolsMax} tools`, "CATALOGUE_TOO_LARGE");
  const hasFailed = (): boolean => report.findings.some(({ severity }) => severity === "error");
  if (hasFailed()) return err(report.findings);
  const catalogue: JsonObject = { server, tools };
  if (!isReadable(catalogue, report, "the catalogue that was made of it")) return err(report.findings);
  const read = readCatalogue(catalogue);
  if (!read.ok) return err([...report.findings, ...read.error]);
  for (const [i, tool] of tools.entries())
    for (const { kind, place, message } of suspicionsOf(tool))
      report.warn(["tools", i, ...place], message, kind === "hidden" ? "CATALOGUE_HIDDEN_TEXT" : "CATALOGUE_INSTRUCTION");
  return ok({ catalogue, findings: [...report.findings, ...read.value.findings] });
}

/** One tool as it stands in the file: its name, whose it is, what is said of it, then its definition. */
export function entryOf(definition: JsonObject, server: string, sluice: JsonObject): JsonObject {
  const name = member(definition, "name") ?? "";
  // A name with a slash would be read as another server's.
  const home = typeof name === "string" && name.includes("/") ? { server } : {};
  return { name, ...home, sluice, ...definition };
}
