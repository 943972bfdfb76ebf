/**
 * Fills argument vectors: the template is split into words once, at freeze, and a value is never split again.
 * Pure. Never builds a shell command, and never lets a value become an option or code for an interpreter.
 */

import { ok, type Result } from "../../result.ts";
import { isPlainProse } from "./characters.ts";
import {
  type FillError,
  type Filler,
  fillMarks,
  hasMark,
  holesOf,
  malformed,
  markedText,
  misplaced,
  type Part,
  refused,
  soleMark,
  type TemplateError,
  textValueOf,
} from "./holes.ts";

/** What a shell would act on: in a template it shows that its author expects a shell, and there is none. */
const shellCharacters = new Set("|&;<>$`()*?[]~#\\\n\r!");

/** Commands that read their arguments as code or as another command, wherever they stand before a hole. */
const shells: ReadonlySet<string> = new Set(
  "sh bash zsh dash ksh fish csh tcsh ash busybox cmd cmd.exe powershell powershell.exe pwsh eval exec source xargs parallel ssh su watch env nohup setsid script expect tclsh osascript wsl".split(
    " ",
  ),
);
/** Options behind which everything is another command. */
const commandOptions: ReadonlySet<string> = new Set("-exec -execdir -ok -okdir".split(" "));
/** Options whose next argument is code, or settings that name code, for many commands (`psql -c`, `git -c`). */
const codeOptions: ReadonlySet<string> = new Set("-c --command --eval --exec --execute".split(" "));
const interpreters: ReadonlySet<string> = new Set(
  "python python2 python3 node deno bun perl ruby php lua awk gawk mawk sed Rscript".split(" "),
);

/** Splits marked text at blanks; quotes group and are removed. No escapes, so no disagreement about them. */
function splitWords(marked: string): Result<readonly string[], TemplateError> {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (const char of marked) {
    if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (shellCharacters.has(char))
      return malformed(marked.indexOf(char), "a shell character outside quotes; an argument list is not run by a shell");
    else word = (word ?? "") + char;
  }
  if (quote !== "") return malformed(marked.length, "a quote is not closed");
  if (word !== undefined) words.push(word);
  return ok(words);
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}

/** Why no hole may stand in `words[at]`, or undefined. */
function holeProblem(words: readonly string[], at: number): string | undefined {
  const word = words[at] ?? "";
  const earlier = words.slice(0, at);
  if (at === 0) return "the command must be constant";
  if (earlier.some((other) => shells.has(baseName(other)) || commandOptions.has(other)) || codeOptions.has(earlier.at(-1) ?? ""))
    return "a hole must not stand in what a shell or another command reads as a command";
  if (earlier.some((other) => interpreters.has(baseName(other)))) {
    const isScript = earlier.some(
      (other) =>
        !other.startsWith("-") &&
        !interpreters.has(baseName(other)) &&
        !hasMark(other) &&
        /\.(py|m?[jt]s|pl|rb|php|lua|awk|sed|R)$/.test(other),
    );
    if (!isScript) return "a hole behind an interpreter needs a constant script file before it";
  }
  const head = word.slice(0, word.indexOf("\u0001"));
  if (head.startsWith("-") && !head.includes("="))
    return "a hole glued to an option must follow `=`; or give it a word of its own";
  return undefined;
}

/** A template of kind `argv`; the result is a list of texts, one per word. */
export function compileArgv(parts: readonly Part[]): Result<Filler, TemplateError> {
  const split = splitWords(markedText(parts));
  if (!split.ok) return split;
  const words = split.value;
  if (words.length === 0 || (words[0] ?? "") === "") return malformed(0, "an argument list must start with a command");
  const holes = holesOf(parts);
  for (const [at, word] of words.entries()) {
    const problem = hasMark(word) ? holeProblem(words, at) : undefined;
    if (problem !== undefined) return misplaced(holes[0]?.offset ?? 0, problem);
  }
  const end = words.indexOf("--");
  return ok({
    fill: (values): Result<readonly string[], FillError> => {
      const texts: string[] = [];
      for (const { hole } of holes) {
        const value = textValueOf(values, hole);
        if (!value.ok) return value;
        if (!isPlainProse(value.value)) return refused(hole, "the value holds a control, bidirectional or invisible character");
        texts.push(value.value);
      }
      const filled = words.map((word) => fillMarks(word, texts));
      for (const [at, word] of words.entries()) {
        if (!hasMark(word)) continue;
        const hole = holes[soleMark(word)]?.hole ?? holes[0]?.hole ?? "";
        const isBehindEnd = end >= 0 && end < at;
        if ((filled[at] ?? "") === "") return refused(hole, "an argument must not be empty");
        if (word.startsWith("\u0001") && !isBehindEnd && (filled[at] ?? "").startsWith("-"))
          return refused(hole, "an argument that starts with a hyphen would be an option; put a word `--` before it");
      }
      return ok(filled);
    },
  });
}
