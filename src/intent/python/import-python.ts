/**
 * Imports code plans in Python: what planners such as CaMeL's and CodeAct's write, parsed and never run.
 * Pure. Never throws on input, and never makes a plan of a program that it has not read to its end.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { err, ok, type Result } from "../../result.ts";
import { compileProgram } from "../code/compile.ts";
import type { Program } from "../code/program.ts";
import { type DraftOptions, draftOf } from "../draft.ts";
import type { Imported, ImportError } from "../intent.ts";
import { PythonFault } from "./fault.ts";
import { readProgram } from "./program.ts";
import { linesOf, readSource } from "./source.ts";

/**
 * Makes a draft plan of a program: calls become nodes, variables references, expressions CEL, `for` becomes `each` and `if` `when`.
 * The parameters of the one function that may hold the program are the plan's. What the program means in CPython the plan means, or it is
 * refused. Errors, with line and column (in UTF-16 code units): `IMPORT_CODE_SYNTAX` (not Python), `IMPORT_CODE_OUTSIDE` (Python that
 * no plan can say; the message says what would be right), `IMPORT_TOO_LARGE`, and those of `compileProgram` and `draftOf`.
 *
 * @example
 * const imported = importPython('order = get_order("A-1")\nif order.paid:\n  ship(order.id)', catalogue);
 */
export function importPython(
  text: string,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<Imported, ImportError> {
  const program = parse(text);
  if (!program.ok) return program;
  const intent = compileProgram(program.value, catalogue);
  return intent.ok ? draftOf(intent.value, catalogue, options) : intent;
}

function parse(written: string): Result<Program, ImportError> {
  let text = written;
  try {
    text = readSource(written);
    return ok(readProgram(text));
  } catch (error) {
    if (!(error instanceof PythonFault)) throw error;
    const { code, at, message } = error;
    return err({ code, place: linesOf(text).placeOf(at), message });
  }
}
