/**
 * The event stream of the dashboard (server-sent events, WHATWG HTML §9.2): one line of JSON for each thing that happened.
 * Never holds up who tells, never outlives the session of who listens, and never carries a value.
 */
import type { Context } from "hono";
import { canonicalJson } from "../../json/canonical.ts";
import { includes } from "../../access/identity.ts";
import type { DashboardWorld, Download } from "../dashboard.ts";
import type { LiveTopic } from "./event.ts";
import type { DashboardEvents } from "../events.ts";
import type { NumberedEvent } from "./hub.ts";
import { createWatch } from "./watch.ts";

const ofWorlds = new WeakMap<DashboardWorld, Streaming>();

/** `GET /events?topics=verdict,session`: the stream, from `Last-Event-ID` on where that is still known. */
export const eventStream: Download = {
  path: "/events",
  role: "viewer",
  run: async (world, c) => {
    const streaming = ofWorlds.get(world) ?? createStreaming(world);
    ofWorlds.set(world, streaming);
    return streaming(c);
  },
};

/** How a stream behaves; the times are in milliseconds. */
interface StreamOptions {
  /** Streams of this process, and of one name. */
  readonly streamsMax?: number;
  readonly perNameMax?: number;
  /** Between two lines that only say that the stream lives. */
  readonly heartbeatMs?: number;
  /** Between two looks at the store and the log, and at whether the process ends. */
  readonly lookMs?: number;
  /** Between two times that the credential is asked again. */
  readonly identifyMs?: number;
  /** Events that wait for a slow reader before it is dropped. */
  readonly waitingMax?: number;
}

const defaults: Required<StreamOptions> = {
  streamsMax: 100,
  perNameMax: 12,
  heartbeatMs: 15_000,
  lookMs: 1_000,
  identifyMs: 3_000,
  waitingMax: 256,
};

/** The topics that there are. */
const liveTopics: readonly LiveTopic[] = ["verdict", "session", "approval", "amendment", "plan", "audit", "signal"];

/** Answers with a stream, as long as who asked may look. */
type Streaming = (c: Context) => Promise<Response>;

/** What streams are made of. */
type StreamWorld = Pick<DashboardWorld, "enforcer" | "access" | "store" | "audit" | "events">;

/** Makes the streams of a world: the limits are over all of them, and the store is looked at once for all. */
export function createStreaming(world: StreamWorld, options: StreamOptions = {}): Streaming {
  const { streamsMax, perNameMax, ...times } = { ...defaults, ...options };
  const names = new Map<string, number>();
  const looking = createLooking(world, times.lookMs);
  let open = 0;
  return async (c) => {
    const found = await world.access.identify(c);
    if (!found.ok) return refused(401);
    const { name, role } = found.value;
    if (open >= streamsMax || (names.get(name) ?? 0) >= perNameMax) return refused(503);
    if (world.enforcer.work.isDraining) return refused(503);
    open += 1;
    names.set(name, (names.get(name) ?? 0) + 1);
    looking.begin();
    let hasEnded = false;
    const onEnd = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      open -= 1;
      const left = (names.get(name) ?? 1) - 1;
      if (left === 0) names.delete(name);
      else names.set(name, left);
      looking.end();
    };
    const mayGoOn = async (): Promise<boolean> => {
      const again = await world.access.identify(c).catch(() => undefined);
      return again?.ok === true && again.value.name === name && includes(again.value.role, role);
    };
    const body = streamOf({
      ...times,
      hub: world.events.hub,
      topics: topicsOf(c.req.query("topics")),
      after: c.req.header("last-event-id"),
      signal: c.req.raw.signal,
      isEnding: () => world.enforcer.work.isDraining,
      mayGoOn,
      onEnd,
    });
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        // Proxies that collect answers before they hand them on would hold up every event.
        "x-accel-buffering": "no",
      },
    });
  };
}

function refused(status: 401 | 503): Response {
  return new Response(null, {
    status,
    headers: { "cache-control": "no-store", ...(status === 503 ? { "retry-after": "5" } : {}) },
  });
}

/** The topics that are asked for; none that we have: all. */
function topicsOf(text: string | undefined): ReadonlySet<LiveTopic> {
  const asked = new Set((text ?? "").split(","));
  const known = liveTopics.filter((topic) => asked.has(topic));
  return new Set(known.length === 0 ? liveTopics : known);
}

interface Looking {
  begin(): void;
  end(): void;
}

/** Looks at store and log as long as anybody listens. */
function createLooking({ store, audit, events }: StreamWorld, lookMs: number): Looking {
  let count = 0;
  let stop: (() => void) | undefined;
  const begin = (): (() => void) => {
    const watch = createWatch({ store, log: audit?.log });
    const forget = events.onSession(watch.touched);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isStopped = false;
    const look = async (): Promise<void> => {
      for (const event of await watch.look()) if (!isStopped) events.publish(event);
      if (!isStopped) timer = setTimeout(() => void look(), lookMs);
    };
    void look();
    return () => {
      isStopped = true;
      clearTimeout(timer);
      forget();
    };
  };
  return {
    begin: () => {
      count += 1;
      stop ??= begin();
    },
    end: () => {
      count -= 1;
      if (count > 0) return;
      stop?.();
      stop = undefined;
    },
  };
}

interface OneStream extends Required<Omit<StreamOptions, "streamsMax" | "perNameMax">> {
  readonly hub: DashboardEvents["hub"];
  readonly topics: ReadonlySet<LiveTopic>;
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly isEnding: () => boolean;
  readonly mayGoOn: () => Promise<boolean>;
  readonly onEnd: () => void;
}

/** One stream. Whoever reads too slowly is let go of: the browser comes back and says where it was. */
function streamOf(one: OneStream): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let onCancel = (): void => undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => {
        const closers: (() => void)[] = [one.onEnd];
        let hasEnded = false;
        const end = (): void => {
          if (hasEnded) return;
          hasEnded = true;
          for (const close of closers) close();
        };
        const stop = (): void => {
          if (hasEnded) return;
          end();
          controller.close();
        };
        const send = (text: string): void => {
          if (hasEnded) return;
          if ((controller.desiredSize ?? 0) <= 0) stop();
          else controller.enqueue(encoder.encode(text));
        };
        const every = (ms: number, job: () => void): void => {
          const timer = setInterval(job, ms);
          closers.push(() => clearInterval(timer));
        };
        onCancel = end;
        every(one.heartbeatMs, () => send(": \n\n"));
        every(one.lookMs, () => one.isEnding() && stop());
        every(one.identifyMs, () => void one.mayGoOn().then((may) => may || stop()));
        one.signal.addEventListener("abort", stop);
        closers.push(() => one.signal.removeEventListener("abort", stop));
        send("retry: 2000\n\n");
        const unsubscribe = one.hub.subscribe(({ topic, ...event }) => {
          if (one.topics.has(topic)) send(lineOf({ topic, ...event }));
        }, one.after);
        // What was missed may have been too much already.
        if (hasEnded) unsubscribe();
        else closers.push(unsubscribe);
        if (one.signal.aborted) stop();
      },
      cancel: () => onCancel(),
    },
    new CountQueuingStrategy({ highWaterMark: one.waitingMax }),
  );
}

/** An event as the stream has it. JSON has no line breaks of its own. */
function lineOf({ topic, id, data }: NumberedEvent): string {
  return `id: ${id}\nevent: ${topic}\ndata: ${canonicalJson(data)}\n\n`;
}
