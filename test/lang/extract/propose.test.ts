/**
 * What the learner is offered for a value that it saw in a text. The texts are made up: a bill, a letter, a page, a chat.
 * Never accepts a proposal that does not work on another text of the same form.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { compileExtract } from "../../../src/lang/extract/extract.ts";
import { proposeExtracts } from "../../../src/lang/extract/propose.ts";

function distinct(spec: Json, text: string): readonly Json[] {
  const compiled = compileExtract(spec);
  const values = compiled.ok ? compiled.value.distinct(text) : compiled;
  if (!values.ok) throw new Error(values.error.message);
  return values.value;
}

/** A form with blanks, filled in twice: what is learned from the first must hold for the second. */
interface Form {
  readonly name: string;
  readonly text: (values: readonly string[]) => string;
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** Which blank, and what the tool was called with, for each filling; the kind that must come first. */
  readonly wanted: readonly { readonly value: readonly [Json, Json]; readonly first: Json }[];
}

const forms: readonly Form[] = [
  {
    name: "a bill",
    text: ([month, rent, total, iban, due, number]) =>
      `Bill for the month of ${month}\n\nCar Rental           ${rent}\nCoffee               12.50\nTotal                ${total}\n\n` +
      `Please pay to ${iban} (IBAN) before ${due}.\nReference:\t${number}\n`,
    first: ["December 2023", "98.70", "1,234.56", "UK12345678901234567890", "January 5, 2024", "INV-2023-0042"],
    second: ["March 2024", "45.00", "57.50", "UK99345678901234567899", "April 2, 2024", "INV-2024-0007"],
    wanted: [
      { value: ["UK12345678901234567890", "UK99345678901234567899"], first: { kind: "iban", strict: false } },
      { value: [1234.56, 57.5], first: { kind: "amount", after: "Total" } },
      { value: [98.7, 45], first: { kind: "amount", after: "Car Rental" } },
      { value: ["2024-01-05", "2024-04-02"], first: "date" },
      { value: ["January 5, 2024", "April 2, 2024"], first: { kind: "date", as: "written" } },
      { value: ["December 2023", "March 2024"], first: { kind: "line", after: "Bill for the month of" } },
    ],
  },
  {
    name: "a letter",
    text: ([name, street, rent, iban]) =>
      `Dear tenant,\n\nwe have moved. Our new contact is ${name}, please write to office@${(street ?? "").toLowerCase().replace(" ", "-")}.example.\n` +
      `Your new rent is $${rent} from now on. You still owe us for 2 keys.\nOld account: GB33BUKB20201555555555\nNew account: ${iban}\nKind regards`,
    first: ["Emma Johnson", "Main Street", "2,200.00", "DE89 3704 0044 0532 0130 00"],
    second: ["Lars van Dyk", "Side Street", "980.50", "FR14 2004 1010 0505 0001 3M02 606"],
    wanted: [
      { value: ["office@main-street.example", "office@side-street.example"], first: "email" },
      { value: [2200, 980.5], first: { kind: "amount", currency: true } },
      { value: ["DE89370400440532013000", "FR1420041010050500013M02606"], first: { kind: "iban", after: "New account:" } },
      { value: ["Emma Johnson", "Lars van Dyk"], first: { kind: "name", after: "Our new contact is" } },
    ],
  },
  {
    name: "a web page",
    text: ([title, url, code, date, phone]) =>
      `${title}\n\nWelcome! Sign up at ${url}.\nYour code: ${code}\nThe event starts on ${date} at 18:30.\nQuestions? Call ${phone} or see the file guide.pdf for "more details".`,
    first: ["Summer School", "https://school.example/join?y=1", "K7-44-XZ", "2026-07-01", "+49 30 5551234"],
    second: ["Winter School", "https://winter.example/in", "Q1-02-AB", "2026-12-24", "+1 212 555 0199"],
    wanted: [
      { value: ["https://school.example/join?y=1", "https://winter.example/in"], first: "url" },
      { value: ["K7-44-XZ", "Q1-02-AB"], first: "id" },
      { value: ["2026-07-01", "2026-12-24"], first: "date" },
      { value: ["+49305551234", "+12125550199"], first: "phone" },
      { value: ["+49 30 5551234", "+1 212 555 0199"], first: { kind: "phone", as: "written" } },
      { value: ["18:30", "18:30"], first: "time" },
      { value: ["guide.pdf", "guide.pdf"], first: "path" },
      { value: ["more details", "more details"], first: "quoted" },
    ],
  },
  {
    name: "a chat message",
    text: ([who, channel, page]) => `Hey @${who}, could you please post a summary of ${page} in #${channel} today? Thanks`,
    first: ["bob", "general", "www.our-news.com"],
    second: ["eve.m", "random", "www.their-blog.org/post"],
    wanted: [
      { value: ["bob", "eve.m"], first: "mention" },
      { value: ["general", "random"], first: "hashtag" },
      { value: ["www.our-news.com", "www.their-blog.org/post"], first: "url" },
    ],
  },
];

describe("proposeExtracts", () => {
  const cases = forms.flatMap((form) =>
    form.wanted.map((wanted) => ({ form, wanted, name: `${String(wanted.value[0])} of ${form.name}` })),
  );

  test.each(cases)("offers for $name a spec that finds the right value in the next such text", ({ form, wanted }) => {
    const proposals = proposeExtracts(form.text(form.first), wanted.value[0]);
    expect(proposals[0]).toEqual(wanted.first);
    expect(distinct(proposals[0] ?? null, form.text(form.second))).toEqual([wanted.value[1]]);
  });

  test("offers nothing for a value that is not in the text", () => {
    expect(proposeExtracts("Total 5", "DE89370400440532013000")).toEqual([]);
    expect(proposeExtracts("Total 5", 6)).toEqual([]);
  });

  test("offers nothing for values that no text holds as such", () => {
    for (const wanted of [null, true, "", ["Total"], { a: 1 }]) expect(proposeExtracts("Total true null", wanted)).toEqual([]);
  });

  test("offers a label above the value", () => {
    expect(proposeExtracts("Amount due\n1,200.00\nPaid\n7.00", 1200)).toContainEqual({ kind: "amount", after: "Amount due" });
  });

  test("offers only specs that give exactly the wanted value, whatever the text", () => {
    const word = fc.constantFrom(
      "Total",
      "5",
      "7.50",
      "\n",
      "IBAN:",
      "DE89370400440532013000",
      "bob@x.com",
      "Ann",
      "\t",
      "x1",
      ":",
      "'q'",
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 12 }),
        fc.constantFrom<Json>(5, 7.5, "DE89370400440532013000", "bob@x.com", "Ann", "x1", "q"),
        (words, wanted) => {
          const text = words.join(" ");
          for (const spec of proposeExtracts(text, wanted)) expect(distinct(spec, text)).toEqual([wanted]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
