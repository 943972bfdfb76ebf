/**
 * What a draft rests on, decision by decision: the words of the task, how sure the planner is, and what else it could have been.
 * Pure. Never decides anything: people and programs read it beside the plan.
 */
import type { Json } from "../../json/value.ts";
import type { Evidence, ProposedArgument, ProposedSource } from "../proposal.ts";
import type { PlannedCall } from "./calls.ts";
import type { WrittenRules } from "./arguments.ts";
import { pathText } from "./rows.ts";

/** Words of the task, with their place in UTF-16 offsets. */
export interface TaskWords extends Evidence {
  readonly text: string;
}

/** One thing that a decision could have been. */
export interface Choice {
  /** `tool`: which tool is called; else where an argument comes from. */
  readonly kind: "tool" | ProposedSource["kind"];
  /** A tool's name, a constant, a reference (`node$.path`), or for `ask` the name of the parameter, `null` where there is none. */
  readonly value: Json;
  /** 0 to 1, as the planner says it. */
  readonly confidence: number;
  readonly words: readonly TaskWords[];
}

/** One decision of a draft. */
export interface DraftDecision extends Choice {
  readonly node: string;
  /** `attendees[].email`; absent: which tool is called. */
  readonly argument?: string;
  /** Below {@link sureFrom}. */
  readonly isUnsure: boolean;
  /** What else it may be, likeliest first; only where it is unsure. */
  readonly alternatives: readonly Choice[];
}

/** Confidence from which on nobody needs to be shown what else a decision could have been. */
export const sureFrom = 0.9;
const alternativesMax = 3;

/** What decisions are told from. */
export interface DecisionsContext {
  readonly task: string;
  readonly calls: readonly PlannedCall[];
  /** Names of nodes in the plan, where they differ: equal calls are one node. */
  readonly joined: ReadonlyMap<string, string>;
}

/** The decisions of one call: its tool, then its arguments in order. */
export function decisionsOf(call: PlannedCall, written: WrittenRules, context: DecisionsContext): readonly DraftDecision[] {
  const { proposed, tool } = call;
  const node = context.joined.get(call.node) ?? call.node;
  const words = (evidence: readonly Evidence[]): readonly TaskWords[] => evidence.map((part) => wordsAt(context.task, part));
  const others = proposed.alternatives.map(
    (other): Choice => ({ kind: "tool", value: other.tool.name, confidence: other.confidence, words: [] }),
  );
  const called: Choice = {
    kind: "tool",
    value: tool.name,
    confidence: proposed.confidence,
    words: words(proposed.evidence),
  };
  const args = call.args.map((argument): DraftDecision => {
    const { confidence, evidence, source } = argument;
    const alternatives = argument.alternatives.map((other): Choice => choiceOf(other, context));
    const own = choiceOf({ source, confidence, ...(evidence === undefined ? {} : { evidence }) }, context);
    const value = source.kind === "ask" ? paramOf(argument, written) : own.value;
    return { node, argument: argumentName(argument.path), ...decided({ ...own, value }, alternatives) };
  });
  return [{ node, ...decided(called, others) }, ...args];
}

function decided(choice: Choice, alternatives: readonly Choice[]): Choice & Pick<DraftDecision, "isUnsure" | "alternatives"> {
  const isUnsure = choice.confidence < sureFrom;
  return { ...choice, isUnsure, alternatives: isUnsure ? alternatives.slice(0, alternativesMax) : [] };
}

function choiceOf(
  { source, confidence, evidence }: Omit<ProposedArgument, "path" | "alternatives">,
  { task, calls, joined }: DecisionsContext,
): Choice {
  const words = evidence === undefined ? [] : [wordsAt(task, evidence)];
  if (source.kind === "constant") return { kind: "constant", value: source.value, confidence, words };
  if (source.kind === "ask") return { kind: "ask", value: null, confidence, words };
  const node = calls[source.call]?.node ?? "";
  return { kind: "result", value: `${joined.get(node) ?? node}$${pathText(source.path)}`, confidence, words };
}

function paramOf(argument: ProposedArgument, { rules }: WrittenRules): Json {
  const rule = rules.get(argument);
  return typeof rule === "object" && rule !== null && "param" in rule ? rule.param : null;
}

/** A path as people write it: `attendees[].email`. */
export function argumentName(path: readonly string[]): string {
  return path.map((name, at) => (name === "[]" || at === 0 ? name : `.${name}`)).join("");
}

function wordsAt(task: string, { start, end }: Evidence): TaskWords {
  return { text: task.slice(start, end), start, end };
}
