/**
 * sluice import, as it is used: a draft on standard output, findings on standard error, one line for what cannot be imported.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { jsonEqual } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { fixture } from "../intent/call-formats.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const catalogue = folder.write("catalogue.json", fixture("catalogue.json"));
const log = folder.write("log.json", fixture("openai/chat-log.json"));
const response = folder.write("response.json", fixture("anthropic/messages.jsonl"));

describe("sluice import", () => {
  it("prints the same draft as YAML and as JSON, and its findings apart", async () => {
    const args = ["import", response, "--from", "anthropic", "--catalog", catalogue, "--name", "Two payments"];
    const [yaml, json] = await Promise.all([sluice(args), sluice([...args, "--json"])]);
    const [fromYaml, fromJson] = [readYaml(yaml.stdout), readJson(json.stdout)];
    if (!fromYaml.ok || !fromJson.ok) throw new Error("not a value");
    expect([yaml.status, json.status]).toEqual([0, 0]);
    expect(jsonEqual(fromYaml.value, fromJson.value)).toBe(true);
    expect(fromJson.value).toMatchObject({ name: "two-payments", nodes: { send_money: { tool: "bank/send_money", times: 2 } } });
    expect(yaml.stderr).toContain("IMPORT_MERGED");
  });

  it("makes a draft that freezes, and a trace that the plan allows", async () => {
    const trace = join(folder.path, "run.jsonl");
    const { status, stdout } = await sluice(["import", log, "--from", "openai", "--catalog", catalogue, "--trace", trace]);
    const plan = folder.write("draft.yaml", stdout);
    expect(status).toBe(0);
    expect(readFileSync(trace, "utf8").split("\n")[0]).toBe(
      '{"type":"task","text":"Pay invoice INV-2041 and tell kim@example.com."}',
    );
    expect(await sluice(["replay", plan, trace, "--catalog", catalogue])).toMatchObject({ status: 0 });
  });

  it.each([
    ["python", "plan.py", 'page = fetch_page("https://example.com/a")\nsend_mail(to="kim@example.com", body=page["title"])\n'],
    [
      "javascript",
      "plan.ts",
      'const page = await web.fetch_page({ url: "https://example.com/a" });\nawait mail.send_mail({ to: "kim@example.com", body: page.title });\n',
    ],
  ])("reads %s", async (from, name, code) => {
    const read = await sluice(["import", folder.write(name, code), "--from", from, "--catalog", catalogue, "--json"]);
    const plan = readJson(read.stdout);
    expect([read.status, plan.ok && plan.value]).toEqual([
      0,
      expect.objectContaining({
        nodes: expect.objectContaining({
          page: expect.objectContaining({ tool: "web/fetch_page", args: { url: "https://example.com/a" } }),
          send_mail: expect.objectContaining({ args: { to: "kim@example.com", body: { from: "page$.title" } } }),
        }),
      }),
    ]);
  });

  it("reads standard input", async () => {
    const read = await sluice(["import", "-", "--from", "mcp", "--catalog", catalogue], { stdin: fixture("mcp/request.json") });
    expect(read).toMatchObject({ status: 0, stderr: "" });
    expect(read.stdout).toContain("tool: weather/get_weather");
  });

  it("ends with 2 and one line that says where", async () => {
    const bad = folder.write("bad.txt", "1. get_weather(Rome)\n");
    const { status, stdout, stderr } = await sluice(["import", bad, "--from", "llm-compiler", "--catalog", catalogue]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(/^sluice: .*bad\.txt:1:16: expected a value.*\(IMPORT_SYNTAX\)$/);
    const deep = folder.write("deep.json", '[{"role":"robot"}]');
    expect((await sluice(["import", deep, "--from", "openai"])).stderr).toMatch(
      /deep\.json: at \/0\/role: the `role` of a message/,
    );
  });

  it("asks for a format that there is, and for results where a trace is wanted", async () => {
    expect(await sluice(["import", log])).toMatchObject({ status: 2, stdout: "" });
    expect(await sluice(["import", log, "--from", "gemini"])).toMatchObject({ status: 2, stdout: "" });
    const trace = join(folder.path, "none.jsonl");
    const { status, stderr } = await sluice([
      "import",
      response,
      "--from",
      "anthropic",
      "--catalog",
      catalogue,
      "--trace",
      trace,
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("it has no results")]);
  });
});
