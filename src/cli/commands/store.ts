/**
 * `sluice store`: what an operator does with a store: looks at it, migrates it, sweeps it, makes keys for it.
 * Never shows what a store keeps, nor a password, and never makes a store where there was none.
 */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import type { Command } from "commander";
import type { Json, JsonObject } from "../../json/value.ts";
import { listedSessionsMax, retentionBatchMax } from "../../limits.ts";
import { ConfigError, type Result } from "../../result.ts";
import { due, readRetention, type Retention, retentionDefault, sweep } from "../../stores/retention.ts";
import type { Store, StoreFailure } from "../../stores/store.ts";
import { InputError, readParams, refuseInput } from "../read/input.ts";
import { loadSqliteStores } from "../read/sqlite.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { plain } from "../show/terminal.ts";
import {
  existingStore,
  kindOfStore,
  openStore,
  type OpenedStore,
  ownWorld,
  storeKeys,
  storeName,
  withStore,
} from "../read/store-url.ts";

interface Options {
  readonly store?: string;
  readonly json?: true;
}

interface SweepOptions extends Options {
  readonly retention?: string;
  readonly dryRun?: true;
}

/** Adds `store info|migrate|sweep|key`. */
export function addStore(program: Command, context: Context): void {
  const store = program.command("store").description("look at a store, migrate it, sweep it, make a key for it");
  const { terminal } = context;
  const add = (name: string, about: string): Command =>
    withStore(store.command(name).description(about)).option("--json", "print JSON");
  add("info", "the engine, the version of its tables, and how much it keeps").action(async (options: Options) =>
    show(context, options, await info(existingStore(options.store))),
  );
  add("migrate", "bring its tables to the version of this Sluice, which every command that opens it does as well").action(
    async (options: Options) => show(context, options, await migrate(existingStore(options.store))),
  );
  add("sweep", "forget what expired longer ago than the policy keeps; running hosts do it by themselves")
    .option("--retention <json>", 'how long each is kept after its expiry, as {"sessions":"30d"}, or @FILE')
    .option("--dry-run", "count it, and forget nothing")
    .action(async (options: SweepOptions) => show(context, options, await swept(existingStore(options.store), options)));
  store
    .command("key")
    .description("make a key for SLUICE_STORE_KEYS, by which what a store keeps is encrypted; put it before the older ones")
    .argument("<id>", "by which what is sealed names it: 1 to 32 letters, digits, _ and -")
    .action((id: string) => {
      if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw new InputError("ID: 1 to 32 letters, digits, _ and - are needed");
      terminal.write(`${id}=${randomBytes(32).toString("base64url")}\n`);
    });
}

function show({ terminal }: Context, { json }: Options, said: JsonObject): void {
  if (json) terminal.write(`${jsonText(said)}\n`);
  if (json) return;
  const rows = Object.entries(said).flatMap(([name, value]): (readonly [string, Json])[] =>
    typeof value === "object" && value !== null ? Object.entries(value) : [[name, value ?? null]],
  );
  const width = Math.max(...rows.map(([name]) => name.length));
  terminal.write(
    rows
      .map(([name, value]) => `${name.padEnd(width)}  ${typeof value === "string" ? plain(value) : jsonText(value)}\n`)
      .join(""),
  );
}

async function opened<T>(text: string, job: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const store = await openStore(text);
  try {
    return await job(store);
  } finally {
    await store.close();
  }
}

/** What the store answers. Exit 2: it does not. */
async function answer<T>(asked: Promise<Result<T, StoreFailure>>): Promise<T> {
  const result = await asked;
  if (result.ok) return result.value;
  const detail = "detail" in result.error && result.error.detail !== undefined ? ` (${result.error.detail})` : "";
  throw new InputError(`--store: it does not answer${detail}`);
}

/** Kinds of records that an operator may want to count. */
const recordKinds = ["approval", "amendment", "receipt", "grant", "revocation"] as const;

async function info(text: string): Promise<JsonObject> {
  const version = await versionOf(text);
  return opened(text, async ({ kind, name, store }) => {
    const rows = await answer(store.list(listedSessionsMax));
    const now = Date.now();
    const documents = [await answer(store.listDocuments("plan")), await answer(store.listDocuments("catalogue"))] as const;
    const records: { [kind: string]: number } = {};
    for (const each of recordKinds) records[`${each}s`] = await countRecords(store, each);
    return {
      store: name,
      kind,
      ...version,
      encrypted: storeKeys(ownWorld) !== undefined,
      counts: {
        sessions: rows.length,
        "sessions open": rows.filter(({ header, isClosed }) => !isClosed && header.expiresAt > now).length,
        "sessions expired": rows.filter(({ header }) => header.expiresAt <= now).length,
        events: rows.reduce((sum, row) => sum + row.version, 0),
        plans: documents[0].length,
        catalogues: documents[1].length,
        ...records,
        ...(rows.length === listedSessionsMax ? { note: `of the newest ${listedSessionsMax} sessions` } : {}),
      },
    };
  });
}

async function countRecords(store: Store, kind: string): Promise<number> {
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await answer(store.records(kind, { limit: retentionBatchMax, ...(after === undefined ? {} : { after }) }));
    count += page.length;
    after = page.at(-1)?.id;
    if (page.length < retentionBatchMax || after === undefined) return count;
  }
}

/** The version of a file's tables. Exit 2: it is no file of ours, or this Node reads none. */
async function versionOfFile(path: string): Promise<number> {
  const stores = await loadSqliteStores().catch((error: unknown) => {
    throw error instanceof ConfigError ? new InputError(`--store: ${storeName(path)}: ${error.message}`) : error;
  });
  const version = stores.versionOfFile(path);
  if (version === undefined) throw new InputError(`--store: ${storeName(path)}: this is no SQLite file of Sluice`);
  return version;
}

/** Of a file: its size, and the version of its tables as it lies there. Exit 2: an older one, which looking at it would change. */
async function versionOf(text: string): Promise<JsonObject> {
  if (kindOfStore(text) !== "sqlite") return {};
  const { schemaVersion } = await import("../../stores/sqlite/schema.ts");
  const version = await versionOfFile(text);
  if (version < schemaVersion)
    throw new InputError(
      `--store: ${storeName(text)} has tables of version ${version}, this Sluice those of version ${schemaVersion}: \`sluice store migrate\` takes it over`,
    );
  return { version, bytes: statSync(text).size };
}

async function migrate(text: string): Promise<JsonObject> {
  if (kindOfStore(text) !== "sqlite") return opened(text, async ({ name, kind }) => ({ store: name, kind, migrated: true }));
  const before = await versionOfFile(text);
  return opened(text, async ({ name, kind }) => ({ store: name, kind, from: before, to: await versionOfFile(text) }));
}

async function swept(text: string, { retention: given, dryRun }: SweepOptions): Promise<JsonObject> {
  const retention = await retentionOf(given);
  return opened(text, async ({ store, name }) => {
    const now = Date.now();
    const verb = dryRun ? "due" : "forgotten";
    if (dryRun)
      return { store: name, [verb]: { ...(await answer(due(store, retention, { now, sessionsMax: listedSessionsMax }))) } };
    return { store: name, [verb]: { ...(await answer(sweep(store, retention, { now, batches: 100_000 }))) } };
  });
}

async function retentionOf(given: string | undefined): Promise<Retention> {
  if (given === undefined) return retentionDefault;
  const read = readRetention(await readParams(given));
  if (read.ok) return read.value;
  const [first] = read.error;
  return refuseInput("--retention", first?.message ?? "it cannot be used", { pointer: first?.pointer ?? "" });
}
