/**
 * Which extract specs find exactly one wanted value in a text: what the learner offers in place of a copied constant.
 * Pure. Never proposes a spec that it has not run: each one yields the wanted value and nothing else in this text.
 */

import { type Json, type JsonObject, jsonEqual } from "../../json/value.ts";
import { extractCharsMax } from "../../limits.ts";
import { compileExtract } from "./extract.ts";
import { anchorCharsMax, type ExtractKind } from "./spec.ts";
import { isBlank, isLineEnd, isWordCode } from "./window.ts";

/** Proposals returned, occurrences of the value looked at, and characters of a proposed anchor (labels are short). */
const proposalsMax = 24;
/** Proposals of one kind with the same options but for the anchors, so that one kind does not crowd out the others. */
const anchoredMax = 4;
const occurrencesMax = 4;
const labelCharsMax = 60;

const dateLocales = ["de", "en-US", "en-GB"];
const amountLocales = ["de", "fr", "ch"];

/** Specs without an anchor, from the most specific to the loosest. */
const specific: readonly JsonObject[] = [
  { kind: "iban" },
  { kind: "iban", strict: false },
  { kind: "uuid" },
  { kind: "email" },
  { kind: "url" },
  { kind: "date" },
  ...dateLocales.map((locale) => ({ kind: "date", locale })),
  { kind: "date", as: "written" },
  { kind: "time" },
  { kind: "time", as: "written" },
  { kind: "phone" },
  { kind: "phone", as: "written" },
  { kind: "amount", currency: true },
  ...amountLocales.map((locale) => ({ kind: "amount", currency: true, locale })),
  { kind: "amount", currency: true, as: "written" },
  { kind: "amount" },
  ...amountLocales.map((locale) => ({ kind: "amount", locale })),
  { kind: "integer" },
  { kind: "number" },
  { kind: "amount", as: "written" },
  { kind: "path" },
  { kind: "id" },
  { kind: "hashtag" },
  { kind: "hashtag", as: "written" },
  { kind: "mention" },
  { kind: "mention", as: "written" },
  { kind: "digits" },
];
/** Specs that say little about the value: tried after the anchored specific ones, and `line` last. */
const loose: readonly JsonObject[] = [
  { kind: "quoted" },
  { kind: "name" },
  { kind: "token" },
  { kind: "word" },
  { kind: "line" },
];

interface Place {
  readonly start: number;
  readonly end: number;
}

function yieldsOnly(text: string, wanted: Json, spec: JsonObject): boolean {
  const compiled = compileExtract(spec);
  const values = compiled.ok ? compiled.value.distinct(text) : undefined;
  return values?.ok === true && values.value.length === 1 && jsonEqual(values.value[0], wanted);
}

/** Where a spec finds the wanted value: the first few places. */
function placesOf(text: string, wanted: Json, spec: JsonObject): readonly Place[] {
  const compiled = compileExtract(spec);
  if (!compiled.ok) return [];
  return compiled.value
    .find(text)
    .filter((match) => jsonEqual(match.value, wanted))
    .slice(0, occurrencesMax);
}

/** Every verbatim place of a wanted text, which a loose kind may find only behind an anchor. */
function verbatimPlaces(text: string, wanted: Json): readonly Place[] {
  if (typeof wanted !== "string" || wanted === "") return [];
  const places: Place[] = [];
  for (let at = text.indexOf(wanted); at >= 0 && places.length < occurrencesMax; at = text.indexOf(wanted, at + wanted.length)) {
    places.push({ start: at, end: at + wanted.length });
  }
  return places;
}

function lineStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1;
  return end;
}

/** The line before the one that starts at `start` and is not blank, trimmed. */
function previousLine(text: string, start: number): string {
  let end = start;
  while (end > 0 && (isLineEnd(text.charCodeAt(end - 1)) || isBlank(text.charCodeAt(end - 1)))) end -= 1;
  return text.slice(lineStart(text, end), end).trim();
}

function hasDigit(text: string): boolean {
  return [...text].some((char) => char >= "0" && char <= "9");
}

function isLabel(text: string): boolean {
  return (
    text.length <= Math.min(labelCharsMax, anchorCharsMax) &&
    [...text].some((char) => isWordCode(char.charCodeAt(0)) && (char < "0" || char > "9"))
  );
}

/** The start of the label that ends a line's text: behind the last mark that separates one field from the next. */
function labelStart(head: string): number {
  const body = head.length - 1;
  for (let at = body - 1; at >= 0; at--) {
    const isMark = ".;|,:\t(".includes(head[at] ?? "") || (head[at] === " " && head[at - 1] === " ");
    if (isMark) return at + 1;
  }
  return 0;
}

/** Anchors that may stand before a value: the label with its colon, the line's text, the last one to three words, the line above. */
function labelsBefore(text: string, place: Place): readonly string[] {
  const start = lineStart(text, place.start);
  const head = text.slice(start, place.start).replaceAll("\t", " ").trimEnd();
  const labels: string[] = [];
  if (head.trim() === "") labels.push(previousLine(text, start));
  else {
    // The label or clause that ends here: the line's beginning is more likely to differ in the next text of this form.
    const clause = head.slice(labelStart(head)).trim();
    if (":=#".includes(head.at(-1) ?? "") || clause.includes(" ")) labels.push(clause);
    labels.push(head.trim());
    const words = head
      .trim()
      .split(" ")
      .filter((word) => word !== "");
    for (const count of [2, 3, 1]) if (words.length > count) labels.push(words.slice(-count).join(" "));
  }
  // Text that is written differently from what stands there (tabs, double blanks) would not be found again.
  const usable = labels.filter((label) => isLabel(label) && text.includes(label));
  return [...usable.filter((label) => !hasDigit(label)), ...usable.filter(hasDigit)];
}

/** Anchors that may stand behind a value: the rest of a short line, the next one or two words. */
function labelsBehind(text: string, place: Place): readonly string[] {
  const tail = text.slice(place.end, lineEnd(text, place.end)).trim();
  const words = tail.split(" ").filter((word) => word !== "");
  const labels = [tail, words.slice(0, 2).join(" "), words[0] ?? ""];
  return labels.filter((label) => isLabel(label) && !hasDigit(label) && text.includes(label));
}

function anchored(text: string, place: Place): readonly JsonObject[] {
  const before = labelsBefore(text, place);
  const behind = labelsBehind(text, place);
  const pairs = before.slice(0, 3).flatMap((after) => behind.slice(0, 2).map((stop) => ({ after, before: stop })));
  return [...before.map((after) => ({ after })), ...behind.map((stop) => ({ before: stop })), ...pairs];
}

/** Specs of one list with anchors round the places where they, or the verbatim text, are found. */
function withAnchors(text: string, wanted: Json, specs: readonly JsonObject[]): readonly JsonObject[] {
  const candidates: JsonObject[] = [];
  for (const spec of specs) {
    const kind = spec.kind as ExtractKind;
    const places =
      kind === "line" || kind === "name" || kind === "token" || kind === "word"
        ? verbatimPlaces(text, wanted)
        : placesOf(text, wanted, spec);
    for (const place of places) for (const anchors of anchored(text, place)) candidates.push({ ...spec, ...anchors });
  }
  return candidates;
}

/** A key for a spec without some of its members. */
function keyOf(spec: JsonObject, without: readonly string[]): string {
  const members = Object.entries(spec).filter(([name]) => !without.includes(name));
  return members.map(([name, value]) => `${name}=${String(value)}`).join("\n");
}

/** A spec of one member is written as its kind. */
function written(spec: JsonObject): Json {
  return Object.keys(spec).length === 1 ? (spec.kind ?? null) : spec;
}

/**
 * The specs that find exactly `wanted` in `text`, best first: the most specific kind without an anchor, then with one, then
 * `quoted`, `name`, `token`, `word` and `line`. Empty for a value that is not a text or a number, and for a text over `extractCharsMax`.
 */
export function proposeExtracts(text: string, wanted: Json): readonly Json[] {
  const isWanted = (typeof wanted === "string" && wanted !== "") || typeof wanted === "number" || typeof wanted === "bigint";
  if (!isWanted || text.length > extractCharsMax) return [];
  const proposals: JsonObject[] = [];
  const seen = new Set<string>();
  const perFamily = new Map<string, number>();
  const offer = (specs: readonly JsonObject[]): void => {
    for (const spec of specs) {
      const key = keyOf(spec, []);
      // A locale that makes no difference here is noise: without it the kind has been offered already.
      const isKnown =
        seen.has(key) || (Object.hasOwn(spec, "locale") && perFamily.has(keyOf(spec, ["locale", "after", "before"])));
      const family = keyOf(spec, ["after", "before"]);
      const count = perFamily.get(family) ?? 0;
      if (proposals.length >= proposalsMax || isKnown || count >= anchoredMax || !yieldsOnly(text, wanted, spec)) continue;
      seen.add(key);
      perFamily.set(family, count + 1);
      proposals.push(spec);
    }
  };
  offer(specific);
  offer(withAnchors(text, wanted, specific));
  if (typeof wanted === "string") {
    const [last, ...others] = [...loose].reverse();
    offer(others.reverse());
    offer(withAnchors(text, wanted, others));
    offer(last === undefined ? [] : [...withAnchors(text, wanted, [last]), last]);
  }
  return proposals.map(written);
}
