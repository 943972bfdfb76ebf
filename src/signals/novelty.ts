/**
 * What was never seen before: tools at which a plan or a principal calls, labels that come together at a tool, principals of a plan.
 * Pure. Never calls anything new while new things are usual there, nor before there were sessions enough to say so.
 *
 * How unlikely a new thing is, is a conformal p-value (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Laxhammar and
 * Falkman, 2014, for anomalies): if sessions come in no particular order, then each of the n + 1 sessions so far is as likely as any other to be the
 * last, and the share of those that have something that only they have bounds the chance that the last one has. That is Good's and Turing's
 * estimate (Biometrika 40:237, 1953) of what is unseen, the new session counted in.
 */
import type { AuditRecord } from "../audit/record.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import {
  signalArgumentsMax,
  signalLabelsMax,
  signalScopesMax,
  signalSessionMarksMax,
  signalSessionsMax,
  signalValuesMax,
} from "./bounds.ts";
import { countLook, createLooks, type Looks, looksInDay } from "./looks.ts";
import type { Raised } from "./raised.ts";
import { createRecent, type Recent } from "./recent.ts";
import type { SignalKind } from "./signal.ts";

/** What was seen in one place. Plain JSON, mutable. */
export interface Scope {
  /** Sessions that had anything there. */
  sessions: number;
  /** What they had, used longest ago first: 1 where one session alone had it, else 2. */
  readonly values: Map<string, 1 | 2>;
  /** Values that were dropped for want of room. */
  lost: number;
}

/** What is remembered of one session. */
export interface SessionMarks {
  /** Scopes, and values in them, that it is counted for already. */
  readonly marks: Set<string>;
}

/** All places, and the sessions that are going on. */
export interface Novelty {
  readonly scopes: Recent<Scope>;
  readonly sessions: Recent<SessionMarks>;
  /** First looks of sessions at places, by day. */
  readonly looks: Looks;
}

/** Makes them, empty. */
export function createNovelty(): Novelty {
  return {
    scopes: createRecent(signalScopesMax),
    sessions: createRecent(signalSessionsMax),
    looks: createLooks(),
  };
}

interface Place {
  readonly kind: SignalKind;
  readonly by: Raised["by"];
  readonly id: string;
  readonly value: string;
  /** What is new; absent: it is nothing, and only counts as what is usual here. */
  readonly says?: string;
}

/** Where a record shows something. */
function placesOf(record: AuditRecord): readonly Place[] {
  const { kind, plan, principal } = record;
  if (kind === "open" && plan !== undefined && principal !== undefined)
    return [{ kind: "first-use", by: "plan", id: plan, value: principal, says: `first session of the principal ${principal}` }];
  return kind === "allow" || kind === "deny" || kind === "hold" ? placesOfCall(record) : [];
}

function placesOfCall(record: AuditRecord): readonly Place[] {
  const { kind, plan, principal, tool, node, code = "", facts } = record;
  const places: Place[] = [];
  const call = kind === "allow" ? "call" : kind === "hold" ? "held call" : "denied call";
  // Where calls are not recorded, an allow names its node alone.
  const sink = tool ?? (node === undefined || plan === undefined ? undefined : `node ${node} of ${plan}`);
  if (sink !== undefined) {
    const found = { kind: "new-sink", value: sink, says: `first ${call} at ${sink}` } as const;
    if (plan !== undefined) places.push({ ...found, by: "plan", id: plan });
    if (principal !== undefined) places.push({ ...found, by: "principal", id: principal });
  }
  if (tool !== undefined)
    for (const { value, says } of carriedBy(facts))
      places.push({
        kind: "new-labels",
        by: "tool",
        id: tool,
        value,
        ...(says === undefined ? {} : { says: `first ${call} ${says}` }),
      });
  if (plan !== undefined) {
    const what = `${code} at ${tool ?? "a tool that the plan has not"}`;
    const found = kind === "deny" ? { value: what, says: `first denial ${what}` } : { value: "none" };
    places.push({ kind: "new-denial", by: "plan", id: plan, ...found });
  }
  return places;
}

/**
 * Labels that came together: in an argument (an allow tells all that have any, a denial the one that it is about), and in all of them. A call
 * of which none are told counts as one with nothing.
 */
function carriedBy({ carried, argument, labels }: JsonObject): readonly Pick<Place, "value" | "says">[] {
  const all = labelsOf(labels);
  const inOne = Object.entries(
    isObject(carried) ? carried : typeof argument === "string" && labels !== undefined ? { [argument]: labels } : {},
  );
  const found = inOne.slice(0, signalArgumentsMax).flatMap(([name, its]) => {
    const value = labelsOf(its);
    return value === undefined ? [] : [{ value: `${name}: ${value}`, says: `with ${named(value)} in \`${name}\`` }];
  });
  if (typeof argument === "string" && found.length > 0) return found;
  return [...found, all === undefined ? { value: "nothing" } : { value: `: ${all}`, says: `with ${named(all)}` }];
}

function named(labels: string): string {
  return labels === "" ? "no labels" : `the labels ${labels}`;
}

function labelsOf(labels: Json | undefined): string | undefined {
  if (!isArray(labels)) return undefined;
  const names = labels.filter((each) => typeof each === "string");
  return [...new Set(names)].sort().slice(0, signalLabelsMax).join(" + ");
}

/** Takes a record, and says what is new. `falsePerSession`: the share of sessions, as they were, of which one signal is false. */
export function takeNovelty(novelty: Novelty, record: AuditRecord, falsePerSession: number): readonly Raised[] {
  const { session } = record;
  if (session === undefined) return [];
  if (record.kind === "close") {
    novelty.sessions.delete(session);
    return [];
  }
  const places = placesOf(record);
  if (places.length === 0) return [];
  const { marks } = novelty.sessions.get(session) ?? begin(novelty, session);
  const found = places.flatMap((place) => {
    const key = `${place.kind} ${place.by} ${place.id}`;
    const mark = `${key}\n${place.value}`;
    if (marks.has(mark) || marks.size >= signalSessionMarksMax) return [];
    const scope = novelty.scopes.get(key) ?? makeScope(novelty, key);
    const isFirst = !marks.has(key);
    const { p, before } = see(scope, place.value, isFirst);
    marks.add(key).add(mark);
    const watched = isFirst ? countLook(novelty.looks, record.at) : looksInDay(novelty.looks);
    const { says } = place;
    if (says === undefined || p === undefined || p > falsePerSession) return [];
    return [raisedOf({ ...place, says }, record, { p, before, watched })];
  });
  // One tool that is new to the plan and to the principal is one thing: where it is the less likely.
  return found.filter(({ kind, p }, i) =>
    found.every((other, k) => other.kind !== kind || p < other.p || (p === other.p && i <= k)),
  );
}

function begin({ sessions }: Novelty, id: string): SessionMarks {
  const made = { marks: new Set<string>() };
  sessions.set(id, made);
  return made;
}

function makeScope({ scopes }: Novelty, key: string): Scope {
  const made: Scope = { sessions: 0, values: new Map(), lost: 0 };
  scopes.set(key, made);
  return made;
}

/**
 * Adds what a session has to what was seen. `p`: how likely something new is, if it is new. `isFirst`: the session had nothing there yet.
 */
function see(scope: Scope, value: string, isFirst: boolean): { readonly p: number | undefined; readonly before: number } {
  const had = scope.values.get(value);
  if (isFirst) scope.sessions += 1;
  scope.values.delete(value);
  scope.values.set(value, had === undefined ? 1 : 2);
  if (had !== undefined) return { p: undefined, before: scope.sessions - 1 };
  // Values that one session alone has, this one too, and those that were dropped: at least as many as sessions that have one.
  let single = scope.lost;
  for (const times of scope.values.values()) if (times === 1) single += 1;
  const [oldest] = scope.values.keys();
  if (scope.values.size > signalValuesMax && oldest !== undefined) {
    scope.values.delete(oldest);
    scope.lost += 1;
  }
  return { p: Math.min(1, single / scope.sessions), before: scope.sessions - 1 };
}

function raisedOf(
  { kind, by, id, says }: Place & { readonly says: string },
  { at, seq }: AuditRecord,
  { p, before, watched }: { readonly p: number; readonly before: number; readonly watched: number },
): Raised {
  return {
    kind,
    by,
    id,
    says: `${says}, after ${before} sessions without it`,
    since: at,
    at,
    baseline: { value: p, unit: "share of sessions with something new", history: before },
    observed: { value: 1, unit: "session" },
    p,
    watched,
    seqs: [seq],
    seqCount: 1,
  };
}
