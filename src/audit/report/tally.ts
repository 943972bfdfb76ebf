/**
 * What the tallies of a report share: the record at hand with what is known of it, groups that never grow beyond a bound, and the world of their rows.
 * Pure. What does not fit a bound is counted, and said.
 */
import { reportGroupsMax, reportRowsMax } from "./bounds.ts";
import type { AuditRecord } from "../record.ts";
import type { Declared } from "./declared.ts";
import type { SectionName } from "./form.ts";
import type { NodeFacts, PlanFacts } from "./plan-facts.ts";
import type { Citing } from "./proof.ts";
import type { SessionSeen } from "./session-seen.ts";

/** A record that a report is about. */
export interface Taken {
  readonly record: AuditRecord;
  /** Whether it is of the period. Those before it are looked at for where data came from. */
  readonly isInPeriod: boolean;
  readonly plan?: PlanFacts | undefined;
  readonly node?: NodeFacts | undefined;
  readonly session?: SessionSeen | undefined;
}

/** What rows are made with. */
export interface Rows {
  readonly citing: Citing;
  readonly declared: Declared;
  readonly planName: (digest: string) => string;
  /** Who approved a plan, by name. */
  readonly approvers: (digest: string) => readonly string[];
  /** Milliseconds: the end of the period, or when the report is made. */
  readonly end: number;
  /** Counts rows beyond what a section holds. */
  readonly omit: (section: SectionName, count: number) => void;
}

/** Groups of records by a key. */
export interface Groups<T> {
  /** The group of a key, made if there is none; `undefined`: there are too many. */
  of(key: string, make: () => T): T | undefined;
  get(key: string): T | undefined;
  readonly values: () => readonly T[];
  /** Records that found no group. */
  readonly lost: () => number;
}

/** Opens groups. */
export function openGroups<T>(): Groups<T> {
  const groups = new Map<string, T>();
  let lost = 0;
  return {
    of: (key, make) => {
      const known = groups.get(key);
      if (known !== undefined) return known;
      if (groups.size >= reportGroupsMax) {
        lost += 1;
        return undefined;
      }
      const made = make();
      groups.set(key, made);
      return made;
    },
    get: (key) => groups.get(key),
    values: () => [...groups.values()],
    lost: () => lost,
  };
}

/** The rows of a section that a report holds; the others are counted. */
export function within<T>(rows: readonly T[], section: SectionName, { omit }: Rows, lost = 0): readonly T[] {
  if (rows.length > reportRowsMax || lost > 0) omit(section, Math.max(0, rows.length - reportRowsMax) + lost);
  return rows.slice(0, reportRowsMax);
}

/** Ascending by UTF-16 units. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
