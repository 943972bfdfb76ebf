/**
 * Models of a few bytes: a graph that adds up its ids and scales them, a vocabulary of a dozen words, and folders of them in memory.
 */
import { createHash } from "node:crypto";
import type { ModelFiles } from "../../../src/infer/runtime/files.ts";

/** ONNX, opset 17: `vectors[b, l] = (input_ids[b, l] + sum of input_ids) * scale`. */
export const tinyModel = Uint8Array.from(
  Buffer.from(
    "CAg6xgEKHwoJaW5wdXRfaWRzEgFmIgRDYXN0KgkKAnRvGAGgAQIKIgoBZhIBcyIJUmVkdWNlU3VtKg8KCGtlZXBkaW1zGAGgAQIKDgoBZgoBcxIBYSIDQWRkChgKAWEKBXNjYWxlEgd2ZWN0b3JzIgNNdWwSBHRpbnlaHQoJaW5wdXRfaWRzEhAKDggHEgoKAxIBYgoDEgFsWhMKBXNjYWxlEgoKCAgBEgQKAggBYhsKB3ZlY3RvcnMSEAoOCAESCgoDEgFiCgMSAWxCBAoAEBE=",
    "base64",
  ),
);

const vocabulary = {
  "[PAD]": 0,
  "[UNK]": 100,
  "[CLS]": 101,
  "[SEP]": 102,
  "[MASK]": 103,
  "(": 1006,
  ")": 1007,
  ",": 1010,
  ":": 1024,
  "=": 1027,
  "[": 1031,
  "]": 1033,
  "|": 1064,
  hello: 7592,
  sep: 19802,
  play: 2377,
  "##ing": 2075,
};

/** A tokenizer of BERT's kind, with other words if asked for. */
export function tinyTokenizer(words: Readonly<Record<string, number>> = vocabulary): string {
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: words[content] ?? 0,
      special: true,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: words,
    },
  });
}

/** The vocabulary with every id moved by one: another model's. */
export const otherVocabulary = Object.fromEntries(Object.entries(vocabulary).map(([word, id]) => [word, id + 1]));

/** Files by name; texts or bytes. */
export type Contents = Readonly<Record<string, string | Uint8Array>>;

/** Everything that models consist of. */
export const tinyContents: Contents = {
  "config.json": '{"format": 1, "dimensions": 384}',
  "tokenizer.json": tinyTokenizer(),
  "tokenizer_config.json": '{"tokenizer_class": "BertTokenizer", "do_lower_case": true}',
  "planner.onnx": tinyModel,
  "retriever.onnx": tinyModel,
  "aliases.json": '{"philly": "Philadelphia"}',
};

/** A manifest of files. */
export function manifestOf(contents: Contents): string {
  const files = Object.entries(contents).map(([name, content]) => {
    const bytes = bytesOf(content);
    return [name, { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length }];
  });
  return JSON.stringify({ files: Object.fromEntries(files) });
}

/** Models in memory, and what was read of them. `replaced`: what is there instead of what the manifest names; `undefined`: nothing. */
export function filesOf(
  contents: Contents,
  replaced: Readonly<Record<string, string | Uint8Array | undefined>> = {},
): ModelFiles & { readonly reads: string[] } {
  const all: Readonly<Record<string, string | Uint8Array | undefined>> = {
    "manifest.json": manifestOf(contents),
    ...contents,
    ...replaced,
  };
  const reads: string[] = [];
  return {
    reads,
    read(name) {
      reads.push(name);
      const content = all[name];
      return Promise.resolve(content === undefined ? undefined : bytesOf(content));
    },
  };
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
