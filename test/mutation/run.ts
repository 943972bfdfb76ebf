/**
 * `node test/mutation/run.ts [AREA…] [--files GLOB…] [--list]`: mutates the code of the areas (areas.ts), runs the tests against each
 * mutant, and compares what no test noticed with the lists in survivors/. Exit 1 if more are not listed than the area says are unread.
 * `--files` narrows an area to some of its files; `--list` prints the unlisted survivors as entries of a list, without reasons;
 * `--vitest` uses Stryker's own vitest runner (seconds a mutant, to compare). Never changes the code: Stryker works on a copy under .cache.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import type { MutantResult, PartialStrykerOptions } from "@stryker-mutator/api/core";
import { type Area, type AreaName, areas } from "./areas.ts";
import { areaVariable, resultsVariable } from "./runner/runner.ts";
import { keyOf, listOf, oneLine, readSurvivors, type Survivor } from "./survivors.ts";

const root = join(import.meta.dirname, "..", "..");

/** Folders of no test here: the sandbox is a copy, and they are large. */
const notCopied = ["/models", "/bench", "/dist", "/.cache", "/coverage", "/tsconfig*.json", "*.sqlite*"];

function optionsOf(name: string, area: Area, files: readonly string[] | undefined, isVitest: boolean): PartialStrykerOptions {
  return {
    mutate: [...(files ?? area.mutate)],
    testRunner: isVitest ? "vitest" : "in-process",
    plugins: isVitest ? ["@stryker-mutator/vitest-runner"] : [join(import.meta.dirname, "runner", "runner.ts")],
    ...(isVitest ? { vitest: { configFile: "test/mutation/vitest.config.ts" } } : {}),
    coverageAnalysis: "perTest",
    concurrency: Number(process.env.SLUICE_MUTATION_CONCURRENCY ?? 1),
    ignorePatterns: notCopied,
    tempDirName: join(".cache", "mutation", `sandbox-${name}`),
    // Stryker would keep a static mutant's old result whatever tests are added: nothing says which tests cover it.
    incremental: false,
    reporters: ["json", "progress-append-only", ...(isVitest ? [] : ["lines"])],
    jsonReporter: { fileName: join(".cache", "mutation", `${name}.json`) },
    thresholds: { high: 95, low: 90, break: null },
    timeoutMS: 20_000,
    timeoutFactor: 2,
    dryRunTimeoutMinutes: 30,
    disableTypeChecks: false,
    checkers: [],
    allowEmpty: false,
    cleanTempDir: "always",
  };
}

/** The survivor that a mutant is, with the code around it. */
function survivorOf({ fileName, location, mutatorName, replacement }: MutantResult): Survivor & { readonly at: string } {
  const file = relative(root, fileName);
  const lines = readFileSync(fileName, "utf8").split("\n");
  const { start, end } = location;
  const code = lines
    .slice(start.line - 1, end.line)
    .map((line, i, all) => line.slice(i === 0 ? start.column - 1 : 0, i === all.length - 1 ? end.column - 1 : undefined))
    .join("\n");
  return {
    at: `${file}:${start.line}:${start.column}`,
    file,
    line: (lines[start.line - 1] ?? "").trim(),
    code: oneLine(code),
    mutator: mutatorName,
    replacement: oneLine(replacement ?? ""),
  };
}

const percent = (part: number, whole: number): string => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);

/** Prints what became of an area's mutants; returns whether every survivor is listed, but for those that are known to be unread. */
function report(name: string, mutants: readonly MutantResult[], isWhole: boolean, isListing: boolean): boolean {
  const by = (status: MutantResult["status"]): readonly MutantResult[] => mutants.filter((each) => each.status === status);
  const [killed, timedOut, survived, uncovered] = [by("Killed"), by("Timeout"), by("Survived"), by("NoCoverage")];
  const noticed = killed.length + timedOut.length;
  const valid = noticed + survived.length + uncovered.length;
  const listed = readSurvivors(listOf(name));
  const unnoticed = [...survived, ...uncovered].map((each) => survivorOf(each));
  const keys = new Set(listed.map(keyOf));
  const unlisted = unnoticed.filter((each) => !keys.has(keyOf(each)));
  const alive = new Set(unnoticed.map(keyOf));
  const noticedNow = isWhole ? listed.filter((each) => !alive.has(keyOf(each))) : [];
  const excused = unnoticed.length - unlisted.length;
  console.log(
    `${name}: ${valid} mutants, ${killed.length} killed, ${timedOut.length} timed out, ${survived.length} survived, ${uncovered.length} not covered; ` +
      `score ${percent(noticed, valid)}; ${excused} of the survivors listed with a reason, ${percent(noticed, valid - excused)} of the rest noticed` +
      (mutants.length > valid ? `; ${mutants.length - valid} invalid` : ""),
  );
  for (const { at, line, mutator, code, replacement } of isListing ? [] : unlisted) {
    console.log(`  not listed: ${at} ${mutator}\n    ${line}\n    ${code}  →  ${replacement}`);
  }
  if (isListing)
    console.log(
      JSON.stringify(
        unlisted.map(({ at: _, ...rest }) => ({ ...rest, reason: "" })),
        null,
        2,
      ),
    );
  for (const { file, line } of noticedNow) console.log(`  listed, but noticed now: ${file}: ${line}`);
  const unread = (areas[name as AreaName] as Area).unread ?? 0;
  if (unread > 0) console.log(`  ${unlisted.length} not listed; ${unread} are known to be unread (areas.ts)`);
  return unlisted.length <= unread;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "string", multiple: true }, list: { type: "boolean" }, vitest: { type: "boolean" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(areas);
for (const name of names)
  if (!Object.hasOwn(areas, name)) throw new TypeError(`no such area: ${name} (there are ${Object.keys(areas).join(", ")})`);
process.chdir(root);
let isGood = true;
for (const name of names) {
  process.env[areaVariable] = name;
  // Exact seeds: a gate must say the same of the same commit.
  process.env.SLUICE_FUZZ_SEED = "20261122";
  process.env.SLUICE_FUZZ_RUNS = process.env.SLUICE_MUTATION_RUNS ?? "25";
  process.env[resultsVariable] = join(root, ".cache", "mutation", `${name}.results.txt`);
  mkdirSync(join(root, ".cache", "mutation"), { recursive: true });
  writeFileSync(process.env[resultsVariable], "");
  const options = optionsOf(name, areas[name as AreaName], values.files, values.vitest === true);
  const mutants = await new Stryker(options).runMutationTest();
  isGood = report(name, mutants, values.files === undefined, values.list === true) && isGood;
}
process.exitCode = isGood ? 0 : 1;
