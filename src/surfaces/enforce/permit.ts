/**
 * What an enforcement point answers: permits, results as they may be delivered, and denials.
 * Pure. No value of a call or a result enters a denial's code, text or remedies.
 */
import type { Code } from "../../codes.ts";
import { denialOf, type Verdict } from "../../decide/verdict.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import type { LabelValue } from "../../taint/label.ts";

export { denialOf } from "../../decide/verdict.ts";

/** A denial: the agent is told its code, constant text and remedies; facts and chain are the operator's. */
export type Denial = Extract<Verdict, { readonly decision: "deny" }>;

/** An allow. */
export type Allowance = Extract<Verdict, { readonly decision: "allow" }>;

/** An allowed call in flight. Whoever holds it may settle it, once. */
export interface Permit {
  readonly session: string;
  readonly run: number;
  /** Qualified name of the tool. */
  readonly tool: string;
  readonly args: JsonObject;
  /** The canonical text of `args`: exactly what was checked, and all that may be forwarded. */
  readonly body: string;
  /** Milliseconds since the epoch after which the result is refused. */
  readonly lease: number;
  /** UTF-8 bytes that the result may have. */
  readonly resultBytesMax: number;
  /** Whether the result may pass as it comes: the agent sees all of it, and no rule refers to it. */
  readonly isStreamable: boolean;
  /** The receipt that goes along, where the call is to another agent: as header `Sluice-Receipt`, or `_meta["sluice/receipt"]`. */
  readonly receipt?: string;
}

/** A run by its session and number: all that settling it needs. */
export type RunName = Pick<Permit, "session" | "run">;

/** The answer to a call: a permit, or a denial. */
export type Checked =
  | { readonly allow: true; readonly verdict: Allowance; readonly permit: Permit }
  | { readonly allow: false; readonly verdict: Denial };

/** What the agent is given of a result, or why it is given none. */
export type Settled =
  | {
      readonly ok: true;
      readonly delivered: Json;
      /** Whether the tool answered with an error that the agent may know of. */
      readonly isError: boolean;
      /** Whether the agent sees the answer as the tool gave it. If not, nothing else of the answer (status, headers) may be shown either. */
      readonly isWhole: boolean;
      /** The label of all of the result, as other plans would be told; absent where a result is shown again. */
      readonly label?: LabelValue;
    }
  | { readonly ok: false; readonly verdict: Denial };

/** A call denied by code alone. */
export function checkFailed(code: Code): Checked {
  return { allow: false, verdict: denialOf(code) };
}

/** A result refused by code alone. */
export function settleFailed(code: Code): Settled {
  return { ok: false, verdict: denialOf(code) };
}
