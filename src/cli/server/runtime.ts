/**
 * Serves a fetch handler on a port, on Node, Bun or Deno. The only file that asks which runtime this is.
 * Never listens on another address than the one that it was given, and closes what it opened.
 */
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { isPlainTransfer } from "../../surfaces/body.ts";
import { InputError } from "../read/input.ts";

/** What is served, and where. */
export interface Listening {
  /** `address`: that of the other end of the connection, as far as the runtime says it. */
  readonly fetch: (request: Request, address?: string) => Response | Promise<Response>;
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A server that listens. */
export interface Server {
  /** The port that it listens on. */
  readonly port: number;
  /** Takes no new connections, lets the open requests end, for so many milliseconds at most, and resolves when the port is free. */
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds that open requests have to end when a server closes and nobody says otherwise. */
export const closeGraceMs = 5_000;

/** Milliseconds after which connections are looked at again that have been let go of since. */
const idleLookMs = 50;

/** The address of a server, as it is written in a URL. */
export function urlOf(hostname: string, port: number): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

interface BunServer {
  requestIP(request: Request): { readonly address: string } | null;
}
interface BunRuntime {
  serve(options: {
    readonly fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
    readonly hostname: string;
    readonly port: number;
  }): {
    readonly port: number;
    stop(isAtOnce: boolean): Promise<void>;
  };
}
interface DenoRuntime {
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    handler: (request: Request, info: { readonly remoteAddr: { readonly hostname?: string } }) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
}

/** Listens. Exit 2 (one line) if the port is taken, may not be used by this user, or the address is not of this machine. */
export async function listen(listening: Listening): Promise<Server> {
  const { Bun, Deno } = globalThis as { readonly Bun?: BunRuntime; readonly Deno?: DenoRuntime };
  try {
    if (Bun !== undefined) return listenOnBun(Bun, listening);
    if (Deno !== undefined) return listenOnDeno(Deno, listening);
    return await listenOnNode(listening);
  } catch (error) {
    throw refusalOf(error, listening);
  }
}

function refusalOf(error: unknown, { hostname, port }: Listening): unknown {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (code === "EADDRINUSE" || name === "AddrInUse")
    return new InputError(`port ${port} on ${hostname} is taken by another program: choose one with --port`);
  if (code === "EACCES" || name === "PermissionDenied")
    return new InputError(`port ${port} may not be used by this user: choose one above 1023 with --port`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" || name === "AddrNotAvailable")
    return new InputError(`${hostname} is no address of this machine: choose one with --host`);
  return error;
}

function listenOnNode({ fetch, hostname, port }: Listening): Promise<Server> {
  const server = createAdaptorServer({
    // A transfer coding that nobody undoes is no transfer of ours (RFC 9112 §6.1).
    fetch: (request, { incoming }) =>
      isPlainTransfer(request.headers) ? fetch(request, incoming.socket.remoteAddress) : new Response(null, { status: 501 }),
    hostname,
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: (graceMs) => closeNode(server, graceMs),
      });
    });
  });
}

/** Closes a server of `node:http`: connections are let go of as their requests end, and all of them after the grace. */
export function closeNode(server: ServerType, graceMs = closeGraceMs): Promise<void> {
  return new Promise((resolve) => {
    const connections = "closeAllConnections" in server ? server : undefined;
    const timer = setTimeout(() => connections?.closeAllConnections(), graceMs);
    // Connections that are kept alive between requests would hold the port until the client lets go.
    const looking = setInterval(() => connections?.closeIdleConnections(), idleLookMs);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(looking);
      resolve();
    });
    connections?.closeIdleConnections();
  });
}

function listenOnBun(bun: BunRuntime, { fetch, hostname, port }: Listening): Server {
  const server = bun.serve({
    fetch: (request, own) => fetch(request, own.requestIP(request)?.address),
    hostname,
    port,
  });
  return { port: server.port, close: (graceMs) => inTime(server.stop(false), graceMs, () => server.stop(true)) };
}

function listenOnDeno(deno: DenoRuntime, { fetch, hostname, port }: Listening): Server {
  const server = deno.serve({ hostname, port, onListen: () => {} }, (request, { remoteAddr }) =>
    fetch(request, remoteAddr.hostname),
  );
  return { port: server.addr.port, close: (graceMs) => inTime(server.shutdown(), graceMs) };
}

/** Waits for a server to end by itself, for so many milliseconds; then ends it. */
async function inTime(ended: Promise<void>, graceMs = closeGraceMs, stop?: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), graceMs);
  });
  if ((await Promise.race([ended, late])) === "late") await stop?.();
  clearTimeout(timer);
}

/** Milliseconds in which a second signal is the same wish: a launcher forwards what the terminal has sent to both already. */
const sameWishMs = 1_000;

/** Resolves when the process is asked to end (SIGINT, SIGTERM). Asked once more, a while later, it ends at once. */
export function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | undefined;
    const onSignal = (): void => {
      if (asked !== undefined && performance.now() - asked > sameWishMs) process.exit(130);
      asked ??= performance.now();
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  });
}
