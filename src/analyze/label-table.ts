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

/** Names, what each id stands for, and the marks; grows while names are met. */
interface Ids {
  readonly names: readonly NameFacts[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly entries: readonly Entry[];
  /** Labels of the marked nodes, by mark. */
  readonly companions: ReadonlySet<number>[];
  readonly markIds: Map<number, number>;
  /** The id of the name's source; the restriction and the orphan follow it. */
  sourceOf(name: number): number;
  intern(name: string): number;
}

function createIds(plan: CompiledPlan): Ids & { readonly entries: Entry[] } {
  const names: NameFacts[] = [];
  const indexes = new Map<string, number>();
  const entries: Entry[] = [{ bit: "widened", of: -1 }];
  const sources: number[] = [];
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
    sources.push(entries.length);
    entries.push({ bit: "source", of: index }, { bit: "restriction", of: index }, { bit: "orphan", of: index });
    return index;
  };
  return { names, indexes, entries, companions: [], markIds: new Map(), sourceOf: (name) => sources[name] ?? -1, intern };
}

/** Makes the table of a plan. `marked`: indexes of nodes whose data is to be followed by itself. `extra`: names beyond those of the plan. */
export function createLabelTable(
  plan: CompiledPlan,
  { marked, extra }: { readonly marked: readonly number[]; readonly extra: readonly string[] },
): LabelTable {
  const ids = createIds(plan);
  const { names, intern } = ids;
  for (const name of [unknownName, ...Object.keys(builtInLabels), ...Object.keys(plan.labels), ...extra]) intern(name);
  for (const node of plan.nodes) {
    for (const name of node.labels) intern(name);
    for (const { rule } of node.args) if (rule.endorse !== undefined) intern(rule.endorse.to);
  }
  marked.forEach((node, i) => {
    ids.companions.push(new Set((plan.nodes[node]?.labels ?? []).map(intern)));
    ids.markIds.set(node, ids.entries.length);
    ids.entries.push({ bit: "mark", of: i }, { bit: "part", of: i });
  });
  const of = (list: readonly string[]): SourceSet => {
    let set: SourceSet;
    for (const name of list) {
      const index = intern(name);
      const source = ids.sourceOf(index);
      set = union(set, singleton(source));
      if (names[index]?.readers !== null) set = union(set, singleton(source + 1));
    }
    return set;
  };
  return {
    names,
    indexOf: (name) => ids.indexes.get(name),
    of,
    markOf: (node) => {
      const id = ids.markIds.get(node);
      return id === undefined ? undefined : singleton(id);
    },
    removeSources: (set, isGone) => removeSources(ids, set, isGone),
    refuse: (set, isRefused) => refuse(ids, set, isRefused),
    hasSource: (set, name) => has(set, ids.sourceOf(name)),
    hasMark: (set, node) => {
      const id = ids.markIds.get(node);
      return id !== undefined && (has(set, id) || has(set, id + 1));
    },
    isWidened: (set) => has(set, widened),
    declassify: (set, from, isPublic) => declassify(ids, set, { from, isPublic }),
    sourcesOf: (set) => sourcesOf(ids, set),
    readersOf: (set) => readersOf(ids, set),
  };
}

function isCompanion(ids: Ids, mark: number, test: (name: number) => boolean): boolean {
  for (const name of ids.companions[mark] ?? []) if (test(name)) return true;
  return false;
}

function removeSources(ids: Ids, set: SourceSet, isGone: (name: number) => boolean): SourceSet {
  let left = set;
  for (const id of members(set)) {
    const { bit, of: index } = ids.entries[id] as Entry;
    if (bit === "source" && isGone(index)) {
      left = without(left, id);
      if (has(set, id + 1)) left = union(left, singleton(id + 2));
    }
    if (bit === "mark" && isCompanion(ids, index, isGone)) left = union(without(left, id), singleton(id + 1));
  }
  return left;
}

function refuse(ids: Ids, set: SourceSet, isRefused: (name: number) => boolean): SourceSet {
  let left = set;
  for (const id of members(set)) {
    const { bit, of: index } = ids.entries[id] as Entry;
    const isGone = (bit === "source" && isRefused(index)) || (bit === "mark" && isCompanion(ids, index, isRefused));
    if (isGone) left = without(left, id);
  }
  return left;
}

function declassify(
  ids: Ids,
  set: SourceSet,
  { from, isPublic }: { readonly from: readonly string[]; readonly isPublic: boolean },
): SourceSet {
  let left = set;
  let isExplained = true;
  for (const id of members(set)) {
    const { bit, of: index } = ids.entries[id] as Entry;
    if (bit === "orphan") isExplained = false;
    if (bit === "restriction" && !from.includes(ids.names[index]?.name ?? "")) isExplained = false;
    if (bit === "restriction") left = without(left, id);
  }
  return union(isExplained && isPublic ? left : set, singleton(widened));
}

function sourcesOf(ids: Ids, set: SourceSet): readonly string[] {
  const found: string[] = [];
  for (const id of members(set)) {
    const { bit, of: index } = ids.entries[id] as Entry;
    if (bit === "source") found.push((ids.names[index] as NameFacts).name);
  }
  return found.sort();
}

function readersOf(ids: Ids, set: SourceSet): readonly string[] | null {
  let readers: readonly string[] | null = null;
  for (const id of members(set)) {
    const { bit, of: index } = ids.entries[id] as Entry;
    const own = bit === "restriction" ? (ids.names[index]?.readers ?? null) : null;
    if (own !== null) readers = readers === null ? own : readers.filter((reader) => own.includes(reader));
  }
  return readers;
}
