/**
 * Runs of a text that stand for other texts: base64 and hexadecimal digits, decoded as far as they can be.
 * Pure. Never says that a run is such a text: what it finds is only looked through.
 */
import { utf8Text } from "./folded.ts";

/** A run of a text, and what it may stand for. */
export interface EncodedRun {
  readonly start: number;
  readonly end: number;
  /** Decoded from each place where the encoding may begin. */
  readonly texts: readonly string[];
}

/** Both alphabets of base64 (RFC 4648 §4, §5), also over lines (RFC 2045 §6.8); hexadecimal digits are among them. */
const runs = /[A-Za-z0-9+/_-]{8,}(?:\r?\n[A-Za-z0-9+/_-]{8,})*={0,2}/g;
/** Six bytes or more are never written in lower-case letters alone but by a rare chance: words are left out. */
const hasMark = /[A-Z0-9+/_-]/;
const hexRuns = /[0-9a-fA-F]{12,}/g;
/** Characters of a run up to which every beginning is tried: what stands before may be of the same alphabet (`path/QUJD…`). */
const shiftedMax = 16_384;

/** All runs of a text that may be encoded. */
export function encodedRuns(text: string): readonly EncodedRun[] {
  const found: EncodedRun[] = [];
  for (const { 0: run, index: start } of text.matchAll(runs)) {
    if (!hasMark.test(run)) continue;
    const shifts = run.length <= shiftedMax ? [0, 1, 2, 3] : [0];
    found.push({ start, end: start + run.length, texts: shifts.map((shift) => base64Text(run, shift)) });
  }
  for (const { 0: run, index: start } of text.matchAll(hexRuns))
    found.push({ start, end: start + run.length, texts: [0, 1].map((shift) => hexText(run, shift)) });
  return found;
}

/** Base64 in either alphabet, from a place on, as a text; what is no base64 is passed over. */
export function base64Text(run: string, shift = 0): string {
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (let i = shift; i < run.length; i++) {
    const sextet = sextetOf(run.charCodeAt(i));
    if (sextet < 0) continue;
    bits = ((bits << 6) | sextet) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return utf8Text(bytes);
}

function sextetOf(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43 || code === 45) return 62;
  return code === 47 || code === 95 ? 63 : -1;
}

function hexText(run: string, shift: number): string {
  const bytes: number[] = [];
  for (let i = shift; i + 2 <= run.length; i += 2) bytes.push(Number.parseInt(run.slice(i, i + 2), 16));
  return utf8Text(bytes);
}
