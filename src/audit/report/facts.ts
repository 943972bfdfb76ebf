/**
 * The facts of a record as texts.
 * Pure. Never guesses: a fact of another type is none.
 */
import { isArray, type Json } from "../../json/value.ts";
import type { AuditRecord } from "../record.ts";

/** A fact that is a text. */
export function textFact({ facts }: AuditRecord, name: string): string | undefined {
  const value = facts[name];
  return typeof value === "string" ? value : undefined;
}

/** A fact that is a list of texts. */
export function textsFact({ facts }: AuditRecord, name: string): readonly string[] {
  return textsIn(facts[name]);
}

/** The texts of a list; none, if it is no list. */
export function textsIn(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
