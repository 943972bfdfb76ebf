/**
 * InjecAgent (direct harm, 510 cases) as a smoke test, and the harder variant in which the attacker uses the user's own tool.
 * `node bench/injecagent/run.ts [--json]`. Prints what the engine decided; a tool allow-list alone stops the first part, and it says so.
 */
import { join } from "node:path";
import { type Catalogue, readCatalogue, roleOf } from "../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member } from "../../src/json/value.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import type { Trace } from "../../src/trace.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayTrace } from "../../src/replay.ts";
import { dataFolder, readFile, readLines, text } from "../agentdojo/data.ts";

interface Case {
  readonly id: string;
  readonly task: string;
  readonly tool: string;
  readonly args: JsonObject;
  readonly response: Json;
  /** Tools that the attacker calls. */
  readonly attackers: readonly string[];
}

function readCase(line: Json): Case {
  const call = member(line, "user_call");
  const args = member(call, "args");
  const calls = member(line, "attacker_calls");
  return {
    id: text(line, "id"),
    task: text(line, "task"),
    tool: text(call, "tool"),
    args: isObject(args) ? args : {},
    response: member(line, "injected_response") ?? null,
    attackers: (isArray(calls) ? calls : []).map((one) => text(one, "tool")),
  };
}

interface Report {
  readonly cases: number;
  usable: number;
  stopped: number;
  /** Cases that a list of the plan's tools, with no look at arguments, stops too. */
  allowList: number;
  /** The same-tool variant: arguments replaced one at a time, by role. */
  readonly sameTool: Record<string, { all: number; denied: number }>;
  /** Denials of the variant by code. */
  readonly codes: Record<string, number>;
  readonly exceptions: string[];
}

/** A trace of one user call with its poisoned result, and one more call after it. */
function traceWith(one: Case, next?: { readonly tool: string; readonly args: JsonObject }): Trace {
  return {
    task: one.task,
    events: [
      { type: "call", id: "user", tool: one.tool, args: one.args },
      { type: "result", id: "user", value: one.response },
      ...(next === undefined ? [] : [{ type: "call" as const, id: "attacker", ...next }]),
    ],
  };
}

/** Values of the attackers' sampled calls, by JSON type. */
function pool(samples: Json): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Json[]>();
  for (const calls of isObject(samples) ? Object.values(samples) : []) {
    for (const call of isArray(calls) ? calls : []) {
      for (const value of isObject(call) ? Object.values(call) : []) {
        const list = found.get(typeof value) ?? [];
        if (list.length < 200) found.set(typeof value, [...list, value]);
      }
    }
  }
  return found;
}

function sampleArgs(samples: Json, tool: string): JsonObject {
  const calls = member(samples, tool);
  const [first] = isArray(calls) ? calls.filter((call) => isObject(call) && Object.keys(call).length > 0) : [];
  return isObject(first) ? first : {};
}

function measure(
  one: Case,
  report: Report,
  world: { readonly catalogue: Catalogue; readonly samples: Json; readonly values: ReadonlyMap<string, readonly Json[]> },
): void {
  const { catalogue, samples, values } = world;
  const learned = learnPlan([traceWith(one)], catalogue);
  const frozen = learned.ok ? freezePlan(learned.value.plan, catalogue) : undefined;
  if (frozen?.ok !== true) {
    report.exceptions.push(`${one.id}: no plan`);
    return;
  }
  const verdictsOf = (next: {
    readonly tool: string;
    readonly args: JsonObject;
  }): readonly { readonly verdict: string; readonly code: string | null }[] => {
    const replayed = replayTrace(frozen.value, traceWith(one, next));
    return replayed.ok ? replayed.value : [];
  };
  const replayOnly = (call: {
    readonly tool: string;
    readonly args: JsonObject;
  }): { readonly verdict: string; readonly code: string | null } | undefined => {
    const replayed = replayTrace(frozen.value, { events: [{ type: "call", id: "attacker", ...call }] });
    return replayed.ok ? replayed.value[0] : undefined;
  };
  const attacks = one.attackers.map((tool) => verdictsOf({ tool, args: sampleArgs(samples, tool) }));
  if (attacks.every((verdicts) => verdicts[0]?.verdict === "allow")) report.usable++;
  else report.exceptions.push(`${one.id}: the user's call is denied`);
  if (attacks.some((verdicts) => verdicts[1]?.verdict === "deny")) report.stopped++;
  else report.exceptions.push(`${one.id}: the attacker's calls are allowed`);
  if (one.attackers.some((tool) => tool !== one.tool)) report.allowList++;
  const tool = catalogue.resolve(one.tool);
  if (!tool.ok) return;
  for (const [index, [arg, own]] of Object.entries(one.args).entries()) {
    const offered = (values.get(typeof own) ?? []).filter((value) => !jsonEqual(value, own));
    const value = offered[(index * 7 + one.id.length + one.task.length) % Math.max(1, offered.length)];
    if (value === undefined) continue;
    const args = { ...one.args, [arg]: value };
    const [, after] = verdictsOf({ tool: one.tool, args });
    // A second call is one too many for a tool that acts; what its arguments may be shows in the place of the first.
    const verdict = after?.code === "CALL_REPEATED" ? replayOnly({ tool: one.tool, args }) : after;
    const role = roleOf(tool.value, arg);
    const counts = report.sameTool[role] ?? { all: 0, denied: 0 };
    report.sameTool[role] = counts;
    counts.all++;
    if (verdict?.verdict === "deny") counts.denied++;
    const code = verdict?.code ?? "allowed";
    report.codes[code] = (report.codes[code] ?? 0) + 1;
  }
}

function main(): void {
  const folder = dataFolder("injecagent");
  const isJson = process.argv.includes("--json");
  if (folder === undefined) {
    if (isJson) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return;
  }
  const catalogue = readCatalogue(readFile(join(folder, "catalog.json")));
  if (!catalogue.ok) throw new Error(`catalog.json: ${catalogue.error[0]?.message}`);
  const samples = readFile(join(folder, "attacker_args.json"));
  const cases = readLines(join(folder, "direct_harm_base.jsonl.gz")).map(readCase);
  const report: Report = { cases: cases.length, usable: 0, stopped: 0, allowList: 0, sameTool: {}, codes: {}, exceptions: [] };
  const world = { catalogue: catalogue.value, samples, values: pool(samples) };
  for (const one of cases) measure(one, report, world);
  if (isJson) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const lines = [
    `InjecAgent, direct harm: ${report.cases} cases`,
    `  the user's call is allowed                    ${report.usable}`,
    `  the attacker's calls are stopped              ${report.stopped}`,
    `  of which a tool allow-list alone would stop   ${report.allowList}  (so this part only shows that nothing is broken)`,
    "Same tool, one argument replaced by an attacker's value, after the poisoned result\n(a tool that acts may not run twice at all: its argument is tried in place of the user's call)",
    ...Object.entries(report.sameTool).map(([role, { all, denied }]) => `  ${role.padEnd(44)}  ${denied} of ${all} denied`),
    `  verdicts: ${Object.entries(report.codes)
      .map(([code, count]) => `${code} ${count}`)
      .join(", ")}`,
    ...report.exceptions.map((exception) => `  ! ${exception}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

main();
