/**
 * Opens the store that a text names: `memory`, a file of SQLite, or the URL of a server.
 * Never shows a password, and never takes one from a command line, which every process of a machine can read.
 */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import { hasAuditLog } from "../../audit/marker.ts";
import { ConfigError } from "../../result.ts";
import { type EncryptionOptions, openEncrypted, readStoreKeys } from "../../stores/encrypted.ts";
import { createMemoryStore } from "../../stores/memory.ts";
import type { JournalOption, OpenStore, Store } from "../../stores/store.ts";
import { type SecretWorld, secretOfEnvironment } from "../config/secret.ts";
import { plain } from "../show/terminal.ts";
import { InputError } from "./input.ts";
import { makeOwnFile } from "./own-file.ts";
import { loadSqliteStores } from "./sqlite.ts";

/** The engines. */
export type StoreKind = "memory" | "sqlite" | "redis" | "postgres";

/** A store that was opened, and how it is called in messages. */
export interface OpenedStore {
  readonly kind: StoreKind;
  /** Without user, password and parameters. */
  readonly name: string;
  readonly store: Store;
  /** Whether it has an audit log, so that its journal is kept whether that was asked for or not. */
  readonly isAudited: boolean;
  /** Finishes what waits and lets go. */
  close(): Promise<void>;
}

/** How a store is opened. */
export interface StoreOpening extends JournalOption {
  /** What the text was given by, for messages. Default `--store`. */
  readonly place?: string;
  /** How what it keeps is encrypted; default: with the keys of the environment ({@link storeKeys}), if it has any. `none`: as it lies there. */
  readonly encryption?: EncryptionOptions | "none";
}

/**
 * The encryption that the environment asks for: `SLUICE_STORE_KEYS` (or `…_FILE`), `ID=SECRET` of which the first seals; nothing if there are
 * none. `SLUICE_STORE_PLAIN=read` also takes what lies there unsealed, while an old store is taken over. Exit 2: keys that are none.
 */
export function storeKeys(world: Pick<SecretWorld, "env" | "warn">): EncryptionOptions | undefined {
  // SECURITY: a variable that came out empty is a mistake, and must not begin a store in the open.
  if (world.env.SLUICE_STORE_KEYS === "")
    throw new InputError("SLUICE_STORE_KEYS: it is empty; unset it, or give keys (`sluice store key` makes one)");
  const text = secretOfEnvironment("SLUICE_STORE_KEYS", world);
  if (text === undefined) return undefined;
  const plain = world.env.SLUICE_STORE_PLAIN === "read" ? "read" : "refuse";
  try {
    return { keys: readStoreKeys(text), plain };
  } catch (error) {
    throw new InputError(`SLUICE_STORE_KEYS: ${error instanceof ConfigError ? error.message : "no keys"}`);
  }
}

const schemes: { readonly [scheme: string]: StoreKind } = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

/** The engine that a text names. Exit 2: a URL of no engine that we know. */
export function kindOfStore(text: string, place = "--store"): StoreKind {
  if (text === "memory") return "memory";
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return "sqlite";
  const kind = Object.hasOwn(schemes, `${scheme.toLowerCase()}:`) ? schemes[`${scheme.toLowerCase()}:`] : undefined;
  if (kind === undefined)
    throw new InputError(
      `${place}: no store is called by ${plain(scheme.slice(0, 64))}://; there are \`memory\`, a file, redis://, rediss:// and postgres://`,
    );
  return kind;
}

/** What an audit log can be, for help. */
export const logPlace = "a file (SQLite), a folder of files of lines (its name ends in / or .jsonl), or postgres://…";

/** A store's text as it may be shown: without user, password and parameters. */
export function storeName(text: string): string {
  if (!text.includes("://")) return plain(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url === undefined ? "a URL" : plain(`${url.protocol}//${url.host}${url.pathname}`);
}

/**
 * The argument of `--store`, for commander. Exit 2: it has a password, which the command line is no place for.
 */
export function readStoreArgument(text: string): string {
  if (kindOfStore(text) === "memory" || !text.includes("://")) return text;
  if (!URL.canParse(text)) throw new InputError("--store: this is no URL");
  const url = new URL(text);
  if (url.password !== "" || url.searchParams.has("password"))
    throw new InputError(
      "--store: every process of this machine can read a command line: give a URL with a password as SLUICE_STORE, or in the file that SLUICE_STORE_FILE names",
    );
  return text;
}

/** Opens a store. Exit 2: it cannot be used, and why. */
export async function openStore(text: string, opening: StoreOpening = {}): Promise<OpenedStore> {
  const { place = "--store", encryption = storeKeys(ownWorld), ...options } = opening;
  const kind = kindOfStore(text, place);
  const name = storeName(text);
  try {
    const opened = await openAs(kind, text, { encryption, ...options });
    const audited = await hasAuditLog(opened.store);
    if (!audited.ok && options.journal !== true) {
      await opened.close();
      throw new ConfigError("whether it has an audit log cannot be read");
    }
    const isAudited = audited.ok && audited.value;
    if (!isAudited || options.journal === true) return { kind, name, ...opened, isAudited };
    // What one process does without a journal would be missing in the log for ever.
    await opened.close();
    return { kind, name, ...(await openAs(kind, text, { encryption, ...options, journal: true })), isAudited };
  } catch (error) {
    // A driver's text may quote a URL, and with it a password.
    const known = error instanceof ConfigError ? error.message : undefined;
    const why = known ?? (kind === "sqlite" && !hasFolder(text) ? "there is no such folder" : unusable[kind]);
    throw new InputError(`${place}: ${name}: ${why}`);
  }
}

async function openAs(
  kind: StoreKind,
  text: string,
  { encryption, ...options }: JournalOption & { readonly encryption: EncryptionOptions | "none" | undefined },
): Promise<Pick<OpenedStore, "store" | "close">> {
  const inner = await openers[kind](text, options);
  try {
    const store = encryption === "none" ? inner : await openEncrypted(inner, encryption);
    return { store, close: async () => inner.close() };
  } catch (error) {
    await inner.close();
    throw error;
  }
}

/** Whether the folder of a file is there, as far as that may be asked (Deno). */
function hasFolder(path: string): boolean {
  try {
    return statSync(dirname(path)).isDirectory();
  } catch (error) {
    return (error as { readonly code?: unknown }).code !== "ENOENT";
  }
}

/** The environment of this process, whose warnings go to standard error. */
export const ownWorld = { env: process.env, warn: (line: string): void => void process.stderr.write(`${line}\n`) };

const unusable: { readonly [K in StoreKind]: string } = {
  memory: "it cannot be opened",
  sqlite: "it cannot be opened as a SQLite file of Sluice",
  redis: "it cannot be opened as a Redis server",
  postgres: "it cannot be opened as a PostgreSQL database",
};

/** Each loaded only where it is named: `node:sqlite` is not in every runtime and prints a warning in some, and clients of servers are optional packages. */
const openers: { readonly [K in StoreKind]: (text: string, options: JournalOption) => OpenStore | Promise<OpenStore> } = {
  memory: (_, options) => ({ ...createMemoryStore(options), close: () => undefined }),
  sqlite: async (path, options) => {
    const { openSqliteStore } = await loadSqliteStores();
    makeOwnFile(path);
    return openSqliteStore(path, options);
  },
  redis: async (url, options) => (await import("../../stores/redis/open.ts")).openRedisStore(url, options),
  postgres: async (url, options) => (await import("../../stores/postgres/open.ts")).openPostgresStore(url, options),
};

/** Adds the `--store` of commands that look into a store beside the hosts that use it. */
export function withStore(command: Command): Command {
  return command.option(
    "--store <store>",
    "a file (SQLite), redis[s]://… or postgres://…; default: SLUICE_STORE, else sluice.db",
    readStoreArgument,
  );
}

/** The store that it means. Exit 2: it is one that ends with its process, or a file that is not there. */
export function existingStore(store: string | undefined): string {
  const text = store ?? secretOfEnvironment("SLUICE_STORE", ownWorld) ?? "sluice.db";
  const kind = kindOfStore(text);
  if (kind === "memory") throw new InputError("--store: a store in memory ends with its process");
  if (kind === "sqlite" && !existsSync(text)) throw new InputError(`--store: ${storeName(text)}: there is no such file`);
  return text;
}
