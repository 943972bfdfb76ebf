/**
 * Labels: where data came from and who may see it. A label space belongs to one plan and knows its names and flow rules.
 * Pure. No I/O, no clock. A label is immutable; an unknown name never becomes trusted.
 *
 * Sources × readers is the product of two lattices (Denning 1976; readers as in the decentralised label model,
 * Myers and Liskov 1997). Join: union of sources, intersection of readers.
 */
import { planLabelsMax } from "../limits.ts";
import { builtInLabels, unknownName } from "../plan/built-in-labels.ts";
import type { FlowRule, LabelSpec } from "../plan/plan.ts";
import { has, members, smallKey, type SourceSet, singleton, union, without } from "./source-set.ts";

/** A label. Compare with {@link LabelSpace.flowsTo}; two equal labels need not be the same object. */
export interface Label {
  readonly sources: SourceSet;
  /** Sorted principals that may read the data; `null`: everyone. */
  readonly readers: readonly string[] | null;
  readonly isUntrusted: boolean;
  /** Bit `i` is set if a source is denied by the plan's flow rule `i`, for the first 31 rules. */
  readonly denied: number;
  /** The label as plain data, once it was asked for. Derived: it never differs from the rest. */
  value?: LabelValue;
}

/** A label as plain data: sorted names, sorted readers or `null` for everyone. */
export interface LabelValue {
  readonly sources: readonly string[];
  readonly readers: readonly string[] | null;
  /** Only in what leaves a plan: which of the sources are untrusted there, sorted; absent: none. */
  readonly untrusted?: readonly string[];
}

/** The least label: no source, read by everyone. The label of a plan's constants. */
export const bottom: Label = { sources: undefined, readers: null, isUntrusted: false, denied: 0 };

/**
 * The name of the top of every space: data of which nobody knows anything. It counts as every label at once, is read by nobody and
 * removed by nothing. No plan can declare it: it has not the form of a name.
 */
export const everyLabel = "*";

/** The top of every space as plain data. */
export const topValue: LabelValue = { sources: [everyLabel], readers: [], untrusted: [everyLabel] };

/** How many flow rules have a bit in {@link Label.denied}; later ones are looked up by name. */
export const deniedBits = 31;

/** Operations on the labels of one plan. */
export interface LabelSpace {
  /** The join of the labels with these names. An undeclared name is untrusted and read by everyone. */
  of(names: readonly string[]): Label;
  join(a: Label, b: Label): Label;
  /** a ⊑ b: data labelled `a` may go wherever data labelled `b` may. */
  flowsTo(a: Label, b: Label): boolean;
  hasSource(label: Label, name: string): boolean;
  /** Whether flow rule `rule` denies the label. */
  isDenied(label: Label, rule: number): boolean;
  /** Without the named sources; `unknown` stays. */
  remove(label: Label, names: readonly string[]): Label;
  /** Whether the readers of the label are restricted by nothing but its sources among `names`. */
  isRestrictionOf(label: Label, names: readonly string[]): boolean;
  /** The same sources with these readers added; `"public"`: everyone. */
  widen(label: Label, readers: readonly string[] | "public"): Label;
  toValue(label: Label): LabelValue;
  /** The label with exactly these sources and readers: for what {@link LabelSpace.toValue} of this space wrote. */
  fromValue(value: LabelValue): Label;
  /** As `toValue`, for other plans: it says what the names mean here. */
  toForeign(label: Label): LabelValue;
  /**
   * As `fromValue`, for what another plan's space may have written. Readers are no more than this plan's names allow, and a source that was
   * untrusted there but is trusted here brings `unknown` along: two plans that disagree about a name must not launder.
   */
  fromForeign(value: LabelValue): Label;
  isTrusted(name: string): boolean;
}

/** The intersection of two reader sets, both sorted; an operand itself if that is what it is, the left one first. */
function intersect(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (b === null) return a;
  if (a === null) return b;
  const both = a.filter((reader) => b.includes(reader));
  return both.length === a.length ? a : both.length === b.length ? b : both;
}

/** Joins two labels; the left operand itself if the right adds nothing, else the right one itself if it was made from the left one. */
export function join(a: Label, b: Label): Label {
  if (a === b || b === bottom) return a;
  if (a === bottom) return b;
  const sources = union(a.sources, b.sources);
  const readers = intersect(a.readers, b.readers);
  if (sources === a.sources && readers === a.readers) return a;
  if (sources === b.sources && readers === b.readers) return b;
  return { sources, readers, isUntrusted: a.isUntrusted || b.isUntrusted, denied: a.denied | b.denied };
}

function isSubset(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (b === null) return true;
  return a?.every((reader) => b.includes(reader)) ?? false;
}

/**
 * Joins two labels as plain data: union of sources and of those that were untrusted where they were written, intersection of readers,
 * all sorted. The left operand itself if the right adds nothing.
 */
export function joinValues(a: LabelValue, b: LabelValue): LabelValue {
  const sources = new Set([...a.sources, ...b.sources]);
  const untrusted = new Set([...(a.untrusted ?? []), ...(b.untrusted ?? [])]);
  const readers =
    a.readers === null ? b.readers : b.readers === null ? a.readers : a.readers.filter((name) => b.readers?.includes(name));
  const isSame = sources.size === a.sources.length && untrusted.size === (a.untrusted?.length ?? 0);
  if (isSame && readers?.length === a.readers?.length) return a;
  return {
    sources: [...sources].sort(),
    readers: readers === null ? null : [...readers].sort(),
    ...(untrusted.size === 0 ? {} : { untrusted: [...untrusted].sort() }),
  };
}

/** Names of a space: dense ids, and what each means. */
interface Names {
  readonly ids: Map<string, number>;
  readonly names: string[];
  readonly leaves: Label[];
}

function ownOf(specs: { readonly [name: string]: LabelSpec }, name: string): LabelSpec | undefined {
  return Object.hasOwn(specs, name) ? specs[name] : undefined;
}

/** Makes the label space of a plan from its declared labels (built-in ones included by itself) and its flow rules. */
export function createLabelSpace(declared: { readonly [name: string]: LabelSpec }, flows: readonly FlowRule[]): LabelSpace {
  const table: Names = { ids: new Map(), names: [], leaves: [] };
  // Only a policy that closes the readers says who reads `unknown`; a name that nobody declared is as good as that.
  const closed = ownOf(declared, unknownName)?.readers;
  const nobodys: LabelSpec = { integrity: "untrusted", ...(closed === undefined ? {} : { readers: closed }) };
  const specOf = (name: string): LabelSpec => {
    if (name === everyLabel) return everySpec;
    if (name === unknownName) return nobodys;
    return ownOf(declared, name) ?? ownOf(builtInLabels, name) ?? nobodys;
  };
  const denies = flows.map((rule) => new Set(rule.deny));
  const isDeniedName = (name: string, rule: number): boolean => {
    const names = denies[rule];
    if (names === undefined) return false;
    if (name === everyLabel) return names.size > 0;
    return names.has(name) || (names.has("untrusted") && specOf(name).integrity !== "trusted");
  };
  const leaf = (name: string): Label => {
    const known = table.ids.get(name);
    if (known !== undefined) return table.leaves[known] as Label;
    // Overflow goes to the untrusted top of the names, never back to a label that is in use.
    if (table.names.length >= planLabelsMax && name !== everyLabel) return leaf(unknownName);
    const id = table.names.length;
    const spec = specOf(name);
    let denied = 0;
    for (const rule of denies.slice(0, deniedBits).keys()) if (isDeniedName(name, rule)) denied |= 1 << rule;
    const readers = spec.readers === undefined ? null : [...new Set(spec.readers)].sort();
    const label: Label = { sources: singleton(id), readers, isUntrusted: spec.integrity !== "trusted", denied };
    table.ids.set(name, id);
    table.names.push(name);
    table.leaves.push(label);
    return label;
  };
  // Declared names come first, `unknown` before all: an overflow by foreign names must not take their meaning.
  for (const name of [
    unknownName,
    ...Object.keys(builtInLabels),
    ...Object.keys(declared),
    ...flows.flatMap((rule) => rule.deny),
  ])
    leaf(name);
  return operations(table, leaf, { isDeniedName, isTrusted: (name) => specOf(name).integrity === "trusted" });
}

/** So many labels of a space are kept as plain data beside those that keep their own. */
const valuesMax = 1_024;

/** What {@link everyLabel} means, whatever is declared. */
const everySpec: LabelSpec = { integrity: "untrusted", readers: [] };

/** Whether a label has {@link everyLabel} among its sources. */
function isTop(table: Names, { sources }: Label): boolean {
  const id = table.ids.get(everyLabel);
  return id !== undefined && has(sources, id);
}

/** See {@link LabelSpace.isRestrictionOf}. */
function isRestrictionOf(table: Names, label: Label, names: readonly string[]): boolean {
  if (isTop(table, label)) return false;
  let readers: readonly string[] | null = null;
  for (const name of names) {
    const id = table.ids.get(name);
    if (id !== undefined && has(label.sources, id)) readers = intersect(readers, (table.leaves[id] as Label).readers);
  }
  return isSubset(readers, label.readers);
}

/** See {@link LabelSpace.toForeign}. */
function toForeign(label: Label, names: readonly string[], isTrusted: (name: string) => boolean): LabelValue {
  const untrusted = names.filter((name) => !isTrusted(name));
  return { sources: names, readers: label.readers, ...(untrusted.length === 0 ? {} : { untrusted }) };
}

function namesIn(table: Names, label: Label): string[] {
  return Array.from(members(label.sources), (id) => table.names[id] as string).sort();
}

/** What a set of sources means, whoever may read it. */
function meaningOf(table: Names, sources: SourceSet): Omit<Label, "readers"> {
  let isUntrusted = false;
  let denied = 0;
  for (const id of members(sources)) {
    const part = table.leaves[id] as Label;
    isUntrusted ||= part.isUntrusted;
    denied |= part.denied;
  }
  return { sources, isUntrusted, denied };
}

/** Labels as plain data. Those of a few sources come again and again as new objects: joins of what callers say of each of their calls. */
function rememberedValues(table: Names): (label: Label) => LabelValue {
  const values = new Map<number, LabelValue>();
  return (label) => {
    const key = label.readers === null ? smallKey(label.sources) : undefined;
    if (key === undefined) return { sources: namesIn(table, label), readers: label.readers };
    const known = values.get(key);
    if (known !== undefined) return known;
    const value: LabelValue = { sources: namesIn(table, label), readers: null };
    if (values.size < valuesMax) values.set(key, value);
    return value;
  };
}

function operations(
  table: Names,
  leaf: (name: string) => Label,
  rules: { isDeniedName(name: string, rule: number): boolean; isTrusted(name: string): boolean },
): LabelSpace {
  const of = (names: readonly string[]): Label => {
    let label = bottom;
    for (const name of names) label = join(label, leaf(name));
    return label;
  };
  const namesOf = (label: Label): string[] => namesIn(table, label);
  const plainOf = rememberedValues(table);
  return {
    of,
    join,
    flowsTo: (a, b) => (isTop(table, b) || union(b.sources, a.sources) === b.sources) && isSubset(b.readers, a.readers),
    hasSource: (label, name) => {
      const id = table.ids.get(name);
      return id !== undefined && has(label.sources, id);
    },
    isDenied: (label, rule) =>
      rule < deniedBits ? (label.denied & (1 << rule)) !== 0 : namesOf(label).some((name) => rules.isDeniedName(name, rule)),
    remove: (label, names) => {
      let sources = label.sources;
      for (const name of names) {
        const id = table.ids.get(name);
        if (id !== undefined && name !== unknownName && name !== everyLabel) sources = without(sources, id);
      }
      return sources === label.sources ? label : { ...meaningOf(table, sources), readers: label.readers };
    },
    isRestrictionOf: (label, names) => isRestrictionOf(table, label, names),
    widen: (label, readers) => {
      const { sources, isUntrusted, denied } = label;
      const isPublic = readers === "public" || label.readers === null;
      return {
        sources,
        isUntrusted,
        denied,
        readers: isPublic ? null : [...new Set([...(label.readers ?? []), ...readers])].sort(),
      };
    },
    toValue: (label) => {
      label.value ??= plainOf(label);
      return label.value;
    },
    fromValue: (value) => {
      const label = of(value.sources);
      const { sources, isUntrusted, denied } = label;
      return isSubset(label.readers, value.readers) && isSubset(value.readers, label.readers)
        ? label
        : { sources, isUntrusted, denied, readers: value.readers };
    },
    toForeign: (label) => toForeign(label, namesOf(label), rules.isTrusted),
    fromForeign: (value) => {
      const isLaundered = value.untrusted?.some(rules.isTrusted) ?? false;
      const label = of(isLaundered ? [...value.sources, unknownName] : value.sources);
      const readers = intersect(label.readers, value.readers);
      if (readers === label.readers) return label;
      const { sources, isUntrusted, denied } = label;
      return { sources, isUntrusted, denied, readers };
    },
    isTrusted: rules.isTrusted,
  };
}
