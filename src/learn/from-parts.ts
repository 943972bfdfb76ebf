/**
 * Values that are put together or taken apart: a path or an address with a value of a result in it, a list that stands in a text.
 * Pure. Paths and addresses only by typed templates, so that a value cannot change their structure.
 */
import type { Json } from "../json/value.ts";
import { compileTemplate } from "../lang/template/template.ts";
import { learnCandidatesMax } from "../limits.ts";
import { accessChain, placesWhere, type Source } from "./places.ts";

/** A path or address as a template with one hole, `{x}`, for a text that some result has. */
export interface Split {
  readonly part: string;
  readonly kind: "path" | "url";
  readonly text: string;
}

/** Texts of results that stand in a path or an address, the longest first, with the template around them. */
export function splitsOf(sources: readonly Source[], wanted: string): readonly Split[] {
  const kind = /^https?:\/\//i.test(wanted) ? "url" : wanted.includes("/") && !/\s/.test(wanted) ? "path" : undefined;
  if (kind === undefined) return [];
  const isPart = (value: Json): boolean =>
    typeof value === "string" && value.length >= 3 && value.length < wanted.length && wanted.includes(value);
  const parts = new Set(
    placesWhere(sources, isPart)
      .slice(0, learnCandidatesMax)
      .map((place) => String(place.value)),
  );
  return [...parts]
    .sort((a, b) => b.length - a.length)
    .flatMap((part) => {
      const text = wanted.split(part).map(escapeHoles).join("{x}");
      const template = compileTemplate(kind, text);
      const filled = template.ok ? template.value.fill({ x: part }) : undefined;
      return filled?.ok === true && filled.value === wanted ? [{ part, kind, text }] : [];
    });
}

function escapeHoles(text: string): string {
  return text.replaceAll("{", "{{").replaceAll("}", "}}");
}

/** An expression that splits a text into the wanted list. */
export interface LinesRule {
  readonly source: Source;
  readonly expression: string;
}

const separators = ["\n", ", ", ",", "; ", ";"];
/** Characters of the label before a list. */
const labelCharsMax = 60;

/** The list as a whole text, or as what follows a label that stands there once. */
export function linesRuleOf(
  sources: readonly Source[],
  wanted: readonly Json[],
  given: readonly string[],
): LinesRule | undefined {
  if (wanted.length < 2 || !wanted.every((part) => typeof part === "string" && part !== "")) return undefined;
  for (const separator of separators) {
    const joined = wanted.join(separator);
    for (const { source, path, value } of placesWhere(sources, (one) => typeof one === "string" && one.includes(joined))) {
      if (source.isLoop || path.some((step) => typeof step === "number")) continue;
      const text = String(value);
      const start = text.slice(0, text.indexOf(joined));
      const isEnd = text.slice(start.length + joined.length).trim() === "";
      // A label that repeats what the user asked for ("Hotels in Lyon: ") would not fit the next request: its colon will do.
      const label = given.some((one) => start.includes(one)) ? (/[:=]\s*$/.exec(start)?.[0] ?? start) : start;
      const isLine = label.length <= labelCharsMax && label.trim() !== "" && !label.trimEnd().includes("\n");
      const isUsable =
        label === "" || (isLine && (!start.includes("\n") || /[:=]\s*$/.test(start)) && text.split(label).length === 2);
      if (!isEnd || !isUsable) continue;
      const whole = `${source.name}${accessChain(path as readonly string[])}`;
      const list = label === "" ? whole : `split(${whole}, ${JSON.stringify(label)})[1]`;
      return { source, expression: `split(trim(${list}), ${JSON.stringify(separator)})` };
    }
  }
  return undefined;
}
