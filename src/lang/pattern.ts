/**
 * Regular expressions that run in time linear in the text (RE2 syntax, on re2js), and how many texts they can match.
 * Never runs the language's own backtracking RegExp; never shows the library's error text. Pure. No I/O, no clock.
 */
import { RE2JS } from "re2js";
import { patternCharsMax, patternProgramMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import { bitsOfCount } from "./bits.ts";
import { isWellFormedText } from "./code-point.ts";
import { type LangError, langError } from "./error.ts";
import { classSize, isMatch, type Program, successors } from "./pattern/program.ts";
import { type PatternTable, tableOf, testTable } from "./pattern/table.ts";

/** A compiled pattern. Case matters and `.` leaves out line feeds, unless flags such as `(?is)` say otherwise. */
export interface Pattern {
  readonly source: string;
  /** Whether the *whole* text matches. Linear in the text. */
  test(text: string): boolean;
  /** The leftmost match anywhere in the text, as UTF-16 offsets `[start, end)`. Linear in the text. */
  search(text: string): { readonly start: number; readonly end: number } | undefined;
  /** Whether only finitely many texts match as a whole. Conservative: a loop that can only match nothing counts as infinite. */
  readonly isFinite: boolean;
  /** Upper bound on log2 of the number of texts that match as a whole, in hundredths of a bit; `undefined` if infinite. */
  readonly bits: number | undefined;
}

/**
 * Compiles a pattern in RE2 syntax. Errors: `LANG_PATTERN_SYNTAX`, `LANG_PATTERN_UNSUPPORTED` (look-around and back-references,
 * which have no linear-time form) and `LANG_PATTERN_LIMIT` (longer than `patternCharsMax` or larger than `patternProgramMax`).
 */
export function compilePattern(source: string): Result<Pattern, LangError> {
  if (source.length > patternCharsMax) {
    return err(langError("LANG_PATTERN_LIMIT", `a pattern has at most ${patternCharsMax} characters`, patternCharsMax));
  }
  if (!isWellFormedText(source)) return err(langError("LANG_PATTERN_SYNTAX", "a pattern may not hold a lone surrogate"));
  const refused = scan(source);
  if (refused !== undefined) return err(refused);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch {
    return err(langError("LANG_PATTERN_SYNTAX", "not a regular expression in RE2 syntax"));
  }
  if (compiled.programSize() > patternProgramMax) return err(tooLarge());
  const count = countTexts(compiled);
  return ok({
    source,
    test: wholeTest(compiled),
    search: (text) => {
      const matcher = compiled.matcher(text);
      return matcher.find() ? { start: matcher.start(), end: matcher.end() } : undefined;
    },
    isFinite: count !== undefined,
    bits: count === undefined ? undefined : bitsOfCount(count),
  });
}

/** Tests whole texts by the pattern's table, made when it is first needed, and by its program where the table does not know. */
function wholeTest(compiled: RE2JS): (text: string) => boolean {
  let table: PatternTable | undefined;
  let isMade = false;
  return (text) => {
    if (!isMade) {
      isMade = true;
      table = tableOf(compiled.re2().prog as Program);
    }
    return (table === undefined ? undefined : testTable(table, text)) ?? compiled.testExact(text);
  };
}

function tooLarge(offset?: number): LangError {
  return langError(
    "LANG_PATTERN_LIMIT",
    `the pattern compiles to more than ${patternProgramMax} steps; use smaller repeats`,
    offset,
  );
}

/** Finds what has no linear-time form, and repeats whose expansion would cost too much to compile. */
function scan(source: string): LangError | undefined {
  let repeats = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === "\\") {
      const next = source[i + 1] ?? "";
      if (next === "Q") {
        const end = source.indexOf("\\E", i + 2);
        if (end === -1) return undefined;
        i = end + 1;
        continue;
      }
      if (!inClass && ((next >= "1" && next <= "9") || next === "k")) {
        return langError("LANG_PATTERN_UNSUPPORTED", "back-references are not supported: they have no linear-time form", i);
      }
      i++;
    } else if (inClass) {
      inClass = char !== "]";
    } else if (char === "[") {
      inClass = true;
      // A bracket right after `[` or `[^` is a member of the class.
      if (source[i + 1] === "^") i++;
      if (source[i + 1] === "]") i++;
    } else if (char === "(" && isLookAround(source, i)) {
      return langError(
        "LANG_PATTERN_UNSUPPORTED",
        "look-ahead and look-behind are not supported: they have no linear-time form",
        i,
      );
    } else if (char === "{") {
      const end = source.indexOf("}", i);
      const most =
        end === -1
          ? 0
          : Number(
              source
                .slice(i + 1, end)
                .split(",")
                .at(-1),
            );
      // The library bounds one nest of repeats by 1,000; this bounds their sum, before anything is expanded.
      repeats += Number.isInteger(most) ? most : 0;
      if (repeats > patternProgramMax) return tooLarge(i);
    }
  }
  return undefined;
}

function isLookAround(source: string, open: number): boolean {
  return ["(?=", "(?!", "(?<=", "(?<!"].some((start) => source.startsWith(start, open));
}

/**
 * Number of paths from start to match through the compiled program, weighted by the sizes of its classes: an upper bound on the
 * number of texts, since every text takes at least one path. `undefined` if the program has a loop or an unknown instruction.
 */
function countTexts(compiled: RE2JS): bigint | undefined {
  const program = compiled.re2().prog as Program;
  const counts = new Map<number, bigint>();
  const open = new Set<number>();
  const stack = [program.start];
  // Depth first with a stack of our own: programs of 5,000 steps in a row must not depend on the runtime's stack.
  while (stack.length > 0) {
    const at = stack[stack.length - 1] as number;
    const instruction = program.inst[at];
    if (instruction === undefined) return undefined;
    const next = successors(instruction);
    if (next === undefined) return undefined;
    if (!counts.has(at) && !open.has(at)) {
      open.add(at);
      for (const to of next) {
        if (open.has(to)) return undefined;
        if (!counts.has(to)) stack.push(to);
      }
      continue;
    }
    stack.pop();
    if (counts.has(at)) continue;
    open.delete(at);
    const sum = isMatch(instruction) ? 1n : next.reduce((total, to) => total + (counts.get(to) ?? 0n), 0n);
    counts.set(at, sum * classSize(instruction));
  }
  return counts.get(program.start);
}
