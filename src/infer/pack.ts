/**
 * What the planner's encoder reads: the task and the tools that may be called, in one row of sub-words, with the places of everything
 * that a decision is made about. Two packs, after Zhang et al. 2023 ("packed" encoding): one to choose tools, one to fill their arguments.
 * Pure. The position ids start anew at every tool, so that the order of tools carries no signal. Never cuts a word in two.
 */
import type { Json } from "../json/value.ts";
import { type Pieces, piece, type TaskWord, taskWords } from "./pieces.ts";
import type { DraftOutput, DraftParam, DraftTool, ValueType } from "./tools.ts";

/** Places in a pack: first sub-word, and the one behind the last. */
export type Span = readonly [start: number, end: number];

/** What both packs have. */
interface Pack {
  /** Sub-word ids, position ids and segments (0: task, 1: tools); equally long. */
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly segments: readonly number[];
  readonly words: readonly TaskWord[];
  readonly wordSpans: readonly Span[];
}

/** Task and candidates: which of these tools does the task ask for? */
export interface SelectPack extends Pack {
  /** Those candidates that found room, in the given order. */
  readonly tools: readonly DraftTool[];
  readonly toolSpans: readonly Span[];
}

/** One call whose arguments are to be filled: the same tool may be called several times. */
export interface PackedCall {
  readonly tool: DraftTool;
  /** Which call of this tool it is (from 0), in the order in which the task mentions them. */
  readonly ordinal: number;
}

/** An argument of a call in a pack. */
export interface PackedParam {
  readonly call: number;
  readonly param: DraftParam;
}

/** A listed value of an argument in a pack; `param` is the row of `params`. */
export interface PackedValue {
  readonly param: number;
  readonly value: Json;
}

/** A result of a call in a pack, or a named part of it. */
export interface PackedOutput {
  readonly call: number;
  /** Absent: the result as a whole. */
  readonly output?: DraftOutput;
}

/** Task and calls: where does each argument come from? */
export interface FillPack extends Pack {
  readonly calls: readonly PackedCall[];
  readonly callSpans: readonly Span[];
  readonly params: readonly PackedParam[];
  readonly paramSpans: readonly Span[];
  readonly values: readonly PackedValue[];
  readonly valueSpans: readonly Span[];
  readonly outputs: readonly PackedOutput[];
  readonly outputSpans: readonly Span[];
}

/** Bounds of a pack, in sub-words unless said otherwise. The training code packs with the same. */
export const packLimits = {
  taskPieces: 176,
  selectPieces: 384,
  fillPieces: 448,
  toolNamePieces: 12,
  selectDescriptionPieces: 24,
  fillDescriptionPieces: 10,
  paramNamePieces: 6,
  paramDescriptionPieces: 12,
  valuePieces: 5,
  outputPieces: 4,
  /** Counts, not sub-words. */
  selectParams: 4,
  fillParams: 16,
  values: 12,
  outputs: 8,
} as const;

/** Tools start at this position, behind the longest task. */
const toolPosition = 200;
const positionMax = 511;

/** Words for the calls of one tool, and for the kinds of values; anything else is not said. */
const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
const kinds: Readonly<Record<ValueType, string>> = {
  string: "",
  number: "number",
  integer: "number",
  boolean: "yes or no",
  array: "list",
  object: "object",
};

interface Row {
  readonly ids: number[];
  readonly positions: number[];
  readonly segments: number[];
}

function startRow(
  task: string,
  pieces: Pieces,
): { readonly row: Row; readonly words: readonly TaskWord[]; readonly wordSpans: readonly Span[] } {
  const words = taskWords(task, { pieces, piecesMax: packLimits.taskPieces });
  const ids: number[] = [piece.start];
  const wordSpans: Span[] = [];
  for (const word of words) {
    wordSpans.push([ids.length, ids.length + word.pieces.length]);
    ids.push(...word.pieces);
  }
  ids.push(piece.end);
  return { row: { ids, positions: ids.map((_, at) => at), segments: ids.map(() => 0) }, words, wordSpans };
}

function addSegment(row: Row, ids: readonly number[]): void {
  for (const [at, id] of ids.entries()) {
    row.ids.push(id);
    row.positions.push(Math.min(positionMax, toolPosition + at));
    row.segments.push(1);
  }
}

/** Bounds of one pack of candidates, where they are other than those of {@link packLimits}. */
export interface SelectOptions {
  readonly pieces: Pieces;
  /** Sub-words of a tool's description. */
  readonly descriptionPieces?: number;
  /** Sub-words in all. */
  readonly piecesMax?: number;
}

/** The pack that tools are chosen with. Candidates are taken in order while there is room. */
export function packSelect(task: string, tools: readonly DraftTool[], options: SelectOptions): SelectPack {
  const { pieces, descriptionPieces = packLimits.selectDescriptionPieces, piecesMax = packLimits.selectPieces } = options;
  const { row, words, wordSpans } = startRow(task, pieces);
  const kept: DraftTool[] = [];
  const toolSpans: Span[] = [];
  for (const tool of tools) {
    const ids = [
      ...pieces(tool.words).slice(0, packLimits.toolNamePieces),
      piece.colon,
      ...pieces(tool.description.slice(0, 200)).slice(0, descriptionPieces),
    ];
    const needed = tool.params.filter(({ isRequired }) => isRequired);
    for (const { words: name } of (needed.length > 0 ? needed : tool.params).slice(0, packLimits.selectParams)) {
      ids.push(piece.comma, ...pieces(name).slice(0, 4));
    }
    ids.push(piece.end);
    if (row.ids.length + ids.length > piecesMax) continue;
    toolSpans.push([row.ids.length, row.ids.length + ids.length - 1]);
    kept.push(tool);
    addSegment(row, ids);
  }
  return { ...row, words, wordSpans, tools: kept, toolSpans };
}

/** How a listed value reads: booleans as words, identifiers as words. */
export function valueWords(value: Json): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "string") return typeof value === "number" ? String(value) : "";
  return identifierLike(value);
}

function identifierLike(value: string): string {
  return value
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/_+/g, " ")
    .trim();
}

/** The rows of one call before they have a place in the pack. */
interface Segment {
  readonly ids: number[];
  readonly headEnd: number;
  readonly params: { readonly param: DraftParam; readonly span: Span }[];
  readonly values: { readonly param: number; readonly value: Json; readonly span: Span }[];
  readonly outputs: { readonly output: DraftOutput; readonly span: Span }[];
}

function segmentOf(
  call: PackedCall,
  options: {
    readonly pieces: Pieces;
    readonly room: number;
    readonly isRepeated: boolean;
    readonly outputs: readonly DraftOutput[];
  },
): Segment {
  const { pieces, room, isRepeated, outputs } = options;
  const { tool } = call;
  const ids = [...pieces(tool.words).slice(0, packLimits.toolNamePieces)];
  if (isRepeated) ids.push(piece.open, ...pieces(ordinals[Math.min(call.ordinal, ordinals.length - 1)] ?? ""), piece.close);
  ids.push(piece.colon, ...pieces(tool.description.slice(0, 120)).slice(0, packLimits.fillDescriptionPieces));
  const segment: Segment = { ids, headEnd: ids.length, params: [], values: [], outputs: [] };
  const outputRoom = Math.min(outputs.length, packLimits.outputs) * 3;
  for (const param of tool.params.slice(0, packLimits.fillParams)) {
    if (!addParam(segment, param, { pieces, room: room - outputRoom - 1 })) break;
  }
  for (const output of outputs.slice(0, packLimits.outputs)) {
    const words = pieces(output.words).slice(0, packLimits.outputPieces);
    if (words.length === 0 || ids.length + words.length + 2 > room) continue;
    ids.push(segment.outputs.length === 0 ? piece.equals : piece.comma);
    segment.outputs.push({ output, span: [ids.length, ids.length + words.length] });
    ids.push(...words);
  }
  ids.push(piece.end);
  return segment;
}

function addParam(
  segment: Segment,
  param: DraftParam,
  { pieces, room }: { readonly pieces: Pieces; readonly room: number },
): boolean {
  const ids = [
    piece.bar,
    ...pieces(param.words).slice(0, packLimits.paramNamePieces),
    ...pieces(kinds[param.type]),
    ...pieces(param.description.slice(0, 100)).slice(0, packLimits.paramDescriptionPieces),
  ];
  const base = segment.ids.length;
  const spanEnd = base + ids.length;
  const values: { readonly value: Json; readonly span: Span }[] = [];
  if (param.listed.length <= packLimits.values) {
    for (const value of param.listed) {
      const words = pieces(valueWords(value)).slice(0, packLimits.valuePieces);
      if (words.length === 0) continue;
      ids.push(values.length === 0 ? piece.equals : piece.comma);
      values.push({ value, span: [base + ids.length, base + ids.length + words.length] });
      ids.push(...words);
    }
  }
  if (base + ids.length > room) return false;
  const at = segment.params.length;
  segment.params.push({ param, span: [base + 1, spanEnd] });
  for (const { value, span } of values) segment.values.push({ param: at, value, span });
  segment.ids.push(...ids);
  return true;
}

/**
 * The pack that arguments are filled with. `calls` in the order in which the task mentions them (calls of one tool in order of `ordinal`).
 * Parts of results are packed only where there are several calls, the likeliest for the arguments of the others first.
 */
export function packFill(task: string, calls: readonly PackedCall[], { pieces }: { readonly pieces: Pieces }): FillPack {
  const { row, words, wordSpans } = startRow(task, pieces);
  const pack = {
    calls: [] as PackedCall[],
    callSpans: [] as Span[],
    params: [] as PackedParam[],
    paramSpans: [] as Span[],
    values: [] as PackedValue[],
    valueSpans: [] as Span[],
    outputs: [] as PackedOutput[],
    outputSpans: [] as Span[],
  };
  let left = calls.length;
  for (const call of calls) {
    const isRepeated = calls.some((other) => other !== call && other.tool.name === call.tool.name);
    const free = packLimits.fillPieces - row.ids.length;
    // What earlier calls leave is shared out, so that a tool with many arguments does not push the next one out.
    const room = Math.max(Math.floor(free / left), Math.min(free, 96));
    left -= 1;
    const outputs = calls.length > 1 ? likelyOutputs(call, calls) : [];
    const segment = segmentOf(call, { pieces, room, isRepeated, outputs });
    if (row.ids.length + segment.ids.length > packLimits.fillPieces) continue;
    place(segment, { call, row, pack });
  }
  return { ...row, words, wordSpans, ...pack };
}

interface PackRows {
  readonly calls: PackedCall[];
  readonly callSpans: Span[];
  readonly params: PackedParam[];
  readonly paramSpans: Span[];
  readonly values: PackedValue[];
  readonly valueSpans: Span[];
  readonly outputs: PackedOutput[];
  readonly outputSpans: Span[];
}

function place(
  segment: Segment,
  { call, row, pack }: { readonly call: PackedCall; readonly row: Row; readonly pack: PackRows },
): void {
  const base = row.ids.length;
  const moved = ([start, end]: Span): Span => [base + start, base + end];
  const index = pack.calls.length;
  const firstParam = pack.params.length;
  pack.calls.push(call);
  pack.callSpans.push([base, base + segment.headEnd]);
  for (const { param, span } of segment.params) {
    pack.params.push({ call: index, param });
    pack.paramSpans.push(moved(span));
  }
  for (const { param, value, span } of segment.values) {
    pack.values.push({ param: firstParam + param, value });
    pack.valueSpans.push(moved(span));
  }
  pack.outputs.push({ call: index });
  pack.outputSpans.push([base, base + segment.headEnd]);
  for (const { output, span } of segment.outputs) {
    pack.outputs.push({ call: index, output });
    pack.outputSpans.push(moved(span));
  }
  addSegment(row, segment.ids);
}

/** The parts of a call's result, those first that look like what other calls need. */
function likelyOutputs(call: PackedCall, calls: readonly PackedCall[]): readonly DraftOutput[] {
  const needs = calls.filter((other) => other !== call).flatMap(({ tool }) => tool.params);
  const scored = call.tool.outputs.map((output) => ({
    output,
    score: needs.reduce((best, param) => Math.max(best, nameMatch(param, output) + 0.1 * typeMatch(param, output)), 0),
  }));
  return scored.toSorted((one, other) => other.score - one.score).map(({ output }) => output);
}

/** How alike an argument's and an output's names are, 0 to 1: the same words 1, else the share of common words. */
export function nameMatch(param: DraftParam, output: DraftOutput): number {
  if (param.words === output.words) return 1;
  const ours = distinctWords(param.words);
  const theirs = distinctWords(output.words);
  const common = ours.filter((word) => theirs.includes(word)).length;
  return (0.7 * common) / Math.max(1, ours.length + theirs.length - common);
}

/** Names that were split; a pack compares each with every other one. */
const splitNames = new Map<string, readonly string[]>();
const splitNamesMax = 8_192;

function distinctWords(name: string): readonly string[] {
  let words = splitNames.get(name);
  if (words === undefined) {
    words = [...new Set(name.split(" "))];
    if (splitNames.size >= splitNamesMax) splitNames.clear();
    splitNames.set(name, words);
  }
  return words;
}

/** Whether an output has the type that an argument needs: 1 it has, 0 it may (text takes and gives anything), -1 it has another. */
export function typeMatch(param: DraftParam, output: DraftOutput): number {
  const numeric = (type: ValueType): boolean => type === "number" || type === "integer";
  if (param.type === output.type || (numeric(param.type) && numeric(output.type))) return 1;
  if (param.type === "array" && output.path.includes("[]")) return 1;
  return param.type === "string" || output.type === "string" ? 0 : -1;
}
