/**
 * What the writer of an audit log knows of sessions beside the line at hand: principal, plan, and the nodes of their runs.
 * Never invents: what it does not know it reads from the store, which keeps a session as long as the journal has lines of it.
 */
import type { SessionEvent } from "../decide/state.ts";
import { member } from "../json/value.ts";
import { auditSessionsKeptMax } from "../limits.ts";
import { ok, type Result } from "../result.ts";
import type { Entry, Store, StoreFailure } from "../stores/store.ts";
import type { RunFacts } from "./parts.ts";

/** A session, as of its last line that was taken. */
export interface KnownSession {
  readonly principal: string;
  plan: string;
  readonly runs: Map<number, RunFacts>;
}

/** What is known of sessions. */
export interface SessionMemory {
  /** The session of a line, the line taken. */
  take(session: string, number: number, entry: Entry): Promise<Result<KnownSession, StoreFailure>>;
}

/** A memory over a store. */
export function createSessionMemory(store: Pick<Store, "load">): SessionMemory {
  const known = new Map<string, KnownSession>();
  const find = async (id: string, number: number): Promise<Result<KnownSession, StoreFailure>> => {
    const here = known.get(id);
    if (here !== undefined) return ok(here);
    const loaded = await store.load(id, 0);
    if (!loaded.ok) return loaded;
    const { header, entries } = loaded.value;
    const session: KnownSession = { principal: header.principal, plan: header.plan, runs: new Map() };
    for (const entry of entries.slice(0, number)) apply(session, entry);
    known.set(id, session);
    const [oldest] = known.keys();
    if (known.size > auditSessionsKeptMax && oldest !== undefined) known.delete(oldest);
    return ok(session);
  };
  return {
    take: async (id, number, entry) => {
      const { event } = entry;
      if (event.type === "open" && number === 0) known.set(id, { principal: event.principal, plan: event.plan, runs: new Map() });
      const found = await find(id, number);
      if (!found.ok) return found;
      apply(found.value, entry);
      if (event.type === "close") known.delete(id);
      return found;
    },
  };
}

function apply(session: KnownSession, { event, facts }: Entry): void {
  if (event.type === "amend") session.plan = event.plan;
  if (event.type === "allow") session.runs.set(event.run, runOf(event, facts));
}

function runOf({ node }: SessionEvent & { readonly type: "allow" }, facts: Entry["facts"]): RunFacts {
  const tool = member(member(facts, "call"), "tool");
  return typeof tool === "string" ? { node, tool } : { node };
}
