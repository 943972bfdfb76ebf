/**
 * The vectors of a catalogue's tools: each made once for its text and these weights, kept in memory and, if the host gives a place, beyond it.
 * Never lets the other tools of a catalogue change a vector: they are made one by one, since numbers that are quantised in a batch depend on it,
 * and a draft would depend on what was drafted before.
 */
import { domainDigest } from "../../plan/digest.ts";
import type { Pieces } from "../pieces.ts";
import type { TensorRunner } from "../runtime/tensor.ts";
import type { DraftTool } from "../tools.ts";
import { retrievalFeeds, vectorsOf } from "./feeds.ts";
import { retrievalText, retrievalTool } from "./texts.ts";

/** Where a host keeps vectors beyond the process. What it gives back is checked; what it loses is made again. */
export interface VectorCache {
  /** What is kept under these keys (hexadecimal), in their order. */
  get(keys: readonly string[]): Promise<readonly (Float32Array | undefined)[]>;
  set(entries: readonly { readonly key: string; readonly vector: Float32Array }[]): Promise<void>;
}

/** What makes vectors. */
export interface VectorSource {
  readonly pieces: Pieces;
  readonly retriever: () => Promise<TensorRunner>;
  /** Identity of the weights. */
  readonly digest: string;
  readonly cache?: VectorCache;
}

/** Vectors kept in memory, at 1.5 KB each; a catalogue of more keeps all of its own until the next one comes. */
const keptMax = 16_384;
/** Vectors that are handed to the host's cache at once, so that an interrupted first draft of a large catalogue is not lost. */
const batch = 256;

/** Gives the vectors of tools, in their order. */
export type ToolVectors = (tools: readonly DraftTool[]) => Promise<readonly Float32Array[]>;

/** Vectors of tools, remembered by text; the least recently used go first. */
export function createToolVectors(source: VectorSource): ToolVectors {
  const kept = new Map<string, Float32Array>();
  // One call at a time, so that two drafts do not make the same vectors.
  let last: Promise<unknown> = Promise.resolve();
  return (tools) => {
    const next = last.then(() => vectorsFor(tools.map(retrievalText), { tools, kept, source }));
    last = next.catch(() => undefined);
    return next;
  };
}

interface VectorState {
  readonly tools: readonly DraftTool[];
  readonly kept: Map<string, Float32Array>;
  readonly source: VectorSource;
}

async function vectorsFor(texts: readonly string[], state: VectorState): Promise<readonly Float32Array[]> {
  const { kept, tools } = state;
  const missing = new Map<string, DraftTool>();
  for (const [at, text] of texts.entries()) {
    const tool = tools[at];
    if (tool !== undefined && !kept.has(text)) missing.set(text, tool);
  }
  if (missing.size > 0) await add(missing, state);
  const found = texts.map((text) => kept.get(text) ?? new Float32Array());
  if (kept.size > keptMax || missing.size > 0) forget(kept, { texts });
  return found;
}

/** Moves the texts in use behind the others, then drops from the front. */
function forget(kept: Map<string, Float32Array>, { texts }: { readonly texts: readonly string[] }): void {
  for (const text of texts) {
    const vector = kept.get(text);
    if (vector === undefined) continue;
    kept.delete(text);
    kept.set(text, vector);
  }
  const sizeMax = Math.max(keptMax, texts.length);
  for (const text of kept.keys()) {
    if (kept.size <= sizeMax) return;
    kept.delete(text);
  }
}

async function add(missing: ReadonlyMap<string, DraftTool>, { kept, source }: VectorState): Promise<void> {
  const { cache, digest, pieces } = source;
  const texts = [...missing.keys()];
  const keys = cache === undefined ? [] : texts.map((text) => keyOf(text, digest));
  const stored = cache === undefined ? [] : await readCache(cache, keys);
  let made: { key: string; vector: Float32Array }[] = [];
  let runner: TensorRunner | undefined;
  for (const [at, [text, tool]] of [...missing].entries()) {
    const known = stored[at];
    if (known !== undefined && isVector(known)) {
      kept.set(text, known);
      continue;
    }
    runner ??= await source.retriever();
    const row = retrievalTool(tool, { pieces });
    const [vector = new Float32Array()] = vectorsOf(await runner.run(retrievalFeeds(row)), row);
    // Not a view of the run's memory.
    const own = vector.slice();
    kept.set(text, own);
    made.push({ key: keys[at] ?? "", vector: own });
    if (cache !== undefined && made.length >= batch) {
      await writeCache(cache, made);
      made = [];
    }
  }
  if (cache !== undefined && made.length > 0) await writeCache(cache, made);
}

/** Digest of what a vector is made of. */
function keyOf(text: string, digest: string): string {
  return domainDigest("tool-vector", `${digest}\n${text}`);
}

/** A cache that fails is a cache that has nothing. */
async function readCache(cache: VectorCache, keys: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
  try {
    return await cache.get(keys);
  } catch {
    return [];
  }
}

async function writeCache(
  cache: VectorCache,
  entries: readonly { readonly key: string; readonly vector: Float32Array }[],
): Promise<void> {
  try {
    await cache.set(entries);
  } catch {
    // The next process makes them again.
  }
}

/** Width of the networks' vectors. */
const width = 384;

/** Whether these numbers can be a vector that the retriever made: as many as it makes, and of length 1. */
function isVector(vector: Float32Array): boolean {
  if (vector.length !== width) return false;
  let square = 0;
  for (const number of vector) square += number * number;
  return Math.abs(square - 1) < 1e-2;
}
