/**
 * Requests of real rows put together: two or three in one text, the same tool twice, and a value replaced by words that point to a result.
 * Pure but for the chance that it is given. Never uses held-out rows.
 */
import { taskWords } from "../../../../src/infer/pieces.ts";
import type { DraftTool } from "../../../../src/infer/tools.ts";
import { nameMatch, typeMatch } from "../../../../src/infer/pack.ts";
import { mentionsOf } from "../../../../src/infer/values/mentions.ts";
import { wantedKinds } from "../../../../src/infer/values/wants.ts";
import type { ToolSet } from "../catalogues.ts";
import type { Corpus } from "../corpus.ts";
import { type Example, type ExampleCall, exampleOf, type GoldSource } from "../examples.ts";
import { isHeldOut } from "../held-out.ts";
import type { Random } from "../random.ts";
import type { Row } from "../rows.ts";
import { rangesOf, readingOf } from "../spans.ts";
import { joinedClauses, styleOf } from "./compose.ts";
import { referenceWords } from "./flows.ts";
import { type Bit, type Clause, rendered } from "./text.ts";
import { requestOf } from "./verbs.ts";

/** Examples made of several rows. */
export interface RowClauses {
  joined(random: Random): Example | undefined;
  flowing(random: Random): Example | undefined;
}

const taskMax = 260;
const sets = ["sgd", "sealtools", "snips", "apibank"] as const;
const setShares: readonly (readonly [(typeof sets)[number], number])[] = [
  ["sgd", 4],
  ["sealtools", 4],
  ["snips", 1.5],
  ["apibank", 0.7],
];

/** Prepares the rows with one call and a short task. */
export function openRowClauses(corpus: Corpus): RowClauses {
  const bySet = new Map<string, { readonly all: readonly Row[]; readonly byTool: ReadonlyMap<string, readonly Row[]> }>();
  for (const set of sets) {
    const all = (corpus.rows.get(set) ?? []).filter(
      (row) => row.nodes.length === 1 && row.task.length < taskMax && !isHeldOut(row),
    );
    const byTool = new Map<string, Row[]>();
    for (const row of all) {
      const tool = row.nodes[0]?.tool ?? "";
      byTool.set(tool, [...(byTool.get(tool) ?? []), row]);
    }
    if (all.length > 20) bySet.set(set, { all, byTool });
  }
  const available = setShares.filter(([set]) => bySet.has(set));
  const draw = (random: Random): { readonly rows: readonly Row[]; readonly tools: ToolSet } | undefined => {
    if (available.length === 0) return undefined;
    const rows = bySet.get(random.weighted(available));
    if (rows === undefined) return undefined;
    const first = random.pick(rows.all);
    const tools = corpus.toolsOf(first, random.below(corpus.variantsOf(first) + 1));
    const same = rows.byTool.get(first.nodes[0]?.tool ?? "") ?? [];
    const isSame = random.chance(0.3) && same.length > 1;
    const others = Array.from(
      {
        length: random.weighted([
          [1, 6],
          [2, 2],
        ] as const),
      },
      () => random.pick(isSame ? same : rows.all),
    );
    return { rows: [...new Set([first, ...others])], tools };
  };
  return {
    joined: (random) => {
      const drawn = draw(random);
      if (drawn === undefined || drawn.rows.length < 2) return undefined;
      const clauses = drawn.rows.flatMap((row) => rowClause(row, drawn.tools)?.clause ?? []);
      if (clauses.length < 2) return undefined;
      return exampleWith("synthetic-rows", joinedClauses(clauses, { random, style: styleOf(random, "whole") }), drawn);
    },
    flowing: (random) => {
      const drawn = draw(random);
      const [one, other] = drawn?.rows ?? [];
      if (drawn === undefined || one === undefined || other === undefined) return undefined;
      const first = rowClause(one, drawn.tools);
      const second = rowClause(other, drawn.tools);
      if (first === undefined || second === undefined) return undefined;
      const pointing = withReference(first.tool, second, random);
      if (pointing === undefined) return undefined;
      return exampleWith(
        "synthetic-row-flow",
        joinedClauses([first.clause, pointing], { random, style: styleOf(random, "whole") }),
        drawn,
      );
    },
  };
}

function exampleWith(
  src: string,
  clause: Clause,
  { rows, tools }: { readonly rows: readonly Row[]; readonly tools: ToolSet },
): Example {
  const { task, calls } = rendered(clause);
  return { src, task, tools, calls, hasArguments: true, ...(rows[0]?.set === "sgd" ? { now: "2019-03-01" } : {}) };
}

interface RowClause {
  readonly tool: DraftTool;
  readonly clause: Clause;
}

/** The task of a row with its constants marked; `undefined` where their marks overlap or none is found. */
function rowClause(row: Row, tools: ToolSet): RowClause | undefined {
  const example = exampleOf(row, tools);
  const call = example?.calls[0];
  if (example === undefined || call === undefined) return undefined;
  const words = taskWords(row.task, { pieces: () => [0], piecesMax: 400 });
  const context = example.now === undefined ? {} : { now: example.now };
  const reading = readingOf(row.task, { words, mentions: mentionsOf(row.task), context });
  const marks: { readonly start: number; readonly end: number; readonly path: string }[] = [];
  for (const param of call.tool.params) {
    const path = param.path.join(".");
    const source = call.args.get(path);
    if (source?.kind !== "constant" || (param.isClosed && param.type === "boolean")) continue;
    const span = source.span === undefined ? {} : { span: source.span };
    const [range] = rangesOf(reading, { param, value: source.value, kinds: wantedKinds(param), ...span });
    const start = range === undefined ? undefined : words[range[0]]?.start;
    const end = range === undefined ? undefined : words[range[1]]?.end;
    if (start !== undefined && end !== undefined) marks.push({ start, end, path });
  }
  marks.sort((one, other) => one.start - other.start);
  const bits: Bit[] = [];
  let at = 0;
  for (const { start, end, path } of marks) {
    if (start < at) continue;
    bits.push(row.task.slice(at, start), { text: row.task.slice(start, end), call: 0, path });
    at = end;
  }
  bits.push(row.task.slice(at));
  return { tool: call.tool, clause: { bits: bits.filter((bit) => bit !== ""), calls: [call] } };
}

/** A clause in which the words of one argument point to the result of the tool before it. */
function withReference(producer: DraftTool, { tool, clause }: RowClause, random: Random): Clause | undefined {
  const request = requestOf(producer);
  const [call] = clause.calls;
  if (request === undefined || call === undefined) return undefined;
  const fits = tool.params.flatMap((param) =>
    producer.outputs
      .filter(
        (output) =>
          output.path.length === 1 && typeMatch(param, output) >= 0 && nameMatch(param, output) > 0.2 && !param.isClosed,
      )
      .map((output) => ({ producer, output, consumer: tool, param })),
  );
  const usable = fits.filter(({ param }) =>
    clause.bits.some((bit) => typeof bit !== "string" && bit.path === param.path.join(".")),
  );
  if (usable.length === 0) return undefined;
  const fit = random.pick(usable);
  const path = fit.param.path.join(".");
  const words = referenceWords(fit, request, random) || "the result";
  const at = clause.bits.findIndex((bit) => typeof bit !== "string" && bit.path === path);
  const lead = clause.bits[at - 1];
  // A value that is a line of its own ("Morning Routine.") leaves no sentence to point from.
  if (typeof lead !== "string" || /(?:^|[\n.?!:])\s*$/.test(lead)) return undefined;
  const bits = clause.bits.map((bit, index): Bit => {
    if (index === at) return words;
    if (typeof bit !== "string") return bit;
    // Quotes and articles of the value go with it.
    if (index === at - 1) return bit.replace(/["'`]$/, "").replace(/\b(?:the|a|an) $/, "");
    return index === at + 1 ? bit.replace(/^["'`]/, "") : bit;
  });
  const source: GoldSource = { kind: "result", call: -1, path: fit.output.path };
  const args: ExampleCall["args"] = new Map([...call.args, [path, source] as const]);
  return { bits: bits.filter((bit) => bit !== ""), calls: [{ ...call, args }] };
}
