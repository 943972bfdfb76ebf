/**
 * How sure a model was of parts of the JSON text that it wrote, from the log-probabilities of its tokens.
 * Pure. Expects a text that the strict reader has read; says nothing (`undefined`) where tokens and text do not fit together.
 */
import { type Json, isArray, member } from "../../json/value.ts";

/** Probability that a model gave to the text of the value at a path, 0 to 1. */
export type Certainty = (path: readonly (string | number)[]) => number | undefined;

/** One token of an answer, in offsets of the answer's text. */
interface Token {
  readonly start: number;
  readonly end: number;
  readonly logprob: number;
}

/** Place of a value in its text, with those of its parts. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly parts: ReadonlyMap<string | number, Place>;
}

/** What is said of a text of JSON by the tokens (`choices[].logprobs.content`) of the whole answer, in which it begins at `offset`. */
export function certaintyOf(
  json: string,
  { tokens, answer, offset }: { readonly tokens: Json | undefined; readonly answer: string; readonly offset: number },
): Certainty {
  const placed = placeTokens(tokens, answer);
  if (placed === undefined) return () => undefined;
  const root = new Walker(json).value();
  return (path) => {
    let place: Place | undefined = root;
    for (const part of path) place = place?.parts.get(part);
    if (place === undefined) return undefined;
    const [start, end] = [place.start + offset, place.end + offset];
    const inside = placed.filter((token) => token.start < end && token.end > start);
    return Math.exp(inside.reduce((sum, { logprob }) => sum + logprob, 0));
  };
}

function placeTokens(tokens: Json | undefined, answer: string): readonly Token[] | undefined {
  if (!isArray(tokens)) return undefined;
  const placed: Token[] = [];
  let at = 0;
  for (const token of tokens) {
    const text = member(token, "token");
    const logprob = member(token, "logprob");
    if (typeof text !== "string" || typeof logprob !== "number" || !answer.startsWith(text, at)) return undefined;
    placed.push({ start: at, end: at + text.length, logprob: Math.min(0, logprob) });
    at += text.length;
  }
  return at === answer.length ? placed : undefined;
}

/** Goes through a JSON text that is known to be one. A class because it owns a place in the text. */
class Walker {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  value(): Place {
    this.#skip();
    const start = this.#at;
    const parts = new Map<string | number, Place>();
    const first = this.#text[start];
    if (first === '"') this.#string();
    else if (first === "[") this.#elements(parts);
    else if (first === "{") this.#members(parts);
    else this.#at = this.#match(/[^\s,\]}]*/y);
    return { start, end: this.#at, parts };
  }

  #elements(parts: Map<string | number, Place>): void {
    this.#at++;
    for (this.#skip(); this.#at < this.#text.length && this.#text[this.#at] !== "]"; this.#skip()) {
      if (this.#text[this.#at] === ",") this.#at++;
      else parts.set(parts.size, this.value());
    }
    this.#at++;
  }

  #members(parts: Map<string | number, Place>): void {
    this.#at++;
    for (this.#skip(); this.#at < this.#text.length && this.#text[this.#at] !== "}"; this.#skip()) {
      if (this.#text[this.#at] === ",") {
        this.#at++;
        continue;
      }
      const start = this.#at;
      this.#string();
      // Names of the answer's members have no escapes; one that has is not looked for.
      const name = this.#text.slice(start + 1, this.#at - 1);
      this.#skip();
      this.#at++;
      parts.set(name, this.value());
    }
    this.#at++;
  }

  #string(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at++;
  }

  #skip(): void {
    this.#at = this.#match(/\s*/y);
  }

  #match(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    pattern.test(this.#text);
    return Math.max(this.#at, pattern.lastIndex);
  }
}
