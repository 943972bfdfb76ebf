/**
 * The part of Sluice that the vectors exercise, as one value that an entry hands to `runVectors`: an entry may instead hand over
 * the same names from a build. Never imports anything that only one runtime has.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson, readJsonBytes } from "../../src/json/read.ts";

/** What the runners call. */
export const library = { readJson, readJsonBytes, canonicalJson };

/** The type of {@link library}. */
export type Library = typeof library;
