/**
 * Yes or no, from words: `yes`, `without`, or words of the argument itself.
 * Pure. Never takes silence for a no.
 */
import type { DraftParam } from "../tools.ts";
import { tokensOf } from "./tokens.ts";

const yes = new Set(
  "yes true yeah yep yup sure ok okay correct please definitely absolutely must need needs want wants with include includes including enable enabled on allow allows allowed only also y t 1".split(
    " ",
  ),
);
const no = new Set(
  "no not false nope nah never none without exclude excludes excluding disable disabled off except skip avoid cannot neither nor n f 0".split(
    " ",
  ),
);
const negations = new Set([
  "don",
  "doesn",
  "didn",
  "isn",
  "aren",
  "won",
  "shouldn",
  "can",
  "dont",
  "doesnt",
  "isnt",
  "wont",
  "cant",
]);

/** Whether words say yes or no to an argument; `undefined` if they say neither. */
export function truthOf(said: string, param: DraftParam): boolean | undefined {
  const words = tokensOf(said)
    .filter(({ kind }) => kind !== "mark")
    .map(({ text }) => text);
  const isNegated = words.some(
    (word, at) => no.has(word) || (negations.has(word) && (words[at + 1] === "t" || word.endsWith("t"))),
  );
  if (isNegated) return isDenial(param) && !words.every((word) => no.has(word)) ? mentions(words, param) || undefined : false;
  if (words.some((word) => yes.has(word))) return true;
  return mentions(words, param) ? true : undefined;
}

/** An argument that is itself a no: `no_fees`, `exclude_drafts`, `non_smoking`. */
function isDenial({ words }: DraftParam): boolean {
  return /\b(?:no|non|not|exclude|without|disable|skip|ignore)\b/.test(words);
}

/** Whether the text has a word of the argument's name, but for words that every such name has. */
function mentions(words: readonly string[], param: DraftParam): boolean {
  const own = param.words.split(" ").filter((word) => word.length > 2 && !common.has(word));
  return own.some((word) =>
    words.some((said) => said.length > 2 && (said.startsWith(word.slice(0, 5)) || word.startsWith(said))),
  );
}

const common = new Set(
  "has have are was the for show include includes is allow allowed enable enabled use with need needs want should can only".split(
    " ",
  ),
);
