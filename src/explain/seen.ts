/**
 * Names the culprit: which earlier result holds a value that the agent sent.
 * Offline only, for people. Never decides anything: a value that reappears proves nothing, and one that was changed is not found.
 */
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import type { Trace } from "../trace.ts";
import type { LabelledCall } from "./labelled-replay.ts";
import type { Steps } from "./patch.ts";

/** A place where a value stood before the agent sent it. */
export interface Sighting {
  /** Number of the call whose result it was. */
  readonly call: number;
  readonly tool: string;
  /** JSON pointer into the result. */
  readonly pointer: string;
  /** Whether it is only a part of a text there. */
  readonly partly: boolean;
}

/** Sightings that are reported. */
const sightingsMax = 5;
/** Values of all results that are looked at. */
const leavesMax = 200_000;
/** Characters of a text that is looked for inside others; shorter ones are everywhere. */
const textCharsMin = 3;

/** Where in the results of earlier allowed calls a value stood. */
export function sightingsOf(value: Json, trace: Trace, calls: readonly LabelledCall[]): readonly Sighting[] {
  const found: Sighting[] = [];
  const work = { left: leavesMax };
  let i = -1;
  const numbers = new Map<string, number>();
  for (const event of trace.events) {
    if (event.type === "call") {
      i += 1;
      numbers.set(event.id, i);
      if (i >= calls.length - 1) break;
      continue;
    }
    const number = numbers.get(event.id) ?? -1;
    const call = calls[number];
    if (call?.verdict !== "allow") continue;
    look({ value, call: number, tool: call.tool, found, work }, event.value, []);
  }
  return found;
}

interface Look {
  readonly value: Json;
  readonly call: number;
  readonly tool: string;
  readonly found: Sighting[];
  readonly work: { left: number };
}

function look(at: Look, within: Json, path: Steps): void {
  if (at.found.length >= sightingsMax || at.work.left-- <= 0) return;
  const isWhole = jsonEqual(at.value, within);
  if (isWhole || (typeof within === "string" && isPart(at.value, within))) {
    at.found.push({ call: at.call, tool: at.tool, pointer: pointerOf(path), partly: !isWhole });
    return;
  }
  if (isArray(within)) for (const [i, inner] of within.entries()) look(at, inner, [...path, i]);
  else if (isObject(within)) for (const key of Object.keys(within)) look(at, within[key] as Json, [...path, key]);
}

function isPart(value: Json, text: string): boolean {
  if (typeof value === "string") {
    const start = value.length < textCharsMin ? -1 : text.indexOf(value);
    // A short text counts only as a word of its own.
    return start >= 0 && (value.length > 8 || !/\w/.test(`${text[start - 1] ?? " "}${text[start + value.length] ?? " "}`));
  }
  if (typeof value !== "number" && typeof value !== "bigint") return false;
  const digits = String(value);
  const at = text.indexOf(digits);
  return at >= 0 && !/[\d.]/.test(text[at - 1] ?? "") && !/\d/.test(text[at + digits.length] ?? "");
}
