/**
 * What stands behind every surface: a plain API, a server of MCP and a scripted model, which answer from memory: `node bench/surfaces/upstream.ts [stdio]`
 * Prints its port as one line of JSON, or speaks MCP over standard input and output. Never for anything but the benchmark.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { JsonObject } from "../../src/json/value.ts";
import { answer, chatAnswer, definition } from "./shop.ts";

// biome-ignore lint/suspicious/noExplicitAny: messages of our own making
type Any = any;

function mcpAnswer({ id, method }: Any): JsonObject | undefined {
  if (id === undefined) return undefined;
  const text = JSON.stringify(answer);
  const results: { readonly [method: string]: JsonObject } = {
    initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "shop", version: "1" } },
    "tools/list": { tools: [definition] },
    "tools/call": { content: [{ type: "text", text }], structuredContent: answer },
  };
  return { jsonrpc: "2.0", id, result: results[method] ?? {} };
}

const chats = new Map(
  [true, false].flatMap((isStream) =>
    [true, false].map((hasResult) => [`${isStream} ${hasResult}`, chatAnswer(isStream, hasResult)]),
  ),
);

/** The answer to what was posted: a status, and the body. */
function answerTo(path: string, body: string): { readonly status: number; readonly text?: string; readonly isStream?: boolean } {
  if (path === "/order") return { status: 200, text: JSON.stringify(answer) };
  const read = JSON.parse(body) as Any;
  if (path === "/mcp") {
    const answered = mcpAnswer(read);
    return answered === undefined ? { status: 202 } : { status: 200, text: JSON.stringify(answered) };
  }
  const isStream = read.stream === true;
  return { status: 200, text: chats.get(`${isStream} ${read.messages.length > 1}`) ?? "", isStream };
}

function serveHttp(request: IncomingMessage, response: ServerResponse, body: string): void {
  const isPost = request.method === "POST";
  const { status, text, isStream = false } = isPost ? answerTo(request.url ?? "", body) : { status: 405 };
  response.writeHead(status, { "content-type": isStream ? "text/event-stream" : "application/json" });
  // Event by event, as a model speaks.
  if (isStream) for (const event of (text ?? "").split("\n\n")) if (event !== "") response.write(`${event}\n\n`);
  response.end(isStream ? undefined : text);
}

if (process.argv[2] === "stdio") {
  createInterface(process.stdin).on("line", (line) => {
    const answered = mcpAnswer(JSON.parse(line));
    if (answered !== undefined) process.stdout.write(`${JSON.stringify(answered)}\n`);
  });
} else {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => serveHttp(request, response, body));
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
  process.stdin.resume().on("end", () => process.exit(0));
}
