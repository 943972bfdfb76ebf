/**
 * What a planner proposes, before it is a plan: calls, where each argument comes from, how sure it is, and the words of the task that
 * each decision rests on. Every planner (the local model, the memory of approved plans, an endpoint) makes this one form.
 * Types only.
 */
import type { Json } from "../json/value.ts";
import type { Decision } from "./adapt/calibration.ts";
import type { DraftTool } from "./tools.ts";
import type { ValueContext } from "./values/mention.ts";

/** A part of the task, in UTF-16 offsets; `end` is behind it. */
export interface Evidence {
  readonly start: number;
  readonly end: number;
}

/** Where a proposed argument comes from. */
export type ProposedSource =
  | { readonly kind: "constant"; readonly value: Json }
  /** The result of another call of the proposal (index), or the part at `path` (`[]`: elements of a list; empty: the whole). */
  | { readonly kind: "result"; readonly call: number; readonly path: readonly string[] }
  /** The task does not say it: it becomes a parameter that somebody is asked for. */
  | { readonly kind: "ask" };

/** One argument, or a part of one (`path` as in `DraftParam`). Optional arguments that the task does not mention are left out. */
export interface ProposedArgument {
  readonly path: readonly string[];
  readonly source: ProposedSource;
  /** 0 to 1, calibrated. */
  readonly confidence: number;
  readonly evidence?: Evidence;
  /** What else it may be, likeliest first. */
  readonly alternatives: readonly {
    readonly source: ProposedSource;
    readonly confidence: number;
    readonly evidence?: Evidence;
  }[];
}

/** One proposed call. */
export interface ProposedCall {
  readonly tool: DraftTool;
  readonly args: readonly ProposedArgument[];
  /** 0 to 1: that this call belongs to the task. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  /** Other tools for the same words, likeliest first. */
  readonly alternatives: readonly { readonly tool: DraftTool; readonly confidence: number }[];
}

/**
 * One decision: the set of tools (`tools`), that no tool fits (`none`, always given), or one of a call
 * (and of its argument, left out ones too) by index.
 */
export interface PlannerDecision extends Decision {
  readonly call?: number;
  readonly path?: readonly string[];
}

/** Why a planner proposes nothing. */
export type AbstentionCode = "INFER_NO_TOOL" | "INFER_AMBIGUOUS" | "INFER_OUT_OF_SCOPE" | "INFER_UNSURE";

/** A reason, with the candidates that were looked at. */
export interface Abstention {
  readonly code: AbstentionCode;
  /** One line, lower case, no full stop; says what would help. */
  readonly message: string;
  readonly candidates: readonly { readonly tool: string; readonly confidence: number }[];
}

/** What a planner makes of a task. */
export interface Proposal {
  /** In the order in which the task asks for them. */
  readonly calls: readonly ProposedCall[];
  /** 0 to 1: that the whole proposal is right; its weakest decision, calibrated. */
  readonly confidence: number;
  /** What the planner decided, each with its probability as the model says it, before any calibration; absent where there is no model. */
  readonly decisions?: readonly PlannerDecision[];
  /** If not empty the proposal is below what is kept, and `calls` is only its best guess. */
  readonly abstentions: readonly Abstention[];
  /** Which planner made it, and what it was made from (the digest of weights, the digest of a parent plan, a model's name). */
  readonly origin: { readonly planner: "model" | "memory" | "endpoint"; readonly from?: string };
}

/** A planner. Never throws for what a task or a catalogue says; rejects only where it cannot work (`InferError`). */
export interface Planner {
  propose(task: string, tools: readonly DraftTool[], context: ValueContext): Promise<Proposal>;
}
