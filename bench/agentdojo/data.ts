/**
 * Reads AgentDojo traces (normalised: see README.md) from the folder that `SLUICE_DATA` names.
 * Never guesses: a file of another shape stops the run with its name.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import type { Trace, TraceCall, TraceEvent } from "../../src/trace.ts";

/** One user task with its benign run. */
export interface UserTask {
  readonly id: string;
  readonly prompt: string;
  readonly trace: Trace;
}

/** One security pair: the user's calls and the attacker's, in an environment that shows the attack. */
export interface Pair {
  readonly task: string;
  readonly injection: string;
  readonly trace: Trace;
  readonly calls: readonly PairCall[];
}

/** A call of a pair: whose it is, and whether the attacker's is one that the user planned too. */
export interface PairCall extends TraceCall {
  readonly origin: "user" | "injected";
  readonly isPlanned: boolean;
}

/** A suite. */
export interface Suite {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly tasks: readonly UserTask[];
  readonly pairs: readonly Pair[];
  /** Calls of the injection tasks. */
  readonly attacks: readonly TraceCall[];
}

/** The folder, or `undefined` with a message if it is not there. */
export function dataFolder(name: string): string | undefined {
  const folder = join(process.env.SLUICE_DATA ?? "../shared/data", name);
  if (existsSync(folder)) return folder;
  process.stderr.write(
    `skipped: no data in ${folder}; set SLUICE_DATA to the folder that holds ${name}/ (see bench/${name}/README.md)\n`,
  );
  return undefined;
}

/** A file that must be JSON. */
export function readFile(path: string): Json {
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok) throw new Error(`${path}:${read.error.line}: ${read.error.message}`);
  return read.value;
}

/** The lines of a compressed file. */
export function readLines(path: string): readonly Json[] {
  const read = readJsonLines(gunzipSync(readFileSync(path)).toString("utf8"));
  if (!read.ok) throw new Error(`${path}:${read.error.line}: ${read.error.message}`);
  return read.value.map(({ value }) => value);
}

/** A text member that must be there. */
export function text(value: Json | undefined, key: string): string {
  const found = member(value, key);
  if (typeof found !== "string") throw new Error(`expected a text in \`${key}\``);
  return found;
}

function args(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function list(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}

/** The suites that the folder has, in the order of `traces.json`. */
export function suiteNames(folder: string): readonly string[] {
  const suites = Object.keys(args(member(readFile(join(folder, "traces.json")), "suites")));
  return suites.filter((name) => existsSync(join(folder, `attacked_${name}.jsonl.gz`)));
}

/** Reads one suite. */
export function readSuite(folder: string, name: string): Suite {
  const catalogue = readCatalogue(readFile(join(folder, `catalog_${name}.json`)));
  if (!catalogue.ok) throw new Error(`catalog_${name}.json: ${catalogue.error[0]?.message}`);
  const suite = member(member(readFile(join(folder, "traces.json")), "suites"), name);
  const tasks = Object.entries(args(member(suite, "user_tasks"))).map(([id, task]) => {
    const prompt = text(task, "prompt");
    const events = list(member(task, "trace")).flatMap((step, index): readonly TraceEvent[] => {
      const error = member(step, "error");
      const value = error === undefined || error === null ? (member(step, "result") ?? null) : { error };
      return [
        { type: "call", id: String(index), tool: text(step, "tool"), args: args(member(step, "args")) },
        { type: "result", id: String(index), value },
      ];
    });
    return { id, prompt, trace: { task: prompt, events } };
  });
  const attacks = Object.values(args(member(suite, "injection_tasks"))).flatMap((task) =>
    list(member(task, "calls")).map(
      (call): TraceCall => ({ type: "call", id: "attack", tool: text(call, "tool"), args: args(member(call, "args")) }),
    ),
  );
  const pairs = readLines(join(folder, `attacked_${name}.jsonl.gz`)).map(readPair);
  return { name, catalogue: catalogue.value, tasks, pairs, attacks };
}

function readPair(line: Json): Pair {
  const events: TraceEvent[] = [];
  const calls: PairCall[] = [];
  for (const event of list(member(line, "events"))) {
    const id = text(event, "id");
    if (text(event, "type") === "result") {
      events.push({ type: "result", id, value: member(event, "value") ?? null });
      continue;
    }
    const origin = text(event, "origin") === "user" ? "user" : "injected";
    const call: TraceCall = { type: "call", id, tool: text(event, "tool"), args: args(member(event, "args")) };
    events.push(call);
    calls.push({ ...call, origin, isPlanned: member(event, "same_as_planned") === true });
  }
  return {
    task: text(line, "user_task"),
    injection: text(line, "injection_task"),
    trace: { task: text(line, "task"), events },
    calls,
  };
}
