/**
 * The values that one place may be given, best first: what rules wish for, examples of its constraints, and made-up ones.
 * Pure and deterministic. Never a value of a real run.
 */
import { type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { type Extract, compileExtract } from "../lang/extract/extract.ts";
import type { ExtractKind } from "../lang/extract/spec.ts";
import { compileMatch } from "../lang/match.ts";
import { examplesOf } from "../lang/match/examples.ts";
import type { Piece, Shape } from "./shape.ts";

/** A value, or a kind of value that is made up anew at each place. */
export type Candidate = { readonly value: Json } | { readonly fresh: "text" | "number" };

/** Candidates that are tried for one place. */
const candidatesMax = 12;
/** Examples that are made for one constraint. */
const examplesMax = 4;

/** The value of a candidate; `salt` tells one place of a list, or one run, from another. */
export function madeValue(shape: Shape, candidate: Candidate, salt: number): Json {
  if ("value" in candidate) return candidate.value;
  return candidate.fresh === "number" ? salt : `${shape.name.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 24) || "value"}-${salt}`;
}

/** Makes the candidates of shapes and keeps them. */
export function openCandidates(): (shape: Shape) => readonly Candidate[] {
  const known = new Map<number, readonly Candidate[]>();
  const of = (shape: Shape): readonly Candidate[] => {
    const made = known.get(shape.id);
    if (made !== undefined) return made;
    // A place that is compared with itself, through others, has nothing more to offer.
    known.set(shape.id, ownCandidates(shape));
    const all = distinct([...ownCandidates(shape), ...linked(shape, of)]);
    const kept = keep(shape, all).slice(0, candidatesMax);
    known.set(shape.id, kept);
    return kept;
  };
  return of;
}

/** The first values of the places that it is compared with. */
function linked(shape: Shape, of: (shape: Shape) => readonly Candidate[]): readonly Candidate[] {
  return shape.links.slice(0, candidatesMax).flatMap((other) =>
    of(other)
      .slice(0, 1)
      .map((candidate): Candidate => ({ value: madeValue(other, candidate, 1) })),
  );
}

function ownCandidates(shape: Shape): readonly Candidate[] {
  // A bare type says no more than the kinds do, whose made-up values differ from row to row.
  const telling = [...shape.specs, ...shape.hints].filter((spec) =>
    Object.keys(spec as JsonObject).some((key) => key !== "type"),
  );
  const examples = telling.flatMap((spec) => examplesOf(spec, { count: examplesMax }).matching);
  const texts = shape.pieces.length === 0 ? [] : composedTexts(shape.pieces);
  const given = [...texts, ...shape.values, ...examples].map((value): Candidate => ({ value }));
  return keep(shape, distinct([...given, ...generic(shape)]));
}

/** What a place of its kinds is like if nothing more is known. */
function generic({ kinds }: Shape): readonly Candidate[] {
  const made: Candidate[] = [];
  if (kinds.has("number")) made.push({ fresh: "number" }, { value: 100 }, { value: 0 }, { value: 0.5 });
  if (kinds.has("boolean")) made.push({ value: true }, { value: false });
  if (kinds.has("date")) made.push({ value: "2026-01-15" }, { value: "2026-02-28" });
  if (kinds.has("text") || made.length === 0)
    made.push({ fresh: "text" }, { value: "https://www.example.com/a" }, { value: "ana@example.com" }, { value: "" });
  if (kinds.size === 0) made.push({ fresh: "number" }, { value: true }, { value: "2026-01-15" });
  return made;
}

/** Only what keeps all constraints, unless nothing does. */
function keep(shape: Shape, candidates: readonly Candidate[]): readonly Candidate[] {
  const matches = shape.specs.flatMap((spec) => {
    const match = compileMatch(spec);
    return match.ok ? [match.value] : [];
  });
  if (matches.length === 0) return candidates;
  const kept = candidates.filter((each) => matches.every((match) => match.check(madeValue(shape, each, 1)) === undefined));
  return kept.length === 0 ? candidates : kept;
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const kept: Candidate[] = [];
  for (const each of candidates) {
    const isKnown = kept.some((other) =>
      "value" in each ? "value" in other && jsonEqual(each.value, other.value) : "fresh" in other && other.fresh === each.fresh,
    );
    if (!isKnown) kept.push(each);
  }
  return kept;
}

/** Examples of each kind of the extract grammars, as they are written in a text. */
const written: { readonly [K in ExtractKind]: readonly string[] } = {
  iban: ["DE89370400440532013000", "GB29NWBK60161331926819"],
  uuid: ["123e4567-e89b-42d3-a456-426614174000"],
  email: ["ana@example.com"],
  url: ["https://www.example.com/a"],
  date: ["2026-01-15"],
  time: ["10:30"],
  phone: ["+1 202 555 0143"],
  amount: ["12.50", "$12.50", "12,50 EUR"],
  integer: ["12"],
  number: ["12.5"],
  path: ["/data/a.txt"],
  id: ["A-12", "AB12"],
  hashtag: ["#topic"],
  mention: ["@ana"],
  digits: ["1234"],
  quoted: ['"Report"'],
  name: ["Ana Lopez"],
  token: ["abc123"],
  word: ["word"],
  line: ["A line."],
};

/** A text that holds every piece, then a text for each piece alone. */
function composedTexts(pieces: readonly Piece[]): readonly Json[] {
  const each = pieces.map(pieceTexts);
  const firsts = each.flatMap((texts) => texts.slice(0, 1));
  const whole = [...new Set(firsts)];
  const all = [whole.join("\n"), [...whole].reverse().join("\n"), whole.join(" "), ...each.flat()];
  const checks = pieces.map(pieceCheck);
  const score = (text: string): number => checks.filter((check) => check(text)).length;
  return [...new Set(all)]
    .filter((text) => text !== "")
    .sort((a, b) => score(b) - score(a))
    .slice(0, examplesMax * 2);
}

function pieceCheck(piece: Piece): (text: string) => boolean {
  if (piece.extract === undefined) return (text) => text.includes(piece.text);
  const extract = compileExtract(piece.extract);
  const match = piece.match === undefined ? undefined : compileMatch(piece.match);
  return (text) => {
    const found = extract.ok ? extract.value.distinct(text) : undefined;
    if (found?.ok !== true || found.value.length !== 1) return false;
    return match?.ok !== true || match.value.check(found.value[0] ?? null) === undefined;
  };
}

function pieceTexts(piece: Piece): readonly string[] {
  if (piece.extract === undefined) return [piece.text];
  const compiled = compileExtract(piece.extract);
  if (!compiled.ok) return [];
  const extract: Extract = compiled.value;
  const check = pieceCheck(piece);
  const wanted = piece.match === undefined ? [] : examplesOf(piece.match, { count: examplesMax }).matching;
  const { kind, spec } = extract;
  const values = [
    ...wanted.filter((value) => typeof value === "string" || typeof value === "number").map(String),
    ...written[kind],
  ];
  const texts = values.flatMap((value) => {
    const text = spec.prefix === undefined || value.startsWith(spec.prefix) ? value : spec.prefix + value;
    const shortened = spec.prefix === undefined ? text : spec.prefix + value.replace(/^[A-Za-z#@"-]+/, "");
    return [text, shortened].map(
      (each) => `${spec.after === undefined ? "" : `${spec.after} `}${each}${spec.before === undefined ? "" : ` ${spec.before}`}`,
    );
  });
  const good = texts.filter(check);
  return [...new Set(good.length === 0 ? texts : good)].slice(0, examplesMax);
}
