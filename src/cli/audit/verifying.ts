/**
 * How commands verify an audit log: by which keys, against which checkpoint kept elsewhere, under which policies.
 * Never opens a value without the keys of the log.
 */
import type { AuditLog } from "../../audit/log.ts";
import type { VerifyOptions } from "../../audit/verify.ts";
import { nodeSha256 } from "../../stores/seal-node.ts";
import { readPolicyFiles, readValue } from "../read/input.ts";
import { parsersFor } from "../read/sql-parsers.ts";
import { auditKeys, readCheckpointFile, readPublicKey, subjectsOf } from "./log.ts";

/** Options of commands that verify. */
export interface VerifyingOptions {
  readonly key?: string;
  readonly witness?: string;
  readonly policy?: readonly string[];
}

/** What they mean for the log that `text` names. Exit 2 for files that cannot be used. */
export async function verifyingOf(
  log: AuditLog,
  text: string,
  { key, witness, policy: policies }: VerifyingOptions,
): Promise<VerifyOptions> {
  const keys = await auditKeys(text, { makes: false });
  const given = key === undefined ? undefined : readPublicKey(await readValue(key), key);
  const policy = await readPolicyFiles(policies);
  return {
    keys: given !== undefined ? [given] : keys === undefined ? [] : [keys.signer.publicKey],
    subjects: keys === undefined ? undefined : subjectsOf(log, keys),
    sha256: nodeSha256,
    witness: witness === undefined ? undefined : readCheckpointFile(witness, "--witness"),
    policy,
    sqlOf: (plan) => parsersFor([plan], policy),
  };
}
