/**
 * JSON between a test and its Worker, of any depth: what the strict reader bounds, the contract goes up to.
 */
import { readExactly } from "../../src/json/exact.ts";
import type { Json } from "../../src/json/value.ts";

/** The text of a value; members that are `undefined` are left out. */
export function messageOf(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(messageOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${messageOf(each)}`).join(",")}}`;
}

/** The value of a text; `undefined` for what is none. */
export function readMessageOf(text: string): Json | undefined {
  const read = readExactly(text, 1_000);
  return read.ok ? read.value : undefined;
}
