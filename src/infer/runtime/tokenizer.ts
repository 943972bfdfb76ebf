/**
 * Texts → sub-word ids by the vocabulary of the models, through the tokenizer of Transformers.js.
 * Never lets a text write a special token: `[SEP]` in a task or a description is a bracket, three letters and a bracket.
 */
import { readJsonBytes } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";
import { InferError } from "../infer-error.ts";
import { type Pieces, piece } from "../pieces.ts";

/** What is used of the library. */
interface Tokenizer {
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: readonly number[] } | readonly number[];
}

/** Words and texts whose sub-words are kept, and the longest of each: at most some 20 MB. */
const keptMax = 16_384;
const keptWordCharsMax = 64;
const keptTextCharsMax = 256;

/**
 * The function that splits texts, from `tokenizer.json` and `tokenizer_config.json`. Rejects with `InferError`: `INFER_NO_RUNTIME`, or
 * `INFER_FORMAT` if the vocabulary is not the one that packs are built with.
 */
export async function loadPieces(tokenizer: Uint8Array, config: Uint8Array): Promise<Pieces> {
  const [vocabulary, settings] = [readJsonBytes(tokenizer), readJsonBytes(config)];
  if (!vocabulary.ok || !settings.ok)
    throw new InferError("INFER_FORMAT", "`tokenizer.json` or `tokenizer_config.json` is no JSON");
  const make = await tokenizerClass();
  let library: Tokenizer;
  try {
    library = make(vocabulary.value, settings.value);
  } catch {
    throw new InferError("INFER_FORMAT", "`tokenizer.json` is no tokenizer that this version reads");
  }
  const pieces = keptPieces((word) => idsOf(library.encode(word, { add_special_tokens: false })));
  const marks: readonly (readonly [string, number])[] = [
    ["(", piece.open],
    [")", piece.close],
    [",", piece.comma],
    [":", piece.colon],
    ["=", piece.equals],
    ["|", piece.bar],
  ];
  if (!marks.every(([mark, id]) => pieces(mark).join() === String(id)))
    throw new InferError("INFER_FORMAT", "`tokenizer.json` has another vocabulary than this version's packs");
  return pieces;
}

function idsOf(encoded: ReturnType<Tokenizer["encode"]>): readonly number[] {
  return "ids" in encoded ? encoded.ids : encoded;
}

/**
 * `@huggingface/tokenizers` is what Transformers.js itself tokenises with, and loads in a tenth of its time; where a package manager hides it,
 * Transformers.js hands it out.
 */
async function tokenizerClass(): Promise<(vocabulary: Json, settings: Json) => Tokenizer> {
  try {
    const { Tokenizer: Fast } = await import("@huggingface/tokenizers");
    return (vocabulary, settings) => new Fast(vocabulary as object, settings as object);
  } catch {
    // Not where this package can see it.
  }
  try {
    const { PreTrainedTokenizer } = await import("@huggingface/transformers");
    return (vocabulary, settings) => new PreTrainedTokenizer(vocabulary as object, settings as object) as unknown as Tokenizer;
  } catch {
    throw new InferError(
      "INFER_NO_RUNTIME",
      "the local planner needs the packages onnxruntime-node and @huggingface/transformers: npm install them",
    );
  }
}

/**
 * What every BERT tokenizer takes apart anyway: brackets, and Han characters beyond 16 bits, which the library joins. Blanks of ASCII separate;
 * what other blanks and control characters do is the library's to know.
 */
const parts =
  /[[\]]|[\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]|[^ \t\n\r[\]\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]+/gu;

/** Splits a text; remembers its words, and short texts as a whole: the names and descriptions of tools come with every task. */
function keptPieces(encode: (word: string) => readonly number[]): Pieces {
  // The reference lowers letters one by one, where JavaScript knows the sigma at the end of a Greek word.
  const words = remembered((word) => encode(word.replaceAll("Σ", "σ")), keptWordCharsMax);
  return remembered((text) => {
    const ids: number[] = [];
    for (const [word] of text.matchAll(parts)) for (const id of words(word)) ids.push(id);
    return ids;
  }, keptTextCharsMax);
}

/** A function of texts that remembers its answers to short ones. They come back often or never: starting anew costs less than counting their use. */
function remembered(split: Pieces, charsMax: number): Pieces {
  const kept = new Map<string, readonly number[]>();
  return (text) => {
    if (text.length > charsMax) return split(text);
    let found = kept.get(text);
    if (found === undefined) {
      found = split(text);
      if (kept.size >= keptMax) kept.clear();
      kept.set(text, found);
    }
    return found;
  };
}
