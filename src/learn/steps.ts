/**
 * The calls of one trace with their tools and results, as the rules of a plan will read them.
 * Pure. Never lets a failed call count as one that a plan may refer to.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import { readYaml } from "../json/yaml.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import { isErrorResult, type Trace } from "../trace.ts";

/** One call of the trace. */
export interface Step {
  /** Its place among the calls, from 0. */
  readonly index: number;
  readonly tool: FrozenTool;
  /** Without members that are null. */
  readonly args: JsonObject;
  /** Tool and arguments as text: equal for equal calls. */
  readonly key: string;
  /** How many results had come back when the call was made. */
  readonly resultsBefore: number;
  /** How many results had come back with its own; `undefined` if it was never answered. */
  readonly answeredAt: number | undefined;
  /** The result as rules read it (parsed, where `parse` says so); `undefined` if the call failed or was never answered. */
  readonly result: Json | undefined;
  readonly isFailed: boolean;
  /** How a textual result has to be read so that it has members. */
  readonly parse: "json" | "yaml" | undefined;
}

interface Answered {
  readonly tool: FrozenTool;
  readonly args: JsonObject;
  readonly resultsBefore: number;
  readonly answeredAt: number | undefined;
  readonly value: Json | undefined;
  readonly isFailed: boolean;
}

/** Resolves the tools of a trace and reads its results. Errors: `TOOL_UNKNOWN`, `TOOL_AMBIGUOUS`, at the call's place in the trace. */
export function readSteps(trace: Trace, catalogue: Catalogue): Result<readonly Step[], readonly Finding[]> {
  const read = readAllSteps([trace], catalogue);
  return read.ok ? ok(read.value[0] ?? []) : read;
}

/** The steps of several traces. A tool's textual results are read in one way: the one that fits all of them. Errors as {@link readSteps}. */
export function readAllSteps(
  traces: readonly Trace[],
  catalogue: Catalogue,
): Result<readonly (readonly Step[])[], readonly Finding[]> {
  const runs: (readonly Answered[])[] = [];
  for (const trace of traces) {
    const answered = answer(trace, catalogue);
    if (!answered.ok) return answered;
    runs.push(answered.value);
  }
  const modes = new Map<string, "json" | "yaml" | undefined>();
  const all = runs.flat();
  for (const { tool } of all) {
    if (modes.has(tool.name)) continue;
    const texts = all.filter((step) => step.tool === tool && step.value !== undefined).map((step) => step.value as Json);
    modes.set(tool.name, tool.facts.parse ?? parseOf(texts));
  }
  return ok(
    runs.map((answered) =>
      answered.map((step, index) => {
        const parse = modes.get(step.tool.name);
        const result = step.value === undefined ? undefined : parsed(step.value, parse);
        const { tool, args, resultsBefore, answeredAt, isFailed } = step;
        const key = `${tool.name} ${canonicalJson(args)}`;
        return { index, tool, args, resultsBefore, answeredAt, key, result, isFailed, parse };
      }),
    ),
  );
}

function answer(trace: Trace, catalogue: Catalogue): Result<readonly Answered[], readonly Finding[]> {
  const answered: Answered[] = [];
  const findings: Finding[] = [];
  const values = new Map<string, Json>();
  const answers = new Map<string, number>();
  for (const event of trace.events) {
    if (event.type !== "result") continue;
    values.set(event.id, event.value);
    answers.set(event.id, answers.size + 1);
  }
  let results = 0;
  for (const [place, event] of trace.events.entries()) {
    if (event.type === "result") {
      results++;
      continue;
    }
    const tool = catalogue.resolve(event.tool, ["events", place, "tool"]);
    if (!tool.ok) {
      findings.push(tool.error);
      continue;
    }
    const value = values.get(event.id);
    const isFailed = value !== undefined && isErrorResult(value);
    const args = withoutNull(event.args);
    const answeredAt = answers.get(event.id);
    answered.push({ tool: tool.value, args, resultsBefore: results, answeredAt, value: isFailed ? undefined : value, isFailed });
  }
  return findings.length > 0 ? err(findings) : ok(answered);
}

/** Whether the result of a call had come back when another was made (`undefined`: at the end of the run). Calls made at once have not seen each other. */
export function isSeenAt(step: Step, by: Step | undefined): boolean {
  return by === undefined || (step.answeredAt !== undefined && step.answeredAt <= by.resultsBefore);
}

function withoutNull(args: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** How all textual results of one tool can be read as data: JSON before YAML; neither if one of them is prose. */
function parseOf(values: readonly Json[]): "json" | "yaml" | undefined {
  if (values.length === 0 || !values.every((value) => typeof value === "string")) return undefined;
  const texts = values as readonly string[];
  const json = texts.map((text) => readJson(text));
  if (json.every((read) => read.ok && isStructured(read.value))) return "json";
  const yaml = texts.map((text) => readYaml(text));
  const isData = yaml.every(
    (read, place) => read.ok && (isStructured(read.value) ? hasPlainKeys(read.value) : isWordOnly(texts[place] ?? "")),
  );
  return isData && yaml.some((read) => read.ok && isStructured(read.value)) ? "yaml" : undefined;
}

function parsed(value: Json, parse: "json" | "yaml" | undefined): Json {
  if (parse === undefined || typeof value !== "string") return value;
  const read = parse === "json" ? readJson(value) : readYaml(value);
  return read.ok ? read.value : value;
}

function isStructured(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

/** Prose with a colon is YAML by accident; data has keys that look like names. */
function hasPlainKeys(value: Json): boolean {
  if (isArray(value)) return value.every(hasPlainKeys);
  if (!isObject(value)) return true;
  return Object.entries(value).every(
    ([key, inner]) => /^[\p{L}\p{N}_][\p{L}\p{N}_ .'&()/@+-]{0,60}$/u.test(key) && hasPlainKeys(inner),
  );
}

/** A scalar such as `None`: no sentence. */
function isWordOnly(text: string): boolean {
  return /^[^\s:]{0,40}$/.test(text.trim());
}

/** A catalogue made from the calls alone, for a trace that comes without one: every tool is judged by its name. */
export function catalogueOf(traces: readonly Trace[]): Result<Catalogue, readonly Finding[]> {
  const tools = new Map<string, Map<string, Json>>();
  for (const trace of traces) {
    for (const event of trace.events) {
      if (event.type !== "call") continue;
      const properties = tools.get(event.tool) ?? new Map<string, Json>();
      for (const [name, value] of Object.entries(event.args)) if (!properties.has(name)) properties.set(name, typeSchema(value));
      tools.set(event.tool, properties);
    }
  }
  const list = Array.from(tools, ([name, properties]) => ({
    name,
    inputSchema: { type: "object", properties: Object.fromEntries(properties) },
  }));
  return readCatalogue({ tools: list });
}

function typeSchema(value: Json): Json {
  if (value === null) return {};
  if (isArray(value)) return { type: "array" };
  return { type: typeof value === "bigint" ? "integer" : typeof value };
}
