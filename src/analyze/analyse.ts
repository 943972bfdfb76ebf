/**
 * Static information flow: which labels every argument, result and conversation of a frozen plan may carry in the worst case.
 * Pure. Sound: a label that the engine gives to an argument of an allowed call is in the set, whatever the tools answer and the agent does.
 *
 *   analyse(frozen: FrozenPlan, options?): Result<Analysis, readonly Finding[]>
 *   analysis.labelsAt(node, argument): { sources, readers } | undefined        (undefined: no such argument)
 *   analysis.mayReach({ node, argument, label }): boolean                      (label: a name, `untrusted`, or `node:NAME` if it was marked)
 *
 * Abstract interpretation over the plan's own label lattice (Denning 1976; Cousot and Cousot 1977). What is assumed is in {@link AnalysisOptions};
 * a policy must have been applied to the plan before (`holdTo`).
 */
import { compilePlan } from "../plan/compile.ts";
import type { CompiledArg, CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { ok, type Result } from "../result.ts";
import { type SourceSet, union } from "../taint/source-set.ts";
import { createRunOrder, type RunOrder } from "./before.ts";
import { createLabelTable, type LabelTable } from "./label-table.ts";
import { nodeOrder } from "./reads.ts";
import {
  argumentsOf,
  contextsOf,
  controlRefusals,
  disclosedNodes,
  settle,
  type Shared,
  shownNodes,
  situation,
  writersOf,
} from "./fixpoint.ts";
import { type Carried, carriedByCode, carriedByRead, deniedNames, nothing, type Situation } from "./transfer.ts";

/** What the analysis may take for granted. */
export interface AnalysisOptions {
  /**
   * Labels that other sessions may have brought: by the conversation, by resources that they wrote, by a parameter that an agent gave, or by a
   * claim of a server. Default: none.
   */
  readonly context?: readonly string[];
  /** Names of nodes whose results are followed by themselves, as the label `node:NAME`. */
  readonly marks?: readonly string[];
  /** `any` (default): a tool may answer what does not fit its output schema. `valid`: it never does, so that `removes` always applies. */
  readonly results?: "any" | "valid";
  /**
   * Whether calls that are made at once may be announced as a batch, so that each carries the labels of the others' tools before any of them has
   * answered. Default false: no data flows that way.
   */
  readonly batches?: boolean;
}

/** Labels that something may carry. */
export interface MayCarry {
  /** Sorted names: no other source is possible. */
  readonly sources: readonly string[];
  /** At least these may read it; `null`: everyone may. */
  readonly readers: readonly string[] | null;
}

/** Data that may come to an argument. */
export interface Arrival {
  readonly node: string;
  readonly argument: string;
  /** A label name, `untrusted`, or `node:NAME` of a marked node. */
  readonly label: string;
}

/** What an analysis knows of one argument, for those who explain it. */
export interface ArgumentFacts {
  readonly arg: CompiledArg;
  /** In an allowed call. */
  readonly allowed: SourceSet;
  /** As far as endorsements and choices let it through, before flow rules and audiences are looked at. */
  readonly offered: SourceSet;
  /** The part of `offered` that does not come from the conversation. */
  readonly own: SourceSet;
}

/** The worst case of a plan. */
export interface Analysis {
  readonly plan: CompiledPlan;
  /** What an argument of an allowed call may carry. */
  labelsAt(node: string, argument: string): MayCarry | undefined;
  /** What the results of a node may carry. */
  resultOf(node: string): MayCarry | undefined;
  /** What the conversation may hold when a call of the node is allowed. */
  contextAt(node: string): MayCarry | undefined;
  /** What the fact that an allowed call of the node happens may carry. */
  occurrenceAt(node: string): MayCarry | undefined;
  mayReach(arrival: Arrival): boolean;
  /** Whether the fact that an allowed call of the node happens may carry the label. */
  mayOccur(arrival: Omit<Arrival, "argument">): boolean;
  /** For explanations; node indexes are those of `plan.nodes`. */
  readonly inner: AnalysisInner;
}

/** What explanations look at. */
export interface AnalysisInner {
  readonly table: LabelTable;
  readonly order: RunOrder;
  readonly results: readonly Carried[];
  readonly contexts: readonly SourceSet[];
  /** Nodes whose results, or hidden parts of them, may reach the conversation. */
  readonly shown: readonly boolean[];
  /** Nodes that may leave something in a resource that a node reads, by node. */
  readonly writers: readonly (readonly number[])[];
  factsOf(node: number): readonly ArgumentFacts[];
  situationOf(node: number, isEndorsing?: boolean): Situation;
  holds(set: SourceSet, label: string): boolean;
}

/** Analyses a frozen plan. Errors: findings of a plan that cannot be compiled. */
export function analyse(frozen: FrozenPlan, options: AnalysisOptions = {}): Result<Analysis, readonly Finding[]> {
  const compiled = compilePlan(frozen);
  return compiled.ok ? ok(analyseCompiled(compiled.value, options)) : compiled;
}

/** Analyses a compiled plan. */
export function analyseCompiled(plan: CompiledPlan, options: AnalysisOptions = {}): Analysis {
  const marked = (options.marks ?? []).flatMap((name) => plan.byName.get(name)?.index ?? []);
  const extra = [...(options.context ?? []), ...(plan.frozen.plan.flows ?? []).flatMap((flow) => flow.deny)];
  const table = createLabelTable(plan, { marked, extra: extra.filter((name) => name !== "untrusted") });
  const walk = nodeOrder(plan);
  const order = createRunOrder(plan, walk);
  const start = union(table.of(["user_input"]), table.of(options.context ?? []));
  const shared: Shared = {
    plan,
    table,
    walk,
    order,
    shown: shownNodes(plan),
    disclosed: disclosedNodes(plan),
    start,
    isValid: options.results === "valid",
    writers: writersOf(plan, order),
    left: table.of(options.context ?? []),
    controls: plan.nodes.map((node) => controlRefusals(plan, table, node)),
  };
  const batch = options.batches
    ? plan.nodes.reduce<SourceSet>((all, node) => union(all, table.of(node.labels)), undefined)
    : undefined;
  let contexts: readonly SourceSet[] = plan.nodes.map(() => union(start, batch));
  let results = settle(
    shared,
    contexts,
    plan.nodes.map(() => nothing),
  );
  // Contexts only grow, and there are finitely many labels; most plans are done after the second round.
  for (;;) {
    const next = contextsOf(shared, results, contexts);
    if (next.every((set, i) => set === contexts[i])) break;
    contexts = next;
    results = settle(shared, contexts, results);
  }
  return present(shared, contexts, results);
}

function present(shared: Shared, contexts: readonly SourceSet[], results: readonly Carried[]): Analysis {
  const { plan, table, order, shown } = shared;
  const facts = new Map<number, readonly ArgumentFacts[]>();
  const situationOf = (index: number, isEndorsing = true): Situation =>
    situation(shared, plan.nodes[index] as CompiledNode, { contexts, results }, isEndorsing);
  const factsOf = (index: number): readonly ArgumentFacts[] => {
    let known = facts.get(index);
    if (known === undefined) {
      known = argumentsOf(situationOf(index)).map(({ arg, allowed, offered, ownOffered }) => ({
        arg,
        allowed,
        offered,
        own: ownOffered,
      }));
      facts.set(index, known);
    }
    return known;
  };
  const holds = (set: SourceSet, label: string): boolean => {
    if (label.startsWith("node:")) return table.hasMark(set, plan.byName.get(label.slice(5))?.index ?? -1);
    if (label === "untrusted") return table.names.some((name, i) => name.isUntrusted && table.hasSource(set, i));
    const index = table.indexOf(label);
    return index !== undefined && table.hasSource(set, index);
  };
  const mayCarry = (set: SourceSet): MayCarry => ({ sources: table.sourcesOf(set), readers: table.readersOf(set) });
  const nodeOf = (name: string): CompiledNode | undefined => plan.byName.get(name);
  const argumentOf = (name: string, argument: string): ArgumentFacts | undefined => {
    const node = nodeOf(name);
    return node === undefined ? undefined : factsOf(node.index).find(({ arg }) => arg.name === argument);
  };
  const occurrence = (node: CompiledNode): SourceSet => {
    const at = situationOf(node.index);
    let all = at.context;
    if (node.when !== undefined) all = union(all, carriedByCode(at, node.when).full);
    if (node.each !== undefined) all = union(all, carriedByRead(at, node.each.read).full);
    for (const index of node.flows)
      if (plan.flows[index]?.roles?.has("control") && !plan.flows[index]?.needsApproval)
        all = table.refuse(all, deniedNames(plan, table, index));
    return union(all, node.each?.kind === "from" && node.each.where !== undefined ? shared.start : undefined);
  };
  const about = (name: string, of: (node: CompiledNode) => SourceSet): MayCarry | undefined => {
    const node = nodeOf(name);
    return node === undefined ? undefined : mayCarry(of(node));
  };
  return {
    plan,
    labelsAt: (name, argument) => {
      const found = argumentOf(name, argument);
      return found === undefined ? undefined : mayCarry(found.allowed);
    },
    resultOf: (name) => about(name, ({ index }) => results[index]?.full),
    contextAt: (name) => about(name, ({ index }) => situationOf(index).context),
    occurrenceAt: (name) => about(name, occurrence),
    mayReach: ({ node, argument, label }) => {
      const found = argumentOf(node, argument);
      return found !== undefined && holds(found.allowed, label);
    },
    mayOccur: ({ node, label }) => {
      const found = nodeOf(node);
      return found !== undefined && holds(occurrence(found), label);
    },
    inner: { table, order, results, contexts, shown, writers: shared.writers, factsOf, situationOf, holds },
  };
}
