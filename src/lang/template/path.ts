/**
 * Fills file paths with `/` between segments.
 * Pure. Never lets a value climb out of where the template points, on any system that the path may reach.
 */

import { err, ok, type Result } from "../../result.ts";
import { everyCode, isPathLookalike, isPlain } from "./characters.ts";
import {
  changed,
  type FillError,
  type Filler,
  fillMarks,
  hasMark,
  holesOf,
  malformed,
  markedText,
  marksIn,
  type Part,
  refused,
  soleMark,
  type TemplateError,
  textValueOf,
} from "./holes.ts";

const segmentProblem =
  "a path segment must not be empty, start or end with a blank, end with a dot, or hold a slash, backslash, colon, control character or a look-alike of them";

/** Whether a finished segment is a plain name everywhere: trailing dots and blanks vanish on Windows, a colon names a stream or a drive. */
function isName(segment: string): boolean {
  const isEdged = segment.endsWith(".") || segment.endsWith(" ") || segment.startsWith(" ");
  return (
    segment !== "" &&
    !isEdged &&
    isPlain(segment) &&
    everyCode(segment, (code) => code !== 47 && code !== 92 && code !== 58 && !isPathLookalike(code))
  );
}

/** Whether every segment of a filled path is a name. The leading empty segment of an absolute path counts as one. */
function isPath(segments: readonly string[], isAbsolute: boolean): boolean {
  return (
    segments.every((segment, at) => (isAbsolute && at === 0 && segment === "") || isName(segment)) &&
    !(segments[0] ?? "").startsWith("~")
  );
}

/** What a value may be before it is put in: one segment's characters, or names joined by slashes where it is the end of the path. */
function valueProblem(value: string, isTail: boolean): string | undefined {
  const pieces = isTail ? value.split("/") : [value];
  if (isTail && (value.startsWith("/") || value.startsWith("~"))) return "a value at the end of a path must be relative";
  const isClean = (piece: string): boolean =>
    isPlain(piece) && everyCode(piece, (code) => code !== 47 && code !== 92 && code !== 58 && !isPathLookalike(code));
  if (!pieces.every(isClean) || (isTail && !pieces.every(isName))) return segmentProblem;
  return value.startsWith("~") || value === "." || value === ".." ? segmentProblem : undefined;
}

/** A template of kind `path`. A hole that is the whole last segment may take several segments; every other one is inside one. */
export function compilePathTemplate(parts: readonly Part[]): Result<Filler, TemplateError> {
  const marked = markedText(parts);
  const segments = marked.split("/");
  const isAbsolute = marked.startsWith("/");
  const isSound = isPath(
    segments.map((segment) =>
      fillMarks(
        segment,
        marksIn(marked).map(() => "x"),
      ),
    ),
    isAbsolute,
  );
  if (!isSound)
    return malformed(
      0,
      "the text must be a path of plain names: no empty, dot or home segment, backslash, colon or control character",
    );
  const holes = holesOf(parts);
  const tail = soleMark(segments.at(-1) ?? "");
  return ok({
    fill: (values): Result<string, FillError> => {
      const texts: string[] = [];
      for (const [index, { hole }] of holes.entries()) {
        const value = textValueOf(values, hole);
        if (!value.ok) return value;
        const problem = valueProblem(value.value, index === tail);
        if (problem !== undefined) return refused(hole, problem);
        texts.push(value.value);
      }
      const filled = fillMarks(marked, texts);
      const actual = filled.split("/");
      const extra = tail < 0 ? 0 : (texts[tail] ?? "").split("/").length - 1;
      if (!isPath(actual, isAbsolute)) return err({ code: "TEMPLATE_VALUE_REFUSED", message: segmentProblem });
      // A path that starts with a hyphen is an option to most commands.
      if (hasMark(segments[0] ?? "") && filled.startsWith("-"))
        return err({ code: "TEMPLATE_VALUE_REFUSED", message: "a path must not start with a hyphen" });
      const isSame =
        actual.length === segments.length + extra &&
        segments.every((segment, at) => at === segments.length - 1 || fillMarks(segment, texts) === actual[at]);
      return isSame ? ok(filled) : changed();
    },
  });
}
