/**
 * sluice draft and the route of sluice serve --draft, with a scripted endpoint in place of a model.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readYaml } from "../../src/json/yaml.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { completion, type ScriptedServer, startServer } from "../infer/endpoint/scripted-server.ts";
import { office } from "../infer/to-plan/scripted.ts";
import { begin, finished, firstMatch, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const catalog = folder.write("catalogue.json", JSON.stringify(office));
let endpoint: ScriptedServer;
let model: readonly string[] = [];

/** What the model answers: it finds whoever the task names first, and knows nothing of weather. */
function answer(task: string): unknown {
  if (task.includes("weather")) return { outcome: "no_tool", calls: [] };
  const [, name = "Ada"] = /Find (\w+)/.exec(task) ?? [];
  const query = { name: "query", from: "task", words: [name], value: name };
  return { outcome: "plan", calls: [{ tool: "people/search", words: `Find ${name}`, args: [query] }] };
}

beforeAll(async () => {
  endpoint = await startServer(({ body }) => {
    const said = JSON.stringify(body?.messages ?? "");
    return { body: completion(answer(said)) };
  });
  model = ["--endpoint", `${endpoint.url}/v1`, "--model", "m"];
});
afterAll(async () => {
  await endpoint.close();
  folder.remove();
});

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("sluice draft", () => {
  it("prints a plan, and apart from it the words that each decision rests on and what to do next", async () => {
    const { status, stdout, stderr } = await sluice(["draft", "--task", "Find Ada", "--catalog", catalog, ...model]);
    expect([status, stderr.includes("“Ada”"), stderr.includes("sluice lint PLAN")]).toEqual([0, true, true]);
    const plan = readYaml(stdout);
    expect(plan.ok && parsePlan(plan.value)).toMatchObject({
      ok: true,
      value: { task: "Find Ada", nodes: { search: { tool: "people/search", args: { query: "Ada" } } } },
    });
  });

  it("prints one line of JSON with the members that programs know", async () => {
    const { status, stdout, stderr } = await sluice(["draft", "--task", "Find Ada", "--catalog", catalog, "--json", ...model]);
    expect([status, stderr]).toEqual([0, ""]);
    const [line = {}] = linesOf(stdout);
    expect(Object.keys(line)).toEqual(["id", "plan", "confidence", "abstained", "reasons", "ms"]);
    expect(line).toMatchObject({ id: null, abstained: false, reasons: [] });
    const more = await sluice(["draft", "--task", "Find Ada", "--catalog", catalog, "--json", "--decisions", ...model]);
    expect(linesOf(more.stdout)[0]).toMatchObject({
      decisions: [
        { node: "search" },
        { node: "search", argument: "query", value: "Ada", words: [{ text: "Ada", start: 5, end: 8 }] },
      ],
    });
  });

  it("ends with 1 and prints no plan where it abstains, with the reasons", async () => {
    const words = ["draft", "--task", "What is the weather?", "--catalog", catalog, ...model];
    const { status, stdout, stderr } = await sluice(words);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("INFER_NO_TOOL");
    const json = await sluice([...words, "--json"]);
    expect([json.status, linesOf(json.stdout)[0]]).toMatchObject([1, { plan: null, abstained: true }]);
  });

  it("prints a best guess only where it is asked for", async () => {
    const words = ["draft", "--task", "Find Ada", "--catalog", catalog, "--threshold", "1", ...model];
    const [quiet, guessed] = await Promise.all([sluice(words), sluice([...words, "--guess"])]);
    expect([quiet.status, quiet.stdout, guessed.status]).toEqual([1, "", 1]);
    expect(guessed.stdout).toContain("people/search");
  });

  it("writes the plan to a file as YAML or JSON, and names it in the next command", async () => {
    const [yaml, json] = [join(folder.path, "draft.yaml"), join(folder.path, "draft.json")];
    const words = ["draft", "--task", "Find Ada", "--catalog", catalog, ...model];
    const { stdout, stderr } = await sluice([...words, "-o", yaml]);
    await sluice([...words, "--output", json]);
    expect([stdout, stderr.includes(`sluice lint ${yaml} --catalog ${catalog}`)]).toEqual(["", true]);
    const [fromYaml, fromJson] = [readYaml(readFileSync(yaml, "utf8")), JSON.parse(readFileSync(json, "utf8")) as unknown];
    expect(fromYaml.ok && fromYaml.value).toEqual(fromJson);
    expect(await sluice(["lint", yaml, "--catalog", catalog])).toMatchObject({ status: 0 });
  });

  it("answers each line of a batch in order, loses none, and ends with 2 if one was broken", async () => {
    const own = { name: "a/weather", inputSchema: { type: "object", properties: {} } };
    const tasks = folder.write(
      "tasks.jsonl",
      [
        '{"id":"a","task":"Find Ada"}',
        '{"id":"b","task":',
        '{"id":"c","task":"Find Bob","now":"2026-03-01","note":"passed over"}',
        "",
        '{"id":4}',
        '{"id":"e","task":"Find Eve","now":7}',
        '{"id":"e2","task":"Find Eve","now":"some day"}',
        `{"id":"f","task":"Find Flo","tools":[${JSON.stringify(own)},{"name":""}]}`,
        '{"id":"g","task":"What is the weather?"}',
      ].join("\n"),
    );
    const { status, stdout, stderr } = await sluice(["draft", "--batch", tasks, "--catalog", catalog, ...model]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sluice: [^\n]*: 4 of 8 lines could not be drafted; line 2: [^\n]*\n$/);
    const answers = linesOf(stdout);
    expect(answers.map(({ id }) => id)).toEqual(["a", undefined, "c", 4, "e", "e2", "f", "g"]);
    expect(answers.map(({ error }) => (error as { readonly code: string } | undefined)?.code)).toEqual([
      undefined,
      "JSON_SYNTAX",
      undefined,
      "INFER_TASK",
      "INFER_NOW",
      undefined,
      expect.stringMatching(/^CATALOGUE_/),
      undefined,
    ]);
    expect(answers[2]).toMatchObject({ plan: { nodes: { search: { args: { query: "Bob" } } } } });
    expect(answers[5]).toMatchObject({ plan: { nodes: { search: {} } }, warning: expect.stringMatching(/now/) });
    expect(answers[7]).toMatchObject({ abstained: true, plan: null });
  });

  it("takes tools of a line in any shape that catalogues have, and ends with 0 where all lines could be used", async () => {
    const tools = [
      {
        type: "function",
        function: {
          name: "people__search",
          description: "x",
          parameters: { type: "object", properties: { query: { type: "string" } } },
        },
      },
    ];
    const { status, stdout } = await sluice(["draft", "--batch", "-", ...model], {
      stdin: `${JSON.stringify({ id: 1, task: "What is the weather?", tools })}\n`,
    });
    expect([status, linesOf(stdout)[0]]).toMatchObject([0, { id: 1, abstained: true }]);
  });

  it.each([
    [["--task", "x"], /--catalog/],
    [["--catalog", catalog], /a task is needed/],
    [["--task", "", "--catalog", catalog], /INFER_TASK/],
    [["--task", "x", "--catalog", catalog, "--now", "soon"], /INFER_NOW/],
    [["--task", "x", "--catalog", catalog, "--zone", "Mars"], /INFER_ZONE/],
    [["--task", "x", "--catalog", catalog, "--threshold", "2"], /--threshold/],
    [["--task", "x", "--batch", "-"], /--batch/],
    [["--task", "x", "--catalog", catalog, "--threads", "2"], /--endpoint takes the place/],
  ])("ends with 2 and one line for %j", async (args, line) => {
    const { status, stdout, stderr } = await sluice(["draft", ...args, ...model], { stdin: "" });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^sluice: [^\n]+\n$/);
    expect(stderr).toMatch(line);
  });

  it("says with 2 that there is no model where none can be found", async () => {
    const { status, stderr } = await sluice([
      "draft",
      "--task",
      "x",
      "--catalog",
      catalog,
      "--models",
      join(folder.path, "none"),
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sluice: [^\n]+\(INFER_NO_[A-Z]+\)\n$/);
  });
});

describe("sluice serve --draft", () => {
  const admin = "an-admin-token-for-tests";

  it("takes options of drafting only with --draft", async () => {
    const { status, stderr } = await sluice(["serve", "--plan", "x.json", "--models", "m"]);
    expect([status, stderr]).toEqual([2, "sluice: --models: it goes with --draft\n"]);
  });

  it("drafts for the host's credential, with its own catalogue or the request's", async () => {
    const plan = folder.write("plan.yaml", "sluice: 1\nname: p\nnodes: { a: { tool: people/search, args: { query: Ada } } }\n");
    const frozen = join(folder.path, "frozen.json");
    expect(await sluice(["freeze", plan, "--catalog", catalog, "-o", frozen])).toMatchObject({ status: 0 });
    const args = ["serve", "--plan", frozen, "--port", "0", "--store", "memory", "--draft", "--catalog", catalog, ...model];
    const child = begin(args, { env: { SLUICE_ADMIN_TOKEN: admin } });
    const end = finished(child);
    try {
      const url = await firstMatch(child, "stderr", /drafts: POST (\S+)\n/);
      const ask = async (body: unknown, secret = admin): Promise<readonly [number, unknown]> => {
        const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
        const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
        return [response.status, await response.json()];
      };
      expect(await ask({ task: "Find Ada" })).toMatchObject([200, { abstained: false, plan: { nodes: { search: {} } } }]);
      expect(await ask({ task: "What is the weather?", tools: office })).toMatchObject([200, { abstained: true, plan: null }]);
      expect(await ask({ task: "" })).toMatchObject([400, { code: "DRAFT_MALFORMED" }]);
      expect(await ask({ task: "x", tools: [{ name: "" }] })).toMatchObject([
        400,
        { code: "DRAFT_MALFORMED", pointer: expect.stringMatching(/^\/tools/) },
      ]);
      expect(await ask({ task: "Find Ada" }, "not-the-admin-secret")).toMatchObject([403, { code: "AUTH_DENIED" }]);
    } finally {
      child.kill("SIGTERM");
      await end;
    }
  });
});
