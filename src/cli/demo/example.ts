/**
 * Reads an example of `plans/`: its plan, frozen, its recorded runs, and the verdict that each call of them gets.
 * Never part of the published package: without the folder it refuses in one line.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Trace } from "../../learn/learn.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { readCatalogueFile, readTraceFile, readValue, refuseInput } from "../read/input.ts";
import { loadPlan } from "../read/plan-file.ts";

/** The verdict that a call is expected to get. */
export interface Expected {
  readonly verdict: "allow" | "deny";
  readonly code: string | null;
}

/** One recorded run. */
export interface Run {
  /** The file's name. */
  readonly file: string;
  readonly trace: Trace;
  readonly expected: readonly Expected[];
  readonly params: JsonObject;
}

/** An example. */
export interface Example {
  /** The folder, as an absolute path. */
  readonly folder: string;
  readonly frozen: FrozenPlan;
  /** The benign run first. */
  readonly runs: readonly Run[];
}

/** Reads `plans/<name>`. Exit 2 if it is not there or not whole. */
export async function readExample(name: string): Promise<Example> {
  const folder = fileURLToPath(new URL(`../../../plans/${name}/`, import.meta.url));
  if (!existsSync(folder)) refuseInput(folder, "the example is not there: this needs a checkout, not the package");
  const file = (part: string): string => join(folder, part);
  const catalogue = await readCatalogueFile(file("catalogue.json"));
  const { frozen } = await loadPlan(file("plan.yaml"), catalogue);
  const expected = await readValue(file("expected.json"));
  const params = await readValue(file("params.json"));
  const names = readdirSync(folder).filter((each) => each.endsWith(".jsonl"));
  const runs: Run[] = [];
  for (const each of names.sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))) {
    runs.push({
      file: each,
      trace: await readTraceFile(file(each)),
      expected: expectedOf(file("expected.json"), member(expected, each)),
      params: paramsOf(member(params, each) ?? member(params, "*")),
    });
  }
  return { folder, frozen, runs };
}

function rankOf(file: string): number {
  return file.startsWith("attack-") ? 1 : 0;
}

function paramsOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function expectedOf(source: string, value: Json | undefined): readonly Expected[] {
  if (!isArray(value)) return refuseInput(source, "each run has a list of verdicts here");
  return value.map((each): Expected => {
    const [verdict, code] = [member(each, "verdict"), member(each, "code")];
    const isVerdict = (verdict === "allow" && code === null) || (verdict === "deny" && typeof code === "string");
    return isVerdict ? { verdict, code } : refuseInput(source, "a verdict is `allow` with the code null, or `deny` with a code");
  });
}
