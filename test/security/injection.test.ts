/**
 * Texts of others with line ends, controls, escapes of terminals, quotes and markup, at each place where Sluice writes lines, headers, events or pages
 * (threat 25): they stay one value at their place, or are refused.
 */
import { describe, expect, it } from "vitest";
import { recordText, readRecord, noDigest } from "../../src/audit/record.ts";
import { jsonText } from "../../src/cli/show/output.ts";
import { plain } from "../../src/cli/show/terminal.ts";
import { yamlText } from "../../src/cli/show/yaml-text.ts";
import { shown as dashboardShown, plainText } from "../../src/dashboard/shell/text.ts";
import { readJson } from "../../src/json/read.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { readEvents, writeEvents } from "../../src/surfaces/event-stream.ts";
import { shown as pageShown } from "../../src/surfaces/hono/page.ts";
import { buildRequest } from "../../src/surfaces/http-proxy/router.ts";
import { createChannel } from "../../src/surfaces/mcp/http-stream.ts";
import { httpServer } from "../../src/surfaces/mcp/upstream-http.ts";
import { expose } from "../../src/telemetry/exposition.ts";
import { operation, petsRouter } from "../surfaces/http-proxy/fixture.ts";
import { definitions, makeGround, openToken } from "../surfaces/threats/shop.ts";
import { mcpClient, shopServer } from "../surfaces/threats/doors.ts";

/** What others write: each would begin a line, a header, an event, an element or a command of a terminal. */
const texts: readonly (readonly [name: string, text: string])[] = [
  ["a line end of the web", "x\r\nset-cookie: a=b\r\n\r\n<b>"],
  ["a line feed", "x\n2026-01-01 allow admin"],
  ["a carriage return", "x\rallow admin"],
  ["an event's end", "x\n\nevent: message\ndata: {}\n\n"],
  ["a terminal's escape", "x\u001b]0;owned\u0007\u001b[2J"],
  ["a terminal's escape of eight bits", "x\u009b2J\u0085y"],
  ["a zero byte and a delete", "x\u0000y\u007f"],
  ["separators of lines", "x\u2028y\u2029z"],
  ["another direction", "x\u202eyek"],
  ["quotes and markup", `x"><script>alert('1')</script><!--`],
  ["a label's end", 'x"} 1\nsluice_calls_total{a="'],
];

/** Controls, and what a reader of lines may take for an end of one or a change of direction. */
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const bytesOf = async (channel: { read(): ReadableStream<Uint8Array> }): Promise<string> => {
  let text = "";
  for await (const part of channel.read()) text += new TextDecoder().decode(part);
  return text;
};

describe.each(texts)("%s", (_, text) => {
  it("in a name that a server lists does not reach a log as it is", async () => {
    const ground = makeGround();
    const listed = definitions.map((tool) => ({
      ...tool,
      inputSchema: { ...(tool.inputSchema as JsonObject), properties: { [text]: { type: "string" } } },
    }));
    const { post } = await mcpClient(ground, await openToken(ground), shopServer(ground, { list: () => listed }));
    await post('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"feed","arguments":{}}}');
    expect(ground.log).toContain("definition-changed");
    for (const line of ground.log) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    expect(ground.ran).toEqual([]);
  });

  it("stays one record of a log that is kept", () => {
    const record = {
      v: 1,
      seq: 0,
      at: 1,
      kind: "deny",
      session: text,
      tool: text,
      principal: text,
      facts: { by: text, [text]: text },
      values: {},
      prev: noDigest,
    } as const;
    const line = recordText(record as never);
    expect(line).not.toMatch(/[\u0000-\u001f]/);
    expect(readRecord(line)).toEqual(record);
  });

  it("stays one value of a metric", () => {
    const samples = [{ suffix: "_total", labels: [["tool", text]], value: 1 }] as const;
    for (const accept of [undefined, "application/openmetrics-text"]) {
      const told = expose([{ name: "sluice_calls", help: "calls", type: "counter", samples }], accept).text;
      const lines = told.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      expect(lines.length).toBe(1);
      expect(lines[0]).toMatch(/^sluice_calls_total\{tool="(?:[^"\\\n]|\\["\\n])*"\} 1$/);
    }
  });

  it("stays one event of a stream to a client of MCP", async () => {
    const channel = createChannel({ name: "p1" });
    channel.push({ jsonrpc: "2.0", method: text, params: { [text]: text } });
    channel.end();
    const lines = (await bytesOf(channel)).split(/\r\n|\r|\n/).filter((line) => line !== "");
    expect(lines.filter((line) => line.startsWith("data:")).length).toBe(1);
    expect(lines.filter((line) => !/^(?:id|event|data|retry):/.test(line))).toEqual([]);
    const data = readJson((lines.find((line) => line.startsWith("data:")) ?? "").slice(5).trim());
    expect(data.ok && data.value).toEqual({ jsonrpc: "2.0", method: text, params: { [text]: text } });
  });

  it("stays one event of a model's stream, read from another's and written again", async () => {
    const body = new Blob([`event: ${text.split(/\r|\n/)[0]}\ndata: ${JSON.stringify({ text })}\n\n`]).stream();
    const events: { readonly event: string; readonly data: string }[] = [];
    for await (const event of readEvents(body as never)) events.push(event as never);
    const again: typeof events = [];
    for await (const event of readEvents(new Blob([writeEvents(events)]).stream() as never)) again.push(event as never);
    expect(again.map(({ event, data }) => ({ event, data }))).toEqual(events.map(({ event, data }) => ({ event, data })));
    expect(again.length).toBe(1);
  });

  it("changes nothing of a terminal: not as a line, not as JSON, not as YAML", () => {
    expect(plain(text)).not.toMatch(/\n/);
    for (const said of [plain(text), jsonText({ [text]: text }), jsonText([text], 2), yamlText({ name: text, [text]: [text] })])
      expect(said).not.toMatch(unsafe);
    const json = readJson(jsonText({ [text]: [text] }));
    expect(json.ok && json.value).toEqual({ [text]: [text] });
    const yaml = readYaml(yamlText({ name: text }));
    expect(yaml.ok && yaml.value).toEqual({ name: text });
  });

  it("is no markup of a page, and shows that it is there", async () => {
    for (const page of [await pageShown(text), await dashboardShown(text)]) {
      expect(String(page)).not.toMatch(unsafe);
      expect(String(page)).not.toMatch(/<script|"><|<!--/);
    }
    expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  });

  it("ends no line, path, query, header or cookie of a request to an API", () => {
    for (const [name, args] of [
      ["getPet", { petId: text }],
      ["listPets", { q: text }],
      ["listPets", { tags: [text] }],
      ["listPets", { "X-Trace": text }],
      ["listPets", { region: text }],
    ] as const) {
      const built = buildRequest(petsRouter, operation(name), args);
      if (!built.ok) continue;
      const { method, path, query, headers } = built.value;
      expect(`${method} ${path}?${query}`).toMatch(/^[A-Z]+ [\x21\x24-\x3b\x3d\x3f-\x5b\x5d-\x5f\x61-\x7a~]+$/);
      for (const [field, value] of headers) expect(`${field}: ${value}`).toMatch(/^[\x20-\x7e]+$/);
      for (const [field, value] of headers) if (field === "cookie") expect(value).toMatch(/^region=[^;, "]*$/);
    }
  });

  it("ends no header of a request to a server of MCP", async () => {
    const sent: (readonly [string, string])[] = [];
    const answer = async (_: unknown, init: RequestInit): Promise<Response> => {
      // As they are handed over: the platform's own list of headers would refuse or trim them.
      sent.push(...Object.entries(init.headers as Record<string, string>));
      const { id, method } = JSON.parse(String(init.body)) as { readonly id: number; readonly method: string };
      const discovered = {
        resultType: "complete",
        supportedVersions: ["2026-07-28"],
        capabilities: { tools: {} },
        serverInfo: { name: "s", version: "1" },
      };
      return Response.json({ jsonrpc: "2.0", id, result: method === "server/discover" ? discovered : { content: [] } });
    };
    const server = httpServer({ name: "s", url: "http://up.test/mcp", fetch: answer as never, era: "stateless" });
    const signal = AbortSignal.timeout(5_000);
    const listener = { onNotification: () => undefined, onRequest: async () => ({ ok: true as const, result: {} }) };
    const connected = await server.connect(listener, { capabilities: {}, signal });
    if (!connected.ok) throw new Error(String(connected.error));
    await connected.value.request("tools/call", { name: text, arguments: {} }, { signal });
    await connected.value.close();
    expect(sent.map(([name]) => name)).toContain("mcp-name");
    for (const [name, value] of sent) expect(`${name}: ${value}`).toMatch(/^[\x20-\x7e]+$/);
  });
});
