/**
 * The `sluice` program: a command line → one command → an exit code.
 * Exit 0 success, 1 a denial or findings, 2 unusable input (one line that says where), 3 a fault of ours. Never prints a stack unless
 * SLUICE_DEBUG is set, and never anything but the machine's output to standard output under --json.
 */
import { type Command, CommanderError } from "commander";
import { InputError } from "./read/input-error.ts";
import type { Context } from "./context.ts";
import { createProgram, named } from "./program.ts";
import { openTerminal, plain, type Terminal } from "./show/terminal.ts";

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  const context: Context = {
    terminal,
    exit: (wanted) => {
      code = wanted;
    },
  };
  const program = createProgram(context, await named(args));
  try {
    checkNamed(program, args);
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const isInput = error instanceof InputError || error instanceof CommanderError;
    terminal.say(`sluice: ${isInput ? "" : "internal fault: "}${plain(messageOf(error) + choicesOf(program, error))}`);
    if (!isInput && process.env.SLUICE_DEBUG && error instanceof Error) terminal.say(error.stack ?? "");
    return isInput ? 2 : 3;
  }
}

/** Exit 2 for a command line that ends where the name of a command is needed. */
function checkNamed(program: Command, args: readonly string[]): void {
  const group = args.length === 0 ? program : program.commands.find((command) => args.length === 1 && command.name() === args[0]);
  if (group === undefined || group.commands.length === 0) return;
  const names = group.commands.map((command) => command.name()).join(", ");
  const help = group === program ? "sluice --help" : `sluice ${group.name()} --help`;
  throw new InputError(`${group === program ? "" : `${group.name()}: `}name a command: ${names}; \`${help}\` says what they do`);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^error: /, "");
}

/** What an option that is missing may be, where it is one of a few words. */
function choicesOf(command: Command, error: unknown): string {
  if (!(error instanceof CommanderError) || error.code !== "commander.missingMandatoryOptionValue") return "";
  const option = command.options.find(
    ({ flags, argChoices }) => argChoices !== undefined && error.message.includes(`'${flags}'`),
  );
  if (option?.argChoices !== undefined) return `: one of ${option.argChoices.join(", ")}`;
  return command.commands.map((inner) => choicesOf(inner, error)).find((found) => found !== "") ?? "";
}

process.exitCode = await run(process.argv.slice(2), openTerminal());
