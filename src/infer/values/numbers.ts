/**
 * Numbers as people write them: digits with thousands and fractions, words up to millions, dozens, `1.5k`, ordinals.
 * Pure. Never takes "a" or "an" alone for one.
 */
import { digitsAt, isGluedText, type Reading, type Token, textAt } from "./tokens.ts";

const units: Readonly<Record<string, number>> = {
  zero: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};

const tens: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fourty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};

const scales: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1_000,
  million: 1_000_000,
  millions: 1_000_000,
  billion: 1_000_000_000,
  billions: 1_000_000_000,
  trillion: 1_000_000_000_000,
};

/** Suffixes that stand right behind digits. */
const suffixes: Readonly<Record<string, number>> = { k: 1_000, mn: 1_000_000, mil: 1_000_000, bn: 1_000_000_000 };

const groups: Readonly<Record<string, number>> = { dozen: 12, dozens: 12, couple: 2, pair: 2, score: 20 };

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
  thirteenth: 13,
  fourteenth: 14,
  fifteenth: 15,
  sixteenth: 16,
  seventeenth: 17,
  eighteenth: 18,
  nineteenth: 19,
  twentieth: 20,
  thirtieth: 30,
};

/** Digits of a number that are read: a double has no more. */
const digitsMax = 15;
/** Words of a number that are read. */
const wordsMax = 16;

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A number that begins at a token: digits (`1,200.50`, `1.5k`, `2 million`) or words (`two hundred and five`, `a dozen`). */
export function readNumber(tokens: readonly Token[], at: number): Reading<number> | undefined {
  return readDigits(tokens, at) ?? readGroup(tokens, at) ?? readWords(tokens, at);
}

function readDigits(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const first = tokens[at];
  const leading = first?.text === "." && tokens[at + 1]?.isGlued === true;
  if (first === undefined || (first.kind !== "digits" && !leading)) return undefined;
  let text = leading ? "0" : first.text;
  let next = leading ? at : at + 1;
  if (!leading && first.text.length <= 3) {
    while (text.length < digitsMax && isGluedText(tokens, next, ",") && isThousand(tokens, next + 1)) {
      text += textAt(tokens, next + 1);
      next += 2;
    }
  }
  const fraction = tokens[next + 1];
  if (isPoint(tokens, next, leading) && fraction?.kind === "digits" && fraction.isGlued && fraction.text.length <= digitsMax) {
    text += `.${fraction.text}`;
    next += 2;
  } else if (leading) return undefined;
  if (text.length > 2 * digitsMax) return undefined;
  const suffix = tokens[next]?.isGlued === true ? own(suffixes, textAt(tokens, next)) : undefined;
  if (suffix !== undefined) return { value: scaled(text, suffix), next: next + 1 };
  const glued = tokens[next]?.isGlued === true && textAt(tokens, next) === "-" ? next + 1 : next;
  const scale = own(scales, textAt(tokens, glued));
  if (scale !== undefined) return { value: scaled(text, scale), next: glued + 1 };
  if (isGluedText(tokens, next, "m") || isGluedText(tokens, next, "b")) return readShortScale(tokens, { text, next });
  if (textAt(tokens, next) === "dozen") return { value: scaled(text, 12), next: next + 1 };
  return { value: Number(text), next };
}

/** `2m` and `3b` are millions and billions only behind a currency sign or in upper case, since metres are written so too. */
function readShortScale(
  tokens: readonly Token[],
  { text, next }: { readonly text: string; readonly next: number },
): Reading<number> {
  const token = tokens[next];
  if (token?.isCapital !== true) return { value: Number(text), next };
  return { value: scaled(text, token.text === "m" ? 1_000_000 : 1_000_000_000), next: next + 1 };
}

function isThousand(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  return token?.kind === "digits" && token.isGlued && token.text.length === 3;
}

function isPoint(tokens: readonly Token[], at: number, leading: boolean): boolean {
  return leading ? textAt(tokens, at) === "." : isGluedText(tokens, at, ".");
}

/** A product without the dust of binary fractions: `1.1k` is 1100. */
function scaled(text: string, scale: number): number {
  return Number((Number(text) * scale).toPrecision(digitsMax));
}

function readGroup(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const first = textAt(tokens, at);
  if (first === "half" && textAt(tokens, at + 1) === "a" && textAt(tokens, at + 2) === "dozen") return { value: 6, next: at + 3 };
  if (first === "dozen") return { value: 12, next: at + 1 };
  if (first !== "a") return undefined;
  const group = own(groups, textAt(tokens, at + 1)) ?? own(scales, textAt(tokens, at + 1));
  if (group === undefined) return undefined;
  if (own(scales, textAt(tokens, at + 1)) !== undefined) return readWords(tokens, at + 1, 1);
  return { value: group, next: textAt(tokens, at + 2) === "of" ? at + 3 : at + 2 };
}

/** Words: `given` is the 1 of "a hundred". */
function readWords(tokens: readonly Token[], at: number, given?: number): Reading<number> | undefined {
  let total = 0;
  let part = given ?? 0;
  let next = at;
  let last: "unit" | "ten" | "scale" | undefined;
  for (let count = 0; count < wordsMax; count += 1) {
    let here = next;
    if (last !== undefined && (textAt(tokens, here) === "-" || (last === "scale" && textAt(tokens, here) === "and"))) here += 1;
    const word = textAt(tokens, here);
    const unit = own(units, word);
    const ten = own(tens, word);
    const scale = own(scales, word);
    if (unit !== undefined && (last === undefined || last === "scale" || (last === "ten" && unit > 0 && unit < 10))) {
      part += unit;
      last = "unit";
    } else if (ten !== undefined && (last === undefined || last === "scale")) {
      part += ten;
      last = "ten";
    } else if (scale !== undefined && (last !== undefined || given !== undefined)) {
      if (scale === 100) part *= 100;
      else {
        total += part * scale;
        part = 0;
      }
      last = "scale";
    } else break;
    next = here + 1;
  }
  if (last === undefined) return undefined;
  const value = total + part;
  if (textAt(tokens, next) === "dozen") return { value: value * 12, next: next + 1 };
  return { value, next };
}

/** An ordinal that begins at a token: `3rd`, `third`, `twenty-first`. */
export function readOrdinal(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const digits = digitsAt(tokens, at, 3);
  if (digits !== undefined) {
    const suffix = tokens[at + 1];
    return suffix?.isGlued === true && /^(?:st|nd|rd|th)$/.test(suffix.text) ? { value: digits, next: at + 2 } : undefined;
  }
  const whole = own(ordinals, textAt(tokens, at));
  if (whole !== undefined) return { value: whole, next: at + 1 };
  const ten = own(tens, textAt(tokens, at));
  if (ten === undefined) return undefined;
  const behind = textAt(tokens, at + 1) === "-" ? at + 2 : at + 1;
  const unit = own(ordinals, textAt(tokens, behind));
  return unit !== undefined && unit < 10 ? { value: ten + unit, next: behind + 1 } : undefined;
}

/** Whether a number at a token is written with digits. */
export function isWritten(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.kind === "digits" || textAt(tokens, at) === ".";
}
