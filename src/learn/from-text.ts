/**
 * Values that stand inside a text of an earlier result: which published grammar, behind which label, finds them and nothing else.
 * Pure. Prefers specs that still find exactly one value when somebody adds a value of the same kind to the text.
 */
import { isObject, type Json, jsonEqual, member } from "../json/value.ts";
import { compileExtract } from "../lang/extract/extract.ts";
import { proposeExtracts } from "../lang/extract/propose.ts";
import { learnCandidatesMax } from "../limits.ts";
import { isIdName, shareWord } from "./names.ts";
import { placesWhere, type Source } from "./places.ts";
import { rankOf, type Selection, selectionsOf } from "./select.ts";
import type { TaskWords } from "./task-words.ts";

/** A spec over a selected text. */
export interface TextRule {
  readonly selection: Selection;
  /** What the plan writes as `extract`. */
  readonly spec: Json;
  /** Whether a second value of the same kind, added at either end of the text, leaves the answer as it is. */
  readonly isSturdy: boolean;
}

/** Characters of a label. A longer anchor repeats running text, which changes more easily. */
const longAnchor = 32;
/** Shorter values are found in anchors by chance. */
const quotedCharsMin = 4;
/** A month in an anchor belongs to the occasion, as digits do. */
const months = /\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b/i;
/** Labels of what is to be paid. */
const totals = /\b(?:total|sum|due|amount|balance|summe|betrag|gesamt|montant)\b/i;

/** Whether a label says what the argument is for. */
function namesArgument(anchor: string, argument: string): boolean {
  return shareWord(anchor, argument) || (/amount|total|price|sum/i.test(argument) && totals.test(anchor));
}

/** Texts longer than this are looked at with fewer questions: proposing is linear in the text for each candidate. */
const textCharsMax = 50_000;

/** Rules that find `wanted` inside a text of the sources, best first. `avoid`: values that an anchor must not quote. */
export function textRulesOf(
  sources: readonly Source[],
  wanted: Json,
  { task, avoid, argument }: { readonly task: TaskWords; readonly avoid: readonly string[]; readonly argument: string },
): readonly TextRule[] {
  const places = placesWhere(sources, (value) => typeof value === "string" && mayHold(value, wanted));
  const rules: { readonly rule: TextRule; readonly score: number }[] = [];
  let left = learnCandidatesMax;
  for (const [age, place] of places.entries()) {
    const text = place.value as string;
    const proposals = proposeExtracts(text, wanted);
    if (proposals.length === 0) continue;
    const selections = selectionsOf(place, task);
    for (const selection of selections) {
      for (const [order, spec] of proposals.entries()) {
        if (left-- <= 0) break;
        if (!findsOnly(selection, spec, wanted)) continue;
        const isSturdy = isSturdyIn(text, wanted, spec);
        const anchors = anchorsOf(spec);
        // An anchor that quotes other data finds nothing in other data.
        if (anchors.some((anchor) => avoid.some((value) => value.length >= quotedCharsMin && anchor.includes(value)))) continue;
        const hasDigits = anchors.some((anchor) => /\d/.test(anchor) || months.test(anchor));
        const isNamed = anchors.some((anchor) => namesArgument(anchor, argument));
        // A few digits, or an identifier, stand in any text by chance.
        if (!isNamed && (isIdName(argument) || (typeof wanted === "string" && /^\d{1,4}$/.test(wanted)))) continue;
        const isLong = anchors.some((anchor) => anchor.length > longAnchor);
        const score =
          rankOf(selection.how) * 1_000 +
          (isSturdy ? 0 : 400) +
          (hasDigits ? 200 : 0) +
          (isNamed ? 0 : 60) +
          (isLong ? 80 : 0) +
          order * 10 +
          Math.min(age, 9);
        rules.push({ rule: { selection, spec, isSturdy }, score });
      }
    }
  }
  return rules.sort((a, b) => a.score - b.score).map(({ rule }) => rule);
}

/** Whether a text could hold the value: verbatim, without blanks, or (for numbers) with digits. */
function mayHold(text: string, wanted: Json): boolean {
  if (text.length > textCharsMax) return false;
  if (typeof wanted === "number") return /\d/.test(text);
  if (typeof wanted !== "string" || wanted.length < 2 || text === wanted) return false;
  return text.includes(wanted) || text.replace(/\s/g, "").includes(wanted) || /^\d{4}-\d{2}-\d{2}$|^\d{2}:\d{2}/.test(wanted);
}

/** Whether the spec over all texts that the selection selects finds the wanted value, once. */
function findsOnly(selection: Selection, spec: Json, wanted: Json): boolean {
  const values = valuesIn(selection.values, spec);
  return values?.length === 1 && jsonEqual(values[0], wanted);
}

/** The distinct values of each text, as the engine counts them; `undefined` if something selected is no text. */
export function valuesIn(texts: readonly Json[], spec: Json): readonly Json[] | undefined {
  const extract = compileExtract(spec);
  if (!extract.ok) return undefined;
  const found: Json[] = [];
  for (const text of texts) {
    const values = typeof text === "string" ? extract.value.distinct(text) : undefined;
    if (values?.ok !== true) return undefined;
    found.push(...values.value);
  }
  return found;
}

function anchorsOf(spec: Json): readonly string[] {
  if (!isObject(spec)) return [];
  return ["after", "before"].map((name) => member(spec, name)).filter((anchor) => typeof anchor === "string");
}

/** Whether the spec gives the same one value with another of the same shape before or behind the text. */
export function isSturdyIn(text: string, wanted: Json, spec: Json): boolean {
  const other = decoyOf(String(wanted));
  return [`${text} ${other}`, `${text}\n${other}.`, `${other} ${text}`].every((changed) => {
    const values = valuesIn([changed], spec);
    return values?.length === 1 && jsonEqual(values[0], wanted);
  });
}

/** Another value of the same shape: the longest run of letters or digits is shifted. */
export function decoyOf(value: string): string {
  const runs = [...value.matchAll(/[A-Za-z]+|\d+/g)];
  const longest = runs.reduce(
    (best, run) => (run[0].length > best[0].length ? run : best),
    runs[0] ?? ([""] as unknown as RegExpExecArray),
  );
  const start = longest.index ?? 0;
  const shifted = [...longest[0]].map(shift).join("");
  return value.slice(0, start) + shifted + value.slice(start + longest[0].length);
}

function shift(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 48 && code <= 57) return String.fromCharCode(48 + ((code - 48 + 3) % 10));
  const base = code >= 97 ? 97 : 65;
  return String.fromCharCode(base + ((code - base + 1) % 26));
}
