/**
 * How far an audit log is signed, and that a record is under a signature.
 * Never takes a checkpoint at its word: one that no key given has signed is none.
 */
import { type Checkpoint, verifyCheckpoint } from "../../audit/checkpoint.ts";
import type { AuditFailure } from "../../audit/log.ts";
import { checkProof, type InclusionProof, type ProveFault, proveRecord } from "../../audit/prove.ts";
import { ok, type Result } from "../../result.ts";
import type { AuditAccess } from "./access.ts";
import { pacedLog } from "./paced.ts";

/** The last checkpoint of a log that one of the keys signed. */
export interface Signed {
  readonly checkpoint: Checkpoint;
  readonly jws: string;
  /** Which of all it is, from 1, and how many there are. */
  readonly number: number;
  readonly count: number;
}

/** Checkpoints that are looked at for one that is signed by a key given: from the newest. */
const looked = 8;

/** The last checkpoint that counts; `undefined`: there is none, or no key is here that signed one of the last. */
export async function lastSigned({
  log,
  keys,
}: Pick<AuditAccess, "log" | "keys">): Promise<Result<Signed | undefined, AuditFailure>> {
  const all = await log.checkpoints();
  if (!all.ok) return all;
  for (let at = all.value.length - 1; at >= Math.max(0, all.value.length - looked); at--) {
    const jws = all.value[at] ?? "";
    const checked = await verifyCheckpoint(jws, keys);
    if (checked.ok) return ok({ checkpoint: checked.value, jws, number: at + 1, count: all.value.length });
  }
  return ok(undefined);
}

/** Whether a record is under a signature: the checkpoint and the proof that leads to it, checked; or why there is none. */
export type Inclusion =
  | { readonly state: "signed"; readonly checkpoint: Checkpoint; readonly proof: InclusionProof }
  | { readonly state: ProveFault | "keys" };

/** The proof that a record is under the first checkpoint that covers it. `keys`: none is here to check one with. */
export async function inclusionOf({ log, keys }: Pick<AuditAccess, "log" | "keys">, seq: number): Promise<Inclusion> {
  if (keys.length === 0) return { state: "keys" };
  const proof = await proveRecord(pacedLog(log, {}), seq, { keys });
  if (!proof.ok) return { state: proof.error };
  const shows = await checkProof(jsonOf(proof.value), keys);
  return shows.ok && shows.value.type === "inclusion"
    ? { state: "signed", checkpoint: shows.value.in, proof: proof.value }
    : { state: "changed" };
}

/** A proof as the JSON that a witness is given. */
function jsonOf(proof: InclusionProof): Parameters<typeof checkProof>[0] {
  return { ...proof, path: [...proof.path] };
}
