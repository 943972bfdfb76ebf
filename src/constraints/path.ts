/**
 * File paths, and whether one lies under another.
 * Pure. Never normalises: a path that some system would read as a different one is refused.
 */
import { everyCode, isPathLookalike, isPlain } from "../lang/template/characters.ts";
import { pathCharsMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";

/** A path of plain names. */
export interface PathReading {
  readonly isAbsolute: boolean;
  /** A Windows drive (`c:`, lower case), if the path starts with one. */
  readonly drive?: string;
  readonly segments: readonly string[];
}

/** Why a text is no path that is accepted. The message never holds the text. */
export interface PathError {
  readonly code: "PATH_REFUSED";
  readonly message: string;
}

/** Characters of one name: the limit of every common file system. */
const segmentCharsMax = 255;
/** Names that Windows takes for devices, with any extension (Microsoft, "Naming Files"), superscript digits included. */
const devices = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;

function refuse(message: string): { readonly ok: false; readonly error: PathError } {
  return err({ code: "PATH_REFUSED", message });
}

/** Whether a segment is the same name on every system. */
function isName(segment: string): boolean {
  if (segment === "" || segment.length > segmentCharsMax || /^\s|[\s.]$|^\.+;/.test(segment) || devices.test(segment))
    return false;
  return everyCode(segment, (code) => !`\\:%~*?"<>|`.includes(String.fromCodePoint(code)) && !isPathLookalike(code));
}

/**
 * Reads a path with `/` between its segments. Refuses empty and dot segments, backslashes, percent signs, `~`, colons (streams, drives and schemes;
 * `C:/` at the start is a drive), wildcards, control, hidden and look-alike characters, names that Windows changes or takes for devices, and a
 * relative path that starts like an option.
 */
export function readPath(text: string): Result<PathReading, PathError> {
  if (text === "" || text.length > pathCharsMax || !isPlain(text))
    return refuse("a path is a short text without control or hidden characters");
  const drive = /^[A-Za-z]:(?=\/)/.exec(text)?.[0].toLowerCase();
  const rest = drive === undefined ? text : text.slice(2);
  const isAbsolute = rest.startsWith("/");
  const inner = isAbsolute ? rest.slice(1) : rest;
  const segments = inner === "" ? [] : inner.split("/");
  if (!segments.every(isName)) return refuse("every segment of a path is a plain name");
  if (!isAbsolute && inner.startsWith("-"))
    return refuse("a relative path must not start with a hyphen, which commands take for an option");
  return ok({ isAbsolute, segments, ...(drive === undefined ? {} : { drive }) });
}

/** A path that others lie under. A slash at its end changes nothing. `undefined` if it is no path that {@link readPath} accepts. */
export function readPrefix(text: string): PathReading | undefined {
  const read = readPath(text.length > 1 && text.endsWith("/") ? text.slice(0, -1) : text);
  return read.ok ? read.value : undefined;
}

/** Whether a path is one of the prefixes or lies below it: the same segments, compared code point by code point. */
export function isUnder(text: string, prefixes: readonly PathReading[]): boolean {
  const read = readPath(text);
  if (!read.ok) return false;
  const { isAbsolute, drive, segments } = read.value;
  return prefixes.some(
    (prefix) =>
      prefix.isAbsolute === isAbsolute &&
      prefix.drive === drive &&
      prefix.segments.every((segment, i) => segment === segments[i]),
  );
}
