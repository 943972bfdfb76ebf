/**
 * Reads the rows of the data sets that weights are trained on: gzipped JSON lines, one task with its plan each.
 * Never opens a development set.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readJson } from "../../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";

/** The sets that are trained on: files below `plans/train/`. */
export const trainSets = [
  "sgd",
  "traject",
  "sealtools",
  "metatool",
  "stabletoolbench",
  "snips",
  "apibank",
  "taubench_retail",
] as const;

/** One of {@link trainSets}. */
export type TrainSet = (typeof trainSets)[number];

/** A row as it stands in the file. */
export interface Row {
  readonly set: TrainSet;
  readonly id: string;
  readonly task: string;
  /** A catalogue's name, or the tools themselves. */
  readonly catalogue: string | Json;
  readonly nodes: readonly { readonly id: string; readonly tool: string; readonly args: JsonObject }[];
  readonly hasArguments: boolean;
}

/** The folder with `train/` and `catalogs/`, below the folder that `SLUICE_DATA` names. Throws with what to do where it is not there. */
export function plansFolder(): string {
  const folder = join(process.env.SLUICE_DATA ?? "../shared/data", "plans");
  if (!existsSync(join(folder, "train")))
    throw new Error(`no data in ${folder}; set SLUICE_DATA (see models/train/data/README.md)`);
  return folder;
}

/** The rows of a set, in the order of its file. Throws with the line where one cannot be read. */
export function readRows(folder: string, set: TrainSet): readonly Row[] {
  const path = join(folder, "train", `${set}.jsonl.gz`);
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  const rows: Row[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = readJson(line);
    const row = read.ok ? rowOf(read.value, set) : undefined;
    if (row === undefined) throw new Error(`${path}:${index + 1}: not a row of plans`);
    rows.push(row);
  }
  return rows;
}

/** A line as a row; `undefined` where it is none. */
export function rowOf(value: Json, set: TrainSet): Row | undefined {
  const { id, task, catalog, tools } = isObject(value) ? value : {};
  const nodes = member(member(value, "plan"), "nodes");
  const catalogue = catalog ?? tools;
  if (typeof id !== "string" || typeof task !== "string" || catalogue === undefined || !isArray(nodes)) return undefined;
  const read: { id: string; tool: string; args: JsonObject }[] = [];
  for (const node of nodes) {
    const name = member(node, "id");
    const tool = member(node, "tool");
    const args = member(node, "args");
    if (typeof name !== "string" || typeof tool !== "string") return undefined;
    read.push({ id: name, tool, args: isObject(args) ? args : {} });
  }
  return { set, id, task, catalogue, nodes: read, hasArguments: member(value, "args_unlabelled") !== true };
}
