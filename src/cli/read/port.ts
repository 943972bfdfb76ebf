/**
 * A port as a command line gives it.
 * Never guesses: what is no port is refused.
 */
import { InputError } from "./input.ts";

/** The port of `--port`; 0 means any free one. Exit 2 if it is none. */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InputError("--port: a number from 0 to 65535 (0: any free port)");
  return port;
}
