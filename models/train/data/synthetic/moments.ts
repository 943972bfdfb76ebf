/**
 * Dates and times as people write them.
 * Pure but for the chance that it is given; what they mean is read by the normaliser, never said here.
 */
import type { Random } from "../random.ts";

const months = "January February March April May June July August September October November December".split(" ");
const weekdays = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function ordinal(day: number): string {
  const tail = day % 100 > 10 && day % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${tail}`;
}

/** A day. With `isRelative` it may depend on today's date. */
export function dateWords(random: Random, isRelative: boolean): string {
  const year = 2015 + random.below(13);
  const month = random.below(12);
  const day = 1 + random.below(28);
  const name = months[month] ?? "May";
  const short = name.slice(0, 3);
  const full = [
    [`${year}-${two(month + 1)}-${two(day)}`, 10],
    [`${name} ${day}, ${year}`, 5],
    [`${name} ${ordinal(day)}, ${year}`, 4],
    [`${day} ${name} ${year}`, 2],
    [`the ${ordinal(day)} of ${name} ${year}`, 1],
    [`${ordinal(day)} ${name} ${year}`, 1],
    [`${short} ${day}, ${year}`, 1],
    [`${two(month + 1)}/${two(day)}/${year}`, 1],
    [`${year}/${two(month + 1)}/${two(day)}`, 0.5],
  ] as const;
  const relative = [
    [`${name} ${ordinal(day)}`, 4],
    [`the ${ordinal(day)}`, 3],
    [`the ${ordinal(day)} of ${name}`, 2],
    [`${name} ${day}`, 3],
    ["tomorrow", 3],
    ["today", 2],
    ["the day after tomorrow", 1.5],
    [`next ${random.pick(weekdays)}`, 2],
    [`this ${random.pick(weekdays)}`, 1],
    [random.pick(weekdays), 1],
    [`in ${2 + random.below(6)} days`, 1],
    ["a week from today", 0.5],
    [`${random.pick(weekdays)} next week`, 1],
    ["later today", 0.3],
  ] as const;
  return random.weighted<string>(isRelative && random.chance(0.6) ? relative : full);
}

/** A time of day. */
export function timeWords(random: Random): string {
  const hour = 6 + random.below(16);
  const minute = random.pick([0, 0, 0, 15, 30, 30, 45, 10, 20, 5]);
  const half = hour % 12 === 0 ? 12 : hour % 12;
  const part = hour < 12 ? "in the morning" : hour < 17 ? "in the afternoon" : "in the evening";
  const mark = hour < 12 ? random.pick(["am", "AM", " am", " AM", "a.m."]) : random.pick(["pm", "PM", " pm", " PM"]);
  const clock = minute === 0 && random.chance(0.6) ? `${half}` : `${half}:${two(minute)}`;
  return random.weighted([
    [`${two(hour)}:${two(minute)}`, 5],
    [`${clock}${mark}`, 6],
    [`${clock} ${part}`, 2],
    [`half past ${half} ${part}`, 0.7],
    [`quarter past ${half} ${part}`, 0.4],
    [`${half} o'clock ${part}`, 0.5],
    ["noon", 0.4],
  ]);
}

/** A day with a time. */
export function momentWords(random: Random, isRelative: boolean): string {
  const date = dateWords(random, isRelative);
  const time = timeWords(random);
  if (/^\d{4}-/.test(date)) return random.chance(0.5) ? `${date} ${/^\d\d:/.test(time) ? time : "10:00"}` : `${date} at ${time}`;
  return random.pick([`${date} at ${time}`, `${date}, ${time}`, `${time} on ${date}`]);
}

/** A span of time. */
export function durationWords(random: Random): string {
  const count = 1 + random.below(12);
  const unit = random.pick(["hour", "day", "week", "month", "minute", "year"]);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
