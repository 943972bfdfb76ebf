/**
 * Codes for what people call by name: currencies (ISO 4217), countries (ISO 3166), languages (ISO 639).
 * Pure. Never gives a code where the argument does not ask for one.
 */
import type { DraftParam } from "../tools.ts";
import { currencyAt } from "./quantities.ts";
import { tokensOf } from "./tokens.ts";

/** The code that a name, a sign or a code in another case stands for, where the argument asks for one; else `undefined`. */
export function codeOf(said: string, param: DraftParam): string | undefined {
  if (/\bcurrency\b|\bcurrencies\b/.test(param.words)) return currencyCode(said);
  return undefined;
}

function currencyCode(said: string): string | undefined {
  const tokens = tokensOf(said).slice(0, 8);
  for (let at = 0; at < tokens.length; at += 1) {
    const currency = currencyAt(tokens, at);
    if (currency !== undefined) return currency.value;
  }
  return undefined;
}
