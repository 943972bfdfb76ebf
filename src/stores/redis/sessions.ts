/**
 * Sessions in the Redis store: creating, loading, committing, listing, forgetting.
 * Never judges a change here: the script does, in the moment in which it writes.
 */
import { assert, err, ok, type Result } from "../../result.ts";
import {
  entryOfText,
  entryText,
  headerOf,
  headerText,
  labelOf,
  labelText,
  listAt,
  numberAt,
  recordOf,
  recordText,
  textAt,
} from "./rows.ts";
import type { Ask, Keys, Runner } from "./runner.ts";
import { orderKey, textOfOrderKey } from "../columns.ts";
import {
  type Change,
  isSoundChange,
  revocationKind,
  revokedPart,
  type SessionRow,
  type Store,
  type StoredSession,
  type StoreFailure,
} from "../store.ts";

/** Sessions that one script touches at most: a script keeps all others waiting. */
const sessionsPerScript = 500;

/** The methods of a store that are about sessions. */
export function sessionMethods(runner: Runner): Pick<Store, "create" | "load" | "commit" | "contextOf" | "list" | "expire"> {
  const { keys, run } = runner;
  return {
    create: async (header, opening) => {
      const { id, openedAt, expiresAt } = header;
      const names = [keys.session(id), keys.opened, keys.expires, keys.journal, keys.journaled];
      const args = [orderKey(id), headerText(header), entryText(opening), String(-openedAt), String(expiresAt)];
      return run("create", names, { args, read: () => undefined });
    },
    load: async (session, since) => {
      const names = [keys.session(session), keys.conversations, keys.recordValues(revocationKind)];
      // The list begins with the header. Redis takes no index above 2^63.
      const args = [orderKey(session), String(Math.min(since, 1e15) + 1)];
      return run("load", names, { args, read: (reply) => sessionOf(session, reply) });
    },
    commit: async (session, version, change) => {
      assert(isSoundChange(change), "a change has events, and finite amounts");
      const { names, args } = commitArguments(keys, { session, version, change });
      const done = await run("commit", names, { args, read: (reply) => [reply[0] === "budget", numberAt(reply, 1)] as const });
      if (!done.ok) return done;
      const [isRefused, number] = done.value;
      if (!isRefused) return ok(number);
      return err({ kind: "budget", counter: change.takes?.[number - 1]?.counter ?? "" });
    },
    contextOf: async (conversation) =>
      run("field", [keys.conversations], { args: [orderKey(conversation)], read: (reply) => labelOf(reply[1]) }),
    list: (limit) => list(runner, limit),
    expire: (before, limit) => expire(runner, before, limit),
  };
}

function sessionOf(session: string, reply: readonly unknown[]): StoredSession {
  const header = headerOf(session, textAt(reply, 1));
  const context = labelOf(reply[3]);
  const revocations: ReadonlyMap<string, unknown> = new Map([
    [`plan:${header.plan}`, reply[4]],
    [`session:${session}`, reply[5]],
    [`principal:${header.principal}`, reply[6]],
  ]);
  const revoked = revokedPart(header, (id) => recordOf(revocationKind, id, revocations.get(id))?.value);
  return {
    header,
    version: numberAt(reply, 2),
    entries: listAt(reply, 7).map(entryOfText),
    ...(context === undefined ? {} : { context }),
    ...(revoked === undefined ? {} : { revoked }),
  };
}

/** A commit's keys and arguments, as its script names them. */
function commitArguments(
  keys: Keys,
  { session, version, change }: { readonly session: string; readonly version: number; readonly change: Change },
): { readonly names: readonly string[]; readonly args: readonly string[] } {
  const { entries, context, records = [], takes = [], gives = [], resources = [] } = change;
  const names = [
    keys.session(session),
    keys.conversations,
    keys.totals,
    keys.resourceLabels,
    keys.resourceNames,
    keys.closed,
    keys.sequence,
    keys.journal,
    keys.journaled,
  ];
  // Number of a key among KEYS, of which the first is the mark.
  const numberOf = (...added: readonly string[]): string => {
    const at = names.indexOf(added[0] ?? "");
    if (at < 0) names.push(...added);
    return String((at < 0 ? names.length - added.length : at) + 2);
  };
  const counterOf = (counter: string, windowMs: number | undefined): string =>
    windowMs === undefined ? orderKey(counter) : numberOf(keys.window(counter));
  const args = [
    String(version),
    orderKey(session),
    entries.some(({ event }) => event.type === "close") ? "1" : "0",
    context === undefined ? "" : labelText(context),
    ...[records, takes, gives, resources].map(({ length }) => String(length)),
    ...records.flatMap(({ kind, id, version: expected, value }) => [
      numberOf(keys.recordValues(kind), keys.recordNames(kind)),
      orderKey(id),
      String(expected),
      recordText(value),
    ]),
    ...takes.flatMap(({ counter, run, amount, max, at, windowMs }) => [
      counterOf(counter, windowMs),
      ...[run, amount, max, at].map(String),
      windowMs === undefined ? "" : String(windowMs),
    ]),
    ...gives.flatMap(({ counter, run, amount, windowMs }) => [
      counterOf(counter, windowMs),
      ...[run, amount].map(String),
      windowMs === undefined ? "" : "1",
    ]),
    ...resources.flatMap(({ key, label }) => [orderKey(key), labelText(label)]),
    ...entries.map(entryText),
  ];
  return { names, args };
}

/** Two scripts: the keys of the sessions must be known before the second. What was forgotten in between is not listed. */
async function list({ keys, run }: Runner, limit: number): Promise<Result<readonly SessionRow[], StoreFailure>> {
  if (limit < 1) return ok([]);
  const found = await run("newest", [keys.opened], { args: [String(limit)], read: (reply) => listAt(reply, 1).map(String) });
  if (!found.ok) return found;
  const rows: SessionRow[] = [];
  for (const some of inParts(found.value)) {
    const names = [keys.closed, ...some.map((name) => keys.session(textOfOrderKey(name)))];
    const part = await run("rows", names, { args: some, read: (reply) => reply.slice(1).map(rowOf) });
    if (!part.ok) return part;
    rows.push(...part.value);
  }
  return ok(rows);
}

function rowOf(row: unknown): SessionRow {
  const columns = listAt([row], 0);
  return {
    header: headerOf(textOfOrderKey(textAt(columns, 0)), textAt(columns, 1)),
    version: numberAt(columns, 2),
    isClosed: numberAt(columns, 3) === 1,
  };
}

/** Finds what may be forgotten, then forgets what still may: those that the journal has lines of are passed over. */
async function expire({ keys, run }: Runner, before: number, limit: number): Promise<Result<number, StoreFailure>> {
  let count = 0;
  for (let from = 0; count < limit; ) {
    const wanted = Math.min(limit - count, sessionsPerScript);
    const look: Ask<readonly [readonly string[], number]> = {
      args: [String(before), String(wanted), String(from), String(sessionsPerScript)],
      read: (reply) => [listAt(reply, 1).map(String), numberAt(reply, 2)],
    };
    const found = await run("expired", [keys.expires, keys.journaled], look);
    if (!found.ok) return found;
    const [gone, looked] = found.value;
    if (looked === 0) break;
    const names = [
      keys.opened,
      keys.expires,
      keys.closed,
      keys.journaled,
      ...gone.map((name) => keys.session(textOfOrderKey(name))),
    ];
    const forgotten = await run("forget", names, { args: [String(before), ...gone], read: (reply) => numberAt(reply, 1) });
    if (!forgotten.ok) return forgotten;
    count += forgotten.value;
    // What was forgotten is no longer before what comes next.
    from += looked - gone.length;
  }
  return ok(count);
}

function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / sessionsPerScript) }, (_, i) =>
    all.slice(i * sessionsPerScript, (i + 1) * sessionsPerScript),
  );
}
