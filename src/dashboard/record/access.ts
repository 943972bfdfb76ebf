/**
 * What the dashboard has of an audit log: the log itself, the public keys of its checkpoints, and, where its keys are here, its people.
 * Types alone. Never a private key: what signs and what seals stays with who writes the log.
 */
import type { AuditLog } from "../../audit/log.ts";
import type { Subjects } from "../../audit/subjects.ts";
import type { VerifyOptions } from "../../audit/verify.ts";
import type { SigningKey } from "../../plan/sign.ts";
import type { Signal } from "../../signals/signal.ts";

/** An audit log as pages see it. */
export interface AuditAccess {
  readonly log: AuditLog;
  /** Public keys whose checkpoints count. Empty: none can be checked, and pages say so. */
  readonly keys: readonly SigningKey[];
  /**
   * The people of the log, without memory of earlier answers: whoever asks again after an erasure must not find a key that was deleted
   * meanwhile. Absent: the master key is not here, so that no value can be opened and nobody erased.
   */
  readonly subjects?: () => Subjects;
  /** What else a verification needs: the policy that was in force, parsers of SQL. */
  readonly verifying?: Pick<VerifyOptions, "policy" | "sqlOf">;
}

/** What watches the audit log, as the page needs it. */
export interface SignalSource {
  /** The newest first. */
  recent(): readonly Signal[];
  status(): { readonly read: number; readonly failing?: unknown };
}
