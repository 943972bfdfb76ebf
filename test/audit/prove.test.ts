import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sizeSaid } from "../../src/audit/checkpoint.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { checkProof, proveGrowth, proveRecord } from "../../src/audit/prove.ts";
import type { Json } from "../../src/json/value.ts";
import { type Audited, makeAudited, makeKey, must, traffic } from "./fixture.ts";
import { createCheckpointSigner } from "../../src/audit/checkpoint.ts";

const run = promisify(execFile);
const witnessFile = fileURLToPath(new URL("./witness.py", import.meta.url));

let audited: Audited;
let folder: string;
let checkpoints: readonly string[];
let sizes: readonly number[];
let keys: readonly Audited["signer"]["publicKey"][];

beforeAll(async () => {
  audited = await makeAudited();
  for (let i = 0; i < 5; i++) {
    await traffic(audited);
    await audited.verify();
  }
  // Records that are not signed yet.
  await traffic(audited);
  must(await audited.writer.drain());
  checkpoints = must(await audited.log.checkpoints());
  sizes = checkpoints.map((jws) => sizeSaid(jws) ?? 0);
  keys = [audited.signer.publicKey];
  folder = await mkdtemp(join(tmpdir(), "sluice-witness-"));
  await writeFile(join(folder, "key.json"), JSON.stringify(audited.signer.publicKey));
});
afterAll(async () => rm(folder, { recursive: true }));

/** What the witness in Python says: what a proof shows, or `undefined`. */
async function witnessed(proof: unknown): Promise<unknown> {
  const file = join(folder, "proof.json");
  await writeFile(file, JSON.stringify(proof));
  return run("python3", [witnessFile, join(folder, "key.json"), file]).then(
    ({ stdout }) => JSON.parse(stdout) as unknown,
    (error: { readonly code?: number; readonly stderr?: string }) => {
      expect([error.code, error.stderr]).toEqual([1, expect.stringContaining("shows nothing")]);
      return undefined;
    },
  );
}

/** A proof with one member changed a little. */
function bent(proof: object, { which, place }: { readonly which: number; readonly place: number }): Json {
  const members = Object.entries(proof).filter(([name]) => name !== "v" && name !== "type");
  const [name = "", value] = members[which % members.length] ?? [];
  const text = (given: string): string => {
    const at = place % given.length;
    const unit = given[at] ?? "";
    return given.slice(0, at) + (unit === "a" ? "b" : "a") + given.slice(at + 1);
  };
  const changed =
    typeof value === "number"
      ? value + 1
      : typeof value === "string"
        ? text(value)
        : (value as string[]).map((hash, i) => (i === place % (value as string[]).length ? text(hash) : hash));
  return { ...proof, [name]: changed } as Json;
}

describe("a proof that a record is in the log", () => {
  it("is made of every record under every checkpoint that covers it, and holds for the public key alone", async () => {
    for (const [i, checkpoint] of checkpoints.entries())
      for (let seq = 0; seq < (sizes[i] ?? 0); seq += 7) {
        const proof = must(await proveRecord(audited.log, seq, { keys, checkpoint }));
        const checked = must(await checkProof(proof as unknown as Json, keys));
        expect(checked).toMatchObject({ type: "inclusion", seq, in: { size: sizes[i] } });
      }
  });

  it("is checked by a witness that shares no code with it", async () => {
    const last = (sizes.at(-1) ?? 0) - 1;
    for (const seq of [0, 1, 2, 40, last - 1, last]) {
      const proof = must(await proveRecord(audited.log, seq, { keys, checkpoint: checkpoints.at(-1) }));
      expect(await witnessed(proof)).toMatchObject({ seq, size: last + 1, kind: JSON.parse(proof.record).kind });
    }
  });

  it("shows nothing once anything of it is changed, to either", async () => {
    const proof = must(await proveRecord(audited.log, 23, { keys, checkpoint: checkpoints.at(-1) }));
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.nat(), async (which, place) => {
        const changed = bent(proof, { which, place });
        expect((await checkProof(changed, keys)).ok).toBe(false);
        expect(await witnessed(changed)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
    const values: readonly Json[] = [null, [], {}, { ...proof, extra: 1 } as never, { ...proof, path: [] } as never, "x"];
    for (const value of values) expect((await checkProof(value, keys)).ok).toBe(false);
  }, 60_000);

  it("is of the first checkpoint that covers the record, and reads no more than what lies between", async () => {
    const seq = (sizes[2] ?? 0) + 3;
    const read: number[] = [];
    const log: AuditLog = {
      ...audited.log,
      read: async (from, limit) => {
        for (let i = from; i < from + limit; i++) read.push(i);
        return audited.log.read(from, limit);
      },
    };
    const proof = must(await proveRecord(log, seq, { keys }));
    expect(sizeSaid(proof.checkpoint)).toBe(sizes[3]);
    expect([Math.min(...read), Math.max(...read)]).toEqual([sizes[2], (sizes[3] ?? 0) - 1]);
  });

  it("is not made where nothing is signed, the key is another, or the log is not what was signed", async () => {
    const { log } = audited;
    expect(await proveRecord(log, sizes.at(-1) ?? 0, { keys })).toMatchObject({ error: "unsigned" });
    expect(await proveRecord(log, 1e9, { keys })).toMatchObject({ error: "unsigned" });
    expect(await proveRecord(log, -1, { keys, checkpoint: checkpoints[0] })).toMatchObject({ error: "unsigned" });
    const other = (await createCheckpointSigner(await makeKey())).publicKey;
    expect(await proveRecord(log, 3, { keys: [other] })).toMatchObject({ error: "checkpoint" });
    expect(await checkProof(must(await proveRecord(log, 3, { keys })) as unknown as Json, [other])).toMatchObject({
      error: "key",
    });
    const changed: AuditLog = {
      ...log,
      read: async (from, limit) => {
        const page = await log.read(from, limit);
        return page.ok ? { ok: true, value: page.value.map((text, i) => (from + i === 9 ? `${text} ` : text)) } : page;
      },
    };
    expect(await proveRecord(changed, 3, { keys })).toMatchObject({ error: "changed" });
    expect(await proveRecord(changed, 9, { keys })).toMatchObject({ error: "changed" });
    const cut: AuditLog = { ...log, read: async (from, limit) => (from > 12 ? { ok: true, value: [] } : log.read(from, limit)) };
    expect(await proveRecord(cut, 11, { keys, checkpoint: checkpoints.at(-1) })).toMatchObject({ error: "changed" });
  });
});

describe("a proof that the log has grown", () => {
  it("is made between any two checkpoints, and holds here and for the witness", async () => {
    for (const [i, from] of checkpoints.entries())
      for (const [j, to] of checkpoints.entries()) {
        const proof = await proveGrowth(audited.log, { from, to }, { keys });
        if (j < i) {
          expect(proof).toMatchObject({ error: "backwards" });
          continue;
        }
        const checked = must(await checkProof(must(proof) as unknown as Json, keys));
        expect(checked).toMatchObject({ type: "consistency", from: { size: sizes[i] }, to: { size: sizes[j] } });
        expect(await witnessed(must(proof))).toEqual({ from: sizes[i], to: sizes[j] });
      }
  }, 60_000);

  it("shows nothing once anything of it is changed, to either", async () => {
    const [from = "", to = ""] = [checkpoints[1], checkpoints[4]];
    const proof = must(await proveGrowth(audited.log, { from, to }, { keys }));
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), async (which, place) => {
        const changed = bent(proof, { which, place });
        expect((await checkProof(changed, keys)).ok).toBe(false);
        expect(await witnessed(changed)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
    const swapped = { ...proof, from: proof.to, to: proof.from };
    expect((await checkProof(swapped as unknown as Json, keys)).ok).toBe(false);
    expect(await witnessed(swapped)).toBeUndefined();
  }, 60_000);

  it("is not made of a log that was made anew, though the same key signed it", async () => {
    const other = await makeAudited();
    await traffic(other);
    await traffic(other);
    await other.verify();
    const signed = must(await other.log.checkpoints()).at(-1) ?? "";
    const both = [...keys, other.signer.publicKey];
    expect(await proveGrowth(other.log, { from: checkpoints[0] ?? "", to: signed }, { keys: both })).toMatchObject({
      error: "backwards",
    });
  });
});
