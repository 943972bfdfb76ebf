/**
 * How vitest runs under Stryker's own runner (`run.ts --vitest`): the test files of the area, one process for all. Used to compare.
 */
import { defineConfig } from "vitest/config";
import { areas } from "./areas.ts";
import { testFilesOf } from "./runner/files.ts";
import { areaVariable } from "./runner/runner.ts";

const area = Object.entries(areas).find(([name]) => name === process.env[areaVariable])?.[1];

export default defineConfig({
  test: {
    include: area === undefined ? [] : [...testFilesOf(area, process.cwd())],
    setupFiles: ["test/setup.ts"],
    pool: "threads",
    isolate: false,
  },
});
