/**
 * The readers of src/json: what one accepts, another independent reader gives the same value, and writing it reads back.
 */
import { parseDocument } from "yaml";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readExactly } from "../../../src/json/exact.ts";
import { readJsonLines } from "../../../src/json/lines.ts";
import { parsePointer, pointerOf, showPointer } from "../../../src/json/pointer.ts";
import { readFast, readJson, readJsonBytes } from "../../../src/json/read.ts";
import { strictCopy } from "../../../src/json/strict.ts";
import type { Json } from "../../../src/json/value.ts";
import { readYaml } from "../../../src/json/yaml.ts";
import { jsonDepthMax } from "../../../src/limits.ts";
import { bytesOf, must, same, shown, type Target, resultOf } from "../target.ts";
import { jsonWords, yamlWords } from "../words.ts";

function hasBigInt(value: Json): boolean {
  if (typeof value === "bigint") return true;
  return typeof value === "object" && value !== null && Object.values(value).some((member) => hasBigInt(member as Json));
}

/** Reading, writing and reading again: the same value and the same bytes. */
export function checkRoundTrip(value: Json): void {
  const text = canonicalJson(value);
  const again = readJson(text);
  must(again.ok, "canonical JSON does not read");
  must(canonicalJson(again.value) === text, "canonical JSON is not stable");
  must(same(again.value, value), "canonical JSON is another value");
  if (!hasBigInt(value)) must(same(strictCopy(value), value), "a strict copy is another value");
}

function runJson(input: string): void {
  const read = readJson(input);
  const exact = input.startsWith("\ufeff") ? read : readExactly(input, jsonDepthMax);
  must(same(read.ok ? read.value : read.error, exact.ok ? exact.value : exact.error), "the fast and the exact reader differ");
  const fast = readFast(input, jsonDepthMax);
  must(fast === undefined || (read.ok && same(fast, read.value)), "the engine is believed where it is wrong");
  const value = resultOf(read);
  if (!read.ok) {
    const { offset } = read.error;
    must(offset >= 0 && offset <= input.length, "a place outside of the text");
    return;
  }
  if (value === undefined) return;
  // The grammar is the engine's: what is accepted here, JSON.parse accepts.
  JSON.parse(input);
  checkRoundTrip(value);
  const yaml = readYaml(input);
  must(yaml.ok && same(yaml.value, value), `YAML reads JSON differently: ${shown(yaml)}`);
}

/** What JSON.parse accepts and this refuses has a reason that is not the grammar. */
function runJsonAgainstEngine(input: string): void {
  const read = readJson(input);
  if (read.ok) return;
  const isSyntax = read.error.code === "JSON_SYNTAX";
  let accepted = true;
  try {
    JSON.parse(input);
  } catch {
    accepted = false;
  }
  must(!(isSyntax && accepted), "a text that is JSON is refused for its syntax");
}

function runBytes(input: string): void {
  const bytes = bytesOf(input);
  const read = readJsonBytes(bytes);
  resultOf(read);
  let text: string | undefined;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    text = undefined;
  }
  const other = text === undefined ? undefined : readJson(text);
  if (other === undefined) must(!read.ok && read.error.code === "JSON_INVALID_UTF8", "ill-formed UTF-8 is read");
  else must(same(read, other), "bytes and text are read differently");
}

function runLines(input: string): void {
  const read = readJsonLines(input);
  const lines = resultOf(read);
  const alone = input.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (!lines) return;
  for (const { value } of lines) checkRoundTrip(value);
  const again = readJsonLines(lines.map(({ value }) => canonicalJson(value)).join("\n"));
  must(again.ok && again.value.length === lines.length, "written lines do not read");
  must(lines.length <= alone.length, "more values than lines");
}

function runYaml(input: string): void {
  const value = resultOf(readYaml(input));
  if (value === undefined) return;
  checkRoundTrip(value);
  const written = readYaml(canonicalJson(value));
  must(written.ok && same(written.value, value), "YAML does not read its own JSON");
  // Which of several documents is meant, and what a marker alone means, is told apart elsewhere.
  if (!isCommon(value) || /^(?:\.\.\.|---|%)|\r(?!\n)/m.test(input)) return;
  const document = parseDocument(input, { version: "1.2", schema: "core", strict: false, logLevel: "silent", uniqueKeys: false });
  if (document.errors.length > 0) return;
  const other = document.toJS() as unknown;
  must(isAlike(other, value), `another reader says otherwise: ${shown(other)} is not ${shown(value)}`);
}

/** Whether no two readers may differ by design: keys that are plain words, and no numbers with many digits. */
function isCommon(value: Json): boolean {
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return typeof value !== "number" || Math.abs(value) < 2 ** 53;
  const keys = Object.keys(value);
  const isPlain = Array.isArray(value) || keys.every((key) => /^[a-z][a-z ]*$/.test(key) && !/^(?:null|true|false)$/.test(key));
  return isPlain && Object.values(value).every((member) => isCommon(member as Json));
}

function isAlike(other: unknown, value: Json): boolean {
  if (typeof value !== "object" || value === null) return other === value;
  if (typeof other !== "object" || other === null) return false;
  const keys = Object.keys(value);
  const members = value as Record<string, Json>;
  return (
    Object.keys(other).length === keys.length &&
    keys.every((key) => isAlike((other as Record<string, unknown>)[key], members[key] as Json))
  );
}

function runPointer(input: string): void {
  const steps = parsePointer(input);
  const line = showPointer(input);
  must(typeof line === "string", "a pointer is shown as a text");
  if (steps) must(pointerOf(steps) === input, "a pointer is written otherwise than it was read");
}

const values = [
  '{"a":[1,-2.5e3,true,false,null,"x\\u00e9\\n\\ud83d\\ude00"],"b":{"":0,"c d":"\\"\\\\\\/"}}',
  "9007199254740993",
  '{"\\u0061":1,"a":2}',
  '{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}}}',
  "[[[[[[]]]]]]",
  " \t\r\n[ 1 , 2 ]\n",
  "-0.0",
  "1E400",
  // A double that canonical JSON writes as digits (found here, with the next).
  "46744073709551616.0",
  "[9007199254740991.5]",
];

/** The readers of src/json. */
export const jsonTargets: readonly Target[] = [
  { name: "json", seeds: values, dictionary: jsonWords, run: runJson },
  { name: "json-engine", seeds: values, dictionary: jsonWords, run: runJsonAgainstEngine },
  {
    name: "json-bytes",
    seeds: [...values, '"\xc3\xa9\xed\xa0\x80"', "\xef\xbb\xbf{}"],
    dictionary: jsonWords,
    isBytes: true,
    run: runBytes,
  },
  { name: "json-lines", seeds: ['{"a":1}\n\n[2]\r\n"x"\n', "{}\n{", ...values], dictionary: jsonWords, run: runLines },
  {
    name: "yaml",
    seeds: [
      "a: 1\nb:\n  - x\n  - 'y''z'\n  - \"q\\n\\u00e9\"\nc: {d: [1, 2.5, ~, yes, 0x1F, 0o17, .inf]}\n",
      "text: |\n  two\n  lines\nfolded: >-\n  one\n  line\n# end\n",
      "? complex\n: value\n",
      "a: &x 1\nb: *x\n",
      "%YAML 1.2\n---\na: !!str 1\n...\n",
      "{}\n---\n{}",
      "<<: {a: 1}\n12345678901234567890: 2\n'2': 3",
    ],
    dictionary: yamlWords,
    run: runYaml,
  },
  { name: "pointer", seeds: ["", "/a/0/b~1c~0d", "a", "/~2", "//"], dictionary: ["/", "~0", "~1", "~01", "#"], run: runPointer },
];
