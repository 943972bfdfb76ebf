/**
 * Texts with values in them as typed templates: which grammar a text keeps follows from the role of the argument and its first characters.
 * Pure. Never lets a command or an address be put together by joining texts (DESIGN: no formatting of data into what steers a tool).
 */
import { compileTemplate } from "../../lang/template/template.ts";
import type { ArgRule, TemplateRule } from "../../plan/plan.ts";
import { kinds, sure } from "./kind.ts";
import { failOutside } from "./fault.ts";
import { numeric } from "./operators.ts";
import { type RulePlace, ruleOf, withItems } from "./rules.ts";
import type { State } from "./state.ts";
import { textCel } from "./texts.ts";
import { computed, typeOf, type Value } from "./value.ts";

type Kind = TemplateRule["template"];

/** The rule of a text with values in it. */
export function templateRule(state: State, parts: readonly (string | Value)[], at: RulePlace): ArgRule {
  const kind = kindOf(parts, at);
  const holes: { [name: string]: ArgRule } = {};
  const text = parts.map((part) => {
    if (typeof part === "string") return part.replace(/[{}]/g, (brace) => brace + brace);
    const isEncoded = part.kind === "encoded";
    if (isEncoded && kind !== "url")
      return failOutside("percent-encoding has its place in the template of a whole URL", at.place);
    const asked = isEncoded || kind !== "url" ? part : askedFor(state, part, at);
    if (kind === "url" && !isEncoded && !isPlain(asked))
      return failOutside(
        'put `encodeURIComponent(…)` (Python: `quote(…, safe="")`) around each value in this URL, as the plan will do',
        at.place,
      );
    const name = holeName(part, holes);
    const rule = holeRule(state, isEncoded ? part.of : asked, at);
    holes[name] = isEncoded && state.language === "javascript" ? unmarked(rule) : rule;
    return `{${name}}`;
  });
  const whole = text.join("");
  const compiled = compileTemplate(kind, whole);
  if (!compiled.ok)
    return failOutside(
      `the values of this text stand where no value of a \`${kind}\` template may: ${compiled.error.message}`,
      at.place,
    );
  return { template: kind, text: whole, with: holes };
}

/** Texts without the marks that `encodeURIComponent` leaves as they are, and a URL of a plan does not. */
function unmarked(rule: ArgRule): ArgRule {
  const match = { pattern: "[^!'()*]*" };
  if (typeof rule !== "object" || rule === null) return { const: rule, match };
  return Array.isArray(rule)
    ? rule
    : { ...(rule as Exclude<ArgRule, null | boolean | number | bigint | string | readonly ArgRule[]>), match };
}

/** A promised number as one that fails otherwise. */
function askedFor(state: State, part: Value, { place }: RulePlace): Value {
  return typeOf(part).type === "number" ? computed(numeric(state, part, place), kinds.number) : part;
}

/** Values that percent-encoding leaves as they are. */
function isPlain(value: Value): boolean {
  const { type } = sure(typeOf(value));
  return type === "number" || type === "boolean";
}

const statement = /^\s*(select|insert|update|delete|with|merge|replace|create|alter|drop)\b/i;

function kindOf(parts: readonly (string | Value)[], { role, place }: RulePlace): Kind {
  const [first] = parts;
  const start = typeof first === "string" ? first : "";
  if (role === "content") return "text";
  if (/^https?:\/\//.test(start)) return "url";
  if (statement.test(start))
    return failOutside(
      "a statement that is put together from texts is what injection needs: pass the values as parameters of the query",
      place,
    );
  if (role === "command") return failOutside("a command must not be put together from texts: write the words as a list", place);
  if (role === "credential") return failOutside("a credential must not be put together from texts", place);
  return /^\.{0,2}\//.test(start) ? "path" : "text";
}

function holeName(part: Value, taken: { readonly [name: string]: ArgRule }): string {
  const last = part.kind === "ref" ? part.steps.findLast((step) => typeof step === "string") : undefined;
  const base = typeof last === "string" && /^[A-Za-z][A-Za-z0-9_]{0,40}$/.test(last) ? last : "value";
  let name = base;
  for (let count = 2; Object.hasOwn(taken, name); count++) name = `${base}_${count}`;
  return name;
}

/** References stand for themselves where the template writes them as the language does. */
function holeRule(state: State, part: Value, at: RulePlace): ArgRule {
  const type = typeOf(part);
  const isSame =
    sure(type).type === "text" ||
    (state.language === "javascript" && (type.type === "number" || type.type === "text" || type.type === "unknown"));
  if (isSame && part.kind !== "text") return ruleOf(state, part, at);
  const cel = withItems(textCel(state, part, at.place), at.items);
  return ruleOf(state, cel.op === "literal" ? { kind: "const", value: cel.value } : computed(cel, kinds.text), at);
}

/** Adjacent texts joined, empty ones left out. */
export function joinParts(parts: readonly (string | Value)[]): readonly (string | Value)[] {
  const joined: (string | Value)[] = [];
  for (const part of parts.flatMap((each) => (typeof each !== "string" && each.kind === "text" ? each.parts : [each]))) {
    const text = typeof part !== "string" && part.kind === "const" && typeof part.value === "string" ? part.value : part;
    const last = joined.at(-1);
    if (text === "") continue;
    if (typeof text === "string" && typeof last === "string") joined[joined.length - 1] = last + text;
    else joined.push(text);
  }
  return joined;
}

/** A text of parts: a constant where all are. */
export function textValue(parts: readonly (string | Value)[]): Value {
  const joined = joinParts(parts);
  const [only] = joined;
  if (only === undefined) return { kind: "const", value: "" };
  return joined.length === 1 && typeof only === "string" ? { kind: "const", value: only } : { kind: "text", parts: joined };
}
