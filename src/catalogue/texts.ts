/**
 * What is suspicious in the texts of a tool's definition, which models read as if the operator had written them.
 * Pure. Never repeats such a text, and never decides about a call: a person looks at what is found.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { withoutStyles } from "../lang/template/characters.ts";
import type { Place } from "./report.ts";

/** One suspicion about one text. */
export interface TextSuspicion {
  readonly kind: "hidden" | "instruction";
  /** Where in the definition. */
  readonly place: Place;
  /** One line, lower case. Holds only words of the published lists and code points as numbers. */
  readonly message: string;
}

/** Characters that show nothing or turn the direction of writing (UAX #9 §2, UAX #44 Default_Ignorable); not the joiner of emoji. The selectors of their style are taken out first. */
const hidden = /\p{Bidi_Control}|(?!\u200d)\p{Default_Ignorable_Code_Point}|(?![\n\t\r])\p{Cc}/u;

/** Characters of one text that are looked at. Instructions stand where a model reads them; longer texts are data. */
const textCharsMax = 100_000;

/**
 * Orders to the model or about the user, as tool poisoning writes them (Invariant Labs, "Tool Poisoning Attacks"; OWASP MCP03): each with the
 * few words that are told. A list, so it misses what it does not know; it only calls for a look. Every repetition is bounded, so that a search
 * takes time in proportion to the text.
 */
const orders: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|other|system)\b/,
    "tells to ignore what was said",
  ],
  [
    /\b(?:do not|don't|dont|never|without)\b[^.\n]{0,30}\b(?:tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|show|ask|asking)\b[^.\n]{0,20}\b(?:the user|user|them|anyone|human)\b/,
    "keeps something from the user",
  ],
  [
    /<\s{0,3}\/?\s{0,3}(?:important|system|instructions?|secret|hidden|admin|assistant|critical)\b[^>]{0,40}>/,
    "holds a tag that poses as an instruction",
  ],
  [/(?:^|\n)[^\S\n]{0,8}(?:system|assistant|developer)\s{0,3}:/, "poses as a message of the system"],
  [
    /\b(?:before|after|when|whenever|instead of|prior to)\b[^.\n]{0,40}\b(?:using|calling|invoking|running)\b[^.\n]{0,40}\b(?:this|any|other|another|the)\b[^.\n]{0,20}\btools?\b/,
    "speaks of when to call tools",
  ],
  [
    /\b(?:you|assistant|the model|the agent|ai)\s{1,8}(?:must|shall|should|are required to)\s{1,8}(?:(?:also|always|first|never|not|then)\s{1,8})?(?:send|forward|call|invoke|run|execute|pay|transfer|read|open|upload|copy|bcc|cc|email|post|include|append|tell|reveal|ignore|pass)\b/,
    "orders the model to do something",
  ],
  [
    /(?:~\/|\/home\/|\/root\/|\.)(?:ssh\/|aws\/|env\b|cursor\/|npmrc\b|netrc\b|kube\/)|\bid_rsa\b|\bmcp\.json\b|\/etc\/(?:passwd|shadow)\b/,
    "names files that hold secrets",
  ],
  [
    /\b(?:api[ _-]?keys?|passwords?|secrets?|credentials?|access tokens?|conversation|chat history|system prompt)\b[^.\n]{0,60}\b(?:as|in|into|to|with|via)\b[^.\n]{0,30}\b(?:parameter|argument|sidenote|field|url|note|context)\b/,
    "asks for secrets as an argument",
  ],
];

/** What is suspicious in all texts of a definition: descriptions, titles, names, choices, examples, at any depth. */
export function suspicionsOf(definition: Json): readonly TextSuspicion[] {
  const found: TextSuspicion[] = [];
  // Depth is bounded by the reader (`jsonDepthMax`).
  const look = (value: Json, place: Place): void => {
    if (typeof value === "string") found.push(...suspicionsOfText(value, place));
    else if (isArray(value)) for (const [i, element] of value.entries()) look(element, [...place, i]);
    else if (isObject(value))
      for (const [key, inner] of Object.entries(value)) {
        found.push(...suspicionsOfText(key, [...place, key]));
        look(inner, [...place, key]);
      }
  };
  look(definition, []);
  return found;
}

function suspicionsOfText(text: string, place: Place): readonly TextSuspicion[] {
  const found: TextSuspicion[] = [];
  const point = hidden.exec(withoutStyles(text))?.[0].codePointAt(0);
  if (point !== undefined) {
    const name = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
    found.push({ kind: "hidden", place, message: `the text holds the invisible character ${name}` });
  }
  // Read as a model would: without what nobody sees, wide letters as plain ones.
  const read = text
    .slice(0, textCharsMax)
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase();
  const told = orders.flatMap(([pattern, message]) => (pattern.test(read) ? [message] : []));
  if (told.length > 0) found.push({ kind: "instruction", place, message: `the text ${told.join(", ")}` });
  return found;
}
