/**
 * The entry for workerd: `workerd test` calls it, without Node compatibility and without a network. The vectors are bundled in.
 * Prints the report as one line of JSON.
 */
import { type VectorTexts, runVectors } from "./run.ts";

/** Put in place by the bundler (all.ts): the texts of test/vectors. */
declare const VECTOR_TEXTS: VectorTexts;

export default {
  /** The test handler of workerd. */
  async test(): Promise<void> {
    console.log(JSON.stringify(await runVectors("workerd", VECTOR_TEXTS)));
  },
};
