/**
 * Takes values out of texts that are kept: those that a recording digested or redacted, in whatever form they stand there.
 * Pure. Never lets a text pass that it could not look through: beyond its bounds it says so, and nothing is kept.
 */
import { scrubbedCharsMax, scrubbedMax, scrubbedMin, scrubbedPrefixMax, scrubbedSecretMin } from "../limits.ts";
import { encodedRuns } from "./encoded.ts";
import { type Folded, foldText } from "./folded.ts";
import { createNeedles, type Hit } from "./needles.ts";

/** How a value was taken out where it stood first. */
export interface Gone {
  readonly isRedacted: boolean;
  /** A secret is looked for where it is short, too. */
  readonly isSecret: boolean;
}

/** Takes values out of texts. */
export interface Scrubber {
  /** Looks for a value from now on. */
  add(value: string, gone: Gone): void;
  /** Whether values were given that are not looked for, since there were too many. */
  isFull(): boolean;
  /** The text with what `standIn` gives in place of each value, or of the part of the text that has it. */
  text(text: string, standIn: (part: string, gone: Gone) => string): string;
  /** The same for a name that a program chose: but for secrets, only a value that stands there letter by letter is one. */
  name(text: string, standIn: (part: string, gone: Gone) => string): string;
}

interface Needle extends Gone {
  /** The value; absent, if it was too long to be kept. */
  readonly value?: string;
  /** Units of the value before its first letter or digit. */
  readonly lead: number;
}

interface Span extends Gone {
  readonly start: number;
  readonly end: number;
  /** Whether the value stands there letter by letter. */
  readonly isExact: boolean;
}

/** Makes a scrubber that looks for nothing yet. */
export function createScrubber(): Scrubber {
  const long = createNeedles<Needle>(scrubbedMin);
  const short = new Map<string, Needle>();
  // What has too few letters and digits is looked for as it is.
  const exact = createNeedles<Needle>(scrubbedMin);
  let [chars, isFull] = [0, false];
  const find = (text: string): readonly Span[] => {
    if (long.size + short.size + exact.size === 0) return [];
    const spans: Span[] = [];
    const look = (folded: Folded): void => {
      for (const hit of long.hits(folded.text)) spans.push(spanOf(text, folded, hit));
      if (short.size > 0) for (const hit of shortHits(folded, short)) spans.push(spanOf(text, folded, hit));
    };
    look(foldText(text));
    if (/[%\\&=]/.test(text)) look(foldText(text, true));
    for (const { start, end, found } of exact.hits(text)) spans.push({ ...found, start, end, isExact: true });
    if (long.size === 0) return spans;
    for (const { start, end, texts } of encodedRuns(text))
      for (const decoded of texts)
        for (const { found } of long.hits(foldText(decoded).text)) spans.push({ ...found, start, end, isExact: false });
    return spans;
  };
  return {
    add: (value, gone) => {
      if (isFull) return;
      const prefix = value.slice(0, 4 * scrubbedPrefixMax);
      const { text, starts } = foldText(prefix);
      const folded = text.slice(0, scrubbedPrefixMax);
      const isWhole = prefix.length === value.length && folded.length === text.length;
      const needle = { ...gone, lead: starts[0] ?? 0, ...(isWhole ? { value } : {}) };
      const isLong = folded.length >= scrubbedMin;
      const isShort = gone.isSecret && folded.length >= scrubbedSecretMin;
      if (!isLong && !isShort && value.length < scrubbedMin) return;
      if (long.size + short.size + exact.size >= scrubbedMax || chars > scrubbedCharsMax) {
        isFull = true;
        return;
      }
      chars += folded.length + (isWhole ? value.length : 0);
      if (isLong) long.add(folded, needle);
      else if (isShort) short.set(folded, needle);
      else exact.add(prefix, needle);
    },
    isFull: () => isFull,
    text: (text, standIn) => replaced(text, find(text), standIn),
    name: (text, standIn) => {
      const spans = find(text).filter(({ isSecret, isExact }) => isSecret || isExact);
      return replaced(text, spans, standIn);
    },
  };
}

/** Short secrets that stand as words of their own. */
function* shortHits({ text, starts, ends }: Folded, short: ReadonlyMap<string, Needle>): Iterable<Hit<Needle>> {
  const isEdge = (at: number): boolean => at === 0 || at === text.length || (starts[at] ?? 0) > (ends[at - 1] ?? 0);
  for (let start = 0; start < text.length; start++) {
    if (!isEdge(start)) continue;
    for (let end = start + scrubbedSecretMin; end < start + scrubbedMin && end <= text.length; end++) {
      const found = isEdge(end) ? short.get(text.slice(start, end)) : undefined;
      if (found !== undefined) yield { start, end, found };
    }
  }
}

/** The part of the text: the value itself where it stands there, else from its first letter or digit to its last. */
function spanOf(text: string, { starts, ends }: Folded, { start, end, found }: Hit<Needle>): Span {
  const { isRedacted, isSecret, value, lead } = found;
  const from = starts[start] ?? 0;
  const isExact = value !== undefined && text.startsWith(value, from - lead) && from >= lead;
  if (isExact) return { isRedacted, isSecret, start: from - lead, end: from - lead + value.length, isExact };
  // Of a long value only its beginning is known: what follows may be the rest.
  return { isRedacted, isSecret, start: from, end: value === undefined ? text.length : (ends[end - 1] ?? text.length), isExact };
}

/** What spans share is taken out as one: no part of either value stays. */
function replaced(text: string, spans: readonly Span[], standIn: (part: string, gone: Gone) => string): string {
  let [kept, at] = ["", 0];
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  for (let i = 0; i < sorted.length; ) {
    let { start, end, isRedacted, isSecret } = sorted[i] as Span;
    for (i++; i < sorted.length && (sorted[i] as Span).start < end; i++) {
      const next = sorted[i] as Span;
      end = Math.max(end, next.end);
      isRedacted ||= next.isRedacted;
      isSecret ||= next.isSecret;
    }
    kept += text.slice(at, start) + standIn(text.slice(start, end), { isRedacted, isSecret });
    at = end;
  }
  return kept + text.slice(at);
}
