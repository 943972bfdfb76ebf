/**
 * sluice model-proxy: a real process and a real port, with a provider's own client in front of it and a scripted model behind it.
 */
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, type ScriptTurn } from "../surfaces/model-api/desk.ts";
import { begin, catalogue, finished, firstMatch, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const running: ChildProcess[] = [];
const script: ScriptTurn[] = [];
const seen: { readonly key: string | undefined; readonly body: string }[] = [];
const upstream = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    seen.push({ key: request.headers.authorization, body });
    const made = answer({ path: request.url ?? "", body: JSON.parse(body) }, script.shift() ?? { text: "the end" });
    void made.text().then((text) => {
      response.writeHead(made.status, { "content-type": made.headers.get("content-type") ?? "" });
      response.end(text);
    });
  });
});

beforeAll(async () => {
  const made = await sluice([
    "freeze",
    folder.write("plan.yaml", plan),
    "--catalog",
    folder.write("catalogue.json", catalogue),
    "-o",
    frozen,
  ]);
  expect(made.status).toBe(0);
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.close();
  folder.remove();
});

interface Started {
  readonly base: string;
  readonly child: ChildProcess;
  readonly end: ReturnType<typeof finished>;
}

async function start(env: Record<string, string>, ...args: readonly string[]): Promise<Started> {
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const store = join(folder.path, `store-${running.length}.db`);
  const child = begin(["model-proxy", "--upstream", url, "--plan", frozen, "--port", "0", "--store", store, ...args], { env });
  running.push(child);
  const base = await firstMatch(child, "stderr", /base URL: (\S+)/);
  return { base, child, end: finished(child) };
}

describe("sluice model-proxy", () => {
  it("needs nothing of an agent but the base URL that it prints", async () => {
    const { base, child, end } = await start(
      { MODEL_KEY: "sk-of-the-host" },
      "--principal",
      "ada",
      "--params",
      `{"who":"ada"}`,
      "--key-env",
      "MODEL_KEY",
    );
    script.push({ calls: [{ name: "wipe_disk", args: "{}" }] }, { text: "I can not do that" });
    const client = new OpenAI({ baseURL: base, apiKey: "none", maxRetries: 0 });
    const request = { model: "scripted", messages: [{ role: "user" as const, content: "hello" }] };
    const completion = await client.chat.completions.stream(request).finalChatCompletion();
    expect(completion.choices[0]?.message.content).toBe("I can not do that");
    expect(seen.map(({ key }) => key)).toEqual(["Bearer sk-of-the-host", "Bearer sk-of-the-host"]);
    expect(seen[1]?.body).toContain("CALL_NOT_IN_PLAN");
    child.kill("SIGTERM");
    const { status, stderr } = await end;
    expect(status).toBe(0);
    expect(stderr).toMatch(/deny {2}\S*wipe_disk\S* CALL_NOT_IN_PLAN/);
    expect(stderr).not.toContain("sk-of-the-host");
  });

  it.each([
    [["--upstream", "ftp://model.test"], "--upstream"],
    [["--upstream", "https://model.test", "--key-env", "NO_SUCH_KEY"], "--key-env"],
    [["--upstream", "https://model.test", "--key-header", "cookie"], "--key-header"],
  ])("%s is unusable input, in one line", async (args, place) => {
    const { status, stderr } = await sluice(["model-proxy", "--plan", frozen, "--store", "memory", ...args]);
    expect(status).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(place);
  });
});
