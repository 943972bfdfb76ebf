/**
 * Numbers that are computed: at most two operations over numbers of results, of texts and of the task.
 * Pure. What it finds is a guess that fits one trace, so the caller reports it for a human to confirm.
 */
import { isObject, type Json, member } from "../json/value.ts";
import { compileExtract } from "../lang/extract/extract.ts";
import { learnCandidatesMax } from "../limits.ts";
import { isIdName } from "./names.ts";
import { accessChain, at, placesWhere, rowsExpression, type Source } from "./places.ts";
import { isSturdyIn } from "./from-text.ts";
import { proposeExtracts } from "../lang/extract/propose.ts";
import { type RowsLet, type Selection, selectionsOf } from "./select.ts";
import type { TaskWords } from "./task-words.ts";

/** An amount behind a label: the text behind it and the amount in that text become `let` nodes. `$` in `value` is the first of them. */
export interface LabelLet {
  readonly hint: string;
  readonly line: string;
  readonly value: string;
}

/** One operand of an expression. `$` in `code` stands for the name of its `let`. */
export interface Operand {
  readonly kind: "result" | "task" | "constant";
  readonly code: string;
  readonly value: number;
  readonly source?: Source;
  readonly rows?: RowsLet;
  readonly text?: LabelLet;
  /** Conditions of the node that uses it; `$` as in `code`. */
  readonly require: readonly string[];
  /** The value of the task that it repeats. */
  readonly literal?: Json;
}

/** An expression that gives the wanted number in this trace. `{0}`, `{1}`, `{2}` in `form` stand for the operands. */
export interface NumberRule {
  readonly form: string;
  readonly operands: readonly Operand[];
}

/** Operands that results offer: numbers that names or words of the task point at, and amounts in texts behind a label. */
function operandsOf(sources: readonly Source[], task: TaskWords): readonly Operand[] {
  const found: Operand[] = [];
  for (const place of placesWhere(sources, (value) => typeof value === "number" && Math.abs(value) > 0)) {
    if (found.length >= 40) break;
    const key = place.path.findLast((step) => typeof step === "string");
    if (typeof key === "string" && isIdName(key)) continue;
    const selection = selectionsOf(place, task).find(
      (one) => one.values.length === 1 && (one.how === "path" || one.how === "row" || one.how === "word"),
    );
    const operand = selection === undefined ? undefined : numberOperand(selection, place.path, place.value as number);
    if (operand !== undefined) found.push(operand);
  }
  for (const source of sources) found.push(...textOperands(source));
  const unique = new Map(
    found.map((operand) => [`${operand.code} ${operand.rows?.expression ?? operand.text?.line ?? ""}`, operand]),
  );
  return [...unique.values()];
}

function numberOperand(selection: Selection, path: readonly (string | number)[], value: number): Operand | undefined {
  const { source } = selection;
  const index = path.findIndex((step) => typeof step === "number");
  const names = path.filter((step) => typeof step === "string");
  if (selection.how === "path") {
    if (source.isLoop) return undefined;
    return { kind: "result", code: `${source.name}${accessChain(names)}`, value, source, require: [] };
  }
  const head = path.slice(0, index) as readonly string[];
  const tail = path.slice(index + 1);
  if (tail.some((step) => typeof step === "number")) return undefined;
  const rows = selection.rows ?? rowsOf(selection, head);
  if (rows === undefined) return undefined;
  const code = `$[0]${accessChain(tail as readonly string[])}`;
  const literal = selection.literal === undefined ? {} : { literal: selection.literal };
  return { kind: "result", code, value, source, rows, require: ["size($) == 1"], ...literal };
}

/** The rows of a selection by an equal sibling, as an expression. */
function rowsOf(selection: Selection, head: readonly string[]): RowsLet | undefined {
  const { sibling, literal, source } = selection;
  if (sibling === undefined || literal === undefined) return undefined;
  const all = source.runs.flatMap((run) => (at(run, head) as readonly Json[] | undefined) ?? []);
  const base = rowsExpression({ source, prefix: head, rows: all });
  const written = JSON.stringify(literal);
  const rows = all.filter((row) => at(row, sibling) === literal);
  const isWordy = typeof literal === "string" && !/\d{4}/.test(literal) && literal.length <= 24;
  return {
    hint: isWordy ? literal : String(sibling.at(-1)),
    expression: `${base}.filter(r, r${accessChain(sibling)} == ${written})`,
    rows,
  };
}

/** Amounts behind a label in a result that is one text. */
function textOperands(source: Source): readonly Operand[] {
  const text = source.runs.length === 1 && !source.isLoop ? source.runs[0] : undefined;
  if (typeof text !== "string" || text.length > 20_000) return [];
  const amounts = compileExtract("amount");
  const values = amounts.ok ? amounts.value.distinct(text) : undefined;
  if (values?.ok !== true) return [];
  const found: Operand[] = [];
  for (const value of values.value.slice(0, 12)) {
    if (typeof value !== "number") continue;
    for (const spec of proposeExtracts(text, value)) {
      const label = isObject(spec) ? member(spec, "after") : undefined;
      const isPlain =
        isObject(spec) && Object.keys(spec).every((name) => name === "kind" || name === "after") && spec.kind === "amount";
      if (typeof label !== "string" || !isPlain || !isSturdyIn(text, value, spec)) continue;
      const parts = `split(${source.name}, ${JSON.stringify(label)})`;
      const line = text.split(label)[1]?.split("\n")[0] ?? "";
      const isSame = text.split(label).length === 2 && proposesOnly(line, value);
      if (!isSame) continue;
      found.push({
        kind: "result",
        code: "$",
        value,
        source,
        text: { hint: label, line: `split(${parts}[1], "\\n")[0]`, value: 'double(extract($, "amount"))' },
        require: [`size(${parts}) == 2`],
      });
      break;
    }
  }
  return found;
}

function proposesOnly(line: string, value: number): boolean {
  const amount = compileExtract("amount");
  const values = amount.ok ? amount.value.distinct(line) : undefined;
  return values?.ok === true && values.value.length === 1 && values.value[0] === value;
}

interface Form {
  readonly text: string;
  readonly size: 2 | 3;
  readonly compute: (a: number, b: number, c: number) => number;
}

/** One and two operations, the plainest first. */
const forms: readonly Form[] = [
  { text: "{0} + {1}", size: 2, compute: (a, b) => a + b },
  { text: "{0} - {1}", size: 2, compute: (a, b) => a - b },
  { text: "{0} * {1}", size: 2, compute: (a, b) => a * b },
  { text: "{0} / {1}", size: 2, compute: (a, b) => a / b },
  { text: "{0} * {1} + {2}", size: 3, compute: (a, b, c) => a * b + c },
  { text: "{0} - {1} / {2}", size: 3, compute: (a, b, c) => a - b / c },
  { text: "{0} + {1} + {2}", size: 3, compute: (a, b, c) => a + b + c },
  { text: "{0} + {1} - {2}", size: 3, compute: (a, b, c) => a + b - c },
  { text: "{0} - {1} - {2}", size: 3, compute: (a, b, c) => a - b - c },
  { text: "{0} * {1} - {2}", size: 3, compute: (a, b, c) => a * b - c },
  { text: "({0} + {1}) * {2}", size: 3, compute: (a, b, c) => (a + b) * c },
  { text: "({0} + {1}) / {2}", size: 3, compute: (a, b, c) => (a + b) / c },
  { text: "({0} - {1}) * {2}", size: 3, compute: (a, b, c) => (a - b) * c },
  { text: "({0} - {1}) / {2}", size: 3, compute: (a, b, c) => (a - b) / c },
  { text: "{0} * {1} * {2}", size: 3, compute: (a, b, c) => a * b * c },
  { text: "{0} / {1} + {2}", size: 3, compute: (a, b, c) => a / b + c },
];

/** Values that one trace fits by chance grow with the operands; more than these are not looked at. */
const operandsMax = 24;

/**
 * The plainest expression that gives `wanted` and reads at least one result. Numbers of the task count before bare constants;
 * the only bare constant offered is 2 (a half, the double), and only as the last operand.
 */
export function numberRuleOf(sources: readonly Source[], wanted: number, task: TaskWords): NumberRule | undefined {
  const results = operandsOf(sources, task).slice(0, operandsMax);
  const fractions: readonly Operand[] = task.fractions.map((value) => ({
    kind: "task",
    code: String(value),
    value,
    require: [],
    literal: value,
  }));
  const percents = new Set(task.fractions.map((value) => Number((value * 100).toFixed(6))));
  const numbers: readonly Operand[] = task.numbers
    .filter((value) => value !== 0 && value !== 1 && !percents.has(value))
    .map((value) => ({ kind: "task", code: String(value), value, require: [], literal: value }));
  const named = [...results, ...fractions, ...numbers].slice(0, operandsMax);
  const half: Operand = { kind: "constant", code: "2", value: 2, require: [] };
  let best: { readonly rule: NumberRule; readonly cost: number } | undefined;
  let left = learnCandidatesMax * 1_000;
  for (const [rank, form] of forms.entries()) {
    for (const operands of tuples(named, form.size === 2 ? named : [...named, half], form.size)) {
      if (left-- <= 0) break;
      if (!operands.some((operand) => operand.kind === "result")) continue;
      const [a, b, c] = operands as readonly [Operand, Operand, Operand?];
      const value = form.compute(a.value, b.value, c?.value ?? 0);
      if (!Number.isFinite(value) || Math.abs(value - wanted) > 0.005) continue;
      const isExact = value === wanted;
      // Rounding is an operator too.
      if (!isExact && (form.size === 3 || Number(value.toFixed(2)) !== wanted)) continue;
      const constants = operands.filter((operand) => operand.kind === "constant").length;
      const cost = form.size * 100 + constants * 40 + (isExact ? 0 : 10) + rank;
      if (best !== undefined && best.cost <= cost) continue;
      best = { rule: { form: isExact ? form.text : `round(${form.text}, 2)`, operands }, cost };
    }
  }
  return best?.rule;
}

/** All pairs or triples of different operands; only the last may come from `last`. */
function* tuples(operands: readonly Operand[], last: readonly Operand[], size: 2 | 3): Generator<readonly Operand[]> {
  for (const a of operands) {
    for (const b of size === 2 ? last : operands) {
      if (a === b) continue;
      if (size === 2) yield [a, b];
      else for (const c of last) if (c !== a && c !== b) yield [a, b, c];
    }
  }
}
