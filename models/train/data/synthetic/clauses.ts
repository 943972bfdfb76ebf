/**
 * One request for one call of any tool, made from what the tool says of itself, with made-up values.
 * Pure but for the chance that it is given.
 */
import type { DraftParam, DraftTool } from "../../../../src/infer/tools.ts";
import type { ExampleCall, GoldSource } from "../examples.ts";
import type { Random } from "../random.ts";
import { listedWords, type Phrase, phraseOf, type Said } from "./arguments.ts";
import type { Bit, Clause } from "./text.ts";
import { unstopped } from "./text.ts";
import { makeValue, type ValueSources } from "./values.ts";
import { nameRequest, questionOf, requestOf, reworded } from "./verbs.ts";

/** An argument that is said by words that point back, to a result or to a value said before. */
export interface Reference {
  readonly param: DraftParam;
  /** Of a result: its call counted from the clause's first (negative: calls before it). */
  readonly source: GoldSource;
  /** Empty: it goes without saying. */
  readonly words: string;
}

/** How a clause is made. */
export interface ClauseOptions extends ValueSources {
  readonly reference?: Reference;
  /** Some people put every value in quotes: how often a text is, at least. */
  readonly quoted?: number;
  /** The bare request ("book a table"), to be joined with others. */
  readonly isBare?: boolean;
}

const argumentsMax = 6;
const optionalShare = 0.4;

/** A request for a call of the tool; `undefined` where the tool says nothing that a request can be made of. */
export function clauseOf(tool: DraftTool, options: ClauseOptions): Clause | undefined {
  const { random, reference } = options;
  const base = (random.chance(0.75) ? requestOf(tool) : nameRequest(tool)) ?? requestOf(tool);
  if (base === undefined) return undefined;
  const args = new Map<string, GoldSource>();
  const said: Said[] = [];
  const chosen = chosenParams(tool, options);
  if (chosen === undefined) return undefined;
  for (const param of chosen) {
    const path = param.path.join(".");
    if (reference?.param === param) {
      args.set(path, reference.source);
      if (reference.words !== "") said.push({ param, bits: [reference.words], isReference: true });
      continue;
    }
    const made = saidValue(param, options);
    if (made === undefined) {
      if (param.isRequired) return undefined;
      continue;
    }
    args.set(path, made.source);
    said.push(made.said);
  }
  const call: ExampleCall = { tool, args };
  return { bits: sentence(base, said, options), calls: [call] };
}

/** Required arguments, some of the others; `undefined` where too many are required. */
function chosenParams(tool: DraftTool, { random, reference }: ClauseOptions): readonly DraftParam[] | undefined {
  const required = tool.params.filter((param) => param.isRequired && param !== reference?.param);
  if (required.length > argumentsMax) return undefined;
  // People leave out what they should say, too: then it must be asked for.
  const kept = required.filter(() => !random.chance(0.05));
  const optional = tool.params.filter((param) => !param.isRequired && param !== reference?.param && random.chance(optionalShare));
  return [...(reference === undefined ? [] : [reference.param]), ...kept, ...optional.slice(0, Math.max(0, 4 - kept.length))];
}

function saidValue(param: DraftParam, options: ClauseOptions): { readonly said: Said; readonly source: GoldSource } | undefined {
  const { random } = options;
  if (param.isClosed && param.listed.length > 0 && param.type !== "array") {
    const value = random.pick(param.listed);
    const text = listedWords(value);
    if (text === "") return undefined;
    const isVerbatim = random.chance(0.3) && typeof value === "string";
    return { said: { param, bits: [isVerbatim ? value : text], value }, source: { kind: "constant", value } };
  }
  const made = makeValue(param, options);
  if (made === undefined) return undefined;
  const quote =
    random.chance(param.type === "string" ? Math.max(made.quoted, options.quoted ?? 0) : made.quoted) && !made.text.includes("'")
      ? random.pick(["'", '"', "'", '"'])
      : "";
  const mark = { text: made.text, call: 0, path: param.path.join(".") };
  return {
    said: { param, bits: [quote, mark, quote].filter((bit) => bit !== "") },
    source: { kind: "constant", value: made.value },
  };
}

/** Puts a request and its arguments into one or two sentences. */
function sentence(base: string, said: readonly Said[], options: ClauseOptions): readonly Bit[] {
  const { random, isBare = false } = options;
  let request: readonly Bit[] = [reworded(base, random)];
  const rest: Said[] = [];
  let isPlaced = false;
  for (const one of said) {
    const placed = isPlaced && one.isReference !== true ? undefined : intoRequest(request, one, random);
    if (placed === undefined) rest.push(one);
    else {
      request = placed;
      isPlaced = true;
    }
  }
  const style = random.weighted([
    ["inline", 6],
    ["second", isBare ? 0 : 2.5],
    ["colon", isBare ? 0 : 0.8],
    ["where", 0.7],
    ["brackets", 0.3],
  ] as const);
  const body = withArguments(request, rest, { style, random });
  return isBare ? body.request : [...framed(body.request, base, { random, isPlaced }), ...body.behind];
}

/** The request with a value in the place of the words that stand for it: "the price of a drug" → "the price of Aspirin". */
function intoRequest(
  request: readonly Bit[],
  { param, bits, value, isReference = false }: Said,
  random: Random,
): readonly Bit[] | undefined {
  if (value !== undefined || (param.type !== "string" && !isReference) || !random.chance(isReference ? 0.9 : 0.7))
    return undefined;
  const head =
    param.words
      .replace(/ (?:name|title|id|type|query|text)$/, "")
      .split(" ")
      .at(-1) ?? "";
  if (head.length < 3) return undefined;
  const at = request.findIndex((bit) => typeof bit === "string" && pattern(head).test(bit));
  const text = request[at];
  if (typeof text !== "string") return undefined;
  const found = pattern(head).exec(text);
  if (found === null) return undefined;
  const noun = found[1] ?? head;
  const lead: string = isReference
    ? ""
    : random.weighted([
        ["", 5],
        [`the ${noun} `, 3],
        [`${noun} `, 1],
      ]);
  const before = text.slice(0, found.index) + lead;
  return [...request.slice(0, at), before, ...bits, text.slice(found.index + found[0].length), ...request.slice(at + 1)].filter(
    (bit) => bit !== "",
  );
}

function pattern(head: string): RegExp {
  const escaped = head.replace(/[^\p{L}\p{N}]/gu, "");
  return new RegExp(
    `\\b(?:an?|the|any|each|your)\\s+(?:(?:specific|specified|given|particular|certain|single|provided)\\s+)?((?:[\\p{L}-]+\\s+){0,2}${escaped})\\b(?!\\s+(?:of|for|data|information|details|id))`,
    "iu",
  );
}

interface Body {
  readonly request: readonly Bit[];
  /** Sentences behind the request, each with a blank before it. */
  readonly behind: readonly Bit[];
}

function withArguments(
  request: readonly Bit[],
  said: readonly Said[],
  { style, random }: { readonly style: "inline" | "second" | "colon" | "where" | "brackets"; readonly random: Random },
): Body {
  const shuffled = random.chance(0.3) ? random.shuffled(said) : said;
  if (shuffled.length === 0) return { request, behind: [] };
  if (style === "colon") {
    const separator = random.pick(["\n", ", ", "; "]);
    const items = shuffled.map(({ param, bits, value }): readonly Bit[] => [
      `${param.words}: `,
      ...(typeof value === "boolean" ? [value ? "yes" : "no"] : bits),
    ]);
    return {
      request,
      behind: [separator === "\n" ? "\n" : " ", ...interleaved(items, separator), separator === "\n" ? "" : "."],
    };
  }
  if (style === "second") {
    const kept = shuffled.filter(() => random.chance(0.3));
    const moved = shuffled.filter((one) => !kept.includes(one));
    const phrases = moved.map((one) => phraseOf(one, "statement", random).bits);
    const joint = random.chance(0.5);
    const behind = joint
      ? [" ", ...capital(interleaved(phrases, phrases.length > 2 ? ", " : " and ", " and ")), "."]
      : phrases.flatMap((bits): readonly Bit[] => (random.chance(0.3) ? answered(bits, random) : [" ", ...capital(bits), "."]));
    return { request: inline(request, kept, random), behind: phrases.length === 0 ? [] : behind };
  }
  if (style === "where" && shuffled.every(({ isReference, value }) => isReference !== true && typeof value !== "boolean")) {
    const phrases = shuffled.map(({ param, bits }): readonly Bit[] => [
      `the ${param.words} ${/[^su]s$/.test(param.words) ? "are" : "is"} `,
      ...bits,
    ]);
    return {
      request: [...request, random.pick([" where ", ", where ", " given that "]), ...interleaved(phrases, ", ", " and ")],
      behind: [],
    };
  }
  if (style === "brackets" && shuffled.every(({ isReference }) => isReference !== true)) {
    const items = shuffled.map(({ param, bits, value }): readonly Bit[] => [
      `${param.words} `,
      ...(typeof value === "boolean" ? [String(value)] : bits),
    ]);
    return { request: [...request, " (", ...interleaved(items, ", "), ")"], behind: [] };
  }
  return { request: inline(request, shuffled, random), behind: [] };
}

/** A statement on a line of its own, as people answer when they are asked. */
function answered(bits: readonly Bit[], random: Random): readonly Bit[] {
  const word = random.pick(["", "", "Yes, ", "Sure, ", "Okay, ", "And "]);
  return ["\n", ...(word === "" ? capital(bits) : [word, ...bits]), random.pick([".", ".", ", please.", ""])];
}

function inline(request: readonly Bit[], said: readonly Said[], random: Random): readonly Bit[] {
  const phrases = said.map((one): Phrase => phraseOf(one, random.chance(0.55) ? "adverb" : "with", random));
  const ending = phrases.filter(({ bits }) => typeof bits[0] === "string" && /^(?:and|but) /.test(bits[0]));
  const adverbs = phrases.filter((one) => one.form === "adverb" && !ending.includes(one));
  const withs = phrases.filter(({ form }) => form !== "adverb");
  const linked: readonly Bit[] =
    withs.length === 0
      ? []
      : [
          random.pick([" with ", " with ", ", with ", " using "]),
          ...interleaved(
            withs.map(({ bits }) => bits),
            ", ",
            random.pick([" and ", ", and "]),
          ),
        ];
  const placed = adverbs.flatMap(({ bits }): readonly Bit[] => [" ", ...bits]);
  const tail = ending.flatMap(({ bits }): readonly Bit[] => [" ", ...bits]);
  return random.chance(0.7) ? [...request, ...placed, ...linked, ...tail] : [...request, ...linked, ...placed, ...tail];
}

function interleaved(parts: readonly (readonly Bit[])[], separator: string, last = separator): readonly Bit[] {
  return parts.flatMap((bits, index): readonly Bit[] =>
    index === 0 ? bits : [index === parts.length - 1 ? last : separator, ...bits],
  );
}

function capital(bits: readonly Bit[]): readonly Bit[] {
  const [first, ...rest] = bits;
  return typeof first === "string" ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : bits;
}

/** The request as a command, a wish or a question. */
function framed(
  request: readonly Bit[],
  base: string,
  { random, isPlaced }: { readonly random: Random; readonly isPlaced: boolean },
): readonly Bit[] {
  const bare = unstopped(request);
  const asked = !isPlaced && random.chance(0.25) ? questionOf(base, random) : undefined;
  if (asked !== undefined && typeof bare[0] === "string") {
    // The words of the request's object stand in the question; what follows them is kept.
    const [, ...behind] = bare;
    return behind.some((bit) => typeof bit === "string" && /^,? where|^ \(/.test(bit))
      ? statement(bare, random)
      : [asked.charAt(0).toUpperCase() + asked.slice(1), ...behind, "?"];
  }
  return statement(bare, random);
}

function statement(bare: readonly Bit[], random: Random): readonly Bit[] {
  const frame = random.weighted<readonly [string, string]>([
    [["", "."], 5],
    [["please ", "."], 2.5],
    [["can you ", "?"], 2.5],
    [["could you ", "?"], 1.5],
    [["could you please ", "?"], 1.5],
    [["can you please ", "?"], 0.8],
    [["I need to ", "."], 1.5],
    [["I want to ", "."], 1.5],
    [["I'd like to ", "."], 1.5],
    [["I would like you to ", "."], 1],
    [["I need you to ", "."], 0.7],
    [["help me ", "."], 0.7],
    [["I want you to ", "."], 0.5],
    [["", ""], 1],
  ]);
  const said =
    frame[0].startsWith("I need to") ||
    frame[0].startsWith("I want to") ||
    frame[0].startsWith("I'd like to") ||
    frame[0] === "help me "
      ? own(bare)
      : bare;
  return capital([frame[0], ...said, frame[1]].filter((bit) => bit !== ""));
}

/** "I want to show me the price" is no English: what is said of oneself has no "me". */
function own(bits: readonly Bit[]): readonly Bit[] {
  const [first, ...rest] = bits;
  if (typeof first !== "string") return bits;
  const changed = first.replace(/^(?:show|give|get|find|tell) me /, "get ").replace(/^provide me with /, "get ");
  return [changed, ...rest];
}
