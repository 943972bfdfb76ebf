/**
 * Path templates (OpenAPI 3.1.1 §4.8.8): raw segments → arguments, and arguments → segments.
 * Pure. Never accepts a segment that a server could read as another place: dots, slashes in any spelling, escapes of escapes, parameters.
 */
import type { Json } from "../../json/value.ts";
import { isPathLookalike, isPlain } from "../../lang/template/characters.ts";
import { faulty, found, type Read } from "./fault.ts";
import { type Parameter, readText, writeText } from "./parameter.ts";
import { percentDecode, percentEncode } from "./percent.ts";

/** One segment of a template: texts, and the parameters between them. */
export interface SegmentTemplate {
  /** One more than there are parameters; as they are sent. */
  readonly written: readonly string[];
  /** The same, decoded. */
  readonly texts: readonly string[];
  readonly holes: readonly Parameter[];
}

/** The segments of a template; `undefined` if it cannot be read exactly (two parameters side by side, a query, escapes that are none). */
export function readTemplate(
  path: string,
  parameterOf: (name: string) => Parameter | undefined,
): readonly SegmentTemplate[] | undefined {
  if (!path.startsWith("/") || /[?#]/.test(path)) return undefined;
  const segments: SegmentTemplate[] = [];
  for (const segment of path.slice(1).split("/")) {
    const parts = segment.split(/\{([^{}]*)\}/);
    const written = parts.filter((_, i) => i % 2 === 0).map(escapeOdd);
    const texts = written.map((text) => percentDecode(text) ?? "");
    const holes = parts.filter((_, i) => i % 2 === 1).map(parameterOf);
    const known = holes.filter((hole) => hole !== undefined);
    const isSplit = texts.slice(1, -1).every((text) => text !== "");
    if (known.length !== holes.length || !isSplit || written.some((text) => percentDecode(text) === undefined)) return undefined;
    if (known.length === 0 && texts[0] !== "" && readSegment(written[0] ?? "") === undefined) return undefined;
    segments.push({ written, texts, holes: known });
  }
  return segments;
}

/** Characters that no path has (RFC 3986 §3.3 `pchar`) as escapes. */
function escapeOdd(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@%]+/g, (odd) => percentEncode(odd));
}

/** A raw segment, decoded; `undefined` if servers disagree about it. */
export function readSegment(raw: string): string | undefined {
  if (/[^\u0021-\u007e]|["<>\\^`{|};?#]/.test(raw)) return undefined;
  const text = percentDecode(raw);
  return text !== undefined && isSound(text) ? text : undefined;
}

/** Whether a decoded segment is the same to every server. */
function isSound(text: string): boolean {
  const isClean = isPlain(text) && !/[/\\]/.test(text) && ![...text].some((char) => isPathLookalike(char.codePointAt(0) ?? 0));
  // SECURITY: a server that decodes twice, or cuts parameters off, would see what these hide.
  return isClean && !/%[0-9A-Fa-f]{2}/.test(text) && !/^\.{1,2}(?:;|$)/.test(text);
}

/** How much of a segment is fixed: 2 all, 1 a part, 0 nothing. The more is fixed, the rather a template is meant (§4.8.8). */
export function fixedness({ holes, texts }: SegmentTemplate): number {
  return holes.length === 0 ? 2 : texts.some((text) => text !== "") ? 1 : 0;
}

/** Whether decoded segments have the shape of a template, whatever the values are. */
export function hasShape(template: readonly SegmentTemplate[], segments: readonly string[]): boolean {
  return template.length === segments.length && template.every((part, i) => valuesIn(part, segments[i] ?? "") !== undefined);
}

/** The texts of the holes: each as short as it can be, the last one the rest. */
function valuesIn({ texts, holes }: SegmentTemplate, segment: string): readonly string[] | undefined {
  const [first = "", ...others] = texts;
  if (holes.length === 0) return segment === first ? [] : undefined;
  if (!segment.startsWith(first)) return undefined;
  const values: string[] = [];
  let at = first.length;
  for (const [i, text] of others.entries()) {
    const isLast = i === others.length - 1;
    const end = isLast ? segment.length - text.length : segment.indexOf(text, at);
    if (end <= at || (isLast && !segment.endsWith(text))) return undefined;
    values.push(segment.slice(at, end));
    at = end + text.length;
  }
  return values;
}

/** The arguments in segments that have the shape. The name of a parameter in braces, as in the template, leaves the argument out. */
export function readPath(
  template: readonly SegmentTemplate[],
  segments: readonly string[],
): Read<readonly (readonly [string, Json])[]> {
  const args: (readonly [string, Json])[] = [];
  for (const [i, part] of template.entries()) {
    const values = valuesIn(part, segments[i] ?? "") ?? [];
    for (const [at, hole] of part.holes.entries()) {
      const text = values[at] ?? "";
      if (text === `{${hole.name}}`) continue;
      const value = readText(hole, text);
      if (value === undefined) return faulty("parameter-value", hole.name);
      args.push([hole.arg, value]);
    }
  }
  return found(args);
}

/** The path that the arguments make, encoded. */
export function writePath(template: readonly SegmentTemplate[], args: ReadonlyMap<string, Json>): Read<string> {
  let path = "";
  for (const { written, holes } of template) {
    let segment = written[0] ?? "";
    for (const [i, hole] of holes.entries()) {
      const value = args.get(hole.arg);
      if (value === undefined) return faulty("parameter-missing", hole.name);
      const parts = writeText(hole, value);
      if (parts === undefined || parts.some((part) => part === "" || !isSound(part))) return faulty("argument-value", hole.name);
      segment += parts.map(percentEncode).join(",") + (written[i + 1] ?? "");
    }
    if (holes.length > 0 && readSegment(segment) === undefined) return faulty("argument-value", holes[0]?.name);
    path += `/${segment}`;
  }
  return found(path);
}
