/**
 * The compiled form of a pattern, as far as this project reads it: the instructions of re2js 2.10 and where each leads.
 * Pure. Never runs a pattern: an instruction that is not known has no successors that could be trusted, and says so.
 */

/** What is read of an instruction (`Inst`): operation, next, alternative or flags, rune ranges. */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  /** Whether it reads this code point. */
  matchRune(rune: number): boolean;
}

/** A program: its instructions and the index of the first one. */
export interface Program {
  readonly inst: readonly Instruction[];
  readonly start: number;
}

const ALT = 1;
const ALT_MATCH = 2;
const CAPTURE = 3;
const EMPTY_WIDTH = 4;
const FAIL = 5;
const MATCH = 6;
const NOP = 7;
const RUNE = 8;
const RUNE1 = 9;
const RUNE_ANY = 10;
const RUNE_ANY_NOT_NL = 11;
const FOLD_CASE = 1;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
/** The largest set of letters that Unicode simple case folding makes equal (θ ϑ Θ ϴ has four). */
const foldOrbitMax = 4n;
const codePoints = 0x110000n - 0x800n;

/** Whether an instruction is the end of a match. */
export function isMatch(instruction: Instruction): boolean {
  return instruction.op === MATCH;
}

/** Whether an instruction reads a character. */
export function isReading(instruction: Instruction): boolean {
  return instruction.op >= RUNE && instruction.op <= RUNE_ANY_NOT_NL;
}

/** Where an instruction leads; `undefined` for one that is not known. */
export function successors(instruction: Instruction): readonly number[] | undefined {
  switch (instruction.op) {
    case ALT:
    case ALT_MATCH:
      return [instruction.out, instruction.arg];
    case CAPTURE:
    case EMPTY_WIDTH:
    case NOP:
    case RUNE:
    case RUNE1:
    case RUNE_ANY:
    case RUNE_ANY_NOT_NL:
      return [instruction.out];
    case FAIL:
    case MATCH:
      return [];
    default:
      return undefined;
  }
}

const anywhere = { start: false, end: false };

/** Whether an instruction asks for the start or the end of the text; `undefined` for one that asks for those of lines or words. */
export function textEnds({ op, arg }: Instruction): { readonly start: boolean; readonly end: boolean } | undefined {
  if (op !== EMPTY_WIDTH) return anywhere;
  if ((arg & ~(BEGIN_TEXT | END_TEXT)) !== 0) return undefined;
  return { start: (arg & BEGIN_TEXT) !== 0, end: (arg & END_TEXT) !== 0 };
}

/** How many characters an instruction lets through, at most; 1 for one that reads none. */
export function classSize(instruction: Instruction): bigint {
  const { op, runes, arg } = instruction;
  if (op === RUNE_ANY || op === RUNE_ANY_NOT_NL) return codePoints;
  if (op !== RUNE && op !== RUNE1) return 1n;
  if (runes.length === 1) return (arg & FOLD_CASE) !== 0 ? foldOrbitMax : 1n;
  let size = 0n;
  for (let i = 0; i + 1 < runes.length; i += 2) size += BigInt((runes[i + 1] as number) - (runes[i] as number) + 1);
  return size;
}

/** The ranges of code points that a reading instruction lets through, `[low, high]` each. */
export function rangesOf(instruction: Instruction): readonly (readonly [number, number])[] {
  const { op, runes } = instruction;
  if (op === RUNE_ANY || op === RUNE_ANY_NOT_NL) return [[32, 126]];
  if (runes.length === 1) return [[runes[0] as number, runes[0] as number]];
  const ranges: [number, number][] = [];
  for (let i = 0; i + 1 < runes.length; i += 2) ranges.push([runes[i] as number, runes[i + 1] as number]);
  return ranges;
}
