/**
 * `--policy` and `sluice policy`, through the real command line.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { member } from "../../src/json/value.ts";
import { catalogue, type Folder, openFolder, params, plan, sluice, trace } from "./cli-process.ts";

let folder: Folder;
const file = { plan: "", catalogue: "", trace: "", forbids: "", limits: "", tests: "" };

beforeAll(() => {
  folder = openFolder();
  file.plan = folder.write("plan.yaml", plan);
  file.catalogue = folder.write("catalogue.json", catalogue);
  file.trace = folder.write("trace.jsonl", trace);
  file.forbids = folder.write("forbids.yaml", "sluicePolicy: 1\nname: forbids\nforbid: [{ id: no-mail, tools: mail/send }]\n");
  file.limits = folder.write(
    "limits.yaml",
    "sluicePolicy: 1\nname: limits\nlimits: { calls: 1 }\napprove: { effects: [money] }\n",
  );
  file.tests = folder.write(
    "tests.yaml",
    `- { name: one, plan: plan.yaml, catalogue: catalogue.json, trace: trace.jsonl, params: ${params}, expect: deny, code: CALL_LIMIT, call: 2 }\n- { name: two, plan: plan.yaml, catalogue: catalogue.json, expect: allow }\n`,
  );
});
afterAll(() => folder.remove());

const json = (text: string): unknown => {
  const read = readJson(text);
  return read.ok ? read.value : text;
};

describe("--policy", () => {
  it("is given several times, and every plan that one of the policies refuses is refused", async () => {
    const lint = await sluice([
      "lint",
      "--policy",
      file.limits,
      "--policy",
      file.forbids,
      file.plan,
      "--catalog",
      file.catalogue,
      "--json",
    ]);
    expect(lint.status).toBe(1);
    expect(member(json(lint.stdout) as never, "findings")).toContainEqual(
      expect.objectContaining({ code: "POLICY_FORBIDDEN", pointer: "/nodes/mail/tool" }),
    );
    const freeze = await sluice([
      "freeze",
      file.plan,
      "--catalog",
      file.catalogue,
      "--policy",
      file.forbids,
      "-o",
      `${folder.path}/f.json`,
    ]);
    expect(freeze).toMatchObject({ status: 1 });
    expect(freeze.stdout).toMatch(/POLICY_FORBIDDEN[\s\S]*not frozen/);
    const replay = await sluice([
      "replay",
      file.plan,
      file.trace,
      "--catalog",
      file.catalogue,
      "--params",
      params,
      "--policy",
      file.forbids,
    ]);
    expect(replay).toMatchObject({ status: 2, stdout: "" });
    expect(replay.stderr).toMatch(/POLICY_FORBIDDEN/);
  });

  it("is frozen with the plan, and holds where the plan is replayed and explained", async () => {
    const frozen = `${folder.path}/limited.json`;
    expect(await sluice(["freeze", file.plan, "--catalog", file.catalogue, "--policy", file.limits, "-o", frozen])).toMatchObject(
      { status: 0 },
    );
    const codes = async (args: readonly string[]): Promise<readonly unknown[]> => {
      const { stdout } = await sluice(["replay", ...args, file.trace, "--params", params, "--json"]);
      return stdout
        .trim()
        .split("\n")
        .map((line) => member(json(line) as never, "code"));
    };
    expect(await codes([file.plan, "--catalog", file.catalogue])).toEqual([null, "ARG_MISMATCH", null, "CALL_NOT_IN_PLAN"]);
    expect(await codes([frozen])).toEqual([null, "CALL_LIMIT", "CALL_LIMIT", "CALL_NOT_IN_PLAN"]);
    expect(await codes([file.plan, "--catalog", file.catalogue, "--policy", file.limits])).toEqual([
      null,
      "CALL_LIMIT",
      "CALL_LIMIT",
      "CALL_NOT_IN_PLAN",
    ]);
    const explained = await sluice([
      "explain",
      file.plan,
      file.trace,
      "--call",
      "2",
      "--catalog",
      file.catalogue,
      "--params",
      params,
      "--policy",
      file.limits,
      "--json",
    ]);
    expect(json(explained.stdout)).toMatchObject({ code: "CALL_LIMIT" });
  });

  it("refuses to serve a plan that violates it", async () => {
    const frozen = `${folder.path}/served.json`;
    await sluice(["freeze", file.plan, "--catalog", file.catalogue, "-o", frozen]);
    const served = await sluice(["serve", "--plan", frozen, "--store", "memory", "--port", "0", "--policy", file.forbids]);
    expect(served).toMatchObject({ status: 2 });
    expect(served.stderr).toMatch(/served\.json: at \/nodes\/mail\/tool.*POLICY_FORBIDDEN/);
  });
});

describe("sluice policy", () => {
  it("test runs the examples, and with --mutate lists what no example notices", async () => {
    const plain = await sluice(["policy", "test", file.limits, "--examples", file.tests]);
    expect(plain).toMatchObject({ status: 0 });
    expect(plain.stdout).toMatch(/2 of 2 examples pass/);
    const mutated = await sluice(["policy", "test", file.limits, "--examples", file.tests, "--mutate", "--json"]);
    expect(mutated.status).toBe(1);
    expect(json(mutated.stdout)).toMatchObject({ mutation: { mutants: 2, survivors: [{ pointer: "/approve/effects/0" }] } });
  });

  it("test fails on an example that does not come out, and is refused without any", async () => {
    const wrong = folder.write("wrong.yaml", "- { name: one, plan: plan.yaml, catalogue: catalogue.json, expect: deny }\n");
    const failed = await sluice(["policy", "test", file.limits, "--examples", wrong]);
    expect(failed).toMatchObject({ status: 1 });
    expect(failed.stdout).toMatch(/FAIL {2}one: nothing is denied/);
    const none = await sluice(["policy", "test", file.limits]);
    expect(none).toMatchObject({ status: 2, stdout: "" });
    expect(none.stderr).toMatch(/no `examples`/);
    const missing = folder.write("missing.yaml", "- { name: one, plan: none.yaml, expect: deny }\n");
    expect((await sluice(["policy", "test", file.limits, "--examples", missing])).stderr).toMatch(
      /none\.yaml: there is no such file/,
    );
  });

  it("test says that the example policy is tested in every entry", async () => {
    const run = await sluice([
      "policy",
      "test",
      "plans/policy/policy.yaml",
      "--examples",
      "plans/policy/examples.yaml",
      "--mutate",
      "--json",
    ]);
    expect(run.status).toBe(0);
    expect(json(run.stdout)).toMatchObject({ findings: [], mutation: { survivors: [] } });
  });

  it("lint exits with 1 for a mistake and 0 for none", async () => {
    const bad = folder.write(
      "bad.yaml",
      "sluicePolicy: 1\nname: bad\nconstraints: [{ id: c, hold: { hosts: ['.*@[^a.com$].*'] } }]\n",
    );
    const found = await sluice(["policy", "lint", bad, "--json"]);
    expect(found.status).toBe(1);
    expect(json(found.stdout)).toMatchObject({
      findings: [{ code: "POLICY_NOT_A_GLOB", pointer: "/constraints/0/hold/hosts/0" }],
    });
    expect(await sluice(["policy", "lint", file.limits])).toMatchObject({ status: 0 });
  });
});
