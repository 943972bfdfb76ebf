/**
 * Attacks of the example plans, recorded by a real firewall and writer, among weeks of their benign traces.
 */
import { describe, expect, it, vi } from "vitest";
import { attacksOf, recordsOfTrace } from "../../bench/signals/plans.ts";
import { exampleNames, readExample } from "../plans/example.ts";
import { layers } from "../tidy/layers.ts";

// Weeks of records take a while on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

describe.each(exampleNames)("attacks on the %s example", (name) => {
  it("are signalled at their first denial, and nothing before", async () => {
    const example = readExample(name);
    const rows = await attacksOf(name, 2);
    expect(rows.map(({ before }) => before)).toEqual([0, 0, 0, 0]);
    for (const { attack, kinds, tries, seconds } of rows) {
      const records = await recordsOfTrace(example, attack);
      const denied = records.findIndex(({ kind }) => kind === "deny");
      expect(denied).toBeGreaterThan(0);
      expect(seconds, attack).toBe(2 * denied);
      expect(kinds).toEqual(expect.arrayContaining(tries === 1 ? ["new-denial"] : ["new-denial", "denial-burst"]));
    }
  });
});

describe("signals", () => {
  it("are known to what shows them alone: nothing that decides may import them", () => {
    expect(layers.filter(({ may }) => may.includes("signals")).map(({ name }) => name)).toEqual(["dashboard", "cli"]);
  });
});
