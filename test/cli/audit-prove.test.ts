/**
 * `sluice audit prove`, `check-proof` and `key`: what a witness needs besides them is the public key.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sizeSaid } from "../../src/audit/checkpoint.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { makeAudited, makeKey, master, must, traffic } from "../audit/fixture.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const audit = join(folder.path, "audit.db");
const key = join(folder.path, "key.json");
let sizes: readonly number[] = [];

beforeAll(async () => {
  const signing = await makeKey();
  const audited = await makeAudited({ log: openSqliteAuditLog(audit), key: signing });
  for (let i = 0; i < 2; i++) {
    await traffic(audited);
    await audited.verify();
  }
  sizes = must(await audited.log.checkpoints()).map((jws) => sizeSaid(jws) ?? 0);
  await audited.log.close();
  const secret = Buffer.from(master[0]?.secret ?? new Uint8Array(0)).toString("base64url");
  writeFileSync(`${audit}.keys.json`, JSON.stringify({ signing, master: secret }), { mode: 0o600 });
  writeFileSync(key, (await sluice(["audit", "key", audit])).stdout);
});
afterAll(() => folder.remove());

describe("sluice audit prove", () => {
  it("gives out the public half of the key alone", () => {
    const shown = JSON.parse(readFileSync(key, "utf8")) as object;
    expect(Object.keys(shown)).toEqual(["kty", "crv", "x", "kid"]);
  });

  it("proves a record, and check-proof needs the proof and the public key", async () => {
    const { status, stdout } = await sluice(["audit", "prove", audit, "--record", "5"]);
    expect(status).toBe(0);
    const proof = folder.write("proof.json", stdout);
    const checked = await sluice(["audit", "check-proof", proof, "--key", key]);
    expect([checked.status, checked.stdout]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`^record 5 \\(\\S+, session s_\\w+\\) is among the first ${sizes[0]} records of log .*\nholds\n$`),
      ),
    ]);
    const json = await sluice(["audit", "check-proof", proof, "--key", key, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ holds: true, type: "inclusion", seq: 5, in: { size: sizes[0] } });
    const bent = folder.write("bent.json", stdout.replace(/"seq": 5/, '"seq": 6'));
    expect(await sluice(["audit", "check-proof", bent, "--key", key])).toMatchObject({
      status: 1,
      stdout: "proves nothing: it is no proof\n",
    });
  });

  it("proves growth from a checkpoint that a witness kept to one that the log has", async () => {
    const kept = folder.write("kept.jws", (await sluice(["audit", "checkpoint", audit])).stdout);
    const { status, stdout } = await sluice(["audit", "prove", audit, "--consistency", String(sizes[0]), kept]);
    expect(status).toBe(0);
    const proof = folder.write("grown.json", stdout);
    const checked = await sluice(["audit", "check-proof", proof, "--key", key, "--json"]);
    expect(JSON.parse(checked.stdout)).toMatchObject({ holds: true, from: { size: sizes[0] }, to: { size: sizes[1] } });
  });

  it("refuses what cannot be proved with one line", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["prove", audit], /one of --record and --consistency is needed/],
      [["prove", audit, "--record", "1", "--consistency", "1", "2"], /one of --record and --consistency/],
      [["prove", audit, "--record", "99999"], /no checkpoint covers that record yet/],
      [["prove", audit, "--record", "five"], /--record: the number of a record/],
      [["prove", audit, "--consistency", "1", "2"], /no checkpoint of 1 records; the last ones are of \d+, \d+/],
      [["prove", audit, "--consistency", String(sizes[1]), String(sizes[0])], /the first checkpoint is of the smaller log/],
      [["prove", audit, "--consistency", String(sizes[1])], /two checkpoints are needed/],
      [["prove", audit, "--record", "1", "--checkpoint", join(folder.path, "none")], /--checkpoint: .*it cannot be read/],
      [["check-proof", audit, "--key", key], /audit\.db/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await sluice(["audit", ...args]);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
  }, 120_000);
});
