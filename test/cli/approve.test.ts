/**
 * `sluice approve`: what the person is shown first, whose approval counts, and that nothing is approved silently.
 */
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyApprovals } from "../../src/approval/plan.ts";
import { readJson } from "../../src/json/read.ts";
import { thawPlan, writeFrozen } from "../../src/plan/freeze.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { bankPlan, freeze } from "../approval/approval-fixture.ts";
import { openFolder, sluice as run } from "./cli-process.ts";

const folder = openFolder();
let frozen = "";
let key = "";
let stranger = "";
let policy: Policy;

beforeAll(async () => {
  const [own, other] = await Promise.all(
    [1, 2].map(async () => exportJWK((await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })).privateKey)),
  );
  policy = {
    sluicePolicy: 1,
    name: "one-person",
    approvers: { eve: { key: { kty: "OKP", crv: "Ed25519", x: own?.x as string } } },
    approval: { plans: { by: ["eve"] } },
  };
  frozen = folder.write("frozen.json", writeFrozen(freeze(bankPlan, policy)));
  key = folder.write("key.json", JSON.stringify(own));
  stranger = folder.write("stranger.json", JSON.stringify(other));
});
afterAll(folder.remove);

describe("sluice approve", () => {
  it("shows the worst case before findings and plan, and writes an approval that verifies", async () => {
    const output = `${folder.path}/approved.json`;
    const { status, stdout } = await run(["approve", frozen, "--as", "eve", "--key", key, "--yes", "-o", output]);
    expect(status).toBe(0);
    const [worst, plan] = [stdout.indexOf("Who approves bank approves that"), stdout.indexOf("The plan")];
    expect(worst).toBeGreaterThanOrEqual(0);
    expect(worst).toBeLessThan(plan);
    expect(stdout).toContain("by eve: enough");
    const { readFileSync } = await import("node:fs");
    const read = readJson(readFileSync(output, "utf8"));
    const thawed = thawPlan(read.ok ? read.value : null);
    expect(thawed.ok && (await verifyApprovals(thawed.value, policy, { now: Date.now() })).ok).toBe(true);
  }, 60_000);

  it("says that it replaces an approval by the same key, and keeps one", async () => {
    const output = `${folder.path}/twice.json`;
    await run(["approve", frozen, "--as", "eve", "--key", key, "--yes", "-o", output]);
    const { status, stdout, stderr } = await run([
      "approve",
      output,
      "--as",
      "eve",
      "--key",
      key,
      "--yes",
      "--days",
      "2",
      "--json",
    ]);
    expect([status, stderr]).toEqual([0, "the earlier approval by this key is replaced\n"]);
    const read = readJson(stdout);
    expect(read.ok && read.value).toMatchObject({ approvals: [{ approver: "eve", expires: expect.any(Number) }] });
  }, 60_000);

  it.each([
    ["without a terminal to ask on", () => ["approve", frozen, "--as", "eve", "--key", key], /nobody can be asked/],
    [
      "by somebody whom the policy does not name",
      () => ["approve", frozen, "--as", "joe", "--key", key, "--yes"],
      /does not name joe/,
    ],
    ["with another key than the policy's", () => ["approve", frozen, "--as", "eve", "--key", stranger, "--yes"], /not the key/],
  ] as const)(
    "approves nothing %s",
    async (_, args, message) => {
      const { status, stderr } = await run(args());
      expect(status).toBe(2);
      expect(stderr).toMatch(message);
    },
    60_000,
  );
});
