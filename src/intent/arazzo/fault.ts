/**
 * The one way out of reading an Arazzo document that cannot be imported: a code, a JSON pointer and one line.
 * Pure. Never leaves this folder: `importArazzo` catches it and returns it as data.
 */
import { excerptCharsMax } from "../../limits.ts";
import { oneLine } from "../../plan/finding.ts";
import type { ImportError } from "../intent.ts";

/** Keys and indexes from the root of a document to a place in it. */
export type DocumentPath = readonly (string | number)[];

/** Codes of what is wrong with a document itself, beside those of the strict readers and of `draft.ts`. */
export type ArazzoCode =
  | "IMPORT_ARAZZO_FORM"
  | "IMPORT_ARAZZO_EXPRESSION"
  | "IMPORT_ARAZZO_WORKFLOW"
  | "IMPORT_ARAZZO_DISAGREES"
  | "IMPORT_UNREPRESENTABLE"
  | "IMPORT_ARGUMENT"
  | "IMPORT_TOO_LARGE"
  | "IMPORT_TOOL_UNKNOWN"
  | "IMPORT_TOOL_AMBIGUOUS";

/** Thrown by {@link refuse}; caught where the folder is entered. */
export class ArazzoFault extends Error {
  readonly fault: Pick<ImportError, "code" | "message">;
  readonly path: DocumentPath;
  constructor(fault: Pick<ImportError, "code" | "message">, path: DocumentPath) {
    super(fault.code);
    this.fault = fault;
    this.path = path;
  }
}

/** Ends the reading of a document. */
export function refuse(code: ArazzoCode, path: DocumentPath, message: string): never {
  throw new ArazzoFault({ code, message }, path);
}

/** Ends the reading at something that no plan can say. */
export function unsaid(path: DocumentPath, message: string): never {
  return refuse("IMPORT_UNREPRESENTABLE", path, message);
}

/** A text of the document for a message: one line, shortened, in back quotes. */
export function quoted(text: string): string {
  const line = oneLine(text).replaceAll("`", "'");
  return `\`${line.length > excerptCharsMax ? `${line.slice(0, excerptCharsMax - 1)}…` : line}\``;
}
