/**
 * The tools of an example on a port of the loopback address: its real ones, and in an attack what the attacker answers.
 * Never listens on another address, and never part of the published package's work: without the folder there is nothing to start.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Json } from "../../json/value.ts";
import { listen, type Server } from "../server/runtime.ts";

/** An example's tool server. */
export interface Tools {
  readonly server: Server;
  readonly url: string;
  /** Fresh tools, as they are at the start of a run. */
  reset(isAttacked: boolean): void;
  /** What the next call of an attacked tool returns; `undefined`: what the tool itself returns. */
  prepare(answer: Json | undefined): void;
}

const host = "127.0.0.1";
/** Tools whose answers the attacker writes: outside data, and the risk engine where the trace says so. */
const attackedServers = ["market/", "risk/"];

type App = { fetch(request: Request): Response | Promise<Response> };

/** Starts the tools of an example's folder. */
export async function startTools(folder: string): Promise<Tools> {
  // By its path at run time: the examples are no part of the package, so no import may name them.
  const module = (await import(pathToFileURL(join(folder, "server.ts")).href)) as {
    createApp(options: { readonly attacked: boolean }): App;
  };
  let tools = module.createApp({ attacked: true });
  let answer: Json | undefined;
  const server = await listen({
    hostname: host,
    port: 0,
    fetch: async (request) => {
      const isScripted =
        answer !== undefined && attackedServers.some((name) => new URL(request.url).pathname.startsWith(`/${name}`));
      return isScripted ? Response.json(answer) : tools.fetch(request);
    },
  });
  return {
    server,
    url: `http://${host}:${server.port}`,
    reset: (isAttacked) => {
      tools = module.createApp({ attacked: isAttacked });
      answer = undefined;
    },
    prepare: (next) => {
      answer = next;
    },
  };
}
