/**
 * What every way of learning an argument shares: what it looks at, how it writes a reference, what it reports.
 * Pure but for the draft's findings. Never puts a value into a message unshortened.
 */
import { canonicalJson } from "../json/canonical.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, FrozenTool, Role } from "../plan/plan.ts";
import { bareName } from "../plan/tool-name.ts";
import { addLet, type Draft, type Strength } from "./draft.ts";
import type { Table } from "./from-tables.ts";
import type { Source } from "./places.ts";
import type { Selection } from "./select.ts";
import type { TaskWords } from "./task-words.ts";

/** Characters of free text that an agent may always write. Longer ones are allowed where the run had longer ones. */
export const writeCharsMin = 4_000;

/** What an argument is learned from. */
export interface ArgumentContext {
  readonly draft: Draft;
  readonly task: TaskWords;
  readonly tool: FrozenTool;
  /** Name of the node, for pointers and messages. */
  readonly node: string;
  readonly sources: readonly Source[];
  /** Values of the trace that an anchor should not quote. */
  readonly avoid: readonly string[];
  /** Texts among the arguments of the trace that the task has. */
  readonly given: readonly string[];
  /** Lists and what a call returned for each of their elements. */
  readonly tables: readonly Table[];
  /** Whether no result had come back before: what the agent chooses then, nobody else has a hand in. */
  readonly isFirst: boolean;
  /** Whether nobody untrusted wrote what the agent has read by then: it may pick for itself. */
  readonly isTrusted: boolean;
  /** Whether a text occurs in a result of the trace. */
  readonly isData: (text: string) => boolean;
  /** Whether values from lists may be taken by position or left to the agent. */
  readonly canGuess: boolean;
  /** Whether the whole call is to be taken literally, since looser rules would deny the run. */
  readonly isLiteralCall: boolean;
  /** Whether an argument is to be taken literally. */
  readonly isLiteral: (arg: string) => boolean;
}

/** An argument, or a part of one. */
export interface Argument {
  readonly name: string;
  readonly role: Role;
  /** Path of the rule within `args`, for pointers. */
  readonly path: readonly (string | number)[];
}

/** A value as a rule: objects and lists of objects need the long form. */
export function constant(value: Json): ArgRule {
  return typeof value === "object" && value !== null ? { const: value } : typeof value === "bigint" ? { const: value } : value;
}

/** How well a selection is founded. */
export function strengthOf(how: Selection["how"]): Strength {
  if (how === "path" || how === "row" || how === "word" || how === "only") return "named";
  return how === "value" || how === "same" || how === "open" ? "guess" : "told";
}

/** The word or value of the task that a selection repeats. */
export function literalsOf(selection: Selection): { readonly literals?: readonly Json[] } {
  return selection.literal === undefined || selection.how === "flag" || selection.how === "value"
    ? {}
    : { literals: [selection.literal] };
}

/** Writes a selection as a reference, with its `let` node if it needs one. */
export function referenceOf(
  selection: Selection,
  context: ArgumentContext,
): { readonly reference: string; readonly reads: readonly string[] } {
  const { source, rows, path } = selection;
  if (rows === undefined) return { reference: `${source.name}${path}`, reads: [source.name] };
  const name = addLet(context.draft, { hint: `${source.name}_${rows.hint}`, expression: rows.expression }, [source.name]);
  return { reference: `${name}${path}`, reads: [name] };
}

/** Roles of what is acted on, run or proved: nobody but the user and the data that he points at has a say there. */
export const steering: ReadonlySet<Role> = new Set(["target", "command", "credential"]);

/** What a human should know about how a row is found. */
const remarks: { readonly [H in Selection["how"]]?: (selection: Selection) => string } = {
  value: ({ literal }) => ` (the row with ${quoted(literal ?? null)}, which the task does not mention: confirm it)`,
  flag: ({ path }) => ` (the row that ${quoted(path)} selects, which the task does not mention: confirm it)`,
  same: () => " (the first row; in the trace all rows had the same)",
  open: () => " (the agent decides which rows there are: confirm it)",
};

/** Says that data of a result chooses an argument; for targets, commands and credentials that is what a human has to agree to. */
export function consent(
  argument: Pick<Argument, "name" | "role" | "path">,
  selection: Selection,
  context: Pick<ArgumentContext, "draft" | "node" | "tool">,
): void {
  const how = remarks[selection.how]?.(selection) ?? "";
  const message = `data from \`${selection.source.name}\` chooses \`${argument.name}\` of \`${bare(context.tool)}\`${how}`;
  const isSteering = steering.has(argument.role);
  const code = isSteering ? "LEARN_DATA_IN_TARGET" : "LEARN_DATA_IN_SELECTOR";
  say(context, argument.path, code, isSteering || how !== "" ? "warning" : "info", message);
}

/** An argument in a message. */
export function of(argument: Argument, context: ArgumentContext): string {
  return `\`${argument.name}\` of \`${bare(context.tool)}\``;
}

function bare(tool: FrozenTool): string {
  return bareName(tool.name);
}

/** Adds a finding at an argument of the node. */
export function say(
  context: Pick<ArgumentContext, "draft" | "node">,
  path: readonly (string | number)[],
  code: Finding["code"],
  severity: "warning" | "info",
  message: string,
): void {
  context.draft.findings.push({ code, severity, pointer: pointerOf(["nodes", context.node, "args", ...path]), message });
}

/** A value in a message: shortened, in back-quotes, on one line. */
export function quoted(value: Json): string {
  const text = typeof value === "string" ? value : canonicalJson(value);
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f`\u2028-\u202e\u2066-\u2069]/g, " ");
  return `\`${line.length > 60 ? `${line.slice(0, 57)}…` : line}\``;
}
