/**
 * Rules about the texts of a plan that a person approves by looking at them.
 * Pure. Never repeats a suspicious character in a message.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../../json/value.ts";
import { withoutStyles } from "../../../lang/template/characters.ts";
import type { Finding } from "../../finding.ts";
import { classify, optionsOf, rulesOf } from "../../walk.ts";
import { glance, takenFor } from "./lookalikes.ts";
import { findingAt, type LintRule } from "../subject.ts";

/** Controls of direction (UAX #9 §2) and characters that show nothing; not line feed and tab. The selectors of an emoji's style are taken out first. */
const hidden = /\p{Bidi_Control}|\p{Default_Ignorable_Code_Point}|(?![\n\t\r])\p{Cc}/u;
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

/** `LINT_HIDDEN_TEXT`, `LINT_MIXED_SCRIPT`, `LINT_CONFUSABLE` and `LINT_LOOKALIKE`: constants, templates and prose that may not be what they look like. */
export const plainTexts: LintRule = (subject) => {
  const { plan } = subject;
  const findings: Finding[] = [];
  const look = (value: Json | undefined, path: readonly Step[]): void => {
    findings.push(...lookAt(value, path));
  };
  const lookAtConstraint = (spec: JsonObject, path: readonly Step[]): void => {
    look(spec, path);
    findings.push(...lookAtList(spec.enum, [...path, "enum"]));
  };
  look(plan.task, ["task"]);
  look(plan.description, ["description"]);
  for (const [name, spec] of Object.entries(plan.params ?? {})) look(spec as Json, ["params", name]);
  for (const { name, node } of subject.nodes) {
    look(node.description, ["nodes", name, "description"]);
    look(node.constraints?.hosts, ["nodes", name, "constraints", "hosts"]);
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind === "const") look(classed.rule.const, typeof rule === "object" ? [...path, "const"] : path);
      if (classed.kind === "template") look(classed.rule.text, [...path, "text"]);
      if (classed.kind === "choose") lookAtConstraint(classed.rule.choose, [...path, "choose"]);
      const { match } = optionsOf(rule);
      if (match !== undefined) lookAtConstraint(match, [...path, "match"]);
      if (classed.kind === "write") look(linksOf(classed.rule.write.links), [...path, "write", "links"]);
    }
  }
  return findings;
};

function linksOf(links: string | readonly string[] | undefined): Json {
  return typeof links === "object" ? links : null;
}

/** The first suspicious text in a value. Depth is bounded by `jsonDepthMax`. */
function lookAt(value: Json | undefined, path: readonly Step[]): readonly Finding[] {
  if (typeof value === "string") return lookAtText(value, path);
  if (isArray(value)) return value.flatMap((element, i) => lookAt(element, [...path, i]));
  if (isObject(value))
    return Object.keys(value).flatMap((key) => [...lookAtText(key, path), ...lookAt(value[key], [...path, key])]);
  return [];
}

function lookAtText(text: string, path: readonly Step[]): readonly Finding[] {
  const found = hidden.exec(withoutStyles(text))?.[0].codePointAt(0);
  if (found !== undefined) {
    const message = `the text holds the invisible character U+${found.toString(16).toUpperCase().padStart(4, "0")}`;
    return [findingAt(path, { code: "LINT_HIDDEN_TEXT", severity: "warning", message })];
  }
  const words = text.match(wordOf) ?? [];
  if (words.some((word) => latin.test(word) && lookalikes.some((script) => script.test(word)))) {
    const message = "a word of the text mixes Latin letters with letters that look like them";
    return [findingAt(path, { code: "LINT_MIXED_SCRIPT", severity: "warning", message })];
  }
  // A text in which every foreign letter looks Latin is no text of that language.
  const foreign = words.filter((word) => /[^\x00-\x7f]/.test(word));
  const taken = foreign.map(takenFor);
  const first = foreign.findIndex((word) => [...word].length >= foreignWordMin);
  if (first < 0 || taken.some((word) => word === undefined)) return [];
  const message = `a word of other letters is taken for \`${taken[first] ?? ""}\` by everybody who reads it`;
  return [findingAt(path, { code: "LINT_CONFUSABLE", severity: "warning", message })];
}

/** Letters of a foreign word below which it may as well be a symbol of mathematics. */
const foreignWordMin = 3;

/** Values of one list that are compared with each other. */
const valuesMax = 1_000;
/** Characters below which values look alike because they are short. */
const valueCharsMin = 4;

/** `LINT_LOOKALIKE`: two values of one list that nobody tells apart. */
function lookAtList(value: Json | undefined, path: readonly Step[]): readonly Finding[] {
  if (!isArray(value)) return [];
  const seen = new Map<string, string>();
  const texts = value.slice(0, valuesMax).filter((text) => typeof text === "string");
  for (const text of texts) {
    if (text.length < valueCharsMin) continue;
    const other = seen.get(glance(text));
    if (other !== undefined && other.toLowerCase() !== text.toLowerCase()) {
      const message = "two values of the list look the same to whoever reads it";
      return [findingAt(path, { code: "LINT_LOOKALIKE", severity: "warning", message })];
    }
    seen.set(glance(text), text);
  }
  return [];
}
