/** A process that drains the journal of a store into a log. Arguments: store, log, signing key, and which process it is, from 0. */
import { writeSync } from "node:fs";
import { createCheckpointSigner } from "../../src/audit/checkpoint.ts";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { createSubjects } from "../../src/audit/subjects.ts";
import { createAuditWriter } from "../../src/audit/writer.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import { auditLeaseMs } from "../../src/limits.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { systemRandom } from "../../src/surfaces/random.ts";

const [storePath = "", logPath = "", key = "", life = "0"] = process.argv.slice(2);
const store = openSqliteStore(storePath, { journal: true });
const log = logPath.endsWith(".db") ? openSqliteAuditLog(logPath) : await openJsonlAuditLog(logPath);
const subjects = createSubjects(log, [{ id: "m1", secret: new Uint8Array(32).fill(7) }], systemRandom);
const signer = await createCheckpointSigner(JSON.parse(key) as SigningKey);
// Each process begins after the lease of the one before has ended.
const begun = Number(life) * 2 * auditLeaseMs;
const writer = createAuditWriter({ store, log, subjects, signer, clock: () => begun, random: systemRandom });
writeSync(1, "begun\n");
const done = await writer.drain();
if (done.ok) await writer.checkpoint();
await log.close();
await store.close();
process.exitCode = done.ok ? 0 : 1;
