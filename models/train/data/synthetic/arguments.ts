/**
 * Arguments in words: "in Paris", "with a length of 500", "the color is red", as people add them to a request.
 * Pure but for the chance that it is given.
 */
import { valueWords } from "../../../../src/infer/pack.ts";
import type { DraftParam } from "../../../../src/infer/tools.ts";
import type { Json } from "../../../../src/json/value.ts";
import type { Random } from "../random.ts";
import type { Bit } from "./text.ts";

/** An argument that is to be said. */
export interface Said {
  readonly param: DraftParam;
  /** The words of its value, with quotes where they have some; of a flow what refers to the result. */
  readonly bits: readonly Bit[];
  /** Of listed values and booleans: the value itself. */
  readonly value?: Json;
  /** The words point back to a result, and bring their own article. */
  readonly isReference?: boolean;
}

/** Where a phrase can stand. */
export interface Phrase {
  readonly bits: readonly Bit[];
  /** `adverb`: anywhere behind the request ("in Paris"); `with`: behind "with" ("a length of 5"); `statement`: a sentence ("the length is 5"). */
  readonly form: "adverb" | "with" | "statement";
}

/** What an argument is called: its words, or what its description calls it. */
export function nounOf(param: DraftParam, random: Random): string {
  const described = /^(?:the|a|an)\s+((?:[\p{L}-]+\s?){1,6})(?:[.,(;]|$)/iu.exec(param.description)?.[1]?.trim();
  const isShort = described !== undefined && !/\b(?:that|which|you|to|where|is|are|be|for)\b/i.test(described);
  const own = param.words
    .replace(/\bid\b/, "ID")
    .replace(/\burl\b/, "URL")
    .replace(/\bnum\b/, "number");
  const isCryptic = own.length < 3;
  return isShort && (isCryptic || random.chance(0.25)) ? described.charAt(0).toLowerCase() + described.slice(1) : own;
}

function article(noun: string): string {
  if (isPlural(noun)) return "";
  return /^(?:[aeio]|u(?!ni|s[ei]|rl))/i.test(noun) ? "an " : "a ";
}

function isPlural(noun: string): boolean {
  return /[^su]s$/.test(noun.split(/ (?:of|for|in|to) /)[0] ?? noun) && !/address$/.test(noun);
}

/** A phrase in the wanted form, or the nearest that an argument can take. */
export function phraseOf(said: Said, form: Phrase["form"], random: Random): Phrase {
  const { param, bits, value, isReference = false } = said;
  if (typeof value === "boolean") return switchPhrase(param, value, form, random);
  // "generate a barcode for that number", "calculate the tax on the total": the argument goes without its name.
  if (isReference && form !== "statement" && random.chance(0.5))
    return {
      bits: [random.pick(["for ", "for ", "of ", "from ", "using ", "with ", "based on ", "on "]), ...bits],
      form: "adverb",
    };
  const noun = nounOf(param, random);
  const adverb = form === "adverb" || random.chance(0.35) ? adverbOf(param.words, bits, random) : undefined;
  if (adverb !== undefined && form !== "statement") return { bits: adverb, form: "adverb" };
  const word = isReference ? "" : "the ";
  if (form === "statement") {
    const options: readonly (readonly Bit[])[] = [
      [`the ${noun} ${isPlural(noun) ? "are" : "is"} `, ...bits],
      [`the ${noun} should be `, ...bits],
      ["use ", ...bits, ` as the ${noun}`],
      [`set the ${noun} to `, ...bits],
      [`the ${noun} ${isPlural(noun) ? "are" : "is"} `, ...bits],
    ];
    return { bits: random.pick(options), form: "statement" };
  }
  if (typeof value === "string" && /^(?:true|false)$/i.test(value)) return { bits: [`${noun} `, ...bits], form: "with" };
  if (value !== undefined && random.chance(0.5) && !/\d/.test(String(value)) && !/ of /.test(noun))
    return { bits: [...bits, ` ${noun}`], form: "with" };
  const options: readonly (readonly Bit[])[] = [
    [`${article(noun)}${noun} of `, ...bits],
    [`${word || "the "}${noun} `, ...bits],
    [`${noun} `, ...bits],
    [...bits, ` as the ${noun}`],
    [`the ${noun} set to `, ...bits],
  ];
  return { bits: random.pick(isReference ? options.slice(3) : options), form: "with" };
}

/** How a listed value or a boolean reads where it stands alone. */
export function listedWords(value: Json): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : valueWords(value).toLowerCase();
}

function switchPhrase(param: DraftParam, value: boolean, form: Phrase["form"], random: Random): Phrase {
  const described = /^whether (?:to |or not to )?((?:[\p{L}-]+\s?){2,7})/iu.exec(param.description)?.[1]?.trim();
  const action =
    described !== undefined && /^whether to|^whether or not to/i.test(param.description)
      ? described.replace(/\s(?:in|or not|when)\b.*$/, "")
      : undefined;
  const [verb = "", ...rest] = (action ?? param.words).split(" ");
  const isVerb = /^(?:include|show|return|enable|use|require|send|allow|add|skip|notify|display|exclude|save|add)$/.test(verb);
  const noun = param.words.replace(/^(?:is|has|include|enable) /, "");
  if (!isVerb) {
    if (form === "statement")
      return { bits: [`${noun}: ${value ? random.pick(["yes", "true"]) : random.pick(["no", "false"])}`], form };
    return { bits: [value ? `with ${noun}` : random.pick([`without ${noun}`, `no ${noun}`])], form: "adverb" };
  }
  const object = rest.join(" ");
  const asked = value
    ? random.pick([
        `please ${verb} ${object}`,
        `make sure to ${verb} ${object}`,
        `${verb} ${object}`,
        `I also want to ${verb} ${object}`,
      ])
    : random.pick([`don't ${verb} ${object}`, `no need to ${verb} ${object}`, `do not ${verb} ${object}`]);
  if (form === "statement") return { bits: [asked], form };
  return { bits: [value ? `and ${verb} ${object}` : `but don't ${verb} ${object}`], form: "adverb" };
}

function adverbOf(name: string, bits: readonly Bit[], random: Random): readonly Bit[] | undefined {
  const says = (pattern: RegExp): boolean => pattern.test(name);
  if (
    says(/^(?:from|origin|source|departure|start(?:ing)?)\b.*|\borigin\b/) &&
    !says(/date|time|text|language|day|year|file|path/)
  )
    return ["from ", ...bits];
  if (
    says(/^(?:to|destination|target|end|arrival)\b|\bdestination\b/) &&
    !says(/date|time|text|day|year|audience|group|file|path/)
  )
    return ["to ", ...bits];
  if (says(/\b(?:start|begin|from|since)\b.*\b(?:date|time|year)\b/))
    return [random.pick(["from ", "starting ", "starting from "]), ...bits];
  if (says(/\b(?:end|until|to|finish)\b.*\b(?:date|time|year)\b/)) return [random.pick(["until ", "to ", "ending "]), ...bits];
  if (says(/\b(?:city|location|country|region|area|place|town|state)\b/)) return [random.pick(["in ", "in ", "for "]), ...bits];
  if (says(/\b(?:date|day)\b/)) return [random.pick(["on ", "for "]), ...bits];
  if (says(/\btime\b/) && !says(/period|frame|zone|range/)) return ["at ", ...bits];
  if (says(/\bage\b/)) return [random.pick(["for someone aged ", "at age "]), ...bits];
  if (says(/\b(?:recipient|receiver|to email|email address)\b/)) return ["to ", ...bits];
  if (says(/\b(?:title|name)$/)) return [random.pick(["called ", "named ", "titled "]), ...bits];
  if (says(/\b(?:id|identifier)$/)) return [random.pick(["with ID ", "with the ID ", "for ID "]), ...bits];
  if (says(/\b(?:language)\b/)) return ["in ", ...bits];
  if (says(/\b(?:year)\b/)) return [random.pick(["in ", "for the year "]), ...bits];
  if (says(/\b(?:query|keywords?|topic)\b/)) return [random.pick(["about ", "on ", "for "]), ...bits];
  return undefined;
}
