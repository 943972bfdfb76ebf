/** Addresses: what a list lets through is one address, of a listed domain, to every reader. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileMailList, isEmail, type MailList, readEmail } from "../../src/constraints/email.ts";
import { isIban } from "../../src/constraints/iban.ts";

function listOf(emails: readonly string[], domains: readonly string[]): MailList {
  const list = compileMailList(emails, domains);
  if ("bad" in list) throw new Error(`${list.of} ${list.bad}`);
  return list;
}

describe("a list of addresses", () => {
  it("lets nothing through that holds a second address, a header or a route", () => {
    const list = listOf([], ["ours.example"]);
    const piece = fc.constantFrom(
      "ada",
      "@",
      "ours.example",
      "evil.example",
      ",",
      ";",
      " ",
      "\r\n",
      "\n",
      "%",
      "!",
      "<",
      ">",
      '"',
      "(",
      ")",
      ".",
      ":",
      "Bcc",
      "\u0000",
      "\u2028",
      "о",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        if (!list.accepts(text)) return;
        expect(text.split("@")).toHaveLength(2);
        expect(text.endsWith("@ours.example")).toBe(true);
        expect(text).toMatch(/^[\x21-\x7e]+$/);
        expect(isEmail(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("folds the case of the domain and never that of the local part", () => {
    const list = listOf(["Ada@Ours.example"], []);
    expect(list.accepts("Ada@OURS.EXAMPLE")).toBe(true);
    expect(list.accepts("ada@ours.example")).toBe(false);
    expect(readEmail("Ada@OURS.example")).toEqual({ local: "Ada", domain: "ours.example" });
  });

  it("says which entry is none", () => {
    expect(compileMailList(["a@b.example", "b.example"], [])).toEqual({ bad: 1, of: "emails" });
    expect(compileMailList([], ["a.example", "*.x"])).toEqual({ bad: 1, of: "domains" });
    expect(compileMailList([], ["a.example:25"])).toEqual({ bad: 0, of: "domains" });
  });
});

describe("an IBAN", () => {
  it("is refused after any one character was changed", () => {
    const iban = "DE89370400440532013000";
    expect(isIban(iban)).toBe(true);
    fc.assert(
      fc.property(fc.nat({ max: iban.length - 1 }), fc.constantFrom(..."0123456789ABCXYZ "), (at, char) => {
        if (iban[at] !== char) expect(isIban(iban.slice(0, at) + char + iban.slice(at + 1))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
