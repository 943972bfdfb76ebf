/**
 * sluice serve --otlp: what a collector receives, read by OpenTelemetry's own protobuf definitions (PyPI opentelemetry-proto).
 */
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePython } from "../../.ci/python.mjs";
import { begin, catalogue, finished, firstMatch, openFolder, plan, sluice } from "../cli/cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const admin = "an-admin-token-for-tests";
const reader = fileURLToPath(new URL("./read-otlp.py", import.meta.url));
const secret = "ada-4711@corp.example";
const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";

interface Received {
  readonly kind: string;
  readonly type: string | undefined;
  readonly body: Buffer;
}
const received: Received[] = [];
const forwarded: (string | undefined)[] = [];
/** The collector, and the tools. */
const other = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const [, kind] = /^\/v1\/(traces|metrics|logs)$/.exec(request.url ?? "") ?? [];
    if (kind !== undefined) {
      received.push({ kind, type: request.headers["content-type"], body: Buffer.concat(parts) });
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
      return;
    }
    forwarded.push(request.headers.traceparent as string | undefined);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ email: secret }));
  });
});
let python = "";

beforeAll(async () => {
  const files = [folder.write("plan.yaml", plan), "--catalog", folder.write("catalogue.json", catalogue), "-o", frozen];
  expect((await sluice(["freeze", ...files])).status).toBe(0);
  // The environment of CrewAI has the definitions: it exports by OTLP itself.
  python = await ensurePython("crewai", () => {});
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
}, 600_000);
afterAll(() => {
  other.close();
  folder.remove();
});

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Attribute[];
}

/** Everything of one kind that a member of the messages has, as the definitions read it. */
function readAll(kind: string, path: readonly string[]): readonly never[] {
  return received
    .filter((one) => one.kind === kind)
    .flatMap(({ body }) => {
      const text = execFileSync(python, [reader, kind], { input: body, encoding: "utf8" });
      return path.reduce<readonly never[]>((all, name) => all.flatMap((one) => one[name] ?? []), [JSON.parse(text) as never]);
    });
}

function hex(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("hex");
}

function attributesOf(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}

describe("sluice serve --otlp", () => {
  it("sends the spans of a call in the caller's trace, metrics and logs, without a value", { timeout: 60_000 }, async () => {
    const at = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const child = begin(
      ["serve", "--plan", frozen, "--port", "0", "--store", "memory", "--upstream", `${at}/tools`, "--otlp", at],
      { env: { SLUICE_ADMIN_TOKEN: admin } },
    );
    const url = await firstMatch(child, "stderr", /http:\/\/\S+/);
    const ended = finished(child);
    const opening = { plan: "greet", principal: "ana-4711", params: { who: "Ada 4711" } };
    const opened = await post(`${url}/sluice/sessions`, { authorization: `Bearer ${admin}` }, opening);
    const { token } = (await opened.json()) as { readonly token: string };
    // The caller says that its trace is not sampled: its calls are seen all the same.
    const headers = { "sluice-session": token, traceparent: `00-${traceId}-${parentId}-00`, baggage: "who=ada-4711" };
    expect((await post(`${url}/tools/people/find`, headers, {})).status).toBe(200);
    expect((await post(`${url}/tools/people/find`, headers, {})).status).toBe(403);
    child.kill("SIGTERM");
    expect((await ended).status).toBe(0);

    expect(new Set(received.map(({ type }) => type))).toEqual(new Set(["application/x-protobuf"]));
    const spans = readAll("traces", ["resourceSpans", "scopeSpans", "spans"]) as unknown as readonly Span[];
    const ours = spans.filter((span) => hex(span.traceId) === traceId);
    expect(ours.map(({ name }) => name).sort()).toEqual([
      "POST /tools",
      "POST /tools",
      "execute_tool people/find",
      "sluice.check",
      "sluice.check",
      "sluice.settle",
    ]);
    const servers = ours.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
    expect(servers.map((span) => hex(span.parentSpanId))).toEqual([parentId, parentId]);
    const known = new Set(servers.map(({ spanId }) => spanId));
    for (const span of ours) {
      if (span.kind !== "SPAN_KIND_SERVER") expect(known.has(span.parentSpanId ?? "")).toBe(true);
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    }
    const checks = ours.filter(({ name }) => name === "sluice.check").map(({ attributes }) => attributesOf(attributes));
    expect(
      checks.map((one) => [one["gen_ai.operation.name"], one["gen_ai.tool.name"], one["sluice.verdict"], one["sluice.code"]]),
    ).toEqual([
      ["execute_tool", "people/find", "allow", undefined],
      ["execute_tool", "people/find", "deny", "CALL_REPEATED"],
    ]);
    expect(checks[0]).toMatchObject({ "sluice.node": "person", "sluice.plan.digest": expect.stringMatching(/^sha256:/) });
    // What the tool is handed is the trace of the request, sampled as ours is.
    expect(forwarded.map((header) => header?.split("-")[1])).toEqual([traceId]);

    const metrics = readAll("metrics", ["resourceMetrics", "scopeMetrics", "metrics"]) as unknown as readonly {
      readonly name: string;
    }[];
    const names = new Set(metrics.map(({ name }) => name));
    for (const name of [
      "sluice.checks",
      "sluice.check.duration",
      "sluice.sessions",
      "sluice.calls_in_flight",
      "sluice.approvals_waiting",
    ])
      expect(names).toContain(name);
    const logs = readAll("logs", ["resourceLogs", "scopeLogs", "logRecords"]) as unknown as readonly {
      readonly eventName: string;
      readonly traceId: string;
    }[];
    expect(logs.map(({ eventName, traceId: id }) => [eventName, hex(id)])).toEqual([["sluice.call.denied", traceId]]);
    for (const { body } of received) expect(body.includes("4711")).toBe(false);
  });

  it("serves on when the collector does not answer, says so once, and ends in time", { timeout: 60_000 }, async () => {
    const child = begin(["serve", "--plan", frozen, "--port", "0", "--store", "memory", "--otlp", "http://127.0.0.1:9"], {
      env: { SLUICE_ADMIN_TOKEN: admin },
    });
    const ended = finished(child);
    let text = "";
    child.stderr?.on("data", (chunk) => (text += chunk));
    await expect.poll(() => /http:\/\/\S+/.exec(text)?.[0], { timeout: 20_000 }).toBeDefined();
    const url = /http:\/\/\S+/.exec(text)?.[0] ?? "";
    expect((await fetch(`${url}/sluice/metrics`, { headers: { authorization: `Bearer ${admin}` } })).status).toBe(200);
    expect((await post(`${url}/tools/people/find`, {}, {})).status).toBe(400);
    child.kill("SIGTERM");
    expect((await ended).status).toBe(0);
    expect(text.match(/telemetry: the collector of --otlp takes nothing/g)?.length).toBe(1);
  });

  it("refuses what is no URL of a collector, and one with a password", async () => {
    for (const url of ["collector:4318", "ftp://a.example", "http://ada:secret@a.example", "https://a.example/?key=1"]) {
      const { status, stderr } = await sluice(["serve", "--plan", frozen, "--otlp", url]);
      expect([status, stderr.startsWith("sluice: --otlp: ")]).toEqual([2, true]);
      expect(stderr).not.toContain("secret");
    }
  });
});
