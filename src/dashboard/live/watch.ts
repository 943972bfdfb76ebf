/**
 * Looks at the store and the audit log while somebody listens, so that what other processes do appears too.
 * Never in the path of a call, never looks while nobody listens, and reads at most a bounded number of events each time.
 */
import { type AuditKind, type AuditRecord, readRecord } from "../../audit/record.ts";
import type { AuditLog } from "../../audit/log.ts";
import type { SessionRow, Store } from "../../stores/store.ts";
import type { LiveEvent, LiveTopic } from "./event.ts";
import { eventsOfEntry, isTold } from "./told.ts";

/** What is looked at. */
export interface Watched {
  readonly store: Pick<Store, "list" | "load">;
  readonly log?: Pick<AuditLog, "head" | "read"> | undefined;
}

/** Looks, each time when it is asked to. */
export interface Watch {
  /** What happened since the last look; the first one only remembers where things stand. Never rejects. */
  look(): Promise<readonly LiveEvent[]>;
  /** That this process itself has told what happened in a session since the last look. */
  touched(session: string): void;
}

/** Sessions that are watched: the newest. */
const sessionsMax = 200;
/** Events of one session, sessions, and records that one look reads. */
const eventsMax = 100;
const changedMax = 40;
const recordsMax = 200;

/** Milliseconds by which the clocks of processes may differ, for which session is new. */
const clockSkewMs = 60_000;

/** Topics of records: what pages that show such things must be fetched again for. */
const topicOf: { readonly [K in AuditKind]?: LiveTopic } = {
  hold: "approval",
  approve: "approval",
  refuse: "approval",
  "ask-amend": "amendment",
  amend: "amendment",
  "judge-amend": "amendment",
  "plan-frozen": "plan",
  "plan-loaded": "plan",
};

/** Makes a watch. */
export function createWatch({ store, log }: Watched): Watch {
  let versions: Map<string, number> | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;
  let size: number | undefined;
  let touchedNow = new Set<string>();
  const lookAtStore = async (): Promise<readonly LiveEvent[]> => {
    const mine = touchedNow;
    touchedNow = new Set();
    const rows = await store.list(sessionsMax);
    if (!rows.ok) return [];
    const before = versions;
    const newest = newestAt;
    versions = new Map(rows.value.map(({ header, version }) => [header.id, version]));
    newestAt = rows.value.reduce((time, { header }) => Math.max(time, header.openedAt), newest);
    if (before === undefined) return [];
    const events: LiveEvent[] = [];
    // An old session may come up where newer ones were forgotten: it is no new one.
    const isNews = ({ header, version }: SessionRow): boolean =>
      before.has(header.id) ? before.get(header.id) !== version : header.openedAt >= newest - clockSkewMs;
    const changed = rows.value.filter(isNews).slice(0, changedMax);
    for (const { header, version } of changed) {
      const since = Math.max(before.get(header.id) ?? 0, version - eventsMax);
      const loaded = await store.load(header.id, since);
      if (!loaded.ok) continue;
      const { entries } = loaded.value;
      versions.set(header.id, since + entries.length);
      entries.forEach((entry, i) => {
        const place = { session: header.id, number: since + i, plan: header.plan };
        if (!(mine.has(header.id) && isTold(entry))) events.push(...eventsOfEntry(entry, place));
      });
    }
    return events;
  };
  const lookAtLog = async (): Promise<readonly LiveEvent[]> => {
    const head = await log?.head();
    if (log === undefined || head?.ok !== true) return [];
    const from = size;
    size = head.value.size;
    return from === undefined || from >= size
      ? []
      : eventsOfLog(log, { from, size, isHere: (id) => versions?.has(id) !== false });
  };
  return {
    touched: (session) => void (touchedNow.size < sessionsMax * 10 && touchedNow.add(session)),
    look: async () => {
      // One after the other: what the store has is known before the log is read.
      const ofStore = await lookAtStore().catch((): readonly LiveEvent[] => []);
      const ofLog = await lookAtLog().catch((): readonly LiveEvent[] => []);
      return [...ofStore, ...ofLog];
    },
  };
}

/** What new records tell: that there are some, which pages they are for, and verdicts of sessions that are not in the store here. */
async function eventsOfLog(
  log: Pick<AuditLog, "read">,
  { from, size, isHere }: { readonly from: number; readonly size: number; readonly isHere: (session: string) => boolean },
): Promise<readonly LiveEvent[]> {
  const texts = await log.read(Math.max(from, size - recordsMax), recordsMax);
  const records = texts.ok ? texts.value.flatMap((text) => readRecord(text) ?? []) : [];
  const topics = new Set(records.flatMap(({ kind }) => topicOf[kind] ?? []));
  return [
    { topic: "audit", data: { from, size, kinds: [...new Set(records.map(({ kind }) => kind))].sort() } },
    ...[...topics].map((topic): LiveEvent => ({ topic, data: { what: "recorded" } })),
    ...records.flatMap((record) => (record.session === undefined || isHere(record.session) ? [] : eventsElsewhere(record))),
  ];
}

/** Of sessions that the store here does not have: other processes over other stores may write the same log. */
function eventsElsewhere({ kind, session, plan, node, tool, code, at }: AuditRecord): readonly LiveEvent[] {
  const verdict = kind === "allow" || kind === "release" ? "allow" : kind === "deny" || kind === "hold" ? kind : undefined;
  if (verdict === undefined) return [];
  const named = Object.entries({ session, plan, node, tool, code }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return [{ topic: "verdict", data: { at, verdict, ...Object.fromEntries(named) } }];
}
