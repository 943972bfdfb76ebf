/**
 * `node test/mutation/scripts.ts [redis] [postgres] [--only TEXT]`: applies each mutant of script-mutants.ts to a copy and runs the
 * contract and the model of that store against a server. Prints which test noticed it; exit 1 if none did, or if a mutant's text is
 * not there. Never changes the checkout: the copy lies under .cache/mutation.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readJson } from "../../src/json/read.ts";
import { type ScriptMutant, scriptMutants } from "./script-mutants.ts";

const root = join(import.meta.dirname, "..", "..");

/** What the tests of the stores are made of. */
const copied = ["src", "test/stores", "test/services", "test/setup.ts", "vitest.config.ts", "package.json", "tsconfig.json"];

/** Test files of each server, those that take least first. */
const tests = {
  redis: ["test/stores/redis.test.ts", "test/stores/redis-model.test.ts"],
  postgres: ["test/stores/postgres.test.ts"],
} as const;

type Server = keyof typeof tests;

/** What a run of the tests said: the first test that failed, or none. Throws where tests were not run at all. */
function firstFailure(copy: string, server: Server): string | undefined {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const args = ["run", "--root", copy, "--reporter=json", `--outputFile=${report}`, "--bail=1", ...tests[server]];
  try {
    // CI=true: a server that is not there fails, and is not skipped.
    const env = { ...process.env, CI: "true" };
    execFileSync(join(root, "node_modules", ".bin", "vitest"), args, { cwd: copy, env, stdio: "ignore", timeout: 300_000 });
  } catch {
    // What failed is in the report.
  }
  const read = readJson(readFileSync(report, "utf8"));
  type Test = { readonly status: string; readonly fullName: string };
  type File = { readonly assertionResults: readonly Test[]; readonly message: string };
  const files = read.ok ? (read.value as unknown as { readonly testResults: readonly File[] }).testResults : [];
  const all = files.flatMap(({ assertionResults }) => assertionResults);
  if (all.length === 0) throw new Error(`no test was run: ${files.map(({ message }) => message).join("\n")}`);
  return all.find(({ status }) => status === "failed")?.fullName;
}

/** The text of a file with a mutant in it. Throws where its text is not there once. */
function mutated({ file, replace, with: replacement }: ScriptMutant): string {
  const pieces = readFileSync(join(root, file), "utf8").split(replace);
  if (pieces.length !== 2) throw new Error(`${file}: occurs ${pieces.length - 1} times, not once: ${replace}`);
  return pieces.join(replacement);
}

/** Runs all mutants of one server; returns how many nobody noticed. */
function runAll(server: Server, mutants: readonly ScriptMutant[]): number {
  const copy = join(root, ".cache", "mutation", `scripts-${server}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, "test"), { recursive: true });
  for (const path of copied) cpSync(join(root, path), join(copy, path), { recursive: true });
  const before = firstFailure(copy, server);
  if (before !== undefined) throw new Error(`fails without any mutant: ${before}`);
  let survived = 0;
  for (const mutant of mutants) {
    const path = join(copy, mutant.file);
    const original = readFileSync(path, "utf8");
    writeFileSync(path, mutated(mutant));
    const noticed = firstFailure(copy, server);
    writeFileSync(path, original);
    if (noticed === undefined) survived++;
    console.log(
      `${noticed === undefined ? "SURVIVED" : "noticed"}  ${mutant.file}: ${mutant.fault}${noticed ? ` (${noticed})` : ""}`,
    );
  }
  rmSync(copy, { recursive: true, force: true });
  console.log(`${server}: ${mutants.length} mutants, ${mutants.length - survived} noticed`);
  return survived;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } });
const names = positionals.length > 0 ? positionals : Object.keys(tests);
let survived = 0;
for (const name of names) {
  if (!Object.hasOwn(tests, name)) throw new TypeError(`no such server: ${name} (there are ${Object.keys(tests).join(", ")})`);
  const server = name as Server;
  const { only } = values;
  survived += runAll(
    server,
    scriptMutants[server].filter(({ fault, replace }) => only === undefined || fault.includes(only) || replace.includes(only)),
  );
}
process.exitCode = survived === 0 ? 0 : 1;
