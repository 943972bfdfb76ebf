/**
 * observe → learn → lint → freeze → approve → enforce, each step one command: real processes, a real port, a real upstream.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTraceFiles } from "../../src/cli/trace-files.ts";
import { begin, catalogue, finished, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const admin = "an-admin-token-for-tests";
const emails: Readonly<Record<string, string>> = { Ada: "ada@corp.example", Bob: "bob@corp.example", Eve: "eve@corp.example" };
const forwarded: { readonly path: string; readonly body: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];
const upstream = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    forwarded.push({ path: `${request.method} ${request.url}`, body, headers: request.headers });
    const name = /"name"\s*:\s*"(\w+)"/.exec(body)?.[1] ?? "";
    response.writeHead(200, { "content-type": "application/json", "x-upstream": "yes" });
    response.end(request.url?.startsWith("/people/find") ? JSON.stringify({ email: emails[name], name }) : '{"id":7}');
  });
});
const running: ChildProcess[] = [];
const catalog = folder.write("catalogue.json", catalogue);
const until = new Date(Date.now() + 3_600_000).toISOString();

beforeAll(() => new Promise<void>((resolve) => void upstream.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.close();
  folder.remove();
});

/** Starts a server; `end` gives what it said when it is asked to stop. */
async function serve(...args: readonly string[]): Promise<{ readonly url: string; readonly child: ChildProcess; stop(): Promise<string> }> {
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const child = begin(["serve", "--port", "0", "--store", "memory", "--upstream", url, ...args], { env: { SLUICE_ADMIN_TOKEN: admin } });
  running.push(child);
  const listening = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error(text)));
  });
  const end = finished(child);
  return {
    child,
    url: await listening,
    stop: async () => {
      child.kill("SIGTERM");
      return (await end).stderr;
    },
  };
}

function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}

/** One run of the agent: it finds a person and greets her. */
async function greet(url: string, name: string, headers: Readonly<Record<string, string>>, subject = "Hello"): Promise<readonly number[]> {
  const found = await post(`${url}/tools/people/find`, headers, { name });
  const { email = "" } = (await found.json()) as { email?: string };
  const sent = await post(`${url}/tools/mail/send`, headers, { to: email, subject, body: "Hi" });
  await sent.text();
  return [found.status, sent.status];
}

async function open(url: string, params: object): Promise<Readonly<Record<string, string>>> {
  const response = await post(`${url}/sluice/sessions`, { authorization: `Bearer ${admin}` }, { plan: "greet", principal: "ana", params });
  const { token = "" } = (await response.json()) as { token?: string };
  return { "sluice-session": token };
}

describe("from observing to enforcing", () => {
  it("is one command for each step: the same agent passes in the end, and an attack is denied", async () => {
    const recordings = join(folder.path, "recordings");
    const first = await serve("--observe", "the first week", "--until", until, "--record", recordings);
    for (const name of ["Ada", "Bob"]) expect(await greet(first.url, name, { "sluice-run": name })).toEqual([200, 200]);
    const mode = await fetch(`${first.url}/sluice/mode`, { headers: { authorization: `Bearer ${admin}` } });
    expect([mode.headers.get("sluice-mode"), await mode.text()]).toEqual(["observe", expect.stringContaining('"reason":"the first week"')]);
    const said = await first.stop();
    expect(said).toMatch(/^observe-mode reason=the first week until=/);
    expect(said).toContain(`OBSERVE MODE: NOTHING IS ENFORCED until ${until}`);
    expect(said).toContain("observed: 4 calls, 4 recorded, no plan to compare with");
    const files = readdirSync(recordings);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(statSync(join(recordings, file)).mode & 0o777).toBe(0o600);
      for (const line of readFileSync(join(recordings, file), "utf8").trim().split("\n")) expect(line).toContain('"mode":"observe"');
    }

    const learned = await sluice(["learn", recordings, "--catalog", catalog, "--name", "greet", "--task", "Greet somebody"]);
    expect([learned.status, learned.stdout]).toEqual([0, expect.stringContaining("name: greet")]);
    const plan = folder.write("plan.yaml", learned.stdout);
    expect((await sluice(["lint", plan, "--catalog", catalog])).status).toBeLessThanOrEqual(1);
    const key = join(folder.path, "key.json");
    const made = await sluice(["key", "-o", key, "--json"]);
    const { key: jwk } = JSON.parse(made.stdout) as { readonly key: object };
    const rules = { sluicePolicy: 1, name: "ours", approvers: { kim: { key: jwk } }, approval: { plans: { by: ["kim"] } } };
    const policy = folder.write("policy.json", JSON.stringify(rules));
    const frozen = join(folder.path, "frozen.json");
    const freeze = await sluice(["freeze", plan, "--catalog", catalog, "--policy", policy, "-o", frozen]);
    expect([freeze.stderr, freeze.status]).toEqual([expect.anything(), 0]);
    const approved = await sluice(["approve", frozen, "--as", "kim", "--key", key, "--yes"]);
    expect([approved.stderr, approved.status]).toEqual([expect.anything(), 0]);

    const second = await serve("--plan", frozen);
    const params = /params:\s*\n\s+(\w+):/.exec(learned.stdout)?.[1] ?? "name";
    const ada = await greet(second.url, "Ada", await open(second.url, { [params]: "Ada" }));
    expect(ada).toEqual([200, 200]);
    const session = await open(second.url, { [params]: "Bob" });
    await post(`${second.url}/tools/people/find`, session, { name: "Bob" });
    const count = forwarded.length;
    const attack = await post(`${second.url}/tools/mail/send`, session, { to: "eve@evil.example", subject: "Hello", body: "Hi" });
    expect([attack.status, ((await attack.json()) as { code: string }).code, attack.headers.get("sluice-mode")]).toEqual([403, "ARG_MISMATCH", null]);
    const erase = await post(`${second.url}/tools/mail/delete`, session, { id: 1 });
    expect([erase.status, forwarded.length]).toEqual([403, count]);
    await second.stop();
  });
});
