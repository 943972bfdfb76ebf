/**
 * Which kinds of effects a task asks for, by its words: paying, telling somebody, running something, changing something.
 * Pure. Never says that an effect is allowed: a task that asks for one payment has words for any number of them.
 */
import { actors, moneyWords } from "../../catalogue/verbs.ts";
import { clausesOf, verbForms } from "../../catalogue/words.ts";
import type { Effect } from "../../plan/plan.ts";

/** Effects that somebody should have asked for, worst first. */
export const notableEffects: readonly Effect[] = ["execute", "money", "message", "write"];

/** Words that ask for an effect and are no verbs of tools' names. */
const asking: { readonly [word: string]: Effect } = {
  spend: "money",
  owe: "money",
  tip: "money",
  wire: "money",
  price: "money",
  tell: "message",
  say: "message",
  ask: "message",
  let: "message",
  inform: "message",
  remind: "message",
  contact: "message",
  write: "message",
  letter: "message",
  text: "message",
  launch: "execute",
  compile: "execute",
  script: "execute",
};

/** The notable effects that the words of a task ask for. */
export function askedEffects(task: string): ReadonlySet<Effect> {
  const found = new Set<Effect>();
  for (const { word } of clausesOf(task)) {
    for (const form of [...verbForms(word), word.replace(/(?:ing|ed)$/, ""), word.replace(/(?:ing|ed)$/, "e")]) {
      for (const effect of actors.get(form) ?? []) found.add(effect);
      if (moneyWords.has(form)) found.add("money");
      const other = Object.hasOwn(asking, form) ? asking[form] : undefined;
      if (other !== undefined) found.add(other);
    }
  }
  return new Set(notableEffects.filter((effect) => found.has(effect)));
}
