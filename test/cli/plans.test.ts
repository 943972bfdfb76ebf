/**
 * lint, freeze and replay on small files: what they print, write and exit with.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { thawPlan } from "../../src/plan/freeze.ts";
import { verifyPlan } from "../../src/plan/sign.ts";
import { catalogue, openFolder, params, plan, sluice, trace } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const planFile = folder.write("plan.yaml", plan);
const catalogueFile = folder.write("catalogue.json", catalogue);
const traceFile = folder.write("trace.jsonl", trace);
const withCatalogue = ["--catalog", catalogueFile];

function value(text: string): never {
  const read = readJson(text);
  if (!read.ok) throw new Error(`not strict JSON: ${text}`);
  return read.value as never;
}

async function freeze(name: string, ...options: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  expect(await sluice(["freeze", planFile, ...withCatalogue, "-o", path, "--json", ...options])).toMatchObject({ status: 0 });
  return path;
}

describe("sluice lint", () => {
  it("exits 0 where there are only infos, and 1 where there is a warning", async () => {
    const small = (more: string): string =>
      `sluice: 1\nname: small\n${more}nodes: { person: { tool: people/find, args: { name: Ada } } }\n`;
    const files = [folder.write("quiet.yaml", small("")), folder.write("loud.yaml", small("params: { unused: {} }\n"))];
    const runs = await Promise.all(files.map((file) => sluice(["lint", file, ...withCatalogue, "--json"])));
    const severities = runs.map(({ stdout }) =>
      (value(stdout) as { findings: { severity: string }[] }).findings.map(({ severity }) => severity),
    );
    expect(severities[0]).not.toContain("warning");
    expect(severities[1]).toContain("warning");
    expect(runs.map(({ status }) => status)).toEqual([0, 1]);
  });

  it("names what a reference from untrusted data opens, as JSON and as a sentence", async () => {
    const [json, text] = await Promise.all([
      sluice(["lint", planFile, ...withCatalogue, "--json"]),
      sluice(["lint", planFile, ...withCatalogue]),
    ]);
    const { findings, flows } = value(json.stdout) as { findings: Record<string, unknown>[]; flows: Record<string, unknown>[] };
    expect(flows[0]).toMatchObject({ from: "person", node: "mail", argument: "to", role: "target", concern: "untrusted" });
    expect(
      findings.every((finding) => ["code", "severity", "pointer", "message"].every((name) => typeof finding[name] === "string")),
    ).toBe(true);
    expect(text.stdout).toMatch(/whoever writes in `people\/find` chooses `to` of `mail\/send`/);
    expect(text.status).toBe(json.status);
  });

  it("takes a violation of the schema for a finding, with its place", async () => {
    const broken = folder.write("broken.yaml", plan.replace("subject: Hello", "subject: { choos: { enum: [Hello] } }"));
    const { status, stdout } = await sluice(["lint", broken, "--json"]);
    const { findings } = value(stdout) as { findings: { severity: string; pointer: string }[] };
    expect(status).toBe(1);
    expect(findings[0]).toMatchObject({ severity: "error" });
    expect(findings[0]?.pointer).toMatch(/^\/nodes\/mail\/args\/subject/);
  });

  it("reads the plan from standard input, and says what it inferred without a catalogue", async () => {
    const { stdout } = await sluice(["lint", "-"], { stdin: plan });
    expect(stdout).toMatch(/No --catalog: what the tools do was inferred from their names\./);
  });

  it("reads a frozen plan, and finds nothing in it that forbids freezing", async () => {
    const { stdout } = await sluice(["lint", await freeze("lint-me.json"), "--json"]);
    const { findings } = value(stdout) as { findings: { severity: string; pointer: string }[] };
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(findings.every(({ pointer }) => pointer.startsWith("/plan"))).toBe(true);
  });
});

describe("sluice freeze", () => {
  it("writes a plan that thaws with the digest that it prints, and leaves nothing else behind", async () => {
    const own = mkdtempSync(join(folder.path, "own-"));
    const path = join(own, "frozen.json");
    const { status, stdout } = await sluice(["freeze", planFile, ...withCatalogue, "-o", path, "--json"]);
    const thawed = thawPlan(value(readFileSync(path, "utf8")));
    expect(status).toBe(0);
    expect(value(stdout)).toEqual({ digest: thawed.ok ? thawed.value.digest : undefined });
    expect(readdirSync(own)).toEqual(["frozen.json"]);
  });

  it("tells the approver what is approved, worst first", async () => {
    const path = join(folder.path, "told.json");
    const { stdout } = await sluice(["freeze", planFile, ...withCatalogue, "-o", path]);
    expect(stdout).toMatch(
      /whoever writes in `people\/find` chooses `to` of `mail\/send`[\s\S]*Frozen in .*told\.json\nsha256:[0-9a-f]{64}\n$/,
    );
  });

  it("refuses with exit 1 what lint forbids, lists why, and leaves the file as it was", async () => {
    const bad = folder.write("bad.yaml", plan.replace("{ from: person$.email }", "{ write: {} }"));
    const path = folder.write("kept.json", "as it was");
    const { status, stdout } = await sluice(["freeze", bad, ...withCatalogue, "-o", path, "--json"]);
    const { code, findings } = value(stdout) as { code: string; findings: { severity: string; pointer: string }[] };
    expect([status, code]).toEqual([1, "PLAN_LINT"]);
    expect(findings).toContainEqual(expect.objectContaining({ severity: "error", pointer: "/nodes/mail/args/to" }));
    expect(readFileSync(path, "utf8")).toBe("as it was");
  });

  it("signs with a private key, inside the file, and never shows the key", async () => {
    const keys = await generateKeyPair("Ed25519", { extractable: true });
    const jwk = await exportJWK(keys.privateKey);
    const path = await freeze("signed.json", "--key", folder.write("key.json", JSON.stringify(jwk)));
    const text = readFileSync(path, "utf8");
    const thawed = thawPlan(value(text));
    if (!thawed.ok) throw new Error("not a frozen plan");
    expect(await verifyPlan(thawed.value, (await exportJWK(keys.publicKey)) as never, { now: 0 })).toMatchObject({ ok: true });
    expect(text).not.toContain(String(jwk.d));
  });

  it("follows a link to the file that it replaces, and keeps the link", async () => {
    const target = folder.write("target.json", "old");
    const link = join(folder.path, "link.json");
    symlinkSync(target, link);
    await freeze("link.json");
    expect(readFileSync(target, "utf8")).toMatch(/^\{"digest":"sha256:/);
    expect(readFileSync(link, "utf8")).toBe(readFileSync(target, "utf8"));
  });

  it("says on standard error that tools without a catalogue are known by name only", async () => {
    const path = join(folder.path, "by-name.json");
    const { status, stdout, stderr } = await sluice(["freeze", planFile, "-o", path, "--json"]);
    expect(status).toBe(0);
    expect(value(stdout)).toHaveProperty("digest");
    expect(stderr).toMatch(/tools are known by name only/);
    expect(existsSync(path)).toBe(true);
  });
});

describe("sluice replay", () => {
  const expected = [
    { i: 0, verdict: "allow", code: null, node: "person", chain: [] },
    {
      i: 1,
      verdict: "deny",
      code: "ARG_MISMATCH",
      node: "mail",
      chain: expect.arrayContaining([
        expect.objectContaining({ kind: "result", tool: "people/find", labels: ["directory", "user_input"] }),
      ]),
    },
    { i: 2, verdict: "allow", code: null, node: "mail", chain: [] },
    { i: 3, verdict: "deny", code: "CALL_NOT_IN_PLAN", node: null, chain: expect.any(Array) },
  ];

  it("prints one line for each call, the same for a draft and for the frozen plan, and exits 1 on a denial", async () => {
    const frozen = await freeze("replay.json");
    const runs = await Promise.all([
      sluice(["replay", planFile, traceFile, ...withCatalogue, "--params", params, "--json"]),
      sluice(["replay", frozen, traceFile, "--params", params, "--json"]),
      sluice(["replay", frozen, traceFile, ...withCatalogue, "--params", params, "--json"]),
      sluice(["replay", frozen, "-", "--params", `@${folder.write("params.json", params)}`, "--json"], { stdin: trace }),
    ]);
    for (const { status, stdout, stderr } of runs) {
      expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
      expect(
        stdout
          .trimEnd()
          .split("\n")
          .map((line) => value(line) as unknown),
      ).toEqual(expected);
    }
  });

  it("exits 0 when every call is allowed", async () => {
    const benign = trace
      .split("\n")
      .filter((line) => !/"id":[24]\b/.test(line))
      .join("\n");
    expect(await sluice(["replay", planFile, "-", ...withCatalogue, "--params", params], { stdin: benign })).toMatchObject({
      status: 0,
    });
  });

  it("shows a table without colours where there is no terminal, as wide as a terminal has columns", async () => {
    const { stdout } = await sluice(["replay", planFile, traceFile, ...withCatalogue, "--params", params]);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toMatch(/# {2}call +verdict {2}code +node +labels\n/);
    expect(stdout).toMatch(/1 {2}mail\/send +deny +ARG_MISMATCH +mail/);
    expect(stdout).toMatch(/\n2 allowed, 2 denied\n$/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("refuses a frozen plan whose tool is defined otherwise by now, with TOOL_DESCRIPTOR_CHANGED", async () => {
    const frozen = await freeze("pinned.json");
    const changed = folder.write(
      "changed.json",
      catalogue.replace('"mail/send"', '"mail/send","description":"now also to the archive"'),
    );
    const { status, stderr } = await sluice(["replay", frozen, traceFile, "--catalog", changed, "--params", params]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /changed\.json: the tool `mail\/send` is not the one that the plan was frozen with.*TOOL_DESCRIPTOR_CHANGED/,
    );
  });

  it("refuses a frozen plan of which one byte was changed", async () => {
    const path = await freeze("tampered.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"maxLength":40', '"maxLength":49'));
    const { status, stderr } = await sluice(["replay", path, traceFile, "--params", params]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/tampered\.json: at \/digest: .*PLAN_DIGEST_MISMATCH/);
  });
});
