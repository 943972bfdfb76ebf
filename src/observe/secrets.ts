/**
 * Names and texts that look like secrets, so that recordings digest them whatever the policy says of the rest.
 * Pure. Never says that something is no secret: it only finds what is usually one.
 */
import { wordsOf } from "../catalogue/words.ts";
import { base64Text } from "./encoded.ts";

/** Words that make a name that of a secret wherever they stand in it: `password_hash`, `otp_code`. */
const strongWords = new Set(
  `password passwords passwd pwd passphrase passcode passcodes secret secrets credential credentials apikey apikeys otp totp cvv cvc ssn
   mnemonic`.split(/\s+/),
);
/** Last words of names whose values are secrets. */
const secretWords = new Set("token tokens pin authorization cookie cookies bearer jwt signature dsn".split(" "));
/** Words that make a `key` a secret. */
const keyOwners = new Set(["api", "access", "private", "secret", "auth", "encryption", "signing", "ssh", "client", "service"]);
/** Words that make a `code` a secret. */
const codeOwners = new Set(
  "verification security recovery backup auth authorization mfa sms login confirmation access pin card".split(" "),
);
/** Words that make a `token` a place in a list, or a number of them. */
const pagingWords = new Set(
  "page next continuation cursor sync max min total input output prompt completion used num count".split(" "),
);
/** Endings that say how a secret is written. */
const forms = new Set(["pem", "base", "hash", "value", "text", "string"]);

/** Texts that are credentials by their own form: JWT (RFC 7519), keys in PEM (RFC 7468), and tokens whose issuers mark them. */
const secretTexts = [
  // Bounded where it may begin inside a run, so that looking takes no longer than the text is long.
  /(?:(?<![\w-])eyJ[\w-]{8,}|\beyJ[\w-]{8,300})\.[\w-]{8,}\.[\w-]*/,
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/,
  /\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{12,}/,
  /\bsk-[A-Za-z0-9]{20,}/,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|A(?:KIA|SIA)[0-9A-Z]{16}|AIza[\w-]{30,}|npm_\w{30,})/,
  /\b(?:hf_[A-Za-z0-9]{20,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_\w{32,}|shp(?:at|ss)_\w{20,}|dckr_pat_[\w-]{16,}|pypi-[\w-]{32,}|AGE-SECRET-KEY-1\w{20,})/,
  /\bhooks\.slack\.com\/(?:services|workflows|triggers)\//,
  /\bs_[0-9a-f]{32}\.[0-9a-f]{64}/,
  /\bBearer +[\w.~+/-]{16,}=*/i,
  /\b\w+:\/\/[^\s/:@]+:[^\s/@]+@/,
  // A member, a setting or a parameter of this name in a text.
  /(?:password|passwd|pwd|passphrase|passcode|secret|api[_-]?key|apikey|access[_-]?key|private[_-]?key|(?:access|auth|refresh|id|session|bearer|csrf)[_-]?token)\\*["']?\s?[=:]\s?\\*["']?[^\s"',;&]{4,}/i,
  /(?:["']?\btoken\\*["']?\s?[=:]\s?\\*["']?)[\w.~+/-]{12,}/i,
];

/** Whether a member of this name holds a secret: `password`, `apiKey`, `client_secret`, … */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (words.some((word) => strongWords.has(word))) return true;
  const ends = forms.has(words.at(-1) ?? "") ? words.slice(0, -1) : words;
  const last = ends.at(-1) ?? "";
  const before = ends.at(-2) ?? "";
  if ((last === "token" || last === "tokens") && pagingWords.has(before)) return false;
  if (last === "key" || last === "keys") return keyOwners.has(before);
  if (last === "code" || last === "codes") return codeOwners.has(before);
  if (last === "number" || last === "no") return before === "card";
  if (last === "connection" && words.at(-1) === "string") return true;
  return secretWords.has(last) || strongWords.has(words.join(""));
}

/** What stands after `Basic` (RFC 7617): a name and a password in base64. */
const basic = /\bBasic +([A-Za-z0-9+/]{8,}={0,2})/gi;

/** Whether a text is, or has in it, a credential that says what it is by its form. */
export function isSecretText(text: string): boolean {
  if (secretTexts.some((pattern) => pattern.test(text))) return true;
  return [...text.matchAll(basic)].some(([, pair = ""]) => base64Text(pair).includes(":"));
}
