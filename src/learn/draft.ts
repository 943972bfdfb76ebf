/**
 * A plan while it is being learned: nodes with the calls they stand for, computed nodes, parameters, findings.
 * Pure; the one place of `learn` that changes as it goes. Never names two nodes alike.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, FrozenTool } from "../plan/plan.ts";
import { freshName, slugOf } from "../plan/names.ts";
import type { Source } from "./places.ts";
import { isSeenAt, type Step } from "./steps.ts";

/** How an argument was learned; what the report counts. */
export type LearnedClass =
  | "const"
  | "param"
  | "from"
  | "extract"
  | "item"
  | "expr"
  | "template"
  | "choose"
  | "write"
  | "list"
  | "object";

/**
 * How well the rule is founded: `given` by the task or the tool, `named` by a path or by what the task names, `told` by a label in a
 * text or by being the only one, `computed`, or a `guess` that a human has to confirm.
 */
export type Strength = "given" | "named" | "told" | "computed" | "guess";

/** Smaller is better founded. */
export const strengthRank: { readonly [S in Strength]: number } = { given: 0, named: 1, told: 2, computed: 3, guess: 4 };

/** One learned argument. */
export interface LearnedRule {
  readonly rule: ArgRule;
  readonly learned: LearnedClass;
  readonly strength: Strength;
  /** Names of the nodes (computed ones included) that it reads. */
  readonly reads: readonly string[];
  /** Conditions that the node must carry for it. */
  readonly require?: readonly string[];
  /** Constants in it that may become parameters, by {@link constantKey}, with their shapes. */
  readonly shapes?: ReadonlyMap<string, JsonObject>;
  /** Values of the task that the rule repeats inside a selector or an expression. */
  readonly literals?: readonly Json[];
}

/** Equal for constants that are the same but for the case of letters. */
export function constantKey(value: Json): string {
  return typeof value === "string" ? `s${value.toLowerCase()}` : canonicalJson(value);
}

/** A node that is being learned. */
export interface NodeDraft {
  readonly name: string;
  readonly tool: FrozenTool;
  /** All calls that it stands for. */
  readonly steps: readonly Step[];
  /** For a loop: the first call of each row, in the order of rows. Else the first call. */
  readonly runs: readonly Step[];
  readonly args: Map<string, LearnedRule>;
  readonly each?: { readonly from: string; readonly max: number; readonly where?: string; readonly reads: readonly string[] };
  /** Rows that were never called, so that a row may stay without a run. */
  isPartial: boolean;
  /** Whether it may run only as often as seen, although it reads. */
  isExact: boolean;
  /** Times that the same call (or the same row) was made, at most. */
  readonly repeats: number;
  readonly after: Set<string>;
}

/** A computed node. */
export interface LetDraft {
  readonly name: string;
  readonly expression: string;
  readonly reads: readonly string[];
}

/** What learning has found so far. */
export interface Draft {
  readonly nodes: NodeDraft[];
  readonly lets: Map<string, LetDraft>;
  readonly names: Set<string>;
  readonly findings: Finding[];
}

/** An empty draft. */
export function openDraft(): Draft {
  return { nodes: [], lets: new Map(), names: new Set(), findings: [] };
}

/** The name of a node for a tool: that of the tool without its server. */
export function nodeName(draft: Draft, tool: FrozenTool): string {
  return freshName(slugOf(tool.name.slice(tool.name.indexOf("/") + 1)), draft.names);
}

/** A computed node for an expression; the same expression gives the same node. */
export function addLet(
  draft: Draft,
  { hint, expression }: { readonly hint: string; readonly expression: string },
  reads: readonly string[],
): string {
  const known = draft.lets.get(expression);
  if (known !== undefined) return known.name;
  const name = freshName(slugOf(hint), draft.names);
  draft.lets.set(expression, { name, expression, reads });
  return name;
}

/** The nodes that a name reads, `let` nodes resolved to theirs. */
export function toolNodesOf(draft: Draft, names: readonly string[]): readonly NodeDraft[] {
  const lets = new Map([...draft.lets.values()].map((one) => [one.name, one]));
  const found = new Set<NodeDraft>();
  const visit = (name: string): void => {
    const one = lets.get(name);
    if (one !== undefined) one.reads.forEach(visit);
    const node = draft.nodes.find((each) => each.name === name);
    if (node !== undefined) found.add(node);
  };
  names.forEach(visit);
  return [...found];
}

/** The results that a rule may refer to when the call at `index` is made. */
export function sourcesAt(draft: Draft, step: Step): readonly Source[] {
  const sources: Source[] = [];
  for (const node of draft.nodes) {
    const runs = node.runs.filter((run) => run.result !== undefined && isSeenAt(run, step));
    if (runs.length === 0) continue;
    const isLoop = node.each !== undefined;
    sources.push({ name: node.name, runs: runs.map((run) => run.result as Json), isLoop, isPartial: isLoop && node.isPartial });
  }
  return sources;
}

/** Runs of a reader in one session, where fewer were seen: an agent reads again. */
export const readTimesMin = 3;

/** Whether a tool does nothing but read (also over the network). */
export function isReader(tool: FrozenTool): boolean {
  return tool.facts.effects.every((effect) => effect === "read" || effect === "network") && tool.facts.effects.includes("read");
}
