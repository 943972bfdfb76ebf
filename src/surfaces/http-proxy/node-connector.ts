/**
 * The connector for Node: each host is resolved once, every address of it is judged, and the connection is made to one of those addresses.
 * Never connects to an address that was not judged (DNS rebinding), never asks a proxy of the environment, never follows a redirect.
 */
import { lookup as systemLookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isOpenAddress } from "./addresses.ts";
import { AddressRefused, type Connector, type Outgoing, withWhole } from "./connector.ts";
import { readIncoming, streamIncoming } from "./node-body.ts";

/** The addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** How a connector for Node behaves. */
export interface NodeConnectorOptions {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Milliseconds in which nothing comes after which a connection is given up. Default a minute. */
  readonly idleMs?: number;
  /** Certificates of authorities (PEM) beside the usual ones' place, as `ca` of `tls.connect`. */
  readonly ca?: string;
}

const idleMsDefault = 60_000;
/** Addresses of one name that are judged; a name of more is refused. */
const addressesMax = 64;

/** Makes a connector for Node. */
export function createNodeConnector(options: NodeConnectorOptions = {}): Connector {
  const { resolve = resolveBySystem, idleMs = idleMsDefault, ca } = options;
  // A connection that was opened where private addresses are open must not serve where they are not.
  const open = agentsFor(resolve, { isPrivateOpen: true, ...(ca === undefined ? {} : { ca }) });
  const closed = agentsFor(resolve, { isPrivateOpen: false, ...(ca === undefined ? {} : { ca }) });
  return {
    checksAddresses: true,
    send: (request) => sendOn(request.isPrivateOpen ? open : closed, request, idleMs),
    close: () => {
      for (const { plain, secure } of [open, closed]) {
        plain.destroy();
        secure.destroy();
      }
    },
  };
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function resolveBySystem(host: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error !== null) reject(error);
      else resolve(addresses.map(({ address }) => address));
    });
  });
}

function agentsFor(resolve: Resolve, rule: { readonly isPrivateOpen: boolean; readonly ca?: string }): Agents {
  const lookup: LookupFunction = (host, lookupOptions, done) => {
    resolve(host).then(
      (addresses) => {
        const isOpen =
          addresses.length > 0 && addresses.length <= addressesMax && addresses.every((one) => isOpenAddress(one, rule));
        if (!isOpen) return done(new AddressRefused(), "", 0);
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = all;
        if (lookupOptions.all === true) done(null, all);
        else done(null, first?.address ?? "", first?.family ?? 0);
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, "", 0),
    );
  };
  const settings = { keepAlive: true, maxFreeSockets: 16, lookup, ...(rule.ca === undefined ? {} : { ca: rule.ca }) };
  return { plain: guarded(new http.Agent(settings), rule), secure: guarded(new https.Agent(settings), rule) };
}

/** An agent whose connections look at the address that they have reached before anything is written to it: on a runtime that resolves by itself nothing gets out. */
function guarded<A extends http.Agent>(agent: A, rule: { readonly isPrivateOpen: boolean }): A {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (settings, done): Duplex | null | undefined => {
    const stream = create(settings, done);
    const socket = stream as Socket | null | undefined;
    socket?.prependOnceListener("connect", () => {
      if (socket.remoteAddress === undefined || !isOpenAddress(socket.remoteAddress, rule)) socket.destroy(new AddressRefused());
    });
    return stream;
  };
  return agent;
}

function sendOn(agents: Agents, request: Outgoing, idleMs: number): Promise<Response> {
  const { plain, secure } = agents;
  const { url, method, headers, body, signal } = request;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  // A literal is looked up by nobody.
  if (isIP(host) !== 0 && !isOpenAddress(host, request)) return Promise.reject(new AddressRefused());
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "https:" ? https : http).request({
      agent: url.protocol === "https:" ? secure : plain,
      host,
      port: url.port === "" ? undefined : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method,
      signal,
      // Bytes or none: a length is always said, so that no reader has to guess where the request ends.
      headers: Object.fromEntries([
        ...headers,
        ["host", url.host],
        ...(body === undefined ? [] : [["content-length", String(body.byteLength)]]),
      ]),
    });
    sent.setTimeout(idleMs, () => sent.destroy(new Error("idle")));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // The server may close a kept connection just when it is used again; only what may be sent twice is (RFC 9110 §9.2.2).
      const isAgain =
        sent.reusedSocket && error.code === "ECONNRESET" && (method === "GET" || method === "HEAD") && !signal.aborted;
      if (isAgain) resolve(sendOn(agents, request, idleMs));
      else reject(error);
    });
    sent.on("response", (answer) => resolve(responseOf(answer, method)));
    sent.end(body);
  });
}

function responseOf(answer: http.IncomingMessage, method: string): Response {
  const { statusCode: status = 502 } = answer;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2)
    headers.push([answer.rawHeaders[i] ?? "", answer.rawHeaders[i + 1] ?? ""]);
  const isBodiless = status === 204 || status === 205 || status === 304 || method === "HEAD";
  if (isBodiless) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  return withWhole(new Response(streamIncoming(answer), { status, headers }), async (bytesMax) => {
    const read = await readIncoming(answer, bytesMax);
    if (read.kind === "large") answer.destroy();
    return read;
  });
}
