/**
 * The tools of the starter catalogues as one set: what many agents have at hand, and no data set has tasks for.
 * Pure.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { combineCatalogues, starterCatalogue, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { draftTool } from "../../../src/infer/tools.ts";
import type { ToolSet } from "./catalogues.ts";

/** The set; its tools are called by `server/tool`. */
export function starterSet(): ToolSet {
  const combined = combineCatalogues(starterNames.map((name) => starterCatalogue(name, { server: name })));
  const read = combined.ok ? readCatalogue(combined.value) : combined;
  if (!read.ok) throw new Error(`starter catalogues: ${read.error[0]?.message ?? "unreadable"}`);
  return {
    name: "starter",
    tools: new Map([...read.value.tools].map(([name, tool]) => [name, draftTool(tool)])),
    renamed: new Map(),
  };
}
