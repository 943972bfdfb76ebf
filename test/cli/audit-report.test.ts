/**
 * `sluice audit report` as a process: forms, files, exit codes, and what it says where it cannot.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isReport, type Report } from "../../src/audit/report/form.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { makeKey, must } from "../audit/fixture.ts";
import { askRefund, deskRun, makeDesk } from "../audit/report/fixture.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const audit = join(folder.path, "audit.db");
let mapping = "";

beforeAll(async () => {
  const signing = await makeKey();
  const secret = new Uint8Array(32).fill(9);
  // As the command line names the key.
  const id = createHash("sha256").update(secret).digest("base64url").slice(0, 12);
  const desk = await makeDesk({ log: openSqliteAuditLog(audit), key: signing, master: [{ id, secret }] });
  const { token } = await deskRun(desk, "ada");
  must(await desk.firewall.approve(await askRefund(desk, token), { by: "grace", decision: "deny" }));
  await deskRun(desk, "bob");
  await desk.verify();
  await desk.log.close();
  folder.write("audit.db.keys.json", JSON.stringify({ signing, master: Buffer.from(secret).toString("base64url") }));
  mapping = folder.write(
    "mapping.yaml",
    `sluiceReport: 1
controller: { name: Desk GmbH }
labels:
  customer_data: { category: contact data of customers }
tools:
  mail/*: { recipient: Mail Example AG, kind: processor, country: CH }
`,
  );
});
afterAll(() => folder.remove());

const report = async (...args: readonly string[]) => sluice(["audit", "report", audit, ...args]);

describe("sluice audit report", () => {
  it("prints JSON alone on standard output, by a mapping in YAML, for one person and a period", async () => {
    const { status, stdout, stderr } = await report(
      "--framework",
      "hipaa",
      "--format",
      "json",
      "--mapping",
      mapping,
      "--subject",
      "ada",
    );
    expect([status, stderr]).toEqual([0, ""]);
    const made = JSON.parse(stdout) as Report;
    expect(isReport(made)).toBe(true);
    expect(made).toMatchObject({
      framework: "hipaa",
      integrity: { state: "valid" },
      controller: { name: "Desk GmbH" },
      subject: { name: "ada" },
    });
    expect(made.disclosures?.map(({ recipient }) => recipient.name)).toContain("Mail Example AG");
    const day = "2027-01-15";
    const within = JSON.parse(
      (await report("--framework", "gdpr", "--format", "json", "--from", day, "--to", day)).stdout,
    ) as Report;
    expect(within.period).toEqual({ from: "2027-01-15T00:00:00Z", to: "2027-01-16T00:00:00Z" });
    expect(within.activities.length).toBe(1);
    const before = JSON.parse((await report("--framework", "gdpr", "--format", "json", "--to", "2027-01-14")).stdout) as Report;
    expect(before.activities).toEqual([]);
  });

  it("writes the file that the output names, in its form", async () => {
    for (const [name, begins] of [
      ["r.html", "<!doctype html>"],
      ["r.csv", '"framework","section"'],
      ["r.json", '{\n  "sluiceReport": 1'],
    ] as const) {
      const output = join(folder.path, name);
      const { status, stdout, stderr } = await report("--framework", "ccpa", "--output", output);
      expect([status, stdout]).toEqual([0, ""]);
      expect(stderr).toContain(`${name}: `);
      expect(readFileSync(output, "utf8").slice(0, begins.length)).toBe(begins);
    }
  });

  it("ends with 1 where the log was changed, and the report says so before anything else", async () => {
    const copy = folder.write("bent.db", readFileSync(audit));
    folder.write("bent.db.keys.json", readFileSync(`${audit}.keys.json`));
    const db = new DatabaseSync(copy);
    db.exec('UPDATE records SET text = replace(text, \'"kind":"refuse"\', \'"kind":"approve"\')');
    db.close();
    const output = join(folder.path, "bent.html");
    const { status, stderr } = await sluice(["audit", "report", copy, "--framework", "gdpr", "-o", output]);
    expect(status).toBe(1);
    expect(stderr).toContain("the log does not verify");
    const text = readFileSync(output, "utf8");
    expect(text.indexOf("The log does not verify: nothing below is proven.")).toBeGreaterThan(0);
    expect(text.indexOf("nothing below is proven")).toBeLessThan(text.indexOf("Processing activities"));
  });

  it("ends with 2 and one line that says where, without a report", async () => {
    const bad = folder.write("bad.yaml", "sluiceReport: 1\ntools: { mail/*: { contry: DE } }\n");
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["--framework", "sox"], "sox"],
      [[], "--framework"],
      [["--framework", "gdpr", "--from", "yesterday"], "--from: a time or a day is needed"],
      [["--framework", "gdpr", "--from", "2027-01-16", "--to", "2027-01-14"], "--to: it must come after --from"],
      [["--framework", "gdpr", "--subject", "mallory"], "--subject: the log knows nobody of the name mallory"],
      [["--framework", "gdpr", "--mapping", bad], "bad.yaml: at /tools/mail~1*/contry"],
      [["--framework", "gdpr", "-o", join(folder.path, "none", "r.html")], "its folder does not exist"],
    ];
    for (const [args, says] of cases) {
      const { status, stdout, stderr } = await report(...args);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toContain(says);
      expect(stderr.trim().split("\n").length).toBe(1);
    }
    expect((await sluice(["audit", "report", join(folder.path, "no.db"), "--framework", "gdpr"])).status).toBe(2);
    expect(existsSync(join(folder.path, "no.db"))).toBe(false);
  }, 60_000);

  it("works with the public key alone, and says what it could not look at", async () => {
    const copy = folder.write("public.db", readFileSync(audit));
    const bare = JSON.parse(
      (await sluice(["audit", "report", copy, "--framework", "gdpr", "--format", "json"])).stdout,
    ) as Report;
    expect(bare.integrity.state).toBe("not-signed");
    const key = folder.write("key.json", (await sluice(["audit", "key", audit])).stdout);
    const { status, stdout } = await sluice(["audit", "report", copy, "--framework", "gdpr", "--format", "json", "--key", key]);
    const made = JSON.parse(stdout) as Report;
    expect([status, made.integrity.state]).toEqual([0, "valid"]);
    expect(made.notes.join(" ")).toContain("values were not opened");
    expect(made.flows.length).toBeGreaterThan(0);
  });
});
