/**
 * A firewall whose store has a journal, and an audit log that it is drained into.
 */
import { generateKeyPair, exportJWK } from "jose";
import { type CheckpointSigner, createCheckpointSigner } from "../../src/audit/checkpoint.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { createSubjects, type Subjects } from "../../src/audit/subjects.ts";
import { type Verification, verifyAudit, type VerifyOptions } from "../../src/audit/verify.ts";
import { type AuditWriter, createAuditWriter } from "../../src/audit/writer.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import { nodeCipher } from "../../src/stores/seal-node.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { createFirewall, type Firewall, type OwnEnforcement } from "../../src/surfaces/hono.ts";
import { shop } from "../surfaces/firewall-fixture.ts";

/** The value of a result that must be one. */
export function must<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** A private Ed25519 key. */
export async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return (await exportJWK(privateKey)) as SigningKey;
}

const masterSecret = new Uint8Array(32).fill(7);

/** The master key of the tests. */
export const master = [{ id: "m1", secret: masterSecret }];

/** A firewall and its log. */
export interface Audited {
  readonly store: Store;
  readonly firewall: Firewall;
  readonly log: AuditLog;
  readonly subjects: Subjects;
  readonly signer: CheckpointSigner;
  readonly writer: AuditWriter;
  readonly clock: { now: number };
  /** Opens a session and returns its token and id. */
  open(principal?: string): Promise<{ readonly token: string; readonly session: string }>;
  /** Makes a call that is answered with `answer`; says what was decided. */
  call(token: string, tool: string, args?: unknown, answer?: unknown): Promise<string>;
  /** Drains, signs, and verifies with new eyes. */
  verify(options?: Partial<VerifyOptions>): Promise<Verification>;
}

/** Makes one. */
export async function makeAudited(
  given: {
    readonly log?: AuditLog;
    readonly store?: Store;
    readonly options?: Partial<OwnEnforcement>;
    /** Private key of the checkpoints. */
    readonly key?: SigningKey;
    /** Keys that seal those of people. */
    readonly master?: typeof master;
  } = {},
): Promise<Audited> {
  const clock = { now: 1_800_000_000_000 };
  const store = given.store ?? createMemoryStore({ journal: true });
  const log = given.log ?? openSqliteAuditLog(":memory:");
  const firewall = createFirewall({ plans: [shop], store, clock: () => clock.now, recordCalls: true, ...given.options });
  const subjects = createSubjects(log, given.master ?? master, systemRandom);
  const signer = await createCheckpointSigner(given.key ?? (await makeKey()));
  const writer = createAuditWriter({ store, log, subjects, signer, clock: () => clock.now, random: systemRandom });
  const audited: Audited = {
    store,
    firewall,
    log,
    subjects,
    signer,
    writer,
    clock,
    open: async (principal = "ada@example.org") => {
      const [guard] = firewall.guards.values();
      const { token, session } = must(await firewall.open({ plan: guard?.digest ?? "", principal }));
      return { token, session };
    },
    call: async (token, tool, args = {}, answer = { ok: true }) => {
      clock.now += 5;
      const checked = await firewall.check(token, { tool, args: args as never });
      if (!checked.allow) return checked.verdict.code;
      clock.now += 5;
      await firewall.settle(checked.permit, answer instanceof Error ? { error: answer.message } : { value: answer as never });
      return "allow";
    },
    verify: async (options = {}) => {
      must(await writer.drain());
      must(await writer.checkpoint());
      return look(audited, options);
    },
  };
  return audited;
}

/** Verifies the log as it lies there, with nothing that the writer has in memory. */
export async function look(
  { log, signer }: Pick<Audited, "log" | "signer">,
  options: Partial<VerifyOptions> = {},
): Promise<Verification> {
  // Written by WebCrypto, read by the runtime's own.
  const subjects = createSubjects(log, master, systemRandom, { cipher: nodeCipher });
  return must(await verifyAudit(log, { keys: [signer.publicKey], subjects, ...options }));
}

/** Two people and some traffic: allows, denials of several kinds, failures, hidden data, budgets that sessions share, notes. */
export async function traffic(audited: Audited): Promise<void> {
  const first = await audited.open("ada@example.org");
  const second = await audited.open("bob@example.org");
  await audited.call(first.token, "quotes", {}, { prices: [1, 2] });
  await audited.call(first.token, "say", { text: "now the web is in it" });
  await audited.call(first.token, "order", { symbol: "VTI", amount: 5 });
  await audited.call(first.token, "order", { symbol: "BND", amount: 5 });
  await audited.call(first.token, "secret", {}, { key: "k-4711" });
  await audited.call(second.token, "pay", { amount: 60 });
  await audited.call(second.token, "pay", { amount: 60 });
  await audited.call(second.token, "pay", { amount: 7 }, new Error("away"));
  await audited.call(second.token, "nothing/such", { a: 1 });
  await audited.call(second.token, "say", { text: "hello bob" });
  await audited.store.note({ type: "config", at: audited.clock.now, what: "reload" });
  await audited.firewall.close(second.session);
}
