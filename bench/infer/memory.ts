/**
 * How often the memory of approved plans is right, by how many tasks it answers.
 * `SLUICE_DATA=… node bench/infer/memory.ts [--split dev] [--limit 1500] [--kind first_call] [--seed 1] [--one-of-a-kind] [--errors 10] [--json]`
 * Ten approved plans for each intent (tools in order, which arguments are filled, which of them by results) are put into the memory; other
 * tasks of these intents are asked for, and as many tasks of intents that are not there. Never tunes anything: what is fitted is fitted by memory-fit.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createMemory } from "../../src/infer/memory/memory.ts";
import { createMemoryPlanner, memoryThreshold } from "../../src/infer/memory/planner.ts";
import { readJson } from "../../src/json/read.ts";
import { isObject } from "../../src/json/value.ts";
import { type DraftTool, draftTool } from "../../src/infer/tools.ts";
import { approvedRow, faultOf, type MemoryRow, readMemorySet, sgdNow, splitRows } from "./memory-data.ts";

interface Answer {
  readonly row: MemoryRow;
  /** Why it is not right; absent if it is. */
  readonly fault?: string;
  /** Whether it is right if arguments that the set marks as not read from the task may be there. */
  readonly isNearlyRight: boolean;
  readonly confidence: number;
  readonly isInMemory: boolean;
}

const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

const { values: options } = parseArgs({
  options: {
    split: { type: "string", default: "train" },
    limit: { type: "string", default: "1500" },
    kind: { type: "string", multiple: true, default: ["first_call", "dialogue"] },
    seed: { type: "string", default: "1" },
    errors: { type: "string", default: "0" },
    "one-of-a-kind": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

/** Other names that training rows have: on other rows of the training sets they would be known beforehand. */
const aliases = options.split === "dev" ? readAliases() : new Map<string, string>();

function readAliases(): ReadonlyMap<string, string> {
  const read = readJson(readFileSync(join(import.meta.dirname, "../../models/aliases.json"), "utf8"));
  const entries = read.ok && isObject(read.value) ? Object.entries(read.value) : [];
  return new Map(entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])));
}

async function measure(kind: string): Promise<{ readonly plans: number; readonly answers: readonly Answer[] }> {
  const set = readMemorySet(options.split === "dev" ? "dev" : "train", "sgd");
  const rows = splitRows(set, {
    kind,
    seed: options.seed,
    isOneOfAKind: options["one-of-a-kind"],
    limit: Number(options.limit),
  });
  const context = { now: sgdNow, aliases };
  const memory = createMemory({ plans: rows.approved.map((row) => ({ plan: approvedRow(row, set.tools), context })) });
  const planner = createMemoryPlanner({ memory });
  const tools: readonly DraftTool[] = [...set.tools.values()].map(draftTool);
  const answers: Answer[] = [];
  for (const [list, isInMemory] of [
    [rows.asked, true],
    [rows.strange, false],
  ] as const)
    for (const row of list) {
      const proposal = await planner.propose(row.task, tools, context);
      const fault = faultOf(row, proposal);
      const isNearlyRight = faultOf(row, proposal, { mayRead: true }) === undefined;
      answers.push({ row, isNearlyRight, confidence: proposal.confidence, isInMemory, ...(fault !== undefined && { fault }) });
    }
  return { plans: rows.approved.length, answers };
}

/** Exact two-sided 95 % bounds of a share (Clopper and Pearson, 1934), by bisection on the binomial tails. */
function boundsOf(right: number, all: number): readonly [number, number] {
  const tail = (share: number, from: number, to: number) => {
    let sum = 0;
    let log = 0;
    for (let at = 0; at <= to; at++) {
      if (at > 0) log += Math.log((all - at + 1) / at);
      if (at >= from) sum += Math.exp(log + at * Math.log(share) + (all - at) * Math.log1p(-share));
    }
    return sum;
  };
  const bisect = (isAbove: (share: number) => boolean) => {
    let [low, high] = [1e-9, 1 - 1e-9];
    for (let round = 0; round < 50; round++) {
      const middle = (low + high) / 2;
      if (isAbove(middle)) high = middle;
      else low = middle;
    }
    return low;
  };
  return [
    right === 0 ? 0 : bisect((share) => tail(share, right, all) > 0.025),
    right === all ? 1 : bisect((share) => tail(share, 0, right) < 0.025),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

interface Point {
  readonly share: number;
  readonly right: number;
  readonly nearlyRight: number;
  readonly all: number;
}

/** Right among the surest answers to tasks of known intents; an answer to a task of no known intent that is as sure is wrong. */
function curveOf(answers: readonly Answer[]): readonly Point[] {
  const known = answers.filter(({ isInMemory }) => isInMemory).toSorted((one, other) => other.confidence - one.confidence);
  return shares.map((share) => {
    const kept = known.slice(0, Math.round(known.length * share));
    const least = kept.at(-1)?.confidence ?? 1;
    const strangers = answers.filter(({ isInMemory, confidence }) => !isInMemory && confidence >= least);
    const all = [...kept, ...strangers];
    const right = all.filter(({ fault }) => fault === undefined).length;
    return { share, right, nearlyRight: all.filter((one) => one.isNearlyRight).length, all: all.length };
  });
}

function print(kind: string, { plans, answers }: { readonly plans: number; readonly answers: readonly Answer[] }): void {
  const asked = answers.filter(({ isInMemory }) => isInMemory).length;
  console.log(`${kind}: ${plans} approved plans, ${asked} tasks of their intents, ${answers.length - asked} of others`);
  for (const { share, right, nearlyRight, all } of curveOf(answers)) {
    const [low, high] = boundsOf(right, all);
    console.log(
      `  ${percent(share).padStart(8)} answered: ${percent(right / all)} of ${all} right (${percent(low)} to ${percent(high)}); ${percent(nearlyRight / all)} if unread ones may be there`,
    );
  }
  const kept = answers.filter(({ confidence }) => confidence >= memoryThreshold);
  const right = kept.filter(({ fault }) => fault === undefined).length;
  console.log(`  at the threshold of ${memoryThreshold}: ${kept.length} kept, ${right} right`);
  const wrong = answers.filter(({ fault }) => fault !== undefined).toSorted((one, other) => other.confidence - one.confidence);
  for (const { row, fault, confidence } of wrong.slice(0, Number(options.errors)))
    console.log(`--- ${row.id} ${confidence.toFixed(3)}\n${row.task}\n    ${fault}`);
}

for (const kind of options.kind) {
  const measured = await measure(kind);
  if (options.json) console.log(JSON.stringify({ kind, plans: measured.plans, curve: curveOf(measured.answers) }));
  else print(kind, measured);
}
