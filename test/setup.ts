/**
 * Runs before each test file: which seed the property tests start from, and where compiled code of started processes is kept.
 * A gate must say the same of the same commit, so under CI the seed is fixed; everywhere else, and in the scheduled run, it is new each time.
 * A failure prints its seed: `SLUICE_FUZZ_SEED=… npx vitest run FILE` repeats it.
 */
import { join } from "node:path";
import * as fc from "fast-check";

// Hundreds of tests start a `sluice` of their own: what V8 and the stripper of types made of a file is kept for the next one.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "..", ".cache", "compiled");

const fixed = 20_261_122;

if (process.env.SLUICE_FUZZ_SEED === undefined && process.env.CI === "true") process.env.SLUICE_FUZZ_SEED = String(fixed);
if (process.env.SLUICE_FUZZ_SEED === "random") delete process.env.SLUICE_FUZZ_SEED;
const seed = process.env.SLUICE_FUZZ_SEED;
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
