/**
 * Streams: text goes on as it comes, calls wait until they are decided, and bytes may be cut anywhere (ANCHORS C7).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../../src/json/read.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { answers, type Desk, iban, makeDesk, type ScriptTurn, stream } from "./desk.ts";

// biome-ignore lint/suspicious/noExplicitAny: events as providers have them
type Any = any;

const apis = ["/v1/chat/completions", "/v1/responses", "/v1/messages"] as const;
type Api = (typeof apis)[number];

const names = ["inbox", "account", "transfer", "note"];

function bodyOf(api: Api, more: object = {}): JsonObject {
  const user = [{ role: "user", content: "Pay." }];
  const body = {
    "/v1/chat/completions": {
      messages: user,
      tools: names.map((name) => ({ type: "function", function: { name } })),
      stream_options: { include_usage: true },
    },
    "/v1/responses": { input: user, tools: names.map((name) => ({ type: "function", name })) },
    "/v1/messages": { messages: user, max_tokens: 9, tools: names.map((name) => ({ name })) },
  }[api];
  return { model: "m", stream: true, ...body, ...more };
}

async function ask(desk: Desk, api: Api, { token, signal }: { token?: string; signal?: AbortSignal } = {}): Promise<Response> {
  return desk.fetch(`http://sluice.test${api}`, {
    method: "POST",
    headers: { "content-type": "application/json", "sluice-session": token ?? (await desk.open()) },
    body: JSON.stringify(bodyOf(api)),
    ...(signal === undefined ? {} : { signal }),
  });
}

interface Event {
  readonly type: string;
  readonly data: Any;
}

function eventsIn(text: string): readonly Event[] {
  return text
    .split("\n\n")
    .filter((one) => one !== "" && !one.includes("[DONE]"))
    .map((one) => {
      const data = one.slice(one.indexOf("data: ") + 6);
      const read = readJson(data);
      if (!read.ok) throw new Error(`no JSON: ${data}`);
      return { type: String((read.value as Any).type ?? ""), data: read.value };
    });
}

/** The text and the calls that a client makes of a stream. */
function readStream(api: Api, text: string): { text: string; calls: readonly { name: string; args: Json }[]; end: unknown } {
  const events = eventsIn(text).map(({ data }) => data);
  const json = (args: string): Json => {
    const read = readJson(args);
    return read.ok ? read.value : args;
  };
  if (api === "/v1/chat/completions") {
    const choices = events.flatMap((event) => event.choices ?? []);
    return {
      text: choices.map(({ delta }) => delta.content ?? "").join(""),
      calls: choices.flatMap(({ delta }) =>
        (delta.tool_calls ?? []).map((call: Any) => ({ name: call.function.name, args: json(call.function.arguments) })),
      ),
      end: choices.at(-1)?.finish_reason,
    };
  }
  if (api === "/v1/messages") {
    const starts = events.filter(({ type, content_block: block }) => type === "content_block_start" && block.type === "tool_use");
    return {
      text: events.map(({ delta }) => delta?.text ?? "").join(""),
      calls: starts.map(({ index, content_block: { name } }) => ({
        name,
        args: json(
          events
            .filter((event) => event.type === "content_block_delta" && event.index === index)
            .map(({ delta }) => delta.partial_json)
            .join(""),
        ),
      })),
      end: events.find(({ type }) => type === "message_delta")?.delta.stop_reason,
    };
  }
  const done = events.filter(({ type, item }) => type === "response.output_item.done" && item.type === "function_call");
  return {
    text: events
      .filter(({ type }) => type === "response.output_text.delta")
      .map(({ delta }) => delta)
      .join(""),
    calls: done.map(({ item }) => ({ name: item.name, args: json(item.arguments) })),
    end: events.at(-1)?.type,
  };
}

/** A stream of a provider as a text, to be cut or changed. */
async function scripted(api: Api, turn: ScriptTurn): Promise<string> {
  const { answer } = await import("./desk.ts");
  return answer({ path: api, body: { stream: true } }, turn).text();
}

describe.each(apis)("a stream of %s", (api) => {
  it("says the same wherever its bytes are cut, inside characters and arguments too", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
        async (said, note, sizes) => {
          // A text of an agent's own may have neither controls nor links, nor letters that no reader is shown (U+3164).
          const words = note.replace(/[^\p{L}\p{N}\p{Emoji_Presentation} ]|\p{Default_Ignorable_Code_Point}/gu, "");
          const turn = {
            text: said,
            calls: [
              { name: "note", args: JSON.stringify({ text: words }) },
              { name: "account", args: " " },
            ],
          };
          const desk = makeDesk([turn]);
          let at = 0;
          desk.pieces = () => sizes[at++ % sizes.length] as number;
          const seen = readStream(api, await (await ask(desk, api)).text());
          expect(seen.text).toBe(said);
          expect(seen.calls).toEqual([
            { name: "note", args: { text: words } },
            { name: "account", args: { name: "ACME" } },
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("lets text through as it comes, and no call before all of its turn are whole", async () => {
    const whole = await scripted(api, { text: "thinking aloud", calls: [{ name: "account", args: '{"name":"ACME"}' }] });
    let send: (text: string) => void = () => {};
    let end: () => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
      },
    });
    const desk = makeDesk([new Response(body, { headers: { "content-type": "text/event-stream" } })]);
    const reader = ((await ask(desk, api)).body as ReadableStream<Uint8Array>).getReader();
    let got = "";
    const decoder = new TextDecoder();
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) {
        const { value, done: isOver } = await reader.read();
        if (isOver) return;
        got += decoder.decode(value, { stream: true });
      }
    };
    // Everything but the last event: the arguments are there, the end of the turn is not.
    const events = whole.split(/(?<=\n\n)/);
    const cut = events.findIndex((event) => /finish_reason":"|message_delta|response\.completed/.test(event));
    send(events.slice(0, cut).join(""));
    await until(() => readStream(api, got).text === "thinking aloud");
    expect(got).not.toContain("account");
    send(events.slice(cut).join(""));
    end();
    await until(() => false);
    expect(readStream(api, got).calls).toEqual([{ name: "account", args: { name: "ACME" } }]);
  });

  it("that breaks off inside a call ends with an error and no call, and leaves nothing in flight", async () => {
    const whole = await scripted(api, { text: "I pay", calls: [{ name: "account", args: '{"name":"ACME"}' }] });
    const desk = makeDesk([stream(whole.slice(0, whole.indexOf("account") + 60))]);
    const token = await desk.open();
    const text = await (await ask(desk, api, { token })).text();
    expect(readStream(api, text).calls).toEqual([]);
    expect(text).toMatch(/MODEL_RESPONSE/);
    const session = await desk.store.load(token.slice(0, token.indexOf(".")), 0);
    expect(session.ok && session.value.entries.map(({ event }) => event.type)).toEqual(["open"]);
  });

  it("threat 1: with a key said twice in an event ends with an error", async () => {
    const whole = await scripted(api, { text: "hello" });
    const desk = makeDesk([stream(whole.replace('{"', '{"model":"other","model":"m","'))]);
    const text = await (await ask(desk, api)).text();
    expect(text).toMatch(/MODEL_RESPONSE/);
  });

  it("that goes over several rounds is one answer with the usage of all", async () => {
    const desk = makeDesk([
      { text: "first ", calls: [{ name: "wipe_disk", args: "{}" }] },
      { text: "second", calls: [{ name: "account", args: "{}" }] },
    ]);
    const text = await (await ask(desk, api)).text();
    const seen = readStream(api, text);
    expect(seen.text).toBe("first second");
    expect(seen.calls).toEqual([{ name: "account", args: { name: "ACME" } }]);
    const events = eventsIn(text).map(({ data }) => data);
    const ids = new Set(events.flatMap((event) => event.response?.id ?? event.message?.id ?? event.id ?? []));
    expect(ids.size).toBe(1);
    const usage = events.flatMap((event) => event.usage ?? event.response?.usage ?? []).at(-1);
    expect(usage.completion_tokens ?? usage.output_tokens).toBe(10);
    const places = events.filter(({ type }) => type === "content_block_start" || type === "response.output_item.added");
    expect(places.map((event) => event.index ?? event.output_index)).toEqual(places.map((_, at) => at));
    const numbers = events.flatMap((event) => event.sequence_number ?? []);
    expect(numbers).toEqual(numbers.map((_, at) => at));
  });

  it("whose client leaves before its calls are decided leaves nothing in flight", async () => {
    const desk = makeDesk([{ text: "a long story", calls: [{ name: "account", args: "{}" }] }]);
    const token = await desk.open();
    const reader = ((await ask(desk, api, { token })).body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    const session = await desk.store.load(token.slice(0, token.indexOf(".")), 0);
    expect(session.ok && session.value.entries.map(({ event }) => event.type)).toEqual(["open"]);
  });

  it("whose client leaves with its calls leaves a run that expires", async () => {
    const desk = makeDesk([
      { calls: [{ name: "account", args: "{}" }] },
      { calls: [{ name: "account", args: "{}" }] },
      { text: "no" },
    ]);
    const token = await desk.open();
    expect(readStream(api, await (await ask(desk, api, { token })).text()).calls).toHaveLength(1);
    // A run once allowed is spent, whether or not its result ever comes.
    desk.time += 301_000;
    expect(readStream(api, await (await ask(desk, api, { token })).text()).text).toBe("no");
  });

  it("with an error of the provider passes it on, and no call", async () => {
    const whole = await scripted(api, { text: "hello", calls: [{ name: "account", args: "{}" }] });
    const events = whole.split(/(?<=\n\n)/);
    const cut = events.findIndex((event) => /finish_reason":"|message_delta|response\.completed/.test(event));
    const error =
      api === "/v1/chat/completions"
        ? 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'
        : api === "/v1/messages"
          ? 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}\n\n'
          : 'event: error\ndata: {"type":"error","code":"server_error","message":"overloaded","param":null,"sequence_number":9}\n\n';
    const desk = makeDesk([stream(events.slice(0, cut).join("") + error)]);
    const text = await (await ask(desk, api)).text();
    expect(text).toContain("overloaded");
    expect(text).not.toContain("MODEL_RESPONSE");
    expect(readStream(api, text).calls).toEqual([]);
  });

  it("with events of an unknown type passes none of them on", async () => {
    const whole = await scripted(api, { text: "hello" });
    const strange =
      'event: response.shell_call.in_progress\ndata: {"type":"response.shell_call.in_progress","choices":[],"command":"rm -rf /"}\n\n';
    const events = whole.split(/(?<=\n\n)/);
    const desk = makeDesk([stream([events[0], strange, ...events.slice(1)].join(""))]);
    const text = await (await ask(desk, api)).text();
    expect(readStream(api, text).text).toBe("hello");
    expect(text).not.toContain("rm -rf");
  });
});

const hosted: { readonly [name: string]: readonly [Api, string] } = {
  "a call that the provider has run": [
    "/v1/messages",
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}}\n\n',
  ],
  "a call of the older form": [
    "/v1/chat/completions",
    'data: {"id":"x","choices":[{"index":0,"delta":{"function_call":{"name":"transfer","arguments":"{}"}},"finish_reason":null}]}\n\n',
  ],
  "a second answer": [
    "/v1/chat/completions",
    'data: {"id":"x","choices":[{"index":1,"delta":{"content":"hi"},"finish_reason":null}]}\n\n',
  ],
  "a custom call": [
    "/v1/chat/completions",
    'data: {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"custom","custom":{"name":"transfer","input":""}}]},"finish_reason":null}]}\n\n',
  ],
  "an item that the provider runs": [
    "/v1/responses",
    'event: response.output_item.added\ndata: {"type":"response.output_item.added","output_index":0,"item":{"type":"mcp_call","name":"transfer"},"sequence_number":2}\n\n',
  ],
  "arguments where there is no call": [
    "/v1/messages",
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}\n\n',
  ],
  "bytes that are no UTF-8": ["/v1/messages", "event: ping\ndata: \ud800\n\n"],
};

describe("a stream with", () => {
  it.each(Object.entries(hosted))("%s ends with an error", async (name, [api, event]) => {
    const bytes = name.startsWith("bytes")
      ? new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])
      : new TextEncoder().encode(event);
    const desk = makeDesk([new Response(bytes, { headers: { "content-type": "text/event-stream" } })]);
    const text = await (await ask(desk, api)).text();
    expect(text).toContain("MODEL_RESPONSE");
    expect(text).not.toMatch(/web_search|transfer|mcp_call/);
  });

  it("pieces of several calls in turn keeps each together", async () => {
    const chunk = (delta: object, finish_reason: string | null = null): string =>
      `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\r\n\r\n`;
    const piece = (index: number, part: object): string => chunk({ tool_calls: [{ index, ...part }] });
    const desk = makeDesk([
      stream(
        piece(1, { id: "b", type: "function", function: { name: "note", arguments: '{"te' } }) +
          piece(0, { id: "a", type: "function", function: { name: "account", arguments: "" } }) +
          piece(1, { function: { arguments: 'xt":"hi"}' } }) +
          piece(0, { function: { arguments: "{}" } }) +
          chunk({}, "tool_calls") +
          "data: [DONE]\r\n\r\n",
        () => 5,
      ),
    ]);
    const { calls } = readStream("/v1/chat/completions", await (await ask(desk, "/v1/chat/completions")).text());
    expect(calls).toEqual([
      { name: "note", args: { text: "hi" } },
      { name: "account", args: { name: "ACME" } },
    ]);
  });

  it("threat 10: calls made at once has each checked as if the others had returned", async () => {
    const desk = makeDesk([
      {
        calls: [
          { name: "note", args: '{"text":"before the mail"}' },
          { name: "inbox", args: "{}" },
        ],
      },
    ]);
    const { calls } = readStream("/v1/messages", await (await ask(desk, "/v1/messages")).text());
    expect(calls.map(({ name }) => name)).toEqual(["inbox"]);
  });

  it("threat 9: a call gives the client the arguments that were checked, whatever text the model wrote", async () => {
    const desk = makeDesk([{ calls: [{ name: "note", args: ' {"text" : "caf\\u00e9"} ' }] }]);
    const text = await (await ask(desk, "/v1/chat/completions")).text();
    expect(text).toContain(JSON.stringify('{"text":"café"}').slice(1, -1));
    expect(answers.account).toContain(iban);
  });
});
