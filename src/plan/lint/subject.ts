/**
 * What a lint rule is given: the resolved plan, its tools and labels, and who reads whom; computed once for all rules.
 * Pure. Judges nothing.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { pointerOf } from "../../json/pointer.ts";
import { builtInLabels } from "../built-in-labels.ts";
import type { Finding } from "../finding.ts";
import { labelUses, type LabelUse, resolvePlan } from "../freeze-resolve.ts";
import type { FrozenPlan, FrozenTool, LabelSpec, Plan, PlanNode } from "../plan.ts";
import { type NodeRead, type PlanNames, readsOf } from "../walk-reads.ts";

/** A tool node with its name and its tool. */
export interface ToolNode {
  readonly name: string;
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  /** Whether a catalogue describes the tool; otherwise nothing is known of its arguments. */
  readonly isDescribed: boolean;
}

/** What a rule looks at. */
export interface LintSubject {
  readonly frozen: FrozenPlan;
  /** With qualified tool names. */
  readonly plan: Plan;
  /** In ascending order of their names. */
  readonly names: PlanNames;
  readonly nodes: readonly { readonly name: string; readonly node: PlanNode }[];
  readonly toolNodes: readonly ToolNode[];
  readonly reads: ReadonlyMap<string, readonly NodeRead[]>;
  readonly labelUses: readonly LabelUse[];
  /** Declared labels: built in, then those of the catalogue, then those of the plan. */
  readonly labels: ReadonlyMap<string, LabelSpec>;
  readonly hasCatalogue: boolean;
  /** Bits of choice that endorsements may let through in one session. */
  readonly endorsedBitsMax: number;
  /** What resolving found. */
  readonly findings: readonly Finding[];
}

/** A rule: what it finds in a plan. */
export type LintRule = (subject: LintSubject) => readonly Finding[];

/** Resolves a plan and computes what the rules share. */
export function openSubject(
  plan: Plan,
  catalogue: Catalogue | undefined,
  options: { readonly endorsedBitsMax: number; readonly labels: { readonly [name: string]: Pick<LabelSpec, "integrity"> } },
): LintSubject {
  const resolved = resolvePlan(plan, catalogue);
  const qualified = resolved.frozen.plan;
  const sorted = Object.keys(qualified.nodes).sort();
  const nodes = sorted.map((name) => ({ name, node: qualified.nodes[name] as PlanNode }));
  const names: PlanNames = { nodes: new Set(sorted), params: new Set(Object.keys(qualified.params ?? {})) };
  return {
    frozen: resolved.frozen,
    plan: qualified,
    names,
    nodes,
    toolNodes: nodes.flatMap(({ name, node }) => {
      const tool = node.tool === undefined ? undefined : resolved.frozen.tools[node.tool];
      return tool === undefined ? [] : [{ name, node, tool, isDescribed: !resolved.undescribed.has(tool.name) }];
    }),
    reads: new Map(nodes.map(({ name, node }) => [name, readsOf(name, node, names)])),
    labelUses: labelUses(qualified),
    labels: new Map(
      [meaningOf(options.labels), builtInLabels, resolved.frozen.labels, qualified.labels ?? {}].flatMap((table) =>
        Object.entries(table),
      ),
    ),
    hasCatalogue: catalogue !== undefined,
    endorsedBitsMax: options.endorsedBitsMax,
    findings: resolved.findings,
  };
}

/** Declarations without their readers: who may read is for the tightened plan. */
function meaningOf(labels: { readonly [name: string]: Pick<LabelSpec, "integrity"> }): { readonly [name: string]: LabelSpec } {
  return Object.fromEntries(Object.entries(labels).map(([name, { integrity }]) => [name, { integrity }]));
}

/** Whether a label is untrusted; an undeclared one is. */
export function isUntrusted(subject: LintSubject, label: string): boolean {
  return subject.labels.get(label)?.integrity !== "trusted";
}

/** A finding at a path of the plan. */
export function findingAt(path: readonly (string | number)[], finding: Omit<Finding, "pointer">): Finding {
  const { code, severity, message, bits } = finding;
  return { code, severity, pointer: pointerOf(path), message, ...(bits === undefined ? {} : { bits }) };
}
