/**
 * Reads the code blocks and tables of a Markdown file, so that tests can run what a reader would type.
 * Never guesses: a block that is not closed, or an attribute that nobody knows, is an error.
 */
import { readFileSync } from "node:fs";

/** A fenced code block. Attributes are the words behind the language: GitHub shows the block as if they were not there. */
export interface Block {
  /** `ts`, `js`, `yaml`, `json`, `jsonl`, `sh`, `console`, `mermaid`, `python`. */
  readonly language: string;
  /**
   * `file=NAME`: the block is that file; in Python, a part of that file of the project. `catalog=NAME`: a plan is frozen against that file, or against a
   * coding agent's own tools (`hook:claude`). `id=NAME`, `after=NAME`: a program goes on
   * where another ended. `on=bun`, `on=deno`: what runs it, in place of Node. `exit=N`: exit code of the last command.
   */
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  /** Line of its first line in the Markdown file, from 1. */
  readonly line: number;
}

const attributeNames = new Set(["file", "catalog", "id", "after", "exit", "kind", "on"]);

/** The text of a file of the project, by its path from the root. */
export function readProjectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** The fenced code blocks of a Markdown text, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\S*)(.*)$/.exec(lines[at] ?? "");
    if (opening === null) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`the block in line ${at + 1} is not closed`);
    const attributes = attributesOf(opening[2] ?? "", at + 1);
    blocks.push({ language: opening[1] ?? "", attributes, text: `${lines.slice(at + 1, end).join("\n")}\n`, line: at + 2 });
    at = end;
  }
  return blocks;
}

function attributesOf(text: string, line: number): Readonly<Record<string, string>> {
  const pairs = text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] as const);
  const unknown = pairs.find(([name]) => !attributeNames.has(name));
  if (unknown !== undefined) throw new Error(`line ${line}: no test knows the attribute "${unknown[0]}"`);
  return Object.fromEntries(pairs);
}

/** The rows of the first table below a heading, without its head: the cells as written. */
export function tableBelow(markdown: string, heading: string): readonly (readonly string[])[] {
  const lines = markdown.split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const first = lines.findIndex((line, at) => at > start && line.startsWith("|"));
  const next = lines.findIndex((line, at) => at > start && /^#{1,6} /.test(line));
  if (first < 0 || (next >= 0 && next < first)) throw new Error(`there is no table below "${heading}"`);
  const end = lines.findIndex((line, at) => at > first && !line.startsWith("|"));
  return lines.slice(first + 2, end < 0 ? lines.length : end).map((line) =>
    line
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
}

/** The texts between backticks of a cell. */
export function codesOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
}

/** A command of a session, and what it printed. */
export interface Command {
  readonly command: string;
  readonly output: string;
}

/** The commands of a `console` block: lines after `$ ` (a line that ends in a backslash goes on), each followed by what it prints. */
export function commandsOf({ text, line }: Block): readonly Command[] {
  const commands: { command: string; output: string[] }[] = [];
  let continues = false;
  for (const row of text.trimEnd().split("\n")) {
    const last = commands.at(-1);
    if (continues && last !== undefined) last.command = `${last.command}\n${row}`;
    else if (row.startsWith("$ ")) commands.push({ command: row.slice(2), output: [] });
    else if (last === undefined) throw new Error(`the session in line ${line} does not begin with a command`);
    else last.output.push(row);
    continues = (continues || row.startsWith("$ ")) && row.endsWith("\\");
  }
  return commands.map(({ command, output }) => ({ command, output: output.join("\n") }));
}

/**
 * A pattern that an output must match: it is taken as it stands, `…` is anything in a line, and on a line of its own any lines. How many
 * spaces stand between two words is not compared: columns are as wide as the terminal lets them be.
 */
export function patternOf(output: string): RegExp {
  const parts = output
    .trim()
    .split(/^…$/m)
    .map((part) => part.split("…").map(escaped).join("[^\\n]*"));
  return new RegExp(`^\\s*${parts.join("[\\s\\S]*")}\\s*$`);
}

function escaped(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replace(/\n */g, "\n *")
    .replace(/ {2,}/g, " +");
}
