/**
 * E-mail addresses in free text: the unquoted ASCII form of RFC 5321 §4.1.2 that people write.
 * Pure. Never yields a quoted, internationalised or IP-literal address, which readers disagree about.
 */

import {
  type Attempt,
  codeAt,
  isAlphanumeric,
  isInvisible,
  isWordCode,
  type Scanner,
  skipWhile,
  textOf,
  type Window,
} from "./window.ts";

/** Characters before the `@` (RFC 5321 §4.5.3.1.1) and in all. */
const localCharsMax = 64;
const addressCharsMax = 254;

function isLocalCode(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || code === 39 || code === 43 || code === 45 || code === 46 || code === 37;
}

function isDomainCode(code: number): boolean {
  return isAlphanumeric(code) || code === 45 || code === 46;
}

/** Where the local part that ends at `at` starts, or -1 if there is none or it is too long. */
function localStart(window: Window, at: number): number {
  let start = at;
  while (start > window.low && at - start <= localCharsMax && isLocalCode(codeAt(window, start - 1))) start -= 1;
  while (start < at && (codeAt(window, start) === 39 || codeAt(window, start) === 46)) start += 1;
  const before = codeAt(window, start - 1);
  const isGlued = isWordCode(before) || isInvisible(before) || before === 64 || before === 47;
  return start === at || at - start > localCharsMax || isGlued ? -1 : start;
}

/** Whether dot-separated labels form a domain with an alphabetic last label of two letters or more. */
function isDomain(domain: string): boolean {
  const labels = domain.split(".");
  const last = labels.at(-1) ?? "";
  const isAlphabetic = [...last].every((char) => char < "0" || char > "9");
  return (
    labels.length >= 2 &&
    last.length >= 2 &&
    isAlphabetic &&
    labels.every((label) => label !== "" && label.length <= 63 && !label.startsWith("-") && !label.endsWith("-"))
  );
}

/** Tries the address around an `@` at `index`. The value has its domain in lower case; the local part is left as it is. */
export const scanEmail: Scanner = (window, index): Attempt => {
  if (codeAt(window, index) !== 64) return index + 1;
  const start = localStart(window, index);
  const run = skipWhile(window, index + 1, isDomainCode);
  let end = run;
  while (end > index && (codeAt(window, end - 1) === 46 || codeAt(window, end - 1) === 45)) end -= 1;
  const after = codeAt(window, run);
  const isBroken =
    start < 0 || end <= index + 1 || end - start > addressCharsMax || isWordCode(after) || isInvisible(after) || after === 64;
  if (isBroken) return run > index ? run : index + 1;
  const local = textOf(window, start, index);
  const domain = textOf(window, index + 1, end).toLowerCase();
  const isAddress = isDomain(domain) && !local.includes("..") && !local.endsWith(".");
  return isAddress ? { value: `${local}@${domain}`, start, end } : run;
};
