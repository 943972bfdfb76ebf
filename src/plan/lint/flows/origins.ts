/**
 * Where data can come from, statically: for each node the results whose labels its own result may carry, and through which nodes.
 * Pure; linear in the plan times `originsMax`. Over-approximates the labels of `src/README.md`, but for what it says it cuts off.
 */
import { compilePath } from "../../../lang/path.ts";
import { topologicalOrder } from "../../graph.ts";
import type { NodeRead } from "../../walk-reads.ts";
import { graphOf } from "../runs/graph.ts";
import { ownLabels } from "../../built-in-labels.ts";
import type { LintSubject, ToolNode } from "../subject.ts";

/** Data of one node's result that has come somewhere, with the labels that it still has. */
export interface Origin {
  /** The tool node whose result it was. */
  readonly node: string;
  readonly labels: readonly string[];
  /** The nodes that it went through since, nearest last; linked, so that long chains share their beginnings. */
  readonly via: Via | undefined;
}

/** One node on the way, and those before it. */
export interface Via {
  readonly node: string;
  readonly before: Via | undefined;
}

/** Origins kept for one node. Beyond that the first in order of nodes are kept, and the analysis says that it is cut. */
const originsMax = 32;

/** What can come from where. */
export interface Flow {
  /** Origins of what a read sees: those of the node's result at that place. */
  at(read: Pick<NodeRead, "node" | "prefix">): readonly Origin[];
  /** Whether origins were left out for their number. */
  readonly isCut: boolean;
}

/** Follows data through the plan; nothing, if the nodes are in a circle (which is an error elsewhere). */
export function followData(subject: LintSubject): Flow {
  const order = topologicalOrder(graphOf(subject));
  const tools = new Map(subject.toolNodes.map((toolNode) => [toolNode.name, toolNode]));
  const results = new Map<string, readonly Origin[]>();
  let isCut = false;
  const at = ({ node, prefix }: Pick<NodeRead, "node" | "prefix">): readonly Origin[] => {
    const origins = results.get(node) ?? [];
    const removed = removedAt(tools.get(node), prefix);
    if (removed.size === 0) return origins;
    return origins
      .map((origin) => ({ ...origin, labels: origin.labels.filter((label) => !removed.has(label)) }))
      .filter((origin) => origin.labels.length > 0);
  };
  for (const name of order.ok ? order.order : []) {
    const reads = (subject.reads.get(name) ?? []).filter((read) => read.by === "arg" || read.by === "let");
    const found = new Map<string, Origin>();
    const toolNode = tools.get(name);
    if (toolNode !== undefined) found.set(name, { node: name, labels: ownLabels(toolNode), via: undefined });
    for (const read of reads) {
      for (const origin of at(read)) {
        const known = found.get(origin.node);
        if (known === undefined && found.size >= originsMax) {
          isCut = true;
          continue;
        }
        const labels = known === undefined ? origin.labels : [...new Set([...known.labels, ...origin.labels])];
        const passed = toolNode === undefined ? origin.via : { node: name, before: origin.via };
        found.set(origin.node, { node: origin.node, labels, via: known === undefined ? passed : known.via });
      }
    }
    results.set(name, [...found.values()]);
  }
  return { at, isCut };
}

/** The labels that a node's `removes` takes from a part of its result. */
function removedAt(toolNode: ToolNode | undefined, prefix: readonly (string | number)[]): ReadonlySet<string> {
  const removes = toolNode?.node.removes;
  if (removes === undefined) return new Set();
  const isWithin = removes.paths.some((path) => {
    const steps = stepsOf(path);
    return steps !== undefined && steps.length <= prefix.length && steps.every((step, i) => step === prefix[i]);
  });
  return isWithin ? new Set(removes.labels.filter((label) => label !== "unknown")) : new Set();
}

/** The steps of a singular path; any other is an error elsewhere, and removes nothing here. */
function stepsOf(source: string): readonly (string | number)[] | undefined {
  const path = compilePath(source);
  return path.ok && path.value.singular ? path.value.prefix : undefined;
}

/** The names on a way, farthest first. */
export function namesOf(via: Via | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = via; at !== undefined; at = at.before) names.push(at.node);
  return names.reverse();
}
