/**
 * The `sluice` program: a command line → one command → an exit code.
 * Exit 0 success, 1 a denial or findings, 2 unusable input (one line that says where), 3 a fault of ours. Never prints a stack unless
 * SLUICE_DEBUG is set, and never anything but the machine's output to standard output under --json.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { readJson } from "../json/read.ts";
import { member } from "../json/value.ts";
import { addCatalog } from "./commands/catalog.ts";
import { addDiff } from "./commands/diff.ts";
import { addAttack } from "./commands/attack.ts";
import { addAmendments } from "./commands/amendments.ts";
import { addApprovals, addGrant, addRevoke } from "./commands/approvals.ts";
import { addApprove } from "./commands/approve.ts";
import { addExplain } from "./commands/explain.ts";
import { addExport } from "./commands/export.ts";
import { addFreeze } from "./commands/freeze.ts";
import { addImport } from "./commands/import.ts";
import { addKey } from "./commands/key.ts";
import { addLearn } from "./commands/learn.ts";
import { addLint } from "./commands/lint.ts";
import { addParams } from "./commands/params.ts";
import { addObserve } from "./commands/observe.ts";
import { addPolicy } from "./commands/policy.ts";
import { addReplay } from "./commands/replay.ts";
import { addServe } from "./commands/serve.ts";
import { addVerify } from "./commands/verify.ts";
import { InputError } from "./input.ts";
import { openTerminal, plain, type Terminal } from "./terminal.ts";

/** What a command is given besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Sets the exit code of a command that ran: 1 for a denial or findings. */
  exit(code: 0 | 1): void;
}

function createProgram(context: Context): Command {
  const program = new Command("sluice")
    .description(
      "A deterministic firewall for AI agents: plans are frozen before the agent runs, every tool call is checked against them.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("--help", "print help")
    .helpCommand(false)
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: context.terminal.write, writeErr: () => {}, outputError: () => {} });
  const commands = [
    addLint,
    addFreeze,
    addDiff,
    addCatalog,
    addReplay,
    addExplain,
    addImport,
    addLearn,
    addExport,
    addServe,
    addObserve,
    addVerify,
    addParams,
    addPolicy,
    addAttack,
    addKey,
    addApprove,
    addApprovals,
    addAmendments,
    addGrant,
    addRevoke,
  ];
  for (const add of commands) add(program, context);
  program.addHelpText(
    "after",
    "\nFiles are JSON or YAML, - is standard input. A catalogue may be starter:NAME; `sluice catalog starter` lists them.\nExit: 0 success, 1 a denial or findings, 2 unusable input, 3 a fault.",
  );
  return program;
}

function packageVersion(): string {
  const read = readJson(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return String(member(read.ok ? read.value : null, "version"));
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: 0 | 1 = 0;
  const context: Context = {
    terminal,
    exit: (wanted) => {
      code = wanted;
    },
  };
  const program = createProgram(context);
  try {
    checkNamed(program, args);
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const isInput = error instanceof InputError || error instanceof CommanderError;
    terminal.say(`sluice: ${isInput ? "" : "internal fault: "}${plain(messageOf(error))}`);
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

process.exitCode = await run(process.argv.slice(2), openTerminal());
