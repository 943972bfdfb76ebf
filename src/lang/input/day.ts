/**
 * Days and instants as people write them, in the time zone of whoever wrote them.
 * Pure: the zones are passed in. Never takes the machine's zone for the user's, and never chooses between two instants of one wall-clock time.
 */
import type { Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { addDays, isDate, parseDate, readDateTime, writeDateTime } from "../date.ts";
import { compileExtract } from "../extract/extract.ts";
import type { NumberLocale } from "../extract/number.ts";
import type { InputScene } from "./scene.ts";

const zoneNeeded = "the user's time zone is needed to read this: give `user.zone`, as in `Europe/Berlin`";
const zoneUnknown = "the user's time zone is not known here: give an IANA name, as in `Europe/Berlin`";

/** Characters of a day or an instant that is written as a text. */
const momentCharsMax = 64;

/**
 * A day: `2026-12-03`; a day with its year as `locale` writes it; an instant (RFC 3339), which is a day in the user's zone; or `today`,
 * `tomorrow`, `yesterday` and `today+14d`, `today-1w`. The value is an ISO 8601 date.
 */
export function readDay(value: Json, scene: InputScene & { readonly locale: NumberLocale }): Result<string, string> {
  const text = typeof value === "string" && value.length <= momentCharsMax ? value.trim() : "";
  if (isDate(text)) return ok(text);
  const relative = readRelative(text, scene);
  if (relative !== undefined) return relative;
  const instant = readDateTime(text);
  if (instant !== undefined) return dayAt(instant, scene);
  const local = splitLocal(text);
  if (local !== undefined) return ok(local.day);
  const extract = compileExtract({ kind: "date", locale: scene.locale });
  const [found] = extract.ok ? extract.value.find(text) : [];
  if (found !== undefined && found.start === 0 && found.end === text.length && typeof found.value === "string")
    return ok(found.value);
  return err(`expected a day with its year, as in \`2026-12-03\`, or as \`${scene.locale}\` writes it`);
}

/**
 * An instant: RFC 3339; a day and a time of day (`2026-12-03 09:30`, `tomorrow 09:30`) in the user's zone; or `now`. The value is RFC 3339
 * in UTC. A wall-clock time that the zone skips or has twice (a change of summer time) is refused.
 */
export function readInstant(value: Json, scene: InputScene): Result<string, string> {
  const text = typeof value === "string" && value.length <= momentCharsMax ? value.trim() : "";
  if (text.toLowerCase() === "now") return ok(writeDateTime(scene.now));
  const instant = readDateTime(text);
  if (instant !== undefined) return ok(writeDateTime(instant));
  const local = splitLocal(text) ?? splitRelative(text, scene);
  if (local === undefined)
    return err("expected an instant, as in `2026-12-03T09:30:00+01:00`, or a day and a time in the user's zone");
  if (typeof local === "string") return err(local);
  if (scene.user.zone === undefined) return err(zoneNeeded);
  const instants = scene.zones.instantsOf(`${local.day}T${local.time}`, scene.user.zone);
  if (instants === undefined) return err(zoneUnknown);
  const [only, ...others] = instants;
  if (only === undefined || others.length > 0)
    return err(
      `the user's zone has this time of day ${only === undefined ? "not at all" : "twice"}: write its offset, as in \`+01:00\``,
    );
  return ok(writeDateTime(only));
}

interface Local {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `HH:MM:SS`. */
  readonly time: string;
}

function splitLocal(text: string): Local | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?$/.exec(text);
  if (match === null) return undefined;
  const [, day = "", minute = "", second = ":00"] = match;
  return parseDate(day) !== undefined && isTime(`${minute}${second}`) ? { day, time: `${minute}${second}` } : undefined;
}

function splitRelative(text: string, scene: InputScene): Local | string | undefined {
  const match = /^(\S+) (\d{2}:\d{2})(:\d{2})?$/.exec(text);
  const [, word = "", minute = "", second = ":00"] = match ?? [];
  const day = match === null || !isTime(`${minute}${second}`) ? undefined : readRelative(word, scene);
  if (day === undefined) return undefined;
  return day.ok ? { day: day.value, time: `${minute}${second}` } : day.error;
}

function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text);
}

const offsets: ReadonlyMap<string, number> = new Map([
  ["today", 0],
  ["tomorrow", 1],
  ["yesterday", -1],
]);

/** `today`, `tomorrow`, `yesterday`, and days or weeks from today; `undefined`: no such word. */
function readRelative(text: string, scene: InputScene): Result<string, string> | undefined {
  const match = /^(?:(today|tomorrow|yesterday)|today([+-])(\d{1,4})([dw]))$/i.exec(text);
  if (match === null) return undefined;
  const [, word, sign, count, unit] = match;
  const days =
    word === undefined
      ? Number(count) * (unit?.toLowerCase() === "w" ? 7 : 1) * (sign === "-" ? -1 : 1)
      : offsets.get(word.toLowerCase());
  const today = dayAt(scene.now, scene);
  if (!today.ok) return today;
  const day = addDays(today.value, days ?? 0);
  return day.ok ? ok(day.value) : err("the day is outside of the years 0 to 9999");
}

function dayAt(instant: number, { user, zones }: InputScene): Result<string, string> {
  if (user.zone === undefined) return err(zoneNeeded);
  const local = zones.localAt(instant, user.zone);
  return local === undefined ? err(zoneUnknown) : ok(local.slice(0, 10));
}
