/**
 * A pattern as a table of states: one look-up for each character of a text, whatever the pattern.
 * Never answers where the table does not know: `undefined` asks the pattern's own program. Pure.
 *
 * The table is the program's subset construction (Rabin and Scott 1959) over classes of ASCII characters and one class for everything beyond. Of
 * each text it takes as many steps as the text has units and never goes back, so time is linear by construction.
 */
import { patternTableStepsMax } from "../../limits.ts";
import { classSize, type Instruction, isMatch, isReading, type Program, successors, textEnds } from "./program.ts";

/** States by number; {@link dead}, {@link unsure} and {@link first} are there in every table. */
export interface PatternTable {
  /** The class of each ASCII character; everything beyond has the last class. */
  readonly classes: Uint8Array;
  readonly width: number;
  /** By state and class, the state after. */
  readonly next: Uint16Array;
  /** By state, whether a text that ends there matches. */
  readonly accepts: Uint8Array;
}

/** No text from here on matches. */
const dead = 0;
/** The answer depends on which character beyond ASCII it was. */
const unsure = 1;
const first = 2;
const asciiSize = 128;

/** Whether the whole text matches; `undefined`: the table cannot say. */
export function testTable({ classes, width, next, accepts }: PatternTable, text: string): boolean | undefined {
  let state = first;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let character = width - 1;
    if (unit < asciiSize) character = classes[unit] as number;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(i + 1))) i++;
    state = next[state * width + character] as number;
    if (state <= unsure) return state === dead ? false : undefined;
  }
  return accepts[state] === 1;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** What an instruction reads: which ASCII characters, and of those beyond all, none, or some. */
interface Characters {
  readonly ascii: readonly boolean[];
  readonly beyond: "all" | "none" | "some";
}

/** A state while the table is made: instructions that wait for a character, for the end of the text, or match. */
interface State {
  readonly waiting: readonly number[];
  readonly accepts: boolean;
}

/** Where a closure stands in the text, and how many steps may still be taken. */
interface Reading {
  readonly program: Program;
  readonly characters: ReadonlyMap<number, Characters>;
  left: number;
}

/**
 * The table of a program. `undefined` where it would take more than `patternTableStepsMax` to make, and for assertions about lines and words.
 * A cell takes two steps at least, so that there are at most half as many.
 */
export function tableOf(program: Program): PatternTable | undefined {
  if (!program.inst.every((instruction) => successors(instruction) !== undefined && textEnds(instruction) !== undefined))
    return undefined;
  const { characters, distinct } = charactersOf(program);
  const { classes, samples } = classesOf(distinct);
  const width = samples.length + 1;
  const reading: Reading = { program, characters, left: patternTableStepsMax };
  const open: State[] = [stateOf(reading, [program.start], true)];
  const known = new Map<string, number>();
  const next: number[] = [];
  const accepts: number[] = [0, 0];
  for (let at = 0; at < open.length; at++) {
    const { waiting, accepts: isEnd } = open[at] as State;
    accepts.push(isEnd ? 1 : 0);
    for (let character = 0; character < width; character++) {
      const seeds = step(reading, waiting, samples[character]);
      if (reading.left < 0) return undefined;
      if (typeof seeds === "number") {
        next.push(seeds);
        continue;
      }
      const state = stateOf(reading, seeds, false);
      const key = state.waiting.join();
      let number = known.get(key);
      if (number === undefined) {
        number = first + open.length;
        known.set(key, number);
        open.push(state);
      }
      next.push(number);
    }
  }
  if (reading.left < 0) return undefined;
  const cells = new Uint16Array(accepts.length * width);
  cells.set(next, first * width);
  return { classes, width, next: cells, accepts: Uint8Array.from(accepts) };
}

/** Where the waiting instructions lead with one character; without a sample: with any beyond ASCII. */
function step(reading: Reading, waiting: readonly number[], sample: number | undefined): number | readonly number[] {
  const seeds: number[] = [];
  for (const at of waiting) {
    const characters = reading.characters.get(at);
    if (characters === undefined) continue;
    if (sample === undefined && characters.beyond === "some") return unsure;
    if (sample === undefined ? characters.beyond === "all" : characters.ascii[sample] === true)
      seeds.push((reading.program.inst[at] as Instruction).out);
  }
  reading.left -= waiting.length + 1;
  return seeds.length === 0 ? dead : seeds;
}

function stateOf(reading: Reading, seeds: readonly number[], isStart: boolean): State {
  const { inst } = reading.program;
  const waiting = reach(reading, seeds, { isStart, isEnd: false }).sort((a, b) => a - b);
  // Where nothing waits for the end, what matches at the end has matched already.
  const ends = waiting.some((at) => !isReading(inst[at] as Instruction) && !isMatch(inst[at] as Instruction))
    ? reach(reading, seeds, { isStart, isEnd: true })
    : waiting;
  return { waiting, accepts: ends.some((at) => isMatch(inst[at] as Instruction)) };
}

/** The instructions that are reached without a character and wait there. */
function reach(
  reading: Reading,
  seeds: readonly number[],
  { isStart, isEnd }: { readonly isStart: boolean; readonly isEnd: boolean },
): number[] {
  const { inst } = reading.program;
  const seen = new Set(seeds);
  const waiting: number[] = [];
  // A set is walked in the order of insertion, and with what is added meanwhile.
  for (const at of seen) {
    if (--reading.left < 0) return waiting;
    const instruction = inst[at] as Instruction;
    const ends = textEnds(instruction);
    if (isReading(instruction) || isMatch(instruction) || (ends?.end === true && !isEnd)) waiting.push(at);
    else if (ends?.start !== true || isStart) for (const to of successors(instruction) ?? []) seen.add(to);
  }
  return waiting;
}

/** What each reading instruction reads; those that read the same share it. */
function charactersOf(program: Program): {
  readonly characters: ReadonlyMap<number, Characters>;
  readonly distinct: readonly Characters[];
} {
  const characters = new Map<number, Characters>();
  const distinct = new Map<string, Characters>();
  for (const [at, instruction] of program.inst.entries()) {
    if (!isReading(instruction)) continue;
    const beyond = beyondOf(instruction);
    const key = `${beyond} ${instruction.arg} ${asciiKey(instruction)}`;
    let read = distinct.get(key);
    if (read === undefined) {
      const ascii = Array.from({ length: asciiSize }, (_, code) => instruction.matchRune(code));
      read = { ascii, beyond };
      distinct.set(key, read);
    }
    characters.set(at, read);
  }
  return { characters, distinct: [...distinct.values()] };
}

/** The same for instructions that read the same ASCII characters, if they read the same kind of others. */
function asciiKey({ runes }: Instruction): string {
  if (runes.length === 1) return `one ${runes[0]}`;
  let key = "";
  for (let i = 0; i < runes.length && (runes[i] as number) < asciiSize; i++) key += ` ${runes[i]}`;
  return key;
}

function beyondOf(instruction: Instruction): Characters["beyond"] {
  const { runes } = instruction;
  const last = runes[runes.length - 1] ?? 0;
  // One letter may be meant with its other cases, some of which are beyond ASCII (`k` and the Kelvin sign).
  if (runes.length === 1) return last < asciiSize && classSize(instruction) === 1n ? "none" : "some";
  if (last < asciiSize) return "none";
  return (runes[runes.length - 2] as number) <= asciiSize && last >= 0x10ffff ? "all" : "some";
}

/** Classes of ASCII characters that every instruction treats alike, and one character of each. */
function classesOf(distinct: readonly Characters[]): { readonly classes: Uint8Array; readonly samples: readonly number[] } {
  const classes = new Uint8Array(asciiSize);
  const samples: number[] = [];
  const known = new Map<string, number>();
  for (let code = 0; code < asciiSize; code++) {
    const key = distinct.map(({ ascii }) => (ascii[code] ? "1" : "0")).join("");
    let character = known.get(key);
    if (character === undefined) {
      character = samples.length;
      known.set(key, character);
      samples.push(code);
    }
    classes[code] = character;
  }
  return { classes, samples };
}
