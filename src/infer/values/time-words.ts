/**
 * How people name times of day: `half past six`, `7:30 pm`, `evening 6`, `noon`, `five o'clock in the afternoon`.
 * Pure. Never guesses between morning and evening: a time without either is as it stands on the clock of 24 hours.
 */
import { readNumber } from "./numbers.ts";
import { digitsAt, isGluedText, phraseAt, type Reading, type Token, textAt } from "./tokens.ts";

/** A time of day. */
export interface ClockTime {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Whether the words say which half of the day; "at 7" does not. */
  readonly isSure: boolean;
}

type Half = "am" | "pm";

const dayParts: ReadonlyMap<string, Half> = new Map<string, Half>([
  ["morning", "am"],
  ["afternoon", "pm"],
  ["evening", "pm"],
  ["night", "pm"],
  ["tonight", "pm"],
]);

const fixed: readonly (readonly [phrase: readonly string[], hour: number])[] = [
  [["noon"], 12],
  [["midday"], 12],
  [["noontime"], 12],
  [["midnight"], 0],
];

/** The words for a time of day that begin at a token. A number alone is one only behind "at" and the like. */
export function readTime(tokens: readonly Token[], at: number): Reading<ClockTime> | undefined {
  for (const [phrase, hour] of fixed) {
    const next = phraseAt(tokens, at, phrase);
    if (next !== undefined) return { value: { hour, minute: 0, second: 0, isSure: true }, next };
  }
  return readPartFirst(tokens, at) ?? readClock(tokens, at);
}

/** `evening 6`, `afternoon at 12:30`, `night 8:15`. */
function readPartFirst(tokens: readonly Token[], at: number): Reading<ClockTime> | undefined {
  const half = dayParts.get(textAt(tokens, at));
  if (half === undefined) return undefined;
  let here = at + 1;
  while (here < at + 3 && ["at", "around", "about", ",", "by"].includes(textAt(tokens, here))) here += 1;
  const face = readFace(tokens, here);
  if (face === undefined) return undefined;
  const half2 = readHalf(tokens, face.next);
  const isNight = textAt(tokens, at) === "night" || textAt(tokens, at) === "tonight";
  return finish({ ...face.value, half: half2?.value ?? half, isNight }, half2?.next ?? face.next);
}

/** A clock with what follows it. */
function readClock(tokens: readonly Token[], at: number): Reading<ClockTime> | undefined {
  const face = readFace(tokens, at);
  if (face === undefined) return undefined;
  let { next } = face;
  const clock = oClock(tokens, next);
  if (clock !== undefined) next = clock;
  const half = readHalf(tokens, next);
  if (half !== undefined) return finish({ ...face.value, half: half.value, isNight: half.isNight }, half.next);
  const isTime = face.value.isWritten || clock !== undefined;
  return isTime ? finish(face.value, next) : undefined;
}

/** `o'clock`, `o"clock`, `oclock`. */
function oClock(tokens: readonly Token[], at: number): number | undefined {
  if (textAt(tokens, at) === "oclock") return at + 1;
  if (textAt(tokens, at) !== "o" || textAt(tokens, at + 1).length !== 1 || textAt(tokens, at + 2) !== "clock") return undefined;
  return at + 3;
}

interface Face {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** It is a time by its form alone (`6:30`, `half past six`), not a mere number. */
  readonly isWritten: boolean;
}

function readFace(tokens: readonly Token[], at: number): Reading<Face> | undefined {
  return readDigital(tokens, at) ?? readPast(tokens, at) ?? readHour(tokens, at);
}

/** `6:30`, `18:30:05`, `6.30 pm`. */
function readDigital(tokens: readonly Token[], at: number): Reading<Face> | undefined {
  const hour = digitsAt(tokens, at, 2);
  const mark = tokens[at + 1];
  if (hour === undefined || mark?.isGlued !== true || tokens[at + 2]?.isGlued !== true) return undefined;
  const minute = textAt(tokens, at + 2).length === 2 ? digitsAt(tokens, at + 2, 2) : undefined;
  if (minute === undefined || hour > 24 || minute > 59) return undefined;
  if (mark.text === "." && readHalf(tokens, at + 3) === undefined) return undefined;
  if (mark.text !== ":" && mark.text !== "." && mark.text !== "h") return undefined;
  const second = isGluedText(tokens, at + 3, ":") ? digitsAt(tokens, at + 4, 2) : undefined;
  if (second !== undefined && second < 60) return { value: { hour, minute, second, isWritten: true }, next: at + 5 };
  return { value: { hour, minute, second: 0, isWritten: true }, next: at + 3 };
}

/** `half past six`, `quarter to 7`, `ten past six`, `20 minutes to 8`. */
function readPast(tokens: readonly Token[], at: number): Reading<Face> | undefined {
  let here = textAt(tokens, at) === "a" && textAt(tokens, at + 1) === "quarter" ? at + 1 : at;
  let minutes: number | undefined;
  if (textAt(tokens, here) === "half") minutes = 30;
  else if (textAt(tokens, here) === "quarter") minutes = 15;
  if (minutes !== undefined) here += 1;
  else {
    const number = readNumber(tokens, here);
    if (number === undefined || !Number.isInteger(number.value) || number.value < 1 || number.value > 59) return undefined;
    minutes = number.value;
    here = /^min(?:ute)?s?$/.test(textAt(tokens, number.next)) ? number.next + 1 : number.next;
  }
  if (textAt(tokens, here) === "-") here += 1;
  const word = textAt(tokens, here);
  const isPast = word === "past" || word === "after";
  if (!isPast && !["to", "till", "before", "of"].includes(word)) return undefined;
  // "10 to 12" is a range, "ten minutes to 12" a time.
  const isPlain = here === at + 1 && tokens[at]?.kind === "digits";
  if (!isPast && (isPlain || word === "of")) return undefined;
  const hour = hourAt(tokens, here + 1);
  if (hour === undefined) return undefined;
  const whole = isPast ? hour.value : (hour.value + 23) % 24 || (hour.value === 1 ? 12 : 0);
  return { value: { hour: whole, minute: isPast ? minutes : 60 - minutes, second: 0, isWritten: true }, next: hour.next };
}

function hourAt(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const digits = digitsAt(tokens, at, 2);
  if (digits !== undefined) return digits <= 24 ? { value: digits, next: at + 1 } : undefined;
  const words = tokens[at]?.kind === "letters" ? readNumber(tokens, at) : undefined;
  return words !== undefined && words.next === at + 1 && words.value >= 1 && words.value <= 12 ? words : undefined;
}

/** An hour, with minutes in words: `six`, `six thirty`. */
function readHour(tokens: readonly Token[], at: number): Reading<Face> | undefined {
  const hour = hourAt(tokens, at);
  if (hour === undefined) return undefined;
  const minute = tokens[hour.next]?.kind === "letters" ? readNumber(tokens, hour.next) : undefined;
  if (minute !== undefined && tokens[at]?.kind === "letters" && minute.value >= 10 && minute.value < 60) {
    return { value: { hour: hour.value, minute: minute.value, second: 0, isWritten: false }, next: minute.next };
  }
  return { value: { hour: hour.value, minute: 0, second: 0, isWritten: false }, next: hour.next };
}

interface HalfReading extends Reading<Half> {
  readonly isNight: boolean;
}

/** `pm`, `p.m.`, `in the morning`, `at night`, `tonight`. */
function readHalf(tokens: readonly Token[], at: number): HalfReading | undefined {
  const word = textAt(tokens, at);
  if (word === "am" || word === "pm") return { value: word, next: at + 1, isNight: false };
  if ((word === "a" || word === "p") && isGluedText(tokens, at + 1, ".") && isGluedText(tokens, at + 2, "m")) {
    const next = isGluedText(tokens, at + 3, ".") ? at + 4 : at + 3;
    return { value: `${word}m`, next, isNight: false };
  }
  if ((word === "a" || word === "p") && textAt(tokens, at + 1) === "m" && tokens[at + 1]?.isGlued === false) {
    return { value: `${word}m`, next: at + 2, isNight: false };
  }
  let here = at;
  if (["in", "at", "of"].includes(textAt(tokens, here))) here += 1;
  if (textAt(tokens, here) === "the" || textAt(tokens, here) === "this" || textAt(tokens, here) === "tomorrow") here += 1;
  const half = dayParts.get(textAt(tokens, here));
  if (half === undefined || (here === at && textAt(tokens, here) !== "tonight")) return undefined;
  const isNight = textAt(tokens, here) === "night" || textAt(tokens, here) === "tonight";
  return { value: half, next: here + 1, isNight };
}

function finish(
  face: Pick<Face, "hour" | "minute" | "second"> & { readonly half?: Half; readonly isNight?: boolean },
  next: number,
): Reading<ClockTime> | undefined {
  const { minute, second, half, isNight = false } = face;
  let hour = face.hour === 24 ? 0 : face.hour;
  if (half === "pm" && hour < 12 && !(isNight && hour < 5)) hour += 12;
  // "12 at night" and "12 am" are midnight.
  if (hour === 12 && (half === "am" || (half === "pm" && isNight))) hour = 0;
  const isSure = half !== undefined || hour === 0 || hour > 12;
  return { value: { hour, minute, second, isSure }, next };
}
