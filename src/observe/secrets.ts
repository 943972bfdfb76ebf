/**
 * Names and texts that look like secrets, so that recordings digest them whatever the policy says of the rest.
 * Pure. Never says that something is no secret: it only finds what is usually one.
 */
import { wordsOf } from "../catalogue/words.ts";

/** Last words of names whose values are secrets. */
const secretWords = new Set(
  `password passwords passwd pwd passphrase passcode token tokens secret secrets credential credentials apikey apikeys pin otp totp cvv cvc ssn
   authorization cookie cookies bearer jwt signature mnemonic`.split(/\s+/),
);
/** Words that make a `key` a secret. */
const keyOwners = new Set(["api", "access", "private", "secret", "auth", "encryption", "signing", "ssh", "client", "service"]);
/** Words that make a `token` a place in a list. */
const pagingWords = new Set(["page", "next", "continuation", "cursor", "sync"]);

/** Texts that are credentials by their own form: JWT (RFC 7519), keys in PEM (RFC 7468), and tokens whose issuers mark them. */
const secretTexts = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{12,}/,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|npm_\w{30,})/,
  /\bBearer +[\w.~+/-]{16,}=*/i,
  /\b\w+:\/\/[^\s/:@]+:[^\s/@]+@/,
];

/** Whether a member of this name holds a secret: `password`, `apiKey`, `client_secret`, … */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if ((last === "token" || last === "tokens") && pagingWords.has(before)) return false;
  if (last === "key" || last === "keys") return keyOwners.has(before);
  return secretWords.has(last) || secretWords.has(words.join(""));
}

/** Whether a text is, or has in it, a credential that says what it is by its form. */
export function isSecretText(text: string): boolean {
  return secretTexts.some((pattern) => pattern.test(text));
}
