/**
 * A command line that needs no shell to be understood: words of plain characters with one blank between.
 * Pure. Knows no grammar of any shell, on purpose: what a shell would act on, and every quote, is refused.
 */
import { commandCharsMax } from "../limits.ts";

/** Characters that `sh`, `bash`, `zsh`, `cmd.exe` and PowerShell all leave alone. */
const word = /^[A-Za-z0-9_./:,+@-](?:[A-Za-z0-9_./:,+@=-])*$/;

/**
 * The words of a command line, or `undefined` if any reader could see more in it than words: quotes, escapes, expansions, globs, redirections,
 * several commands, line ends, blanks other than a single space, letters that are not ASCII, and `NAME=value` before the command.
 */
export function readCommandLine(text: string): readonly string[] | undefined {
  if (text.length > commandCharsMax) return undefined;
  const words = text.split(" ");
  const isPlain = words.every((each) => word.test(each) && !each.startsWith("@"));
  return isPlain && !(words[0] ?? "").includes("=") ? words : undefined;
}
