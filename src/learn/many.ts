/**
 * From several recorded runs to one draft plan: calls are aligned, loops folded, every value explained by a rule that all runs satisfy, and the
 * draft is tried on each run until it denies none.
 * Pure. Never returns a draft that denies one of its runs without saying which.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { JsonObject } from "../json/value.ts";
import { learnRoundsMax, learnTracesMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import { freezePlan } from "../plan/freeze.ts";
import { slugOf } from "../plan/names.ts";
import type { FrozenPlan, Plan } from "../plan/plan.ts";
import { replayTrace } from "../replay.ts";
import { err, ok, type Result } from "../result.ts";
import type { Trace } from "../trace.ts";
import { buildModel } from "./build-model.ts";
import { nodeOfStep, type Denial, settle } from "./settle.ts";
import type { EvidenceTable } from "./evidence.ts";
import { trustUnder } from "./facts.ts";
import type { Model } from "./model.ts";
import { paramsOfRun } from "./param-table.ts";
import { inOneOrder, readRuns, type Run } from "./runs.ts";
import { tasksDiffer } from "./tasks.ts";
import { type Written, writeModel } from "./write-model.ts";

/** A draft of several runs, with what made it. */
export interface LearnedMany {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly evidence: EvidenceTable;
  /** The parameters of each run, in the order of the traces. */
  readonly params: readonly JsonObject[];
  readonly model: Model;
  readonly written: Written;
}

/** Names of the plan, and the task where a trace has none. */
export interface ManyOptions {
  readonly name: string;
  readonly task?: string | undefined;
  /** Whether the catalogue is made of the runs alone: the plan will be frozen under none, which pins no roles. */
  readonly isUndescribed?: boolean;
}

/** Learns a plan from two traces or more. Errors: as for one, and `LEARN_TASKS_DIFFER` for traces that have no tool in common. */
export function learnMany(
  traces: readonly Trace[],
  catalogue: Catalogue,
  { name, task: given, isUndescribed = false }: ManyOptions,
): Result<LearnedMany, readonly Finding[]> {
  if (traces.length > learnTracesMax) {
    const message = `a plan is learned from at most ${learnTracesMax} traces`;
    return err([{ code: "LEARN_TOO_LARGE", severity: "error", pointer: "", message }]);
  }
  const findings: Finding[] = [];
  const runs = readRuns(traces, catalogue, { task: given, findings });
  if (!runs.ok) return runs;
  const inOrder = inOneOrder(runs.value);
  findings.push(...tasksDiffer(runs.value));
  if (findings.some(({ severity }) => severity === "error")) return err(findings.filter(({ severity }) => severity === "error"));
  const model = buildModel(inOrder, trustUnder(catalogue));
  const plan = { name: slugOf(name).replaceAll("_", "-") };
  for (let round = 0; ; round++) {
    const written = writeModel(model, plan);
    const denials = denialsOf(model, written, isUndescribed ? undefined : catalogue);
    const isStuck = denials.length > 0 && (round >= learnRoundsMax || !settle(model, written, denials));
    if (denials.length > 0 && !isStuck) continue;
    const all = [...unique([...findings, ...written.findings]), ...denials.map(denialFinding)];
    const params = runs.value.map((run) => paramsOfRun(written.params, run.place));
    const task = taskOf(inOrder, params);
    const { plan: draft, evidence } = written;
    return ok({ plan: withTask(draft, task), findings: all, evidence, params, model, written });
  }
}

/** The words of the first run that has some, with the names of parameters where their values stood: `Pay {customer} on {on}`. */
function taskOf(runs: readonly Run[], params: readonly JsonObject[]): string {
  const first = runs.find(({ text }) => text !== "");
  const text = first?.text ?? "";
  if (runs.every((run) => run.text === text)) return text;
  const values = Object.entries(params[first?.place ?? 0] ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].length >= 2,
  );
  return values
    .sort((a, b) => b[1].length - a[1].length)
    .reduce((words, [name, value]) => words.replaceAll(value, `{${name}}`), text);
}

function withTask({ sluice, name, ...rest }: Plan, task: string): Plan {
  return { sluice, name, ...(task === "" ? {} : { task }), ...rest };
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  const keys = findings.map(({ code, pointer, message }) => JSON.stringify([code, pointer, message]));
  return findings.filter((_, place) => keys.indexOf(keys[place] as string) === place);
}

function denialFinding({ run, code, at, pointer }: Denial): Finding {
  const where = run === undefined ? "every trace" : `trace ${run.place + 1}`;
  const message = `the plan denies ${where}, which it was learned from (${code}${at === undefined ? "" : ` at call ${at}`}): change it by hand`;
  return { code: "LEARN_DENIES_RUN", severity: "warning", pointer, message };
}

/** The first denial of each run; or what forbids freezing. */
function denialsOf(model: Model, written: Written, catalogue: Catalogue | undefined): readonly Denial[] {
  const frozen = freezePlan(written.plan, catalogue);
  if (!frozen.ok) {
    return frozen.error
      .filter(({ severity }) => severity === "error")
      .map((finding) => ({
        run: undefined,
        code: finding.code,
        at: undefined,
        pointer: finding.pointer,
        node: undefined,
        arg: undefined,
      }));
  }
  return model.runs.flatMap((run) => firstDenial(model, { run, written, frozen: frozen.value }) ?? []);
}

interface Trial {
  readonly run: Run;
  readonly written: Written;
  readonly frozen: FrozenPlan;
}

function firstDenial(model: Model, { run, written, frozen }: Trial): Denial | undefined {
  const calls = replayTrace(frozen, run.trace, { params: paramsOfRun(written.params, run.place) });
  if (!calls.ok) {
    const [first] = calls.error;
    return {
      run,
      code: first?.code ?? "INTERNAL",
      at: undefined,
      pointer: first?.pointer ?? "",
      node: undefined,
      arg: undefined,
    };
  }
  for (const { verdict, code, i, node, argument } of calls.value) {
    const own = nodeOfStep(model, run, i);
    // A call that acts and never succeeded is not part of the plan, so its denial is right.
    if (verdict === "allow" || own === undefined) continue;
    const closest = model.nodes.find(({ name }) => name === node);
    return {
      run,
      code: code ?? "INTERNAL",
      at: i,
      pointer: `/nodes/${own.name}`,
      node: own,
      arg: argument?.split("/")[0],
      closest,
    };
  }
  return undefined;
}
