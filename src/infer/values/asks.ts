/**
 * What an argument asks for, read from its schema: its type and format, the words of its name, its description.
 * Pure. Never looks at a task.
 */
import { isObject, member } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import { type Form, formOf } from "./forms.ts";

/** The kinds of values that have rules of their own; `text` is anything else. */
export type AskKind =
  | "date"
  | "time"
  | "datetime"
  | "epoch"
  | "duration"
  | "number"
  | "amount"
  | "percent"
  | "boolean"
  | "email"
  | "url"
  | "phone"
  | "ip"
  | "path"
  | "identifier"
  | "currency"
  | "country"
  | "language"
  | "text";

/** What an argument asks for. */
export interface Ask {
  readonly kind: AskKind;
  /** Of days and times: how they are to be written, if the schema says so. */
  readonly form?: Form;
  /** The description shows days in words (`January 1, 2022`): they stay as the task has them. */
  readonly isInWords?: boolean;
  /** The argument is the later end of a range (`end_date`, `check_out`). */
  readonly isEnd: boolean;
}

/** Formats of JSON Schema 2020-12 Validation §7.3 that ask for one kind. */
const formats: ReadonlyMap<string, AskKind> = new Map<string, AskKind>([
  ["date", "date"],
  ["date-time", "datetime"],
  ["datetime", "datetime"],
  ["time", "time"],
  ["duration", "duration"],
  ["email", "email"],
  ["idn-email", "email"],
  ["uri", "url"],
  ["url", "url"],
  ["iri", "url"],
  ["hostname", "url"],
  ["ipv4", "ip"],
  ["ipv6", "ip"],
  ["ip", "ip"],
  ["uuid", "identifier"],
  ["phone", "phone"],
  ["path", "path"],
]);

const endWords =
  /\b(?:end|ending|until|till|to|return|returning|check ?out|checkout|drop ?off|dropoff|before|max|maximum|finish|due|last|latest|upper|arrival)\b/;

/** What an argument asks for. */
export function askOf(param: DraftParam): Ask {
  const { words: name, schema } = param;
  const about = param.description.toLowerCase();
  const isEnd = endWords.test(name);
  const type = param.type === "array" ? param.itemType : param.type;
  if (type === "boolean") return { kind: "boolean", isEnd };
  if (type === "number" || type === "integer") return { kind: isEpoch(name, about) ? "epoch" : numberKind(name, about), isEnd };
  if (type === "object") return { kind: "text", isEnd };
  const items = member(schema, "items");
  const format = member(param.type === "array" && isObject(items) ? items : schema, "format");
  const formatted = typeof format === "string" ? formats.get(format.toLowerCase()) : undefined;
  const calendar = calendarAsk(param, { name, about, formatted });
  if (calendar !== undefined) return { ...calendar, isEnd };
  return { kind: formatted ?? nameKind(name, about), isEnd };
}

function isEpoch(name: string, about: string): boolean {
  return /\b(?:unix|epoch)\b/.test(about) || /\btimestamp\b/.test(name);
}

function numberKind(name: string, about: string): AskKind {
  if (/\b(?:percent|percentage)\b/.test(name) || /\bpercent(?:age)?\b|%/.test(about)) return "percent";
  if (/\b(?:duration|timeout)\b/.test(name)) return "duration";
  return "number";
}

interface About {
  readonly name: string;
  readonly about: string;
  readonly formatted: AskKind | undefined;
}

/** Days and times: by format, by the form that is described, by name. */
function calendarAsk(param: DraftParam, { name, about, formatted }: About): Omit<Ask, "isEnd"> | undefined {
  const isCalendar = formatted === "date" || formatted === "time" || formatted === "datetime";
  if (formatted !== undefined && !isCalendar) return undefined;
  const named = calendarName(name, about);
  if (!isCalendar && named === undefined) return undefined;
  if (named !== undefined && !isCalendar && /\b(?:unix|epoch)\b/.test(about)) return { kind: "epoch" };
  const form = formOf(param.schema, param.description);
  if (form !== undefined) {
    const kind = form.hasDate ? (form.hasTime ? "datetime" : "date") : form.hasTime ? "time" : "date";
    return { kind, form };
  }
  const kind = isCalendar ? formatted : (named ?? "date");
  return shownInWords.test(about) ? { kind, isInWords: true } : { kind };
}

const shownInWords =
  /\b(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}|\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\btoday\b|\btomorrow\b/;

const notCalendar =
  /\b(?:zone|timezone|period|range|frame|interval|update|updated|candidate|format|type|count|number|of week|span|unit|units|limit|candle|flag|times|name|of day)\b/;

/** What the name, or the description where the name only bounds something, says about days and times. */
function calendarName(name: string, about: string): "date" | "time" | "datetime" | undefined {
  if (notCalendar.test(name)) return undefined;
  if (/\b(?:datetime|date ?time|timestamp)\b/.test(name) || (/\bdate\b/.test(name) && /\btime\b/.test(name))) return "datetime";
  if (/\b(?:date|dates|dob|birthday|birthdate|deadline)\b/.test(name) || /date$/.test(name)) return "date";
  if (/\btimes?$/.test(name) || /^time\b/.test(name)) {
    if (/\btime (?:frame|period|range|zone)\b|\bmorning\b/.test(about) && !/hh|\d:\d/.test(about)) return undefined;
    if (/\b(?:seconds|minutes|hours|duration|amount of time|length of)\b/.test(about) && !/hh|\d:\d/.test(about))
      return undefined;
    return /\b(?:date and time|datetime|date time|timestamp|iso.?8601)\b/.test(about) ? "datetime" : "time";
  }
  const isBound =
    /^(?:start|end|from|to|since|until|before|after|begin|day|when|on|at|check ?in|check ?out|checkin|checkout|arrival|departure|due|expiry|expiration)\b/.test(
      name,
    ) || /\b(?:start|end|since|until|before|after|due|on|at|day)$/.test(name);
  if (
    !isBound &&
    !/yyyy[-/.]?mm|mm[-/]dd|dd[-/]mm|%y-%m/.test(about) &&
    !/^(?:the |an? )?(?:[a-z]+ ){0,2}date\b(?! range)/.test(about)
  )
    return undefined;
  if (/\bdate and time\b|\bdate\/time\b|\bdatetime\b|\btimestamp\b/.test(about)) return "datetime";
  if (/\bdate\b|yyyy/.test(about)) return "date";
  if (/\b(?:time of day|start time|end time|time)\b/.test(about) && /hh|\d:\d/.test(about)) return "time";
  if (/yyyy[-/.]?mm|mm[-/]dd|dd[-/]mm|%y-%m/.test(about)) return "date";
  return /^day$/.test(name) && !/\bof the week\b|\bweekday\b/.test(about) ? "date" : undefined;
}

const nameKinds: readonly (readonly [RegExp, AskKind])[] = [
  [/\be ?mails?\b|\bemails?\b/, "email"],
  [/\b(?:url|urls|uri|link|links|website|webpage|domain|domains|hostname|host|homepage|href)\b/, "url"],
  [/\b(?:phone|telephone|mobile|msisdn|fax|tel)\b/, "phone"],
  [/\bips?\b|\bip ?v[46]\b|\bip address\b/, "ip"],
  [/\b(?:path|paths|file|files|filename|filepath|directory|folder|dir)\b/, "path"],
  [/\bcurrency\b|\bcurrencies\b/, "currency"],
  [/\b(?:duration|timeout)\b/, "duration"],
  [/\b(?:amount|price|budget|cost|salary|fee|balance|income|payment amount)\b$/, "amount"],
  [/\b(?:id|ids|identifier|uuid|guid|sku|isbn|asin|imei|vin|iban|upc|ean|serial|reference|tracking)\b/, "identifier"],
  [
    /\b(?:order|account|card|invoice|ticket|flight|tracking|policy|case|confirmation|booking|passport|license|licence|routing|serial|part) (?:number|no|num|code)\b/,
    "identifier",
  ],
];

function nameKind(name: string, about: string): AskKind {
  if (/\bcountry\b|\bnationality\b/.test(name)) return "country";
  if (/\b(?:language|lang|languages|locale)\b/.test(name)) return "language";
  const named = nameKinds.find(([pattern]) => pattern.test(name))?.[1];
  if (named === "path" && /\b(?:contents?|formats?|types?|extensions?|attributes?|sizes?|permissions?)\b/.test(name))
    return "text";
  if (named === "email" && /\b(?:subject|body|content|text|message|template|type|title)\b/.test(name)) return "text";
  if (named !== undefined) return named;
  if (isCount(name)) return "number";
  return /\b(?:e-?mail address(?:es)?)\b/.test(about) ? "email" : "text";
}

/** Whether a name says that a number is meant, whatever the type. */
function isCount(name: string): boolean {
  return (
    /^(?:number of|num|count|quantity|qty|how many|no of|total)\b/.test(name) ||
    /\b(?:count|quantity|number|limit|age|guests|people|seats|tickets|rooms|adults|children|passengers|riders|bags|beds|baths|bedrooms|bathrooms|page|offset|year|rating|zoom|radius|latitude|longitude|lat|lon|lng|distance|weight|height|width|length|percentage|rate|min|max)$/.test(
      name,
    )
  );
}
