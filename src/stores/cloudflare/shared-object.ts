/**
 * The object that holds what the sessions of a tenant share: labels of conversations and resources, counters, records.
 * Never applies an attempt of a session twice, and never part of one: it answers again what it has answered.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import type { Result } from "../../result.ts";
import { forgetJob, recordJob, sharedJob } from "../sqlite/jobs.ts";
import { labelsIn, recordIn, recordsIn } from "../sqlite/queries.ts";
import { key, labelOf } from "../sqlite/rows.ts";
import { takeSteps } from "../sqlite/schema.ts";
import { prepareStatements, type Statements } from "../sqlite/statements.ts";
import type { Job } from "../sqlite/writer.ts";
import {
  type RecordPage,
  type ResourceQuery,
  revocationKind,
  revokedPart,
  type SessionHeader,
  type StoredRecord,
  type StoreFailure,
} from "../store.ts";
import type { ObjectState } from "./bindings.ts";
import { objectOf, readShared } from "./change.ts";
import { driverOf, inTransaction } from "./driver.ts";
import { answering, failed, type Message, written } from "./wire.ts";

/** What answers for an object. */
export interface ObjectHandler {
  fetch(request: Request): Promise<Response>;
}

/** The last attempt of each session that reached this object, and what became of it. */
const attemptsTable =
  "CREATE TABLE IF NOT EXISTS attempts (session TEXT PRIMARY KEY, attempt INTEGER NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID";

/** Makes the handler of the object over its state. Throws if the tables are those of a newer Sluice. */
export function sharedObject(state: ObjectState): ObjectHandler {
  const driver = driverOf(state);
  state.storage.transactionSync(() => {
    takeSteps(driver);
    driver.exec(attemptsTable);
  });
  const db = prepareStatements(driver);
  const run = <T>(job: Job<T>): Result<T, StoreFailure> => inTransaction(state, db, job);
  const verbs = {
    apply: (message: Message) => applied(state, db, message),
    forgetAttempts: ({ head }: Message) => {
      state.storage.sql.exec("DELETE FROM attempts WHERE session = ?", key(head.session as string));
      return written({});
    },
    standing: ({ head }: Message) => standing(db, head.header as unknown as SessionHeader),
    contextOf: ({ head }: Message) => labelAnswer(labelOf(db.label.get(key(head.conversation as string)))),
    labelsOf: ({ head }: Message) => labelAnswer(labelsIn(db, head.query as unknown as ResourceQuery)),
    record: ({ head }: Message) => recordsAnswer([recordIn(db, head.kind as string, head.id as string)]),
    records: ({ head }: Message) => recordsAnswer(recordsIn(db, head.kind as string, head.page as unknown as RecordPage)),
    writeRecord: ({ head, texts }: Message) => {
      const { kind, id, version } = head as unknown as Omit<StoredRecord, "value">;
      return numberAnswer(run(recordJob({ kind, id, version, value: objectOf(texts[0] ?? "") })));
    },
    forgetRecords: ({ head }: Message) =>
      numberAnswer(run(forgetJob(head.kind as string, head.before as string, head.limit as number))),
  };
  return { fetch: (request) => answering(request, verbs) };
}

/**
 * Does what a session's attempt to commit asks of the shared state, all or nothing. INVARIANT: a session makes one attempt after another,
 * numbered upwards, so that a message which comes twice, or late, is known by its number.
 */
function applied(state: ObjectState, db: Statements, { head, texts }: Message): string {
  const { session, conversation, attempt } = head as unknown as {
    readonly session: string;
    readonly conversation: string;
    readonly attempt: number;
  };
  const { sql } = state.storage;
  const id = key(session);
  const [last] = sql.exec("SELECT attempt, outcome FROM attempts WHERE session = ?", id).toArray() as {
    readonly attempt: number;
    readonly outcome: string;
  }[];
  if (last !== undefined && last.attempt >= attempt)
    return last.attempt === attempt ? last.outcome : written(failed({ kind: "unavailable", detail: "late" }));
  const note = (outcome: string): string => {
    sql.exec("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?)", id, attempt, outcome);
    return outcome;
  };
  const change = readShared(texts[0] ?? "");
  const result = inTransaction(state, db, (statements) => {
    const done = sharedJob(id, change)(statements, () => key(conversation));
    if (done.ok) note(written({}));
    return done;
  });
  // A refusal is kept too: the same attempt, come again, must not succeed where the session has been told that it has not.
  return result.ok ? written({}) : note(written(failed(result.error)));
}

/** What holds for a session now beside its events: the label of its conversation, and whether it is revoked. */
function standing(db: Statements, header: SessionHeader): string {
  const label = labelOf(db.label.get(key(header.conversation)));
  const revoked = revokedPart(header, (id) => recordIn(db, revocationKind, id)?.value);
  return written({ revoked: revoked ?? null }, [label === undefined ? null : canonicalJson(label as unknown as Json)]);
}

function labelAnswer(label: ReturnType<typeof labelOf>): string {
  return written({}, [label === undefined ? null : canonicalJson(label as unknown as Json)]);
}

function recordsAnswer(records: readonly (StoredRecord | undefined)[]): string {
  const found = records.filter((record) => record !== undefined);
  return written(
    { records: found.map(({ kind, id, version }): JsonObject => ({ kind, id, version })) },
    found.map(({ value }) => canonicalJson(value)),
  );
}

function numberAnswer(result: Result<number, StoreFailure>): string {
  return written(result.ok ? { value: result.value } : failed(result.error));
}
