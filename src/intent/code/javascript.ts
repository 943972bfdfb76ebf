/**
 * Code plans in JavaScript and TypeScript → a draft plan.
 * Pure. Never runs the code.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { err, type Result } from "../../result.ts";
import { draftOf, type DraftOptions } from "../draft.ts";
import type { Imported, ImportError } from "../intent.ts";
import { compileProgram } from "./compile.ts";
import { CodeFault } from "./fault.ts";
import { readProgram } from "./javascript/program.ts";
import type { Program } from "./program.ts";

/**
 * The draft plan of a program that an agent wrote: its calls of tools in their order, what they read of each other, under which conditions and
 * how often. The code is read, never run. Errors: `IMPORT_CODE_SYNTAX`, `IMPORT_CODE_OUTSIDE`, `IMPORT_TOO_LARGE`, and those of `draftOf`.
 *
 * @example
 * importJavaScript('const mail = await inbox.read({ id: 7 }); await chat.post({ text: mail.subject });', catalogue);
 */
export function importJavaScript(
  text: string,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<Imported, ImportError> {
  let program: Program;
  try {
    program = readProgram(text);
  } catch (error) {
    if (error instanceof CodeFault) return err(error.fault);
    throw error;
  }
  const intent = compileProgram(program, catalogue);
  return intent.ok ? draftOf(intent.value, catalogue, options) : intent;
}
