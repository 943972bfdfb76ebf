/**
 * Opens a stage with Python for the tests of a file, and closes it after them.
 * Never lets a run of CI go without Python: only elsewhere a test may say that it could not run, and why.
 */
import { afterAll, beforeAll, type TestContext } from "vitest";
import { ensurePython } from "../../.ci/python.mjs";
import type { Environment, Turn } from "../../plans/python/desk/agent.ts";
import type { Stage } from "../../plans/python/desk/stage.ts";

/** Milliseconds that the packages may take to come, on a slow line. */
const installMs = 600_000;

/** Milliseconds that a test with agents may take: importing CrewAI alone takes half a minute on a busy machine. */
export const agentTestMs = 300_000;

/** Opens the stage before the tests. Gives it to each test, or ends the test where there is no Python. */
export function staged(environments: readonly Environment[], open: () => Promise<Stage>): (context: TestContext) => Stage {
  let stage: Stage | undefined;
  let fault = "";
  beforeAll(async () => {
    try {
      for (const environment of environments) await ensurePython(environment, () => {});
    } catch (error) {
      if (process.env.CI === "true") throw error;
      fault = String(error);
      return;
    }
    stage = await open();
  }, installMs);
  afterAll(() => stage?.close());
  return (context) => stage ?? context.skip(`no Python packages: ${fault}`);
}

/** The tools that were called, in order. */
export function toolsOf(turns: readonly Turn[]): readonly string[] {
  return turns.filter(({ kind }) => kind === "call").map(({ text }) => text.split(" ")[0] ?? "");
}

/** What came back for the calls, in order. */
export function seenOf(turns: readonly Turn[]): readonly string[] {
  return turns.filter(({ kind }) => kind === "saw").map(({ text }) => text);
}

/** The last thing that a model said. */
export function endOf(turns: readonly Turn[]): string | undefined {
  return turns.findLast(({ kind }) => kind === "end")?.text;
}
