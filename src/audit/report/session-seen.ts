/**
 * What a report remembers of a session while it reads on: which results there are, and what its conversation brought.
 * Pure; bounded: the session that was silent longest is forgotten first, and that is counted.
 */
import { reportCitesMax, reportOpenMax } from "./bounds.ts";
import type { AuditRecord } from "../record.ts";
import type { Point } from "./proof.ts";
import { textsFact } from "./facts.ts";

/** Results of one node. */
export interface Results {
  /** How many settled. */
  count: number;
  /** The latest of them, oldest first. */
  readonly recent: Point[];
  /** Labels that resources brought to them, beside the node's own. */
  readonly brought: Set<string>;
}

/** A session. */
export interface SessionSeen {
  /** Absent: its beginning was not seen, or is forgotten. */
  readonly opened?: Point;
  /** Labels of what earlier sessions of the conversation brought. */
  readonly context: readonly string[];
  readonly results: Map<string, Results>;
  /** How many records of a source a group of flows has counted, by group and source. */
  readonly counted: Map<string, number>;
}

/** The sessions of a log, as of a record. */
export interface SessionsSeen {
  /** The session of a record, before the record. */
  before(record: AuditRecord): SessionSeen | undefined;
  /** Takes a record in. */
  after(record: AuditRecord): void;
  /** Sessions that were forgotten before they were closed. */
  readonly forgotten: () => number;
}

/** Opens a memory of sessions. */
export function openSessionsSeen(): SessionsSeen {
  const known = new Map<string, SessionSeen>();
  let forgotten = 0;
  const keep = (id: string, session: SessionSeen): SessionSeen => {
    known.delete(id);
    known.set(id, session);
    const [oldest] = known.keys();
    if (known.size > reportOpenMax && oldest !== undefined) {
      known.delete(oldest);
      forgotten += 1;
    }
    return session;
  };
  return {
    before: (record) => {
      const { session: id, seq, at } = record;
      if (id === undefined) return undefined;
      const begun = record.kind === "open" ? { opened: { seq, at } } : {};
      const context = record.kind === "open" ? textsFact(record, "labels").filter((label) => label !== "user_input") : [];
      return keep(id, known.get(id) ?? { ...begun, context, results: new Map(), counted: new Map() });
    },
    after: (record) => {
      const { session: id, kind, node, seq, at } = record;
      if (id === undefined) return;
      if (kind === "close") known.delete(id);
      // What a failed call said may be data as well.
      if ((kind !== "settle" && kind !== "error") || node === undefined) return;
      const results = known.get(id)?.results;
      const of = results?.get(node) ?? { count: 0, recent: [], brought: new Set<string>() };
      of.count += 1;
      of.recent.push({ seq, at });
      if (of.recent.length > reportCitesMax + 1) of.recent.shift();
      for (const label of textsFact(record, "labels")) of.brought.add(label);
      results?.set(node, of);
    },
    forgotten: () => forgotten,
  };
}
