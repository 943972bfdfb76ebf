/**
 * The audit log of a process that listens, while it is written: the journal of its store is drained into it beside the calls, and sent on.
 * Never in the path of a call, and never starts where the store keeps no journal: a log with gaps would be none.
 */
import { loadedFacts } from "../../audit/config-facts.ts";
import type { AuditLog } from "../../audit/log.ts";
import { type AuditSink, createAuditStream } from "../../audit/sink.ts";
import type { Subjects } from "../../audit/subjects.ts";
import { createAuditWriter } from "../../audit/writer.ts";
import type { JsonObject } from "../../json/value.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { SigningKey } from "../../plan/sign.ts";
import type { Policy } from "../../policy/policy.ts";
import { ConfigError } from "../../result.ts";
import type { Store } from "../../stores/store.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { InputError } from "../read/input.ts";
import { storeName } from "../read/store-url.ts";
import type { Terminal } from "../show/terminal.ts";
import { auditKeys, openAuditLog, subjectsOf } from "./log.ts";

/** An audit log that this process writes, for those who look at it. */
export interface WrittenLog {
  readonly log: AuditLog;
  /** Public keys of its checkpoints. */
  readonly keys: readonly SigningKey[];
  /** Its people, without memory of earlier answers. */
  subjects(): Subjects;
}

/** An audit log that is written. */
export interface Auditing extends WrittenLog {
  /** Adds a note to the journal: what the process did, by names and digests. */
  note(facts: JsonObject): Promise<void>;
  /** Chains and signs what there is, and lets go. */
  stop(): Promise<void>;
}

/** Which log, and who takes its records besides. */
export interface NamedLog {
  readonly audit: string;
  readonly auditStream: string | undefined;
}

/** What it is opened with. */
export interface AuditingWorld {
  readonly terminal: Terminal;
  readonly plans: readonly FrozenPlan[];
  readonly policy: Policy | undefined;
}

/** Milliseconds between two drains. */
const drainMs = 1_000;

/** Opens the log of `--audit` and begins to write it. Exit 2: it cannot be written. */
export async function openAuditing(
  { audit: text, auditStream }: NamedLog,
  store: Store,
  { terminal, plans, policy }: AuditingWorld,
): Promise<Auditing> {
  const journal = await store.journal({ limit: 1 });
  if (!journal.ok) throw new InputError("--audit: the store keeps no journal, so that there is nothing to make an audit log of");
  // Before the log: a receiver that cannot be leaves no file, no keys and no lease of a writer behind.
  const receiver = auditStream === undefined ? undefined : await openReceiver(auditStream);
  const log = await openAuditLog(text, { makes: true, place: "--audit" });
  try {
    const keys = await auditKeys(text, { makes: true });
    if (keys === undefined) throw new InputError("--audit: there are no keys");
    const { signer } = keys;
    const named = storeName(text);
    const subjects = subjectsOf(log, keys);
    const writer = createAuditWriter({ store, log, subjects, signer, clock: Date.now, random: systemRandom });
    const begun = await writer.begin();
    if (!begun.ok) throw new InputError(`--audit: ${named}: it cannot be written (${whyOf(begun)})`);
    const streaming = receiver && {
      name: receiver.name,
      stream: createAuditStream({ log, ...receiver, store, clock: Date.now, random: systemRandom }),
    };
    const note = async (facts: JsonObject): Promise<void> => {
      if (!(await store.note({ type: "config", at: Date.now(), ...facts })).ok) terminal.say("audit: a note could not be kept");
    };
    await note({ what: "start", ...loadedFacts(plans, policy) });
    const writing = repeatedly(() => writer.drain(), {
      onBroken: (why) => terminal.say(`audit: ${named} cannot be written (${why}); the journal keeps what it waits for`),
      onMended: () => terminal.say("audit: it is written again"),
    });
    const sending =
      streaming &&
      repeatedly(() => streaming.stream.pump(), {
        onBroken: (why) => terminal.say(`audit: ${streaming.name} takes no records (${why}); they are sent when it does`),
        onMended: () => terminal.say(`audit: ${streaming.name} takes records again`),
      });
    terminal.say(terminal.paint.dim(`audit ${named}, checkpoints signed by ${signer.keyId}`));
    return {
      log,
      keys: [signer.publicKey],
      subjects: () => subjectsOf(log, keys),
      note,
      stop: async () => {
        await writing.stop();
        await writer.checkpoint();
        await writer.release();
        await sending?.stop();
        await streaming?.stream.release();
        await receiver?.sink.close();
        await log.close();
      },
    };
  } catch (error) {
    await receiver?.sink.close();
    await log.close();
    throw error;
  }
}

/** Opens the receiver of `--audit-stream`. Exit 2: it cannot be one. That its server is away is no reason not to start. */
async function openReceiver(text: string): Promise<{ readonly sink: AuditSink; readonly name: string }> {
  const name = receiverName(text);
  if (!/^(?:nats|tls):\/\//.test(text))
    throw new InputError("--audit-stream: a receiver is nats://… or tls://… (NATS JetStream)");
  try {
    return { sink: await (await import("../../audit/nats/open.ts")).openNatsSink(text), name };
  } catch (error) {
    // A client's text may quote a URL, and with it a password.
    throw new InputError(`--audit-stream: ${name}: ${error instanceof ConfigError ? error.message : "it cannot be opened"}`);
  }
}

/** A receiver, without credentials: as it is called in messages and in the store. */
function receiverName(text: string): string {
  const { searchParams } = URL.canParse(text) ? new URL(text) : { searchParams: new URLSearchParams() };
  const parts = ["stream", "subject"].flatMap((name) => searchParams.get(name)?.slice(0, 200) ?? []);
  return [storeName(text), ...parts].join(" ");
}

/** What is done again and again beside the calls. */
interface Repeated {
  /** Does it a last time. */
  stop(): Promise<void>;
}

interface Telling {
  readonly onBroken: (why: string) => void;
  readonly onMended: () => void;
}

/** Does a job every second, one after the other, and tells when it does not go and when it goes again. */
function repeatedly(job: () => Promise<Answered>, { onBroken, onMended }: Telling): Repeated {
  let isBroken = false;
  let last = Promise.resolve();
  let isBusy = false;
  const once = async (): Promise<void> => {
    isBusy = true;
    const done = await job().catch(() => undefined);
    isBusy = false;
    const wasBroken = isBroken;
    isBroken = done?.ok !== true;
    if (isBroken && !wasBroken) onBroken(whyOf(done));
    if (!isBroken && wasBroken) onMended();
  };
  const timer = setInterval(() => {
    if (!isBusy) last = last.then(once);
  }, drainMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
      await once();
    },
  };
}

interface Answered {
  readonly ok: boolean;
  readonly error?: { readonly kind: string; readonly detail?: string };
}

function whyOf(done: Answered | undefined): string {
  if (done?.error === undefined) return "internal";
  return done.error.kind === "conflict"
    ? "another log, another writer, or a store that was brought back from a copy"
    : (done.error.detail ?? done.error.kind);
}
