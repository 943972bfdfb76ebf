/**
 * Frames, batches, numbers, and what servers claim of themselves.
 */
import { expect, test } from "vitest";
import { readJson } from "../../../src/json/read.ts";
import { type JsonObject, member } from "../../../src/json/value.ts";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import { httpServer } from "../../../src/surfaces/mcp/upstream-http.ts";
import { canChoose, library, often } from "./library.ts";
import { codeOf, connect, freeze, text, worldOf } from "./world.ts";

test("threat 10: calls of one batch are each checked as if the others had returned", async () => {
  const { world } = library();
  const client = await connect(world, { revision: "2025-03-26" });
  const call = (id: number, name: string, args: JsonObject): JsonObject => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name, arguments: args },
  });
  const answers = (await client.raw([call(1, "lib__send", { to: "x" }), call(2, "lib__feed", {})])) as readonly JsonObject[];
  expect(codeOf(member(answers[0], "result"))).toBe("FLOW_CHOICE_UNTRUSTED");
  expect(codeOf(member(answers[1], "result"))).toBeUndefined();
  const alone = await connect(world, { revision: "2025-03-26" });
  const [only] = (await alone.raw([call(1, "lib__send", { to: "x" })])) as readonly JsonObject[];
  expect(codeOf(member(only, "result"))).toBeUndefined();
});

test("threat 15: what a server says of its own trust only raises: untrusted counts, trusted does not", async () => {
  const claims: readonly (readonly [JsonObject, boolean])[] = [
    [{ _meta: { ifc: { integrity: "untrusted", confidentiality: ["public"] } } }, false],
    [{ _meta: { ifc: { integrity: "who knows" } } }, false],
    [{ annotations: { openWorldHint: true } }, false],
    [{ _meta: { annotations: { maliciousActivityHint: true } } }, false],
    [{ _meta: { ifc: { integrity: "trusted", confidentiality: ["public"] } } }, true],
    [{}, true],
  ];
  for (const [claim, isTrusted] of claims) {
    const { world, server } = library();
    const client = await connect(world);
    server.answer = () => text("x", claim);
    const result = await client.call("lib__send", { to: "x" });
    // The claim itself is not handed on: what stands there is Sluice's own word.
    expect(member(member(result, "_meta"), "ifc")).toMatchObject({ integrity: isTrusted ? "trusted" : "untrusted" });
    expect(await canChoose(client), JSON.stringify(claim)).toBe(isTrusted);
  }
  const { world, server } = library();
  const client = await connect(world);
  server.answer = () => text("x", { _meta: { ifc: { integrity: "trusted" } } });
  await client.call("lib__feed");
  expect(await canChoose(client)).toBe(false);
});

test("threat 1: a frame with a key twice, or a proto key, reaches nobody", async () => {
  const { world, server } = library();
  const token = await world.open();
  const handler = createMcpHandler({ gateway: world.gateway, enforcer: world.enforcer });
  const post = (body: string): Promise<Response> =>
    handler.fetch(
      new Request("http://localhost/mcp", {
        method: "POST",
        headers: {
          "sluice-session": token,
          host: "localhost",
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body,
      }),
    );
  const meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
  for (const args of ['{"to":"x","to":"y"}', '{"to":"x","\\u0074o":"y"}']) {
    const response = await post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lib__send","arguments":${args},${meta}}}`,
    );
    expect(response.status).toBe(400);
  }
  expect(server.got).toEqual([]);
  const client = await connect(world);
  const proto = readJson('{"to":"x","__proto__":{"to":"y"}}');
  if (proto.ok) expect(codeOf(await client.call("lib__send", proto.value as JsonObject))).toBe("ARG_UNEXPECTED");
  expect(server.got).toEqual([]);
});

test("threat 2: numbers keep their digits on the way to a server and back, and those that JSON has not are refused", async () => {
  const bodies: string[] = [];
  let number = "1e400";
  const server = httpServer({
    name: "num",
    url: "http://num.example/mcp",
    fetch: async (_url, init) => {
      if (init?.method !== "POST") return new Response(null, { status: 405 });
      const body = String(init.body);
      bodies.push(body);
      const read = readJson(body);
      const message = read.ok ? read.value : null;
      const id = member(message, "id");
      if (id === undefined) return new Response(null, { status: 202 });
      const answer = (result: string): Response =>
        new Response(`{"jsonrpc":"2.0","id":${String(id)},"result":${result}}`, {
          headers: { "content-type": "application/json" },
        });
      switch (member(message, "method")) {
        case "initialize":
          return answer('{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"num","version":"1"}}');
        case "tools/list":
          return answer('{"tools":[{"name":"add","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}}}}]}');
        default:
          return answer(`{"content":[],"structuredContent":{"n":9007199254740993,"x":${number}}}`);
      }
    },
  });
  const listed = {
    name: "add",
    inputSchema: { type: "object", properties: { n: { type: "integer" } } },
    server: "num",
    sluice: { labels: ["user_input"] },
  };
  const plan = freeze(
    { nodes: { add: { tool: "num/add", args: { n: { choose: { type: "integer" } } }, ...often } } },
    { tools: [listed] },
  );
  const client = await connect(worldOf(plan, [server]));
  expect(codeOf(await client.call("num__add", { n: 9007199254740993n }))).toBe("RESULT_MALFORMED");
  expect(bodies.at(-1)).toContain('"arguments":{"n":9007199254740993}');
  number = "-0.0";
  expect(await client.call("num__add", { n: 1 })).toMatchObject({ structuredContent: { n: 9007199254740993n, x: 0 } });
});
