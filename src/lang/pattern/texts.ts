/**
 * Some of the texts that a pattern matches as a whole, so that a person sees what it lets through.
 * Pure and deterministic. Never claims to be complete: it follows the compiled program up to a length, and every text is tested before it is given.
 */
import { RE2JS } from "re2js";
import { examplePathsMax, exampleTextMax } from "../../limits.ts";
import { compilePattern } from "../pattern.ts";
import { type Instruction, isMatch, isReading, type Program, rangesOf, successors } from "./program.ts";

/** Options of {@link textsOf}: how many texts, and their length in code points. */
export interface TextOptions {
  readonly count: number;
  readonly least?: number;
  readonly most?: number;
}

/** For each length, the instructions from which a match is reachable by reading exactly that many characters. */
type Reach = readonly (readonly boolean[])[];

/** Characters that people recognise, in the order in which they are tried in turn. */
const favourites = "a0x-A7._bZ @/9cé";

/** Distinct texts that a pattern matches, the shortest first, at most `count`; none for a pattern that does not compile. */
export function textsOf(source: string, { count, least = 0, most = exampleTextMax }: TextOptions): readonly string[] {
  const pattern = compilePattern(source);
  if (!pattern.ok) return [];
  const program = RE2JS.compile(source).re2().prog as Program;
  const reach = reachOf(program, Math.min(most, exampleTextMax));
  const lengths = [...reach.keys()].filter((length) => length >= least && reach[length]?.[program.start] === true);
  const found = new Set<string>();
  const first = lengths[0];
  if (first === undefined) return [];
  for (let seed = 0; seed < examplePathsMax && found.size < count; seed++) {
    // Every length once in the order of their sizes, and the shortest again whenever they are through.
    const length = lengths[seed % lengths.length] ?? first;
    const text = walk(program, reach, { length, seed });
    if (text !== undefined && pattern.value.test(text)) found.add(text);
  }
  return [...found];
}

function reachOf(program: Program, most: number): Reach {
  const { inst } = program;
  const sources = inst.map((): number[] => []);
  for (const [at, instruction] of inst.entries()) {
    if (!isReading(instruction)) for (const to of successors(instruction) ?? []) sources[to]?.push(at);
  }
  const reach: boolean[][] = [];
  for (let length = 0; length <= most; length++) {
    const isThere = inst.map((instruction) =>
      isReading(instruction) ? length > 0 && reach[length - 1]?.[instruction.out] === true : length === 0 && isMatch(instruction),
    );
    const stack = [...isThere.keys()].filter((at) => isThere[at]);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      for (const from of sources[at] ?? []) {
        if (isThere[from]) continue;
        isThere[from] = true;
        stack.push(from);
      }
    }
    reach.push(isThere);
  }
  return reach;
}

/** One text of a length: at every fork a branch that still leads to a match, chosen by the seed. */
function walk(
  program: Program,
  reach: Reach,
  { length, seed }: { readonly length: number; readonly seed: number },
): string | undefined {
  let text = "";
  let left = length;
  let turn = seed;
  const stepsMax = (length + 1) * (program.inst.length + 1);
  for (let at = program.start, steps = 0; steps < stepsMax; steps++) {
    const instruction = program.inst[at];
    if (instruction === undefined) return undefined;
    if (isMatch(instruction)) return text;
    if (isReading(instruction)) {
      text += characterOf(instruction, seed + text.length);
      left -= 1;
      at = instruction.out;
      continue;
    }
    const open = (successors(instruction) ?? []).filter((to) => reach[left]?.[to] === true);
    // A linear congruential step: forks of one walk are taken differently, and the same on every runtime.
    turn = (turn * 75 + 74) % 65_537;
    const next = open[seed === 0 ? 0 : turn % Math.max(1, open.length)];
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}

function characterOf(instruction: Instruction, turn: number): string {
  const ranges = rangesOf(instruction);
  for (let i = 0; i < favourites.length; i++) {
    const code = favourites.charCodeAt((turn + i) % favourites.length);
    if (ranges.some(([low, high]) => low <= code && code <= high)) return String.fromCharCode(code);
  }
  const [low, high] = ranges[turn % Math.max(1, ranges.length)] ?? [97, 97];
  const visible = low < 33 && high > 33 ? 33 : low;
  return visible >= 0xd800 && visible <= 0xdfff ? "\ue000" : String.fromCodePoint(visible);
}
