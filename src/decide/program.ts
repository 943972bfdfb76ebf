/**
 * A compiled plan with its label space: what every session of the plan shares.
 * Pure. No I/O, no clock.
 */
import type { SqlDialect, SqlParser } from "../constraints/sql.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import { createLabelSpace, type Label, type LabelSpace } from "../taint/label.ts";
import type { Ready } from "./ready.ts";

/** A plan ready to decide. Made once for a plan, used by all its sessions. */
export interface Program {
  readonly plan: CompiledPlan;
  readonly labels: LabelSpace;
  /** Parsers of the dialects of SQL that the plan names. */
  readonly sql: ReadonlyMap<SqlDialect, SqlParser>;
  /** Who must approve a call that waits for approval: so many different people, of these if names are given. */
  readonly approval: CallApproval;
  /** Label of each node's tool, by node index. */
  readonly toolLabels: readonly Label[];
  /** `user_input`. */
  readonly userInput: Label;
  /** Nodes that were tried, by index, as they were made ready (`ready.ts`). Derived, kept for speed. */
  readonly ready: (Ready | undefined)[];
  /** What a parameter of the host is made of. */
  readonly userInputs: { readonly label: Label; readonly isContext: false; readonly runs: readonly [] };
}

/** Who approves held calls. */
export interface CallApproval {
  readonly by?: readonly string[];
  readonly people: number;
  /** The keys of those who have one, by name: two names with one key are one person. */
  readonly keys?: ReadonlyMap<string, string>;
}

/** How many different people of those who may approve are among these names. */
export function countPeople(names: Iterable<string>, { by, keys }: Pick<CallApproval, "by" | "keys">): number {
  const people = new Set<string>();
  for (const name of names) {
    if (by?.includes(name) === false) continue;
    const key = keys?.get(name);
    people.add(key === undefined ? `name ${name}` : `key ${key}`);
  }
  return people.size;
}

/** Prepares a compiled plan. */
export function createProgram(
  plan: CompiledPlan,
  sql: readonly SqlParser[] = [],
  approval: CallApproval = { people: 1 },
): Program {
  const labels = createLabelSpace(plan.labels, plan.frozen.plan.flows ?? []);
  const userInput = labels.of(["user_input"]);
  const toolLabels = plan.nodes.map((node) => labels.of(node.labels));
  const parsers = new Map(sql.map((parser) => [parser.dialect, parser]));
  return {
    plan,
    labels,
    sql: parsers,
    approval,
    toolLabels,
    userInput,
    ready: new Array<Ready | undefined>(plan.nodes.length).fill(undefined),
    userInputs: { label: userInput, isContext: false, runs: [] },
  };
}
