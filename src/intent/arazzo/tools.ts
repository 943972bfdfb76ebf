/**
 * Which tool a step of a workflow calls: the operation of a source description, looked up in the catalogue if there is one.
 * Pure. Never takes one of several operations that have the name.
 */
import { parsePointer } from "../../json/pointer.ts";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { toolFinder } from "../tool-names.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import { operationOf } from "./operation.ts";
import type { ArazzoDocument, Step } from "./schema.ts";

/** The tool of a step: its name, and what the catalogue knows of it. */
export interface StepTool {
  readonly name: string;
  readonly tool?: FrozenTool;
}

/** Finds the tool of a step with `operationId` or `operationPath`. Throws `ArazzoFault`. */
export function toolOf(
  step: Step,
  path: DocumentPath,
  { document, catalogue }: { readonly document: ArazzoDocument; readonly catalogue: Catalogue | undefined },
): StepTool {
  if (step.operationPath !== undefined) return byPath(step.operationPath, [...path, "operationPath"], { document, catalogue });
  const place = [...path, "operationId"];
  const written = step.operationId ?? "";
  const sources = document.sourceDescriptions.filter(({ type }) => type === undefined || type === "openapi");
  const qualified = /^\$sourceDescriptions\.(.+)$/su.exec(written)?.[1];
  if (qualified !== undefined) {
    const source = sources.find(({ name }) => qualified.startsWith(`${name}.`) && qualified.length > name.length + 1);
    if (source === undefined)
      return refuse("IMPORT_ARAZZO_FORM", place, `${quoted(written)} names no OpenAPI source description and operation`);
    return named(source.name, qualified.slice(source.name.length + 1), { place, catalogue });
  }
  if (written === "" || written.startsWith("$")) return refuse("IMPORT_ARAZZO_FORM", place, "expected the id of an operation");
  const [only, second] = sources;
  if (only === undefined) return refuse("IMPORT_ARAZZO_FORM", place, "no source description is of type `openapi`");
  if (second === undefined) return named(only.name, written, { place, catalogue });
  const owners =
    catalogue === undefined ? [] : sources.filter(({ name }) => operationOf(catalogue, name, { id: written }) !== undefined);
  const [owner, other] = owners;
  if (owner === undefined || other !== undefined)
    return refuse(
      "IMPORT_TOOL_AMBIGUOUS",
      place,
      `several source descriptions could have ${quoted(written)}: write ${quoted(`$sourceDescriptions.${only.name}.${written}`)}`,
    );
  return named(owner.name, written, { place, catalogue });
}

interface Looking {
  readonly place: DocumentPath;
  readonly catalogue: Catalogue | undefined;
}

function named(source: string, id: string, { place, catalogue }: Looking): StepTool {
  const name = `${source}/${id}`;
  if (!/^[^\s\u0000-\u001f\u007f]{1,256}$/.test(name))
    return refuse("IMPORT_ARAZZO_FORM", place, `${quoted(id)} is no id of an operation`);
  if (catalogue === undefined) return { name };
  const own = operationOf(catalogue, source, { id });
  if (own !== undefined) return { name: own.name, tool: own };
  // A catalogue that knows the source under another name; one that knows the source has said all of its operations.
  const isKnown = [...catalogue.tools.keys()].some((each) => each.startsWith(`${source}/`));
  const found = isKnown ? undefined : toolFinder(catalogue)(id);
  if (found?.ok) return { name: found.value.name, tool: found.value };
  const { code, message } = found?.error ?? {
    code: "IMPORT_TOOL_UNKNOWN" as const,
    message: `the catalogue has no tool ${quoted(name)}`,
  };
  return refuse(code === "IMPORT_TOOL_AMBIGUOUS" ? code : "IMPORT_TOOL_UNKNOWN", place, message);
}

function byPath(
  written: string,
  place: DocumentPath,
  { document, catalogue }: { readonly document: ArazzoDocument; readonly catalogue: Catalogue | undefined },
): StepTool {
  const found = /^\{?\$sourceDescriptions\.([^{}]+)\.url\}?#(.*)$/su.exec(written);
  const tokens = parsePointer(found?.[2] ?? "x");
  const [paths, route = "", method = "", ...rest] = tokens ?? [];
  const source = document.sourceDescriptions.find(({ name }) => name === found?.[1]);
  if (source === undefined || paths !== "paths" || method === "" || rest.length > 0)
    return refuse("IMPORT_ARAZZO_FORM", place, "expected `{$sourceDescriptions.NAME.url}#/paths/~1the~1path/method`");
  if (catalogue === undefined)
    return unsaid(
      place,
      "which operation has this path is in the OpenAPI document: give a catalogue that was made from it (`sluice catalog`)",
    );
  const tool = operationOf(catalogue, source.name, { path: route, method });
  if (tool === undefined)
    return refuse(
      "IMPORT_TOOL_UNKNOWN",
      place,
      `the catalogue has no operation ${quoted(`${method.toUpperCase()} ${route}`)} of \`${source.name}\`: make it from the OpenAPI document`,
    );
  return { name: tool.name, tool };
}
