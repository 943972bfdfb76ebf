/**
 * The event stream over HTTP: who may listen, what comes, and when it ends.
 */
import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import { createStreaming } from "../../../src/dashboard/live/stream.ts";
import { createDashboardEvents, type DashboardEvents } from "../../../src/dashboard/events.ts";
import { readEvents, type SseEvent } from "../../../src/surfaces/event-stream.ts";
import type { BodyStream } from "../../../src/surfaces/body.ts";
import { type Desk, makeDesk } from "../fixture.ts";

type StreamOptions = NonNullable<Parameters<typeof createStreaming>[1]>;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

interface Streams {
  readonly desk: Desk;
  readonly events: DashboardEvents;
  /** Asks for a stream as somebody. */
  ask(who: keyof Desk["tokens"] | undefined, query?: string, headers?: Record<string, string>): Promise<Response>;
}

async function streams(options: StreamOptions = {}): Promise<Streams> {
  const desk = await makeDesk();
  desks.push(desk);
  const events = createDashboardEvents({ clock: () => desk.clock.now });
  const { access, enforcer } = desk.options;
  const streaming = createStreaming({ access, enforcer, store: desk.store, events }, { lookMs: 20, identifyMs: 20, ...options });
  const app = new Hono();
  app.get("/dashboard/events", (c) => streaming(c));
  return {
    desk,
    events,
    ask: async (who, query = "", headers = {}) =>
      app.request(`http://127.0.0.1/dashboard/events${query}`, {
        headers: { ...(who === undefined ? {} : { authorization: `Bearer ${desk.tokens[who]}` }), ...headers },
      }),
  };
}

/** The next events of a stream, at most so many. */
async function take(response: Response, count: number): Promise<readonly SseEvent[]> {
  const found: SseEvent[] = [];
  for await (const event of readEvents(response.body as BodyStream)) {
    found.push(event);
    if (found.length >= count) break;
  }
  return found;
}

/** Reads to the end of a stream; rejects if it does not end. */
async function ended(response: Response): Promise<void> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  while (!(await reader.read()).done);
}

describe("the event stream", () => {
  it("is for who is signed in", async () => {
    const { ask } = await streams();
    expect((await ask(undefined)).status).toBe(401);
    const response = await ask("vera");
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
      "no-store",
    ]);
    await response.body?.cancel();
  });

  it("has the topics that are asked for, with ids from which it goes on", async () => {
    const { ask, events } = await streams();
    const first = await ask("vera", "?topics=approval,plan");
    for (let n = 0; n < 3; n++) {
      events.publish({ topic: "verdict", data: { n } });
      events.publish({ topic: "plan", data: { n } });
    }
    const [a] = await take(first, 3);
    expect(a).toMatchObject({ event: "plan", data: '{"n":0}' });
    const again = await ask("vera", "", { "last-event-id": a?.id ?? "" });
    expect((await take(again, 4)).map(({ event, data }) => `${event} ${data}`)).toEqual([
      'verdict {"n":1}',
      'plan {"n":1}',
      'verdict {"n":2}',
      'plan {"n":2}',
    ]);
  });

  it("ends within moments when the token is revoked", async () => {
    const { ask, desk } = await streams();
    const made = await desk.options.access.tokens.make({ name: "temp", role: "viewer", by: "host" });
    if (!made.ok) throw new Error("no token");
    const response = await ask(undefined, "", { authorization: `Bearer ${made.value.token}` });
    expect(response.status).toBe(200);
    await desk.options.access.tokens.revoke(made.value.info.id, "host");
    // A credential is remembered for a second at most.
    desk.clock.now += 2_000;
    await ended(response);
  });

  it("ends when the process drains, and none is begun then", async () => {
    const { ask, desk } = await streams();
    const response = await ask("vera");
    await desk.firewall.work.drain();
    await ended(response);
    expect((await ask("vera")).status).toBe(503);
  });

  it("lets go of who does not read, and holds up nobody", async () => {
    const { ask, events } = await streams({ waitingMax: 16 });
    const slow = await ask("vera");
    const quick = await ask("vera");
    const reading = take(quick, 200);
    for (let n = 0; n < 200; n++) {
      events.publish({ topic: "verdict", data: { n } });
      if (n % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect((await reading).length).toBe(200);
    const left = await slow.text();
    expect(left.split("data: ").length - 1).toBeLessThan(20);
  });

  it("is refused beyond so many of one name, until one of them has ended", async () => {
    const { ask, events } = await streams({ perNameMax: 2 });
    const [first, second, third] = [await ask("vera"), await ask("vera"), await ask("vera")];
    expect([first.status, second.status, third.status, third.headers.get("retry-after")]).toEqual([200, 200, 503, "5"]);
    expect((await ask("ada")).status).toBe(200);
    await first.body?.cancel();
    expect((await ask("vera")).status).toBe(200);
    expect(events.hub.listeners).toBe(3);
  });

  it("says now and then that it lives", async () => {
    const { ask } = await streams({ heartbeatMs: 5 });
    const response = await ask("vera");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const texts: string[] = [];
    while (texts.length < 4) texts.push(new TextDecoder().decode((await reader.read()).value));
    expect(texts[0]).toBe("retry: 2000\n\n");
    expect(texts[1]).toMatch(/^:/);
    await reader.cancel();
  });
});
