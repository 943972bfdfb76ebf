/**
 * The MCP clients that are connected by HTTP: each bound to the one Sluice session that it came with.
 * Never finds a client for another token than its own: an id that leaked opens nothing (threat 13, session mix-up).
 */
import { mcpClientIdleMs, mcpClientsMax, mcpClientsPerSessionMax, mcpResumeMs, mcpStreamsMax } from "../../limits.ts";
import { hexOf } from "../../plan/digest.ts";
import type { Clock, Random } from "../../ports.ts";
import { isSecretOf, readToken, tokenDigest } from "../credential.ts";
import { clientIdOf, type NamedClient } from "./client-id.ts";
import type { Hello } from "./hello.ts";
import { type Channel, type ChannelOptions, createChannel, readEventId } from "./http-stream.ts";
import type { Gateway, Relay } from "./relay.ts";

/** One client, from its `initialize` to its end. */
export interface Client {
  /** `Mcp-Session-Id`. */
  readonly id: string;
  readonly relay: Relay;
  /** Aborted when the client is closed. */
  readonly signal: AbortSignal;
  /** What belongs to no request. */
  readonly standalone: Channel;
  /** A stream for the answers to one POST; `undefined`: there are too many. Its signal is aborted when the client is gone for good. */
  openStream(isPrimed: boolean): { readonly channel: Channel; readonly signal: AbortSignal } | undefined;
  /** The stream that an event belongs to, and the event's number there; none for an event of another process's. */
  streamOf(eventId: string): { readonly channel: Channel; readonly number?: number } | undefined;
  /** Ends all streams, and what runs. */
  close(): Promise<void>;
}

/** All clients of one transport. */
export interface Clients {
  /** A new client of the session that this token opens. `standalone`: how its stream is kept, by the client's id. */
  open(token: string, standalone?: (id: string) => ChannelOptions): Client;
  /** A new client of that session, with an id by which any process can take it up. */
  greet(token: string, hello: Hello): Client;
  /** The client of this id, if this token is the one that it came with. */
  find(id: string | null, token: string): Client | undefined;
  /** A client that another process has greeted, or this one has let go of. Whoever calls this has read its id by this token. */
  takeUp(token: string, named: NamedClient): Client;
  /** Closes a client and forgets it. */
  close(client: Client): Promise<void>;
  closeAll(): Promise<void>;
}

/** What a table of clients needs. */
export interface ClientsOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly random: Random;
}

/** Answered streams of a client that are kept, in case it has lost the connection at the very end. */
const keptStreamsMax = 8;

interface Row {
  readonly client: Client;
  readonly session: string;
  readonly digest: string;
  /** Milliseconds since the epoch. */
  seen: number;
}

/** Makes a table of clients. What has not been heard of for long is closed when somebody else comes. */
export function createClients({ gateway, clock, random }: ClientsOptions): Clients {
  // In the order in which they were last heard of.
  const rows = new Map<string, Row>();
  const close: Clients["close"] = async (client) => {
    rows.delete(client.id);
    await client.close();
  };
  const sweep = (session: string): void => {
    const oldest = [...rows.values()].filter(({ client }) => !client.standalone.isRead);
    for (const row of oldest) if (clock() - row.seen > mcpClientIdleMs) void close(row.client);
    if (rows.size >= mcpClientsMax)
      for (const row of [...rows.values()].slice(0, rows.size - mcpClientsMax + 1)) void close(row.client);
    const same = [...rows.values()].filter((row) => row.session === session);
    for (const row of same.slice(0, Math.max(0, same.length - mcpClientsPerSessionMax + 1))) void close(row.client);
  };
  const add = (token: string, make: (secret: string) => Client): Client => {
    const read = readToken(token);
    if (read === undefined) throw new TypeError("a client needs the token of a session");
    sweep(read.session);
    const client = make(read.secret);
    rows.set(client.id, { client, session: read.session, digest: tokenDigest(read.secret), seen: clock() });
    return client;
  };
  const named = (token: string, { name, hello }: NamedClient, relay: Relay): Client =>
    add(token, (secret) => createClient(clientIdOf(secret, { name, hello }), relay, { process: hexOf(random(4)) }));
  return {
    open: (token, standalone = () => ({})) =>
      add(token, () => {
        const id = hexOf(random(24));
        return createClient(id, gateway.relay(), { process: "", standalone: standalone(id) });
      }),
    greet: (token, hello) => named(token, { name: hexOf(random(24)), hello }, gateway.relay()),
    takeUp: (token, client) => named(token, client, gateway.relay(client.hello)),
    find: (id, token) => {
      const row = id === null ? undefined : rows.get(id);
      const read = readToken(token);
      if (row === undefined || read === undefined) return undefined;
      if (read.session !== row.session || !isSecretOf(row.digest, read.secret)) return undefined;
      row.seen = clock();
      rows.delete(row.client.id);
      rows.set(row.client.id, row);
      return row.client;
    },
    close,
    closeAll: async () => {
      await Promise.all([...rows.values()].map(({ client }) => close(client)));
    },
  };
}

/** The stream of one POST, and how to end what runs for it. */
interface KeptStream {
  readonly channel: Channel;
  readonly lose: () => void;
}

/** How the streams of a client are named and kept. */
interface StreamNames {
  /** Ends the names of this process's streams: an event of another process's is none of ours, though it is the same client's. */
  readonly process: string;
  readonly standalone?: ChannelOptions;
}

function createClient(id: string, relay: Relay, { process, standalone }: StreamNames): Client {
  const gone = new AbortController();
  const streams = new Map<string, KeptStream>();
  const own = `g${process}`;
  const channel = createChannel(standalone ?? { name: own });
  const stop = relay.listen(channel.push);
  let opened = 0;

  const dropAnswered = (): void => {
    const done = [...streams].filter(([, { channel: stream }]) => stream.isDone);
    for (const [name] of done.slice(0, Math.max(0, done.length - keptStreamsMax))) streams.delete(name);
  };
  return {
    id,
    relay,
    signal: gone.signal,
    standalone: channel,
    openStream: (isPrimed) => {
      dropAnswered();
      if (streams.size >= mcpStreamsMax) return undefined;
      opened += 1;
      const name = `p${opened}x${process}`;
      const lost = new AbortController();
      const lose = (): void => {
        clearTimeout(timer);
        lost.abort();
      };
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stream = createChannel({
        name,
        ...(isPrimed ? { first: "prime" } : {}),
        onLost: lose,
        // A broken connection is no wish to cancel (MCP 2025-11-25 transports, Sending Messages): the client may come back for a while.
        onReaders: (isRead) => {
          clearTimeout(timer);
          if (!isRead) timer = setTimeout(lose, mcpResumeMs);
        },
      });
      if (gone.signal.aborted) lose();
      streams.set(name, { channel: stream, lose });
      return { channel: stream, signal: lost.signal };
    },
    streamOf: (eventId) => {
      const event = readEventId(eventId);
      if (event === undefined) return undefined;
      if (event.name === own) return { channel, number: event.number };
      // Of another process's standalone stream: what came there stays there, and this one goes on where it is.
      if (event.name.startsWith("g")) return { channel };
      const found = streams.get(event.name);
      return found === undefined ? undefined : { channel: found.channel, number: event.number };
    },
    close: async () => {
      stop();
      gone.abort();
      channel.end();
      for (const stream of streams.values()) {
        stream.lose();
        stream.channel.end();
      }
      await relay.close();
    },
  };
}
