/**
 * `sluice params`: what people write, as a session would have it.
 */
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const catalogue = folder.write(
  "bank.json",
  `{"tools":[{"name":"pay","server":"bank","inputSchema":{"type":"object","properties":{"iban":{"type":"string"},"amount":{"type":"number"},"due":{"type":"string"}}}}]}`,
);
const plan = folder.write(
  "rent.yaml",
  `sluice: 1
name: rent
params:
  iban: { read: iban }
  amount: { read: { kind: amount, currency: EUR }, maximum: 2000 }
  due: { read: date, default: today+14d }
nodes:
  pay: { tool: bank/pay, args: { iban: { param: iban }, amount: { param: amount }, due: { param: due } } }
`,
);
const command = ["params", plan, "--catalog", catalogue, "--zone", "Europe/Berlin", "--now", "2026-11-25T23:30:00Z"];

describe("sluice params", () => {
  it("prints what other commands take as --params, defaults included", async () => {
    const given = '{"iban":"de89 3704 0044 0532 0130 00","amount":"1.250,00 €"}';
    const { status, stdout, stderr } = await sluice([...command, "--locale", "de", "--params", given, "--json"]);
    expect([status, stderr]).toEqual([0, ""]);
    const read = readJson(stdout);
    expect(read.ok && read.value).toEqual({ amount: 1250, due: "2026-12-10", iban: "DE89370400440532013000" });
    const trace = folder.write("run.jsonl", `{"type":"call","id":"1","tool":"bank/pay","args":{"amount":1250}}\n`);
    const replayed = await sluice(["replay", plan, trace, "--catalog", catalogue, "--params", stdout, "--json"]);
    expect(replayed.stdout).toContain('"verdict":"allow"');
  });

  it("names every parameter that is wrong, without its value", async () => {
    const { status, stdout } = await sluice([...command, "--params", '{"iban":"DE00 1234","amount":"$ 9000","to":"eve"}']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^amount .*expected an amount in EUR/m);
    expect(stdout).toMatch(/^iban .*expected an IBAN/m);
    expect(stdout).toMatch(/^to .*no such parameter/m);
    expect(stdout).toMatch(/^due +\(default\) +"2026-12-10"$/m);
  });

  it("does not take the machine's time zone for the user's", async () => {
    const { status, stdout } = await sluice(["params", plan, "--catalog", catalogue, "--params", "{}"], {
      env: { TZ: "Asia/Tokyo" },
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^due .*time zone is needed/m);
  });

  it("ends with 2 for a moment that is none", async () => {
    const { status, stderr } = await sluice(["params", plan, "--catalog", catalogue, "--now", "tomorrow"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--now: an instant/);
  });

  it("tells what has a default from what nobody gave", async () => {
    const { status, stdout } = await sluice([...command, "--params", "{}"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^due +\(default\) /m);
    expect(stdout).toMatch(/^iban +\(nothing\) +the plan asks for this parameter/m);
  });

  it.each([
    [["--zone", "Mars/Base"], /^sluice: --zone: this machine knows no such time zone: give an IANA name/],
    [["--locale", "klingon"], /^sluice: --locale: known are en, /],
  ])("ends with 2 for a user whom nobody knows: %j", async (user, says) => {
    const given = '{"iban":"DE89 3704 0044 0532 0130 00","amount":"12","due":"2026-12-01"}';
    const { status, stdout, stderr } = await sluice(["params", plan, "--catalog", catalogue, ...user, "--params", given]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(says);
  });
});
