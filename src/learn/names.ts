/**
 * Names that a learned plan gives to parameters, and what names of arguments and members say.
 * Pure. Never makes a name that an expression cannot write.
 */
import { wordsOf } from "../catalogue/words.ts";
import { isKeyword, slugOf } from "../plan/names.ts";

/** The name of a parameter for an argument: as {@link slugOf}, but functions and nodes are no obstacle; one of several is in the singular. */
export function paramNameOf(argument: string, isMember: boolean): string {
  const slug = slugOf(argument).replace(/^n_(?=[a-z])/, "");
  const name = isMember && /[^s]s$/.test(slug) ? slug.slice(0, -1) : slug;
  return isKeyword(name) ? `n_${name}` : name;
}

/** Whether a name is that of an identifier (`id`, `email_id`, `fileId`, `id_`, `uuid`). */
export function isIdName(name: string): boolean {
  const last = wordsOf(name).at(-1) ?? "";
  return last === "id" || last === "ids" || last === "uuid" || last === "key";
}

/** Whether two names share a word of three letters or more. */
export function shareWord(a: string, b: string): boolean {
  const words = new Set(wordsOf(a));
  return wordsOf(b).some((word) => word.length >= 3 && words.has(word));
}
