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

/** Words whose sub-words are kept, and the longest that is: one entry is some 200 bytes. */
const keptWordsMax = 32_768;
const keptWordCharsMax = 64;

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

/** Splits a text, and remembers its words. */
function keptPieces(encode: (word: string) => readonly number[]): Pieces {
  const kept = new Map<string, readonly number[]>();
  return (text) => {
    const ids: number[] = [];
    for (const [word] of text.matchAll(parts)) {
      let found = kept.get(word);
      if (found === undefined) {
        // The reference lowers letters one by one, where JavaScript knows the sigma at the end of a Greek word.
        found = encode(word.replaceAll("Σ", "σ"));
        if (word.length <= keptWordCharsMax) {
          // Words come back often or never: starting anew costs less than keeping count of their use.
          if (kept.size >= keptWordsMax) kept.clear();
          kept.set(word, found);
        }
      }
      for (const id of found) ids.push(id);
    }
    return ids;
  };
}
