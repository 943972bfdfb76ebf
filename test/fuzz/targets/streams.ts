import { readJson } from "../../../src/json/read.ts";
import { readEvents, type SseEvent, StreamFault, writeEvents } from "../../../src/surfaces/event-stream.ts";
import { answerHook, hookFormats, readHook } from "../../../src/surfaces/hook/hook.ts";
import { type Frame, frameLine, readFrames } from "../../../src/surfaces/mcp/stdio-frames.ts";
import { httpServer } from "../../../src/surfaces/mcp/upstream-http.ts";
import { modelApi } from "../../../src/surfaces/model-api.ts";
import { makeGround, openToken } from "../../surfaces/threats/shop.ts";
import { bytesOf, joined, must, parts, same, type Target } from "../target.ts";
import { jsonWords } from "../words.ts";
import { callsMax, checkRan, checkTold, shopWords } from "./surfaces.ts";

/** The bytes in pieces, cut where `cuts` says. */
export function cut(bytes: Uint8Array<ArrayBuffer>, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    // A piece when it is asked for: a queue of a million pieces costs more than what reads them.
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function eventsAt(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<readonly SseEvent[] | string> {
  const events: SseEvent[] = [];
  try {
    for await (const event of readEvents(cut(bytes, size))) events.push(event);
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    return error.message;
  }
  return events;
}

async function runSse(input: string): Promise<void> {
  const bytes = bytesOf(input);
  const whole = await eventsAt(bytes, Math.max(1, bytes.length));
  for (const size of [1, 2, 7]) must(same(await eventsAt(bytes, size), whole), `a stream cut into pieces of ${size} is another`);
  if (typeof whole === "string") return;
  const plain = whole.filter(({ data, event }) => !/[\r\n]/.test(data + event)).map(({ event, data }) => ({ event, data }));
  const again = await eventsAt(writeEvents(plain), 4_096);
  // A leading blank of the data is the field's own separator's; our writer puts one before all data.
  must(
    same(typeof again === "string" ? again : again.map(({ event, data }) => ({ event, data })), plain),
    "written events are read as others",
  );
}

async function framesAt(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(cut(bytes, size), 512)) frames.push(frame);
  return frames;
}

async function runFrames(input: string): Promise<void> {
  const bytes = bytesOf(input);
  const whole = await framesAt(bytes, Math.max(1, bytes.length));
  for (const size of [1, 3, 100]) must(same(await framesAt(bytes, size), whole), `lines cut into pieces of ${size} are others`);
  for (const frame of whole)
    if (frame.kind === "message")
      must(frameLine(frame.value).indexOf("\n") === frameLine(frame.value).length - 1, "a message of two lines");
}

/** What a model's stream is passed on as, at any cut. */
async function modelAnswer(path: string, events: string, size: number): Promise<string> {
  const ground = makeGround();
  const token = await openToken(ground);
  const upstream = (async () =>
    new Response(cut(new TextEncoder().encode(events), size), {
      headers: { "content-type": "text/event-stream" },
    })) as unknown as typeof fetch;
  const app = modelApi({ enforcer: ground.firewall, upstream: { url: "https://model.test", fetch: upstream } });
  const tools = ["order", "pick", "note", "send", "feed", "secret"];
  const common = { model: "m", stream: true };
  const bodies: { readonly [path: string]: object } = {
    "/v1/chat/completions": {
      ...common,
      messages: [{ role: "user", content: "go" }],
      tools: tools.map((name) => ({ type: "function", function: { name } })),
    },
    "/v1/responses": { ...common, input: "go", tools: tools.map((name) => ({ type: "function", name })) },
    "/v1/messages": {
      ...common,
      max_tokens: 9,
      messages: [{ role: "user", content: "go" }],
      tools: tools.map((name) => ({ name })),
    },
  };
  const headers = { "content-type": "application/json", "sluice-session": token };
  const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(bodies[path]) });
  const text = await response.text().catch(() => "broken");
  must(response.status !== 500, "a fault of ours");
  checkTold(text, ground);
  for (const [, name, args] of text.matchAll(/"function":\{[^{}]*"name":"(\w+)"[^{}]*"arguments":"((?:[^"\\]|\\.)*)"/g)) {
    const read = readJson(`"${args}"`);
    if (read.ok && typeof read.value === "string" && read.value !== "")
      checkRan({ ...ground, ran: [{ tool: String(name), args: read.value }] });
  }
  return text;
}

function streamTarget(name: string, path: string, seeds: readonly string[]): Target {
  const run = async (input: string): Promise<void> => {
    const [whole, bitwise] = [await modelAnswer(path, input, 1 << 20), await modelAnswer(path, input, 3)];
    // How text is cut into deltas may differ; what it comes to may not.
    must(same(finalOf(whole), finalOf(bitwise)), "a stream cut into pieces is another answer");
  };
  const dictionary = [
    ...jsonWords,
    ...shopWords,
    "data: ",
    "\n\n",
    "event: ",
    "[DONE]",
    '"delta":',
    '"tool_calls":',
    '"finish_reason":"tool_calls"',
    '"index":0',
    '"arguments":',
    "input_json_delta",
    "response.completed",
    "content_block_stop",
    "message_delta",
  ];
  return { name: `stream-${name}`, seeds, dictionary, lengthMax: 4_000, notLinear: "as for calls", run };
}

/** All the texts of a stream's data, one after the other, without what stands between. */
function finalOf(events: string): string {
  return [
    ...events.matchAll(/"(?:content|text|delta|partial_json|arguments|name|finish_reason|stop_reason)":"((?:[^"\\]|\\.)*)"/g),
  ]
    .map(([, text]) => text)
    .join("");
}

const chunk = (delta: string, finish = "null"): string =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`;
const chatStream = `${chunk('{"role":"assistant","content":"Hi"}')}${chunk('{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"order","arguments":"{\\"sym"}}]}')}${chunk('{"tool_calls":[{"index":0,"function":{"arguments":"bol\\":\\"VTI\\"}"}}]}')}${chunk("{}", '"tool_calls"')}data: [DONE]\n\n`;
const event = (type: string, more: string): string => `event: ${type}\ndata: {"type":"${type}"${more}}\n\n`;
const messagesStream = `${event("message_start", ',"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}')}${event("content_block_start", ',"index":0,"content_block":{"type":"tool_use","id":"t1","name":"pick","input":{}}')}${event("content_block_delta", ',"index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"amount\\":7}"}')}${event("content_block_stop", ',"index":0')}${event("message_delta", ',"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}')}${event("message_stop", "")}`;
const item = '{"type":"function_call","id":"f1","call_id":"c1","name":"order","arguments":"{}","status":"completed"}';
const responsesStream = `${event("response.created", ',"response":{"id":"r","object":"response","status":"in_progress","output":[]}')}${event("response.output_item.added", `,"output_index":0,"item":${item.replace('"{}"', '""')}`)}${event("response.function_call_arguments.delta", ',"item_id":"f1","output_index":0,"delta":"{}"')}${event("response.function_call_arguments.done", ',"item_id":"f1","output_index":0,"arguments":"{}"')}${event("response.output_item.done", `,"output_index":0,"item":${item}`)}${event("response.completed", `,"response":{"id":"r","object":"response","status":"completed","output":[${item}]}`)}`;

/** An agent's hook: whatever it writes, what is let go ahead is what the plan allows. */
async function runHook(input: string): Promise<void> {
  const ground = makeGround();
  const token = await openToken(ground);
  for (const text of input.split("\n%%\n").slice(0, callsMax)) {
    for (const format of [undefined, ...Object.keys(hookFormats)]) {
      const read = readHook(text, format === undefined ? {} : { format, session: "s" });
      if (!read) continue;
      const answer = await answerHook({ enforcer: ground.firewall, token }, read);
      must(answer.exit === 0 || answer.exit === 2, `no exit code of a hook: ${answer.exit}`);
      checkTold(`${JSON.stringify(answer.stdout ?? "")}${answer.stderr ?? ""}`, ground);
    }
  }
}

const hookSeeds = [
  joined(
    '{"session_id":"c","transcript_path":"/t","cwd":"/r","hook_event_name":"PreToolUse","tool_name":"mcp__shop__order","tool_input":{"symbol":"VTI"},"tool_use_id":"t1"}',
    '{"session_id":"c","transcript_path":"/t","cwd":"/r","hook_event_name":"PostToolUse","tool_name":"mcp__shop__order","tool_input":{"symbol":"VTI","amount":5},"tool_response":{"ok":true},"tool_use_id":"t1"}',
  ),
  '{"conversation_id":"c","generation_id":"g","hook_event_name":"beforeMCPExecution","tool_name":"order","tool_input":"{\\"symbol\\":\\"VTI\\"}","url":"x","workspace_roots":["/r"]}',
  '{"session_id":"c","hook_event_name":"BeforeTool","tool_name":"shop__order","tool_input":{},"mcp_context":{"server_name":"shop","tool_name":"order"},"timestamp":"2031-01-01T00:00:00Z"}',
  '{"sessionId":"c","timestamp":1,"cwd":"/r","toolName":"shop-order","toolArgs":"{}"}',
  '{"conversation_id":"c","generation_id":"g","hook_event_name":"beforeShellExecution","command":"ls","cwd":"/r"}',
];

/** A server of MCP over HTTP, whatever it answers: connecting and calling ends with a value. */
async function runUpstream(input: string): Promise<void> {
  const [type = "", ...bodies] = parts(input, 4);
  const answers = [...bodies];
  const answer = (async () =>
    new Response(answers.shift() ?? "{}", {
      headers: { "content-type": /[^ -~]/.test(type) ? "text/plain" : type, "mcp-session-id": "s" },
    })) as unknown as typeof fetch;
  const server = httpServer({ name: "shop", url: "http://up.test/mcp", fetch: answer as never, era: "session" });
  const listener = {
    onNotification: () => undefined,
    onRequest: async () => ({ ok: false as const, error: { code: -1, message: "no" } }),
  };
  const connected = await server.connect(listener, { capabilities: {}, signal: AbortSignal.timeout(50) });
  if (!connected.ok) return;
  const listed = await connected.value.request("tools/list", {}, { signal: AbortSignal.timeout(50) } as never);
  must(typeof listed.ok === "boolean", "no answer of a server");
  await connected.value.close();
}

const initialized =
  '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}';

/** The surfaces. */

/** Streams, hooks and upstream servers. */
export const streamTargets: readonly Target[] = [
  {
    name: "sse",
    seeds: [
      "event: a\ndata: 1\ndata: 2\nid: 7\nretry: 5\n\n: comment\r\ndata:x\r\n\r\n",
      "data: \xc3\xa9\n\n",
      "\xef\xbb\xbfdata: a\rdata: b\r\r",
    ],
    dictionary: ["data: ", "data:", "event: ", "id: ", "retry: ", "\n", "\r", "\r\n", "\n\n", ":", "\xef\xbb\xbf", "\0"],
    isBytes: true,
    run: runSse,
  },
  {
    name: "stdio-frames",
    seeds: ['{"jsonrpc":"2.0"}\n\r\n[1]\r\nx\n', `${" ".repeat(600)}\n{}\n`],
    dictionary: [...jsonWords, "\n", "\r\n"],
    isBytes: true,
    lengthMax: 2_000,
    run: runFrames,
  },
  streamTarget("chat", "/v1/chat/completions", [chatStream]),
  streamTarget("messages", "/v1/messages", [messagesStream]),
  streamTarget("responses", "/v1/responses", [responsesStream]),
  {
    name: "hook",
    seeds: hookSeeds,
    dictionary: [
      ...jsonWords,
      ...shopWords,
      '"tool_name":',
      '"tool_input":',
      '"hook_event_name":',
      "PreToolUse",
      "PostToolUse",
      "mcp__shop__",
    ],
    lengthMax: 3_000,
    notLinear: "as for calls",
    run: runHook,
  },
  {
    name: "mcp-upstream",
    seeds: [
      joined("application/json", initialized, "", '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}'),
      joined(
        "text/event-stream",
        `id: 1\ndata: ${initialized}\n\n`,
        "",
        'data: {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"a"}]}}\n\n',
      ),
    ],
    dictionary: [
      ...jsonWords,
      "application/json",
      "text/event-stream",
      "data: ",
      "id: ",
      "retry: 0",
      "\n\n",
      '"jsonrpc":"2.0"',
      '"result":',
      '"error":',
      '"id":1',
    ],
    lengthMax: 3_000,
    notLinear: "as for calls",
    run: runUpstream,
  },
];
