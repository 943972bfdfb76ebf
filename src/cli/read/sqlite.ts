/**
 * Loads what opens files of SQLite, where a command needs one: `node:sqlite` is in Node from 22.13 on, and in no Node 20, on which all else works.
 * Never loaded with a command itself: a Node without it could then not even print the help.
 */
import { ConfigError } from "../../result.ts";

/** Loads a module that imports `node:sqlite`. Rejects with `ConfigError`: this runtime has none. */
export async function loadSqlite<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_BUILTIN_MODULE")
      throw new ConfigError(`files of SQLite need Node 22.13 or newer, and this is Node ${process.versions.node}`);
    throw error;
  }
}

/** The module of stores in files. Rejects as {@link loadSqlite} does. */
export function loadSqliteStores(): Promise<typeof import("../../stores/sqlite/open.ts")> {
  return loadSqlite(() => import("../../stores/sqlite/open.ts"));
}
