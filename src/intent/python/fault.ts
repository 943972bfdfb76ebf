/**
 * How the reader of Python stops: at the first thing that it cannot say exactly, with its place.
 * Never leaves this directory: `import-python.ts` catches it and returns it as data. Pure. No I/O, no clock.
 */
import type { ImportError } from "../intent.ts";

/** Thrown inside `intent/python/` only. `at` is a UTF-16 offset into the text that was read. */
export class PythonFault extends Error {
  readonly code: ImportError["code"];
  readonly at: number;
  constructor(code: ImportError["code"], message: string, at: number) {
    super(message);
    this.code = code;
    this.at = at;
  }
}

/** Not Python, or Python that only some versions read. */
export function failSyntax(message: string, at: number): never {
  throw new PythonFault("IMPORT_CODE_SYNTAX", message, at);
}

/** Python, and outside of what a plan can say exactly. The message says what would be right. */
export function failOutside(message: string, at: number): never {
  throw new PythonFault("IMPORT_CODE_OUTSIDE", message, at);
}
