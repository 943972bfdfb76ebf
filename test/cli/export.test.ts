/**
 * `sluice export` and `sluice import --from arazzo`: there and back on the command line, with what is lost on standard error.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, isArray, member } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { must } from "../plans/example.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(folder.remove);
const trading = (file: string): string => fileURLToPath(new URL(`../../plans/trading/${file}`, import.meta.url));
const plan = must(readYaml(readFileSync(trading("plan.yaml"), "utf8")), "plan.yaml");
const jsonOf = (text: string): Json => must(readJson(text), "JSON");

it("writes a document that is imported as the same plan, in YAML and in JSON", async () => {
  for (const name of ["out.yaml", "out.json"]) {
    const path = `${folder.path}/${name}`;
    const exported = await sluice([
      "export",
      trading("plan.yaml"),
      "--to",
      "arazzo",
      "--catalog",
      trading("catalogue.json"),
      "-o",
      path,
    ]);
    expect(exported).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(path, "utf8").startsWith(name.endsWith("json") ? "{" : "arazzo:")).toBe(true);
    const imported = await sluice(["import", path, "--from", "arazzo", "--catalog", trading("catalogue.json"), "--json"]);
    expect([imported.status, imported.stderr]).toEqual([0, ""]);
    expect(canonicalJson(jsonOf(imported.stdout))).toBe(canonicalJson(plan));
  }
});

it("lists on standard error what is lost without extensions, and under --json as a list", async () => {
  const plain = await sluice(["export", trading("plan.yaml"), "--to", "arazzo", "--without-extensions"]);
  expect(plain.status).toBe(0);
  expect(plain.stdout).not.toContain("x-sluice");
  expect(plain.stderr).toContain("/nodes/order/each: not in the document: for which rows the call is made");
  const listed = await sluice(["export", trading("plan.yaml"), "--to", "arazzo", "--without-extensions", "--json"]);
  expect(listed.stderr).toBe("");
  const lost = member(jsonOf(listed.stdout), "lost");
  expect(isArray(lost) && lost.length).toBe(plain.stderr.split(": not in the document:").length - 1);
  expect(plain.stderr).toContain(`${isArray(lost) ? lost.length : 0} of the plan's members are lost`);
  const kept = await sluice(["export", trading("plan.yaml"), "--to", "arazzo", "--json"]);
  expect(member(jsonOf(kept.stdout), "lost")).toEqual([]);
});

it("refuses in one line what it cannot export or import", async () => {
  const several = folder.write(
    "several.json",
    JSON.stringify({
      arazzo: "1.0.1",
      info: { title: "a", version: "1" },
      sourceDescriptions: [{ name: "s", url: "s" }],
      workflows: ["v", "w"].map((workflowId) => ({ workflowId, steps: [{ stepId: "x", operationId: "y" }] })),
    }),
  );
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["export", trading("plan.yaml")], /--to/],
    [["export", trading("catalogue.json"), "--to", "arazzo"], /catalogue\.json/],
    [["export", trading("plan.yaml"), "--to", "arazzo", "--workflow", "a b"], /--workflow: an id has/],
    [["import", several, "--from", "arazzo"], /several\.json: at \/workflows: .*`v` or `w` \(IMPORT_ARAZZO_WORKFLOW\)/],
    [["import", trading("plan.yaml"), "--from", "arazzo"], /plan\.yaml: at \/\S+: .*\(IMPORT_ARAZZO_FORM\)/],
  ];
  for (const [args, message] of refusals) {
    const { status, stdout, stderr } = await sluice(args);
    expect([status, stdout, stderr.split("\n").length]).toEqual([2, "", 2]);
    expect(stderr).toMatch(message);
  }
  const chosen = await sluice(["import", several, "--from", "arazzo", "--workflow", "w", "--json"]);
  expect(member(jsonOf(chosen.stdout), "name")).toBe("w");
});

it("refuses a draft that no workflow can say with one line and exit 2, not as a fault of ours", async () => {
  const path = `${folder.path}/unsaid.yaml`;
  writeFileSync(path, "sluice: 1\nname: a\nparams: { topic: { typ: x } }\nnodes: { n: { tool: 'n \"$.ret\"]' } }\n");
  const { status, stdout, stderr } = await sluice(["export", path, "--to", "arazzo"]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^sluice: [^\n]+\n$/);
});
