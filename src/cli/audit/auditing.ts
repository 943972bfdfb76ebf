/**
 * The store of a command that listens, with the audit log that is made of it, if there is one.
 * Never leaves the store open when its log cannot be written.
 */
import type { JsonObject } from "../../json/value.ts";
import type { Store } from "../../stores/store.ts";
import { openStore } from "../read/store-url.ts";
import type { AuditingWorld, WrittenLog } from "./writing.ts";

/** The store of a command that listens, with its audit log if it has one. */
export interface AuditedStore {
  readonly store: Store;
  /** The audit log, if there is one. */
  readonly audit?: WrittenLog;
  /** Whether the store has one, be it written by this process or by another. */
  readonly isAudited: boolean;
  /** Adds a note of what the process did; nothing without an audit log. */
  note(facts: JsonObject): Promise<void>;
  /** Ends the audit log, then the store. */
  close(): Promise<void>;
}

/** What a command names. */
interface Named {
  readonly store: string;
  readonly storePlace: string;
  readonly audit: string | undefined;
  readonly auditStream: string | undefined;
}

/** Opens the store that a command names, and with `--audit` its log. Exit 2: one of them cannot be used. */
export async function openAuditedStore(named: Named, world: AuditingWorld): Promise<AuditedStore> {
  const opened = await openStore(named.store, { place: named.storePlace, journal: named.audit !== undefined });
  const { store, close } = opened;
  try {
    const { audit: log, auditStream } = named;
    // Read only where it is asked for: a process without an audit log keeps its memory.
    const auditing =
      log === undefined
        ? undefined
        : await (await import("./writing.ts")).openAuditing({ audit: log, auditStream }, store, world);
    if (auditing === undefined && opened.isAudited)
      world.terminal.say(
        "the store has an audit log: what this process does is kept for it until a process with --audit writes it",
      );
    const end = async (): Promise<void> => {
      try {
        await auditing?.stop();
      } finally {
        await close();
      }
    };
    const audit = auditing === undefined ? {} : { audit: auditing };
    const isAudited = auditing !== undefined || opened.isAudited;
    return { store, isAudited, ...audit, note: async (facts) => auditing?.note(facts), close: end };
  } catch (error) {
    await close();
    throw error;
  }
}
