/**
 * Whether the work of a reader grows faster than its input: pieces of the most expensive inputs are repeated, and the steps counted.
 * Steps are counts of the instrumented code, so that no busy machine can change the answer; libraries are not counted.
 */
import type { Coverage, Kept } from "./coverage.ts";
import { execute, type Finding, kindOf } from "./loop.ts";
import { seeded } from "./random.ts";
import type { Target } from "./target.ts";

const sizes = [1_024, 2_048, 4_096, 8_192, 16_384];
/** Twice the input may take this many times the steps; 4 would be quadratic. */
const ratioMax = 3;
/** Below this many steps at the largest size, nothing can be said and nothing is slow. */
const stepsLeast = 100_000;
const basesMax = 6;
const pumpsMax = 6;

/** Repeats pieces of the most expensive inputs; a finding where the work grows much faster than the text. */
export async function growthFindings(
  target: Target,
  kept: readonly Kept[],
  { coverage, seed }: { readonly coverage: Coverage; readonly seed: number },
): Promise<readonly Finding[]> {
  if (target.notLinear !== undefined) return [];
  const random = seeded(seed);
  const perCharacter = ({ input, reached }: Kept): number => reached.steps / (input.length + 64);
  const bases = kept.toSorted((a, b) => perCharacter(b) - perCharacter(a)).slice(0, basesMax);
  for (const { input } of bases) {
    for (let i = 0; i < pumpsMax; i++) {
      const from = i === 0 ? 0 : random.below(input.length);
      const to = i === 0 ? input.length : from + 1 + random.below(Math.min(24, input.length - from));
      const finding = await pump(target, [input.slice(0, from), input.slice(from, to), input.slice(to)], coverage);
      if (finding) return [finding];
    }
  }
  return [];
}

async function pump(target: Target, [before, piece, after]: readonly [string, string, string], coverage: Coverage) {
  if (piece === "") return undefined;
  const steps: number[] = [];
  let input = "";
  for (const size of sizes) {
    input = before + piece.repeat(Math.ceil(size / piece.length)) + after;
    const { reached, failure } = await execute(target, input, coverage);
    if (failure) return { kind: kindOf(failure), message: failure.message, stack: failure.stack ?? "", input };
    steps.push(reached.steps);
  }
  const ratios = steps.slice(1).map((count, i) => count / (steps[i] as number));
  const isFast = (steps.at(-1) as number) < stepsLeast || Math.min(...ratios.slice(-2)) < ratioMax;
  if (isFast) return undefined;
  const message = `the work grows faster than the text: ${steps.join(", ")} steps for ${JSON.stringify(piece)} repeated`;
  return { kind: "growth", message, stack: "", input };
}
