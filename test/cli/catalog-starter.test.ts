/**
 * `sluice catalog starter`, `sluice catalog merge` and `--catalog starter:…`, through the real command line.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { starterNames } from "../../src/catalogue/starter/starter.ts";
import { starterOf } from "../../src/catalogue/starter/starters.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, member } from "../../src/json/value.ts";
import { type Folder, openFolder, sluice } from "./cli-process.ts";

let folder: Folder;
beforeAll(() => {
  folder = openFolder();
});
afterAll(() => folder.remove());

function json(text: string): Json {
  const read = readJson(text);
  if (!read.ok) throw new Error(`no JSON: ${text.slice(0, 200)}`);
  return read.value;
}

function toolsOf(text: string): readonly string[] {
  const read = readCatalogue(json(text));
  return read.ok ? [...read.value.tools.keys()] : [];
}

const plan = `sluice: 1
name: triage
nodes:
  issue: { tool: work/get_issue, args: { owner: acme, repo: shop, issue_number: 7 } }
  tell: { tool: slack/slack_post_message, after: [issue], args: { channel_id: C01, text: { write: { maxLength: 500, links: none } } } }
limits: { calls: 5 }
`;

describe("--catalog starter:…", () => {
  it("is a catalogue of several servers, each under its own name", async () => {
    const file = folder.write("plan.yaml", plan);
    const lint = await sluice(["lint", file, "--catalog", "starter:work=github,slack", "--json"]);
    expect([lint.status, lint.stderr]).toEqual([0, ""]);
    expect(lint.stdout).toContain("github_content");
    expect(lint.stdout).not.toContain("LINT_INFERRED");
    const frozen = await sluice([
      "freeze",
      file,
      "--catalog",
      "starter:work=github,slack",
      "-o",
      join(folder.path, "f.json"),
      "--json",
    ]);
    expect(frozen.status).toBe(0);
    expect(member(json(frozen.stdout), "digest")).toMatch(/^sha256:/);
  });

  it.each([
    ["starter:nope", /no starter catalogue "nope"; there are filesystem, git/],
    ["starter:", /no starter catalogue ""/],
    ["starter:mail,gmail", /two catalogues have a server `mail`/],
    ["starter:a b=git", /a server's name has letters/],
  ])("%s is refused with one line", async (source, message) => {
    const file = folder.write("plan.yaml", plan);
    const { status, stdout, stderr } = await sluice(["lint", file, "--catalog", source]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("a policy's examples", () => {
  it("may name starter catalogues", async () => {
    folder.write("triage.yaml", plan);
    const forbids = `sluicePolicy: 1
name: quiet
forbid: [{ id: no-posts, tools: slack/* }]
examples:
  - { name: posts, plan: triage.yaml, catalogue: "starter:work=github,slack", expect: deny, code: POLICY_FORBIDDEN }
`;
    const { status, stdout } = await sluice(["policy", "test", folder.write("quiet.yaml", forbids), "--json"]);
    expect([status, stdout]).toMatchObject([0, expect.stringContaining("posts")]);
  });
});

describe("sluice catalog starter", () => {
  it("lists the starters, with the packages that they were made from", async () => {
    const { status, stdout } = await sluice(["catalog", "starter"]);
    expect(status).toBe(0);
    for (const name of starterNames) expect(stdout).toContain(starterOf(name).origin.package);
    const list = member(json((await sluice(["catalog", "starter", "--json"])).stdout), "starters");
    expect((list as readonly Json[]).map((entry) => member(entry, "name"))).toEqual(starterNames);
  });

  it("shows what a starter says, and prints it as a catalogue that is read again", async () => {
    const shown = await sluice(["catalog", "starter", "slack"]);
    expect(shown.stdout).toMatch(
      /slack\/slack_post_message {2}network, message {2}slack_message\n {2}channel_id \(target\), text \(content\)/,
    );
    const printed = await sluice(["catalog", "starter", "github", "--server", "work", "--json"]);
    expect(toolsOf(printed.stdout)).toContain("work/create_issue");
  });

  it("writes several at once", async () => {
    const out = join(folder.path, "all.json");
    const { status, stdout, stderr } = await sluice(["catalog", "starter", "git", "home=mail", "-o", out]);
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("33 tools");
    expect(toolsOf(readFileSync(out, "utf8"))).toEqual(expect.arrayContaining(["git/git_log", "home/send_email"]));
  });

  it("lays one over a server's own answer, with exit 1 where it is not what the facts were written for", async () => {
    const tools = [...starterOf("slack").definitions.values()];
    const same = folder.write("same.json", JSON.stringify({ jsonrpc: "2.0", id: 2, result: { tools } }));
    const out = join(folder.path, "mine.json");
    expect(await sluice(["catalog", "starter", "team=slack", "--for", same, "-o", out])).toMatchObject({
      status: 0,
      stdout: "no findings\n",
    });
    expect(toolsOf(readFileSync(out, "utf8"))).toContain("team/slack_post_message");
    const other = JSON.stringify({ tools }).replaceAll('"text":{', '"also_to":{"type":"string"},"text":{');
    const differs = await sluice(["catalog", "starter", "slack", "--for", folder.write("other.json", other), "--json"]);
    expect(differs.status).toBe(1);
    expect(differs.stderr).toContain("CATALOGUE_STARTER_DIFFERS");
    expect(toolsOf(differs.stdout)).toContain("slack/slack_post_message");
  });

  it.each([
    [["nope"], /no starter catalogue "nope"/],
    [["git", "slack", "--server", "a"], /--server goes with one starter/],
    [["git", "slack", "--for", "x.json"], /--for goes with one starter/],
    [["--for", "x.json"], /name a starter catalogue/],
    [["git", "--for", "missing.json"], /there is no such file/],
    [["git", "-o", "-"], /name a file/],
  ] as const)("refuses %j with one line", async (args, message) => {
    const { status, stderr } = await sluice(["catalog", "starter", ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("sluice catalog merge", () => {
  it("makes one catalogue of files and starters, and refuses one server twice", async () => {
    const own = folder.write("own.json", JSON.stringify({ server: "shop", tools: [{ name: "list_orders" }] }));
    const out = join(folder.path, "merged.json");
    expect((await sluice(["catalog", "merge", own, "starter:fetch", "-o", out])).status).toBe(0);
    expect(toolsOf(readFileSync(out, "utf8"))).toEqual(["shop/list_orders", "fetch/fetch"]);
    const twice = await sluice(["catalog", "merge", out, "starter:fetch", "-o", out]);
    expect(twice.status).toBe(2);
    expect(twice.stderr).toContain("two catalogues have a server `fetch`");
  });
});
