/**
 * Rules about constraints on values that nothing or everything satisfies.
 * Pure. Example values come from the constraint itself; a value of a result never enters a message.
 */
import { constraintOf } from "../../param.ts";
import { isArray, type Json, type JsonObject } from "../../../json/value.ts";
import { compileMatch } from "../../../lang/match.ts";
import { examplesOf } from "../../../lang/match/examples.ts";
import type { Finding } from "../../finding.ts";
import { classify, optionsOf, rulesOf } from "../../walk.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

/** A constraint of the plan, with what it is held against. */
interface Constraint {
  readonly spec: JsonObject;
  readonly path: readonly (string | number)[];
  /** The constant that it is held against, where there is one. */
  readonly constant?: Json;
  readonly isMatch: boolean;
}

/** Constraints in a plan that are looked at. More than that is generated, and alike. */
const constraintsMax = 20_000;

function constraintsOf(subject: LintSubject): readonly Constraint[] {
  const found: Constraint[] = [];
  for (const [name, spec] of Object.entries(subject.plan.params ?? {}))
    found.push({ spec: constraintOf(spec), path: ["params", name], isMatch: false });
  for (const { name, node } of subject.nodes) {
    if (found.length >= constraintsMax) break;
    for (const { rule, path } of rulesOf(name, node)) {
      const classed = classify(rule);
      const { match } = optionsOf(rule);
      const constant = classed.kind === "const" ? { constant: classed.rule.const } : {};
      if (match !== undefined) found.push({ spec: match, path: [...path, "match"], isMatch: true, ...constant });
      if (classed.kind === "choose") found.push({ spec: classed.rule.choose, path: [...path, "choose"], isMatch: false });
    }
  }
  return found;
}

/**
 * `LINT_MATCH_NEVER` (warning): nothing satisfies it, or the constant does not, so the call can never be made. `LINT_MATCH_ALL` (warning):
 * everything satisfies it.
 */
export const satisfiableConstraints: LintRule = (subject) =>
  constraintsOf(subject).flatMap(({ spec, path, constant, isMatch }): Finding[] => {
    const compiled = compileMatch(spec);
    if (!compiled.ok) return [];
    const { check } = compiled.value;
    if (constant !== undefined && check(constant) !== undefined) {
      const message = `the constant does not satisfy its own \`match\`, so every call is denied${shownExamples(spec)}`;
      return [findingAt(path, { code: "LINT_MATCH_NEVER", severity: "warning", message })];
    }
    const nothing = whyNothing(spec, check);
    if (nothing !== undefined)
      return [findingAt(path, { code: "LINT_MATCH_NEVER", severity: "warning", message: `no value satisfies this: ${nothing}` })];
    if (!isMatch || constant !== undefined || !isEverything(spec)) return [];
    const message = `every value satisfies this, so it constrains nothing${shownExamples(spec)}`;
    return [findingAt(path, { code: "LINT_MATCH_ALL", severity: "warning", message })];
  });

/** Why nothing satisfies a constraint, where that can be told for certain. Lengths that leave nothing are no constraint: they do not compile. */
function whyNothing(spec: JsonObject, check: (value: Json) => unknown): string | undefined {
  if (isEmptyRange(spec)) return "no number lies between its bounds";
  const listed = isArray(spec.enum) ? spec.enum : spec.const === undefined ? undefined : [spec.const];
  return listed?.every((value) => check(value) !== undefined) ? "none of its values satisfies the rest of it" : undefined;
}

/** Whether the bounds leave no number, or no integer where it must be one. */
function isEmptyRange(spec: JsonObject): boolean {
  const [min, above] = [numberOf(spec.minimum) ?? Number.NEGATIVE_INFINITY, numberOf(spec.exclusiveMinimum)];
  const [max, below] = [numberOf(spec.maximum) ?? Number.POSITIVE_INFINITY, numberOf(spec.exclusiveMaximum)];
  if (spec.type === "integer") {
    const lowest = Math.max(Math.ceil(min), above === undefined ? min : Math.floor(above) + 1);
    return lowest > Math.min(Math.floor(max), below === undefined ? max : Math.ceil(below) - 1);
  }
  return (above !== undefined && above >= Math.min(max, below ?? max)) || (below !== undefined && min >= below);
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

const anything = /^\^?(?:\(\?s\))?(?:\.\*|\[\\s\\S\]\*|\[\\S\\s\]\*|\[\\d\\D\]\*|\[\\w\\W\]\*|\(\?s:\.\*\))\$?$/;

/** Whether a constraint says nothing at all, or only that a text is some text. */
function isEverything(spec: JsonObject): boolean {
  const keywords = Object.keys(spec).filter((name) => name !== "type");
  if (keywords.length === 0) return spec.type === undefined;
  return keywords.length === 1 && typeof spec.pattern === "string" && anything.test(spec.pattern);
}

/** On which sides values fall, after a semicolon; nothing where no example is known. */
function shownExamples(spec: JsonObject): string {
  const { matching, failing } = examplesOf(spec, { count: 2 });
  const yes = matching.length === 0 ? "" : `; it takes ${matching.map(shown).join(", ")}`;
  return failing.length === 0 ? yes : `${yes}${yes === "" ? "; it" : " and"} refuses ${failing.map(shown).join(", ")}`;
}

/** Characters of an example that are shown. */
const exampleCharsMax = 40;

/** Texts that would be taken for a value that is none: they are shown in quotes. */
const readsAsOther = /^(?:true|false|null|-?\d[\d.eE+-]*|["[{].*|)$/s;

/** A value between back quotes, without characters that would steer a terminal. */
function shown(value: Json): string {
  const text =
    typeof value === "string" && !readsAsOther.test(value)
      ? value
      : JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}`]/gu, "\ufffd");
  return `\`${plain.length > exampleCharsMax ? `${plain.slice(0, exampleCharsMax)}…` : plain}\``;
}
