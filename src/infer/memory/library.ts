/**
 * All approved plans that the memory holds, made ready to be compared with: their slots, the names they know, their kinds.
 * Pure, and the same for the same plans in any order. Nothing is fitted: what it knows is counts over the plans.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { ProposedSource } from "../proposal.ts";
import type { DraftParam, DraftTool } from "../tools.ts";
import { sameValue } from "../values/same-value.ts";
import { wantedKinds } from "../values/wants.ts";
import type { Example } from "./approved.ts";
import { type Anchors, type AskedParam, candidatesOf } from "./candidates.ts";
import { frameOf, placeOf, termsOf } from "./frames.ts";
import { findNicknames, type Orphan } from "./nicknames.ts";
import { chainsOf, countCandidate, openCounts, type PlaceCounts } from "./places.ts";
import { weighTerms } from "./term-weights.ts";
import { contextAt, isOverlapping, type Range, type Reading, readingOf } from "./reading.ts";
import { slotRange } from "./slots.ts";
import { collectSurfaces, type Surfaces, type SurfaceUse } from "./surfaces.ts";
import { surfaceOfWords } from "./words.ts";

/** A slot of one approved plan: the words that its constant was read from, if any are found. */
export interface Slot {
  readonly param: DraftParam;
  readonly value: Json;
  readonly range: Range | undefined;
}

/** An approved plan, read. */
export interface Member {
  readonly number: number;
  readonly example: Example;
  readonly reading: Reading;
  /** Its constants, by place. */
  readonly slots: Map<string, Slot>;
  readonly terms: readonly string[];
  /** Of its terms, as `weighTerms` gives them. */
  weights: ReadonlyMap<string, number>;
  /** Kinds of typed mentions that went into its slots. */
  readonly mentions: ReadonlySet<string>;
}

/** One argument of a kind of plan that is a constant in some of its plans. */
export interface FramePlace {
  readonly place: string;
  readonly call: number;
  readonly path: readonly string[];
  readonly asked: AskedParam;
  /** Plans that have it, and plans in which it was read from the task. */
  readonly given: number;
  readonly read: number;
  /** The value that all plans which have it agree on, if none read it from its task. */
  readonly fixed?: Json;
  readonly counts: PlaceCounts;
  /** The same over all arguments of this name. */
  readonly kin: PlaceCounts;
}

/** An argument of a kind of plan that every plan fills in the same way. */
export interface FrameFlow {
  readonly call: number;
  readonly path: readonly string[];
  readonly source: ProposedSource;
}

/** A kind of plan. */
export interface Frame {
  readonly name: string;
  readonly tools: readonly DraftTool[];
  /** Of each of them, as frozen. */
  readonly definitions: readonly JsonObject[];
  readonly flows: readonly FrameFlow[];
  readonly members: readonly Member[];
  readonly places: readonly FramePlace[];
  /** Pairs of places that some plan read from the same words: `place\tplace`. */
  readonly shared: ReadonlySet<string>;
  /** Weight of each term in its members' tasks, and of all together. */
  readonly weights: ReadonlyMap<string, number>;
  readonly weight: number;
  /** Words that stand in members outside of slots, with how often. */
  readonly words: ReadonlyMap<string, number>;
}

/** Approved plans, ready to be compared with. */
export interface Library {
  readonly frames: readonly Frame[];
  readonly surfaces: Surfaces;
  readonly size: number;
  /** In how many plans each term stands. */
  readonly terms: ReadonlyMap<string, number>;
  /** Weight of each term in all tasks, and of all together. */
  readonly weights: ReadonlyMap<string, number>;
  readonly weight: number;
}

/** Makes a library of examples. */
export function buildLibrary(examples: readonly Example[]): Library {
  const members = examples.toSorted((one, other) => (one.digest < other.digest ? -1 : 1)).map(memberOf);
  adoptOrphans(members);
  const terms = countTerms(members.map((one) => one.terms));
  for (const one of members) one.weights = weighTerms({ terms, size: members.length }, one.terms);
  const surfaces = collectSurfaces(members.flatMap(usesOf));
  const groups = new Map<string, Member[]>();
  for (const one of members) {
    const name = frameOf(one.example);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const shared = new Map<string, PlaceCounts>();
  const frames = [...groups].map(([name, group]) => buildFrame(name, { members: group, surfaces, shared }));
  return { frames, surfaces, size: members.length, terms, ...sumWeights(members) };
}

function memberOf(example: Example, number: number): Member {
  const reading = readingOf(example.task);
  const slots = new Map<string, Slot>();
  for (const [call, { args }] of example.calls.entries())
    for (const argument of args) {
      const { source, param } = argument;
      if (source.kind !== "constant" || param === undefined) continue;
      const range = slotRange(reading, { param, value: source.value, context: example.context });
      slots.set(placeOf(call, argument), { param, value: source.value, range });
    }
  const ranges = [...slots.values()].flatMap(({ range }) => (range === undefined ? [] : [range]));
  const mentions = new Set(
    reading.mentions.filter((mention) => ranges.some((range) => isOverlapping(range, mention))).map(({ kind }) => kind),
  );
  return { number, example, reading, slots, terms: termsOf(reading.masked), weights: new Map(), mentions };
}

/** Gives constants whose words do not resemble them the words that the plans together show. */
function adoptOrphans(members: readonly Member[]): void {
  const orphans: Orphan[] = [];
  for (const { number, reading, slots } of members) {
    const taken = [...slots.values()].flatMap(({ range }) => (range === undefined ? [] : [range]));
    for (const [place, { range, value }] of slots)
      if (range === undefined && typeof value === "string") orphans.push({ plan: number, place, value, reading, taken });
  }
  const found = findNicknames(
    orphans,
    members.map(({ reading }) => reading),
  );
  for (const [{ plan, place }, range] of found) {
    const slot = members[plan]?.slots.get(place);
    if (slot !== undefined) members[plan]?.slots.set(place, { ...slot, range });
  }
}

/** Name of an argument over all plans. */
function paramId(tool: DraftTool, path: readonly string[]): string {
  return `${tool.name} ${path.join("\n")}`;
}

function usesOf({ number, example, reading, slots }: Member): readonly SurfaceUse[] {
  const uses: SurfaceUse[] = [];
  for (const [call, { tool, args }] of example.calls.entries())
    for (const argument of args) {
      const slot = slots.get(placeOf(call, argument));
      // What a date or number means depends on the day, the unit, the place: it is read anew each time.
      if (slot?.range === undefined || typeof slot.value === "object" || wantedKinds(slot.param).length > 0) continue;
      const surface = surfaceOfWords(reading.words, slot.range.from, slot.range.to);
      uses.push({ param: paramId(tool, argument.path), words: slot.param.words, surface, value: slot.value, plan: number });
    }
  return uses;
}

function buildFrame(
  name: string,
  {
    members,
    surfaces,
    shared,
  }: { readonly members: readonly Member[]; readonly surfaces: Surfaces; readonly shared: Map<string, PlaceCounts> },
): Frame {
  const [first] = members;
  const calls = first?.example.calls ?? [];
  const places = new Map<string, { call: number; path: readonly string[]; slots: Slot[] }>();
  for (const { example, slots } of members)
    for (const [call, { args }] of example.calls.entries())
      for (const argument of args) {
        const key = placeOf(call, argument);
        const slot = slots.get(key);
        if (slot === undefined) continue;
        const place = places.get(key) ?? { call, path: argument.path, slots: [] };
        place.slots.push(slot);
        places.set(key, place);
      }
  const flows = calls.flatMap(({ args }, call) =>
    args.flatMap(({ path, source }) => (source.kind === "constant" ? [] : [{ call, path, source }])),
  );
  return {
    name,
    tools: calls.map(({ tool }) => tool),
    definitions: calls.map(({ definition }) => definition),
    flows,
    members,
    places: [...places].map(([place, { call, path, slots }]) => {
      const tool = calls[call]?.tool as DraftTool;
      const read = slots.filter(({ range }) => range !== undefined).length;
      const [one] = slots;
      const isFixed = read === 0 && one !== undefined && slots.every(({ value }) => sameValue(value, one.value));
      const anchors = anchorsOf(members, place);
      const asked: AskedParam = { id: paramId(tool, path), param: (one as Slot).param, anchors };
      const counts = openCounts();
      const kin = shared.get(asked.param.words) ?? openCounts();
      shared.set(asked.param.words, kin);
      for (const member of members) countMember([counts, kin], member, { place, asked, surfaces });
      return { place, call, path, asked, given: slots.length, read, ...(isFixed && { fixed: one.value }), counts, kin };
    }),
    shared: sharedPairs(members),
    ...sumWeights(members),
    words: countTerms(members.map(wordsOutside)),
  };
}

/** Pairs of places of one call that some plan read from the same words. */
function sharedPairs(members: readonly Member[]): ReadonlySet<string> {
  const pairs = new Set<string>();
  for (const { slots } of members)
    for (const [one, { range }] of slots)
      for (const [other, { range: same }] of slots)
        if (one !== other && range !== undefined && same !== undefined && isOverlapping(range, same))
          pairs.add(`${one}\t${other}`);
  return pairs;
}

/** Anchors: two words before that were seen once, one word before that was seen several times, one after likewise. */
const anchorMin = 2;

function anchorsOf(members: readonly Member[], place: string): Anchors {
  const before = new Map<string, number>();
  const after = new Map<string, number>();
  for (const { reading, slots } of members) {
    const range = slots.get(place)?.range;
    const line = range && reading.words[range.from]?.line;
    if (range === undefined) continue;
    const one = contextAt(reading, range.from - 1, line);
    for (const anchor of [one, `${one} ${contextAt(reading, range.from - 2, line)}`])
      before.set(anchor, (before.get(anchor) ?? 0) + (anchor === one ? 1 : anchorMin));
    const next = contextAt(reading, range.to, line);
    after.set(next, (after.get(next) ?? 0) + 1);
  }
  const often = (counts: ReadonlyMap<string, number>) =>
    new Set([...counts].filter(([, count]) => count >= anchorMin).map(([word]) => word));
  return { before: often(before), after: often(after) };
}

function countMember(
  counts: readonly PlaceCounts[],
  { number, example, reading, slots }: Member,
  { place, asked, surfaces }: { readonly place: string; readonly asked: AskedParam; readonly surfaces: Surfaces },
): void {
  const slot = slots.get(place);
  // Without its words a constant says nothing about where it stands.
  if (slot !== undefined && slot.range === undefined) return;
  const candidates = candidatesOf(reading, asked, { surfaces, context: example.context, self: number });
  const range = slot?.range;
  for (const candidate of candidates) {
    const isExact = range !== undefined && candidate.from === range.from && candidate.to === range.to;
    for (const one of counts) countCandidate(one, chainsOf(reading, candidate, candidates), isExact);
  }
  if (range !== undefined && !candidates.some(({ from, to }) => from === range.from && to === range.to)) {
    const unseen = { ...range, kind: "words", value: slot?.value ?? null, known: "no" } as const;
    for (const one of counts) countCandidate(one, chainsOf(reading, unseen, candidates), true);
  }
}

function wordsOutside({ reading, slots }: Member): readonly string[] {
  const ranges = [...slots.values()].flatMap(({ range }) => (range === undefined ? [] : [range]));
  const outside = reading.masked.filter((_, at) => !ranges.some((range) => isOverlapping(range, { from: at, to: at + 1 })));
  return [...new Set(outside)];
}

function sumWeights(members: readonly Member[]): Pick<Library, "weights" | "weight"> {
  const weights = new Map<string, number>();
  let weight = 0;
  for (const { weights: own } of members)
    for (const [term, one] of own) {
      weights.set(term, (weights.get(term) ?? 0) + one);
      weight += one;
    }
  return { weights, weight };
}

function countTerms(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) for (const term of list) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
