import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDays,
  civilFromDays,
  compileDateFormat,
  daysFromCivil,
  formatDate,
  isDate,
  isDateTime,
  readDateTime,
} from "../../src/lang/date.ts";

const day = fc.integer({ min: Date.UTC(1, 0, 1) / 86_400_000, max: Date.UTC(9999, 11, 31) / 86_400_000 });

function iso(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

test("days and dates agree with the platform's calendar", () => {
  fc.assert(
    fc.property(day, (days) => {
      const { year, month, day: dayOfMonth } = civilFromDays(days);
      expect(Date.UTC(2000, month - 1, dayOfMonth)).not.toBeNaN();
      expect(`${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}`).toBe(
        iso(days),
      );
      expect(daysFromCivil({ year, month, day: dayOfMonth })).toBe(days);
    }),
    { numRuns: 500 },
  );
});

test("adding days and taking them away again gives the same date", () => {
  fc.assert(
    fc.property(day, fc.integer({ min: -100_000, max: 100_000 }), (days, n) => {
      const there = addDays(iso(days), n);
      if (!there.ok) {
        expect(there.error.code).toBe("LANG_DATE");
        return;
      }
      expect(there.value).toBe(iso(days + n));
      expect(addDays(there.value, -n)).toEqual({ ok: true, value: iso(days) });
    }),
    { numRuns: 300 },
  );
});

test("exactly the dates that exist are dates", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, date) => {
        const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
        const platform = new Date(0);
        platform.setUTCFullYear(year, month - 1, date);
        expect(isDate(text)).toBe(platform.toISOString().slice(0, 10) === text);
      },
    ),
    { numRuns: 500 },
  );
});

test("a date-time is the same instant as on the platform", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0100-01-01T00:00:00Z"), max: new Date("9990-01-01T00:00:00Z"), noInvalidDate: true }),
      fc.integer({ min: -840, max: 840 }),
      (at, offset) => {
        const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(offset);
        const zone = `${offset < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
        expect(readDateTime(local + zone)).toBe(at.getTime());
      },
    ),
    { numRuns: 300 },
  );
});

test("what Date.parse forgives is refused", () => {
  for (const text of [
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00+0100",
    "20260101T000000Z",
    "2026-01-01T24:00:00Z",
    "+002026-01-01T00:00:00Z",
    "Jan 1 2026",
  ]) {
    expect(isDateTime(text)).toBe(false);
  }
});

test("a format prints every field, and refuses letters that are none", () => {
  expect(formatDate("2026-03-07T09:05:01Z", "YYYY YY MMMM MMM MM M DD D dddd ddd HH mm ss [HH]")).toEqual({
    ok: true,
    value: "2026 26 March Mar 03 3 07 7 Saturday Sat 09 05 01 HH",
  });
  for (const [source, offset] of [
    ["YYY", 0],
    ["D of MMM", 2],
    ["[open", 0],
    ["DDD", 0],
  ] as const) {
    const format = compileDateFormat(source);
    expect(!format.ok && format.error.offset).toBe(offset);
  }
});
