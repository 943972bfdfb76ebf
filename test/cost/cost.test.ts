/**
 * The gate on what calls cost, in counts that repeat themselves on any machine: no time is measured. See {@link count}.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWith, type Provided, service } from "../services/service.ts";
import budgets from "./budgets.json" with { type: "json" };
import { type Budgets, findings, otherCounts } from "./budgets.ts";
import { bundle, count } from "./count.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-cost-"));
const other = otherCounts(budgets satisfies Budgets, process);
const here: Provided = other === undefined ? { path: process.execPath } : { missing: other };
const valgrind: Provided = other === undefined ? service({ program: "valgrind", package: "valgrind" }) : here;
/** Counting takes this long at most, on a machine that does much else. */
const patient = 240_000;

beforeAll(() => bundle(folder), patient);
afterAll(() => rmSync(folder, { recursive: true }));

describeWith(here, "what a call allocates", () => {
  it("is within its budget", { timeout: patient }, () => {
    expect(findings("bytes", count("bytes", folder), budgets)).toEqual([]);
  });

  it("is out of it with one small object more", { timeout: patient }, () => {
    const worse = count("bytes", folder, { names: ["ordinary call"], worse: "ordinary call" });
    const [line, ...rest] = findings("bytes", worse, { ...budgets, counts: { ...budgets.counts, bytes: ordinaryOf("bytes") } });
    expect(line).toMatch(/^bytes a call of ordinary call: was \d+, is \d+, allowed \d+ to \d+\. Dearer/);
    expect(rest).toEqual([]);
  });

  it("is the same in every process", { timeout: patient }, () => {
    const twice = [1, 2].map(() => count("bytes", folder, { names: ["ordinary call", "request"] }));
    expect(twice[0]).toEqual(twice[1]);
  });
});

describeWith(valgrind, "the instructions of a call", () => {
  it.each(["optimised", "interpreted"] as const)("are within their budget, %s", { timeout: patient }, (kind) => {
    expect(findings(kind, count(kind, folder), budgets)).toEqual([]);
  });
});

function ordinaryOf(kind: "bytes"): Budgets["counts"]["bytes"] {
  return { "ordinary call": budgets.counts[kind]["ordinary call"] };
}

describe("budgets", () => {
  it("are of what is counted, each of the three ways", () => {
    const { bytes, interpreted, optimised } = budgets.counts;
    expect(Object.keys(bytes)).toEqual(Object.keys(interpreted));
    expect(Object.keys(bytes)).toEqual(expect.arrayContaining(["ordinary call", "strict reader", "denial", "request"]));
    expect(Object.keys(bytes)).toEqual(expect.arrayContaining(Object.keys(optimised)));
  });
});
