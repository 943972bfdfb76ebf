/**
 * observe → learn → lint → freeze → approve → enforce, each step one command: real processes, a real port, a real upstream.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkMode, type ObservingOptions } from "../../src/cli/observe/observing.ts";
import { openTraceFiles } from "../../src/cli/observe/trace-files.ts";
import { begin, catalogue, finished, firstMatch, openFolder, sluice } from "./cli-process.ts";

// Several commands one after the other, each a process of its own.
vi.setConfig({ testTimeout: 120_000 });

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
async function serve(
  ...args: readonly string[]
): Promise<{ readonly url: string; readonly child: ChildProcess; stop(): Promise<string> }> {
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const child = begin(["serve", "--port", "0", "--store", "memory", "--upstream", url, ...args], {
    env: { SLUICE_ADMIN_TOKEN: admin },
  });
  running.push(child);
  const listening = firstMatch(child, "stderr", /http:\/\/\S+/);
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
async function greet(
  url: string,
  name: string,
  headers: Readonly<Record<string, string>>,
  subject = "Hello",
): Promise<readonly number[]> {
  const found = await post(`${url}/tools/people/find`, headers, { name });
  const { email = "" } = (await found.json()) as { email?: string };
  const sent = await post(`${url}/tools/mail/send`, headers, { to: email, subject, body: "Hi" });
  await sent.text();
  return [found.status, sent.status];
}

async function open(url: string, params: object): Promise<Readonly<Record<string, string>>> {
  const response = await post(
    `${url}/sluice/sessions`,
    { authorization: `Bearer ${admin}` },
    { plan: "greet", principal: "ana", params },
  );
  const { token = "" } = (await response.json()) as { token?: string };
  return { "sluice-session": token };
}

describe("from observing to enforcing", () => {
  it("is one command for each step: the same agent passes in the end, and an attack is denied", async () => {
    const recordings = join(folder.path, "recordings");
    const first = await serve("--observe", "the first week", "--until", until, "--record", recordings);
    for (const name of ["Ada", "Bob"]) expect(await greet(first.url, name, { "sluice-run": name })).toEqual([200, 200]);
    const mode = await fetch(`${first.url}/sluice/mode`, { headers: { authorization: `Bearer ${admin}` } });
    expect([mode.headers.get("sluice-mode"), await mode.text()]).toEqual([
      "observe",
      expect.stringContaining('"reason":"the first week"'),
    ]);
    const said = await first.stop();
    expect(said).toMatch(/^observe-mode reason=the first week until=/);
    expect(said).toContain(`OBSERVE MODE: NOTHING IS ENFORCED until ${until}`);
    expect(said).toContain("observed: 4 calls, 4 recorded, no plan to compare with");
    const files = readdirSync(recordings);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(statSync(join(recordings, file)).mode & 0o777).toBe(0o600);
      for (const line of readFileSync(join(recordings, file), "utf8").trim().split("\n"))
        expect(line).toContain('"mode":"observe"');
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
    const params = /^params: \{ (\w+):/m.exec(learned.stdout)?.[1] ?? "";
    const ada = await greet(second.url, "Ada", await open(second.url, { [params]: "Ada" }));
    expect(ada).toEqual([200, 200]);
    const session = await open(second.url, { [params]: "Bob" });
    await post(`${second.url}/tools/people/find`, session, { name: "Bob" });
    const count = forwarded.length;
    const attack = await post(`${second.url}/tools/mail/send`, session, { to: "eve@evil.example", subject: "Hello", body: "Hi" });
    expect([attack.status, ((await attack.json()) as { code: string }).code, attack.headers.get("sluice-mode")]).toEqual([
      403,
      "ARG_MISMATCH",
      null,
    ]);
    const erase = await post(`${second.url}/tools/mail/delete`, session, { id: 1 });
    expect([erase.status, forwarded.length]).toEqual([403, count]);
    await second.stop();
  });

  it("goes with digests alone: what was referred to is a reference, what was constant is a parameter", async () => {
    const recordings = join(folder.path, "digested");
    const policy = folder.write("record.yaml", "default: digest");
    const first = await serve("--observe", "digests", "--until", until, "--record", recordings, "--record-policy", policy);
    for (const name of ["Ada", "Bob", "Eve"]) await greet(first.url, name, { "sluice-run": name });
    const said = await first.stop();
    const kept = readdirSync(recordings)
      .map((file) => readFileSync(join(recordings, file), "utf8"))
      .join("");
    for (const value of ["Ada", "Bob", "corp.example", "Hello", '"Hi"'])
      expect([value, (kept + said).includes(value)]).toEqual([value, false]);

    const learned = await sluice(["learn", recordings, "--catalog", catalog, "--name", "greet"]);
    expect([learned.stderr, learned.status]).toEqual([expect.stringContaining("OBSERVE_DIGEST"), 0]);
    expect(learned.stdout).not.toContain("sluice:d:");
    const frozen = join(folder.path, "digested.json");
    const freeze = await sluice(["freeze", folder.write("digested.yaml", learned.stdout), "--catalog", catalog, "-o", frozen]);
    expect([freeze.stderr, freeze.status]).toEqual([expect.anything(), 0]);
    const second = await serve("--plan", frozen);
    const specs = /^params: \{ (.*) \}$/m.exec(learned.stdout)?.[1] ?? "";
    const params = [...specs.matchAll(/(\w+): \{/g)].map(([, name = ""]) => name);
    const values: Readonly<Record<string, string>> = { name: "Ada", subject: "Hello", body: "Hi" };
    const given = Object.fromEntries(params.map((name) => [name, values[name] ?? ""]));
    expect(params.toSorted()).toEqual(["body", "name", "subject"]);
    const session = await open(second.url, given);
    const attacked = await open(second.url, given);
    expect(await greet(second.url, "Ada", session)).toEqual([200, 200]);
    await post(`${second.url}/tools/people/find`, attacked, { name: "Ada" });
    const attack = await post(`${second.url}/tools/mail/send`, attacked, {
      to: "eve@evil.example",
      subject: "Hello",
      body: "Hi",
    });
    expect(attack.status).toBe(403);
    await second.stop();
  });
});

describe("sluice serve --observe", () => {
  it("answers with a problem, and says so on one line, where the tools cannot be reached", async () => {
    const recordings = join(folder.path, "unreached");
    const own = ["--upstream", "http://127.0.0.1:1", "--observe", "no tools", "--until", until, "--record", recordings];
    const { url, stop } = await serve(...own);
    const response = await post(`${url}/tools/people/find`, { "sluice-run": "a" }, { name: "Ada" });
    expect([response.status, response.headers.get("sluice-mode"), await response.json()]).toEqual([
      502,
      "observe",
      expect.objectContaining({ code: "UPSTREAM_FAILED" }),
    ]);
    const said = await stop();
    expect(said).toContain("upstream-failed tool=people/find\n");
    expect(said).not.toMatch(/TypeError|ECONNREFUSED/);
    const [file = ""] = readdirSync(recordings);
    expect(readFileSync(join(recordings, file), "utf8")).toMatch(/"value":\{"error":/);
  });

  it("passes requests on as they came, but for its own credential and what belongs to one connection", async () => {
    const recordings = join(folder.path, "passed");
    const { url, stop } = await serve("--observe", "passing", "--until", until, "--record", recordings, "--run-header", "X-Run");
    const token = `s_${"0".repeat(32)}.${"0".repeat(64)}`;
    const body = '{ "name" : "Ada",  "name2":1.0 }';
    const response = await fetch(`${url}/tools/people/find`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-own": "kept",
        authorization: "Bearer upstream-key",
        "sluice-session": token,
        "x-run": "a",
      },
      body,
    });
    expect([response.status, response.headers.get("x-upstream"), response.headers.get("sluice-mode")]).toEqual([
      200,
      "yes",
      "observe",
    ]);
    expect(await response.text()).toBe('{"email":"ada@corp.example","name":"Ada"}');
    expect(forwarded.at(-1)).toMatchObject({
      path: "POST /people/find",
      body,
      headers: { "x-own": "kept", authorization: "Bearer upstream-key", "x-run": "a" },
    });
    expect(forwarded.at(-1)?.headers).not.toHaveProperty("sluice-session");
    await fetch(`${url}/tools/people/find?q=1`, { method: "PUT", headers: { authorization: `Bearer ${token}` }, body: "words" });
    expect(forwarded.at(-1)).toMatchObject({ path: "PUT /people/find?q=1", body: "words" });
    expect(forwarded.at(-1)?.headers).not.toHaveProperty("authorization");
    expect(await stop()).toContain("observed: 2 calls, 1 recorded, no plan to compare with; not recorded: malformed 1");
  });

  it("starts with all that it needs or not at all", async () => {
    const plan = [folder.write("greet.yaml", "sluice: 1")];
    const upstreamUrl = new URL("http://a.example");
    const all = { observe: "why", until, record: folder.path, upstream: upstreamUrl };
    const cases: readonly (readonly [ObservingOptions, RegExp])[] = [
      [{}, /^--plan: name a frozen plan, or observe with --observe/],
      [{ observe: "why" }, /^--observe: --until TIME, --record FOLDER and --upstream URL are needed/],
      [{ observe: "why", until, record: folder.path }, /--upstream URL/],
      [{ plan, until }, /^--until: it goes with --observe; without it everything is enforced/],
      [{ plan, record: folder.path }, /^--record: it goes with --observe/],
      [{ plan, recordPolicy: "a" }, /^--record-policy: it goes with --observe/],
      [{ plan, runHeader: "a" }, /^--run-header: it goes with --observe/],
      [{ ...all, observe: "" }, /^--observe must say why/],
      [{ ...all, until: "soon" }, /^--until must be an RFC 3339/],
      [{ ...all, until: "2999-01-01T00:00:00Z" }, /^--until must be at most 92 days/],
      [
        { ...all, until: "2020-01-01T00:00:00Z" },
        /^--until: this time is over; without a frozen plan there is nothing to enforce/,
      ],
      [{ ...all, runHeader: "a b" }, /^--run-header: a name/],
    ];
    for (const [options, message] of cases) expect(() => checkMode(options)).toThrow(message);
    expect(() => checkMode(all)).not.toThrow();
    await expect(openTraceFiles(plan[0] ?? "")).rejects.toThrow(/^--record: .* cannot be used as a folder/);
  });

  it("does not start under a policy that asks for people's approval", async () => {
    const policy = folder.write("ask.yaml", "{ sluicePolicy: 1, name: ask, approve: { tools: [mail/*] } }");
    const wish = ["--observe", "why", "--until", until, "--record", join(folder.path, "never"), "--upstream", "http://a.example"];
    const { status, stderr } = await sluice(["serve", "--store", "memory", "--port", "0", "--policy", policy, ...wish]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^sluice: --observe: .*people's approval[^\n]*\n$/)]);
  });

  it("is not turned on by a variable of the environment", async () => {
    const env = { SLUICE_OBSERVE: "why", SLUICE_MODE: "observe", SLUICE_UNTIL: until, SLUICE_RECORD: folder.path };
    const { status, stdout, stderr } = await sluice(
      ["serve", "--store", "memory", "--port", "0", "--upstream", "http://a.example"],
      { env },
    );
    expect([status, stdout, stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/^sluice: --plan: name a frozen plan, or observe with[^\n]*\n$/),
    ]);
  });

  it("leaves recordings that can be read when it is killed in the middle of a run", async () => {
    const recordings = join(folder.path, "killed");
    const { url, child } = await serve("--observe", "a crash", "--until", until, "--record", recordings);
    await greet(url, "Ada", {});
    await expect
      .poll(() => readdirSync(recordings).map((file) => readFileSync(join(recordings, file), "utf8").split("\n").length))
      .toEqual([5]);
    child.kill("SIGKILL");
    const [file = ""] = readdirSync(recordings);
    const path = join(recordings, file);
    const whole = readFileSync(path, "utf8");
    expect((await sluice(["observe", "report", recordings])).status).toBe(0);
    // What a crash in the middle of a write leaves: the last line without its end.
    writeFileSync(path, whole.slice(0, -10));
    const report = await sluice(["observe", "report", recordings]);
    expect([report.status, report.stdout]).toEqual([
      0,
      expect.stringContaining("1 runs, 2 calls; 1 recordings end in the middle of a line"),
    ]);
    expect((await sluice(["learn", recordings, "--catalog", catalog])).status).toBe(0);
    // Anything else that cannot be read is refused.
    writeFileSync(path, whole.replace('"type":"result"', '"type":'));
    expect((await sluice(["observe", "report", recordings])).status).toBe(2);
  });
});

describe("sluice observe report", () => {
  it("says what would have been denied, as it was observed or against another plan", async () => {
    const recordings = join(folder.path, "reported");
    const text = `
sluice: 1
name: greet
nodes:
  person: { tool: people/find, args: { name: { choose: { enum: [Ada, Bob] } } } }
  mail: { tool: mail/send, args: { to: { from: person$.email }, subject: Hello, body: { write: { maxLength: 40, links: none } } } }
`;
    const frozen = join(folder.path, "reported.json");
    expect((await sluice(["freeze", folder.write("reported.yaml", text), "--catalog", catalog, "-o", frozen])).status).toBe(0);
    const { url, stop } = await serve("--plan", frozen, "--observe", "trying", "--until", until, "--record", recordings);
    await greet(url, "Ada", { "sluice-run": "1" });
    await greet(url, "Eve", { "sluice-run": "2" });
    await greet(url, "Bob", { "sluice-run": "3" }, "Other words");
    await greet(url, "Bob", { "sluice-run": "4" }, "Other words");
    const said = await stop();
    expect(said).toMatch(/would-deny .*tool=people\/find .*code=ARG_CONSTRAINT/);
    expect(said).toContain("observed: 8 calls, 8 recorded, 4 of 8 would have been denied");
    expect(said).not.toContain("Other words");

    const observed = await sluice(["observe", "report", recordings, "--json"]);
    const report = JSON.parse(observed.stdout) as Readonly<Record<string, unknown>>;
    expect(observed.status).toBe(1);
    expect(report).toMatchObject({
      runs: { all: 4, compared: 4, passing: 1, torn: 0, digested: 0 },
      calls: { all: 8, compared: 8, denied: 4 },
      denials: [
        {
          code: "ARG_MISMATCH",
          tool: "mail/send",
          node: "mail",
          argument: "subject",
          calls: 2,
          runs: 2,
          examples: [{ args: { subject: "Other words" } }, {}],
        },
        {
          code: "ARG_CONSTRAINT",
          tool: "people/find",
          node: "person",
          argument: "name",
          calls: 1,
          runs: 1,
          examples: [{ args: { name: "Eve" }, i: 0 }],
        },
        { code: "CALL_OUT_OF_ORDER", tool: "mail/send", calls: 1 },
      ],
    });
    const again = await sluice(["observe", "report", recordings, "--plan", frozen, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: { passing: 1 }, calls: { denied: 4 } });
    const wider = text
      .replace("[Ada, Bob]", "[Ada, Bob, Eve]")
      .replace("subject: Hello", "subject: { choose: { maxLength: 40 } }");
    const changed = await sluice([
      "observe",
      "report",
      recordings,
      "--plan",
      folder.write("wider.yaml", wider),
      "--catalog",
      catalog,
    ]);
    expect([changed.status, changed.stdout]).toEqual([0, expect.stringContaining("4 of 4 runs would have passed (100 %)")]);
    const table = await sluice(["observe", "report", recordings]);
    expect(table.stdout).toMatch(/calls +runs +code +tool +node +argument\n +2 +2 +ARG_MISMATCH +mail\/send +mail +subject\n/);
    expect(table.stdout).toContain('{"subject":"Other words"}');
  });

  it("refuses a folder without recordings, with one line", async () => {
    const empty = join(folder.path, "empty");
    mkdirSync(empty);
    const { status, stderr } = await sluice(["observe", "report", empty]);
    expect([status, stderr]).toEqual([2, `sluice: ${empty}: the folder has no trace (\`*.jsonl\`)\n`]);
  });
});
