/**
 * `sluice/import`: what an agent intends, in any of the formats that agents and workflows say it in → a draft plan. No model reads it.
 * Pure. Never freezes what it made, and loads a parser of code only when code is given.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Result } from "../result.ts";
import { importAnthropic } from "./anthropic.ts";
import type { ImportedLog } from "./calls.ts";
import type { DraftOptions } from "./draft.ts";
import type { ImportError } from "./intent.ts";
import { importLlmCompiler } from "./llm-compiler.ts";
import { importMcp } from "./mcp.ts";
import { importOpenAi } from "./openai.ts";

export type { ImportedLog } from "./calls.ts";
export { type ImportCode, importCodes } from "./codes.ts";
export { type Exported, exportArazzo, type ExportOptions, type LostField } from "./arazzo/export.ts";
export type { Imported, ImportError, Place } from "./intent.ts";

/** How a draft is imported: its `name` (default `imported`) and `task`, the user's words. */
export interface ImportOptions extends DraftOptions {
  /** Of an Arazzo document of several workflows: the `workflowId`. */
  readonly workflow?: string;
}

/** A format of lists of calls. */
export type CallFormat = "openai" | "anthropic" | "mcp" | "llm-compiler";

/** A format that can be imported. */
export type ImportFormat = CallFormat | "arazzo" | "javascript" | "python";

/** Reads one format. */
type Importer = (text: string, catalogue: Catalogue | undefined, options: ImportOptions) => Result<ImportedLog, ImportError>;

const callFormats: { readonly [F in CallFormat]: Importer } = {
  openai: importOpenAi,
  anthropic: importAnthropic,
  mcp: importMcp,
  "llm-compiler": importLlmCompiler,
};

/** Parsers of code are large, so that each is loaded with its format. */
const importers: { readonly [F in ImportFormat]: () => Promise<Importer> } = {
  openai: async () => importOpenAi,
  anthropic: async () => importAnthropic,
  mcp: async () => importMcp,
  "llm-compiler": async () => importLlmCompiler,
  arazzo: async () => (await import("./arazzo/import.ts")).importArazzo,
  javascript: async () => (await import("./code/javascript.ts")).importJavaScript,
  python: async () => (await import("./python/import-python.ts")).importPython,
};

/** The names of all formats, in the order in which they are shown. */
export const importFormats: readonly ImportFormat[] = Object.keys(importers) as readonly ImportFormat[];

/**
 * Makes a draft plan of calls that an agent intends, or of a log of calls and their results. Without a catalogue nothing is known of the
 * tools but their names. The error says where: a line and column, or a JSON pointer. Findings are what a person must know.
 *
 * @example
 * const imported = importCalls(text, catalogue, { from: "openai", task: "Pay the bill" });
 * if (imported.ok) console.log(imported.value.plan, imported.value.findings);
 */
export function importCalls(
  text: string,
  catalogue: Catalogue | undefined,
  { from, ...options }: ImportOptions & { readonly from: CallFormat },
): Result<ImportedLog, ImportError> {
  return callFormats[from](text, catalogue, options);
}

/** As {@link importCalls}, of every format; the parser of the format is loaded first. */
export async function importText(
  text: string,
  catalogue: Catalogue | undefined,
  { from, ...options }: ImportOptions & { readonly from: ImportFormat },
): Promise<Result<ImportedLog, ImportError>> {
  const read = await importers[from]();
  return read(text, catalogue, options);
}
