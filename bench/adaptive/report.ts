/**
 * What a run of the adaptive attacker reports: plain data, as `results/adaptive.json` has it.
 * Types only.
 */
import type { Technique } from "./mutant.ts";
import type { Sort } from "./oracle.ts";
import type { SetName } from "./sets.ts";
import type { RuleKind } from "./weakenings.ts";

/** What came of one technique. */
export interface TechniqueRow {
  readonly technique: Technique;
  readonly tries: number;
  readonly sorts: { readonly [sort in Sort | "denied"]: number };
  /** Codes of the denials. */
  readonly codes: { readonly [code: string]: number };
}

/** What came of one set of benign runs. */
export interface SetRow {
  readonly set: SetName;
  readonly runs: number;
  readonly calls: number;
  /** Recorded benign calls that the plan denies: the unmutated trace must pass. Traces of attacks and generated ones begin with what is allowed in them. */
  readonly benignDenied: number;
  readonly tries: number;
  /** Of what was enumerated with a bound, how much there was and how much was tried. */
  readonly enumerated: number;
  readonly taken: number;
  readonly violations: number;
  readonly differences: number;
  /** What of the set was not used, and why. */
  readonly left: readonly string[];
}

/** What came of the weakenings of one kind of rule. */
export interface WeakeningRow {
  readonly kind: RuleKind;
  readonly all: number;
  readonly through: number;
  readonly judged: number;
  /** Some of those that nothing showed. */
  readonly unseen: readonly string[];
}

/** Something that went wrong, with a run that shows it. */
export interface WrongRow {
  readonly plan: string;
  readonly technique: Technique;
  readonly what: string;
  readonly why: string;
  readonly moves: readonly unknown[];
}

/** Controls without which an attack that finds nothing would mean nothing. */
export interface Controls {
  /** Races over a store that forgets to compare versions, and how many of them the oracle calls lost. */
  readonly racesWithoutCompare: { readonly all: number; readonly lost: number };
  /** The user's own note makes the round trip and is sent. */
  readonly cleanTrips: { readonly all: number; readonly sent: number };
  /** Tainted round trips through tools whose resources nobody declared. */
  readonly undeclaredTrips: { readonly all: number; readonly sent: number };
  /** Receipts that are genuine. */
  readonly genuineReceipts: { readonly all: number; readonly admitted: number };
}

/** A run of the adaptive attacker. */
export interface AdaptiveReport {
  readonly seed: number;
  readonly values: number;
  readonly weakenedValues: number;
  readonly sets: readonly SetRow[];
  readonly techniques: readonly TechniqueRow[];
  /** What announced the calls that were allowed: findings, endorsements, the plan's own counts. */
  readonly announced: { readonly [name: string]: number };
  readonly violations: readonly WrongRow[];
  readonly differences: readonly WrongRow[];
  readonly weakenings: readonly WeakeningRow[];
  readonly controls: Controls;
}
