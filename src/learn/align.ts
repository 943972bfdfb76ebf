/**
 * Which calls of several runs are the same operation: an alignment of calls to slots, each of which becomes a node.
 * Pure and deterministic. Never puts two calls of one run into one slot, nor calls of different tools or with other arguments.
 *
 * Progressive alignment (Feng, Doolittle, J. Mol. Evol. 25, 1987) of unordered profiles: the longest run first, then each run against what
 * the earlier ones left, best pair first. The score of a call and a slot, for each argument that both have: 4 if its value was read from a
 * place (tool and path) that the slot's values were read from, 3 if it is a value of the slot, 2 if the task has it as the slot's tasks have
 * theirs; 2 if both have the same arguments; and 1/(1 + d) for calls whose place among the calls of the tool differs by d.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { FrozenTool } from "../plan/plan.ts";
import type { Call } from "./nodes.ts";
import { originsOf, type Run } from "./runs.ts";

/** One operation, with the call that each run made of it. */
export interface Slot {
  readonly tool: FrozenTool;
  /** Calls by the place of their run. More than one in a loop, or where several calls run as one node. */
  readonly calls: Map<number, readonly Call[]>;
}

type Features = ReadonlyMap<string, ReadonlySet<string>>;

interface Profile {
  readonly slot: Slot;
  /** By argument. */
  readonly features: Map<string, Set<string>>;
  readonly ranks: number[];
}

const weights: readonly (readonly [prefix: string, weight: number])[] = [
  ["<", 4],
  ["=", 3],
  ["?", 2],
];

function featuresOf(run: Run, call: Call): Features {
  const { first } = call;
  return new Map(
    Object.entries(first.args).map(([name, value]) => {
      const found = [...originsOf(run, first.index, value)].map((origin) => `<${origin}`);
      found.push(`=${canonicalJson(value)}`);
      if (run.facts.task.find(value) !== undefined) found.push("?");
      return [name, new Set(found)];
    }),
  );
}

/** Calls with less than this share of their arguments in common are different operations. */
const sharedArgsMin = 0.5;
/** What calls with the same arguments score besides. */
const sameArgsScore = 2;

/** The share of the names of both that both have; 1 if neither has any. */
function shareOf(names: readonly string[], features: ReadonlyMap<string, unknown>): number {
  const all = new Set([...names, ...features.keys()]);
  return all.size === 0 ? 1 : names.filter((name) => features.has(name)).length / all.size;
}

/** Aligns the calls of all runs. */
export function alignRuns(runs: readonly Run[]): Slot[] {
  const profiles: Profile[] = [];
  const longestFirst = [...runs].sort((a, b) => b.calls.length - a.calls.length);
  for (const run of longestFirst) {
    const ranks = ranksOf(run);
    const pairs = pairsOf(run, profiles);
    for (const call of run.calls) {
      const features = featuresOf(run, call);
      const profile = pairs.get(call) ?? openProfile(profiles, call);
      profile.slot.calls.set(run.place, [call]);
      profile.ranks.push(ranks.get(call) ?? 0);
      for (const [name, own] of features) {
        const known = profile.features.get(name) ?? new Set();
        for (const feature of own) known.add(feature);
        profile.features.set(name, known);
      }
    }
  }
  return profiles.map(({ slot }) => slot);
}

function openProfile(profiles: Profile[], { first }: Call): Profile {
  const profile = { slot: { tool: first.tool, calls: new Map() }, features: new Map(), ranks: [] };
  profiles.push(profile);
  return profile;
}

/** The place of each call among the calls of its tool. */
function ranksOf(run: Run): ReadonlyMap<Call, number> {
  const counts = new Map<string, number>();
  return new Map(
    run.calls.map((call) => {
      const name = call.first.tool.name;
      const rank = counts.get(name) ?? 0;
      counts.set(name, rank + 1);
      return [call, rank];
    }),
  );
}

/** The slot of each call of a run, best pair first; a call that no free slot fits has none. */
function pairsOf(run: Run, profiles: readonly Profile[]): ReadonlyMap<Call, Profile> {
  const ranks = ranksOf(run);
  const options = run.calls.flatMap((call) => {
    const features = featuresOf(run, call);
    const names = [...features.keys()];
    return profiles.flatMap((profile) => {
      const share = profile.slot.tool === call.first.tool ? shareOf(names, profile.features) : 0;
      if (share < sharedArgsMin) return [];
      const distance = Math.min(...profile.ranks.map((rank) => Math.abs(rank - (ranks.get(call) ?? 0))));
      const score = scoreOf(features, profile.features) + (share === 1 ? sameArgsScore : 0) + 1 / (1 + distance);
      return [{ call, profile, score }];
    });
  });
  options.sort((a, b) => b.score - a.score);
  const pairs = new Map<Call, Profile>();
  const taken = new Set<Profile>();
  for (const { call, profile } of options) {
    if (pairs.has(call) || taken.has(profile)) continue;
    pairs.set(call, profile);
    taken.add(profile);
  }
  return pairs;
}

function scoreOf(features: Features, known: Features): number {
  let score = 0;
  for (const [name, own] of features) {
    const other = known.get(name);
    const best = weights.find(([prefix]) => [...own].some((feature) => feature.startsWith(prefix) && other?.has(feature)));
    score += best?.[1] ?? 0;
  }
  return score;
}

/** The slots that the calls of one more run belong to: slots that take several calls take what is left over. */
export function alignRun<S extends Slot>(run: Run, runs: readonly Run[], slots: readonly S[]): ReadonlyMap<Call, S> {
  const byPlace = new Map(runs.map((one) => [one.place, one]));
  const profiles = slots.map((slot): Profile => {
    const profile: Profile = { slot, features: new Map(), ranks: [] };
    for (const [place, calls] of slot.calls) {
      const own = byPlace.get(place);
      if (own === undefined) continue;
      for (const call of calls) {
        profile.ranks.push(ranksOf(own).get(call) ?? 0);
        for (const [name, features] of featuresOf(own, call))
          profile.features.set(name, new Set([...(profile.features.get(name) ?? []), ...features]));
      }
    }
    return profile;
  });
  const pairs = pairsOf(run, profiles);
  const found = new Map<Call, S>();
  for (const call of run.calls) {
    const own = pairs.get(call);
    const slot =
      slots.find((one) => one === own?.slot) ??
      slots.find((one) => one.tool === call.first.tool && [...one.calls.values()].some((calls) => calls.length > 1));
    if (slot !== undefined) found.set(call, slot);
  }
  return found;
}
