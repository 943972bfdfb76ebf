/**
 * Made-up histories of an audit log, record by record, from a seed: traffic that goes on as before, and changes planted in it.
 * Never a value: records have what real ones tell.
 */
import { type AuditKind, type AuditRecord, noDigest } from "../../src/audit/record.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { oneOf, randomOf } from "../soak/random.ts";

/** How calls come in, each with the same mean in every hour but `office`. */
export const trafficModels = ["poisson", "gamma", "sessions", "office"] as const;

/**
 * `poisson`: one by one. `gamma`: the rate of every hour is drawn anew (negative binomial counts, variance four times a mean of 3). `sessions`: in
 * sessions of 12 calls on average (geometric), over some minutes. `office`: such sessions, ten times as many from 8 to 18 h from Monday to Friday.
 */
export type TrafficModel = (typeof trafficModels)[number];

/** A history. */
export interface HistoryOptions {
  readonly seed: number;
  readonly days: number;
  readonly model: TrafficModel;
  readonly principals: number;
  /** Calls of one principal in an hour, on average. */
  readonly rate: number;
  /** What is planted. */
  readonly change?: (history: Change) => void;
}

/** Where something is planted. */
export interface Change {
  readonly random: () => number;
  /** Adds a record; its number comes later. */
  add(record: Partial<AuditRecord> & Pick<AuditRecord, "at" | "kind">): void;
}

/** Monday, 2027-01-04. */
export const beginning = 1_798_934_400_000 + 2 * 86_400_000;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const callsInSession = 12;
const tools = ["desk/read", "desk/search", "desk/reply", "mail/send", "crm/find", "crm/note", "bill/list", "bill/pay"];

type Loose = Partial<AuditRecord> & Pick<AuditRecord, "at" | "kind">;

/** The records of a history, in order. */
export function historyOf(options: HistoryOptions): readonly AuditRecord[] {
  const random = randomOf(options.seed);
  const loose: Loose[] = [];
  for (let who = 0; who < options.principals; who++) addPrincipal(loose, options, { random, who });
  options.change?.({ random, add: (record) => void loose.push(record) });
  return numbered(loose);
}

/** Records in the order of their times, with numbers. */
export function numbered(loose: readonly Loose[]): readonly AuditRecord[] {
  return loose
    .map((each, i) => ({ each, i }))
    .sort((a, b) => a.each.at - b.each.at || a.i - b.i)
    .map(({ each }, seq) => ({ v: 1 as const, facts: {}, values: {}, prev: noDigest, ...each, seq }));
}

function addPrincipal(
  loose: Loose[],
  { days, model, rate }: HistoryOptions,
  { random, who }: { readonly random: () => number; readonly who: number },
): void {
  const plan = `plan-${who % 5}`;
  const base = { principal: `s${who}`, plan };
  for (let hour = 0; hour < days * 24; hour++) {
    const start = beginning + hour * hourMs;
    const busy = model === "office" ? officeFactor(start) : 1;
    const clustered = model === "sessions" || model === "office";
    const level = model === "gamma" ? gamma(random, 1) : 1;
    const arrivals = poisson(random, clustered ? (rate * busy) / callsInSession : rate * level);
    for (let i = 0; i < arrivals; i++) {
      const at = start + Math.floor(random() * hourMs);
      const session = `${who}.${hour}.${i}`;
      if (clustered) addSession(loose, { ...base, session, at, random });
      else loose.push({ ...base, kind: random() < 0.02 ? "deny" : "allow", session, at, tool: toolOf(random, who), facts: {} });
    }
  }
}

function officeFactor(at: number): number {
  const [hour, day] = [Math.floor(at / hourMs) % 24, (Math.floor(at / dayMs) + 4) % 7];
  return hour >= 8 && hour < 18 && day >= 1 && day <= 5 ? 1 : 0.1;
}

/** A session: some calls some seconds apart; in one of twenty the agent is denied something and tries it three times on average. */
function addSession(
  loose: Loose[],
  given: {
    readonly principal: string;
    readonly plan: string;
    readonly session: string;
    readonly at: number;
    readonly random: () => number;
  },
): void {
  const { random, at: begun, ...base } = given;
  let at = begun;
  loose.push({ ...base, kind: "open", at });
  const calls = geometric(random, callsInSession);
  const isDenied = random() < 0.05;
  const denials = isDenied ? geometric(random, 3) : 0;
  for (let i = 0; i < calls + denials; i++) {
    at += Math.floor(1_000 + random() * 20_000);
    const kind: AuditKind = i < calls ? "allow" : "deny";
    loose.push({ ...base, kind, at, tool: toolOf(random, Number(base.principal.slice(1))), facts: labelsOf(random) });
  }
  if (random() < 0.02) loose.push({ ...base, kind: "ask-amend", at: at + 1_000 });
  loose.push({ ...base, kind: "close", at: at + 2_000 });
}

/** Three or four tools, of which one in fifty calls is at the last. */
function toolOf(random: () => number, who: number): string {
  const own = [0, 1, 2].map((i) => tools[(who + i) % tools.length] ?? "");
  return random() < 0.02 ? (tools[(who + 3) % tools.length] ?? "") : oneOf(random, own);
}

function labelsOf(random: () => number): JsonObject {
  return { labels: random() < 0.3 ? ["external_api", "user_input"] : ["user_input"] };
}

/** Knuth's (The Art of Computer Programming, 3.4.1); means are small here. */
function poisson(random: () => number, mean: number): number {
  let count = -1;
  // Means beyond what an exponential can hold are drawn in parts.
  for (let left = mean; left > 0; left -= 50) {
    const limit = Math.exp(-Math.min(left, 50));
    let product = 1;
    do {
      product *= random();
      count += 1;
    } while (product > limit);
    if (left > 50) count -= 1;
  }
  return Math.max(0, count);
}

/** Gamma of mean 1 and this shape, an exponential where it is 1. */
function gamma(random: () => number, shape: number): number {
  let sum = 0;
  for (let i = 0; i < shape; i++) sum -= Math.log(1 - random());
  return sum / shape;
}

/** 1 or more, with this mean. */
function geometric(random: () => number, mean: number): number {
  return 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
}
