/**
 * The port of telemetry: what an enforcement point tells of its work, as it happens.
 * Never given a value of a call or a result, nor a name that no plan has: codes, digests, and names of plans alone.
 */
import type { Code } from "../codes.ts";

/** A check that has been answered, or a denial that a surface made before there was a call to decide. */
export interface CheckTold {
  readonly kind: "check";
  /** `hold`: the call waits for a human. */
  readonly verdict: "allow" | "deny" | "hold";
  /** Why it was not allowed. */
  readonly code?: Code;
  /** Qualified name of the tool, if the session's plan has it. */
  readonly tool?: string;
  readonly node?: string;
  /** Number of the run, of an allow. */
  readonly run?: number;
  /** Absent: the token opens no session. */
  readonly session?: string;
  /** Digest of the plan that the session runs under. */
  readonly plan?: string;
  /** Names of the labels that the verdict rests on, as far as the plan declares them; sorted. Worked out only when asked for. */
  readonly labels: () => readonly string[];
  /** Seconds from the question to the answer, waiting for other calls of the session included, without waiting for people. */
  readonly seconds: number;
}

/** A result that was taken, or refused. */
export interface SettleTold {
  readonly kind: "settle";
  /** `delivered`: the agent gets it. `error`: it gets the tool's error. `refused`: it gets the denial `code`. */
  readonly outcome: "delivered" | "error" | "refused";
  readonly code?: Code;
  readonly session: string;
  readonly run: number;
  /** Seconds that taking the result took; not those of the tool. */
  readonly seconds: number;
}

/** A session that was opened, not opened, or closed. */
export interface SessionTold {
  readonly kind: "session";
  readonly event: "opened" | "refused" | "closed";
  readonly code?: Code;
  readonly session?: string;
  readonly plan?: string;
}

/** A method of the store that has answered. */
export interface StoreTold {
  readonly kind: "store";
  /** Name of the method: `commit`, `load`, … */
  readonly method: string;
  /** Kind of the failure; absent: it was done. */
  readonly failure?: "conflict" | "budget" | "unknown" | "exists" | "unavailable";
  readonly seconds: number;
}

/** What telemetry is told. */
export type Told = CheckTold | SettleTold | SessionTold | StoreTold;

/** Takes what is told. It is called in the path of calls: it must return at once, and what it throws is dropped. */
export type Telemetry = (told: Told) => void;

/** One telemetry for several; one that throws keeps nothing from the others. */
export function toEach(telemetries: readonly Telemetry[]): Telemetry {
  return (told) => {
    for (const telemetry of telemetries) tellSafely(telemetry, told);
  };
}

/** Tells; whatever goes wrong changes nothing, also later. */
export function tellSafely(telemetry: Telemetry, told: Told): void {
  try {
    const answer: unknown = telemetry(told);
    // A host may have given an async function all the same.
    if (answer instanceof Promise) answer.catch(() => undefined);
  } catch {
    // Telemetry that fails changes no verdict.
  }
}
