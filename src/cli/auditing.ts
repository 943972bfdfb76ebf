/**
 * What a process that listens does for its audit log: it drains the journal of its store into the log until the end, beside the calls.
 * Never in the path of a call, and never starts where the store keeps no journal: a log with gaps would be none.
 */
import { createSubjects } from "../audit/subjects.ts";
import { createAuditWriter } from "../audit/writer.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { JsonObject } from "../json/value.ts";
import type { Store } from "../stores/store.ts";
import { systemRandom } from "../surfaces/random.ts";
import { auditKeys, openAuditLog } from "./audit-log.ts";
import { InputError } from "./input.ts";
import { openStore } from "./store-url.ts";
import { plain, type Terminal } from "./terminal.ts";

/** An audit log that is written. */
interface Auditing {
  /** Adds a note to the journal: what the process did, by names and digests. */
  note(facts: JsonObject): Promise<void>;
  /** Chains and signs what there is, and lets go. */
  stop(): Promise<void>;
}

/** The store of a command that listens, with its audit log if it has one. */
export interface AuditedStore {
  readonly store: Store;
  /** Adds a note of what the process did; nothing without an audit log. */
  note(facts: JsonObject): Promise<void>;
  /** Ends the audit log, then the store. */
  close(): Promise<void>;
}

/** Opens the store that a command names, and with `--audit` its log. Exit 2: one of them cannot be used. */
export async function openAuditedStore(
  named: { readonly store: string; readonly storePlace: string; readonly audit: string | undefined },
  { terminal, plans }: { readonly terminal: Terminal; readonly plans: readonly FrozenPlan[] },
): Promise<AuditedStore> {
  const { store, close } = await openStore(named.store, { place: named.storePlace, journal: named.audit !== undefined });
  try {
    const auditing = await openAuditing(named.audit, { store, terminal, plans });
    const end = async (): Promise<void> => {
      try {
        await auditing?.stop();
      } finally {
        await close();
      }
    };
    return { store, note: async (facts) => auditing?.note(facts), close: end };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Milliseconds between two drains. */
const drainMs = 1_000;

/** Opens the log of `--audit` and begins to write it; `undefined`: there is none. Exit 2: it cannot be written. */
async function openAuditing(
  text: string | undefined,
  { store, terminal, plans }: { readonly store: Store; readonly terminal: Terminal; readonly plans: readonly FrozenPlan[] },
): Promise<Auditing | undefined> {
  if (text === undefined) return undefined;
  const journal = await store.journal({ limit: 1 });
  if (!journal.ok) throw new InputError("--audit: the store keeps no journal, so that there is nothing to make an audit log of");
  const log = await openAuditLog(text, { makes: true, place: "--audit" });
  try {
    const keys = await auditKeys(text, { makes: true });
    if (keys === undefined) throw new InputError("--audit: there are no keys");
    const { signer, master } = keys;
    const subjects = createSubjects(log, master, systemRandom);
    const writer = createAuditWriter({ store, log, subjects, signer, clock: Date.now, random: systemRandom });
    const note = async (facts: JsonObject): Promise<void> => {
      if (!(await store.note({ type: "config", at: Date.now(), ...facts })).ok) terminal.say("audit: a note could not be kept");
    };
    await note({ what: "start", plans: plans.map(({ digest }) => digest) });
    let isBroken = false;
    let last = Promise.resolve();
    const drain = async (): Promise<void> => {
      const done = await writer.drain().catch(() => undefined);
      const wasBroken = isBroken;
      isBroken = done?.ok !== true;
      if (isBroken && !wasBroken)
        terminal.say(`audit: ${plain(text)} cannot be written (${whyOf(done)}); the journal keeps what it waits for`);
      if (!isBroken && wasBroken) terminal.say("audit: it is written again");
    };
    const timer = setInterval(() => {
      last = last.then(drain);
    }, drainMs);
    terminal.say(terminal.paint.dim(`audit ${plain(text)}, checkpoints signed by ${signer.keyId}`));
    return {
      note,
      stop: async () => {
        clearInterval(timer);
        await last;
        await drain();
        await writer.checkpoint();
        await writer.release();
        await log.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

function whyOf(
  done: { readonly ok: boolean; readonly error?: { readonly kind: string; readonly detail?: string } } | undefined,
): string {
  if (done?.error === undefined) return "internal";
  return done.error.kind === "conflict" ? "another log or another writer" : (done.error.detail ?? done.error.kind);
}
