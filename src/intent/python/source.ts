/**
 * The text of a program before it is parsed: bounded, with one kind of line end and no character that readers take differently.
 * Never changes what a string says, but for line ends, which Python itself changes. Pure. No I/O, no clock.
 */
import { codeCharsMax } from "../../limits.ts";
import { PythonFault } from "./fault.ts";
import type { Place } from "../intent.ts";

/** Line and column of an offset, for texts of one kind of line end (`\n`). */
export interface Lines {
  placeOf(offset: number): Place;
}

/** Bidirectional controls and invisible marks (Unicode TR 36; CVE-2021-42574): a person reads another program than Python does. */
const misleading = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/u;
const control = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f]/u;
const surrogate = /\p{Surrogate}/u;

/** The text as Python's tokenizer sees it. Throws a fault for what is too long or holds what no program should. */
export function readSource(written: string): string {
  if (written.length > codeCharsMax)
    throw new PythonFault("IMPORT_TOO_LARGE", `a code plan has at most ${codeCharsMax} characters`, 0);
  // Language Reference §2.1.4 and §2.1.2: a byte order mark is no part of the program, and `\r\n` ends a line.
  const text = (written.startsWith("\ufeff") ? written.slice(1) : written).replaceAll("\r\n", "\n");
  refuse(text, /\r/u, "a carriage return without a line feed: end lines with `\\n`");
  refuse(text, surrogate, "half of a surrogate pair is no character");
  refuse(text, control, "a control character: write it as an escape in a string");
  refuse(text, misleading, "an invisible or direction-changing character: write it as an escape in a string");
  return text;
}

function refuse(text: string, characters: RegExp, message: string): void {
  const found = text.search(characters);
  if (found !== -1) throw new PythonFault("IMPORT_CODE_SYNTAX", message, found);
}

/** Where offsets into a text are. Lines and columns count from 1, columns in UTF-16 code units. */
export function linesOf(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return {
    placeOf(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] as number) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] as number) + 1 };
    },
  };
}
