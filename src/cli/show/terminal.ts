/**
 * What a command may write to: standard output for what was asked for, standard error for everything else.
 * Never colours what is not a terminal, and never lets a text of a plan or trace move the cursor.
 */
import { stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";

/** Colours of the terminal; the identity where there is none. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Where a command writes. */
export interface Terminal {
  /** Standard output, as it is. */
  write(text: string): void;
  /** One line on standard error. */
  say(line: string): void;
  readonly paint: Paint;
  /** Width in columns of the terminal behind either; 100 where there is none. */
  readonly columns: number;
}

/** Columns of output that no terminal shows. */
const columnsDefault = 100;
/** Narrower than this no table can be read; then lines wrap. */
const columnsMin = 60;
/** Wider than this no sentence can be read. */
const columnsMax = 140;

/** Where a terminal is opened: the process, or what stands for it. */
export type TerminalStreams = Pick<NodeJS.Process, "stdout" | "stderr" | "env">;

/** The process's own terminal. A reader that goes away (`| head`) ends the process quietly. */
export function openTerminal({ stdout, stderr, env }: TerminalStreams = process): Terminal {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(process.exitCode ?? 0);
  });
  const isColoured = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    write: (text) => void stdout.write(text),
    // Colours are chosen by standard output; what goes to a file beside it has none.
    say: (line) => void stderr.write(`${stderr.isTTY === true ? line : stripVTControlCharacters(line)}\n`),
    paint: picocolors.createColors(isColoured),
    columns: Math.min(columnsMax, Math.max(columnsMin, stdout.columns ?? stderr.columns ?? columnsDefault)),
  };
}

/** A text on one line: line ends become spaces, other control and bidirectional characters `\u{…}`. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, (blanks) => (/[\r\n]/.test(blanks) ? " " : blanks))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Breaks a text into lines of at most `width` columns, at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of plain(text).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A text wrapped and indented: the first line after `first`, the others below it. */
export function hang(first: string, text: string, columns: number): string {
  const indent = " ".repeat(first.length);
  return wrap(text, columns - first.length)
    .map((line, i) => `${i === 0 ? first : indent}${line}`)
    .join("\n");
}
