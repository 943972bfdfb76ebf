/**
 * Setup of `every-run.config.ts`: every firewall over a store in memory keeps what was asked, and after each test the log of each such store is
 * written, verified and tampered with. A line for each goes to the file that SLUICE_AUDIT_RUNS names. Never changes what a test is about.
 */
import { appendFileSync } from "node:fs";
import { afterEach, vi } from "vitest";
import type { AuditLog } from "../../src/audit/log.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import type { Store } from "../../src/stores/store.ts";
import type { OwnEnforcement } from "../../src/surfaces/options.ts";

const seen = new Map<Store, OwnEnforcement>();
/** Kinds of records that were tampered with in this file. */
const tampered = new Set<string>();

vi.mock("../../src/stores/memory.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/stores/memory.ts")>();
  return { ...original, createMemoryStore: () => original.createMemoryStore({ journal: true }) };
});
vi.mock("../../src/surfaces/options.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/surfaces/options.ts")>();
  return {
    ...original,
    createFirewall: (options: OwnEnforcement) => {
      seen.set(options.store, options);
      return original.createFirewall({ ...options, recordCalls: true });
    },
  };
});

afterEach(async ({ task }) => {
  for (const [store, options] of seen) {
    seen.delete(store);
    const lines = await store.journal({ limit: 1 }).catch(() => undefined);
    if (lines?.ok !== true || lines.value.length === 0) continue;
    appendFileSync(
      process.env.SLUICE_AUDIT_RUNS ?? "",
      `${JSON.stringify({ file: task.file.name, test: task.name, ...(await logOf(store, options)) })}\n`,
    );
  }
});

/** Writes the log of a store; says what verifying it found, and which edits of it were missed. */
async function logOf(store: Store, { policy, sql = [], sqlOf }: OwnEnforcement): Promise<object> {
  const { createAuditWriter } = await import("../../src/audit/writer.ts");
  const { createSubjects } = await import("../../src/audit/subjects.ts");
  const { createCheckpointSigner } = await import("../../src/audit/checkpoint.ts");
  const { openSqliteAuditLog } = await import("../../src/audit/sqlite/open.ts");
  const { systemRandom: random } = await import("../../src/surfaces/random.ts");
  const { look, makeKey, master, must } = await import("./fixture.ts");
  const log = openSqliteAuditLog(":memory:");
  const subjects = createSubjects(log, master, random);
  const signer = await createCheckpointSigner(await makeKey());
  const writer = createAuditWriter({ store, log, subjects, signer, clock: Date.now, random });
  must(await writer.drain());
  must(await writer.checkpoint());
  const found = await look({ log, signer }, { policy, sqlOf: async (plan) => [...sql, ...((await sqlOf?.(plan)) ?? [])] });
  const { isValid, events, faults } = found;
  const missed = await missedIn(log, signer.publicKey);
  await log.close();
  return { isValid, events, faults: faults.slice(0, 4), ...missed };
}

/** Edits one record of each kind, by the chain alone: kinds that were tried, and edits that were missed. */
async function missedIn(
  log: AuditLog,
  key: SigningKey,
): Promise<{ readonly kinds: readonly string[]; readonly missed: readonly string[] }> {
  const { verifyAudit } = await import("../../src/audit/verify.ts");
  const { must } = await import("./fixture.ts");
  const texts = must(await log.read(0, 100_000));
  const kinds: string[] = [];
  const missed: string[] = [];
  for (const [seq, text] of texts.entries()) {
    const { kind } = JSON.parse(text) as { readonly kind: string };
    if (tampered.has(kind)) continue;
    tampered.add(kind);
    kinds.push(kind);
    const edits: { readonly [how: string]: readonly string[] } = {
      changed: texts.map((each, i) =>
        i === seq ? each.replace(/"at":(\d)/, (_, digit: string) => `"at":${(Number(digit) % 9) + 1}`) : each,
      ),
      dropped: texts.filter((_, i) => i !== seq),
      doubled: texts.flatMap((each, i) => (i === seq ? [each, each] : [each])),
      moved: [...texts.filter((_, i) => i !== seq), text],
    };
    for (const [how, edited] of Object.entries(edits)) {
      if (how === "moved" && seq === texts.length - 1) continue;
      const other: AuditLog = { ...log, read: async (from, limit) => ({ ok: true, value: edited.slice(from, from + limit) }) };
      if (must(await verifyAudit(other, { keys: [key] })).isValid) missed.push(`${kind} ${how}`);
    }
  }
  return { kinds, missed };
}
