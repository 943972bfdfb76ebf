/**
 * The labels of a plan as small integers, so that a set of them is a {@link SourceSet} and a join is a union.
 * Pure. Never leaves a label out: a name that nobody declared is an untrusted label of its own.
 */
import { builtInLabels, unknownName } from "../plan/built-in-labels.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import type { LabelSpec } from "../plan/plan.ts";
import { has, members, type SourceSet, singleton, union, without } from "../taint/source-set.ts";

/**
 * What an id of a set stands for. `source`: data of that label. `restriction`: only the label's readers may see it, which outlives the source.
 * `orphan`: the restriction's source may be gone, so that a declassification may not apply. `mark`: data of one node's result, whatever its label;
 * `part`: the same, once some of its labels were taken away. `widened`: readers may have been added.
 */
export type Bit = "source" | "restriction" | "orphan" | "mark" | "part" | "widened";

interface Entry {
  readonly bit: Bit;
  /** Index into the names; for marks into the marks. */
  readonly of: number;
}

/** What a label name means here. */
export interface NameFacts {
  readonly name: string;
  readonly isUntrusted: boolean;
  /** Sorted; `null`: everyone. */
  readonly readers: readonly string[] | null;
}

/** Labels of one plan. */
export interface LabelTable {
  readonly names: readonly NameFacts[];
  indexOf(name: string): number | undefined;
  /** The set of the labels with these names, their restrictions included. */
  of(names: readonly string[]): SourceSet;
  /** The set that says: data of node `node`, all its labels on. Empty unless the node is marked. */
  markOf(node: number): SourceSet;
  /** The set without the sources for which `isGone` is true, and what follows for restrictions and marks. */
  removeSources(set: SourceSet, isGone: (name: number) => boolean): SourceSet;
  /** What is left of a set once a check has refused every value with a label for which `isRefused` is true. */
  refuse(set: SourceSet, isRefused: (name: number) => boolean): SourceSet;
  hasSource(set: SourceSet, name: number): boolean;
  hasMark(set: SourceSet, node: number): boolean;
  isWidened(set: SourceSet): boolean;
  /** The set with everyone's readers, if every restriction in it comes from a source in `from` that is still there; else the set itself. */
  declassify(set: SourceSet, from: readonly string[], isPublic: boolean): SourceSet;
  sourcesOf(set: SourceSet): readonly string[];
  /** A lower bound of who may read: `null` is everyone. */
  readersOf(set: SourceSet): readonly string[] | null;
}

const widened = 0;

/** Makes the table of a plan. `marked`: indexes of nodes whose data is to be followed by itself. `extra`: names beyond those of the plan. */
export function createLabelTable(
  plan: CompiledPlan,
  { marked, extra }: { readonly marked: readonly number[]; readonly extra: readonly string[] },
): LabelTable {
  const names: NameFacts[] = [];
  const indexes = new Map<string, number>();
  const entries: Entry[] = [{ bit: "widened", of: -1 }];
  const bits: { readonly source: number; readonly restriction: number }[] = [];
  // As in `taint/label.ts`: only a policy that closes the readers says who reads what nobody labelled.
  const closed = Object.hasOwn(plan.labels, unknownName) ? plan.labels[unknownName]?.readers : undefined;
  const nobodys: LabelSpec = { integrity: "untrusted", ...(closed === undefined ? {} : { readers: closed }) };
  const intern = (name: string): number => {
    const known = indexes.get(name);
    if (known !== undefined) return known;
    const isOwn = name !== unknownName && Object.hasOwn(plan.labels, name);
    const builtIn = name !== unknownName && Object.hasOwn(builtInLabels, name) ? builtInLabels[name] : undefined;
    const spec = isOwn ? plan.labels[name] : (builtIn ?? nobodys);
    const index = names.length;
    const readers = spec?.readers === undefined ? null : [...new Set(spec.readers)].sort();
    names.push({ name, isUntrusted: spec?.integrity !== "trusted", readers });
    indexes.set(name, index);
    bits.push({ source: entries.length, restriction: entries.length + 1 });
    entries.push({ bit: "source", of: index }, { bit: "restriction", of: index }, { bit: "orphan", of: index });
    return index;
  };
  for (const name of [unknownName, ...Object.keys(builtInLabels), ...Object.keys(plan.labels), ...extra]) intern(name);
  for (const node of plan.nodes) {
    for (const name of node.labels) intern(name);
    for (const { rule } of node.args) if (rule.endorse !== undefined) intern(rule.endorse.to);
  }
  const marks = marked.map((node, i) => {
    const id = entries.length;
    entries.push({ bit: "mark", of: i }, { bit: "part", of: i });
    return { node, id, companions: new Set((plan.nodes[node]?.labels ?? []).map(intern)) };
  });
  const markIds = new Map(marks.map(({ node, id }) => [node, id]));
  const entry = (id: number): Entry => entries[id] as Entry;
  const companionsOf = (id: number): ReadonlySet<number> => marks[entry(id).of]?.companions ?? new Set();
  const of = (list: readonly string[]): SourceSet => {
    let set: SourceSet;
    for (const name of list) {
      const index = intern(name);
      const { source, restriction } = bits[index] as { source: number; restriction: number };
      set = union(set, singleton(source));
      if (names[index]?.readers !== null) set = union(set, singleton(restriction));
    }
    return set;
  };
  const some = (list: ReadonlySet<number>, test: (name: number) => boolean): boolean => {
    for (const name of list) if (test(name)) return true;
    return false;
  };
  return {
    names,
    indexOf: (name) => indexes.get(name),
    of,
    markOf: (node) => {
      const id = markIds.get(node);
      return id === undefined ? undefined : singleton(id);
    },
    removeSources: (set, isGone) => {
      let left = set;
      for (const id of members(set)) {
        const { bit, of: index } = entry(id);
        if (bit === "source" && isGone(index)) {
          left = without(left, id);
          if (has(set, id + 1)) left = union(left, singleton(id + 2));
        }
        if (bit === "mark" && some(companionsOf(id), isGone)) left = union(without(left, id), singleton(id + 1));
      }
      return left;
    },
    refuse: (set, isRefused) => {
      let left = set;
      for (const id of members(set)) {
        const { bit, of: index } = entry(id);
        const isGone = (bit === "source" && isRefused(index)) || (bit === "mark" && some(companionsOf(id), isRefused));
        if (isGone) left = without(left, id);
      }
      return left;
    },
    hasSource: (set, name) => has(set, bits[name]?.source ?? -1),
    hasMark: (set, node) => {
      const id = markIds.get(node);
      return id !== undefined && (has(set, id) || has(set, id + 1));
    },
    isWidened: (set) => has(set, widened),
    declassify: (set, from, isPublic) => {
      const allowed = new Set(from);
      let left = set;
      let isExplained = true;
      for (const id of members(set)) {
        const { bit, of: index } = entry(id);
        if (bit === "orphan") isExplained = false;
        if (bit === "restriction" && !allowed.has(names[index]?.name ?? "")) isExplained = false;
        if (bit === "restriction") left = without(left, id);
      }
      return isExplained && isPublic ? union(left, singleton(widened)) : union(set, singleton(widened));
    },
    sourcesOf: (set) => {
      const found: string[] = [];
      for (const id of members(set)) if (entry(id).bit === "source") found.push((names[entry(id).of] as NameFacts).name);
      return found.sort();
    },
    readersOf: (set) => {
      let readers: readonly string[] | null = null;
      for (const id of members(set)) {
        const { bit, of: index } = entry(id);
        const own = bit === "restriction" ? (names[index]?.readers ?? null) : null;
        if (own !== null) readers = readers === null ? own : readers.filter((reader) => own.includes(reader));
      }
      return readers;
    },
  };
}
