/**
 * What the engine makes of a vector of audit.json: a log that is verified, or a proof that is checked; the same on every runtime.
 * Never asserts and never reads a file. What is expected is not looked at here.
 */
import type { AuditLog } from "../../src/audit/log.ts";
import { checkProof } from "../../src/audit/prove.ts";
import { verifyAudit } from "../../src/audit/verify.ts";
import type { Json } from "../../src/json/value.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import { ok } from "../../src/result.ts";
import type { Vector } from "./outcomes.ts";

/** A log of records and checkpoints, or a proof; and the public keys that count. */
export type AuditVector = Vector & { readonly keys: readonly SigningKey[] } & (
    | {
        readonly kind: "log";
        readonly records: readonly string[];
        readonly checkpoints: readonly string[];
        readonly witness?: string;
      }
    | { readonly kind: "proof"; readonly proof: Json }
  );

/** Of a log its size, root, head, how far it is signed, and its faults; of a proof what it shows, or why it shows nothing. */
export async function auditOutcome(vector: AuditVector): Promise<Json> {
  if (vector.kind === "proof") {
    const checked = await checkProof(vector.proof, vector.keys);
    if (!checked.ok) return { fault: checked.error };
    const { value } = checked;
    return value.type === "inclusion"
      ? { type: value.type, seq: value.seq, kind: value.record.kind, size: value.in.size }
      : { type: value.type, from: value.from.size, to: value.to.size };
  }
  const { records, checkpoints, keys, witness } = vector;
  const log = {
    read: async (from: number, limit: number) => ok(records.slice(from, from + limit)),
    checkpoints: async () => ok(checkpoints),
  } as unknown as AuditLog;
  const verified = await verifyAudit(log, { keys, witness });
  if (!verified.ok) return { unreadable: true };
  const { isValid, size, root, head, checkpoints: held, signed, faults } = verified.value;
  return { isValid, size, root, head, checkpoints: held, signed, faults: faults.map(({ kind, seq }) => [kind, seq ?? null]) };
}
