/**
 * What the methods of the Redis store share: the names of its keys, and one script run with its reply read.
 * Never takes a reply that says anything but what the script can say.
 */
import { assert, AssertionError, ConfigError, err, ok, type Result } from "../../result.ts";
import type { Invocation, Link, Script } from "./link.ts";
import type { ScriptName } from "./scripts.ts";
import type { Server } from "./server.ts";
import { orderKey } from "../columns.ts";
import type { DocumentKind, StoreFailure } from "../store.ts";

/** Names of a store's keys; all hash to one slot (Redis Cluster specification, "Hash tags"). */
export interface Keys {
  /** Version of what is stored, which store it is, and whether it keeps a journal. */
  readonly mark: string;
  /** Sessions by when they were opened (negative) and when they expire, and those that are closed. */
  readonly opened: string;
  readonly expires: string;
  readonly closed: string;
  /** Labels of conversations. */
  readonly conversations: string;
  /** Sums for ever, by counter. */
  readonly totals: string;
  /** What was taken last within any window. */
  readonly sequence: string;
  /** Labels of resources, and their names in order. */
  readonly resourceLabels: string;
  readonly resourceNames: string;
  /** Lines of the journal, how many were trimmed, how many each session has in it, how often it was read. */
  readonly journal: string;
  readonly trimmed: string;
  readonly journaled: string;
  readonly reads: string;
  /** A session: its header, then its entries. */
  session(id: string): string;
  /** What was taken within the window of a counter. */
  window(counter: string): string;
  /** Values of the records of a kind, and their names in order. */
  recordValues(kind: string): string;
  recordNames(kind: string): string;
  documents(kind: DocumentKind): string;
}

/** The keys of the store with this tag. Throws `ConfigError`. */
export function createKeys(tag: string): Keys {
  if (!/^[A-Za-z0-9._:-]{1,64}$/.test(tag)) throw new ConfigError("`tag` must be 1 to 64 letters, digits, `.`, `_`, `-` or `:`");
  const named = (name: string): string => `{${tag}}:${name}`;
  return {
    mark: named("mark"),
    opened: named("opened"),
    expires: named("expires"),
    closed: named("closed"),
    conversations: named("conversations"),
    totals: named("totals"),
    sequence: named("sequence"),
    resourceLabels: named("resource-labels"),
    resourceNames: named("resource-names"),
    journal: named("journal"),
    trimmed: named("trimmed"),
    journaled: named("journaled"),
    reads: named("reads"),
    session: (id) => named(`session:${orderKey(id)}`),
    window: (counter) => named(`window:${orderKey(counter)}`),
    recordValues: (kind) => named(`records:${orderKey(kind)}`),
    recordNames: (kind) => named(`record-names:${orderKey(kind)}`),
    documents: (kind) => named(`documents:${kind}`),
  };
}

/** A script's answer: a list whose first element was `ok`, or `budget`. */
export type Reply = readonly unknown[];

/** Runs the scripts of one store. */
export interface Runner {
  readonly keys: Keys;
  /** Runs a script over the mark and `keys`, with what the mark must begin with and `args`, and reads its reply; what does not read is `unavailable`. */
  run<T>(script: ScriptName, keys: readonly string[], ask: Ask<T>): Promise<Result<T, StoreFailure>>;
}

/** What a script is given, and how its reply reads. */
export interface Ask<T> {
  readonly args: readonly string[];
  readonly read: (reply: Reply) => T;
}

/** What a runner is made of. */
export interface RunnerParts {
  readonly keys: Keys;
  readonly server: Server;
  readonly link: Link;
  readonly known: Readonly<Record<ScriptName, Script>>;
  /** Scripts whose answers wait for replicas. */
  readonly writing: ReadonlySet<ScriptName>;
}

/** A runner over one server. */
export function createRunner({ keys, server, link, known, writing }: RunnerParts): Runner {
  return {
    keys,
    run: async (script, names, { args, read }) => {
      const sound = await server.check();
      if (!sound.ok) return sound;
      const invocation: Invocation = { script: known[script], keys: [keys.mark, ...names], args: [server.mark, ...args] };
      const replied = await (writing.has(script) ? link.write(invocation) : link.read(invocation));
      // The next one looks at the server again: it may be another.
      if (!replied.ok) server.doubt();
      return replied.ok ? guarded(() => readReply(replied.value, read)) : replied;
    },
  };
}

function readReply<T>(value: unknown, read: (reply: Reply) => T): Result<T, StoreFailure> {
  assert(Array.isArray(value), "a script answers with a list");
  switch (value[0]) {
    case "ok":
    case "budget":
      return ok(read(value));
    case "conflict":
    case "unknown":
    case "exists":
      return err({ kind: value[0] });
    case "replaced":
    case "rewritten":
      return err({ kind: "unavailable", detail: `redis ${value[0]}` });
    default:
      return err({ kind: "unavailable", detail: "redis reply" });
  }
}

function guarded<T>(read: () => Result<T, StoreFailure>): Result<T, StoreFailure> {
  try {
    return read();
  } catch (error) {
    if (error instanceof AssertionError) return err({ kind: "unavailable", detail: "assertion" });
    throw error;
  }
}
