/**
 * Splits tool names, argument names and descriptions into lower-case words, for inference.
 * Pure. Never decides anything, and never looks beyond ASCII letters: what it does not know stays unknown.
 */

/**
 * The ASCII words of a name, in lower case, split at case changes, digits and punctuation:
 * `GmailSendEmail2` → gmail, send, email; `HTTPServer_url` → http, server, url.
 */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

/** One word of running text, and whether a verb may stand there: at a start, or after punctuation or a conjunction. */
export interface TextWord {
  readonly word: string;
  readonly leads: boolean;
}

const conjunctions: ReadonlySet<string> = new Set(["and", "or", "then", "also"]);

/** The words of running text with the places where a sentence or a clause begins. Conjunctions are left out. */
export function clausesOf(text: string): readonly TextWord[] {
  const found: TextWord[] = [];
  let leads = true;
  for (const [token] of text.toLowerCase().matchAll(/[a-z]+|[.,;:!?\n()]/g)) {
    if (conjunctions.has(token) || !/^[a-z]/.test(token)) {
      leads = true;
      continue;
    }
    found.push({ word: token, leads });
    leads = false;
  }
  return found;
}

/** The dictionary forms that an English verb form may have: `sends` → sends, send; `notifies` → …, notify. */
export function verbForms(word: string): readonly string[] {
  const forms = [word];
  if (word.endsWith("ies")) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith("es")) forms.push(word.slice(0, -2));
  if (word.endsWith("s")) forms.push(word.slice(0, -1));
  return forms;
}
