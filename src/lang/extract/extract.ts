/**
 * Typed values found in free text by published grammars, in linear time: `{ "from": "bill$.text", "extract": "iban" }`.
 * Pure. Never truncates a text, and what it finds is as untrusted as the text.
 */

import type { Json } from "../../json/value.ts";
import { extractCharsMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { type Stretch, stretchesOf } from "./anchor.ts";
import { dateScanner, scanTime } from "./date.ts";
import { scanEmail } from "./email.ts";
import { scanShapeIban, scanStrictIban } from "./iban.ts";
import { numberScanner, scanDigits } from "./number.ts";
import { scanLine, scanName, scanQuoted } from "./prose.ts";
import { type ExtractError, type ExtractKind, type ExtractSpec, parseExtractSpec } from "./spec.ts";
import { scanId, scanPath, scanPhone, scanToken, scanUuid, scanWord, sigilScanner } from "./token.ts";
import { scanUrl } from "./url.ts";
import type { Counter, Match, Scanner, Window } from "./window.ts";

/** A compiled extractor. The same text gives the same matches, on every runtime. */
export interface Extract {
  readonly kind: ExtractKind;
  readonly spec: ExtractSpec;
  /** The matches in order, none overlapping. A text longer than `extractCharsMax` has none: use `distinct` to be told. */
  find(text: string): readonly Match[];
  /** The distinct values in order of first occurrence, or `EXTRACT_TEXT_TOO_LONG`. Numbers are compared as numbers. */
  distinct(text: string): Result<readonly Json[], ExtractError>;
  /** Characters that `find` reads, for tests of its running time. */
  countSteps(text: string): number;
}

const scanners: { readonly [K in ExtractKind]: (spec: ExtractSpec) => Scanner } = {
  iban: (spec) => (spec.strict ? scanStrictIban : scanShapeIban),
  uuid: () => scanUuid,
  email: () => scanEmail,
  url: () => scanUrl,
  date: (spec) => dateScanner(spec.locale),
  time: () => scanTime,
  phone: () => scanPhone,
  amount: (spec) => numberScanner({ locale: spec.locale, currency: spec.currency, percent: false, integer: false }),
  integer: (spec) => numberScanner({ locale: spec.locale, currency: false, percent: false, integer: true }),
  number: (spec) => numberScanner({ locale: spec.locale, currency: false, percent: true, integer: false }),
  path: () => scanPath,
  id: () => scanId,
  hashtag: () => sigilScanner("#"),
  mention: () => sigilScanner("@"),
  digits: () => scanDigits,
  quoted: () => scanQuoted,
  name: () => scanName,
  token: () => scanToken,
  word: () => scanWord,
  line: () => scanLine,
};

/** What a match must be to count, and how its value is given. */
function present(spec: ExtractSpec, match: Match, text: string): Match | undefined {
  const written = typeof match.value === "string" && spec.as === "value" ? match.value : text.slice(match.start, match.end);
  if (spec.prefix !== undefined && !written.startsWith(spec.prefix)) return undefined;
  return spec.as === "written" ? { ...match, value: written } : match;
}

/** All matches of a window, or the first one only. */
function scanWindow(
  window: Window,
  scan: Scanner,
  options: { readonly spec: ExtractSpec; readonly isFirstOnly: boolean },
): readonly Match[] {
  const matches: Match[] = [];
  let floor = window.low;
  for (let at = window.low; at < window.high; ) {
    const attempt = scan(window, at);
    if (typeof attempt === "number") {
      at = Math.max(attempt, at + 1);
      continue;
    }
    at = Math.max(attempt.end, at + 1);
    const match = attempt.start < floor ? undefined : present(options.spec, attempt, window.text);
    if (match === undefined) continue;
    floor = match.end;
    matches.push(match);
    if (options.isFirstOnly) break;
  }
  return matches;
}

function searchStretch(stretch: Stretch, scan: Scanner, spec: ExtractSpec): readonly Match[] {
  const isFirstOnly = stretch.pick === "first";
  const matches = scanWindow(stretch.window, scan, { spec, isFirstOnly });
  if (matches.length === 0 && stretch.fallback !== undefined) return scanWindow(stretch.fallback, scan, { spec, isFirstOnly });
  return stretch.pick === "last" ? matches.slice(-1) : matches;
}

function search(text: string, scan: Scanner, spec: ExtractSpec): { readonly matches: readonly Match[]; readonly steps: number } {
  const counter: Counter = { steps: 0, unclosed: new Map() };
  const matches: Match[] = [];
  for (const stretch of stretchesOf(text, counter, spec))
    for (const match of searchStretch(stretch, scan, spec)) matches.push(match);
  return { matches, steps: counter.steps };
}

/** Values by type and text; a JSON value of an extractor is a string, a number or a bigint. */
function distinctValues(matches: readonly Match[]): readonly Json[] {
  const values = new Map<string, Json>();
  for (const { value } of matches) {
    const key = `${typeof value === "string" ? "s" : "n"}${String(value)}`;
    if (!values.has(key)) values.set(key, value);
  }
  return [...values.values()];
}

/**
 * Compiles what a plan writes as `extract`.
 * @example compileExtract({ kind: "amount", locale: "de", after: "Summe" })
 */
export function compileExtract(spec: Json): Result<Extract, ExtractError> {
  const parsed = parseExtractSpec(spec);
  if (!parsed.ok) return parsed;
  const checked = parsed.value;
  const scan = scanners[checked.kind](checked);
  return ok({
    kind: checked.kind,
    spec: checked,
    find: (text) => (text.length > extractCharsMax ? [] : search(text, scan, checked).matches),
    distinct: (text) => {
      if (text.length > extractCharsMax) {
        return err({
          code: "EXTRACT_TEXT_TOO_LONG",
          pointer: "",
          message: `the text is longer than ${extractCharsMax} characters`,
        });
      }
      return ok(distinctValues(search(text, scan, checked).matches));
    },
    countSteps: (text) => search(text, scan, checked).steps,
  });
}
