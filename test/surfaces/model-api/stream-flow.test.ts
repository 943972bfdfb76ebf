/**
 * How streams flow: no text waits for what comes after it, calls wait for their turn, and nobody reads more of a model than its client takes.
 */
import { afterEach, describe, expect, it } from "vitest";
import { createGate } from "../../../src/cli/server/gate.ts";
import { listen, type Server } from "../../../src/cli/server/runtime.ts";
import { readJson } from "../../../src/json/read.ts";
import { answer, type Desk, makeDesk } from "./desk.ts";

// biome-ignore lint/suspicious/noExplicitAny: events as providers have them
type Any = any;

const apis = ["/v1/chat/completions", "/v1/responses", "/v1/messages"] as const;
type Api = (typeof apis)[number];

const bodies: { readonly [api in Api]: object } = {
  "/v1/chat/completions": {
    messages: [{ role: "user", content: "Pay." }],
    tools: [{ type: "function", function: { name: "account" } }],
  },
  "/v1/responses": { input: "Pay.", tools: [{ type: "function", name: "account" }] },
  "/v1/messages": { messages: [{ role: "user", content: "Pay." }], max_tokens: 9, tools: [{ name: "account" }] },
};

/** The text that stands in whole events. */
function textIn(api: Api, events: string): string {
  return events
    .split("\n\n")
    .slice(0, -1)
    .map((event) => {
      const read = readJson(event.slice(event.indexOf("data: ") + 6));
      const data: Any = read.ok ? read.value : {};
      if (api === "/v1/chat/completions") return data.choices?.[0]?.delta.content ?? "";
      if (api === "/v1/messages") return data.delta?.text ?? "";
      return data.type === "response.output_text.delta" ? data.delta : "";
    })
    .join("");
}

async function eventsOf(api: Api, text: string): Promise<readonly string[]> {
  const turn = { text, calls: [{ name: "account", args: '{"name":"ACME"}' }] };
  return (await answer({ path: api, body: { stream: true } }, turn).text()).split(/(?<=\n\n)/);
}

const isEnd = (event: string): boolean => /finish_reason":"|message_delta|response\.completed/.test(event);

/** Gives whatever else can run a turn. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
}

function scripted(body: ReadableStream<Uint8Array>): Desk {
  return makeDesk([() => new Response(body, { headers: { "content-type": "text/event-stream" } })]);
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

type Way = (desk: Desk, api: Api) => Promise<ReadableStreamDefaultReader<Uint8Array>>;

function requestOf(api: Api, token: string): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", "sluice-session": token },
    body: JSON.stringify({ model: "m", stream: true, ...bodies[api] }),
  };
}

const inProcess: Way = async (desk, api) => {
  const response = await desk.fetch(`http://sluice.test${api}`, requestOf(api, await desk.open()));
  return (response.body as ReadableStream<Uint8Array>).getReader();
};

/** As `sluice model-proxy` serves: behind its door, on a port. */
const overSocket: Way = async (desk, api) => {
  const gate = createGate({ clock: () => desk.time });
  const fetch = (request: Request, address?: string): Promise<Response> =>
    gate.serve(request, async (each) => desk.fetch(each as unknown as string), address);
  const server = await listen({ fetch, hostname: "127.0.0.1", port: 0 });
  servers.push(server);
  const response = await globalThis.fetch(`http://127.0.0.1:${server.port}${api}`, requestOf(api, await desk.open()));
  return (response.body as ReadableStream<Uint8Array>).getReader();
};

const ways = { "in process": inProcess, "over a socket": overSocket };

describe.each(Object.entries(ways))("%s, a stream", (_, open) => {
  it.each(apis)(
    "of %s gives each piece of text before the model says the next, and no part of a call before its turn has ended",
    async (api) => {
      const events = await eventsOf(api, "one piece after the other, none held");
      let got = "";
      let hasGot = (): void => {};
      let sent = "";
      let beforeEnd: string | undefined;
      const body = new ReadableStream<Uint8Array>({
        // A model that goes on only when its client has all that it has said.
        pull: async (controller) => {
          while (textIn(api, got) !== textIn(api, sent))
            await new Promise<void>((resolve) => {
              hasGot = resolve;
            });
          const event = events[sent === "" ? 0 : sent.split("\n\n").length - 1];
          if (event === undefined) return controller.close();
          if (isEnd(event) && beforeEnd === undefined) {
            await turns(5);
            beforeEnd = got;
          }
          sent += event;
          controller.enqueue(new TextEncoder().encode(event));
        },
      });
      const reader = await open(scripted(body), api);
      const decoder = new TextDecoder();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        got += decoder.decode(read.value, { stream: true });
        hasGot();
      }
      expect(textIn(api, got)).toBe("one piece after the other, none held");
      expect(beforeEnd).toBeDefined();
      expect(beforeEnd).not.toContain("account");
      expect(got).toContain("account");
    },
    10_000,
  );
});

/** A model that has no end of text, in pieces of so many events, and says how many pieces were taken. */
async function endless(api: Api, times: number): Promise<{ body: ReadableStream<Uint8Array>; taken: () => number }> {
  const events = await eventsOf(api, "word");
  const first = events.findIndex((event) => textIn(api, event) !== "");
  const [before, piece] = [events.slice(0, first).join(""), (events[first] ?? "").repeat(times)];
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode(taken === 0 ? before : piece));
        taken += 1;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => taken };
}

describe("a client that is slow", () => {
  it.each(apis)("of a stream of %s makes the model wait: nothing is taken ahead of it", async (api) => {
    const { body, taken } = await endless(api, 1);
    const reader = await inProcess(scripted(body), api);
    for (let i = 0; i < 3; i++) await reader.read();
    await turns(20);
    const before = taken();
    await turns(20);
    expect(taken()).toBe(before);
    await reader.read();
    await turns(20);
    expect(taken()).toBe(before + 1);
    await reader.cancel();
  });

  it.each(apis)(
    "over a socket makes the model of %s wait when the buffers of the system are full",
    async (api) => {
      const { body, taken } = await endless(api, 5_000);
      const reader = await overSocket(scripted(body), api);
      await reader.read();
      // Until it stands still, or has taken more than any buffer holds.
      for (let before = -1; taken() !== before && taken() < 100; ) {
        before = taken();
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      expect(taken()).toBeLessThan(100);
      await reader.cancel();
    },
    20_000,
  );
});
