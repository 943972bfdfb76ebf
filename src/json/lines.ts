/**
 * The strict reader for JSON Lines: traces, batches, exported logs.
 * Pure. Never skips a line that it cannot read.
 */
import { type Result, err, ok } from "../result.ts";
import { type ReadError, type ReadOptions, readJson } from "./read.ts";
import type { Json } from "./value.ts";

/** One value of a JSON Lines text. */
export interface JsonLine {
  /** Its line, from 1; blank lines count. */
  readonly line: number;
  readonly value: Json;
}

/**
 * Reads one JSON value per line by the rules of {@link readJson}, with its bounds per line. Lines end with `\n` or `\r\n`; blank
 * ones are skipped. Errors: those of `readJson`, of the first line that has one; line and offset are those of the whole text.
 */
export function readJsonLines(text: string, options: ReadOptions = {}): Result<readonly JsonLine[], ReadError> {
  const values: JsonLine[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const source = text.slice(start, end);
    line++;
    if (/[^ \t\r]/.test(source)) {
      const read = readJson(source, options);
      if (!read.ok) {
        const { error } = read;
        return err({ ...error, line, column: error.offset + 1, offset: start + error.offset });
      }
      values.push({ line, value: read.value });
    }
    start = end + 1;
  }
  return ok(values);
}
