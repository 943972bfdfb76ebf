/**
 * Limits of functions that only read: what is learned, imported, read from words, made up and reported.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { listItems } from "../../../src/infer/values/lists.ts";
import type { DraftParam } from "../../../src/infer/tools.ts";
import { valueOf as readValue } from "../../../src/infer/values/value-of.ts";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import type { Json } from "../../../src/json/value.ts";
import { examplesOf } from "../../../src/lang/match/examples.ts";
import { textsOf } from "../../../src/lang/pattern/texts.ts";
import { crossValidate } from "../../../src/learn/cross-validate.ts";
import { learnPlan } from "../../../src/learn/learn.ts";
import { placesWhere } from "../../../src/learn/places.ts";
import { splitsOf } from "../../../src/learn/from-parts.ts";
import { scrubbedMin, scrubbedPrefixMax, scrubbedSecretMin } from "../../../src/limits.ts";
import { createScrubber } from "../../../src/observe/scrub.ts";
import { readTrace, type Trace } from "../../../src/trace.ts";
import { foundIn, type LimitCase, outcomeOf } from "./case.ts";

const read = readCatalogue({
  tools: [
    {
      name: "shop/quote",
      inputSchema: { type: "object", properties: { n: { type: "integer" } } },
      sluice: { effects: ["read"] },
    },
  ],
});
if (!read.ok) throw new Error("the catalogue does not read");
const shop = read.value;

function traceOf(calls: number, first = 0): Trace {
  const lines = Array.from({ length: calls }, (_, i) => [
    { type: "call", id: String(i), tool: "shop/quote", args: { n: first + i } },
    { type: "result", id: String(i), value: { price: i } },
  ]);
  const trace = readTrace(
    lines
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(""),
  );
  if (!trace.ok) throw new Error(trace.error.code);
  return trace.value;
}

/** The same call again and again, that returns nothing. */
function silent(calls: number): Trace {
  const trace = readTrace(
    Array.from({ length: calls }, (_, i) => `{"type":"call","id":"${i}","tool":"shop/quote","args":{}}\n`).join(""),
  );
  if (!trace.ok) throw new Error(trace.error.code);
  return trace.value;
}

const source = (value: Json): never => ({ runs: [value] }) as never;

function folds(size: number): string {
  const traces = Array.from({ length: size }, (_, i) => traceOf(1, i));
  const report = crossValidate(traces, shop, { folds: size });
  return report.ok ? foundIn(report.value.folds, size) : "refused";
}

/** A parameter that takes a text, or a list of them. */
function param(type: "string" | "array"): DraftParam {
  const none = { description: "", listed: [], isClosed: false, isRequired: true, hasDefault: false };
  return { ...none, path: ["names"], words: "names", type, itemType: "string", schema: { type } };
}

function scrubbed(value: string, text: string, isSecret: boolean): string {
  const scrubber = createScrubber();
  scrubber.add(value, { isRedacted: true, isSecret });
  return scrubber.text(text, () => "*") === text ? "kept" : "ok";
}

/** A value of `size` letters, in a text that has the first of them and goes on otherwise. */
function prefixed(size: number): string {
  const scrubber = createScrubber();
  scrubber.add("a".repeat(size), { isRedacted: true, isSecret: false });
  const left = scrubber.text(`${"a".repeat(scrubbedPrefixMax)}bcd`, () => "*");
  return left === "*bcd" ? "ok" : left === "*" ? "with what follows" : left;
}

/** `size` beyond the least length is as many below it. */
const fewer = (least: number, size: number): string => "abcdefghijkl".slice(0, 2 * least - size);

/** Each with its limit. */
export const pureCases: readonly LimitCase[] = [
  ["learnCallsMax", "LEARN_TOO_LARGE", (n) => outcomeOf(learnPlan([silent(n)], shop))],
  // The list is a value too.
  ["learnLeavesMax", "cut", (n) => foundIn(placesWhere([source(Array.from({ length: n - 1 }, () => 1))], () => true).length, n)],
  [
    "learnCandidatesMax",
    "cut",
    (n) => {
      const names = Array.from({ length: n }, (_, i) => `name${String(i).padStart(4, "0")}`);
      return foundIn(new Set(splitsOf([source(names)], names.join("/")).map(({ part }) => part)).size, n);
    },
  ],
  ["learnFoldsMax", "cut", folds],
  [
    "loopRoundsMax",
    "cut",
    (n) => {
      // A loop whose rounds depend on each other is written out.
      const code = "let t = 0; const l = await shop.quote({}); for (const x of l) { t = t + x; await shop.quote({ n: t }); }";
      const made = importJavaScript(code, shop);
      return made.ok
        ? foundIn(Object.values(made.value.plan.nodes).filter((node) => "tool" in node && node.args !== undefined).length, n)
        : outcomeOf(made);
    },
  ],
  ["valueCharsMax", "refused", (n) => (readValue("a".repeat(n), param("string"), {}) === undefined ? "refused" : "ok")],
  ["valueItemsMax", "cut", (n) => foundIn(listItems("a; ".repeat(n), param("array")).length, n)],
  [
    "valueItemsMax",
    "cut",
    (n) => foundIn(listItems(`[${Array.from({ length: n }, () => "1").join()}]`, param("array")).length, n),
  ],
  ["valueItemsMax", "cut", (n) => foundIn(listItems('"a" '.repeat(n), param("array")).length, n)],
  ["exampleTextMax", "none", (n) => (textsOf(`a{${n}}`, { count: 1 }).length === 1 ? "ok" : "none")],
  [
    "examplesMax",
    "cut",
    (n) => foundIn(examplesOf({ enum: Array.from({ length: n }, (_, i) => i) }, { count: n }).matching.length, n),
  ],
  ["scrubbedMin", "kept", (n) => scrubbed(fewer(scrubbedMin, n), `x ${fewer(scrubbedMin, n)} y`, false)],
  ["scrubbedSecretMin", "kept", (n) => scrubbed(fewer(scrubbedSecretMin, n), `x ${fewer(scrubbedSecretMin, n)} y`, true)],
  // Of a longer one, what begins like it goes as well.
  ["scrubbedPrefixMax", "with what follows", prefixed],
];
