/**
 * What a decision says to those who read it: the agent a code and remedies, the operator facts and the taint chain.
 * Pure. No I/O, no clock. No value of a call or a result enters what the agent reads.
 */
import { type Code, CODES, type RemedyKind } from "../codes.ts";
import type { JsonObject } from "../json/value.ts";
import type { LabelValue } from "../taint/label.ts";
import { type ChainLink, chainOf } from "./chain.ts";
import type { Decision } from "./decide.ts";
import type { Reservation } from "./constraints.ts";
import type { Program } from "./program.ts";
import type { SessionState } from "./state.ts";

/** What could be done about a denial. An enforcement point that ignores it stays safe. */
export interface Remedy {
  readonly kind: RemedyKind;
  /** Name of the argument, where it is one of the plan's. */
  readonly argument?: string;
  /** Id of the approval that is asked for. */
  readonly approval?: string;
  /** Seconds to wait, where they are known. */
  readonly seconds?: number;
}

/** The verdict on one call. */
export type Verdict =
  | {
      readonly decision: "allow";
      readonly run: number;
      readonly node: string;
      readonly row?: string;
      /** The final arguments: what was checked is what may be forwarded. */
      readonly args: JsonObject;
      readonly labels: { readonly [arg: string]: LabelValue };
      readonly shared: readonly Reservation[];
    }
  | {
      readonly decision: "deny";
      readonly code: Code;
      /** Constant text for the code; safe for a model. */
      readonly text: string;
      readonly remedies: readonly Remedy[];
      /** For the operator: never sent to the agent. */
      readonly facts: {
        readonly node?: string;
        readonly argument?: string;
        readonly rule?: string;
        readonly labels?: LabelValue;
      };
      /** For the operator. */
      readonly chain: readonly ChainLink[];
    };

/** Makes the verdict of a decision; the state is the one that was decided on. */
export function verdictOf(program: Program, state: SessionState, decision: Decision): Verdict {
  if (decision.allow) {
    const { fit, run } = decision;
    const row = fit.row === undefined ? {} : { row: fit.row.key };
    return {
      decision: "allow",
      run,
      node: fit.node.name,
      ...row,
      args: fit.final,
      shared: fit.shared,
      // Named only when asked for: a context may have any number of sources.
      get labels() {
        return Object.fromEntries(
          fit.args.filter(({ value }) => value !== undefined).map(({ arg, label }) => [arg.name, program.labels.toValue(label)]),
        );
      },
    };
  }
  const { code, misfit } = decision;
  const { node, arg, flow } = misfit;
  return {
    decision: "deny",
    code,
    text: CODES[code].text,
    remedies: remediesOf(code, code === "HIDDEN" ? undefined : arg?.split("/")[0], decision.approval),
    facts: {
      ...(node === undefined ? {} : { node: node.name }),
      ...(arg === undefined ? {} : { argument: arg }),
      ...(flow?.rule === undefined ? {} : { rule: flow.rule }),
      ...(flow === undefined ? {} : { labels: program.labels.toValue(flow.label) }),
    },
    chain: chainOf(program, state, { misfit, tool: decision.event.tool }),
  };
}

/** A denial that no decision made: by code alone, and the approval that it is about. */
export function denialOf(code: Code, approval?: string): Verdict & { readonly decision: "deny" } {
  return {
    decision: "deny",
    code,
    text: CODES[code].text,
    remedies: remediesOf(code, undefined, approval),
    facts: {},
    chain: [],
  };
}

/**
 * What can be done about a denial with this code. `argument` is the plan's own name of the argument that failed, where it is no secret which one did.
 */
export function remediesOf(code: Code, argument?: string, approval?: string): readonly Remedy[] {
  // An argument that the plan does not know is the agent's own word: it is not repeated.
  const named = argument === undefined || code === "ARG_UNEXPECTED" || code === "HIDDEN" ? {} : { argument };
  return (CODES[code].remedies ?? []).map((kind) => ({
    kind,
    ...(kind.endsWith("argument") ? named : {}),
    ...(kind === "ask-approval" && approval !== undefined ? { approval } : {}),
  }));
}
