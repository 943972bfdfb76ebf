import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { compileInput, type InputScene } from "../../../src/lang/input.ts";
import { utcOnly } from "../../../src/lang/input/utc.ts";
import { minorDigitsOf } from "../../../src/lang/input/amount.ts";
import { compileMatch } from "../../../src/lang/match.ts";
import { systemZones } from "../../../src/zones.ts";

/** 2026-11-25T23:30:00Z: already the 26th in Berlin, still the 25th in New York. */
const now = Date.UTC(2026, 10, 25, 23, 30);

function scene(user: InputScene["user"] = {}): InputScene {
  return { user, now, zones: systemZones };
}

function read(spec: Json, value: Json, user: InputScene["user"] = {}): Json {
  const input = compileInput(spec);
  if (!input.ok) throw new Error(input.error.message);
  const result = input.value.read(value, scene(user));
  return result.ok ? result.value : { refused: result.error };
}

const refused = { refused: expect.any(String) };
const berlin = { zone: "Europe/Berlin" };

describe("dates", () => {
  it.each<[string, InputScene["user"], Json]>([
    ["2026-12-03", {}, "2026-12-03"],
    [" 3 December 2026 ", {}, "2026-12-03"],
    ["December 3, 2026", {}, "2026-12-03"],
    ["3. Dezember 2026", { locale: "de" }, "2026-12-03"],
    ["03.12.2026", { locale: "de-DE" }, "2026-12-03"],
    ["03/12/2026", { locale: "en-GB" }, "2026-12-03"],
    ["03/12/2026", { locale: "en-US" }, "2026-03-12"],
    ["2026-11-25T23:30:00Z", berlin, "2026-11-26"],
    ["2026-11-25T23:30:00Z", { zone: "America/New_York" }, "2026-11-25"],
    ["2026-11-25T23:30:00+14:00", { zone: "UTC" }, "2026-11-25"],
    ["2026-11-25T09:30", {}, "2026-11-25"],
    ["today", berlin, "2026-11-26"],
    ["Today", { zone: "America/New_York" }, "2026-11-25"],
    ["tomorrow", { zone: "UTC" }, "2026-11-26"],
    ["yesterday", { zone: "UTC" }, "2026-11-24"],
    ["today+14d", { zone: "UTC" }, "2026-12-09"],
    ["today-1w", { zone: "UTC" }, "2026-11-18"],
  ])("read %j of %j as %j", (text, user, value) => {
    expect(read("date", text, user)).toEqual(value);
  });

  it.each<[Json, InputScene["user"]]>([
    ["03/12/2026", {}],
    ["03/12/2026", { locale: "en" }],
    ["2026-02-30", {}],
    ["3 December", {}],
    ["03.12.26", { locale: "de" }],
    ["due 2026-12-03", {}],
    ["2026-12-03 or 2026-12-04", {}],
    ["today", {}],
    ["today", { zone: "Europe/Atlantis" }],
    ["2026-11-25T23:30:00Z", {}],
    ["next week", berlin],
    ["today+14", berlin],
    [20261203, {}],
    [null, {}],
    ["", {}],
    ["٢٠٢٦-١٢-٠٣", {}],
    ["03/12/2026", { locale: "xx" }],
  ])("refuse %j of %j", (value, user) => {
    expect(read("date", value, user)).toEqual(refused);
  });

  it("are never the day of the machine's own zone", () => {
    const before = process.env.TZ;
    process.env.TZ = "Pacific/Kiritimati";
    try {
      expect(read("date", "today", { zone: "America/New_York" })).toBe("2026-11-25");
      expect(read("date", "today")).toEqual(refused);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});

describe("instants", () => {
  it.each<[string, InputScene["user"], Json]>([
    ["2026-12-03T09:30:00+01:00", {}, "2026-12-03T08:30:00Z"],
    ["2026-12-03T09:30:00.250Z", {}, "2026-12-03T09:30:00.250Z"],
    ["2026-12-03 09:30", berlin, "2026-12-03T08:30:00Z"],
    ["2026-07-03T09:30:15", berlin, "2026-07-03T07:30:15Z"],
    ["tomorrow 09:00", berlin, "2026-11-27T08:00:00Z"],
    ["now", {}, "2026-11-25T23:30:00Z"],
  ])("read %j of %j as %j", (text, user, value) => {
    expect(read("instant", text, user)).toEqual(value);
  });

  it.each<[Json, InputScene["user"], RegExp]>([
    ["2026-03-29 02:30", berlin, /not at all/],
    ["2026-10-25 02:30", berlin, /twice/],
    ["2026-12-03 09:30", {}, /time zone is needed/],
    ["2026-12-03 09:30", { zone: "Europe/Atlantis" }, /not known/],
    ["2026-12-03", berlin, /an instant/],
    ["2026-12-03 25:00", berlin, /an instant/],
    ["2026-12-03T09:30:00", {}, /needed/],
    ["tomorrow 09:00", {}, /needed/],
    [1764000000, {}, /an instant/],
  ])("refuse %j of %j", (value, user, says) => {
    expect(read("instant", value, user)).toEqual({ refused: expect.stringMatching(says) });
  });
});

describe("amounts", () => {
  const eur = { kind: "amount", currency: "EUR" };
  it.each<[Json, Json, InputScene["user"], Json]>([
    [eur, 1234.5, {}, 1234.5],
    [eur, "1234.50", {}, 1234.5],
    [eur, "1,234.50 EUR", {}, 1234.5],
    [eur, "1.234,50 €", { locale: "de" }, 1234.5],
    [eur, "€-12", {}, -12],
    [eur, "-€12", {}, -12],
    [eur, "−12 €", {}, -12],
    [eur, { amount: "1.234,50", currency: "EUR" }, { locale: "de" }, 1234.5],
    [{ ...eur, locale: "de" }, "1.234,50", { locale: "en" }, 1234.5],
    [{ kind: "amount", currency: "JPY" }, "¥1,500", {}, 1500],
    [{ kind: "amount", currency: "CAD" }, "$20", {}, 20],
    [{ kind: "amount", currency: "BHD" }, "1.234", {}, 1.234],
  ])("%j reads %j of %j as %j", (spec, value, user, amount) => {
    expect(read(spec, value, user)).toEqual(amount);
  });

  it.each<[Json, Json, InputScene["user"], RegExp]>([
    [eur, "12 USD", {}, /in EUR/],
    [eur, "$12", {}, /in EUR/],
    [eur, "-$12", {}, /in EUR/],
    [eur, { amount: 12, currency: "USD" }, {}, /in EUR/],
    [eur, { amount: 12 }, {}, /no other member/],
    [eur, { amount: { amount: 12, currency: "EUR" }, currency: "EUR" }, {}, /no other member/],
    [eur, "12.345", {}, /2 digits/],
    [eur, 0.125, {}, /2 digits/],
    [eur, "1.234,50", {}, /one amount/],
    [eur, "12 EUR 13 EUR", {}, /one amount/],
    [eur, "about 12 EUR", {}, /in EUR/],
    [eur, "", {}, /one amount/],
    [eur, true, {}, /in EUR/],
    [eur, null, {}, /in EUR/],
    [{ kind: "amount", currency: "JPY" }, "1500.5", {}, /0 digits/],
  ])("%j refuses %j of %j", (spec, value, user, says) => {
    expect(read(spec, value, user)).toEqual({ refused: expect.stringMatching(says) });
  });

  it("are refused beyond 2^53", () => {
    expect(read(eur, 2n ** 60n)).toEqual({ refused: expect.stringMatching(/below/) });
  });

  it("have as many digits as the runtime's own table of currencies says", () => {
    const differing = Intl.supportedValuesOf("currency").filter((currency) => {
      const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
      return maximumFractionDigits !== minorDigitsOf(currency);
    });
    // CLDR shortens some currencies to what is used in cash, and knows withdrawn ones; ISO 4217 (2024) has the digits that are booked.
    const cldr =
      "ADP AFN ALL BYB BYR COP CRC CZK ESP HUF IDR IQD IRR ITL JPY KPW LAK LBP LUF MGA MGF MMK MRO NOK PKR RSD SEK SLE SLL SOS STN SYP TMM TRL TWD TZS UYI UYW UZS YER ZMK ZWD CLF GNF UGX VUV".split(
        " ",
      );
    expect(differing.filter((currency) => !cldr.includes(currency))).toEqual([]);
  });
});

describe("numbers", () => {
  it("are read in the locale's punctuation", () => {
    expect(read("number", "1.234,5", { locale: "de" })).toBe(1234.5);
    expect(read("number", "1'234.5", { locale: "de-CH" })).toBe(1234.5);
    expect(read("integer", "12,000")).toBe(12000);
    expect(read("integer", 7)).toBe(7);
    expect(read("integer", "9007199254740993")).toBe(9007199254740993n);
  });

  it("are refused with words around them, as fractions where integers are meant, and as other types", () => {
    for (const value of ["12 apples", "1.5.2", "", "NaN", "1e5", true, [1]] as Json[])
      expect(read("number", value)).toEqual(refused);
    expect(read("integer", 1.5)).toEqual(refused);
    expect(read("integer", "1.5")).toEqual(refused);
  });
});

describe("texts and addresses", () => {
  it("lose what surrounds them and nothing else", () => {
    expect(read("text", "  Re\u0301sume\u0301\n")).toBe("Résumé");
    expect(read("email", " Kim.Lee@Example.COM ")).toBe("Kim.Lee@example.com");
    expect(read("iban", "IBAN: de89 3704 0044 0532 0130 00")).toBe("DE89370400440532013000");
    expect(read({ kind: "email", list: true }, ["a@example.com", "b@EXAMPLE.com"])).toEqual(["a@example.com", "b@example.com"]);
  });

  it.each<[Json, Json]>([
    ["text", "a\u202eb"],
    ["text", "a\u0000"],
    ["text", 1],
    ["email", "Kim <kim@example.com>"],
    ["email", "kim@example.com, eve@example.com"],
    ["email", "kim@exämple.com"],
    ["email", "kim"],
    ["iban", "DE89 3704 0044 0532 0130 01"],
    ["iban", "DE89-3704-0044-0532-0130-00"],
    ["iban", "ＤＥ89370400440532013000"],
    [{ kind: "email", list: true }, "a@example.com"],
    [{ kind: "email", list: true }, ["a@example.com", "b"]],
  ])("%j refuses %j", (spec, value) => {
    expect(read(spec, value)).toEqual(refused);
  });
});

describe("ways of reading", () => {
  it.each<[Json, string]>([
    ["day", ""],
    [7, ""],
    [{ kind: "amount" }, "/currency"],
    [{ kind: "amount", currency: "euro" }, "/currency"],
    [{ kind: "date", currency: "EUR" }, "/currency"],
    [{ kind: "date", locale: "xx" }, "/locale"],
    [{ kind: "email", locale: "de" }, "/locale"],
    [{ kind: "email", list: 1 }, "/list"],
    [{ kind: "email", zone: "UTC" }, "/zone"],
  ])("refuse %j at %j", (spec, pointer) => {
    const input = compileInput(spec);
    if (typeof spec === "string") expect(input.ok).toBe(false);
    else if (typeof spec === "number") expect(!input.ok && input.error.pointer).toBe("");
    else expect(!input.ok && input.error.pointer).toBe(pointer);
  });

  const specs: readonly Json[] = [
    "text",
    "email",
    "iban",
    "date",
    "instant",
    "number",
    "integer",
    { kind: "amount", currency: "EUR" },
    { kind: "amount", currency: "JPY", locale: "de" },
    { kind: "date", list: true },
  ];
  const written = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom(
      "1.234,50 €",
      "today",
      "tomorrow 10:00",
      "3 May 2026",
      "03/04/2026",
      "a@B.example",
      "$5",
      "-€ 5.00",
      "5 JPY",
      "1e3",
    ),
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true }).map((date) => date.toISOString()),
    fc.array(fc.constantFrom("2026-01-01", "today"), { maxLength: 3 }),
  );
  const users = fc.record({
    zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"),
    locale: fc.constantFrom("en", "en-US", "en-GB", "de", "fr", "ch"),
  });

  it("yield what their constraint says, and read their own values as themselves, whoever the user is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...specs), written, users, users, (spec, value, user, other) => {
        const input = compileInput(spec);
        if (!input.ok) throw new Error("a spec of the test");
        const first = input.value.read(value as Json, scene(user));
        if (!first.ok) return;
        const match = compileMatch(input.value.match);
        expect(match.ok && match.value.check(first.value)).toBeUndefined();
        expect(input.value.read(first.value, { ...scene(other), now: 0 })).toEqual(first);
      }),
      { numRuns: 2_000 },
    );
  });

  it("know UTC without a host", () => {
    const input = compileInput("instant");
    const at = (zone: string): unknown =>
      input.ok && input.value.read("2026-12-03 09:30", { user: { zone }, now, zones: utcOnly });
    expect(at("UTC")).toEqual({ ok: true, value: "2026-12-03T09:30:00Z" });
    expect(at("Europe/Berlin")).toMatchObject({ ok: false });
    expect(utcOnly.localAt(now, "UTC")).toBe(systemZones.localAt(now, "UTC"));
  });
});
