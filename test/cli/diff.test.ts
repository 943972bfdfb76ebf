/**
 * `sluice diff`: exit codes, the machine's output and the person's.
 */
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { catalogue, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const catalogueFile = folder.write("catalogue.json", catalogue);
const before = folder.write("before.yaml", plan);
const narrower = folder.write("narrower.yaml", `${plan}\nlimits: { calls: 2 }\n`);

describe("sluice diff", () => {
  it("ends with 0 where the new plan allows no more", async () => {
    const { status, stdout, stderr } = await sluice(["diff", before, narrower, "--catalog", catalogueFile]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^narrower {5}\/limits\/calls\n {2}the number of calls went down\n\nNarrower:/);
  });

  it("ends with 1 where it allows more, with a place and a witness", async () => {
    const { status, stdout } = await sluice(["diff", narrower, before, "--catalog", catalogueFile, "--json"]);
    const read = readJson(stdout);
    expect(status).toBe(1);
    expect(read.ok && read.value).toMatchObject({
      relation: "wider",
      changes: [{ relation: "wider", before: "/limits/calls", after: "/limits/calls", witness: { over: 2 } }],
    });
  });

  it("ends with 2 for what is no plan", async () => {
    const { status, stderr } = await sluice(["diff", before, folder.write("bad.yaml", "nodes: 5"), "--catalog", catalogueFile]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sluice: .*bad\.yaml/);
  });
});
