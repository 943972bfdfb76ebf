/**
 * The written form that a schema asks for in a day, a time or both: `YYYY-MM-DD`, `MM/DD/YYYY`, `HH:MM`, `YYYY-MM-DD HH:MM:SS`.
 * Pure. Never parses a date: it says only how one is written.
 */
import type { Temporal } from "temporal-polyfill";
import { type Json, type JsonObject, member } from "../../json/value.ts";
import type { ClockTime } from "./time-words.ts";

/** A written form: fields of a date or time, and the marks between them. */
export interface Form {
  readonly parts: readonly FormPart[];
  readonly hasDate: boolean;
  readonly hasTime: boolean;
}

/** Hours: `HH` of 24, `hh` and `h` of 12; `A` is AM or PM. Any other text is itself. */
type FormPart = "YYYY" | "YY" | "MM" | "M" | "DD" | "D" | "HH" | "hh" | "h" | "mm" | "ss" | "A" | { readonly literal: string };

const dateParts: ReadonlySet<FormPart> = new Set<FormPart>(["YYYY", "YY", "MM", "M", "DD", "D"]);

/** A form from its parts; a text that names no field is a mark. */
function form(...parts: readonly FormPart[]): Form {
  const hasDate = parts.some((part) => dateParts.has(part));
  const hasTime = parts.some((part) => part === "HH" || part === "h" || part === "hh");
  return { parts, hasDate, hasTime };
}

const dash = { literal: "-" };
const colon = { literal: ":" };

/** RFC 3339 §5.6 full-date. */
export const isoDate: Form = form("YYYY", dash, "MM", dash, "DD");
/** Hours and minutes on the clock of 24. */
export const clock: Form = form("HH", colon, "mm");
/** RFC 3339 §5.6 partial-time without fractions. */
const clockSeconds: Form = form("HH", colon, "mm", colon, "ss");
const clockHalf: Form = form("h", colon, "mm", { literal: " " }, "A");
/** ISO 8601 without an offset. */
export const isoDateTime: Form = form(...isoDate.parts, { literal: "T" }, ...clockSeconds.parts);

const yearFirst = /(?:YYYY|yyyy|%Y)([-/. ]?)(?:MM|mm|M|%m)\1(?:DD|dd|D|d|%d)(?![A-Za-z]{2})/;
const dayFirst = /(?:DD|dd|%d|\bd)([-/. ])(?:MM|mm|%m|m)\1(YYYY|yyyy|%Y|YY|yy|%y)/;
const monthFirst = /(?:MM|mm|%m|\bm)([-/. ])(?:DD|dd|%d|d)\1(YYYY|yyyy|%Y|YY|yy|%y)/;
const yearMonth = /(?:YYYY|yyyy|%Y)([-/.])(?:MM|mm|%m)(?![A-Za-z])/;
const monthDay = /(?<![A-Za-z])(?:MM|mm)([-/])(?:DD|dd)(?![A-Za-z])/;
const dayMonth = /(?<![A-Za-z])(?:DD|dd)([-/])(?:MM|mm)(?![A-Za-z])/;
const timeOf = /(HH|hh|%H|%I|\bH|\bh):?(?:MM|mm|%M)(:?(?:SS|ss|%S))?( ?(?:AM\/PM|am\/pm|[AP]M|[ap]m|%p|a\b|A\b))?/;

/** The form of a day that a template in a text gives, and where it ends. */
function dateTemplate(
  text: string,
): { readonly parts: readonly FormPart[]; readonly start: number; readonly end: number } | undefined {
  const shapes: readonly (readonly [RegExp, (mark: FormPart, year: FormPart) => readonly FormPart[]])[] = [
    [yearFirst, (mark) => ["YYYY", mark, "MM", mark, "DD"]],
    [dayFirst, (mark, year) => ["DD", mark, "MM", mark, year]],
    [monthFirst, (mark, year) => ["MM", mark, "DD", mark, year]],
    [yearMonth, (mark) => ["YYYY", mark, "MM"]],
    [monthDay, (mark) => ["MM", mark, "DD"]],
    [dayMonth, (mark) => ["DD", mark, "MM"]],
  ];
  for (const [pattern, parts] of shapes) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [whole, mark = "", year = ""] = match;
    const short = year.length === 2 && year !== "%Y";
    return { parts: parts({ literal: mark }, short ? "YY" : "YYYY"), start: match.index, end: match.index + whole.length };
  }
  return undefined;
}

function timeTemplate(
  text: string,
): { readonly parts: readonly FormPart[]; readonly start: number; readonly end: number } | undefined {
  const match = timeOf.exec(text);
  if (match === null) return undefined;
  const [whole, , seconds, half] = match;
  const mark = { literal: whole.includes(":") ? ":" : "" };
  const hour = half === undefined ? "HH" : "hh";
  const parts: FormPart[] = [hour, mark, "mm"];
  if (seconds !== undefined) parts.push(mark, "ss");
  if (half !== undefined) parts.push({ literal: half.startsWith(" ") ? " " : "" }, "A");
  return { parts, start: match.index, end: match.index + whole.length };
}

/** The form that a text describes by a template (`YYYY-MM-DD`, `%H:%M`), or shows by an example (`2024-05-01`, `09:30 AM`). */
export function formIn(text: string): Form | undefined {
  const date = dateTemplate(text);
  const rest = date === undefined ? text : text.slice(date.end);
  const time = timeTemplate(rest);
  if (date !== undefined && time !== undefined && time.start <= 4) {
    const between = rest.slice(0, time.start).replaceAll("'", "");
    const zone = /^(?:\.s+|\.S+)?'?(Z)\b/.exec(rest.slice(time.end))?.[1] ?? "";
    return form(...date.parts, { literal: between || " " }, ...time.parts, { literal: zone });
  }
  if (date !== undefined) return form(...date.parts);
  if (time !== undefined) return form(...time.parts);
  return exampleForm(text);
}

const exampleDate = /(?<![\d-])\d{4}([-/])\d{2}\1\d{2}(?:([T ])\d{2}:\d{2}(:\d{2})?(?:\.\d+)?(Z)?)?(?!\d)/;
const exampleSlash = /(?<!\d)(\d{2})([/-])(\d{2})\2\d{4}(?!\d)/;
const exampleClock = /(?<![\d:])\d{1,2}:\d{2}(:\d{2})?(?![\d:])( ?[AaPp]\.?[Mm])?/;

function exampleForm(text: string): Form | undefined {
  const date = exampleDate.exec(text);
  if (date !== null) {
    const [, mark = "-", between, seconds, zone = ""] = date;
    const day: readonly FormPart[] = ["YYYY", { literal: mark }, "MM", { literal: mark }, "DD"];
    if (between === undefined) return form(...day);
    const time: readonly FormPart[] = seconds === undefined ? clock.parts : clockSeconds.parts;
    return form(...day, { literal: between }, ...time, { literal: zone });
  }
  const slash = exampleSlash.exec(text);
  if (slash !== null) {
    const mark = { literal: slash[2] ?? "/" };
    const isDayFirst = Number(slash[1]) > 12;
    return isDayFirst ? form("DD", mark, "MM", mark, "YYYY") : form("MM", mark, "DD", mark, "YYYY");
  }
  const time = exampleClock.exec(text);
  if (time === null) return undefined;
  if (time[2] !== undefined) return time[0].startsWith("0") ? form("hh", colon, "mm", { literal: " " }, "A") : clockHalf;
  return time[1] === undefined ? clock : clockSeconds;
}

/** The form that the schema of an argument asks for: by `format`, by what its description says, by an example or default. */
export function formOf(schema: JsonObject, description: string): Form | undefined {
  const said = formIn(description.slice(0, 1_000));
  const format = member(schema, "format");
  if (format === "date") return isoDate;
  if (format === "date-time") return said?.hasDate === true && said.hasTime ? said : form(...isoDateTime.parts, { literal: "Z" });
  if (format === "time") return clockSeconds;
  if (typeof format === "string") {
    const named = formIn(format);
    if (named !== undefined) return named;
  }
  if (said !== undefined) return said;
  for (const example of examplesOf(schema)) {
    const shown = typeof example === "string" ? exampleForm(example) : undefined;
    if (shown !== undefined) return shown;
  }
  const pattern = member(schema, "pattern");
  return typeof pattern === "string" ? patternForm(pattern) : undefined;
}

function examplesOf(schema: JsonObject): readonly Json[] {
  const list = member(schema, "examples");
  const [one, other] = [member(schema, "example"), member(schema, "default")];
  return [
    ...(Array.isArray(list) ? list.slice(0, 8) : []),
    ...(one === undefined ? [] : [one]),
    ...(other === undefined ? [] : [other]),
  ];
}

/** Patterns of digits with marks between, as people write them: `^\d{4}-\d{2}-\d{2}$`, `^[0-9]{2}:[0-9]{2}$`. */
function patternForm(pattern: string): Form | undefined {
  const plain = pattern
    .replaceAll("[0-9]", "\\d")
    .replaceAll("\\/", "/")
    .replace(/\\d\\d\\d\\d|\\d\{4\}/g, "Y")
    .replace(/\\d\\d|\\d\{2\}|\\d\{1,2\}/g, "d");
  const shapes: readonly (readonly [RegExp, Form])[] = [
    [/Y-d-dTd:d:d/, isoDateTime],
    [/Y-d-d d:d:d/, form(...isoDate.parts, { literal: " " }, ...clockSeconds.parts)],
    [/Y-d-d/, isoDate],
    [/d\/d\/Y/, form("MM", { literal: "/" }, "DD", { literal: "/" }, "YYYY")],
    [/d:d:d/, clockSeconds],
    [/d:d/, clock],
  ];
  return shapes.find(([shape]) => shape.test(plain))?.[1];
}

/** Writes a day and a time in a form; `undefined` if the form has a field that neither gives. */
export function write(
  { parts }: Form,
  { date, time }: { readonly date?: Temporal.PlainDate | undefined; readonly time?: ClockTime | undefined },
): string | undefined {
  let text = "";
  for (const part of parts) {
    const field = typeof part === "object" ? part.literal : fieldOf(part, { date, time });
    if (field === undefined) return undefined;
    text += field;
  }
  return text;
}

function fieldOf(
  part: Exclude<FormPart, object>,
  { date, time }: { readonly date: Temporal.PlainDate | undefined; readonly time: ClockTime | undefined },
): string | undefined {
  switch (part) {
    case "YYYY":
      return date && String(date.year).padStart(4, "0");
    case "YY":
      return date && String(date.year % 100).padStart(2, "0");
    case "MM":
      return date && String(date.month).padStart(2, "0");
    case "M":
      return date && String(date.month);
    case "DD":
      return date && String(date.day).padStart(2, "0");
    case "D":
      return date && String(date.day);
    case "HH":
      return time && String(time.hour).padStart(2, "0");
    case "hh":
      return time && String(time.hour % 12 || 12).padStart(2, "0");
    case "h":
      return time && String(time.hour % 12 || 12);
    case "mm":
      return time && String(time.minute).padStart(2, "0");
    case "ss":
      return time && String(time.second).padStart(2, "0");
    case "A":
      return time && (time.hour < 12 ? "AM" : "PM");
  }
}
