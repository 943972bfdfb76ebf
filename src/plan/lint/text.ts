/**
 * Rules about the texts of a plan that a person approves by looking at them.
 * Pure. Never repeats a suspicious character in a message.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import type { Finding } from "../finding.ts";
import { classify, rulesOf } from "../walk.ts";
import { findingAt, type LintRule } from "./subject.ts";

/** Controls of direction (UAX #9 §2) and characters that show nothing; not line feed, tab and the selectors of emoji. */
const hidden = /\p{Bidi_Control}|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}|(?![\n\t\r])\p{Cc}/u;
const wordOf = /[\p{L}\p{M}]+/gu;
/** Scripts whose letters are taken for Latin ones (UTS #39, confusables), or the reverse. */
const lookalikes = [
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
];
const latin = /\p{Script=Latin}/u;

type Step = string | number;

/** `LINT_HIDDEN_TEXT` and `LINT_MIXED_SCRIPT`: constants, templates and prose that may not be what they look like. */
export const plainTexts: LintRule = (subject) => {
  const { plan } = subject;
  const findings: Finding[] = [];
  const look = (value: Json | undefined, path: readonly Step[]): void => {
    findings.push(...lookAt(value, path));
  };
  look(plan.task, ["task"]);
  look(plan.description, ["description"]);
  for (const [name, spec] of Object.entries(plan.params ?? {})) look(spec as Json, ["params", name]);
  for (const { name, node } of subject.nodes) {
    look(node.description, ["nodes", name, "description"]);
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind === "const") look(classed.rule.const, typeof rule === "object" ? [...path, "const"] : path);
      if (classed.kind === "template") look(classed.rule.text, [...path, "text"]);
      if (classed.kind === "choose") look(classed.rule.choose, [...path, "choose"]);
    }
  }
  return findings;
};

/** The first suspicious text in a value. Depth is bounded by `jsonDepthMax`. */
function lookAt(value: Json | undefined, path: readonly Step[]): readonly Finding[] {
  if (typeof value === "string") return lookAtText(value, path);
  if (isArray(value)) return value.flatMap((element, i) => lookAt(element, [...path, i]));
  if (isObject(value))
    return Object.keys(value).flatMap((key) => [...lookAtText(key, path), ...lookAt(value[key], [...path, key])]);
  return [];
}

function lookAtText(text: string, path: readonly Step[]): readonly Finding[] {
  const found = hidden.exec(text)?.[0].codePointAt(0);
  if (found !== undefined) {
    const message = `the text holds the invisible character U+${found.toString(16).toUpperCase().padStart(4, "0")}`;
    return [findingAt(path, { code: "LINT_HIDDEN_TEXT", severity: "warning", message })];
  }
  const isMixed = (text.match(wordOf) ?? []).some((word) => latin.test(word) && lookalikes.some((script) => script.test(word)));
  if (!isMixed) return [];
  const message = "a word of the text mixes Latin letters with letters that look like them";
  return [findingAt(path, { code: "LINT_MIXED_SCRIPT", severity: "warning", message })];
}
