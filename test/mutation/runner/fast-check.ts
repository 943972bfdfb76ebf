/**
 * What a test file gets for `fast-check` in a mutation run: the real one, from a fixed seed, with no more runs of a property than a mutant
 * is worth, and without looking for the smallest counterexample of a mutant. So a property notices less here than in the
 * test suite, and never more.
 */
import fc from "fast-check";

/** Runs of one property for one mutant, at most. */
export const runsMax = 300;
const seed = 20_261_122;

type Parameters = { readonly numRuns?: number; readonly [name: string]: unknown };

function fewer(parameters: Parameters | undefined): Parameters {
  return { seed, ...parameters, numRuns: Math.min(parameters?.numRuns ?? 100, runsMax), endOnFailure: true, verbose: 0 };
}

/** `fc.assert` with the bounds above. */
export function assert(property: fc.IRawProperty<unknown>, parameters?: Parameters): unknown {
  return fc.assert(property as fc.IProperty<unknown>, fewer(parameters) as fc.Parameters<unknown>);
}

/** `fc.check` with the bounds above. */
export function check(property: fc.IRawProperty<unknown>, parameters?: Parameters): unknown {
  return fc.check(property as fc.IProperty<unknown>, fewer(parameters) as fc.Parameters<unknown>);
}

export * from "fast-check";
export default { ...fc, assert, check };
