/**
 * Days in words that the rules of this folder do not have, by chrono-node: `within 3 days`, `Aug-12-2024`.
 * Pure: the now is given. Never asked first: chrono reads months before days always, and some weekdays in the wrong week.
 */
import { en } from "chrono-node";
import { Temporal } from "temporal-polyfill";

/** UTF-16 units of a text that chrono reads: its patterns are many. */
const charsMax = 120;

/** What chrono makes a number of though none is said, or counts wrongly. */
const vague =
  /\b(?:few|several|some|fortnight|after next|business|half|(?:mon|tues|wednes|thurs|fri|satur|sun)days|mid|early|late)\b/i;

/** The day that words name for certain, seen from a now; `undefined` if chrono would have to fill in the day itself. */
export function otherDay(said: string, now: Temporal.PlainDateTime | undefined): Temporal.PlainDate | undefined {
  if (vague.test(said)) return undefined;
  if (said.length > charsMax || !/\p{L}{3}/u.test(said)) return undefined;
  const base = now ?? Temporal.PlainDateTime.from("2000-01-01");
  const instant = new Date(base.toZonedDateTime("UTC").epochMilliseconds);
  const start = en.casual.parse(said, { instant, timezone: 0 })[0]?.start;
  if (start?.isCertain("day") !== true || !start.isCertain("month")) return undefined;
  if (now === undefined && !start.isCertain("year")) return undefined;
  const [year, month, day] = [start.get("year"), start.get("month"), start.get("day")];
  if (year === null || month === null || day === null) return undefined;
  try {
    const date = Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" });
    // Without a now, what chrono calls certain may still be relative to the day it was given.
    return now === undefined && !said.includes(String(year)) ? undefined : date;
  } catch {
    return undefined;
  }
}
