/**
 * How vitest runs: every `*.test.ts` under test/, one process per file, so that no test sees another's globals.
 * Never reads the network or the clock; the runtimes other than Node have their own runner (.ci/test.mjs).
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    pool: "forks",
    // One more than vitest takes on two cores: half the tests wait for a process that they started.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
    restoreMocks: true,
  },
});
