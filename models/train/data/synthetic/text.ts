/**
 * Texts that know where their values stand: plain words and marked ones, put together before anything is counted.
 * Pure.
 */
import type { ExampleCall, GoldSource } from "../examples.ts";

/** Words of a task that say an argument of a call (its number, the argument's path). */
export interface Mark {
  readonly text: string;
  readonly call: number;
  readonly path: string;
}

/** Plain words, or marked ones. */
export type Bit = string | Mark;

/** A request in words, with the calls that it asks for. Marks name calls by their place in `calls`. */
export interface Clause {
  readonly bits: readonly Bit[];
  readonly calls: readonly ExampleCall[];
}

/** The text of bits. */
export function textOf(bits: readonly Bit[]): string {
  return bits.map((bit) => (typeof bit === "string" ? bit : bit.text)).join("");
}

/** A text with the calls; every marked argument then knows its offsets. Of two marks for one argument the first counts. */
export function rendered({ bits, calls }: Clause): { readonly task: string; readonly calls: readonly ExampleCall[] } {
  const args = calls.map((call) => new Map<string, GoldSource>(call.args));
  const seen = new Set<string>();
  let task = "";
  for (const bit of bits) {
    if (typeof bit === "string") {
      task += bit;
      continue;
    }
    const start = task.length;
    task += bit.text;
    const key = `${bit.call} ${bit.path}`;
    const source = args[bit.call]?.get(bit.path);
    if (source?.kind !== "constant" || seen.has(key)) continue;
    seen.add(key);
    args[bit.call]?.set(bit.path, { ...source, at: { start, end: task.length } });
  }
  return { task, calls: calls.map((call, index) => ({ ...call, args: args[index] ?? call.args })) };
}

/** Bits whose first letter is a capital, or is none; marked words stay as they are. */
export function startingWith(bits: readonly Bit[], letter: "capital" | "small"): readonly Bit[] {
  const [first, ...rest] = bits;
  if (typeof first !== "string") return bits;
  if (first === "") return startingWith(rest, letter);
  // `I` and names in capitals stay.
  const isKept = letter === "small" && /^(I\b|[A-Z][A-Z0-9])/.test(first);
  const changed = letter === "capital" ? first.charAt(0).toUpperCase() : first.charAt(0).toLowerCase();
  return isKept ? bits : [changed + first.slice(1), ...rest];
}

/** The bits of a clause whose calls stand behind `offset` others. */
export function shifted(bits: readonly Bit[], offset: number): readonly Bit[] {
  return bits.map((bit) => (typeof bit === "string" ? bit : { ...bit, call: bit.call + offset }));
}

/** Bits without the blanks and the full stop at their end. */
export function unstopped(bits: readonly Bit[]): readonly Bit[] {
  const last = bits.at(-1);
  if (typeof last !== "string") return bits;
  const cut = last.replace(/[\s.!?]+$/, "");
  return [...bits.slice(0, -1), ...(cut === "" ? [] : [cut])];
}

/** Whether a text ends as a sentence does. */
export function isEnded(bits: readonly Bit[]): boolean {
  return /[.?!]["']?\s*$/.test(textOf(bits));
}
