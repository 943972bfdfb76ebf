/**
 * Fills plain text: messages and notes, where a value is shown and nothing parses it.
 * Pure. Never lets a control, bidirectional or invisible character through.
 */

import { ok, type Result } from "../../result.ts";
import { isPlainProse } from "./characters.ts";
import { type Filler, type Part, refused, type TemplateError, textValueOf } from "./holes.ts";

/** A template of kind `text`: line feeds and tabs may occur in values. */
export function compileText(parts: readonly Part[]): Result<Filler, TemplateError> {
  return ok({
    fill: (values) => {
      let filled = "";
      for (const part of parts) {
        if ("literal" in part) filled += part.literal;
        else {
          const value = textValueOf(values, part.hole);
          if (!value.ok) return value;
          if (!isPlainProse(value.value))
            return refused(part.hole, "the value holds a control, bidirectional or invisible character");
          filled += value.value;
        }
      }
      return ok(filled);
    },
  });
}
