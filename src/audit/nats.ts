/**
 * Streams an audit log into a stream of NATS JetStream: a message for each record, whose id is the log's and the record's number.
 * Never leaves a gap: a message is only taken after the one before it, and what the stream has already it takes no second time.
 */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { err, ok } from "../result.ts";
import type { Answer, AuditFailure } from "./log.ts";
import type { AuditSink, SinkBatch } from "./sink.ts";

/** Where records go. */
export interface NatsSinkOptions {
  /** Name of the stream. Default `sluice-audit-` and the first 16 digits of the log's id. It must have the subject and no other. */
  readonly stream?: string;
  /** Default `sluice.audit.` and the first 16 digits of the log's id. */
  readonly subject?: string;
  /** Copies of the stream that is made, if none is there. Default 1. */
  readonly replicas?: number;
  /** Milliseconds that the server may take to say that it has a message. Default 5,000. */
  readonly ackMs?: number;
}

/** A connection, and the clients of JetStream over it. */
export interface NatsClients {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

/**
 * Milliseconds for which the stream that is made knows a message again: longer than a process holds the stream after it was last heard of, so
 * that one that comes back late adds nothing.
 */
const duplicatesMs = 600_000;

/** A server says so of a stream that is not there. */
const noStream = 10_059;

/**
 * Makes a receiver. `connect` is called before the first batch, and again after a failure: what a connection still held back is given up with
 * it, and cannot come late.
 */
export function createNatsSink(connect: () => Promise<NatsClients>, options: NatsSinkOptions = {}): AuditSink {
  const { ackMs = 5_000 } = options;
  let open: (NatsClients & { readonly subject: string }) | undefined;
  const leave = async (): Promise<void> => {
    const left = open;
    open = undefined;
    await left?.connection.close().catch(() => undefined);
  };
  const arrive = async ({ log }: SinkBatch): Answer<undefined> => {
    const clients = await connect();
    const { stream = `sluice-audit-${log.slice(0, 16)}`, subject = `sluice.audit.${log.slice(0, 16)}`, replicas = 1 } = options;
    open = { ...clients, subject };
    const isOurs = await ensureStream(clients.manager, { stream, subject, replicas });
    return isOurs ? ok(undefined) : err({ kind: "unavailable", detail: "the stream has other subjects" });
  };
  return {
    publish: async (batch) => {
      try {
        if (open === undefined || open.connection.isClosed()) {
          const arrived = await arrive(batch);
          if (!arrived.ok) {
            await leave();
            return arrived;
          }
        }
        if (open === undefined) return err({ kind: "unavailable", detail: "nats" });
        await publishAll(open, batch, ackMs);
        return ok(undefined);
      } catch (error) {
        await leave();
        return err(failureOf(error));
      }
    },
    close: leave,
  };
}

/** Makes the stream if it is not there. Whether it is for the subject alone: only then a message can name the one before it. */
async function ensureStream(
  manager: JetStreamManager,
  { stream, subject, replicas }: { readonly stream: string; readonly subject: string; readonly replicas: number },
): Promise<boolean> {
  const found = await manager.streams.info(stream).catch((error: unknown) => {
    if (codeOf(error) === noStream) return undefined;
    throw error;
  });
  const { config } =
    found ??
    (await manager.streams.add({
      name: stream,
      subjects: [subject],
      num_replicas: replicas,
      duplicate_window: duplicatesMs * 1_000_000,
    }));
  return config.subjects.length === 1 && config.subjects[0] === subject;
}

/** Sends a batch at once; each message but the first is taken only if the last one in the stream is the one before it. */
async function publishAll(
  { client, subject }: { readonly client: JetStreamClient; readonly subject: string },
  { log, first, records }: SinkBatch,
  ackMs: number,
): Promise<void> {
  const idOf = (seq: number): string => `${log}:${seq}`;
  const sent = records.map((text, i) =>
    client.publish(subject, text, {
      msgID: idOf(first + i),
      timeout: ackMs,
      ...(i === 0 ? {} : { expect: { lastMsgID: idOf(first + i - 1) } }),
    }),
  );
  const done = await Promise.allSettled(sent);
  const failed = done.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** A word of ours; a client's text is never shown. */
function failureOf(error: unknown): AuditFailure {
  const code = codeOf(error);
  if (code !== undefined) return { kind: "unavailable", detail: `nats ${code}` };
  const name = error instanceof Error && /^[A-Za-z]{1,40}Error$/.test(error.name) ? error.name : undefined;
  return { kind: "unavailable", detail: name === undefined || name === "Error" ? "nats" : `nats ${name}` };
}

/** Number of an error of JetStream. */
function codeOf(error: unknown): number | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" ? code : undefined;
}
