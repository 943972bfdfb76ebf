/**
 * What commands that ask a running host share: their options, and how an answer is reported.
 * Never prints a character that a terminal would obey.
 */
import type { Command } from "commander";
import type { Json } from "../../json/value.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { plain } from "../show/terminal.ts";
import { type HostAnswer, type HostOptions, hostUrlDefault } from "./host.ts";

/** Options of every such command. */
export interface HostCommandOptions extends HostOptions {
  readonly json?: true;
}

/** Adds `--url`, `--credential` (`variable` by default) and `--json`. */
export function withHost(command: Command, variable: string): Command {
  return command
    .option("--url <url>", "the host's routes", hostUrlDefault)
    .option("--credential <variable>", "environment variable that holds the secret", variable)
    .option("--json", "print JSON");
}

/** Prints an answer; exit 1 if the host refuses. */
export function report(
  { terminal, exit }: Context,
  options: HostCommandOptions,
  { answer, lines }: { readonly answer: HostAnswer; readonly lines: (value: Json) => readonly string[] },
): void {
  if (options.json) terminal.write(`${jsonText(answer.ok ? answer.value : { code: answer.code, message: answer.message })}\n`);
  else if (answer.ok) terminal.write(`${lines(answer.value).map(plain).join("\n")}\n`);
  else terminal.say(`sluice: ${plain(`${answer.code}: ${answer.message}`)}`);
  exit(answer.ok ? 0 : 1);
}
