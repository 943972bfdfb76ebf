/**
 * The journal of the store in memory.
 * Never gives a number twice, and never adds a line before one that was seen.
 */
import { err, ok, type Result } from "../result.ts";
import { badCursor, type JournalLine, numberOfCursor, type StoreFailure } from "./store.ts";

/** Lines in order, and which sessions they are of. */
export interface Journal {
  add(line: Omit<JournalLine, "cursor">): void;
  /** Whether it has a line of a session. */
  has(session: string): boolean;
  page(limit: number, after: string | undefined): Result<readonly JournalLine[], StoreFailure>;
  trim(upTo: string): Result<undefined, StoreFailure>;
}

/** An empty journal. A cursor is the number of the line, from 1. */
export function createJournal(): Journal {
  let lines: JournalLine[] = [];
  let trimmed = 0;
  const counts = new Map<string, number>();
  const count = (session: string | undefined, by: 1 | -1): void => {
    if (session === undefined) return;
    const now = (counts.get(session) ?? 0) + by;
    if (now === 0) counts.delete(session);
    else counts.set(session, now);
  };
  return {
    add: (line) => {
      lines.push({ cursor: String(trimmed + lines.length + 1), ...line });
      count(line.session, 1);
    },
    has: (session) => counts.has(session),
    page: (limit, after) => {
      const past = after === undefined ? trimmed : numberOfCursor(after);
      if (past === undefined) return err(badCursor);
      const from = Math.max(0, past - trimmed);
      return ok(lines.slice(from, from + limit));
    },
    trim: (upTo) => {
      const last = numberOfCursor(upTo);
      if (last === undefined) return err(badCursor);
      const gone = Math.min(lines.length, Math.max(0, last - trimmed));
      for (const { session } of lines.slice(0, gone)) count(session, -1);
      lines = lines.slice(gone);
      trimmed += gone;
      return ok(undefined);
    },
  };
}
