/**
 * sluice proxy: a real process in front of a real API.
 */
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { begin, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const document = `
openapi: 3.1.0
info: { title: notes, version: "1" }
servers: [{ url: "https://notes.example/api" }]
paths:
  /notes:
    get:
      operationId: listNotes
      parameters: [{ name: limit, in: query, schema: { type: integer } }]
      responses: { "200": { description: ok } }
  /notes/{id}:
    delete:
      operationId: deleteNote
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { "204": { description: gone } }
`;
const api = folder.write("api.yaml", document);
const asked: string[] = [];
const upstream = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers["x-key"] ?? "-"}`);
  response.setHeader("content-type", "application/json");
  response.end('[{"id":"n1"}]');
});
const running: ChildProcess[] = [];

beforeAll(async () => {
  const catalogue = join(folder.path, "catalogue.json");
  expect((await sluice(["catalog", "from", api, "--from", "openapi", "-o", catalogue])).status).toBe(0);
  const plan = folder.write(
    "plan.yaml",
    "{ sluice: 1, name: notes, params: { n: { type: integer } }, nodes: { list: { tool: notes/listNotes, args: { limit: { param: n } } } } }",
  );
  expect((await sluice(["freeze", plan, "--catalog", catalogue, "-o", frozen])).status).toBe(0);
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.closeAllConnections();
  upstream.close();
  folder.remove();
});

function at(path = ""): string {
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/api${path}`;
}

const usual = (): string[] => ["proxy", "--plan", frozen, "--store", "memory", "--port", "0", "--upstream", `notes=${at()}`];
const started = ["--principal", "ada", "--params", '{"n":5}', "--credential", "notes=header:X-Key:NOTES_KEY"];

/** Starts the proxy and waits until it has said all that it says at the start. */
function start(args: readonly string[], last: RegExp): Promise<string> {
  const child = begin(args, { env: { NOTES_KEY: "notes-secret", SLUICE_ADMIN_TOKEN: "an-admin-token-for-tests" } });
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += String(chunk);
      if (last.test(text)) resolve(text);
    });
    child.on("close", () => reject(new Error(text)));
  });
}

describe("sluice proxy", () => {
  it("opens a session, and says the addresses by which agents reach the API through it", async () => {
    const text = await start([...usual(), ...started, "--openapi", api, "--forward"], /HTTP_PROXY=\S+\n/);
    const base = /clients that take a URL alone: (\S+)/.exec(text)?.[1] ?? "";
    expect(base).toMatch(/^http:\/\/session:s_[0-9a-f]+\.[0-9a-f]+@127\.0\.0\.1:\d+\/notes$/);
    const { username, password, host } = new URL(base);
    const authorization = `Basic ${btoa(`${username}:${password}`)}`;
    const listed = await fetch(`http://${host}/notes/notes`, { headers: { authorization } });
    expect([listed.status, await listed.text()]).toEqual([200, '[{"id":"n1"}]']);
    const other = await fetch(`http://${host}/notes/notes/n1`, { method: "DELETE", headers: { authorization } });
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([403, "CALL_NOT_IN_PLAN"]);
    expect(asked).toEqual(["GET /api/notes?limit=5 notes-secret"]);
    expect(text).not.toContain("notes-secret");
    const sessions = await fetch(`http://${host}/sluice/sessions`, {
      headers: { authorization: "Bearer an-admin-token-for-tests" },
    });
    expect(((await sessions.json()) as { sessions: unknown[] }).sessions).toHaveLength(1);
  }, 60_000);

  it.each<readonly [string, () => readonly string[], RegExp]>([
    [
      "a document that has changed",
      () => [...usual(), "--openapi", folder.write("changed.yaml", document.replace("type: integer", "type: string"))],
      /notes\/listNotes is not what it was.*TOOL_DESCRIPTOR_CHANGED/,
    ],
    [
      "a secret that the environment has not",
      () => [...usual(), "--credential", "notes=bearer:SLUICE_NO_SUCH"],
      /no SLUICE_NO_SUCH/,
    ],
    ["a credential of no kind", () => [...usual(), "--credential", "notes=token:NOTES_KEY"], /--credential: SERVER=bearer/],
    ["an upstream that is no address", () => [...usual(), "--upstream", "notes=ftp://x"], /--upstream: SERVER=URL/],
    ["parameters without a principal", () => [...usual(), "--params", "{}"], /--principal/],
    ["parameters that the plan refuses", () => [...usual(), "--principal", "ada", "--params", '{"n":"x"}'], /SESSION_PARAMS/],
    ["a draft", () => ["proxy", "--plan", folder.write("draft.json", '{"sluice":1}'), "--store", "memory"], /this is a draft/],
  ])(
    "refuses %s, with exit 2 and one line",
    async (_, args, line) => {
      const done = await sluice(args());
      expect([done.status, done.stdout]).toEqual([2, ""]);
      expect(done.stderr.trim().split("\n")).toHaveLength(1);
      expect(done.stderr).toMatch(line);
    },
    60_000,
  );

  it("has a catalogue for plain requests", async () => {
    const printed = await sluice(["catalog", "http-fetch"]);
    expect(printed.status).toBe(0);
    const file = folder.write("fetch.json", printed.stdout);
    const shown = await sluice(["catalog", "show", file, "--json"]);
    expect(shown.stdout).toContain('"tool":"http/fetch"');
  }, 60_000);
});
