/**
 * Which typed things an argument takes, as hints for the planner.
 * Pure. Never says that a thing must be taken: `[]` is free text.
 */
import type { DraftParam } from "../tools.ts";
import { type AskKind, askOf } from "./asks.ts";
import type { MentionKind } from "./mention.ts";

const wanted: Readonly<Record<AskKind, readonly MentionKind[]>> = {
  date: ["date", "datetime"],
  time: ["time", "datetime"],
  datetime: ["datetime", "date", "time"],
  epoch: ["datetime", "date", "time"],
  duration: ["duration", "number"],
  number: ["number", "amount", "percent"],
  amount: ["amount", "number"],
  percent: ["percent", "number"],
  boolean: [],
  email: ["email"],
  url: ["url"],
  phone: ["phone"],
  ip: ["ip"],
  path: ["path", "url"],
  identifier: ["identifier", "number"],
  currency: [],
  country: [],
  language: [],
  text: [],
};

/** The kinds of typed things that an argument asks for by its type, format, name and description; none for free text and listed values. */
export function wantedKinds(param: DraftParam): readonly MentionKind[] {
  const type = param.type === "array" ? param.itemType : param.type;
  const isNumeric = type === "number" || type === "integer";
  const isListed = param.isClosed && !isNumeric && !param.listed.every((value) => /^\d+$/.test(String(value)));
  if (isListed) return [];
  return param.isClosed && param.listed.length > 0 ? ["number"] : wanted[askOf(param).kind];
}
