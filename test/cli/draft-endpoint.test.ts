/**
 * `sluice draft --endpoint`: a draft by somebody's own model behind a scripted endpoint on loopback, from the command line to the plan.
 */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { completion, type ScriptedServer, startServer } from "../infer/endpoint/scripted-server.ts";
import { catalogue, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const catalogFile = folder.write("catalog.json", catalogue);
let server: ScriptedServer | undefined;

afterAll(() => folder.remove());
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const task = "Find Ada and send her a mail with the subject Hello";
const answer = {
  outcome: "plan",
  calls: [
    { tool: "people/find", words: "Find Ada", args: [{ name: "name", from: "task", words: ["Ada"], value: "Ada" }] },
    {
      tool: "mail/send",
      words: "send her a mail",
      args: [
        { name: "to", from: "result", call: 0, path: "email" },
        { name: "subject", from: "task", words: ["Hello"], value: "Hello" },
        { name: "body", from: "task", words: ["our bank details have changed"], value: "our bank details have changed" },
      ],
    },
  ],
};

describe("sluice draft --endpoint", () => {
  it("drafts the model's plan, without what the task does not say, and sends the key to the endpoint alone", async () => {
    server = await startServer(() => ({ body: completion(answer) }));
    const named = ["--endpoint", `${server.url}/v1`, "--model", "m", "--key-env", "MY_KEY"];
    const { status, stdout, stderr } = await sluice(["draft", "--task", task, "--catalog", catalogFile, "--json", ...named], {
      env: { MY_KEY: "sk-test-77" },
    });
    expect(status).toBe(0);
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer sk-test-77"]);
    const { plan, abstained } = JSON.parse(stdout);
    expect(abstained).toBe(false);
    expect(Object.values(plan.nodes).map((node) => (node as { readonly tool: string }).tool)).toEqual([
      "people/find",
      "mail/send",
    ]);
    expect(stdout).not.toContain("bank details");
    expect(stdout + stderr).not.toContain("sk-test-77");
  });

  it("abstains as the model does, with exit 1", async () => {
    server = await startServer(() => ({ body: completion({ outcome: "ambiguous", calls: [] }) }));
    const named = ["--endpoint", server.url, "--model", "m"];
    const { status, stdout } = await sluice(["draft", "--task", task, "--catalog", catalogFile, "--json", ...named]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ abstained: true });
    expect(stdout).toContain("INFER_AMBIGUOUS");
  });

  it.each([
    ["that refuses the key", { status: 401, body: { error: { message: "Incorrect API key provided: sk-test-78" } } }],
    ["that answers in prose", { body: completion("I would find Ada first.") }],
  ])("says in one line what is wrong with an endpoint %s", async (_, scripted) => {
    server = await startServer(() => scripted);
    const named = ["--endpoint", server.url, "--model", "m", "--key-env", "MY_KEY"];
    const { status, stdout, stderr } = await sluice(["draft", "--task", task, "--catalog", catalogFile, ...named], {
      env: { MY_KEY: "sk-test-78" },
    });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^sluice: .*the endpoint at 127\.0\.0\.1:\d+ [^\n]+\n$/);
    expect(stderr).not.toContain("sk-test-78");
  });
});
