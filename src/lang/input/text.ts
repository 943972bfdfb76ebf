/**
 * Texts, addresses and account numbers as people write them.
 * Pure. Never repairs what could be meant differently: it takes blanks off, and the case that a standard ignores.
 */
import { toLowerAscii } from "../../constraints/domain.ts";
import { isEmail } from "../../constraints/email.ts";
import { isIban } from "../../constraints/iban.ts";
import type { Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { isPlainProse } from "../template/characters.ts";

/** A text in NFC without blanks around it, and without control or invisible characters. */
export function readPlainText(value: Json): Result<string, string> {
  if (typeof value !== "string") return err("expected a text");
  const text = value.normalize("NFC").trim();
  if (!isPlainProse(text)) return err("expected a text without control, invisible or direction-changing characters");
  return ok(text);
}

/** An address (RFC 5321 §4.1.2, dot-atom and host name); its domain, which is not case-sensitive (RFC 5321 §2.4), in lower case. */
export function readEmailText(value: Json): Result<string, string> {
  const text = typeof value === "string" ? value.trim() : "";
  const at = text.lastIndexOf("@");
  if (!isEmail(text))
    return err("expected one bare e-mail address, as in `kim@example.com`; a domain in other letters as punycode");
  return ok(`${text.slice(0, at)}@${toLowerAscii(text.slice(at + 1))}`);
}

/** An IBAN (ISO 13616-1) with its check digits right: in print form with blanks, or electronic. The value is the electronic form. */
export function readIbanText(value: Json): Result<string, string> {
  const text = typeof value === "string" ? value.trim().replace(/^IBAN:?\s*/i, "") : "";
  const iban = text.replace(/[ \u00a0\u202f]/g, "").replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  return isIban(iban)
    ? ok(iban)
    : err("expected an IBAN whose length and check digits are right, as in `DE89 3704 0044 0532 0130 00`");
}
