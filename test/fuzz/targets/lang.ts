/**
 * The small languages of a plan: what compiles also runs on any value, within its bounds, and says the same twice.
 */
import { jsonpath } from "json-p3";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import { compileExpression } from "../../../src/lang/expression.ts";
import { compileExtract } from "../../../src/lang/extract/extract.ts";
import { extractKinds } from "../../../src/lang/extract/spec.ts";
import { proposeExtracts } from "../../../src/lang/extract/propose.ts";
import { compileInput } from "../../../src/lang/input.ts";
import { utcOnly } from "../../../src/lang/input/utc.ts";
import { compileMatch } from "../../../src/lang/match.ts";
import { exampleOf, examplesOf } from "../../../src/lang/match/examples.ts";
import { compilePath, parseReference } from "../../../src/lang/path.ts";
import { compilePattern } from "../../../src/lang/pattern.ts";
import { textsOf } from "../../../src/lang/pattern/texts.ts";
import { checkRefusal, joined, must, parts, same, shown, type Target, resultOf } from "../target.ts";
import { celWords, jsonWords, pathWords } from "../words.ts";
import { valueWords } from "../words-text.ts";

const sample: Json = {
  a: [1, 2, { b: "x", c: [true, null, "y"] }],
  "k y": { z: 1.5, "'": [], '"': {} },
  items: [
    { id: "A", price: 5, tags: ["n", "m"] },
    { id: "B", price: 7, tags: [] },
  ],
};

/** The JSON of a text, or `otherwise` where it is none. */
export function jsonOr(text: string, otherwise: Json): Json {
  const read = readJson(text);
  return read.ok ? read.value : otherwise;
}

function runPath(input: string): void {
  const [query = "", text = ""] = parts(input, 2);
  const path = resultOf(compilePath(query));
  if (!path) return;
  const value = jsonOr(text, sample);
  const found = resultOf(path.select(value));
  if (!found) return;
  for (const { path: steps, value: selected } of found)
    must(same(at(value, steps), selected), "a place is not where the value is");
  must(!path.singular || found.length <= 1, "a singular query selects several values");
  must(path.first === undefined || same(path.first(value), found[0]?.value), "`first` selects another value");
  if (/[\ud800-\udfff]/.test(query) || /__proto__|-0|\d{10}/.test(input)) return;
  const other = jsonpath.query(query, value as never).values() as readonly Json[];
  must(
    sameMultiset(
      other,
      found.map((one) => one.value),
    ),
    `another reader selects otherwise: ${shown(other)}`,
  );
}

function at(value: Json, steps: readonly (string | number)[]): Json {
  return steps.reduce<Json>((now, step) => (now as Record<string | number, Json>)[step] as Json, value);
}

function sameMultiset(a: readonly Json[], b: readonly Json[]): boolean {
  return same(a.map(shown).toSorted(), b.map(shown).toSorted());
}

const variables = ["args", "params", "item", "nodes", "x", "risk"];
const bindings: Readonly<Record<string, Json>> = {
  args: { quantity: 2, limit: 10.5, to: "a@b.example", list: [3, 1, 2] },
  params: { ceiling: 100, day: "2031-01-02" },
  item: sample,
  nodes: { "a-b": 1 },
  x: [],
  risk: sample,
};
const extractors = { iban: (text: string) => [text], amount: () => [1] } as never;

function runExpression(input: string): void {
  const compiled = resultOf(compileExpression(input, { variables, extractors }));
  if (!compiled) return;
  const first = compiled.run(bindings);
  const value = resultOf(first);
  must(same(first, compiled.run(bindings)), "an expression says something else the second time");
  if (value !== undefined) must(shown(value).length < 4_000_000, "an expression makes a value beyond its bounds");
  for (const read of compiled.reads) must(variables.includes(read.variable), "an expression reads what it may not");
}

function runPattern(input: string): void {
  const [source = "", text = ""] = parts(input, 2);
  const pattern = resultOf(compilePattern(source));
  if (!pattern) return;
  const whole = pattern.test(text);
  const found = pattern.search(text);
  must(!whole || found !== undefined, "a text that matches as a whole is not found");
  must(!found || (found.start >= 0 && found.end >= found.start && found.end <= text.length), "a match outside of the text");
  if (pattern.isFinite) must(pattern.bits !== undefined, "finitely many texts, and no number of them");
  for (const made of textsOf(source, { count: 3 }))
    must(pattern.test(made), `a made text does not match: ${JSON.stringify(made)}`);
}

function runMatch(input: string): void {
  const [text = "", valueText = ""] = parts(input, 2);
  const spec = jsonOr(text, null);
  const match = resultOf(compileMatch(spec));
  if (!match) return;
  checkRefusal(match.check(jsonOr(valueText, valueText)));
  const example = exampleOf(spec);
  if (example !== undefined) must(match.check(example) === undefined, `an example that does not pass: ${shown(example)}`);
  const { matching, failing } = examplesOf(spec, { count: 4 });
  must(
    matching.every((one) => match.check(one) === undefined),
    "an example that does not pass",
  );
  must(
    failing.every((one) => match.check(one) !== undefined),
    "an example of what fails that passes",
  );
}

function runExtract(input: string): void {
  const [text = "", body = ""] = parts(input, 2);
  const extract = resultOf(compileExtract(jsonOr(text, text)));
  if (!extract) return;
  const matches = extract.find(body);
  let end = 0;
  for (const match of matches) {
    must(match.start >= end && match.end > match.start && match.end <= body.length, "matches overlap or leave the text");
    end = match.end;
  }
  resultOf(extract.distinct(body));
  must(extract.countSteps(body) <= 200 * (body.length + 10), "more steps than the text is long");
}

function runPropose(input: string): void {
  const [text = "", wanted = ""] = parts(input, 2);
  const value = jsonOr(wanted, wanted);
  for (const spec of proposeExtracts(text, value)) {
    const extract = compileExtract(spec);
    must(extract.ok, `a proposal that does not compile: ${shown(spec)}`);
    const found = extract.value.distinct(text);
    must(found.ok, "a proposal that does not read its text");
  }
}

function runInput(input: string): void {
  const [text = "", given = ""] = parts(input, 2);
  const reading = compileInput(jsonOr(text, text));
  if (!reading.ok) {
    checkRefusal(reading.error);
    return;
  }
  const match = compileMatch(reading.value.match);
  must(match.ok, "what was read has no constraint");
  for (const locale of ["en-GB", "de"]) {
    const scene = { user: { zone: "UTC", locale }, now: Date.UTC(2031, 0, 2), zones: utcOnly };
    const read = reading.value.read(jsonOr(given, given), scene);
    const value = resultOf(read);
    if (value === undefined) continue;
    must(match.value.check(value) === undefined, `what was read is not what reading yields: ${shown(value)}`);
    const again = reading.value.read(value, scene);
    must(again.ok && same(again.value, value), `what was read does not read as itself: ${shown(value)}`);
  }
}

const extractSeeds = extractKinds.map((kind) =>
  joined(
    JSON.stringify({ kind }),
    "Pay €1.234,56 to DE89 3704 0044 0532 0130 00 by 2031-01-02, see https://a.example/x?y=1. Mail a@b.example, call +49 30 123456 #12 @me “q” ID A-17 /etc/x 3f2504e0-4f89-11d3-9a0c-0305e82c3301 Dr. Ann Lee",
  ),
);

/** The languages of src/lang. */
export const langTargets: readonly Target[] = [
  {
    name: "jsonpath",
    seeds: [
      "$.a[2].c[-1]",
      "$..b",
      "$['k y'][*]",
      "$.items[?@.price > 5 && length(@.tags) == 0].id",
      "$[0:2:1]['a',\"b\"]",
      "$.items[?count(@.tags[*])>1]",
    ],
    dictionary: pathWords,
    run: runPath,
  },
  {
    name: "reference",
    seeds: ["node$.a.b", "risk$", "a-b$['x'][0]", "$.a", "x.y$..z"],
    dictionary: pathWords,
    run: (input) => void resultOf(parseReference(input)),
  },
  {
    name: "cel",
    seeds: [
      "args.quantity * args.limit <= params.ceiling && args.to.endsWith('.example')",
      "round(sum(item.items.map(i, i.price)) * 1.19, 2)",
      'has(item.a) ? item["k y"].z : nodes["a-b"]',
      "sortBy(item.items, i, -i.price)[0].id in ['A', \"B\"] || !(size(x) > 0)",
      "addDays(params.day, 3) + ' ' + format(date(params.day), 'D MMMM YYYY') + join(['a','b'], ',')",
      "item.items.filter(i, i.tags.exists(t, t == 'n')).all(i, i.price in [5, 7]) && distinct(flatten([[1],[2]])) == [1,2]",
      "{'a': 1, 'b': [true, null, 1e3, -5, 0x1F]}.a + extract('x', 'iban')[0].size()",
      "minBy(item.items, i, i.price).id + maxBy(item.items, i, i.price).id + string(abs(-1)) + string(ceil(1.2)) + string(floor(1.7))",
    ],
    dictionary: celWords,
    notLinear: "a comprehension runs over what another made; `expressionStepsMax` bounds it",
    run: runExpression,
  },
  {
    name: "pattern",
    seeds: [
      "[A-Z]{2}\\d{4}",
      "(?i)a|b(c*)d+?",
      joined("^(\\p{L}+|[^\\s]{1,3})$", "abc"),
      joined("(a+)+$", "aaaaaaaaaaaaaab"),
      "\\x{1F600}[[:alpha:]]\\Qa.b\\E",
    ],
    dictionary: [
      "(",
      ")",
      "(?:",
      "(?i)",
      "(?P<n>",
      "[",
      "]",
      "[^",
      "{2,3}",
      "{1000}",
      "*",
      "+?",
      "|",
      "^",
      "$",
      "\\b",
      "\\d",
      "\\p{Lu}",
      "\\PL",
      ".",
      "\\x{10FFFF}",
      "a",
      "\n%%\n",
    ],
    notLinear: "a pattern's program is bounded by `patternProgramMax`",
    run: runPattern,
  },
  {
    name: "match",
    seeds: [
      joined('{"type":"string","minLength":1,"maxLength":5,"pattern":"[a-c]+"}', '"abc"'),
      joined('{"type":"number","minimum":0,"exclusiveMaximum":10,"multipleOf":0.5}', "2.5"),
      joined('{"type":"array","items":{"type":"integer"},"maxItems":3,"uniqueItems":true}', "[1,2]"),
      joined(
        '{"type":"object","properties":{"a":{"enum":[1,"x",null]}},"required":["a"],"additionalProperties":true}',
        '{"a":1}',
      ),
      joined('{"format":"email","emails":["a@b.example"],"domains":["b.example"]}', '"a@b.example"'),
      joined('{"format":"url","hosts":["*.example.com"],"schemes":["https"]}', '"https://a.example.com/"'),
      joined('{"format":"path","under":["/srv/x"]}', '"/srv/x/y"'),
      joined('{"not":{"const":5},"anyOf":[{"type":"integer"},{"type":"string","format":"iban"}]}', "6"),
    ],
    dictionary: [
      ...jsonWords,
      '"minimum":',
      '"pattern":',
      '"format":',
      '"enum":',
      '"type":',
      '"not":',
      '"anyOf":',
      '"allOf":',
      '"items":',
      "\n%%\n",
    ],
    notLinear: "patterns are compiled; `patternProgramMax` bounds each",
    run: runMatch,
  },
  {
    name: "extract",
    seeds: [
      ...extractSeeds,
      joined('{"kind":"amount","locale":"de","after":"Summe","pick":"first"}', "Summe: 1.234,50 €\nSumme 3"),
    ],
    dictionary: [...valueWords, ...jsonWords],
    run: runExtract,
  },
  {
    name: "propose-extract",
    seeds: [
      joined("Invoice A-17: total 1,234.56 EUR to DE89370400440532013000", "1234.56"),
      joined("Mail a@b.example or c@d.example", '"c@d.example"'),
      joined("see https://a.example/x.", '"https://a.example/x"'),
    ],
    dictionary: valueWords,
    notLinear: "each proposal is tried on the text; the number of proposals is bounded",
    run: runPropose,
  },
  {
    name: "input",
    seeds: ["date", "instant", "text", "email", "iban", "number", "integer"]
      .flatMap((kind) => [joined(kind, "3 December 2026"), joined(kind, "1.234,50"), joined(kind, "today+14d")])
      .concat(
        joined('{"kind":"amount","currency":"EUR","locale":"de"}', "1.234,50 €"),
        joined('{"kind":"date","list":true}', '["2031-01-02","next Friday 10:00"]'),
        joined("email", "Ann Lee <a@b.example>"),
        joined("iban", "DE89 3704 0044 0532 0130 00"),
      ),
    dictionary: valueWords,
    run: runInput,
  },
];
