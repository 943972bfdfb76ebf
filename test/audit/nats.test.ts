/** Streams of audit logs into a real NATS server with JetStream, which this file starts. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNatsSink } from "../../src/audit/nats/open.ts";
import { readNatsUrl } from "../../src/audit/nats/url.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { recordDigest } from "../../src/audit/record.ts";
import { type AuditSink, createAuditStream } from "../../src/audit/sink.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { ConfigError } from "../../src/result.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { type NatsService, natsProgram, startNats } from "../services/nats.ts";
import { describeWith } from "../services/service.ts";
import { must } from "./fixture.ts";
import { recordOf } from "./log-contract.ts";

describeWith(natsProgram, "a stream of an audit log into NATS", () => {
  let server: NatsService;
  const sinks: AuditSink[] = [];
  let made = 0;

  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(async () => {
    for (const sink of sinks) await sink.close();
    await server?.remove();
  });

  async function open(parameters = ""): Promise<AuditSink> {
    const sink = await openNatsSink(`${server.url}${parameters}`);
    sinks.push(sink);
    return sink;
  }

  /** A log that is nobody else's. */
  async function logOf(size: number): Promise<{ readonly log: AuditLog; readonly id: string; readonly texts: string[] }> {
    const log = openSqliteAuditLog(":memory:");
    const texts = [recordOf(0, { kind: "begin", facts: { nonce: `${made++}` } })];
    for (let seq = 1; seq < size; seq++) texts.push(recordOf(seq));
    must(await log.append({ first: 0, records: texts, openings: [] }));
    return { log, texts, id: recordDigest(texts[0] ?? "") };
  }

  /** What the server has in a stream: ids and texts of messages, in order. */
  async function messages(stream: string): Promise<readonly { readonly id: string | undefined; readonly text: string }[]> {
    const own: NatsConnection = await connect({ servers: `127.0.0.1:${server.port}` });
    try {
      const { state } = await (await jetstreamManager(own)).streams.info(stream);
      if (state.messages === 0) return [];
      const consumer = await jetstream(own).consumers.get(stream);
      const found: { readonly id: string | undefined; readonly text: string }[] = [];
      for await (const message of await consumer.consume()) {
        found.push({ id: message.headers?.get("Nats-Msg-Id"), text: message.string() });
        if (message.info.pending === 0) break;
      }
      return found;
    } finally {
      await own.close();
    }
  }

  const expected = (id: string, texts: readonly string[]) => texts.map((text, seq) => ({ id: `${id}:${seq}`, text }));

  it("has a message for each record, in order, with the log and the number as its id, in a stream that it makes", async () => {
    const { log, id, texts } = await logOf(600);
    const stream = createAuditStream({
      log,
      sink: await open(),
      store: createMemoryStore(),
      name: "n",
      clock: Date.now,
      random: systemRandom,
    });
    expect(must(await stream.pump())).toBe(600);
    expect(await messages(`sluice-audit-${id.slice(0, 16)}`)).toEqual(expected(id, texts));
  });

  it("takes nothing a second time, and nothing out of order", async () => {
    const { id, texts } = await logOf(20);
    const sink = await open("?stream=twice&subject=audit.twice");
    const batch = (first: number, until: number) => ({ log: id, first, records: texts.slice(first, until) });
    must(await sink.publish(batch(0, 10)));
    must(await sink.publish(batch(5, 15)));
    must(await sink.publish(batch(0, 15)));
    expect(await messages("twice")).toEqual(expected(id, texts.slice(0, 15)));
    // Another that comes late with what the stream has long had.
    must(await (await open("?stream=twice&subject=audit.twice")).publish(batch(3, 9)));
    must(await sink.publish(batch(15, 20)));
    expect(await messages("twice")).toEqual(expected(id, texts));
  });

  it("takes no message after one that it could not take", async () => {
    const { id, texts } = await logOf(4);
    const sink = await open("?stream=gap&subject=audit.gap");
    const large = recordOf(2, { facts: { text: "x".repeat(2_000_000) } });
    const done = await sink.publish({ log: id, first: 0, records: [texts[0] ?? "", texts[1] ?? "", large, texts[3] ?? ""] });
    expect(done.ok).toBe(false);
    expect(await messages("gap")).toEqual(expected(id, texts.slice(0, 2)));
  });

  it("loses nothing and keeps the order when the server is killed in the middle and comes back", async () => {
    const { log, id, texts } = await logOf(10);
    const store = createMemoryStore();
    let now = Date.now();
    const streamOf = async () =>
      createAuditStream({
        log,
        sink: await open("?stream=killed&subject=audit.killed"),
        store,
        name: "k",
        clock: () => now,
        random: systemRandom,
      });
    let stream = await streamOf();
    let isOver = false;
    const growing = (async () => {
      while (texts.length < 4_000) {
        const first = texts.length;
        const more = Array.from({ length: 100 }, (_, i) => recordOf(first + i));
        must(await log.append({ first, records: more, openings: [] }));
        texts.push(...more);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const failures: string[] = [];
    const pumping = (async () => {
      while (!isOver) {
        const done = await stream.pump();
        if (!done.ok) failures.push(done.error.kind === "unavailable" ? (done.error.detail ?? "") : "conflict");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await server.kill();
      // The process ends as well, once, with whatever it was doing.
      if (kill === 1) {
        now += 60_000;
        stream = await streamOf();
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      await server.restart();
    }
    await growing;
    isOver = true;
    await pumping;
    await expect.poll(async () => (await stream.pump()).ok, { timeout: 20_000 }).toBe(true);
    must(await stream.pump());
    expect(failures.length).toBeGreaterThan(0);
    for (const detail of failures) expect(detail).toMatch(/^nats( [0-9]+| [A-Za-z]+)?$/);
    expect(await messages("killed")).toEqual(expected(id, texts));
  }, 60_000);

  it("gives up on a server that does not answer, and is done when it does", async () => {
    const { log, id, texts } = await logOf(5);
    const sink = await open("?stream=paused&subject=audit.paused");
    const stream = createAuditStream({ log, sink, store: createMemoryStore(), name: "p", clock: Date.now, random: systemRandom });
    must(await stream.pump());
    const more = [recordOf(5), recordOf(6)];
    must(await log.append({ first: 5, records: more, openings: [] }));
    server.pause();
    expect((await stream.pump()).ok).toBe(false);
    server.resume();
    await expect.poll(async () => (await stream.pump()).ok, { timeout: 15_000 }).toBe(true);
    expect(await messages("paused")).toEqual(expected(id, [...texts, ...more]));
  }, 40_000);

  it("refuses a stream that is for other subjects too, since a message could not name the one before it", async () => {
    const own = await connect({ servers: `127.0.0.1:${server.port}` });
    await (await jetstreamManager(own)).streams.add({ name: "shared", subjects: ["audit.shared", "other.>"] });
    await own.close();
    const { id, texts } = await logOf(1);
    const done = await (await open("?stream=shared&subject=audit.shared")).publish({ log: id, first: 0, records: texts });
    expect(done).toEqual({ ok: false, error: { kind: "unavailable", detail: "the stream has other subjects" } });
  });

  it("uses a password, and says by a word of ours that it is refused", async () => {
    const guarded = await startNats(["authorization { user: sluice, password: secret }"]);
    const { id, texts } = await logOf(2);
    for (const [user, isOk] of [
      ["sluice:secret@", true],
      ["sluice:wrong@", false],
      ["", false],
    ] as const) {
      const sink = await openNatsSink(guarded.url.replace("//", `//${user}`));
      const done = await sink.publish({ log: id, first: 0, records: texts });
      expect(done.ok).toBe(isOk);
      if (!done.ok) expect(JSON.stringify(done)).not.toMatch(/secret|wrong|127/);
      await sink.close();
    }
    await guarded.remove();
  });
});

describe("the URL of a NATS server", () => {
  it.each([
    ["http://a", "nats://"],
    ["nats:///", "nats://"],
    ["nats://a/b", "nats://"],
    ["nats://a?stream=a.b", "stream"],
    ["nats://a?subject=a.*", "subject"],
    ["nats://a?subject=a..b", "subject"],
    ["nats://a?replicas=6", "replicas"],
    ["nats://a?what=1", "parameter"],
    ["tls://a?tls=off", "tls"],
    ["nats://a?creds=/none/such", "creds"],
    ["nats://a%zz:b@c", "stream's URL"],
  ])("is refused as %s", (url, says) => {
    expect(() => readNatsUrl(url)).toThrow(ConfigError);
    expect(() => readNatsUrl(url)).toThrow(says);
    try {
      readNatsUrl(url.replace("//", "//user:hunter2@"));
    } catch (error) {
      expect(String(error)).not.toContain("hunter2");
    }
  });

  it("is spoken to with TLS, but for a server on this machine, or where the URL says that it is not", () => {
    expect(readNatsUrl("nats://broker.example").connection).toEqual({ servers: "broker.example:4222", tls: {} });
    expect(readNatsUrl("tls://127.0.0.1:1").connection).toEqual({ servers: "127.0.0.1:1", tls: {} });
    for (const url of ["nats://127.0.0.1", "nats://localhost", "nats://[::1]", "nats://broker.example?tls=off"])
      expect(readNatsUrl(url).connection).not.toHaveProperty("tls");
    expect(readNatsUrl("nats://a%40b:c%2Fd@h?tls=off&stream=s&subject=x.y&replicas=3")).toEqual({
      connection: { servers: "h:4222", user: "a@b", pass: "c/d" },
      ...{ stream: "s", subject: "x.y", replicas: 3 },
    });
    expect(readNatsUrl("nats://token@localhost").connection).toEqual({ servers: "localhost:4222", token: "token" });
  });
});
