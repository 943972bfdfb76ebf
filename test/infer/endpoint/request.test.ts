/**
 * Requests to an endpoint on loopback: what is sent, what a refusing server is sent next, and each way of failing as one line.
 */
import { afterEach, describe, expect, it } from "vitest";
import { endpointAddress } from "../../../src/infer/endpoint/address.ts";
import { createEndpointPlanner, type EndpointOptions } from "../../../src/infer/endpoint/planner.ts";
import { InferError } from "../../../src/infer/infer-error.ts";
import { type Asked, completion, type Scripted, type ScriptedServer, startServer } from "./scripted-server.ts";
import { tools } from "./tools.ts";

const key = "sk-test-4f2a9c";
const nothing = completion({ outcome: "no_tool", calls: [] });
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function propose(script: (asked: Asked, at: number) => Scripted, options: Partial<EndpointOptions> = {}, times = 1) {
  server = await startServer(script);
  const planner = createEndpointPlanner({ url: server.url, model: "m", ...options });
  let last: unknown;
  for (let at = 0; at < times; at++)
    last = await planner.propose("List the rooms", tools, { now: "2026-03-02T09:00:00" }).catch((error: unknown) => error);
  return { last, asked: server.asked };
}

const refuse = (message: string, param: string | null = null, status = 400): Scripted => ({
  status,
  body: { error: { message, type: "invalid_request_error", param, code: null } },
});

describe("a request", () => {
  it("asks for a strict schema, for the same answer each time, and shows the tools and the task", async () => {
    const { asked } = await propose(() => ({ body: nothing }), { seed: 5 });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe("/v1/chat/completions");
    const { messages, response_format, ...rest } = asked[0]?.body ?? {};
    expect(rest).toEqual({ model: "m", temperature: 0, seed: 5, logprobs: true, stream: false });
    expect(response_format).toMatchObject({ type: "json_schema", json_schema: { strict: true, schema: { type: "object" } } });
    expect(messages[0].content).not.toContain("JSON Schema");
    expect(messages[1].content).toContain("tables/book");
    expect(messages[1].content).toContain("area (string, optional) [indoor | terrace]");
    expect(messages[1].content).toContain("result: email (string), teams (array), teams[].id (string)");
    expect(messages[1].content).toContain("Now: 2026-03-02T09:00:00 (UTC)");
    expect(messages[1].content.endsWith("Task:\nList the rooms")).toBe(true);
  });

  it("carries the key as a bearer token, and none where none is given", async () => {
    expect((await propose(() => ({ body: nothing }), { apiKey: key })).asked[0]?.headers.authorization).toBe(`Bearer ${key}`);
    await server?.close();
    expect((await propose(() => ({ body: nothing }))).asked[0]?.headers.authorization).toBeUndefined();
  });

  it("puts the schema into the text for a server that knows JSON but no schemas, and asks so at once the next time", async () => {
    const script = ({ body }: Asked): Scripted =>
      body.response_format?.type === "json_schema" ? refuse("'response_format.type' must be 'json_object'") : { body: nothing };
    const { asked } = await propose(script, {}, 2);
    expect(asked.map(({ body }) => body.response_format.type)).toEqual(["json_schema", "json_object", "json_object"]);
    expect(asked[1]?.body.messages[0].content).toContain('"additionalProperties":false');
    expect(asked[1]?.body.logprobs).toBe(true);
  });

  it.each([
    ["temperature", "Unsupported value: 'temperature' does not support 0 with this model."],
    ["logprobs", "You are not allowed to request logprobs from this model."],
    ["seed", "Unknown parameter: 'seed'."],
  ])("leaves out `%s` where the server refuses it, and nothing else", async (name, message) => {
    const { asked, last } = await propose(({ body }) => (name in body ? refuse(message, name) : { body: nothing }));
    expect(last).not.toBeInstanceOf(Error);
    expect(asked).toHaveLength(2);
    const kept = Object.keys(asked[1]?.body ?? {});
    expect(Object.keys(asked[0]?.body ?? {}).filter((member) => !kept.includes(member))).toEqual([name]);
  });

  it("asks for less and less of a server that does not say what it refuses", async () => {
    const isPlain = ({ body }: Asked): boolean =>
      Object.keys(body).every((name) => ["model", "messages", "stream"].includes(name));
    const { asked, last } = await propose((one) => (isPlain(one) ? { body: nothing } : { status: 422, body: "no" }));
    expect(last).not.toBeInstanceOf(Error);
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  it("is sent seven times at most", async () => {
    const { asked, last } = await propose(() => refuse("no"));
    expect((last as InferError).code).toBe("INFER_ENDPOINT_REFUSED");
    expect(asked.length).toBeLessThanOrEqual(7);
  });
});

type Failure = readonly [code: string, what: string, script: Scripted, options?: Partial<EndpointOptions>];

const failures: readonly Failure[] = [
  [
    "INFER_ENDPOINT_KEY",
    "wants another key",
    { status: 401, body: { error: { message: `Incorrect API key provided: ${key}` } } },
  ],
  ["INFER_ENDPOINT_KEY", "forbids", { status: 403, body: "" }],
  ["INFER_ENDPOINT_REFUSED", "has no such model", { status: 404, body: { error: { code: "model_not_found" } } }],
  ["INFER_ENDPOINT_LIMIT", "is asked too often", { status: 429, headers: { "retry-after": "9" }, body: key }],
  ["INFER_ENDPOINT_REFUSED", "fails", { status: 500, body: { error: { message: `at ${key}` } } }],
  ["INFER_ENDPOINT_REFUSED", "is behind a broken gateway", { status: 502, body: "<html>" }],
  ["INFER_ENDPOINT_REFUSED", "has too small a context", refuse("This model's maximum context length is 4096 tokens.")],
  [
    "INFER_ENDPOINT_REDIRECT",
    "redirects",
    { status: 307, headers: { location: "http://127.0.0.1:9/v1/chat/completions" }, body: "" },
  ],
  ["INFER_ENDPOINT_FORMAT", "sends a page", { body: "<!doctype html>" }],
  ["INFER_ENDPOINT_FORMAT", "sends a duplicate key", { body: '{"choices":[],"choices":[]}' }],
  ["INFER_ENDPOINT_TOO_LARGE", "sends without end", (response) => void writeForEver(response)],
  ["INFER_ENDPOINT_TIMEOUT", "does not answer", () => {}, { timeoutMs: 60 }],
  ["INFER_ENDPOINT_TIMEOUT", "stops in the middle", (response) => void response.write("{"), { timeoutMs: 60 }],
  ["INFER_ENDPOINT_UNREACHABLE", "hangs up", (response) => void response.destroy()],
];

function writeForEver(response: import("node:http").ServerResponse): void {
  const chunk = " ".repeat(256 * 1024);
  const more = (): void => {
    if (!response.destroyed) response.write(chunk, more);
  };
  response.on("error", () => {});
  more();
}

describe("an endpoint that", () => {
  it.each(failures.map(([code, what, script, options = {}]) => ({ code, what, script, options })))(
    "$what is $code: one line that names the host and nothing that was exchanged",
    async ({ code, script, options }) => {
      const { last } = await propose(() => script, { apiKey: key, ...options });
      expect(last).toBeInstanceOf(InferError);
      const error = last as InferError;
      expect(error.code).toBe(code);
      expect(error.message).toMatch(/^the endpoint at 127\.0\.0\.1:\d+ [^\n]{8,150}[^.\n]$/);
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(key);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("Incorrect");
    },
  );

  it("does not exist is unreachable", async () => {
    const planner = createEndpointPlanner({ url: "http://127.0.0.1:1/v1", model: "m" });
    await expect(planner.propose("x", tools, {})).rejects.toMatchObject({ code: "INFER_ENDPOINT_UNREACHABLE" });
  });

  it("redirects gets no second request, wherever it points", async () => {
    const { asked } = await propose(() => ({ status: 302, headers: { location: "/elsewhere" }, body: "" }));
    expect(asked.map(({ url }) => url)).toEqual(["/v1/chat/completions"]);
  });
});

describe("the address", () => {
  it.each([
    ["http://localhost:11434", "http://localhost:11434/v1/chat/completions"],
    ["http://localhost:11434/v1/", "http://localhost:11434/v1/chat/completions"],
    ["https://llm.corp.example/api", "https://llm.corp.example/api/chat/completions"],
    [
      "https://x.example/openai/deployments/d/chat/completions?api-version=1",
      "https://x.example/openai/deployments/d/chat/completions?api-version=1",
    ],
  ])("%s means %s", (url, expected) => expect(endpointAddress(url, undefined).href).toBe(expected));

  it.each([
    "",
    "localhost:11434",
    "ftp://x.example",
    "file:///etc/passwd",
    "https://user:pass@x.example",
    "https://x.example/#a",
  ])("%j is refused", (url) => expect(() => endpointAddress(url, undefined)).toThrow(/^`url` must/));

  it.each([
    "http://localhost:11434",
    "http://127.0.0.1:8000/v1",
    "http://10.0.0.5:8000",
    "http://gpu:8000",
    "http://gpu.internal/v1",
  ])("%s may be sent a key", (url) => expect(endpointAddress(url, key).protocol).toBe("http:"));

  it.each(["http://api.example.com/v1", "http://8.8.8.8/v1"])("%s may not be sent a key in clear text", (url) => {
    expect(() => endpointAddress(url, key)).toThrow(/must be https/);
    expect(() => endpointAddress(url, undefined)).not.toThrow();
  });

  it.each(["", "a b", "a\nhost: x", "\u00e4"])("takes no key like %j", (wrong) => {
    expect(() => endpointAddress("https://x.example", wrong)).toThrow(/^`apiKey` must/);
  });
});
