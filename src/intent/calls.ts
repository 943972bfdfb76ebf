/**
 * A log of calls, as every format of calls is read: calls in turns, and results where the log has them.
 * Pure. Never guesses which call a result belongs to, and never makes a reference of a text that looks like one.
 */
import { type Documents, readDocuments } from "./documents.ts";
import { type Catalogue, readCatalogue } from "../catalogue/catalogue.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { importStepsMax, traceEventsMax } from "../limits.ts";
import { isReader } from "../learn/draft.ts";
import { learnPlan } from "../learn/learn.ts";
import type { Finding } from "../plan/finding.ts";
import { freshName, slugOf } from "../plan/names.ts";
import { runsMax } from "../plan/lint/bits.ts";
import type { Plan } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import { isErrorResult, type Trace, type TraceEvent } from "../trace.ts";
import { constantRule } from "./constant-rule.ts";
import { checkDraft, type DraftOptions, draftOf, limitCallsMax, taskOf } from "./draft.ts";
import { withFailure } from "./failures.ts";
import type { Imported, ImportError, IntentStep, Place } from "./intent.ts";
import { isPlaceholder } from "./placeholders.ts";
import { toolFinder } from "./tool-names.ts";
import { nameFault } from "./tools-by-use.ts";

/** One call of a log. */
export interface LoggedCall {
  /** As the log has it: it may be used again once it was answered. */
  readonly id: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** Calls of one turn were made at once. */
  readonly turn: number;
  readonly place: Place;
}

interface OpenCall extends LoggedCall {
  /** Its place among the calls, from 0. */
  readonly index: number;
}

/** A log while it is read. */
export interface CallLog {
  /** The user's words, in order. */
  readonly words: string[];
  /** How many of them stand before the last call: what is said afterwards asks for nothing that the log has. */
  wordsHeard: number;
  readonly calls: OpenCall[];
  /** Calls and results in the order of the log; the ids are places among the calls. */
  readonly events: TraceEvent[];
  readonly open: Map<string, OpenCall>;
  /** Definitions of tools that the log itself has. */
  readonly tools: Json[];
  readonly findings: Finding[];
}

/** A draft out of a log of calls; `trace`: the run that it was learned from, if the log has results. */
export interface ImportedLog extends Imported {
  readonly trace?: Trace;
}

/** A log without a line. */
function openLog(): CallLog {
  return { words: [], wordsHeard: 0, calls: [], events: [], open: new Map(), tools: [], findings: [] };
}

/** Adds a call. Errors: `IMPORT_LOG` if a call of this id waits for its result, `IMPORT_TOO_LARGE`. */
export function addCall(log: CallLog, call: LoggedCall): Result<null, ImportError> {
  const { place } = call;
  if (log.events.length >= traceEventsMax)
    return err({ code: "IMPORT_TOO_LARGE", place, message: `a log has at most ${traceEventsMax} calls and results` });
  if (log.open.has(call.id))
    return err({ code: "IMPORT_LOG", place, message: "an earlier call without a result has this id: each call has its own" });
  const open = { ...call, index: log.calls.length };
  log.calls.push(open);
  log.wordsHeard = log.words.length;
  log.events.push({ type: "call", id: String(open.index), tool: call.tool, args: call.args });
  log.open.set(call.id, open);
  return ok(null);
}

/** Adds what a call returned (`{"error": …}`: it failed). Error: `IMPORT_LOG` if no such call waits for it. */
export function addResult(
  log: CallLog,
  id: string,
  { value, place }: { readonly value: Json; readonly place: Place },
): Result<null, ImportError> {
  const call = log.open.get(id);
  if (call === undefined)
    return err({
      code: "IMPORT_LOG",
      place,
      message: "a result belongs to one earlier call that has none yet, and there is no such call",
    });
  log.open.delete(id);
  log.events.push({ type: "result", id: String(call.index), value });
  return ok(null);
}

/** Imports a text: its documents, what `fill` finds in them as a log, and the draft of that. Errors: those of all three. */
export function importDocuments(
  text: string,
  { catalogue, options }: { readonly catalogue: Catalogue | undefined; readonly options: DraftOptions },
  fill: (log: CallLog, documents: Documents) => Result<null, ImportError>,
): Result<ImportedLog, ImportError> {
  const read = readDocuments(text);
  if (!read.ok) return read;
  const log = openLog();
  const filled = fill(log, read.value);
  return filled.ok ? importLog(log, catalogue, options) : filled;
}

/**
 * Makes a draft of a log. Without results the calls are what the agent intends: constants, turn after turn. With results the log is a
 * recorded run, from which `learnPlan` finds references. Errors: those of `draftOf`, and its limits.
 */
function importLog(log: CallLog, catalogue: Catalogue | undefined, options: DraftOptions): Result<ImportedLog, ImportError> {
  if (log.calls.length === 0) return err({ code: "IMPORT_EMPTY", place: {}, message: "there is no call of a tool in this" });
  const { known, findings } = catalogueFor(log, catalogue);
  const hasResults = log.events.some(({ type }) => type === "result");
  const imported = hasResults ? learned(log, known, options) : intended(log, known, options);
  if (!imported.ok) return imported;
  return ok({ ...imported.value, findings: [...log.findings, ...findings, ...imported.value.findings] });
}

/** The catalogue, or what the log itself says of its tools: the word of whoever wrote the log. */
function catalogueFor(
  { tools, calls }: CallLog,
  catalogue: Catalogue | undefined,
): { readonly known: Catalogue | undefined; readonly findings: readonly Finding[] } {
  if (catalogue !== undefined || tools.length === 0) return { known: catalogue, findings: [] };
  const read = readCatalogue(tools, { declarations: "ignore" });
  const find = read.ok ? toolFinder(read.value) : undefined;
  if (!read.ok || !calls.every(({ tool }) => find?.(tool).ok === true)) return { known: undefined, findings: [] };
  const message = "no catalogue was given: the tools are as the log itself describes them";
  return { known: read.value, findings: [{ code: "IMPORT_TOOLS_OF_LOG", severity: "warning", pointer: "/nodes", message }] };
}

function intended(log: CallLog, catalogue: Catalogue | undefined, options: DraftOptions): Result<Imported, ImportError> {
  const taken = new Set<string>();
  const steps: IntentStep[] = [];
  const findings: Finding[] = [];
  let turn: number | undefined;
  let before: readonly string[] = [];
  let names: string[] = [];
  for (const call of log.calls) {
    if (call.turn !== turn) {
      before = names.length > 0 ? names : before;
      names = [];
      turn = call.turn;
    }
    const name = freshName(slugOf(call.tool.split(/__|[/.:]/).at(-1) ?? call.tool), taken);
    names.push(name);
    for (const [arg, value] of Object.entries(call.args)) if (isPlaceholder(value)) findings.push(placeholderAt(name, arg));
    const args = Object.fromEntries(Object.entries(call.args).map(([arg, value]) => [arg, constantRule(value)]));
    steps.push({ name, tool: call.tool, args, after: before, place: call.place });
  }
  const task = wordsOf(log);
  return draftOf({ ...(task === "" ? {} : { task }), steps, findings }, catalogue, options);
}

/** What the user said before the last call. */
function wordsOf({ words, wordsHeard }: CallLog): string {
  return words.slice(0, wordsHeard).join("\n");
}

function placeholderAt(name: string, arg: string): Finding {
  const message = `\`${arg}\` looks like a placeholder for another call's result, and was taken as it is written: say what it stands for`;
  return { code: "IMPORT_PLACEHOLDER", severity: "warning", pointer: pointerOf(["nodes", name, "args", arg]), message };
}

function learned(log: CallLog, catalogue: Catalogue | undefined, options: DraftOptions): Result<ImportedLog, ImportError> {
  const task = taskOf(wordsOf(log), options);
  const trace = traceOf(log, catalogue, task.text);
  if (!trace.ok) return trace;
  const found = learnPlan([trace.value], catalogue, { name: options.name ?? "imported" });
  if (!found.ok) {
    const [first] = found.error;
    const code = first?.code === "LEARN_TOO_LARGE" ? "IMPORT_TOO_LARGE" : "IMPORT_UNREPRESENTABLE";
    // What is wrong with a tool stands at its call: `/events/N/tool`.
    const event = trace.value.events[Number(/^\/events\/(\d+)/.exec(first?.pointer ?? "")?.[1])];
    const place = log.calls[Number(event?.id ?? 0)]?.place ?? {};
    return err({ code, place, message: first?.message ?? "nothing can be learned from this" });
  }
  const { findings } = found.value;
  const plan = withCallLimit(found.value.plan, trace.value);
  if (Object.keys(plan.nodes).length === 0) {
    const place = log.calls.at(-1)?.place ?? {};
    return err({ code: "IMPORT_EMPTY", place, message: "no call of this run succeeded, so that it shows no plan" });
  }
  const checked = checkDraft(plan, catalogue, (node) => {
    // Without a catalogue a bare name is `local/…` in what was learned.
    const tool = plan.nodes[node]?.tool ?? "";
    const calls = trace.value.events.filter((event) => event.type === "call");
    const at = calls.findIndex((event) => event.tool === tool || `local/${event.tool}` === tool);
    return log.calls[Math.max(0, at)]?.place ?? {};
  });
  if (!checked.ok) return checked;
  return ok({ plan, findings: [...task.findings, ...findings, ...checked.value], trace: trace.value });
}

/** A session makes no more calls than its nodes may have runs, and the log had failures: so nothing is tried again without end. */
function withCallLimit(plan: Plan, { events }: Trace): Plan {
  const failures = events.filter((event) => event.type === "result" && isErrorResult(event.value)).length;
  const nodes = Object.entries(plan.nodes).filter(([, { tool }]) => tool !== undefined);
  const calls = nodes.reduce((sum, [name]) => sum + runsMax(plan.nodes, name), failures);
  return nodes.length === 0 || calls > limitCallsMax ? plan : { ...plan, limits: { ...plan.limits, calls } };
}

/** The log as a recorded run, its tools under their qualified names. Errors: `IMPORT_TOOL_UNKNOWN`, `IMPORT_TOOL_AMBIGUOUS`, `IMPORT_TOO_LARGE`. */
function traceOf(log: CallLog, catalogue: Catalogue | undefined, task: string | undefined): Result<Trace, ImportError> {
  const over = log.calls[importStepsMax];
  if (over !== undefined)
    return err({ code: "IMPORT_TOO_LARGE", place: over.place, message: `a plan is made of at most ${importStepsMax} calls` });
  const find = catalogue === undefined ? undefined : toolFinder(catalogue);
  const tools: string[] = [];
  const acting = new Set<string>();
  for (const { tool, place } of log.calls) {
    const found = find?.(tool);
    const fault = found === undefined ? nameFault(tool) : found.ok ? undefined : found.error;
    if (fault !== undefined) return err({ ...fault, place });
    if (found?.ok === true && !isReader(found.value)) acting.add(String(tools.length));
    tools.push(found?.ok === true ? found.value.name : tool);
  }
  const events = log.events.map((event) =>
    event.type === "call"
      ? { ...event, tool: tools[Number(event.id)] ?? event.tool }
      : { ...event, value: withFailure(event.value, { acts: acting.has(event.id) }) },
  );
  return ok({ ...(task === undefined ? {} : { task }), events });
}
