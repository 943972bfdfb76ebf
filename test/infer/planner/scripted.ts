/**
 * A model that says what a test wants: made-up tools, a vocabulary of its own, and logits written by name.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { identityCalibration } from "../../../src/infer/adapt/calibration.ts";
import { type FillPack, type PackedCall, packFill } from "../../../src/infer/pack.ts";
import { type Pieces, piece } from "../../../src/infer/pieces.ts";
import type { FillLogits } from "../../../src/infer/planner/feeds.ts";
import type { Models } from "../../../src/infer/runtime/models.ts";
import type { Answer, Tensor, TensorRunner } from "../../../src/infer/runtime/tensor.ts";
import { type DraftTool, draftTool } from "../../../src/infer/tools.ts";
import type { Json } from "../../../src/json/value.ts";

/** Tools of a catalogue in MCP shape. */
export function toolsOf(...tools: readonly Json[]): readonly DraftTool[] {
  const read = readCatalogue({ tools });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return [...read.value.tools.values()].map(draftTool);
}

/** A tool with arguments by name (`!` behind it: required) and outputs. */
export function tool(name: string, args: Readonly<Record<string, Json>>, outputs: Readonly<Record<string, Json>> = {}): Json {
  const properties = Object.fromEntries(Object.entries(args).map(([key, schema]) => [key.replace("!", ""), schema]));
  const required = Object.keys(args).flatMap((key) => (key.endsWith("!") ? [key.slice(0, -1)] : []));
  return {
    name,
    description: `${name} of a made-up service`,
    inputSchema: { type: "object", properties, required },
    ...(Object.keys(outputs).length === 0 ? {} : { outputSchema: { type: "object", properties: outputs } }),
  };
}

/** One sub-word for each word, one for each mark: ids that are the same in every run. */
export const wordPieces: Pieces = (text) =>
  [...text.matchAll(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)].map(([word]) => {
    if (word === ":") return piece.colon;
    let id = 7;
    for (const unit of word) id = (id * 31 + (unit.codePointAt(0) ?? 0)) % 20_000;
    return 2_000 + id;
  });

/** What the network should find for an argument, by `CALL.PARAM`: the most likely first; each with its logit. */
export type Wish =
  | { readonly words: string; readonly logit: number; readonly from?: number }
  | { readonly value: Json; readonly logit: number }
  | { readonly from: number; readonly output?: string; readonly logit: number }
  | { readonly absent: number };

/** Wishes of one pack: `"0.city": [{ words: "Paris", logit: 8 }]`. What is not wished for is absent. */
export type Wishes = Readonly<Record<string, readonly Wish[]>>;

const never = -20;

/** The logits that say what is wished. */
export function logitsFor(pack: FillPack, wishes: Wishes, task: string): FillLogits {
  const [words, values, outputs] = [pack.words.length, pack.values.length, pack.outputs.length];
  const rows = (width: number): Float32Array[] => pack.params.map(() => new Float32Array(width).fill(never));
  const logits = {
    absent: new Float32Array(pack.params.length).fill(0),
    start: rows(words),
    end: rows(words),
    pair: Array.from({ length: words }, () => new Float32Array(words)),
    value: new Float32Array(values).fill(never),
    flow: rows(outputs),
  };
  for (const [row, { call, param }] of pack.params.entries()) {
    for (const wish of wishes[`${call}.${param.path.join(".")}`] ?? []) fulfil(pack, { logits, row, wish, task });
  }
  return logits;
}

interface WishOptions {
  readonly logits: FillLogits;
  readonly row: number;
  readonly wish: Wish;
  readonly task: string;
}

function fulfil(pack: FillPack, { logits, row, wish, task }: WishOptions): void {
  if ("absent" in wish) logits.absent[row] = wish.absent;
  else if ("words" in wish) {
    const start = task.indexOf(wish.words, wish.from ?? 0);
    const first = pack.words.findIndex((word) => word.start === start);
    const last = pack.words.findIndex((word) => word.end === start + wish.words.length);
    if (start < 0 || first < 0 || last < 0) throw new Error(`the task has no words ${wish.words}`);
    set(logits.start[row], first, wish.logit);
    set(logits.end[row], last, 6);
    set(logits.pair[first], last, 3);
  } else if ("value" in wish) {
    const at = pack.values.findIndex(({ param, value }) => param === row && value === wish.value);
    if (at < 0) throw new Error(`no listed value ${String(wish.value)}`);
    set(logits.value, at, wish.logit);
  } else {
    const at = pack.outputs.findIndex(({ call, output }) => call === wish.from && output?.path.join(".") === wish.output);
    if (at < 0) throw new Error(`no output ${wish.output ?? ""} of ${wish.from}`);
    set(logits.flow[row], at, wish.logit);
  }
}

function set(row: Float32Array | undefined, at: number, value: number): void {
  if (row !== undefined) row[at] = value;
}

/** What a scripted model says. */
export interface Script {
  readonly task: string;
  readonly tools: readonly DraftTool[];
  /** Logits by tool name; -8 if not named. */
  readonly tool: Readonly<Record<string, number>>;
  /** Logits by number of tools; 0 if not named. */
  readonly cardinality?: Readonly<Record<number, number>>;
  /** Calls of a tool: 1 if not named. */
  readonly count?: Readonly<Record<string, number>>;
  readonly wishes?: Wishes;
  /** The calls in the order in which the pack has them: tool names. */
  readonly calls?: readonly string[];
  readonly calibration?: Models["calibration"];
}

/** A retriever to which everything is equally near. */
const indifferent: TensorRunner = {
  run(inputs) {
    const count = inputs.spans?.dims[1] ?? 0;
    return Promise.resolve({ vectors: { dims: [1, count, 1], data: new Float32Array(count).fill(1) } });
  },
  close: () => Promise.resolve(),
};

/** Models that answer by a script. `runs`: what was asked. */
export function scriptedModels(script: Script): { readonly models: Models; readonly runs: Readonly<Record<string, Tensor>>[] } {
  const runs: Readonly<Record<string, Tensor>>[] = [];
  const planner: TensorRunner = {
    run(inputs) {
      runs.push(inputs);
      return Promise.resolve((inputs.tool_spans?.data[1] ?? 0n) === 1n ? fillAnswer(script) : selectAnswer(script));
    },
    close: () => Promise.resolve(),
  };
  const models: Models = {
    digest: "scripted",
    pieces: wordPieces,
    aliases: new Map(),
    calibration: script.calibration ?? identityCalibration,
    planner: () => Promise.resolve(planner),
    retriever: () => Promise.resolve(indifferent),
    close: () => Promise.resolve(),
  };
  return { models, runs };
}

function answer(rows: readonly ArrayLike<number>[] | ArrayLike<number>, shape: readonly number[]): Answer {
  const flat =
    Array.isArray(rows) && rows.every(isRow) ? rows.flatMap((row) => Array.from(row)) : Array.from(rows as ArrayLike<number>);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { dims: [1, ...shape], data: Float32Array.from({ length: size }, (_, at) => flat[at] ?? 0) };
}

function isRow(row: unknown): row is ArrayLike<number> {
  return typeof row === "object" && row !== null;
}

function selectAnswer({ tools, tool: logits, cardinality = {}, count = {} }: Script): Record<string, Answer> {
  const local = (name: string): string => name.replace("local/", "");
  return {
    tool: answer(
      tools.map(({ name }) => logits[local(name)] ?? -8),
      [tools.length],
    ),
    cardinality: answer(
      Array.from({ length: 9 }, (_, size) => cardinality[size] ?? 0),
      [9],
    ),
    count: answer(
      tools.map(({ name }) => [1, 2, 3, 4].map((times) => (times === (count[local(name)] ?? 1) ? 8 : 0))),
      [tools.length, 4],
    ),
  };
}

/** The pack that the planner makes of the script's calls. */
export function packOf({ task, tools, calls = [] }: Pick<Script, "task" | "tools" | "calls">): FillPack {
  const times = new Map<string, number>();
  const packed = calls.map((name): PackedCall => {
    const found = tools.find((one) => one.name === `local/${name}`);
    if (found === undefined) throw new Error(`no tool ${name}`);
    const ordinal = times.get(name) ?? 0;
    times.set(name, ordinal + 1);
    return { tool: found, ordinal };
  });
  return packFill(task, packed, { pieces: wordPieces });
}

function fillAnswer(script: Script): Record<string, Answer> {
  const pack = packOf(script);
  const logits = logitsFor(pack, script.wishes ?? {}, script.task);
  const [words, params] = [Math.max(1, pack.words.length), Math.max(1, pack.params.length)];
  const [values, outputs] = [Math.max(1, pack.values.length), Math.max(1, pack.outputs.length)];
  return {
    absent: answer(logits.absent, [params]),
    start: answer(logits.start, [params, words]),
    end: answer(logits.end, [params, words]),
    pair: answer(logits.pair, [words, words]),
    value: answer(logits.value, [values]),
    flow: answer(logits.flow, [params, outputs]),
  };
}

/** A proposal's calls as lines: `tool(arg=value, arg=#0.path, arg=?)`. */
export function linesOf(proposal: {
  readonly calls: readonly { readonly tool: DraftTool; readonly args: readonly ShownArgument[] }[];
}): readonly string[] {
  return proposal.calls.map(({ tool: { name }, args }) => {
    const shown = args.map(({ path, source }) => {
      const value =
        source.kind === "constant"
          ? JSON.stringify(source.value)
          : source.kind === "ask"
            ? "?"
            : `#${source.call}${source.path.map((part) => `.${part}`).join("")}`;
      return `${path.join(".")}=${value}`;
    });
    return `${name.replace("local/", "")}(${shown.join(", ")})`;
  });
}

interface ShownArgument {
  readonly path: readonly string[];
  readonly source:
    | { readonly kind: "constant"; readonly value: Json }
    | { readonly kind: "result"; readonly call: number; readonly path: readonly string[] }
    | { readonly kind: "ask" };
}
