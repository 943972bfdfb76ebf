/**
 * `sluice hook` alone: what the launcher starts for it, since it runs before and after every call of an agent. The build makes one file of it.
 * Never ends with another code than 0 or 2: an agent takes any other for a hook that has nothing against the call.
 */
import { Command, CommanderError } from "commander";
import { addHook } from "./commands/hook.ts";
import { openTerminal, plain } from "./show/terminal.ts";

const terminal = openTerminal();
const program = new Command("sluice")
  .exitOverride()
  .configureOutput({ writeOut: terminal.write, writeErr: () => {}, outputError: () => {} });

try {
  addHook(program, { terminal, exit: () => {} });
  await program.parseAsync(process.argv.slice(2), { from: "user" });
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!isHelp) terminal.say(`sluice: ${plain((error instanceof Error ? error.message : String(error)).replace(/^error: /, ""))}`);
  process.exitCode = isHelp ? 0 : 2;
}
