/**
 * The tests of a policy as one: its examples, and which of its entries no example would miss.
 * Pure. A policy without examples has no tests, and every entry survives.
 */
import type { Policy } from "../policy.ts";
import { type Mutant, mutantsOf } from "./mutate.ts";
import { type ExampleOutcome, type LoadedExample, runExample } from "./run.ts";

/** What mutation testing found. */
export interface MutationReport {
  readonly mutants: number;
  /** Entries that could be removed without any example noticing. */
  readonly survivors: readonly Omit<Mutant, "policy">[];
}

/** Runs every example. */
export function runExamples(policy: Policy, examples: readonly LoadedExample[]): readonly ExampleOutcome[] {
  return examples.map((loaded) => runExample(policy, loaded));
}

/**
 * Weakens the policy one entry at a time and runs the examples again; they should all pass on the policy itself.
 * @param onProgress - told how many mutants are done, and of how many.
 */
export function mutate(
  policy: Policy,
  examples: readonly LoadedExample[],
  onProgress: (done: number, all: number) => void = () => {},
): MutationReport {
  const mutants = mutantsOf(policy);
  const survivors = mutants.flatMap(({ pointer, message, policy: weaker }, done) => {
    onProgress(done, mutants.length);
    const isNoticed = examples.some((loaded) => !runExample(weaker, loaded).isPassed);
    return isNoticed ? [] : [{ pointer, message }];
  });
  return { mutants: mutants.length, survivors };
}
