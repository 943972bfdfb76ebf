/**
 * The sessions of a store and their last verdicts: what the first page shows. Only what has changed is read again.
 * Never keeps a value: of events it remembers names, numbers, codes and the names of labels.
 */
import type { Code } from "../../codes.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Entry, SessionRow, Store } from "../../stores/store.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";

/** One verdict, in short. */
export interface SeenVerdict {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly session: string;
  /** Number of the event in its session. */
  readonly number: number;
  readonly verdict: "allow" | "deny" | "hold";
  readonly code?: Code;
  /** Absent, where the plan has none of that name and it is the agent's own word. */
  readonly tool?: string;
  readonly node?: string;
  readonly run?: number;
  /** Names of labels that it rests on, as far as they were kept; sorted. */
  readonly labels: readonly string[];
}

/** One session, in short. */
export interface SeenRow {
  readonly session: string;
  /** Digest of the plan that it was opened with. */
  readonly plan: string;
  readonly principal: string;
  readonly openedAt: number;
  readonly state: "open" | "closed" | "expired";
  /** Number of its events. */
  readonly events: number;
  readonly allowed: number;
  /** Denials and holds among the events that were looked at. */
  readonly denied: number;
  /** Whether there are earlier events that were not looked at, so that `denied` may be more. */
  readonly isPart: boolean;
  readonly last?: SeenVerdict;
}

/** What is there now. */
export interface SeenSessions {
  /** Open ones first, then by the time of opening, the newest first. */
  readonly rows: readonly SeenRow[];
  /** Verdicts of these sessions, the newest first. */
  readonly verdicts: readonly SeenVerdict[];
  /** Whether the store may have more sessions than were looked at. */
  readonly isCut: boolean;
}

/** Looks at the sessions of a store. */
export interface SessionsView {
  /** Error: `STORE_UNAVAILABLE`. `now`: milliseconds since the epoch. */
  look(now: number): Promise<Result<SeenSessions, Code>>;
}

/** Sessions that are listed, and those of which events are read. */
const listedMax = 200;
const readMax = 80;
/** Events at the end of a session that are read. */
const tailMax = 150;
/** Verdicts that are given. */
const verdictsMax = 400;
/** Sessions that are read at once. */
const atOnce = 8;

interface Known {
  readonly version: number;
  /** Number of the first event that was looked at. */
  readonly from: number;
  readonly allowed: number;
  readonly verdicts: readonly SeenVerdict[];
}

/** Makes a view. What it remembers is bounded, and belongs to one process. */
export function createSessionsView(store: Pick<Store, "list" | "load">): SessionsView {
  let known = new Map<string, Known>();
  const read = async ({ header, version }: SessionRow): Promise<Known | undefined> => {
    const before = known.get(header.id);
    if (before?.version === version) return before;
    const from = Math.max(before?.version ?? 0, version - tailMax);
    const loaded = await answered(() => store.load(header.id, from));
    if (!loaded.ok) return before;
    const { entries } = loaded.value;
    const found = entries.flatMap((entry, i) => verdictOf(entry, { session: header.id, number: from + i }) ?? []);
    const runs = found.flatMap(({ run }) => (run === undefined ? [] : [run + 1]));
    const isFollowing = before !== undefined && before.version === from;
    return {
      version: from + entries.length,
      from: isFollowing ? before.from : from,
      allowed: Math.max(before?.allowed ?? 0, ...runs),
      verdicts: [...(isFollowing ? before.verdicts : []), ...found].slice(-tailMax),
    };
  };
  return {
    look: async (now) => {
      const listed = await answered(() => store.list(listedMax));
      if (!listed.ok) return err("STORE_UNAVAILABLE");
      const isOpen = ({ header, isClosed }: SessionRow): boolean => !isClosed && header.expiresAt > now;
      const rows = listed.value.toSorted(
        (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.header.openedAt - a.header.openedAt,
      );
      const next = new Map<string, Known>();
      const wanted = rows.slice(0, readMax);
      for (let at = 0; at < wanted.length; at += atOnce) {
        const some = wanted.slice(at, at + atOnce);
        const found = await Promise.all(some.map(read));
        some.forEach(({ header }, i) => {
          const one = found[i];
          if (one !== undefined) next.set(header.id, one);
        });
      }
      known = next;
      const verdicts = [...next.values()].flatMap((one) => one.verdicts);
      return ok({
        rows: rows.map((row) => rowOf(row, next.get(row.header.id), isOpen(row))),
        verdicts: verdicts.sort((a, b) => b.at - a.at || b.number - a.number).slice(0, verdictsMax),
        isCut: listed.value.length >= listedMax,
      });
    },
  };
}

function rowOf({ header, version, isClosed }: SessionRow, known: Known | undefined, isOpen: boolean): SeenRow {
  const { id, plan, principal, openedAt } = header;
  const verdicts = known?.verdicts ?? [];
  const last = verdicts.at(-1);
  return {
    session: id,
    plan,
    principal,
    openedAt,
    state: isOpen ? "open" : isClosed ? "closed" : "expired",
    events: version,
    allowed: known?.allowed ?? 0,
    denied: verdicts.filter(({ verdict }) => verdict !== "allow").length,
    isPart: known === undefined || known.from > 0,
    ...(last === undefined ? {} : { last }),
  };
}

/** The verdict that an event is; `undefined`: it is none. */
export function verdictOf(
  { event, facts = {} }: Entry,
  { session, number }: { readonly session: string; readonly number: number },
): SeenVerdict | undefined {
  const { at } = event;
  if (event.type === "allow") {
    const tool = member(member(facts, "call"), "tool");
    const named = typeof tool === "string" ? { tool } : {};
    return { at, session, number, verdict: "allow", node: event.node, run: event.run, ...named, labels: labelsOf(facts.labels) };
  }
  if (event.type !== "deny") return undefined;
  const { code, tool, node, hold } = event;
  return {
    at,
    session,
    number,
    verdict: hold === undefined && code !== "CALL_NEEDS_APPROVAL" ? "deny" : "hold",
    code,
    ...(code === "CALL_NOT_IN_PLAN" ? {} : { tool }),
    ...(node === undefined ? {} : { node }),
    labels: labelsOf(facts.labels),
  };
}

/** Names of labels that one verdict is shown with. */
const labelsMax = 32;

/** Names of labels, as facts keep them: of a denial those of its argument, of an allow those of each. */
function labelsOf(labels: Json | undefined): readonly string[] {
  const sources = member(labels, "sources");
  const lists = isArray(sources) ? [sources] : isObject(labels) ? Object.values(labels) : [];
  const names = lists.flatMap((list) => (isArray(list) ? list.filter((name) => typeof name === "string") : []));
  return [...new Set(names)].sort().slice(0, labelsMax);
}
