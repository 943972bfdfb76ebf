/**
 * From calls of tools to steps: which tool, what it waits for, and the rows that it runs for.
 * Pure. Never makes a step whose arguments another round of a loop would fill.
 */
import { inputProperties, outputSchema, roleOf } from "../../catalogue/catalogue.ts";
import { loopRowsDefault } from "../../limits.ts";
import type { ArgRule, FrozenTool, Role } from "../../plan/plan.ts";
import type { ImportError, Place } from "../intent.ts";
import { type Cel, both, literal, printCel } from "./cel.ts";
import { CodeFault } from "./fault.ts";
import { kindOfSchema, kinds, type Kind } from "./kind.ts";
import { afterCall, waitsFor } from "./order.ts";
import { needlessWaits } from "./reach.ts";
import { rowsOf, type Rows } from "./rows.ts";
import { collectReads, openReads, type RoundReads, ruleOf } from "./rules.ts";
import { addStep, newName, NotRows, type RowClause, spendWork, type State } from "./state.ts";
import { isPerRow, nodeOfCell } from "./emit.ts";
import type { Value } from "./value.ts";

/** A call whose arguments are known. */
export interface ToolCallValues {
  readonly callee: readonly string[];
  readonly positional: readonly Value[];
  readonly named: readonly { readonly name: string; readonly value: Value }[];
  /** The name that the code gives to the result. */
  readonly hint: string | undefined;
  readonly place: Place;
}

/** Adds the step of a call, and gives its result. */
export function makeCall(state: State, call: ToolCallValues): Value {
  spendWork(state, call.place);
  const tool = toolOf(state, call);
  const { positional, named } = argumentsOf(state, call);
  const values = [...positional, ...named.map(({ value }) => value)];
  for (const value of values) settleCells(state, value, call.place);
  const reads = readsOf(values);
  const when = guardOf(state);
  const rows = roundOf(state, { reads, place: call.place });
  const name = newName(state, call.hint ?? tool.written.split(/[./]/).at(-1) ?? "call");
  const properties = tool.found === undefined ? [] : [...inputProperties(tool.found).keys()];
  const at = (argument: string | undefined): { role: Role; place: Place; items: Rows["items"] } => ({
    role: (tool.found !== undefined && argument !== undefined ? roleOf(tool.found, argument) : undefined) ?? guessRole(argument),
    place: call.place,
    items: rows?.items ?? new Map(),
  });
  const args: { [name: string]: ArgRule } = {};
  for (const { name: argument, value } of named) args[argument] = ruleOf(state, value, at(argument));
  const byPlace = positional.map((value, i) => ruleOf(state, value, at(properties[i])));
  const isReader = tool.found !== undefined && isReading(tool.found);
  const wait = { tool: tool.written, isReader };
  const after = waitsFor(state.order, wait).filter((other) => other !== rows?.source);
  const step = {
    name,
    tool: tool.written,
    ...(named.length === 0 ? {} : { args }),
    ...(byPlace.length === 0 ? {} : { positional: byPlace }),
    ...(rows === undefined ? {} : { each: rows.each }),
    ...(when === undefined ? {} : { when }),
    place: call.place,
  };
  const isLoop = rows !== undefined;
  if (isLoop && typeof rows.each !== "string") noteBound(state, name, rows.each.max);
  if (isLoop) noteRound(state, name, { isReader, isChained: typeof rows.each === "string", place: call.place });
  const own = isLoop ? after.filter((other) => state.loop?.calls.has(other) !== true) : after;
  const needed = needlessWaits(state.steps, step, own);
  addStep(state, needed.length === 0 ? step : { ...step, after: needed });
  state.order = afterCall(state.order, name, { ...wait, isLoop });
  const base = isLoop ? ({ at: "run", name } as const) : ({ at: "node", name } as const);
  return { kind: "ref", base, steps: [], type: resultKind(tool.found) };
}

function noteBound(state: State, name: string, max: number): void {
  const message = `nothing says how often this runs: more than ${max} rows deny all of its calls; write the number that the task needs`;
  state.findings.push({ code: "IMPORT_LOOP_BOUND", severity: "warning", pointer: `/nodes/${name}/each`, message });
}

/** The condition under which a call is made. */
function guardOf(state: State): string | undefined {
  const guard = state.guards.reduce<Cel>((all, next) => both(all, next), literal(true));
  if (guard.op === "literal" && guard.value === true) return undefined;
  // A condition on the round is none of the node: no row can be told from another by it.
  if (isPerRow(guard)) throw new NotRows();
  return printCel(guard);
}

interface FoundTool {
  /** As the step says it. */
  readonly written: string;
  readonly found: FrozenTool | undefined;
}

/** What code calls the thing that has the tools. */
const holders: ReadonlySet<string> = new Set(["tools", "tool", "mcp", "client", "api", "servers", "functions"]);

/** The tool of `tools.mail.send`, `mail.send`, `send` or `"mail/send"`: the longest spelling that the catalogue has. */
function toolOf(state: State, { callee, place }: ToolCallValues): FoundTool {
  const spellings = callee.flatMap((_, from) => {
    const rest = callee.slice(from);
    return rest.length === 2 ? [rest.join("/"), rest.join(".")] : [rest.join(".")];
  });
  if (state.find === undefined) {
    const rest = callee.length > 1 && holders.has(callee[0] ?? "") ? callee.slice(1) : callee;
    return { written: rest.length === 2 ? rest.join("/") : rest.join("."), found: undefined };
  }
  let firstFault: Pick<ImportError, "code" | "message"> | undefined;
  for (const written of spellings) {
    const found = state.find(written);
    if (found.ok) return { written: found.value.name, found: found.value };
    if (found.error.code !== "IMPORT_TOOL_UNKNOWN" || firstFault === undefined) firstFault = found.error;
  }
  throw new CodeFault({ ...(firstFault ?? { code: "IMPORT_TOOL_UNKNOWN", message: "this is no tool" }), place });
}

/** A single object by its place is the arguments by name, as JavaScript calls tools. */
function argumentsOf(state: State, call: ToolCallValues): Pick<ToolCallValues, "positional" | "named"> {
  const [only] = call.positional;
  if (state.language !== "javascript" || call.positional.length !== 1 || only === undefined || call.named.length > 0) return call;
  if (only.kind === "object") return { positional: [], named: Array.from(only.members, ([name, value]) => ({ name, value })) };
  if (only.kind === "const" && typeof only.value === "object" && only.value !== null && !Array.isArray(only.value)) {
    return {
      positional: [],
      named: Object.entries(only.value).map(([name, value]) => ({ name, value: { kind: "const", value } })),
    };
  }
  return call;
}

const contentWords = /^(body|subject|message|content|text|title|description|comment|summary|note|caption)$/i;

/** Without a catalogue the names of arguments say what they are for, as they do where a catalogue is silent. */
function guessRole(argument: string | undefined): Role {
  return argument !== undefined && contentWords.test(argument) ? "content" : "target";
}

/** Whether a tool changes nothing. */
function isReading({ facts }: FrozenTool): boolean {
  return facts.effects.every((effect) => effect === "read" || effect === "network") && facts.effects.includes("read");
}

function resultKind(tool: FrozenTool | undefined): Kind {
  const schema = tool === undefined ? undefined : outputSchema(tool);
  return schema === undefined ? kinds.unknown : kindOfSchema({ root: schema, schema, isPromise: true });
}

/** Makes the nodes of what is computed before the node that reads it. */
function settleCells(state: State, value: Value, place: Place): void {
  if (value.kind === "shared") {
    if (value.cell.value.kind === "text") settleCells(state, value.cell.value, place);
    else nodeOfCell(state, value.cell, place);
  }
  if (value.kind === "list") for (const element of value.elements) settleCells(state, element, place);
  if (value.kind === "object") for (const part of value.members.values()) settleCells(state, part, place);
  if (value.kind === "text") for (const part of value.parts) if (typeof part !== "string") settleCells(state, part, place);
}

function readsOf(values: readonly Value[]): RoundReads {
  const reads = openReads();
  for (const value of values) collectReads(value, reads);
  return reads;
}

/** The rows of a call in a loop: those of the loop, or the runs of a call in the same round. */
function roundOf(state: State, { reads, place }: { readonly reads: RoundReads; readonly place: Place }): Rows | undefined {
  const { loop, rows } = state;
  if (loop === undefined) return undefined;
  const [run, another] = reads.runs;
  if (run !== undefined) {
    // One row has one value: what a call gave, or what it was called with.
    if (another !== undefined || reads.rows.size > 0 || !isSameRound(loop.calls.get(run)?.rows ?? [], rows)) throw new NotRows();
    return { each: run, items: new Map(), source: run };
  }
  return rowsOf(state, { read: reads.rows, members: reads.members, max: loopRowsDefault, place });
}

/** Whether two calls are made in the same rounds. */
export function isSameRound(a: readonly RowClause[], b: readonly RowClause[]): boolean {
  return a.length === b.length && a.every((clause, i) => clause.id === b[i]?.id && clause.tests.length === b[i]?.tests.length);
}

/** Notes a call of the round: after one that changes something only a call that reads its result keeps the order. */
function noteRound(
  state: State,
  name: string,
  { isReader, isChained }: { readonly isReader: boolean; readonly isChained: boolean; readonly place: Place },
): void {
  const { loop } = state;
  if (loop === undefined) return;
  const earlier = [...loop.calls.values()].filter((call) => !call.isReader);
  if (earlier.length > 0 && !isChained) throw new NotRows();
  loop.calls.set(name, { rows: state.rows, isReader });
}
