/**
 * `sluice review`: advice on a plan, as text and as JSON, and never a failure for what it finds.
 */
import { afterAll, describe, expect, it } from "vitest";
import { catalogue, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());

const planFile = folder.write("plan.yaml", plan);
const catalogFile = folder.write("catalog.json", catalogue);
const extra = folder.write("extra.yaml", `${plan.trimEnd()}\n  wipe: { tool: mail/delete, args: { id: 4711 } }\n`);
const task = "Find the person Ada and send her a mail with the subject Hello";

describe("sluice review", () => {
  it("points at a node that the task does not ask for, and exits 0", async () => {
    const { status, stdout, stderr } = await sluice(["review", extra, "--task", task, "--catalog", catalogFile]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("INFER_UNASKED  /nodes/wipe");
    expect(stdout).toContain("1 of 3 nodes to look at");
    expect(stdout).toContain("Advice only");
  });

  it("has nothing to point at in a plan that does what is asked for", async () => {
    const { status, stdout } = await sluice(["review", planFile, "--task", task, "--catalog", catalogFile]);
    expect([status, stdout.split("\n")[0]]).toEqual([0, "0 of 2 nodes to look at"]);
  });

  it("prints JSON alone under --json, with the score of every node", async () => {
    const { stdout } = await sluice(["review", extra, "--task", task, "--catalog", catalogFile, "--json"]);
    const { remarks, scores } = JSON.parse(stdout);
    expect(Object.keys(scores)).toEqual(["person", "mail", "wipe"]);
    expect(remarks.map(({ code, node, severity }: Record<string, string>) => [code, node, severity])).toContainEqual([
      "INFER_UNASKED",
      "wipe",
      "info",
    ]);
  });

  it("reviews a frozen plan by the tools that it was frozen with", async () => {
    const frozen = `${folder.path}/frozen.json`;
    expect((await sluice(["freeze", extra, "--catalog", catalogFile, "-o", frozen])).status).toBe(0);
    const { status, stdout } = await sluice(["review", frozen, "--task", task]);
    expect(status).toBe(0);
    expect(stdout).toContain("/nodes/wipe");
    expect(stdout).not.toContain("No --catalog");
  });

  it.each([
    ["no task", [], /plan\.yaml: the plan has no `task`: give it as --task TEXT/],
    ["models that are not there", ["--task", task, "--models", "/nowhere"], /--models: /],
  ])("exits 2 with one line for %s", async (_, more, message) => {
    const { status, stdout, stderr } = await sluice(["review", planFile, ...more]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
