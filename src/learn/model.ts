/**
 * A plan while it is learned from several runs: nodes with the calls of each run, and for each value the rules that fit all of them.
 * Data; the one place of learning from several runs that changes as it goes. Never loses which run a value came from.
 */
import type { Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenTool } from "../plan/plan.ts";
import type { Slot } from "./align.ts";
import type { Argument } from "./argument.ts";
import type { Draft, LearnedRule } from "./draft.ts";
import type { Literal } from "./hypotheses.ts";
import type { Call } from "./nodes.ts";
import type { Source } from "./places.ts";
import type { Run } from "./runs.ts";
import { isSeenAt } from "./steps.ts";

/** What an element of the plan was taken to be. */
export type EvidenceKind =
  | "constant"
  | "parameter"
  | "reference"
  | "computed"
  | "item"
  | "choice"
  | "text"
  | "times"
  | "optional"
  | "guard"
  | "loop"
  | "order"
  | "constraint";

/** One rule that fits all runs which have the value. */
export interface Option {
  readonly kind: EvidenceKind;
  readonly cost: number;
  /** Absent: no word of the task in it. By the place of the run. */
  readonly literals?: ReadonlyMap<number, Json>;
  /** Whether the words are the host's to give, since the task does not say them. */
  readonly isHost?: boolean;
  /** What a parameter is called after. */
  readonly hint: string;
  /** The form, by which a further run is asked for its word; absent: its value is the word. */
  readonly key?: string;
  readonly build: (literal: Literal, draft: Draft) => LearnedRule;
  readonly findings: readonly Finding[];
}

/** A value of a call, in one run. */
export interface Cell {
  readonly run: Run;
  readonly call: Call;
  readonly value: Json;
}

/** An argument, or a part of one, that one rule gives. */
export interface Leaf {
  readonly kind: "leaf";
  readonly argument: Argument;
  readonly cells: readonly Cell[];
  /** Calls of the slot without it. */
  readonly absent: readonly Omit<Cell, "value">[];
  /** Best first; the last one always holds. */
  readonly options: readonly Option[];
  /** Place of the option that is tried. */
  chosen: number;
}

/** How an argument is put together: one rule, or a rule for each of its parts. */
export type Tree =
  | Leaf
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Tree> }
  | { readonly kind: "list"; readonly elements: readonly Tree[] };

/** A loop over the rows of an earlier result. */
export interface RunLoop {
  readonly source: NodeModel;
  /** Names that lead to the list in the result. */
  readonly prefix: readonly string[];
  /** How arguments come from a row. */
  readonly items: ReadonlyMap<string, { readonly item: string; readonly extract?: Json }>;
  /** CEL over `item`; absent: every row. */
  readonly where?: string;
  /** Word of the task that `where` compares with, by run: a parameter. `where` has it as `params.{}`. */
  readonly word?: { readonly hint: string; readonly literals: ReadonlyMap<number, Json> };
  /** Whether the agent left rows out. */
  readonly isPartial: boolean;
  /** Rows of the longest list. */
  readonly rows: number;
}

/** How it depends on something that a node runs. */
export type Presence =
  | { readonly kind: "always" }
  | { readonly kind: "optional" }
  | { readonly kind: "guard"; readonly when: string; readonly reads: readonly string[]; readonly others: number };

/** One node. */
export interface NodeModel extends Slot {
  readonly name: string;
  readonly tool: FrozenTool;
  calls: Map<number, readonly Call[]>;
  loop?: RunLoop;
  /** Arguments of which the host gives the values of each call, as a list of rows: several calls that nothing tells apart. */
  rows?: readonly string[];
  presence: Presence;
  /** Arguments, in ascending order of their names. */
  args: ReadonlyMap<string, Tree>;
  /** Whether it may run only as often as seen, although it reads. */
  isExact: boolean;
  /** Whether its order after other nodes is left to its references. */
  isUnordered: boolean;
  /** Whether the constraints that the runs suggest are left out, since they denied one. */
  isUnbounded: boolean;
}

/** Everything that is being learned. */
export interface Model {
  readonly runs: readonly Run[];
  readonly nodes: NodeModel[];
  readonly draft: Draft;
  readonly isTrusted: (tool: FrozenTool) => boolean;
}

/** The leaves of an argument. */
export function leavesOf(tree: Tree): readonly Leaf[] {
  if (tree.kind === "leaf") return [tree];
  return [...(tree.kind === "object" ? tree.members.values() : tree.elements)].flatMap(leavesOf);
}

/** The rule that is tried for a leaf. */
export function optionOf({ options, chosen }: Leaf): Option {
  const option = options[Math.min(chosen, options.length - 1)];
  if (option === undefined) throw new Error("a leaf has at least one option");
  return option;
}

/** What a reference sees in one run when a call is made: the results of earlier calls, under the names of their nodes. */
export function sourcesIn(model: Pick<Model, "nodes">, run: Run, before: number): readonly Source[] {
  const by = run.steps[before];
  return model.nodes.flatMap((node): readonly Source[] => {
    const calls = node.calls.get(run.place) ?? [];
    const good = calls.map((call) => call.run).filter((step) => step.result !== undefined && isSeenAt(step, by));
    if (good.length === 0) return [];
    const isLoop = node.loop !== undefined;
    const results = (isLoop ? good : good.slice(0, 1)).map((step) => step.result as Json);
    return [{ name: node.name, runs: results, isLoop, isPartial: node.loop?.isPartial === true }];
  });
}
