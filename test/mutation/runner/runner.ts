/**
 * The test runner that Stryker drives: the tests of an area in one process, without starting vitest for each mutant (seconds each time).
 * A test file whose loading already runs mutated code is loaded again under the mutant, with its fixtures; a mutant in code that runs while
 * `src/` is loaded gets `src/` loaded again. A kill counts only if the same test passes again without the mutant: else the mutant has
 * spoilt something that outlives a test, everything is loaded anew, and the mutant is tried once more. Never changes a file.
 */
import { appendFileSync, globSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from "@stryker-mutator/api/test-runner";
import type { Reporter } from "@stryker-mutator/api/report";
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type MutantCoverage } from "@stryker-mutator/api/core";
import { type Area, areas, testsLeftOut } from "../areas.ts";
import { isMutated, testFilesOf } from "./files.ts";
import { createLoader } from "./modules.ts";
import { type CollectedTest, collect, finish, runTest } from "./vitest.ts";

/** Name of the area that a run is about, for the process that runs the tests. */
export const areaVariable = "SLUICE_MUTATION_AREA";

/** Name of the file that results are written to. */
export const resultsVariable = "SLUICE_MUTATION_RESULTS";

/** What instrumented code and this runner tell each other. */
type World = { -readonly [Name in keyof InstrumenterContext]?: InstrumenterContext[Name] | undefined };

interface TestFile {
  readonly path: string;
  tests: ReadonlyMap<string, CollectedTest>;
  /** Mutants whose code runs while the file is loaded. */
  readonly whileLoading: ReadonlySet<string>;
}

/** What is known of a test: how long it takes, and how often it noticed a mutant of those that it was run for. */
interface Merit {
  ms: number;
  kills: number;
  runs: number;
}

/** Milliseconds of the processor that one mutant's tests may take; what is not noticed by then counts as not noticed. */
export const budgetVariable = "SLUICE_MUTATION_BUDGET_MS";
const budgetMs = Number(process.env[budgetVariable] ?? Number.POSITIVE_INFINITY);

/** How many tests are tried by their merit before the others, cheapest first. */
const firstTests = 10;

type Failure = { readonly id: string; readonly message: string };

class InProcessRunner implements TestRunner {
  readonly #ns: World;
  readonly #area: Area;
  readonly #root = process.cwd();
  readonly #files = new Map<string, TestFile>();
  readonly #merits = new Map<string, Merit>();
  readonly #loader = createLoader(process.cwd());
  #isLoaded = false;

  constructor() {
    const world = globalThis as { [INSTRUMENTER_CONSTANTS.NAMESPACE]?: World };
    this.#ns = world[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
    const area = Object.entries(areas).find(([name]) => name === process.env[areaVariable])?.[1];
    if (area === undefined) throw new TypeError(`${areaVariable} names no area`);
    this.#area = area;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    this.#ns.activeMutant = undefined;
    await this.#loadAll();
    const results: TestResult[] = [];
    for (const [path, file] of this.#files) {
      for (const [id, test] of file.tests) {
        this.#ns.currentTestId = id;
        const start = performance.now();
        const failure = await failureOf(id, test);
        const timeSpentMs = performance.now() - start;
        this.#merits.set(id, { ms: timeSpentMs, kills: 0, runs: 0 });
        const known = { id, name: test.name, timeSpentMs, fileName: path };
        results.push(
          failure === undefined
            ? { ...known, status: TestStatus.Success }
            : { ...known, status: TestStatus.Failed, failureMessage: failure.message },
        );
      }
      this.#ns.currentTestId = undefined;
      await finish([...file.tests.values()]);
    }
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: this.#coverage() };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    if (!this.#isLoaded) await this.#reload();
    const first = await this.#try(options);
    if (first.status !== MutantRunStatus.Killed) return first;
    if (options.mutantActivation === "static" || (await this.#passesAgain(first.killedBy))) return first;
    await this.#reload();
    return this.#try(options);
  }

  /** Runs the tests that cover a mutant, the most promising first, until one fails. */
  async #try({ activeMutant, testFilter, hitLimit, mutantActivation }: MutantRunOptions): Promise<MutantRunResult> {
    const { id: mutant } = activeMutant;
    this.#ns.hitCount = 0;
    this.#ns.hitLimit = hitLimit;
    this.#ns.activeMutant = mutant;
    try {
      if (mutantActivation === "static") await this.#reload();
      const failure = await this.#firstFailure(mutant, testFilter);
      const reached = determineHitLimitReached(this.#ns.hitCount, hitLimit);
      if (reached !== undefined) return { status: MutantRunStatus.Timeout, reason: reached.reason ?? "hit limit" };
      if (failure === undefined) return { status: MutantRunStatus.Survived, nrOfTests: testFilter?.length ?? this.#merits.size };
      return { status: MutantRunStatus.Killed, killedBy: [failure.id], failureMessage: failure.message, nrOfTests: 1 };
    } catch (error) {
      // Code under test that cannot even be loaded is noticed by every test.
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 1 };
    } finally {
      this.#ns.activeMutant = undefined;
      this.#ns.hitLimit = undefined;
      if (mutantActivation === "static") this.#isLoaded = false;
    }
  }

  async #firstFailure(mutant: string, filter: readonly string[] | undefined): Promise<Failure | undefined> {
    const reloaded = new Map<string, ReadonlyMap<string, CollectedTest> | Failure>();
    const start = process.cpuUsage();
    for (const id of this.#byMerit(filter ?? [...this.#files.values()].flatMap(({ tests }) => [...tests.keys()]))) {
      const { user, system } = process.cpuUsage(start);
      if ((user + system) / 1_000 > budgetMs) break;
      const file = this.#fileOf(id);
      let tests: ReadonlyMap<string, CollectedTest> | Failure = file.tests;
      if (file.whileLoading.has(mutant)) {
        tests = reloaded.get(file.path) ?? (await this.#collect(file.path).catch((error) => ({ id, message: String(error) })));
        reloaded.set(file.path, tests);
        if (!(tests instanceof Map)) return tests as Failure;
      }
      const test = (tests as ReadonlyMap<string, CollectedTest>).get(id);
      // A table of cases that the mutant has made shorter has lost a test: the count of tests is a finding in itself.
      const failure = test === undefined ? { id, message: "the test is gone" } : await failureOf(id, test);
      const merit = this.#merits.get(id);
      if (merit !== undefined) merit.runs += 1;
      if (failure === undefined) continue;
      if (merit !== undefined) merit.kills += 1;
      return failure;
    }
    return undefined;
  }

  /**
   * First the few that are likeliest to notice for each millisecond, then the cheapest: so most mutants fall to the first, and a budget holds
   * every quick test, also one that notices only what nothing else does.
   */
  #byMerit(ids: readonly string[]): readonly string[] {
    const merit = (id: string): Merit => this.#merits.get(id) ?? { ms: 1, kills: 0, runs: 0 };
    const worth = (id: string): number => (merit(id).kills + 1) / (merit(id).runs + 2) / (merit(id).ms + 0.1);
    const byWorth = [...ids].sort((a, b) => worth(b) - worth(a));
    return [...byWorth.slice(0, firstTests), ...byWorth.slice(firstTests).sort((a, b) => merit(a).ms - merit(b).ms)];
  }

  async #passesAgain(ids: readonly string[]): Promise<boolean> {
    for (const id of ids) {
      const test = this.#fileOf(id).tests.get(id);
      if (test === undefined || (await failureOf(id, test)) !== undefined) return false;
    }
    return true;
  }

  async #reload(): Promise<void> {
    this.#loader.renewCode();
    await this.#loadAll();
  }

  /** Loads the code under test and then each test file, noting what runs during each loading. */
  async #loadAll(): Promise<void> {
    const isFirst = this.#merits.size === 0;
    this.#ns.currentTestId = undefined;
    for (const pattern of globSync("src/**/*.ts", { cwd: this.#root }).filter((path) => isMutated(path, this.#area))) {
      await this.#loader.loadCode(join(this.#root, pattern));
    }
    for (const name of testFilesOf(this.#area, this.#root)) {
      const path = join(this.#root, name);
      this.#ns.currentTestId = path;
      const tests = await this.#collect(path);
      const whileLoading = isFirst
        ? new Set(Object.keys(this.#ns.mutantCoverage?.perTest[path] ?? {}))
        : (this.#files.get(path)?.whileLoading ?? new Set<string>());
      this.#files.set(path, { path, tests, whileLoading });
    }
    this.#ns.currentTestId = undefined;
    this.#isLoaded = true;
  }

  async #collect(path: string): Promise<ReadonlyMap<string, CollectedTest>> {
    const tests = await collect(path, () => this.#loader.load(path));
    const named = tests.map((test) => [`${path.slice(this.#root.length + 1)}#${test.name}`, test] as const);
    return new Map(named.filter(([id]) => !Object.hasOwn(testsLeftOut, id)));
  }

  #fileOf(id: string): TestFile {
    const name = id.slice(0, id.indexOf("#"));
    const file = this.#files.get(isAbsolute(name) ? name : resolve(this.#root, name));
    if (file === undefined) throw new Error(`no such test: ${id}`);
    return file;
  }

  /** What ran while a file was loaded is covered by each of its tests. */
  #coverage(): MutantCoverage {
    const { static: always, perTest } = this.#ns.mutantCoverage ?? { static: {}, perTest: {} };
    const all: MutantCoverage["perTest"] = {};
    for (const { path, tests } of this.#files.values()) {
      const shared = perTest[path] ?? {};
      for (const id of tests.keys()) all[id] = { ...shared, ...perTest[id] };
    }
    return { static: always, perTest: all };
  }

  async dispose(): Promise<void> {}
}

async function failureOf(id: string, test: CollectedTest): Promise<Failure | undefined> {
  try {
    await runTest(test);
    return undefined;
  } catch (error) {
    return { id, message: error instanceof Error ? error.message.slice(0, 500) : String(error) };
  }
}

function createRunner(): TestRunner {
  return new InProcessRunner();
}
createRunner.inject = [] as const;

/** Writes what became of each mutant as a line of a file as soon as it is known: a run may take an hour, and may be cut off. */
function createReporter(): Reporter {
  const file = process.env[resultsVariable];
  return {
    onMutantTested({ status, fileName, location: { start }, mutatorName, replacement }) {
      if (file === undefined) return;
      const at = `${relative(process.cwd(), fileName)}:${start.line}:${start.column}`;
      appendFileSync(file, `${status} ${at} ${mutatorName} → ${(replacement ?? "").replace(/\s+/g, " ")}\n`);
    },
  };
}
createReporter.inject = [] as const;

/** What Stryker loads. */
export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "in-process", createRunner),
  declareFactoryPlugin(PluginKind.Reporter, "lines", createReporter),
];
