/**
 * What a command refuses. A file of its own, since `main.ts` asks for nothing else before it knows its command.
 * Never holds more than one line for a person.
 */

/** What a person can mend: exit 2 and one line. */
export class InputError extends Error {
  override readonly name = "InputError";
}
