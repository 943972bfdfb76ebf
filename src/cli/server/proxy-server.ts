/**
 * The server of `sluice proxy`: requests as they stand on the wire (absolute targets, repeated headers, CONNECT), which a Fetch request does not show.
 * Never lets a request be read in two ways: the strict parser of `node:http` refuses those with two lengths.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { HttpProxy, Incoming } from "../../surfaces/http-proxy.ts";
import { readIncoming } from "../../surfaces/http-proxy/node-body.ts";
import { InputError } from "../read/input.ts";
import type { Gate } from "./gate.ts";
import { closeNode } from "./runtime.ts";

/** What is served, and where. */
export interface ProxyListening {
  /** Asked anew for each request: a reload may have put another in its place. */
  readonly proxy: () => HttpProxy;
  /** The door, which counts what is open. */
  readonly gate: Gate;
  /** Serves what begins with `/sluice/`, `/dashboard` and `/amendments`. */
  readonly app: { fetch(request: Request, more: { readonly address: string | undefined }): Response | Promise<Response> };
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A server that listens. */
export interface ProxyServer {
  readonly port: number;
  /** Takes no new connections and resolves when the open ones have ended, at the latest after so many milliseconds. */
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds in which the headers of a request, and all of it, must have come. */
const headersMs = 30_000;
const requestMs = 120_000;

/** Listens. Exit 2 if the port is taken or may not be used. */
export function listenProxy({ proxy, gate, app, hostname, port }: ProxyListening): Promise<ProxyServer> {
  const own = getRequestListener((request, { incoming }) =>
    gate.serve(request, (each) => app.fetch(each, { address: incoming.socket.remoteAddress }), incoming.socket.remoteAddress),
  );
  const server = createServer(
    { insecureHTTPParser: false, requireHostHeader: true, headersTimeout: headersMs, requestTimeout: requestMs },
    (request, response) => {
      const target = request.url ?? "";
      if (/^\/(?:sluice|dashboard|amendments)(?:[/?]|$)/.test(target)) void own(request, response);
      else void answer(proxy(), request, response);
    },
  );
  server.on("connect", (request: IncomingMessage, socket: Duplex) => void refuse(proxy(), request, socket));
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE" || error.code === "EACCES" || error.code === "EADDRNOTAVAIL"
          ? new InputError(`${hostname}:${port} cannot be listened on (${error.code}): choose another --port or --host`)
          : error,
      ),
    );
    server.listen(port, hostname, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: (graceMs) => closeNode(server, graceMs),
      });
    });
  });
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
}

/** Answers a request. What the listener makes of it itself, which may refuse spellings that the proxy takes, nobody looks at. */
async function answer(proxy: HttpProxy, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = answerTo(proxy, request, response);
  await getRequestListener(() => answered, { errorHandler: () => answered, autoCleanupIncoming: false })(request, response);
}

async function answerTo(proxy: HttpProxy, request: IncomingMessage, response: ServerResponse): Promise<Response> {
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  const incoming: Incoming = {
    method: request.method ?? "",
    target: request.url ?? "",
    headers: pairsOf(request.rawHeaders),
    body: hasBody ? (bytesMax) => readIncoming(request, bytesMax) : null,
    signal: gone.signal,
  };
  const answered = await proxy.handle(incoming);
  // What is left of a body that nobody has read must not be taken for the next request.
  if (hasBody && !request.complete) response.setHeader("connection", "close");
  return answered;
}

/** Answers a CONNECT, and closes. */
async function refuse(proxy: HttpProxy, request: IncomingMessage, socket: Duplex): Promise<void> {
  socket.on("error", () => socket.destroy());
  const answered = await proxy.tunnel(request.url ?? "", pairsOf(request.rawHeaders));
  const body = Buffer.from(await answered.arrayBuffer());
  const headers = [...answered.headers, ["content-length", String(body.length)], ["connection", "close"]];
  socket.end(
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${answered.status} Denied\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
      ),
      body,
    ]),
  );
}
