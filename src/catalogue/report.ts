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
  | "TOOL_UNKNOWN"
  | "TOOL_AMBIGUOUS";

/** Where a value stands in the catalogue: keys and indexes from its root. */
export type Place = readonly (string | number)[];

/** A list of findings under construction. */
export interface Report {
  error(place: Place, message: string, code?: CatalogueCode): void;
  warn(place: Place, message: string, code: CatalogueCode): void;
  readonly findings: readonly Finding[];
}

/** Starts an empty report. */
export function openReport(): Report {
  const findings: Finding[] = [];
  return {
    findings,
    error: (place, message, code = "CATALOGUE_MALFORMED") => {
      findings.push({ code, severity: "error", pointer: pointerOf(place), message });
    },
    warn: (place, message, code) => {
      findings.push({ code, severity: "warning", pointer: pointerOf(place), message });
    },
  };
}

/** A name in back-quotes, fit for a message: cut, and replaced by a constant if it is not printable ASCII. */
export function quote(name: string): string {
  const cut = name.length <= excerptCharsMax ? name : `${name.slice(0, excerptCharsMax)}…`;
  return /^[\x20-\x5f\x61-\x7e…]*$/.test(cut) ? `\`${cut}\`` : "(a name outside printable ASCII)";
}
