/**
 * A bare proxy: it parses each message, writes it anew and passes it on, and does nothing else, over the libraries that Sluice's own surface is
 * made with: `node bench/surfaces/reader.ts http|fetch PORT`, or `reader.ts stdio COMMAND…`. Never decides anything, keeps anything, or says who asks.
 */
import { spawn } from "node:child_process";
import { Agent, createServer, type IncomingMessage, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";

/** Reads a text and writes it again. */
function again(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  message.setEncoding("utf8");
  for await (const chunk of message as AsyncIterable<string>) text += chunk;
  return text;
}

/** As `sluice proxy`: `node:http` on both sides. */
function serveHttp(port: number): void {
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (request, response) => {
    const body = again(await textOf(request));
    const path = request.url?.replace(/^\/shop\//, "/");
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const upstream = ask({ port, host: "127.0.0.1", agent, method: "POST", path, headers }, async (answer) => {
      const text = again(await textOf(answer));
      response.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
      response.end(text);
    });
    upstream.end(body);
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
}

/** The events of a stream, each read and written again, as they come. */
function eventsAgain(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform: (text, controller) => {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = event.slice("data: ".length);
        controller.enqueue(`data: ${data === "[DONE]" ? data : again(data)}\n\n`);
      }
    },
  });
}

/** As `sluice gateway` and `sluice model-proxy`: Hono before, `fetch` behind. */
function serveFetch(port: number): void {
  const app = new Hono();
  app.post("*", async (c) => {
    const { pathname } = new URL(c.req.url);
    const answer = await fetch(`http://127.0.0.1:${port}${pathname}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: again(await c.req.text()),
    });
    const type = answer.headers.get("content-type") ?? "";
    const headers = { "content-type": type };
    if (!type.startsWith("text/event-stream") || answer.body === null)
      return new Response(again(await answer.text()), { status: answer.status, headers });
    const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(eventsAgain());
    return new Response(events.pipeThrough(new TextEncoderStream()), { headers });
  });
  const server = createAdaptorServer({ fetch: app.fetch, hostname: "127.0.0.1" });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
}

/** As `sluice mcp`: a line is a message. */
function serveLines([command = "", ...args]: readonly string[]): void {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  createInterface(process.stdin).on("line", (line) => child.stdin.write(`${again(line)}\n`));
  createInterface(child.stdout).on("line", (line) => process.stdout.write(`${again(line)}\n`));
}

const [kind, ...rest] = process.argv.slice(2);
if (kind === "stdio") serveLines(rest);
else {
  if (kind === "http") serveHttp(Number(rest[0]));
  else serveFetch(Number(rest[0]));
  process.stdin.resume().on("end", () => process.exit(0));
}
