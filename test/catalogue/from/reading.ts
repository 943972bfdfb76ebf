/**
 * Reads OpenAPI documents for tests.
 * Never hides an error: what should be a catalogue and is none throws.
 */
import { expect } from "vitest";
import { catalogueFromOpenApi, type OpenApiOptions } from "../../../src/catalogue/from/from.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";
import type { Finding } from "../../../src/plan/finding.ts";

/** The tools that a document becomes, by name, with the file and the findings. Throws if there is an error. */
export function made(
  document: Json,
  options: OpenApiOptions = {},
): { readonly tools: ReadonlyMap<string, JsonObject>; readonly file: JsonObject; readonly findings: readonly Finding[] } {
  const result = catalogueFromOpenApi(document, options);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const tools = member(result.value.catalogue, "tools") as readonly JsonObject[];
  return {
    tools: new Map(tools.map((tool) => [String(tool.name), tool])),
    file: result.value.catalogue,
    findings: result.value.findings,
  };
}

/** The errors for which a document is refused. */
export function refused(document: Json, options: OpenApiOptions = {}): readonly Finding[] {
  const result = catalogueFromOpenApi(document, options);
  expect(result.ok).toBe(false);
  return result.ok ? [] : result.error.filter(({ severity }) => severity === "error");
}

/** The request behind a tool. */
export function http(tool: JsonObject | undefined): JsonObject {
  return member(member(tool, "_meta"), "sluice/http") as JsonObject;
}

/** Code and place of each finding. */
export const codes = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ code, pointer }) => `${code} ${pointer}`);
