/**
 * Which records prove a row: how many, the numbers of the first of them and of the last, and how all are found.
 * Pure; bounded, whatever the log has. Never cites a record that was not seen.
 */
import { writeDateTime } from "../../lang/date.ts";
import { reportCitesMax } from "./bounds.ts";
import type { Cites } from "./form.ts";

/** Where a record stands, and when it was. */
export interface Point {
  readonly seq: number;
  readonly at: number;
}

/** The records of one row, as they come. */
export interface Proof {
  count: number;
  readonly first: number[];
  last: number;
  /** Earliest and latest time: records are in the order of the log, which need not be that of their clocks. */
  from: number;
  to: number;
}

/** A proof by some records, or by none yet. */
export function proofOf(...points: readonly Point[]): Proof {
  const proof: Proof = { count: 0, first: [], last: -1, from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const each of points) addTo(proof, each);
  return proof;
}

/** Adds a record. One that was the last to be added is not added twice; any other must be new. */
export function addTo(proof: Proof, { seq, at }: Point): void {
  if (proof.last === seq) return;
  proof.count += 1;
  if (proof.first.length < reportCitesMax) proof.first.push(seq);
  proof.last = seq;
  proof.from = Math.min(proof.from, at);
  proof.to = Math.max(proof.to, at);
}

/** What lists all records of a row: options of `sluice audit find` and what they are. */
export type Filter = { readonly [option: string]: string | readonly string[] | undefined };

/** Makes citations. */
export interface Citing {
  /** The citation of a proof. `filter`: how all of it is found, where the row does not cite all. */
  cite(proof: Proof, filter?: Filter): Cites;
  /** The same, with the times of the first and the last. */
  span(proof: Proof, filter?: Filter): { readonly first: string; readonly last: string; readonly cites: Cites };
}

/** Opens one. `period`: options that every filter has, but one that sets them itself. */
export function openCiting(period: Filter): Citing {
  const cite: Citing["cite"] = ({ count, first, last }, filter) => {
    const seqs = first.includes(last) || last < 0 ? [...first] : [...first, last];
    return count > seqs.length && filter !== undefined
      ? { count, seqs, find: argumentsOf({ ...filter, ...withoutOwn(period, filter) }) }
      : { count, seqs };
  };
  return {
    cite,
    span: (proof, filter) => ({ first: timeText(proof.from), last: timeText(proof.to), cites: cite(proof, filter) }),
  };
}

/** The period's options, but those that the filter sets itself. */
function withoutOwn(period: Filter, filter: Filter): Filter {
  return Object.fromEntries(Object.entries(period).filter(([option]) => !Object.hasOwn(filter, option)));
}

function argumentsOf(filter: Filter): string {
  return Object.entries(filter)
    .flatMap(([option, value]) => (value === undefined ? [] : [value].flat().map((each) => `--${option} ${quoted(each)}`)))
    .join(" ");
}

/** A text as one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const [timeMin, timeMax] = [-62_167_219_200_000, 253_402_300_799_999];

/** RFC 3339 in UTC; what lies beyond its years is their end. */
export function timeText(at: number): string {
  return writeDateTime(Math.min(timeMax, Math.max(timeMin, Math.trunc(Number.isFinite(at) ? at : 0))));
}
