/**
 * A log of so many records: made by the enforcement point, written from the journal, and verified with new eyes.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { createCheckpointSigner } from "../../src/audit/checkpoint.ts";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { createSubjects } from "../../src/audit/subjects.ts";
import { verifyAudit } from "../../src/audit/verify.ts";
import { createAuditWriter } from "../../src/audit/writer.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { nodeCipher, nodeSha256 } from "../../src/stores/seal-node.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { makeDesk, must, playSession } from "./firewall.ts";
import { type Seconds, timed } from "./timed.ts";

/** Seconds for the records of one log; `all` decides every verdict again. */
export interface LogRow {
  readonly backend: string;
  readonly records: number;
  readonly verdicts: number;
  readonly values: number;
  readonly write: Seconds;
  readonly chain: Seconds;
  readonly all: Seconds;
  /** Peak resident set of the process, MiB. */
  readonly peakMiB: number;
}

/** Measures each backend of a single machine. */
export async function measureLog({
  folder,
  records,
  say,
}: {
  readonly folder: string;
  readonly records: number;
  readonly say: (text: string) => void;
}): Promise<readonly LogRow[]> {
  mkdirSync(folder, { recursive: true });
  const backends: readonly (readonly [string, () => Promise<AuditLog>])[] = [
    ["SQLite", async () => openSqliteAuditLog(join(folder, "log.db"))],
    ["files of lines", async () => openJsonlAuditLog(join(folder, "log/"), {})],
  ];
  const rows: LogRow[] = [];
  for (const [backend, open] of backends) {
    rows.push(await measureOne(backend, { log: await open(), records, say }));
    say(`log in ${backend}: done`);
  }
  return rows;
}

async function measureOne(
  backend: string,
  { log, records, say }: { readonly log: AuditLog; readonly records: number; readonly say: (text: string) => void },
): Promise<LogRow> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const signer = await createCheckpointSigner((await exportJWK(privateKey)) as SigningKey);
  const master = [{ id: "m1", secret: crypto.getRandomValues(new Uint8Array(32)) }];
  const people = () => createSubjects(log, master, systemRandom, { cipher: nodeCipher });
  const store = createMemoryStore({ journal: true });
  const firewall = makeDesk(store, true);
  const writer = createAuditWriter({ store, log, subjects: people(), signer, clock: Date.now, random: systemRandom });
  const write = { wall: 0, cpu: 0 };
  // The journal is drained beside the traffic, as a server does it.
  for (let made = 0, session = 0; made < records; session++) {
    made += await playSession(firewall, { principal: `person-${session % 500}@example.org`, calls: 30 });
    if (session % 50 !== 0 && made < records) continue;
    const { seconds } = await timed(async () => {
      must(await writer.drain());
      if (made >= records) must(await writer.checkpoint());
    });
    write.wall += seconds.wall;
    write.cpu += seconds.cpu;
    await store.expire(Number.POSITIVE_INFINITY, 10_000);
  }
  say(`${backend}: written`);
  const keys = [signer.publicKey];
  const chain = await timed(() => verifyAudit(log, { keys, sha256: nodeSha256 }));
  say(`${backend}: chain verified`);
  const all = await timed(() => verifyAudit(log, { keys, subjects: people(), sha256: nodeSha256 }));
  const found = must(all.value);
  if (!found.isValid || !must(chain.value).isValid || found.events.differs + found.events.unknown > 0)
    throw new Error(JSON.stringify(found));
  await log.close();
  return {
    backend,
    records: found.size,
    verdicts: found.events.follows,
    values: found.values.checked,
    write,
    chain: chain.seconds,
    all: all.seconds,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
  };
}
