/**
 * Words for the arguments of made-up tasks. What they mean is what {@link valueOf} reads from them.
 * Pure but for the chance that it is given. Never makes a value that the argument's own type refuses.
 */
import type { Json } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import type { MentionKind, ValueContext } from "../values/mention.ts";
import { valueOf as readValue } from "../values/value-of.ts";
import { wantedKinds } from "../values/wants.ts";
import type { Chance } from "./chance.ts";

/** What made-up tasks are relative to. */
export const madeContext: ValueContext = { now: "2026-03-02T09:00:00Z", zone: "UTC" };

/** A value and the words that say it. */
export interface MadeValue {
  readonly words: string;
  readonly value: Json;
}

type Words = readonly [string, ...string[]];

const kindWords: Readonly<Record<MentionKind, Words>> = {
  date: ["March 14", "tomorrow", "2026-05-02", "next Friday", "April 3rd, 2026", "June 21"],
  time: ["9 am", "half past six", "14:30", "7 in the evening", "noon", "11:15 am"],
  datetime: ["2026-03-14 09:30", "March 20, 2026 at 4 pm", "2026-04-01T08:00:00"],
  duration: ["2 hours", "45 minutes", "3 days", "a week"],
  number: ["3", "12", "25", "two", "140", "7"],
  amount: ["$40", "250 dollars", "1,200", "$99.50"],
  percent: ["5%", "12.5%", "30 percent"],
  email: ["maria.lopez@example.com", "tom@example.org", "billing@example.net"],
  url: ["https://example.com/report", "https://docs.example.org/start", "https://example.net"],
  phone: ["+49 30 1234567", "555-0134", "+1 212 555 0199"],
  ip: ["192.0.2.14", "198.51.100.7", "203.0.113.80"],
  path: ["/home/ana/report.txt", "src/main.py", "docs/plan.md"],
  identifier: ["A-1042", "ORD-7731", "X93K2", "item_204"],
  quoted: ["see you at the station", "the blue one", "first draft"],
};

/** Words by what the name of a text argument says it is; the first that fits. */
const namedWords: readonly (readonly [RegExp, Words])[] = [
  [/\b(city|town|location|place|destination|origin|from|to)\b/, ["Lisbon", "Hamburg", "Kyoto", "San Diego", "Oslo"]],
  [/\bcountry\b/, ["Portugal", "Canada", "Japan", "Kenya"]],
  [/\b(address|street)\b/, ["12 Mill Lane", "400 Castro Street", "7 Rue Oberkampf"]],
  [/\b(user ?name|login|handle|nick)\b/, ["marial", "tom_b", "jonas92"]],
  [
    /\b(person|name|author|recipient|contact|customer|artist|director|owner|sender)\b/,
    ["Maria Lopez", "Tom Becker", "Aiko Tanaka", "Jonas Weber"],
  ],
  [/\b(company|vendor|merchant|organi[sz]ation|brand)\b/, ["Northwind", "Acme Corp", "Blue Harbor"]],
  [/\b(language|lang)\b/, ["Spanish", "German", "French"]],
  [/\bcurrency\b/, ["euros", "US dollars", "yen"]],
  [/\b(color|colour)\b/, ["red", "dark blue", "green"]],
  [
    /\b(message|body|text|content|note|comment|description|summary|subject|title|query|question|prompt)\b/,
    ["the meeting moved to Thursday", "notes on the spring release", "how tides work", "invoice for March"],
  ],
  [/\b(id|code|number|key|token|ref|reference)\b/, ["A-1042", "ORD-7731", "X93K2"]],
];
const otherWords: Words = ["blue lamp", "spring release", "winter garden", "north wing", "jazz", "team offsite"];

const triesMax = 4;

/** A value for an argument; `undefined` where nothing that is tried can be read as one. */
export function makeValue(param: DraftParam, chance: Chance): MadeValue | undefined {
  for (let turn = 0; turn < triesMax; turn++) {
    const words = param.type === "array" ? listWords(param, chance) : scalarWords(param, chance);
    const value = readValue(words, param, madeContext);
    if (value !== undefined) return { words, value };
  }
  return undefined;
}

function listWords(param: DraftParam, chance: Chance): string {
  const item: DraftParam = { ...param, type: param.itemType };
  const first = scalarWords(item, chance);
  const second = scalarWords(item, chance);
  return first === second || /,| and /.test(`${first}${second}`) ? first : `${first} and ${second}`;
}

function scalarWords(param: DraftParam, chance: Chance): string {
  const listed = param.listed.filter((value) => typeof value === "string" || typeof value === "number");
  if (listed.length > 0) return String(listed[chance.below(listed.length)]).replaceAll("_", " ");
  if (param.type === "boolean") return chance.pick(["yes", "no"]);
  const [kind] = wantedKinds(param);
  if (kind !== undefined) return chance.pick(kindWords[kind]);
  const named = namedWords.find(([pattern]) => pattern.test(param.words));
  return chance.pick(named?.[1] ?? otherWords);
}
