/**
 * The typed things that a task names, with their places: what the planner gets hints from, and what a value may be read from.
 * Pure. Linear in the task, and bounded; never says what a thing is for.
 */
import { mentionCharsMax, mentionsMax } from "../../limits.ts";
import { chunkMentions, phoneMentions } from "./chunks.ts";
import { readDate } from "./date-words.ts";
import type { Mention, MentionKind } from "./mention.ts";
import { isWritten, readNumber } from "./numbers.ts";
import { currencyAt, readAmount, readDuration, readPercent } from "./quantities.ts";
import { quotedParts } from "./quotes.ts";
import { type ClockTime, readTime } from "./time-words.ts";
import { digitsAt, type Reading, type Token, textAt, tokensOf } from "./tokens.ts";

/**
 * What a task names, by place (then by length, longest first). Mentions may overlap. Reads the first `mentionCharsMax` UTF-16 units,
 * and finds `mentionsMax` things at most.
 */
export function mentionsOf(task: string): readonly Mention[] {
  const text = task.slice(0, mentionCharsMax);
  const tokens = tokensOf(text);
  const found: Mention[] = [...tokenMentions(tokens), ...phoneMentions(tokens), ...chunkMentions(text)];
  for (const { start, end } of quotedParts(text)) found.push({ kind: "quoted", start, end });
  const seen = new Set<string>();
  const distinct = found.filter(({ kind, start, end }) => {
    const key = `${kind} ${start} ${end}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return distinct.toSorted((one, other) => one.start - other.start || other.end - one.end).slice(0, mentionsMax);
}

/** Days, times and quantities: each kind is read from left to right on its own, and none overlaps one of its own kind. */
function tokenMentions(tokens: readonly Token[]): readonly Mention[] {
  const found: Mention[] = [];
  const behind = new Map<MentionKind, number>();
  const add = (kind: MentionKind, at: number, next: number | undefined): void => {
    const [first, last] = [tokens[at], tokens[(next ?? 0) - 1]];
    if (next === undefined || first === undefined || last === undefined || at < (behind.get(kind) ?? 0)) return;
    behind.set(kind, next);
    found.push({ kind, start: first.start, end: last.end });
  };
  for (let at = 0; at < tokens.length; at += 1) {
    if (tokens[at]?.isGlued === true && tokens[at - 1]?.kind === "letters" && tokens[at]?.kind === "digits") continue;
    const [date, time] = [readDateIn(tokens, at), readTimeIn(tokens, at)];
    add("date", at, date);
    add("time", at, time);
    add("datetime", at, readBoth(tokens, { date, time }));
    for (const [start, next] of rangeEnds(tokens, date)) add("date", start, next);
    add("duration", at, readDuration(tokens, at)?.next);
    add("amount", at, readAmount(tokens, at)?.next);
    add("percent", at, readPercent(tokens, at)?.next);
    addNumber(tokens, at, add);
  }
  return found;
}

function readDateIn(tokens: readonly Token[], at: number): number | undefined {
  // "on Friday" is a date from "Friday" on.
  return textAt(tokens, at) === "on" ? undefined : readDate(tokens, at)?.next;
}

/** A time, or a bare hour behind "at": `at 7`. */
function readTimeIn(tokens: readonly Token[], at: number): number | undefined {
  return (readTime(tokens, at) ?? bareHour(tokens, at))?.next;
}

const beforeHour = new Set(["at", "around", "about", "@", "by", "until", "till"]);

function bareHour(tokens: readonly Token[], at: number): Reading<ClockTime> | undefined {
  if (!beforeHour.has(textAt(tokens, at - 1))) return undefined;
  const hour = digitsAt(tokens, at, 2);
  const behind = tokens[at + 1];
  const isEnd = behind === undefined || (behind.kind === "mark" && ".,;!?)".includes(behind.text) && !isDecimal(tokens, at + 1));
  const isFollowed = behind !== undefined && ["on", "for", "and", "with", "to", "tomorrow", "today"].includes(behind.text);
  if (hour === undefined || hour > 23 || !(isEnd || isFollowed)) return undefined;
  return { value: { hour, minute: 0, second: 0, isSure: false }, next: at + 1 };
}

function isDecimal(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.isGlued === true && tokens[at + 1]?.isGlued === true && tokens[at + 1]?.kind === "digits";
}

/** A date with a time behind it, or a time with a date behind it. */
function readBoth(
  tokens: readonly Token[],
  { date, time }: { readonly date: number | undefined; readonly time: number | undefined },
): number | undefined {
  if (date !== undefined) {
    const next = readTimeIn(tokens, joinAt(tokens, date));
    if (next !== undefined) return next;
  }
  if (time === undefined) return undefined;
  const behind = joinAt(tokens, time);
  return readDateIn(tokens, behind) ?? undefined;
}

const joins = new Set(["at", ",", "around", "about", "by", "t", "on", "@", "from"]);

function joinAt(tokens: readonly Token[], at: number): number {
  let next = at;
  while (next < at + 2 && joins.has(textAt(tokens, next))) next += 1;
  return next;
}

const rangeMarks = new Set(["-", "–", "—", "to", "till", "until", "through", "and"]);

/** The second day of `March 3-5` and `3rd to 5th`, whose month is said before. */
function* rangeEnds(tokens: readonly Token[], date: number | undefined): Generator<readonly [start: number, next: number]> {
  if (date === undefined || !rangeMarks.has(textAt(tokens, date))) return;
  const start = textAt(tokens, date + 1) === "the" ? date + 2 : date + 1;
  const day = digitsAt(tokens, start, 2);
  if (day === undefined || day < 1 || day > 31 || readDate(tokens, start) !== undefined) return;
  const behind = tokens[start + 1];
  const isOrdinal = behind?.isGlued === true && /^(?:st|nd|rd|th)$/.test(behind.text);
  if (!isOrdinal && behind?.isGlued === true && behind.kind !== "mark") return;
  yield [start, isOrdinal ? start + 2 : start + 1];
}

/** A number, with its sign, and with the unit or ending that is glued to it (`5km`, `51st`), since a task is read in whole words. */
function addNumber(
  tokens: readonly Token[],
  at: number,
  add: (kind: MentionKind, at: number, next: number | undefined) => void,
): void {
  if (isSign(tokens, at)) add("number", at, withUnit(tokens, readNumber(tokens, at + 1)?.next));
  else if (currencyAt(tokens, at) === undefined) {
    const next = readNumber(tokens, at)?.next;
    add("number", at, isWritten(tokens, at) ? withUnit(tokens, next) : next);
  }
}

/** A hyphen before digits is a sign where no word or number ends before it. */
function isSign(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || !(token.text === "-" || token.text === "−") || tokens[at + 1]?.kind !== "digits") return false;
  if (tokens[at + 1]?.isGlued !== true) return false;
  return !token.isGlued || ",;:([=/".includes(textAt(tokens, at - 1));
}

function withUnit(tokens: readonly Token[], next: number | undefined): number | undefined {
  const behind = next === undefined ? undefined : tokens[next];
  const isGlued = behind?.isGlued === true && (behind.kind === "letters" || behind.text === "°");
  return next !== undefined && isGlued ? next + 1 : next;
}
