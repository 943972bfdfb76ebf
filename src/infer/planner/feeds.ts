/**
 * Packs as the tensors that the networks take, and what they answer as plain numbers again.
 * Pure. Knows names and shapes only; never what a decision is.
 */
import type { FillFeatures } from "../features.ts";
import { InferError } from "../infer-error.ts";
import type { FillPack, SelectPack, Span } from "../pack.ts";
import type { Answer, Tensor } from "../runtime/tensor.ts";
import { toolFeatureWidth } from "./nearness.ts";
import type { RetrievalRow } from "./texts.ts";

/** Inputs of one run. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** Logits over the tools of a pack, over how many different ones are asked for (0 to 8), and over calls of each (1, 2, 3, 4 or more). */
export interface SelectLogits {
  readonly tool: Float32Array;
  readonly cardinality: Float32Array;
  readonly count: readonly Float32Array[];
}

/** Logits of where arguments come from; rows as in the pack. `pair`: first and last word of a span, by what stands between them. */
export interface FillLogits {
  readonly absent: Float32Array;
  readonly start: readonly Float32Array[];
  readonly end: readonly Float32Array[];
  readonly pair: readonly Float32Array[];
  readonly value: Float32Array;
  readonly flow: readonly Float32Array[];
}

/** A row of nothing: the networks take no empty tensor. */
const dummySpans: readonly Span[] = [[0, 1]];

/** Inputs of the planner for choosing tools. `features`: of each tool of the pack, as `toolFeatures` has them. */
export function selectFeeds(pack: SelectPack, features: readonly (readonly number[])[]): Feeds {
  const tool = new Float32Array(Math.max(1, pack.tools.length) * toolFeatureWidth);
  for (const [row, numbers] of features.slice(0, pack.tools.length).entries())
    tool.set(numbers.slice(0, toolFeatureWidth), row * toolFeatureWidth);
  return {
    ...rowFeeds(pack),
    word_spans: spans(pack.wordSpans),
    tool_spans: spans(pack.toolSpans),
    tool_feature: real([1, tool.length / toolFeatureWidth, toolFeatureWidth], tool),
    ...emptyFill(Math.max(1, pack.words.length)),
  };
}

function emptyFill(words: number): Feeds {
  return {
    call_spans: spans([]),
    param_spans: spans([]),
    param_call: whole([0]),
    value_spans: spans([]),
    value_param: whole([0]),
    output_spans: spans([]),
    output_call: whole([0]),
    hint_start: real([1, 1, words]),
    hint_end: real([1, 1, words]),
    match: real([1, 1, 1, 2]),
    value_hit: real([1, 1]),
    param_feature: real([1, 1, 2]),
  };
}

/** Inputs of the planner for filling arguments. */
export function fillFeeds(pack: FillPack, features: FillFeatures): Feeds {
  const [words, params] = [Math.max(1, pack.words.length), Math.max(1, pack.params.length)];
  const [values, outputs] = [Math.max(1, pack.values.length), Math.max(1, pack.outputs.length)];
  const hintStart = new Float32Array(params * words);
  for (const [row, word, hint] of features.startHints) hintStart[row * words + word] = hint;
  const hintEnd = new Float32Array(params * words);
  for (const [row, word, hint] of features.endHints) hintEnd[row * words + word] = hint;
  const match = new Float32Array(params * outputs * 2);
  for (const [row, column, name, type] of features.matches) match.set([name, type], (row * outputs + column) * 2);
  const hits = new Float32Array(values);
  hits.set(features.valueHits);
  const param = new Float32Array(params * 2);
  for (const [row, pair] of features.params.entries()) param.set(pair, row * 2);
  return {
    ...rowFeeds(pack),
    word_spans: spans(pack.wordSpans),
    tool_spans: spans([]),
    tool_feature: real([1, 1, toolFeatureWidth]),
    call_spans: spans(pack.callSpans),
    param_spans: spans(pack.paramSpans),
    param_call: whole(orZero(pack.params.map(({ call }) => call))),
    value_spans: spans(pack.valueSpans),
    value_param: whole(orZero(pack.values.map(({ param: row }) => row))),
    output_spans: spans(pack.outputSpans),
    output_call: whole(orZero(pack.outputs.map(({ call }) => call))),
    hint_start: real([1, params, words], hintStart),
    hint_end: real([1, params, words], hintEnd),
    match: real([1, params, outputs, 2], match),
    value_hit: real([1, values], hits),
    param_feature: real([1, params, 2], param),
  };
}

/** Inputs of the retriever for one row. */
export function retrievalFeeds(row: RetrievalRow): Feeds {
  return {
    input_ids: whole(row.ids),
    attention_mask: whole(row.ids.map(() => 1)),
    token_type_ids: whole(row.ids.map(() => 0)),
    spans: spans(row.spans),
  };
}

interface EncodedRow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly segments: readonly number[];
}

function rowFeeds({ ids, positions, segments }: EncodedRow): Feeds {
  return {
    input_ids: whole(ids),
    position_ids: whole(positions),
    token_type_ids: whole(segments),
    attention_mask: whole(ids.map(() => 1)),
  };
}

function orZero(rows: readonly number[]): readonly number[] {
  return rows.length === 0 ? [0] : rows;
}

function whole(row: readonly number[]): Tensor {
  return { type: "int64", dims: [1, row.length], data: int64(row) };
}

function spans(rows: readonly Span[]): Tensor {
  const given = rows.length === 0 ? dummySpans : rows;
  return { type: "int64", dims: [1, given.length, 2], data: int64(given.flat()) };
}

/** Numbers from 0 to 2^31 - 1 as 64 bits each, written as two halves: a `bigint` for each would cost more than the rest of a pack. */
function int64(row: readonly number[]): BigInt64Array {
  const halves = new Int32Array(row.length * 2);
  for (const [at, number] of row.entries()) halves[at * 2 + lowHalf] = number;
  return new BigInt64Array(halves.buffer);
}

/** Which half of 64 bits comes first on this machine. */
const lowHalf = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

function real(dims: readonly number[], data = new Float32Array(dims.reduce((size, dim) => size * dim, 1))): Tensor {
  return { type: "float32", dims, data };
}

/** What the planner answers to {@link selectFeeds}. Throws `InferError` (`INFER_FORMAT`) if an output is missing or has another shape. */
export function selectLogits(answer: Readonly<Record<string, Answer>>, pack: SelectPack): SelectLogits {
  const tools = Math.max(1, pack.tools.length);
  return {
    tool: output(answer, "tool", [tools]).subarray(0, pack.tools.length),
    cardinality: output(answer, "cardinality", [cardinalities]),
    count: rowsOf(output(answer, "count", [tools, countsMax]), countsMax).slice(0, pack.tools.length),
  };
}

/** Sets of 0 to 8 tools; calls of one tool are counted up to 4. */
const cardinalities = 9;
const countsMax = 4;

/** What the planner answers to {@link fillFeeds}. Throws `InferError` (`INFER_FORMAT`) if an output is missing or has another shape. */
export function fillLogits(answer: Readonly<Record<string, Answer>>, pack: FillPack): FillLogits {
  const [words, params] = [Math.max(1, pack.words.length), Math.max(1, pack.params.length)];
  const [values, outputs] = [Math.max(1, pack.values.length), Math.max(1, pack.outputs.length)];
  return {
    absent: output(answer, "absent", [params]),
    start: rowsOf(output(answer, "start", [params, words]), words),
    end: rowsOf(output(answer, "end", [params, words]), words),
    pair: rowsOf(output(answer, "pair", [words, words]), words),
    value: output(answer, "value", [values]),
    flow: rowsOf(output(answer, "flow", [params, outputs]), outputs),
  };
}

/** The vectors that the retriever answers, one for each span of the row. Throws `InferError` (`INFER_FORMAT`). */
export function vectorsOf(answer: Readonly<Record<string, Answer>>, row: RetrievalRow): readonly Float32Array[] {
  const { dims = [], data = new Float32Array() } = answer.vectors ?? {};
  const [batch, count, width] = dims;
  if (
    batch !== 1 ||
    count !== row.spans.length ||
    width === undefined ||
    width === 0 ||
    data.length !== count * width ||
    !data.every(Number.isFinite)
  )
    throw malformed("vectors");
  return rowsOf(data, width);
}

function output(answer: Readonly<Record<string, Answer>>, name: string, shape: readonly number[]): Float32Array {
  const found = answer[name];
  const dims = [1, ...shape];
  if (found === undefined || found.dims.length !== dims.length || dims.some((dim, at) => dim !== found.dims[at]))
    throw malformed(name);
  // A logit that is no number is a broken network: its probabilities would be, too, and all comparisons with them false.
  if (found.data.length !== dims.reduce((size, dim) => size * dim, 1)) throw malformed(name);
  for (const logit of found.data) if (Number.isNaN(logit)) throw malformed(name);
  return found.data;
}

function malformed(name: string): InferError {
  return new InferError(
    "INFER_FORMAT",
    `the network's output \`${name}\` is not what this version reads: models and code do not belong together`,
  );
}

function rowsOf(data: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}
