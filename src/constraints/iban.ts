/**
 * IBANs in their electronic form (ISO 13616-1).
 * Pure. Never normalises: blanks, lower case and line ends are refused.
 */
import { isValidIBAN } from "ibantools";

/** Characters of the longest IBAN. */
const ibanCharsMax = 34;

/** Whether a text is an IBAN with the length of its country, its national format and right check digits (ISO 7064 MOD 97-10). */
export function isIban(text: string): boolean {
  return text.length <= ibanCharsMax && isValidIBAN(text);
}
