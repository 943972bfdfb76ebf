/**
 * Where the host's routes and the dashboard are served: beside the tools, or on a listener of their own that agents need not reach.
 * Never serves them at both, but for health, which supervisors ask where the work is.
 */
import { Hono } from "hono";
import type { Gate } from "./gate.ts";
import { listen, type Server, urlOf } from "./runtime.ts";

/** What is served, and where. */
export interface HostSide {
  /** The host's routes and the dashboard, at their paths. */
  readonly host: Hono;
  readonly gate: Gate;
  readonly options: { readonly adminHost?: string; readonly adminPort?: number };
}

/** Both listeners. */
export interface Doors<S> {
  /** The first one. */
  readonly server: S;
  /** Where the host's routes are: `url` of the first listener, or of their own. */
  hostUrl(url: string): string;
  /** Closes both, the first one first. */
  close(graceMs: number): Promise<void>;
}

/** The address of the listener of the host's routes, where nobody says another: nothing leaves the machine. */
const adminHostDefault = "127.0.0.1";

/**
 * Listens. `main` opens the first listener, with what it serves of the host: everything, or health alone where `--admin-port` gives the rest a
 * listener of its own. Exit 2 if a port is taken or may not be used.
 */
export async function openDoors<S extends Server>(
  { host, gate, options }: HostSide,
  main: (beside: Hono) => Promise<S>,
): Promise<Doors<S>> {
  const { adminHost = adminHostDefault, adminPort } = options;
  if (adminPort === undefined) {
    const server = await main(host);
    return { server, hostUrl: (url) => url, close: (graceMs) => server.close(graceMs) };
  }
  const own = await listen({
    fetch: (request, address) => gate.serve(request, (each) => host.fetch(each, { address }), address),
    hostname: adminHost,
    port: adminPort,
  });
  try {
    const server = await main(healthOf(host));
    return {
      server,
      hostUrl: () => urlOf(adminHost, own.port),
      close: async (graceMs) => {
        await server.close(graceMs);
        await own.close(graceMs);
      },
    };
  } catch (error) {
    await own.close();
    throw error;
  }
}

/** Health alone. */
function healthOf(host: Hono): Hono {
  const app = new Hono();
  for (const path of ["/sluice/live", "/sluice/ready"]) app.get(path, (c) => host.fetch(c.req.raw));
  return app;
}

/** The same for an app: it is served with what stands beside it. */
export function openAppDoors(
  { options, ...side }: HostSide & { readonly options: { readonly host: string; readonly port: number } },
  app: Hono,
): Promise<Doors<Server>> {
  return openDoors({ ...side, options }, (beside) => {
    app.route("/", beside);
    return listen({
      fetch: (request, address) => side.gate.serve(request, (each) => app.fetch(each, { address }), address),
      hostname: options.host,
      port: options.port,
    });
  });
}
