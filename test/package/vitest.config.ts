/**
 * The checks of the packed package: `npm run test:package`. Not among `npm test`, since they check what `npm run build` made.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/package/*.check.ts"],
    globalSetup: ["test/package/setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 240_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
