import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { freezePlan, writeFrozen } from "../../src/plan/freeze.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { readSettings, type WorkerEnv } from "../../src/worker/settings.ts";
import { bundled, startWorker } from "./host.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const tool = (name: string, effects: readonly string[], label: string, properties: JsonObject) => ({
  name,
  inputSchema: { type: "object", properties },
  sluice: { labels: [label], effects: [...effects] },
});

const catalogue: Json = {
  server: "desk",
  tools: [
    tool("browse", ["read"], "web", { page: { type: "string" } }),
    tool("note", ["write"], "desk", { text: { type: "string" } }),
    tool("pay", ["money"], "desk", { amount: { type: "number" } }),
  ],
};

const draft: Plan = {
  sluice: 1,
  name: "desk",
  labels: { desk: { integrity: "trusted" }, web: { integrity: "untrusted" } },
  nodes: {
    browse: { tool: "browse", args: { page: "news" }, optional: true, times: { max: 9 } },
    note: { tool: "note", args: { text: { write: { maxLength: 100, links: "none" } } }, optional: true, times: { max: 99 } },
    pay: {
      tool: "pay",
      args: { amount: 5 },
      optional: true,
      times: { max: 999 },
      constraints: { budget: { max: 1, scope: "plan" } },
    },
  },
  flows: [{ id: "no-web-in-notes", deny: ["web"], to: "desk/note" }],
};

function freeze(plan: Plan): FrozenPlan {
  const tools = readCatalogue(catalogue);
  if (!tools.ok) throw new Error(JSON.stringify(tools.error));
  const frozen = freezePlan(plan, tools.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

const admin = "admin-secret-0123456789";
const plan = freeze(draft);
const folder = mkdtempSync(join(tmpdir(), "sluice-worker-"));

let upstream: Server;
/** What reached the tools, in order. */
const reached: string[] = [];
let answerAfterMs = 0;

let script: string;
let worker: Miniflare;
let url: URL;

async function start(vars: Readonly<Record<string, string>> = {}): Promise<Miniflare> {
  const { port } = upstream.address() as AddressInfo;
  return startWorker(script, {
    folder,
    vars: { SLUICE_ADMIN_TOKEN: admin, SLUICE_UPSTREAM: `http://127.0.0.1:${port}`, ...vars },
  });
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      reached.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
      setTimeout(() => response.setHeader("content-type", "application/json").end('{"done":true}'), answerAfterMs);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  script = await bundled("src/worker.ts");
  worker = await start();
  url = await worker.ready;
});
afterAll(async () => {
  await worker.dispose();
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

async function send(path: string, bearer: string | undefined, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(new URL(path, url), {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

async function open(conversation: string, digest = plan.digest): Promise<string> {
  const { status, body } = await send("/sluice/sessions", admin, { plan: digest, principal: "ada", conversation });
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body.token as string;
}

const codeOf = ({ body }: Answer): unknown => body.code;

describe("a Worker", () => {
  it("serves nothing before a plan is uploaded, and takes none that was changed or without the administrator's credential", async () => {
    expect(codeOf(await send("/tools/desk/note", undefined, {}))).toBe("PLAN_UNKNOWN");
    expect(codeOf(await send("/sluice/plans", undefined, writeFrozen(plan)))).toBe("AUTH_REQUIRED");
    expect(codeOf(await send("/sluice/plans", `${admin}x`, writeFrozen(plan)))).toBe("AUTH_DENIED");
    const changed = writeFrozen(plan).replace('"news"', '"evil"');
    expect(codeOf(await send("/sluice/plans", admin, changed))).toBe("PLAN_DIGEST_MISMATCH");
    expect(codeOf(await send("/sluice/plans", admin, "{"))).toBe("PLAN_MALFORMED");
    const taken = await send("/sluice/plans", admin, writeFrozen(plan));
    expect(taken).toEqual({ status: 201, body: { digest: plan.digest, name: "desk" } });
    expect(await send("/sluice/plans", admin, writeFrozen(plan))).toEqual(taken);
    const { body } = await send("/sluice/plans", admin);
    expect(body.plans).toMatchObject([{ digest: plan.digest, name: "desk" }]);
  });

  it("lets through what the plan says, to the upstream and in the checked bytes, and nothing else", async () => {
    const token = await open("c1");
    reached.length = 0;
    expect(await send("/tools/desk/note", token, { text: "hello" })).toEqual({ status: 200, body: { done: true } });
    expect(codeOf(await send("/tools/desk/note", token, { text: "hello", to: "eve" }))).toBe("ARG_UNEXPECTED");
    expect(codeOf(await send("/tools/desk/shred", token, {}))).toBe("CALL_NOT_IN_PLAN");
    const other = `${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`;
    expect(codeOf(await send("/tools/desk/note", other, { text: "x" }))).toBe("AUTH_DENIED");
    expect(codeOf(await send("/tools/desk/note", undefined, { text: "x" }))).toBe("SESSION_MISSING");
    expect(reached).toEqual(['/desk/note {"text":"hello"}']);
  });

  it("carries the label of a conversation from one session to the next, and to no other conversation", async () => {
    const [first, second, other] = [await open("c2"), await open("c2"), await open("c3")];
    expect((await send("/tools/desk/note", second, { text: "before" })).status).toBe(200);
    expect((await send("/tools/desk/browse", first, {})).status).toBe(200);
    expect(codeOf(await send("/tools/desk/note", second, { text: "after" }))).toBe("FLOW_SINK_DENIED");
    expect((await send("/tools/desk/note", other, { text: "fine" })).status).toBe(200);
  });

  it("lets 100 calls at once over ten sessions have a budget of one", async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, i) => open(`b${i}`)));
    reached.length = 0;
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => send("/tools/desk/pay", tokens[i % 10], {})));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(reached).toEqual(['/desk/pay {"amount":5}']);
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(codeOf));
    // Who loses every race for its session is told to try again; a session that is refused again and again trips its breaker.
    const lost = ["CALL_BUDGET", "SESSION_CONFLICT", "CALL_BREAKER"];
    expect([...codes].filter((code) => !lost.includes(code as string))).toEqual([]);
  });

  it("goes on with a session whose client went away in the middle of a call", async () => {
    const token = await open("c4");
    answerAfterMs = 1_500;
    const left = send("/tools/desk/note", token, { text: "slow" }, AbortSignal.timeout(300));
    await expect(left).rejects.toThrow();
    answerAfterMs = 0;
    const answers = await Promise.all([1, 2, 3].map((i) => send("/tools/desk/note", token, { text: `${i}` })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("started anew still has its plans, its sessions and what was spent", async () => {
    const token = await open("c5");
    await worker.dispose();
    worker = await start();
    url = await worker.ready;
    expect((await send("/tools/desk/note", token, { text: "on" })).status).toBe(200);
    expect(codeOf(await send("/tools/desk/pay", token, {}))).toBe("CALL_BUDGET");
    const listed = await send("/sluice/sessions", admin);
    expect((listed.body.sessions as readonly object[]).length).toBeGreaterThan(10);
  });

  it("with settings that are wrong answers nothing else, and shows none of them", async () => {
    const wrong = await startWorker(script, { vars: { SLUICE_ADMIN_TOKEN: "short" } });
    try {
      const response = await fetch(new URL("/sluice/plans", await wrong.ready), { headers: { authorization: "Bearer short" } });
      const body = await response.text();
      expect([response.status, body.includes("CONFIG_INVALID"), body.includes("SLUICE_ADMIN_TOKEN")]).toEqual([500, true, false]);
    } finally {
      await wrong.dispose();
    }
  });
});

describe("the settings of a Worker", () => {
  const right = { SLUICE_ADMIN_TOKEN: admin } as unknown as WorkerEnv;

  it("are read, with defaults for all but the administrator's secret", () => {
    expect(readSettings(right)).toEqual({
      admin,
      approvers: {},
      upstream: undefined,
      tenant: "default",
      grants: "none",
      approvalWaitSeconds: undefined,
      policy: undefined,
      journal: false,
      clockSkewSeconds: 2,
    });
    const { approvers, upstream, policy } = readSettings({
      ...right,
      SLUICE_APPROVERS: "ada=0123456789abcdef,bob=fedcba9876543210",
      SLUICE_UPSTREAM: "https://tools.example.com/a",
      SLUICE_POLICY: '{"sluicePolicy":1,"name":"p"}',
    });
    expect([Object.keys(approvers), upstream?.href, policy?.name]).toEqual([["ada", "bob"], "https://tools.example.com/a", "p"]);
  });

  it("are refused by the name of the one that is wrong, and never by its value", () => {
    const wrong: Readonly<Record<string, string>> = {
      SLUICE_ADMIN_TOKEN: "wrong-value",
      SLUICE_APPROVERS: "ada=wrong-value",
      SLUICE_UPSTREAM: "ftp://wrong-value",
      SLUICE_GRANTS: "wrong-value",
      SLUICE_APPROVAL_WAIT: "wrong-value",
      SLUICE_POLICY: '{"wrong-value',
      SLUICE_JOURNAL: "wrong-value",
      SLUICE_CLOCK_SKEW: "wrong-value",
    };
    for (const [name, value] of Object.entries(wrong)) {
      const read = () => readSettings({ ...right, [name]: value });
      expect(read).toThrow(name);
      expect(read).not.toThrow("wrong-value");
    }
  });
});
