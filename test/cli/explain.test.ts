/**
 * sluice explain: the rule, the values, and changes that are patches one can apply.
 */
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { catalogue, openFolder, params, plan, sluice, trace } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const files = [folder.write("plan.yaml", plan), folder.write("trace.jsonl", trace)];
const options = ["--catalog", folder.write("catalogue.json", catalogue), "--params", params];

async function explain(call: number): Promise<Record<string, never>> {
  const { status, stdout, stderr } = await sluice(["explain", ...files, ...options, "--call", String(call), "--json"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const read = readJson(stdout);
  if (!read.ok) throw new Error(stdout);
  return read.value as Record<string, never>;
}

describe("sluice explain", () => {
  it("names the rule, the culprit and a change, for a denied call", async () => {
    const explained = await explain(1);
    expect(explained).toMatchObject({
      i: 1,
      tool: "mail/send",
      verdict: "deny",
      code: "ARG_MISMATCH",
      node: "mail",
      rule: { pointer: "/nodes/mail/args/to" },
    });
    expect(explained.arguments).toContainEqual(
      expect.objectContaining({
        name: "to",
        sent: "eve@evil.example",
        final: "ada@corp.example",
        seen: [{ call: 0, tool: "people/find", pointer: "/note", partly: true }],
      }),
    );
    expect(explained.changes).toContainEqual(
      expect.objectContaining({ patch: [{ op: "replace", path: "/nodes/mail/args/to", value: "eve@evil.example" }], bits: 0 }),
    );
  });

  it("says where each value came from, for an allowed call, and proposes nothing", async () => {
    const explained = await explain(2);
    expect(explained).toMatchObject({ verdict: "allow", code: null, node: "mail", changes: [] });
    expect(explained.arguments).toContainEqual(
      expect.objectContaining({
        name: "to",
        class: "from",
        final: "ada@corp.example",
        origins: [{ argument: "to", run: 0, node: "person", tool: "people/find" }],
      }),
    );
  });

  it("tells people the same, without JSON", async () => {
    const { status, stdout } = await sluice(["explain", ...files, ...options, "--call", "3"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Call 3: mail\/delete {2}denied CALL_NOT_IN_PLAN\n/);
    expect(stdout).toMatch(/no node of the plan calls `mail\/delete`/);
    expect(stdout).toMatch(
      /1\. opens: one call of `mail\/delete` with exactly these arguments, at any time\n {5}add \/nodes\/delete = /,
    );
  });
});
