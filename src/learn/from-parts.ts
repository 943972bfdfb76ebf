/**
 * Values that are put together or taken apart: a path or an address with a value of a result in it, a list that stands in a text.
 * Pure. Paths and addresses only by typed templates, so that a value cannot change their structure.
 */
import type { Json } from "../json/value.ts";
import { compileTemplate } from "../lang/template/template.ts";
import { learnCandidatesMax } from "../limits.ts";
import { accessChain, placesWhere, type Source } from "./places.ts";
import { rankOf, type Selection, selectionsOf } from "./select.ts";
import type { TaskWords } from "./task-words.ts";

/** A template with one hole, `{x}`. */
export interface JoinedRule {
  readonly selection: Selection;
  readonly kind: "path" | "url";
  readonly text: string;
}

/** The template for a path or address that contains a value of a result; the longest such value wins. */
export function joinedRuleOf(sources: readonly Source[], wanted: string, task: TaskWords): JoinedRule | undefined {
  const kind = /^https?:\/\//i.test(wanted) ? "url" : wanted.includes("/") && !/\s/.test(wanted) ? "path" : undefined;
  if (kind === undefined) return undefined;
  const isPart = (value: Json): boolean => typeof value === "string" && value.length >= 3 && value.length < wanted.length && wanted.includes(value);
  const places = placesWhere(sources, isPart).slice(0, learnCandidatesMax);
  const byLength = [...places].sort((a, b) => String(b.value).length - String(a.value).length);
  for (const place of byLength) {
    const part = String(place.value);
    const text = wanted.split(part).map(escapeHoles).join("{x}");
    const template = compileTemplate(kind, text);
    const filled = template.ok ? template.value.fill({ x: part }) : undefined;
    if (filled?.ok !== true || filled.value !== wanted) continue;
    const selection = selectionsOf(place, task).find((one) => one.values.length === 1 && rankOf(one.how) <= rankOf("all"));
    if (selection !== undefined) return { selection, kind, text };
  }
  return undefined;
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
export function linesRuleOf(sources: readonly Source[], wanted: readonly Json[]): LinesRule | undefined {
  if (wanted.length < 2 || !wanted.every((part) => typeof part === "string" && part !== "")) return undefined;
  for (const separator of separators) {
    const joined = wanted.join(separator);
    for (const { source, path, value } of placesWhere(sources, (one) => typeof one === "string" && one.includes(joined))) {
      if (source.isLoop || path.some((step) => typeof step === "number")) continue;
      const text = String(value);
      const label = text.slice(0, text.indexOf(joined));
      const isEnd = text.slice(label.length + joined.length).trim() === "";
      const isUsable = label === "" || (label.length <= labelCharsMax && label.trim() !== "" && text.split(label).length === 2);
      if (!isEnd || !isUsable) continue;
      const whole = `${source.name}${accessChain(path as readonly string[])}`;
      const list = label === "" ? whole : `split(${whole}, ${JSON.stringify(label)})[1]`;
      return { source, expression: `split(trim(${list}), ${JSON.stringify(separator)})` };
    }
  }
  return undefined;
}
