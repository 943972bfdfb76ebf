/**
 * Where an anchored extractor looks: the stretches of a text behind or before a literal label.
 * Pure. Stretches never overlap, so that a search over all of them reads the text once.
 */

import { type Counter, codeAt, isBlank, isLineEnd, isWordCode, skipWhile, type Window } from "./window.ts";

/** A stretch to search, and what to do with what is found in it. */
export interface Stretch {
  readonly window: Window;
  readonly pick: "all" | "first" | "last";
  /** Searched in place of this one when nothing is found in it. */
  readonly fallback?: Window;
}

/** The anchors of a spec. */
export interface Anchors {
  readonly after: string | undefined;
  readonly before: string | undefined;
}

/** The first occurrence at or after `from` that is not part of a longer word, or -1. */
function findAnchor(whole: Window, anchor: string, from: number): number {
  const first = anchor.charCodeAt(0);
  const last = anchor.charCodeAt(anchor.length - 1);
  let at = whole.text.indexOf(anchor, from);
  while (at >= 0) {
    const isCut =
      (isWordCode(first) && isWordCode(codeAt(whole, at - 1))) ||
      (isWordCode(last) && isWordCode(codeAt(whole, at + anchor.length)));
    if (!isCut) break;
    at = whole.text.indexOf(anchor, at + 1);
  }
  whole.counter.steps += (at < 0 ? whole.high : at + anchor.length) - from;
  return at;
}

/** Every occurrence, left to right, none overlapping the one before. */
function findAnchors(whole: Window, anchor: string): readonly number[] {
  const found: number[] = [];
  for (let at = findAnchor(whole, anchor, 0); at >= 0; at = findAnchor(whole, anchor, at + anchor.length)) found.push(at);
  return found;
}

/** The line that is not blank behind the line end at `end`. */
function nextLine(whole: Window, end: number): { readonly low: number; readonly high: number } {
  const low = skipWhile(whole, end, (code) => isLineEnd(code) || isBlank(code));
  return { low, high: skipWhile(whole, low, (code) => !isLineEnd(code)) };
}

/** The part of `[low, high)` before the first of the sorted `stops` in it. With `isRequired` and no stop in it: nothing. */
function cut(low: number, high: number, stops: readonly number[], isRequired: boolean): number {
  let from = 0;
  let to = stops.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((stops[middle] ?? 0) < low) from = middle + 1;
    else to = middle;
  }
  const stop = stops[from];
  if (stop !== undefined && stop <= high) return stop;
  return isRequired ? low : high;
}

function stretchesAfter(whole: Window, after: string, before: string | undefined): readonly Stretch[] {
  const anchors = findAnchors(whole, after);
  const stops = before === undefined ? [] : findAnchors(whole, before);
  let lineEnd = -1;
  return anchors.map((anchor, index) => {
    const next = anchors[index + 1] ?? whole.high;
    const low = anchor + after.length;
    // The end of a line is looked for once, however many anchors stand in it.
    if (low > lineEnd) lineEnd = skipWhile(whole, low, (code) => !isLineEnd(code));
    const isLastOfLine = next >= lineEnd;
    const window = { ...whole, low, high: cut(low, Math.min(lineEnd, next), stops, before !== undefined) };
    if (!isLastOfLine) return { window, pick: "first" };
    const line = nextLine(whole, lineEnd);
    const high = Math.max(line.low, Math.min(line.high, next));
    return {
      window,
      pick: "first",
      fallback: { ...whole, low: line.low, high: cut(line.low, high, stops, before !== undefined) },
    };
  });
}

function stretchesBefore(whole: Window, before: string): readonly Stretch[] {
  let floor = 0;
  return findAnchors(whole, before).map((anchor) => {
    let low = anchor;
    while (low > floor && !isLineEnd(codeAt(whole, low - 1))) low -= 1;
    floor = anchor + before.length;
    return { window: { ...whole, low, high: anchor }, pick: "last" };
  });
}

/** The stretches of a text that a spec searches: all of it without anchors. */
export function stretchesOf(text: string, counter: Counter, anchors: Anchors): readonly Stretch[] {
  const whole: Window = { text, low: 0, high: text.length, counter };
  if (anchors.after !== undefined) return stretchesAfter(whole, anchors.after, anchors.before);
  if (anchors.before !== undefined) return stretchesBefore(whole, anchors.before);
  return [{ window: whole, pick: "all" }];
}
