/**
 * Opens the receiver that a URL of NATS names, with its client, which is loaded only then.
 * Never speaks to a server that the URL does not name, nor less protected than it says.
 */
import { ConfigError } from "../../result.ts";
import { createNatsSink, type NatsClients } from "../nats.ts";
import type { AuditSink } from "../sink.ts";
import { readNatsUrl } from "./url.ts";

/** Milliseconds that connecting may take. */
const connectMs = 3_000;

/** Opens the receiver at a URL; see `readNatsUrl`. The server is not asked yet: it may be away for now. Rejects with `ConfigError`. */
export async function openNatsSink(url: string): Promise<AuditSink> {
  const { connection, credentials, ...options } = readNatsUrl(url);
  const packages = await Promise.all([import("@nats-io/transport-node"), import("@nats-io/jetstream")]).catch(() => undefined);
  if (packages === undefined)
    throw new ConfigError(
      "a stream to NATS needs the packages `@nats-io/transport-node` and `@nats-io/jetstream`: npm install @nats-io/transport-node @nats-io/jetstream",
    );
  const [transport, jetstream] = packages;
  const connect = async (): Promise<NatsClients> => {
    const made = await transport.connect({
      ...connection,
      ...(credentials === undefined ? {} : { authenticator: transport.credsAuthenticator(credentials) }),
      name: "sluice",
      timeout: connectMs,
      // What was sent into a connection that is gone is sent anew, in order, and never by the client by itself.
      reconnect: false,
      ignoreClusterUpdates: true,
    });
    try {
      return { connection: made, client: jetstream.jetstream(made), manager: await jetstream.jetstreamManager(made) };
    } catch (error) {
      await made.close().catch(() => undefined);
      throw error;
    }
  };
  return createNatsSink(connect, options);
}
