/**
 * The one error of the language layer, and its codes.
 * Never carries the text of a library, nor a value from a call or a result. Pure. No I/O, no clock.
 */

/** Stable codes of the language layer. `*_SYNTAX`, `*_NAME`, `*_FUNCTION`, `*_UNSUPPORTED` and `MATCH_*` occur at freeze only. */
export type LangCode =
  | "LANG_PATH_SYNTAX"
  | "LANG_PATH_FUNCTION"
  | "LANG_PATH_LIMIT"
  | "LANG_REFERENCE_SYNTAX"
  | "LANG_PATTERN_SYNTAX"
  | "LANG_PATTERN_UNSUPPORTED"
  | "LANG_PATTERN_LIMIT"
  | "LANG_NUMBER_RANGE"
  | "LANG_DATE"
  | "LANG_EXPR_SYNTAX"
  | "LANG_EXPR_NAME"
  | "LANG_EXPR_TYPE"
  | "LANG_EXPR_RUNTIME"
  | "LANG_EXPR_LIMIT"
  | "LANG_MATCH_KEYWORD"
  | "LANG_MATCH_VALUE"
  | "LANG_MATCH_LIMIT";

/** Why a path, pattern, expression, date or number was refused. The message is for the author of a plan, not for a model. */
export interface LangError {
  readonly code: LangCode;
  /** One line, lower case, no full stop; names what would be right. */
  readonly message: string;
  /** UTF-16 offset into the source, where it is known. */
  readonly offset?: number;
}

/** Makes a {@link LangError}; leaves `offset` out where it is not known. */
export function langError(code: LangCode, message: string, offset?: number): LangError {
  return offset === undefined ? { code, message } : { code, message, offset };
}
