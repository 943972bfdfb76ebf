/**
 * Infers the effects of a tool that nobody declared, from its name, description, arguments and annotations.
 * Pure. Never lets an annotation take an effect away: annotations come from the server that is to be judged (MCP, tool annotations).
 */
import { type Json, member } from "../json/value.ts";
import type { Effect } from "../plan/plan.ts";
import { actors, addressArguments, codeArguments, fillers, moneyWords, networkWords, nouns, readers } from "./verbs.ts";
import { clausesOf, verbForms, wordsOf } from "./words.ts";

/** Every effect, in the order in which lists of effects are written. */
export const effectNames: readonly Effect[] = ["read", "write", "network", "money", "message", "execute"];

/** Characters of a description that are read. What a tool does is said at its beginning; the rest is examples. */
const descriptionCharsMax = 1_000;
/** Words of a description in which a noun of money says what the verb is about. */
const objectWordsMax = 10;

/** What inference looks at. */
export interface ToolShape {
  /** The tool's own name, without its server. */
  readonly name: string;
  readonly description?: string;
  readonly arguments: readonly string[];
  /** MCP tool annotations: untrusted hints. */
  readonly annotations?: Json;
}

/**
 * The effects of a tool, at the cautious end: the union of what its name, the clauses of its description, its arguments and its hints
 * say. A tool whose verb is unknown may write and use the network.
 */
export function inferEffects(shape: ToolShape): readonly Effect[] {
  const effects = new Set<Effect>();
  const name = wordsOf(shape.name);
  const description = (shape.description ?? "").slice(0, descriptionCharsMax);
  const fromName = addNameEffects(effects, name);
  const fromText = addTextEffects(effects, description);
  // A reading verb in the middle of a name may be a noun (`purge_search_index`): the description must agree.
  const known =
    fromName === "verb" ||
    (fromName === "inner reader" && fromText !== "unknown") ||
    (fromName === "none" && fromText !== "unknown");
  if (!known) add(effects, ["write", "network"]);
  if (name.some((word) => networkWords.has(word))) effects.add("network");
  addArgumentEffects(effects, shape.arguments);
  if (effects.has("write") || effects.has("message")) addMoney(effects, name, description);
  addHints(effects, shape.annotations);
  return effectNames.filter((effect) => effects.has(effect));
}

function add(effects: Set<Effect>, more: readonly Effect[]): void {
  for (const effect of more) effects.add(effect);
}

/** Adds what the verbs of a name mean, and says how sure the verb is. */
function addNameEffects(effects: Set<Effect>, name: readonly string[]): "verb" | "inner reader" | "none" {
  let readerAt = -1;
  let isReading = false;
  let acts = false;
  for (const [index, word] of name.entries()) {
    const meaning = actors.get(word);
    if (word === "and" || word === "or" || word === "then") isReading = false;
    else if (readers.has(word)) {
      effects.add("read");
      isReading = true;
      if (readerAt < 0) readerAt = index;
    } else if (meaning !== undefined && !(isReading && nouns.has(word))) {
      add(effects, meaning);
      acts = true;
    }
  }
  if (acts || readerAt === 0) return "verb";
  return readerAt > 0 ? "inner reader" : "none";
}

/** Adds what the verbs at the beginning of each clause mean; `unknown` if the description begins with no verb that is known. */
function addTextEffects(effects: Set<Effect>, description: string): "reader" | "actor" | "unknown" {
  const clauses = clausesOf(description);
  const first = clauses.findIndex(({ word }) => !fillers.has(word));
  let leading: "reader" | "actor" | "unknown" = "unknown";
  for (const [index, { word, leads }] of clauses.entries()) {
    if (index !== first && !leads) continue;
    // "Returns the balance" reads; "return an item" acts.
    const forms = word === "returns" ? ["get"] : verbForms(word);
    const verb = forms.find((form) => actors.has(form) || readers.has(form));
    if (verb === undefined) continue;
    const meaning = actors.get(verb);
    if (meaning === undefined) {
      if (index !== first) continue;
      effects.add("read");
      leading = "reader";
    } else if (index === first || !nouns.has(verb)) {
      add(effects, meaning);
      if (index === first) leading = "actor";
    }
  }
  return leading;
}

function addArgumentEffects(effects: Set<Effect>, names: readonly string[]): void {
  for (const name of names) {
    const words = wordsOf(name);
    const last = words.at(-1) ?? "";
    if (addressArguments.has(last)) effects.add("network");
    if (codeArguments.has(last)) add(effects, ["execute", "write", "network"]);
  }
}

function addMoney(effects: Set<Effect>, name: readonly string[], description: string): void {
  const spoken = clausesOf(description).slice(0, objectWordsMax);
  if (name.some((word) => moneyWords.has(word)) || spoken.some(({ word }) => moneyWords.has(word))) effects.add("money");
}

/** Hints add only. `readOnlyHint: true` alone proves nothing, so it changes nothing: a tool whose name reads is a reader already. */
function addHints(effects: Set<Effect>, annotations: Json | undefined): void {
  if (member(annotations, "readOnlyHint") === false || member(annotations, "destructiveHint") === true) effects.add("write");
  if (member(annotations, "openWorldHint") === true) effects.add("network");
}
