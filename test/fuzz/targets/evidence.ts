import { csvLine } from "../../../src/audit/csv.ts";
import { ocsfOf } from "../../../src/audit/ocsf.ts";
import { readRecord, recordText } from "../../../src/audit/record.ts";
import { isReport } from "../../../src/audit/report/form.ts";
import { renderCsv } from "../../../src/audit/report/csv.ts";
import { readMapping } from "../../../src/audit/report/mapping.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { combine, label, labelOf, labeled, LabelError, unwrap } from "../../../src/labeled.ts";
import { plainArgs } from "../../../src/labeled/args.ts";
import { readRecordPolicy } from "../../../src/observe/record-policy.ts";
import { readRecorded, withoutTornLine } from "../../../src/observe/recorded.ts";
import { createScrubber } from "../../../src/observe/scrub.ts";
import { isSecretText } from "../../../src/observe/secrets.ts";
import { readState, stateLines } from "../../../src/signals/state.ts";
import { readTrace } from "../../../src/trace.ts";
import { fileAt, filesAt } from "../seeds.ts";
import { must, parts, joined, same, shown, type Target, resultOf } from "../target.ts";
import { jsonWords } from "../words.ts";

function runTrace(input: string): void {
  withoutTornLine(input);
  const recorded = resultOf(readRecorded(input));
  const trace = resultOf(readTrace(input));
  if (trace && recorded) must(same(trace, recorded.trace), "a recording is another trace");
  if (!trace) return;
  const task = trace.task === undefined ? [] : [{ type: "task", text: trace.task }];
  const text = [...task, ...trace.events].map((event) => canonicalJson(event as unknown as Json)).join("\n");
  const again = readTrace(text);
  must(again.ok && same(again.value, trace), "a written trace is read as another");
}

function runScrub(input: string): void {
  isSecretText(input);
  const value = readJson(input);
  if (value.ok) resultOf(readRecordPolicy(value.value));
  const scrubber = createScrubber();
  must(typeof scrubber === "object", "no scrubber");
}

function runLabeled(input: string): void {
  const read = readJson(input);
  const value: Json = read.ok ? read.value : input;
  const boxed = label<Json, ["web"]>(value, "web");
  const both = combine({ a: boxed, b: label(1, "desk") });
  must(same([...labelOf(both).sources].toSorted(), ["desk", "web"]), "a label is lost");
  const text = labeled(templateOf(["x ", " y"]), label(input, "web"));
  must(unwrap(text, "web") === `x ${input} y`, "a labelled text is another");
  const { args, labels } = plainArgs({ a: boxed, b: [value, boxed] } as never);
  must(same(args, { a: value, b: [value, value] }), "arguments are others without their labels");
  must("a" in labels && "b" in labels, "the label of an argument is lost");
  try {
    unwrap(label(value, "web") as never, "other");
    must(false, "a label is taken off by another name");
  } catch (error) {
    must(error instanceof LabelError, "another error than that of a label");
  }
}

/** The pieces of a template literal. */
function templateOf(texts: readonly string[]): TemplateStringsArray {
  return Object.assign([...texts], { raw: texts }) as unknown as TemplateStringsArray;
}

function runRecord(input: string): void {
  const record = readRecord(input);
  if (!record) return;
  const again = readRecord(recordText(record));
  must(again !== undefined && recordText(again) === recordText(record), "a record is written otherwise than it is read");
  must(!recordText(record).includes("\n"), "a record of two lines");
  const event = ocsfOf(record, { log: "l", version: "1" } as never);
  must(readJson(canonicalJson(event)).ok, "no OCSF event");
}

function runCsv(input: string): void {
  const cells = parts(input, 4);
  const line = csvLine(cells);
  must(
    same(
      readCsv(line),
      cells.map((cell) => guardedCell(cell)),
    ),
    `a cell is another: ${JSON.stringify(line)}`,
  );
}

/** What spreadsheets take for a formula has an apostrophe before it, and nothing else changes. */
function guardedCell(cell: string): string {
  return readCsv(csvLine([cell]))[0] ?? "";
}

/** RFC 4180, one record. */
function readCsv(line: string): readonly string[] {
  const cells = [...line.replace(/\r?\n$/, "").matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  const read = cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
  for (const cell of read)
    must(!/^[=+\-@\t\r]/.test(cell) || /^-?\d+(?:\.\d+)?$/.test(cell), `a formula: ${JSON.stringify(cell)}`);
  return read;
}

async function runSignals(input: string): Promise<void> {
  const state = resultOf(await readState(input));
  if (!state) return;
  const text = [...stateLines(state)].join("");
  const again = await readState(text);
  must(again.ok && same([...stateLines(again.value)].join(""), text), "a state is written otherwise than it is read");
}

function runReport(input: string): void {
  const read = readJson(input);
  if (!read.ok) return;
  resultOf(readMapping(read.value));
  if (isReport(read.value)) must(typeof renderCsv(read.value) === "string", "no table");
}

const traces = filesAt(["plans/*/benign.jsonl", "plans/support/attack-*.jsonl"], 5_000);
const record = (JSON.parse(fileAt("test/vectors/audit.json")) as JsonObject | undefined) ?? {};
const recordTexts = [...new Set(shown(record).match(/"\{\\"at\\"[^\n]*?\}"/g) ?? [])]
  .slice(0, 4)
  .map((text) => JSON.parse(text) as string);
/** What was recorded, signed or kept. */
export const evidenceTargets: readonly Target[] = [
  {
    name: "trace",
    seeds: traces,
    dictionary: [
      ...jsonWords,
      '{"type":"task","text":"x"}\n',
      '{"type":"call","id":1,"tool":"a/b","args":{}}\n',
      '{"type":"result","id":1,"value":1}\n',
    ],
    lengthMax: 8_000,
    run: runTrace,
  },
  {
    name: "scrub",
    seeds: [
      '{"default":"digest","tools":{"a/*":{"args":{"x":"value"}}}}',
      "sk-abcdefghijklmnopqrstuvwxyz0123456789",
      "AKIAABCDEFGHIJKLMNOP",
    ],
    dictionary: jsonWords,
    run: runScrub,
  },
  {
    name: "labeled",
    seeds: ['{"a":[1,{"b":"x"}]}', '"text"', "[[[]]]", '{"__proto__":1}'],
    dictionary: jsonWords,
    run: runLabeled,
  },
  { name: "audit-record", seeds: recordTexts.length > 0 ? recordTexts : ["{}"], dictionary: jsonWords, run: runRecord },
  {
    name: "csv",
    seeds: [joined("a", '"b",c', "=1+1", "x\r\ny"), joined("-1", "+x", "@a", "\t=2")],
    dictionary: ['"', ",", "\r\n", "=", "+", "-", "@", "\t", "'", "|", "%0A"],
    run: runCsv,
  },
  {
    name: "signal-state",
    seeds: filesAt(["test/signals/*.jsonl"], 6_000).concat('{"v":1,"log":"x"}\n'),
    dictionary: jsonWords,
    run: runSignals,
  },
  {
    name: "report",
    seeds: filesAt(["test/audit/report/*.json"], 9_000).concat('{"controls":[{"id":"A.1","title":"x","sections":["plans"]}]}'),
    dictionary: jsonWords,
    lengthMax: 9_000,
    run: runReport,
  },
];
