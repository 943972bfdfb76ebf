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
  /** What is known beside the words, as of an HTTP method. A verb that is not known then adds nothing. */
  readonly known?: readonly EffectReason[];
}

/** An effect, and what it was inferred from. */
export interface EffectReason {
  readonly effect: Effect;
  /** A few words, lower case: `the name says \`send\``. Holds no text of the tool but words of the published lists. */
  readonly because: string;
}

type Found = Map<Effect, string>;

/**
 * The effects of a tool, at the cautious end: the union of what its name, the clauses of its description, its arguments and its hints
 * say. A tool whose verb is unknown may write and use the network.
 */
export function inferEffects(shape: ToolShape): readonly Effect[] {
  return explainEffects(shape).map(({ effect }) => effect);
}

/** The effects of {@link inferEffects}, each with the first thing that it was inferred from. */
export function explainEffects(shape: ToolShape): readonly EffectReason[] {
  const found: Found = new Map(shape.known?.map(({ effect, because }) => [effect, because]));
  const name = wordsOf(shape.name);
  const description = (shape.description ?? "").slice(0, descriptionCharsMax);
  const fromName = addNameEffects(found, name);
  const fromText = addTextEffects(found, description);
  // A reading verb in the middle of a name may be a noun (`purge_search_index`): the description must agree.
  const known =
    shape.known !== undefined ||
    fromName === "verb" ||
    (fromName === "inner reader" && fromText !== "unknown") ||
    (fromName === "none" && fromText !== "unknown");
  if (!known) add(found, ["write", "network"], "nothing says that it only reads");
  const networkWord = name.find((word) => networkWords.has(word));
  if (networkWord !== undefined) add(found, ["network"], `the name says \`${networkWord}\``);
  addArgumentEffects(found, shape.arguments);
  if (found.has("write") || found.has("message")) addMoney(found, name, description);
  addHints(found, shape.annotations);
  return effectNames.flatMap((effect) => {
    const because = found.get(effect);
    return because === undefined ? [] : [{ effect, because }];
  });
}

function add(found: Found, more: readonly Effect[], because: string): void {
  for (const effect of more) if (!found.has(effect)) found.set(effect, because);
}

/** Adds what the verbs of a name mean, and says how sure the verb is. */
function addNameEffects(found: Found, name: readonly string[]): "verb" | "inner reader" | "none" {
  let readerAt = -1;
  let isReading = false;
  let acts = false;
  for (const [index, word] of name.entries()) {
    const meaning = actors.get(word);
    if (word === "and" || word === "or" || word === "then") isReading = false;
    else if (readers.has(word)) {
      add(found, ["read"], `the name says \`${word}\``);
      isReading = true;
      if (readerAt < 0) readerAt = index;
    } else if (meaning !== undefined && !(isReading && nouns.has(word))) {
      add(found, meaning, `the name says \`${word}\``);
      acts = true;
    }
  }
  if (acts || readerAt === 0) return "verb";
  return readerAt > 0 ? "inner reader" : "none";
}

/** Adds what the verbs at the beginning of each clause mean; `unknown` if the description begins with no verb that is known. */
function addTextEffects(found: Found, description: string): "reader" | "actor" | "unknown" {
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
    const because = `the description says \`${verb}\``;
    if (meaning === undefined) {
      if (index !== first) continue;
      add(found, ["read"], because);
      leading = "reader";
    } else if (index === first || !nouns.has(verb)) {
      add(found, meaning, because);
      if (index === first) leading = "actor";
    }
  }
  return leading;
}

function addArgumentEffects(found: Found, names: readonly string[]): void {
  for (const name of names) {
    const words = wordsOf(name);
    const last = words.at(-1) ?? "";
    const because = `an argument is named \`${last}\``;
    if (addressArguments.has(last)) add(found, ["network"], because);
    if (codeArguments.has(last)) add(found, ["execute", "write", "network"], because);
  }
}

function addMoney(found: Found, name: readonly string[], description: string): void {
  const spoken = clausesOf(description).slice(0, objectWordsMax);
  const named = name.find((word) => moneyWords.has(word));
  const said = spoken.find(({ word }) => moneyWords.has(word))?.word;
  if (named !== undefined) add(found, ["money"], `it acts, and the name says \`${named}\``);
  else if (said !== undefined) add(found, ["money"], `it acts, and the description says \`${said}\``);
}

/** Hints add only. `readOnlyHint: true` alone proves nothing, so it changes nothing: a tool whose name reads is a reader already. */
function addHints(found: Found, annotations: Json | undefined): void {
  if (member(annotations, "readOnlyHint") === false) add(found, ["write"], "the server's hint `readOnlyHint: false`");
  if (member(annotations, "destructiveHint") === true) add(found, ["write"], "the server's hint `destructiveHint: true`");
  if (member(annotations, "openWorldHint") === true) add(found, ["network"], "the server's hint `openWorldHint: true`");
}
