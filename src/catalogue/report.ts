/**
 * Collects what is wrong with a catalogue, each finding with its place.
 * Pure. Never puts a value of the catalogue into a message unless it is short printable ASCII.
 */
import { pointerOf } from "../json/pointer.ts";
import { excerptCharsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";

/** Codes of findings about a catalogue. */
export type CatalogueCode =
  | "CATALOGUE_MALFORMED"
  | "CATALOGUE_DUPLICATE"
  | "CATALOGUE_NAME"
  | "CATALOGUE_IGNORED"
  | "CATALOGUE_TOO_LARGE"
  | "CATALOGUE_SOURCE"
  | "CATALOGUE_REFERENCE"
  | "CATALOGUE_SKIPPED"
  | "CATALOGUE_DECLARED"
  | "CATALOGUE_CREDENTIAL"
  | "CATALOGUE_SERVER"
  | "CATALOGUE_HIDDEN_TEXT"
  | "CATALOGUE_INSTRUCTION"
  | "TOOL_UNKNOWN"
  | "TOOL_AMBIGUOUS";

/** Where a value stands in the catalogue: keys and indexes from its root. */
export type Place = readonly (string | number)[];

/** A list of findings under construction. */
export interface Report {
  error(place: Place, message: string, code?: CatalogueCode): void;
  warn(place: Place, message: string, code: CatalogueCode): void;
  inform(place: Place, message: string, code: CatalogueCode): void;
  readonly findings: readonly Finding[];
}

/** Starts an empty report. */
export function openReport(): Report {
  const findings: Finding[] = [];
  const push = (severity: Finding["severity"], place: Place, message: string, code: CatalogueCode): void => {
    findings.push({ code, severity, pointer: pointerOf(place), message });
  };
  return {
    findings,
    error: (place, message, code = "CATALOGUE_MALFORMED") => push("error", place, message, code),
    warn: (place, message, code) => push("warning", place, message, code),
    inform: (place, message, code) => push("info", place, message, code),
  };
}

/** A name in back-quotes, fit for a message: cut, and replaced by a constant if it is not printable ASCII. */
export function quote(name: string): string {
  const cut = name.length <= excerptCharsMax ? name : `${name.slice(0, excerptCharsMax)}…`;
  return /^[\x20-\x5f\x61-\x7e…]*$/.test(cut) ? `\`${cut}\`` : "(a name outside printable ASCII)";
}
