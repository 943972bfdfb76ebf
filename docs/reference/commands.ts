/**
 * The reference of the `sluice` command, in Markdown, made of what `--help` is made of.
 * Builds the commands; runs none.
 */
import type { Command, Option } from "commander";
import { createProgram, named } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/show/terminal.ts";

const nowhere = { write: () => {}, say: () => {} } as unknown as Terminal;

function cell(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|");
}

function optionRow(option: Option): string {
  const remarks = [
    ...(option.argChoices === undefined ? [] : [`one of ${option.argChoices.join(", ")}`]),
    ...(option.defaultValue === undefined || option.defaultValue === false ? [] : [`default ${String(option.defaultValue)}`]),
    ...(option.mandatory ? ["needed"] : []),
  ];
  return `| \`${cell(option.flags)}\` | ${cell([option.description, ...remarks].join("; "))} |`;
}

function sectionOf(command: Command, names: readonly string[]): string {
  const path = [...names, command.name()];
  const shown = command.options.filter((option) => !option.hidden && option.long !== "--help");
  const options = shown.length === 0 ? "" : `\n| option | what it does |\n|---|---|\n${shown.map(optionRow).join("\n")}\n`;
  const inner = command.commands.map((each) => sectionOf(each, path)).join("");
  const usage = command.commands.length > 0 ? "" : `\n\`${path.join(" ")} ${command.usage()}\`\n`;
  const heading = "#".repeat(Math.min(path.length, 4));
  return `\n${heading} ${path.join(" ")}\n\n${sentence(command.description())}\n${usage}${options}${inner}`;
}

function sentence(text: string): string {
  const plain = text.replace(/\s+/g, " ");
  return `${plain.slice(0, 1).toUpperCase()}${plain.slice(1)}${plain.endsWith(".") ? "" : "."}`;
}

/** All commands, in the order of the help. */
export async function commandsReference(): Promise<string> {
  const context = { terminal: nowhere, exit: () => {} };
  const program = createProgram(context, await named([]));
  return program.commands
    .map((command) => sectionOf(command, ["sluice"]))
    .join("")
    .trimStart();
}
