/**
 * Several recorded runs of one task, ready to be compared: their calls, what came back, and the user's words of each.
 * Pure. Never mixes what one run knew with what another did.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import { learnCallsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import { err, ok, type Result } from "../result.ts";
import type { Trace } from "../trace.ts";
import { factsOf } from "./facts.ts";
import { type Call, distinctCalls, type TraceFacts } from "./nodes.ts";
import { placesWhere } from "./places.ts";
import { isSeenAt, readAllSteps, type Step } from "./steps.ts";
import { readTask } from "./task-words.ts";

/** One run. */
export interface Run {
  /** Its place among the traces, from 0. */
  readonly place: number;
  readonly trace: Trace;
  readonly text: string;
  readonly steps: readonly Step[];
  /** Equal calls together, in the order of their first; without calls that act and never succeeded. */
  readonly calls: readonly Call[];
  readonly facts: Omit<TraceFacts, "literals" | "isTrusted">;
}

/** Reads the traces. Errors: tools that the catalogue does not have, `LEARN_EMPTY`, `LEARN_TOO_LARGE`. */
export function readRuns(
  traces: readonly Trace[],
  catalogue: Catalogue,
  options: { readonly task?: string | undefined; readonly findings: Finding[] },
): Result<readonly Run[], readonly Finding[]> {
  const all = readAllSteps(traces, catalogue);
  if (!all.ok) return all;
  const runs: Run[] = [];
  for (const [place, trace] of traces.entries()) {
    const steps = all.value[place] ?? [];
    const problem = sizeProblem(steps, place);
    if (problem !== undefined) return err([problem]);
    const text = trace.task ?? options.task ?? "";
    const calls = distinctCalls({ findings: options.findings }, steps);
    runs.push({ place, trace, text, steps, calls, facts: factsOf(steps, readTask(text)) });
  }
  return ok(runs);
}

/** The same runs in an order that does not depend on the one in which they were given, nor on the names of their calls: the longest first. */
export function inOneOrder(runs: readonly Run[]): readonly Run[] {
  const keyed = runs.map((run) => ({ run, key: canonicalJson([run.text, ...run.steps.map(keyOf)]) }));
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return keyed.sort((a, b) => b.run.calls.length - a.run.calls.length || compare(a.key, b.key)).map(({ run }) => run);
}

function keyOf({ key, result, resultsBefore }: Step): Json {
  return [key, resultsBefore, result === undefined ? [] : [result]];
}

function sizeProblem({ length }: readonly Step[], place: number): Finding | undefined {
  if (length === 0) {
    const message = `trace ${place + 1} has no call: a plan is learned from traces with at least one`;
    return { code: "LEARN_EMPTY", severity: "error", pointer: "", message };
  }
  if (length <= learnCallsMax) return undefined;
  const message = `a plan is learned from at most ${learnCallsMax} calls in a trace; trace ${place + 1} has ${length}`;
  return { code: "LEARN_TOO_LARGE", severity: "error", pointer: "", message };
}

/** Where a value of a call was read before, as tool and path: `orders/list $.items[*].id`. Positions do not count. */
export function originsOf(run: Run, before: number, value: Json): ReadonlySet<string> {
  if (typeof value === "boolean" || value === "" || value === null) return new Set();
  const sources = run.steps
    .filter((step) => step.result !== undefined && isSeenAt(step, run.steps[before]))
    .map((step) => ({ name: step.tool.name, runs: [step.result as Json], isLoop: false, isPartial: false }));
  const places = placesWhere(sources, (one) => typeof one === typeof value && jsonEqual(one, value));
  return new Set(
    places.map(({ source, path }) => `${source.name} ${path.map((step) => (typeof step === "number" ? "*" : step)).join("/")}`),
  );
}
