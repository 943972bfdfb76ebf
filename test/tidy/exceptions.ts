/**
 * What is over a limit today, with its size: the number may only go down, and the row goes when the limit is kept.
 */

/** File → its lines, where it has more than `fileLinesMax`. */
export const longFiles: Readonly<Record<string, number>> = {};

/** `file#function` → its lines, where it has more than `functionLinesMax`. */
export const longFunctions: Readonly<Record<string, number>> = {};

/** Codes of src/codes.ts that no test provokes yet. */
export const untestedCodes: readonly string[] = [];
