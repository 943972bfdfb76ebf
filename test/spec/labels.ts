/**
 * Labels and disclosure of the reference interpreter: joins, downgrades, regions of a result, and what of it the agent is shown.
 * Never knows of runs, order or time.
 */
import { isArray, type Json, type JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan, LabelSpec, PlanNode, RuleOptions } from "../../src/plan/plan.ts";
import { any, prefixOf, select, type Step, stepsOf } from "./lang.ts";

/** Where data came from, and who may read it. Both sorted. */
export interface Label {
  readonly sources: readonly string[];
  readonly readers: readonly string[] | "everyone";
}

/** ⊥: nobody's data, open to everyone. */
export const bottom: Label = { sources: [], readers: "everyone" };

/** The source that counts as every label: nobody reads it, nothing removes it, no plan declares it. */
export const top = "*";

const builtIn: { readonly [name: string]: LabelSpec } = {
  user_input: { integrity: "trusted" },
  database_record: { integrity: "untrusted" },
  external_api: { integrity: "untrusted" },
};

/** What a label name means: the plan's declaration, else the catalogue's, else the built-in one, else untrusted and open. */
function meaning(frozen: FrozenPlan, name: string): LabelSpec {
  if (name === top) return { integrity: "untrusted", readers: [] };
  const declared = name === "unknown" ? [] : [frozen.plan.labels ?? {}, frozen.labels, builtIn];
  return declared.find((labels) => Object.hasOwn(labels, name))?.[name] ?? nobodys(frozen);
}

/** A label that nobody declares: untrusted, and read by those whom a policy lets read `unknown`. */
function nobodys(frozen: FrozenPlan): LabelSpec {
  const readers = frozen.plan.labels?.unknown?.readers;
  return { integrity: "untrusted", ...(readers === undefined ? {} : { readers }) };
}

/** The label of a set of sources: its readers are those that every source allows. */
export function ofSources(frozen: FrozenPlan, sources: readonly string[]): Label {
  const readersOf = (name: string): Label["readers"] => [...(meaning(frozen, name).readers ?? [])].sort();
  const isOpen = (name: string): boolean => meaning(frozen, name).readers === undefined;
  return join(...sources.map((name): Label => ({ sources: [name], readers: isOpen(name) ? "everyone" : readersOf(name) })));
}

/** ⊔: union of sources, intersection of readers. */
export function join(...labels: readonly Label[]): Label {
  const sources = [...new Set(labels.flatMap((label) => label.sources))].sort();
  const restricted = labels.map((label) => label.readers).filter((readers) => readers !== "everyone");
  const [first, ...rest] = restricted;
  const readers = first === undefined ? "everyone" : first.filter((name) => rest.every((others) => others.includes(name)));
  return { sources, readers };
}

/** A label as it came from elsewhere: what was untrusted there and is trusted here brings `unknown` along. */
export function fromElsewhere(
  frozen: FrozenPlan,
  {
    sources,
    readers,
    untrusted = [],
  }: { sources: readonly string[]; readers: readonly string[] | null; untrusted?: readonly string[] },
): Label {
  const isLaundered = untrusted.some((name) => meaning(frozen, name).integrity === "trusted");
  const allowed: Label = { sources: [], readers: readers === null ? "everyone" : [...readers].sort() };
  return join(ofSources(frozen, isLaundered ? [...sources, "unknown"] : sources), allowed);
}

/** Whether any of the sources is untrusted. */
export function isUntrusted(frozen: FrozenPlan, label: Label): boolean {
  return label.sources.some((name) => meaning(frozen, name).integrity === "untrusted");
}

/** Applies `endorse`, then `declassify` to what is left. `unknown` is never removed. */
export function downgrade(frozen: FrozenPlan, label: Label, rule: RuleOptions): Label {
  let { sources, readers } = label;
  const { endorse, declassify } = rule;
  const from = [endorse?.from ?? []].flat().filter((name) => name !== "unknown");
  if (endorse !== undefined && sources.some((name) => from.includes(name))) {
    const kept: Label = { sources: sources.filter((name) => !from.includes(name)), readers };
    ({ sources, readers } = join(kept, ofSources(frozen, [endorse.to].flat())));
  }
  const widened = sources.filter((name) => [declassify?.from ?? []].flat().includes(name));
  const left = ofSources(frozen, widened).readers;
  // Readers that something else took away are not given back.
  const isOwn =
    !sources.includes(top) &&
    widened.length > 0 &&
    left !== "everyone" &&
    left.every((name) => readers === "everyone" || readers.includes(name));
  if (declassify !== undefined && readers !== "everyone" && isOwn)
    readers = declassify.to === "public" ? "everyone" : [...new Set([...readers, ...[declassify.to].flat()])].sort();
  return { sources, readers };
}

/** Whether every place that `steps` may reach lies at or below `region`. */
export function isWithin(region: readonly Step[], steps: readonly Step[]): boolean {
  return region.length <= steps.length && region.every((step, i) => step === any || step === steps[i]);
}

/** Label of the part of a result below a static prefix: `base`, less what the node removes there if the result was `valid`. */
export function regionLabel(base: Label, node: PlanNode, at: { valid: boolean; prefix: readonly Step[] }): Label {
  const { labels, paths } = node.removes ?? { labels: [], paths: [] };
  const isRemoved = at.valid && paths.map(stepsOf).some(({ steps, whole }) => whole && isWithin(steps, at.prefix));
  const removed = isRemoved ? labels.filter((name) => name !== "unknown") : [];
  return { ...base, sources: base.sources.filter((name) => !removed.includes(name)) };
}

/** Whether `show` hides any place that `steps` may reach. */
export function isHiddenAt(show: Shown, steps: readonly Step[]): boolean {
  if (typeof show === "string") return show === "none";
  return !show.map(stepsOf).some((shown) => shown.whole && isWithin(shown.steps, steps));
}

/** A `show` in effect. */
export type Shown = NonNullable<PlanNode["show"]>;

/**
 * What the agent gets of a value: the shown parts in the containers that lead to them. On the static prefix of a shown path only what
 * leads on is told, below it every other part is a handle. Where nothing is shown, a handle for the whole.
 */
export function disclose(show: Shown, value: Json, handle: (path: Located) => string): Json {
  if (show === "all") return value;
  const shown = (show === "none" ? [] : show).flatMap((path) =>
    (select(path, value) ?? []).map((found) => ({ place: found.path, prefix: prefixOf(path) })),
  );
  const visit = (part: Json, path: Located): Json | undefined => {
    const inside = shown.filter(({ place }) => isWithin(path, place));
    if (shown.some(({ place }) => isWithin(place, path))) return part;
    if (inside.length === 0) return undefined;
    const isOnPrefix = inside.some(({ prefix }) => prefix.length > path.length);
    const member = (key: string | number, child: Json): Json | undefined =>
      visit(child, [...path, key]) ?? (isOnPrefix ? undefined : handle([...path, key]));
    if (isArray(part)) return part.map((child, i) => member(i, child)).filter((child) => child !== undefined);
    const members = Object.entries(part as JsonObject).map(([key, child]) => [key, member(key, child)] as const);
    return Object.fromEntries(members.filter((one): one is [string, Json] => one[1] !== undefined));
  };
  return visit(value, []) ?? { sluice_handle: handle([]) };
}

type Located = readonly (string | number)[];
