/**
 * A trace: what one run of an agent called and what came back, as `learn` and `replay` read it from JSON Lines.
 * Pure. Never skips a line that it cannot read, and never guesses which call a result belongs to.
 */
import { isObject, type Json, type JsonObject, member } from "./json/value.ts";
import { readJsonLines } from "./json/lines.ts";
import type { ReadError } from "./json/read.ts";
import { traceEventsMax } from "./limits.ts";
import { err, ok, type Result } from "./result.ts";

/** One attempted call. `tool` is qualified (`server/tool`), or bare where exactly one tool has that name. */
export interface TraceCall {
  readonly type: "call";
  readonly id: string;
  readonly tool: string;
  readonly args: JsonObject;
}

/** What a call returned: any JSON, prose as a string, or `{"error": …}` for a call that failed. */
export interface TraceResult {
  readonly type: "result";
  readonly id: string;
  readonly value: Json;
}

/** A line of a trace. */
export type TraceEvent = TraceCall | TraceResult;

/** One recorded run. */
export interface Trace {
  /** The user's words, if the trace has them. */
  readonly task?: string;
  readonly events: readonly TraceEvent[];
}

/** Why a text is no trace. `line` counts from 1; `pointer` is within the line's value. */
export interface TraceError {
  readonly code: ReadError["code"] | "TRACE_MALFORMED" | "TRACE_TOO_LARGE";
  readonly line: number;
  readonly pointer: string;
  readonly message: string;
}

type Fault = Omit<TraceError, "line">;

/**
 * Reads a trace (JSON Lines): `{"type":"task","text"}` at most once and first, then `{"type":"call","id","tool","args"}` and
 * `{"type":"result","id","value"}` in order. Other members of a line are ignored. An `id` is a string or an integer.
 * Errors: those of the strict JSON reader; `TRACE_MALFORMED` for a line of another shape, an id that is used twice or not known.
 */
export function readTrace(text: string): Result<Trace, TraceError> {
  const lines = readJsonLines(text);
  if (!lines.ok) {
    const { code, line, pointer, message } = lines.error;
    return err({ code, line, pointer, message });
  }
  const events: TraceEvent[] = [];
  const open = new Map<string, "open" | "done">();
  let task: string | undefined;
  for (const [index, { line, value }] of lines.value.entries()) {
    if (index >= traceEventsMax) {
      return err({ code: "TRACE_TOO_LARGE", line, pointer: "", message: `a trace has at most ${traceEventsMax} lines` });
    }
    const read = readLine(value, { isFirst: index === 0, open });
    if (!read.ok) return err({ ...read.error, line });
    if (typeof read.value === "string") task = read.value;
    else events.push(read.value);
  }
  return ok({ ...(task === undefined ? {} : { task }), events });
}

interface LineContext {
  readonly isFirst: boolean;
  readonly open: Map<string, "open" | "done">;
}

/** One line: an event, or the text of the task. */
function readLine(value: Json, { isFirst, open }: LineContext): Result<TraceEvent | string, Fault> {
  if (!isObject(value)) return malformed("", "a line of a trace is an object with `type`");
  const type = member(value, "type");
  if (type === "task") {
    const text = member(value, "text");
    if (typeof text !== "string") return malformed("/text", "the task has its words in `text`");
    return isFirst ? ok(text) : malformed("/type", "the task comes first and once");
  }
  if (type !== "call" && type !== "result") return malformed("/type", "`type` is `task`, `call` or `result`");
  const id = idOf(member(value, "id"));
  if (id === undefined) return malformed("/id", "`id` is a string or an integer");
  if (type === "call") {
    if (open.has(id)) return malformed("/id", "the id of an earlier call: each call has its own");
    const tool = member(value, "tool");
    const args = member(value, "args") ?? {};
    if (typeof tool !== "string" || tool === "") return malformed("/tool", "`tool` is the name of a tool");
    if (!isObject(args)) return malformed("/args", "`args` is an object");
    open.set(id, "open");
    return ok({ type, id, tool, args });
  }
  if (open.get(id) !== "open") return malformed("/id", "a result belongs to one earlier call that has none yet");
  const result = member(value, "value");
  if (result === undefined) return malformed("/value", "a result has a `value` (any JSON, also null)");
  open.set(id, "done");
  return ok({ type, id, value: result });
}

function idOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)) ? String(value) : undefined;
}

function malformed(pointer: string, message: string): Result<never, Fault> {
  return err({ code: "TRACE_MALFORMED", pointer, message });
}

/** The trace without the nodes that its calls name (`sluice_node`): they are those of the plan under which it was recorded. */
export function withoutNodeNames(trace: Trace): Trace {
  const events = trace.events.map((event): TraceEvent => {
    if (event.type === "result" || !Object.hasOwn(event.args, "sluice_node")) return event;
    const { sluice_node: _, ...args } = event.args;
    return { ...event, args };
  });
  return { ...trace, events };
}

/** Whether a result says that its call failed (`{"error": …}` and nothing else). */
export function isErrorResult(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, "error") && value.error !== null;
}
