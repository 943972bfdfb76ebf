/**
 * What the method and the path of an HTTP request say about its effects (RFC 9110 §9.2.1, safe methods).
 * Pure. Never takes an effect away that the words of the operation tell: a safe method is a promise of the server.
 */
import type { Effect } from "../../plan/plan.ts";
import type { EffectReason } from "../effects.ts";
import { actors, moneyWords } from "../verbs.ts";
import { verbForms, wordsOf } from "../words.ts";

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]);

/** The words of a path that stand for the name of an operation without one: what is not in braces. */
export function wordsFor(path: string): string {
  return path.replace(/\{[^{}]*\}/g, " ");
}

/** Effects by method: all use the network, safe ones read, the others write; writing to something whose name is a message or money is that. */
export function knownEffects({
  method,
  path,
  words,
}: {
  readonly method: string;
  readonly path: string;
  readonly words: string;
}): readonly EffectReason[] {
  const because = `the method ${/^[A-Z]{1,16}$/.test(method) ? method : "is not known"}`;
  const isSafe = safe.has(method);
  const known: EffectReason[] = [
    { effect: isSafe ? "read" : "write", because },
    { effect: "network", because },
  ];
  if (isSafe) return known;
  for (const word of [...wordsOf(wordsFor(path)), ...wordsOf(words)]) {
    const forms = verbForms(word);
    const isMoney = forms.some((form) => moneyWords.has(form) || means(form, "money"));
    const isMessage = forms.some((form) => means(form, "message"));
    if (isMoney) known.push({ effect: "money", because: `it writes, and its path or name says \`${word}\`` });
    if (isMessage && word !== "post")
      known.push({ effect: "message", because: `it writes, and its path or name says \`${word}\`` });
  }
  return known;
}

function means(form: string, effect: Effect): boolean {
  return actors.get(form)?.includes(effect) === true;
}
