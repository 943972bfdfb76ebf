/**
 * What a command is given besides its arguments. A type only.
 * Never more than a place to write to and a way to end: a command reads files and the environment by itself.
 */
import type { Terminal } from "./show/terminal.ts";

/** What a command is given besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Sets the exit code of a command that ran: 1 for a denial or findings; of a command that wraps a program, the program's. */
  exit(code: number): void;
}
