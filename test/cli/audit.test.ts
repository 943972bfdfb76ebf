/**
 * `sluice audit`, and `--audit` of a real process: what it did is in the log when it has ended.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServing } from "./audited-serving.ts";
import { catalogue, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const { served, stop } = openServing(frozen);

beforeAll(async () => {
  const files = [folder.write("plan.yaml", plan), "--catalog", folder.write("catalogue.json", catalogue)];
  expect((await sluice(["freeze", ...files, "-o", frozen])).status).toBe(0);
});
afterAll(() => {
  stop();
  folder.remove();
});

describe.each([
  ["a file", "audit.db", "store.db"],
  ["a folder", "audit.jsonl", "store2.db"],
])("sluice serve --audit with %s", (_, auditName, storeName) => {
  const [audit, store] = [join(folder.path, auditName), join(folder.path, storeName)];

  it("keeps what it did, so that it verifies offline, also after a restart", async () => {
    const { said } = await served("ana@corp.example", ["--store", store, "--audit", audit]);
    expect(said).toContain(`audit ${audit}, checkpoints signed by `);
    await served("ana@corp.example", ["--store", store, "--audit", audit]);
    const { status, stdout } = await sluice(["audit", "verify", audit]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining("\nverdicts    4 follow from what was recorded before them\nvalid\n"),
    ]);
    const json = await sluice(["audit", "verify", audit, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ isValid: true, faults: [], events: { follows: 4, differs: 0 } });
    expect(statSync(`${audit}.keys.json`).mode & 0o777).toBe(0o600);
  });

  it("exports records without a value of anybody", async () => {
    const { status, stdout } = await sluice(["audit", "export", audit, "--kind", "deny"]);
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; code: string });
    expect(lines).toHaveLength(2);
    for (const { kind, code } of lines) expect([kind, code]).toEqual(["deny", expect.stringMatching(/^[A-Z_]+$/)]);
    const all = await sluice(["audit", "export", audit]);
    for (const value of ["eve@", "ana@", "Ada"]) expect(all.stdout).not.toContain(value);
    expect((await sluice(["audit", "export", audit, "--to", "2020-01-01T00:00:00Z"])).stdout).toBe("");
  });

  it("gives a checkpoint that a witness keeps, and grows from it", async () => {
    const { stdout } = await sluice(["audit", "checkpoint", audit]);
    const witness = folder.write(`${auditName}.witness`, stdout);
    await served("ana@corp.example", ["--store", store, "--audit", audit]);
    expect((await sluice(["audit", "verify", audit, "--witness", witness])).status).toBe(0);
  });

  it("erases a person, and verifies", async () => {
    const erased = await sluice(["audit", "erase", audit, "--subject", "ana@corp.example", "--store", store]);
    expect([erased.status, erased.stderr]).toEqual([0, expect.stringMatching(/^s[0-9a-f]{24} is erased from the log/)]);
    const { status, stdout } = await sluice(["audit", "verify", audit, "--json"]);
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ isValid: true, faultCount: 0 })]);
    expect((JSON.parse(stdout) as { events: { erased: number } }).events.erased).toBeGreaterThan(6);
    const again = await sluice(["audit", "erase", audit, "--subject", "ana@corp.example", "--store", store]);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining("the log knows nobody")]);
  });
});

describe("sluice audit verify", () => {
  it("names the record that was changed, with exit 1", async () => {
    const audit = join(folder.path, "audit.jsonl");
    const file = join(audit, readdirSync(audit).find((name) => name.startsWith("records-")) ?? "");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/"code":"[A-Z_]+"/, '"code":"ARG_MISSING"'));
    const { status, stdout } = await sluice(["audit", "verify", audit]);
    writeFileSync(file, text);
    expect(status).toBe(1);
    expect(stdout).toMatch(/chain record \d+ was not chained to record \d+ as it is: one of them was changed/);
    expect(stdout).toMatch(/not valid: \d+ faults?\n$/);
  });

  it("refuses what is no log, and keys that are none, with one line", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["audit", "verify", join(folder.path, "none.db")], /LOG: .*there is no such audit log/],
      [["audit", "verify", join(folder.path, "store.db")], /is no audit log of Sluice/],
      [["audit", "export", join(folder.path, "audit.db"), "--kind", "nothing"], /--kind: one of/],
      [["audit", "export", join(folder.path, "audit.db"), "--from", "yesterday"], /--from: a time is needed/],
      [["audit", "verify", join(folder.path, "audit.db"), "--key", frozen], /public Ed25519 key/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await sluice(args);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
  });
});
