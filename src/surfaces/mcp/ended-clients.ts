/**
 * MCP clients that have said goodbye, by their sessions: no other process may go on with one.
 * Never says that a client goes on when the store does not answer.
 */
import { isArray, member } from "../../json/value.ts";
import { commitAttemptsMax, mcpEndedClientsMax } from "../../limits.ts";
import type { SessionHeader, Store, StoredRecord } from "../../stores/store.ts";
import { answered } from "../enforce/store/answered.ts";
import { timeKey } from "../enforce/waiting/pending.ts";

/** Kind of the records: one for each session, whose id begins with the time at which the session expires. */
const endedKind = "mcp-ended";

type Session = Pick<SessionHeader, "id" | "expiresAt">;

/** Whether this client of a session has ended; `undefined`: the store does not say. */
export async function hasEnded(store: Store, session: Session, name: string): Promise<boolean | undefined> {
  const record = await answered(() => store.record(endedKind, idOf(session)));
  if (!record.ok) return undefined;
  const names = namesIn(record.value);
  // Of more than are kept nobody knows: then no client of this session is gone on with, and each says `initialize` again.
  return names.length >= mcpEndedClientsMax || names.includes(name);
}

/** Keeps that a client has ended. Whether it is kept. */
export async function keepEnded(store: Store, session: Session, name: string): Promise<boolean> {
  const id = idOf(session);
  for (let attempt = 0; attempt < commitAttemptsMax; attempt++) {
    const record = await answered(() => store.record(endedKind, id));
    if (!record.ok) return false;
    const names = namesIn(record.value);
    if (names.length >= mcpEndedClientsMax || names.includes(name)) return true;
    const version = record.value?.version ?? 0;
    const written = await answered(() =>
      store.writeRecord({ kind: endedKind, id, version, value: { clients: [...names, name] } }),
    );
    if (written.ok) return true;
    if (written.error.kind !== "conflict") return false;
  }
  return false;
}

function idOf({ id, expiresAt }: Session): string {
  return `${timeKey(expiresAt)}.${id}`;
}

function namesIn(record: StoredRecord | undefined): readonly string[] {
  const clients = member(record?.value ?? {}, "clients");
  return (isArray(clients) ? clients : []).filter((name): name is string => typeof name === "string");
}
