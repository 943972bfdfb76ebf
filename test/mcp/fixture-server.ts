/**
 * The server that the conformance package wants to find: its tools, resources and prompts by name, made with the official SDK.
 * Served over Streamable HTTP on this machine, one transport for each client.
 */
import { serve } from "@hono/node-server";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  type EventStore,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CompleteRequestSchema,
  type ContentBlock,
  ElicitResultSchema,
  ListToolsRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  type Tool,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";

/** One red pixel (PNG), and an empty sound (WAV). */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

const text = (value: string): { content: ContentBlock[] } => ({ content: [{ type: "text", text: value }] });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A tool whose schema has the keywords of JSON Schema 2020-12 (SEP-1613), as it must come through. */
const schemaTool: Tool = {
  name: "json_schema_2020_12_tool",
  description: "Tool with JSON Schema 2020-12 features",
  inputSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } } },
    properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
    additionalProperties: false,
  } as Tool["inputSchema"],
};

/** One server, for one client. */
export function createFixture(): McpServer {
  const server = new McpServer(
    { name: "conformance-fixture", version: "1.0.0" },
    { capabilities: { logging: {}, completions: {}, resources: { subscribe: true, listChanged: true }, tools: {}, prompts: {} } },
  );
  addContentTools(server);
  addTalkingTools(server);
  addElicitingTools(server);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler(SetLevelRequestSchema, async () => ({}));
  server.server.setRequestHandler(SubscribeRequestSchema, async () => ({}));
  server.server.setRequestHandler(UnsubscribeRequestSchema, async () => ({}));
  server.server.setRequestHandler(CompleteRequestSchema, async () => ({
    completion: { values: ["test"], total: 1, hasMore: false },
  }));
  server.registerTool(schemaTool.name, { description: schemaTool.description ?? "", inputSchema: {} }, async () => text("ok"));
  listSchemaToolAsWritten(server);
  return server;
}

/** The SDK writes schemas anew from zod; this one tool is listed as it stands above. */
function listSchemaToolAsWritten(server: McpServer): void {
  const handlers = (
    server.server as unknown as {
      _requestHandlers: Map<string, (request: unknown, extra: unknown) => Promise<{ tools: Tool[] }>>;
    }
  )._requestHandlers;
  const list = handlers.get("tools/list");
  server.server.setRequestHandler(ListToolsRequestSchema, async (request, extra) => {
    const listed = (await list?.(request, extra)) ?? { tools: [] };
    return { ...listed, tools: listed.tools.map((tool) => (tool.name === schemaTool.name ? schemaTool : tool)) };
  });
}

function addContentTools(server: McpServer): void {
  const image: ContentBlock = { type: "image", data: png, mimeType: "image/png" };
  const embedded = (uri: string, mimeType: string, value: string): ContentBlock => ({
    type: "resource",
    resource: { uri, mimeType, text: value },
  });
  const add = (name: string, description: string, content: ContentBlock[]): void => {
    server.registerTool(name, { description }, async () => ({ content }));
  };
  add("test_simple_text", "Returns text", [{ type: "text", text: "This is a simple text response for testing." }]);
  add("test_image_content", "Returns an image", [image]);
  add("test_audio_content", "Returns a sound", [{ type: "audio", data: wav, mimeType: "audio/wav" }]);
  add("test_embedded_resource", "Returns a resource", [
    embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),
  ]);
  add("test_multiple_content_types", "Returns several kinds", [
    { type: "text", text: "Multiple content types test:" },
    image,
    embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ]);
  server.registerTool("test_error_handling", { description: "Always fails" }, async () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
}

function addTalkingTools(server: McpServer): void {
  server.registerTool("test_tool_with_logging", { description: "Logs while it runs" }, async (extra) => {
    for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await extra.sendNotification({ method: "notifications/message", params: { level: "info", logger: "fixture", data } });
      await pause(50);
    }
    return text("Tool with logging executed successfully");
  });
  server.registerTool("test_tool_with_progress", { description: "Reports progress" }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await extra.sendNotification({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return text("done");
  });
  server.registerTool("test_reconnection", { description: "Closes its stream while it runs" }, async (extra) => {
    extra.closeSSEStream?.();
    await pause(100);
    return text("Reconnection test completed successfully");
  });
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: { prompt: z.string() } },
    async ({ prompt }) => {
      const answer = await server.server.createMessage({
        messages: [{ role: "user", content: { type: "text", text: prompt } }],
        maxTokens: 100,
      });
      const said = answer.content.type === "text" ? answer.content.text : "";
      return text(`LLM response: ${said}`);
    },
  );
}

function addElicitingTools(server: McpServer): void {
  const string = (description: string): { type: "string"; description: string } => ({ type: "string", description });
  const elicit = async (message: string, requestedSchema: object): Promise<{ content: ContentBlock[] }> => {
    const answer = await server.server.request(
      { method: "elicitation/create", params: { message, requestedSchema } } as never,
      ElicitResultSchema,
    );
    return text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`);
  };
  server.registerTool("test_elicitation", { description: "Asks the user", inputSchema: { message: z.string() } }, ({ message }) =>
    elicit(message, {
      type: "object",
      properties: { username: string("User's response"), email: string("User's email address") },
      required: ["username", "email"],
    }),
  );
  server.registerTool("test_elicitation_sep1034_defaults", { description: "Asks with defaults" }, () =>
    elicit("Please review and update the form fields with defaults", {
      type: "object",
      properties: {
        name: { ...string("User name"), default: "John Doe" },
        age: { type: "integer", description: "User age", default: 30 },
        score: { type: "number", description: "User score", default: 95.5 },
        status: { ...string("User status"), enum: ["active", "inactive", "pending"], default: "active" },
        verified: { type: "boolean", description: "Verification status", default: true },
      },
      required: [],
    }),
  );
  const titled = ["value1", "value2", "value3"].map((value, at) => ({ const: value, title: ["First", "Second", "Third"][at] }));
  server.registerTool("test_elicitation_sep1330_enums", { description: "Asks with choices" }, () =>
    elicit("Please select options from the enum fields", {
      type: "object",
      properties: {
        untitledSingle: { ...string("one"), enum: ["option1", "option2", "option3"] },
        titledSingle: { ...string("one"), oneOf: titled },
        legacyEnum: { ...string("one"), enum: ["opt1", "opt2", "opt3"], enumNames: ["Option One", "Option Two", "Option Three"] },
        untitledMulti: {
          type: "array",
          minItems: 1,
          maxItems: 3,
          items: { type: "string", enum: ["option1", "option2", "option3"] },
        },
        titledMulti: { type: "array", minItems: 1, maxItems: 3, items: { anyOf: titled } },
      },
      required: [],
    }),
  );
}

function addResources(server: McpServer): void {
  const add = (
    name: string,
    uri: string,
    content: { readonly mimeType: string; readonly text: string } | { readonly mimeType: string; readonly blob: string },
  ): void => {
    server.registerResource(name, uri, { description: name, mimeType: content.mimeType }, async () => ({
      contents: [{ uri, ...content }],
    }));
  };
  add("Static Text Resource", "test://static-text", {
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  });
  add("Static Binary Resource", "test://static-binary", { mimeType: "image/png", blob: png });
  add("Watched Resource", "test://watched-resource", { mimeType: "text/plain", text: "Watched resource content" });
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "A resource template with parameter substitution", mimeType: "application/json" },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
}

function addPrompts(server: McpServer): void {
  const says = (value: string) => ({ role: "user" as const, content: { type: "text" as const, text: value } });
  server.registerPrompt("test_simple_prompt", { description: "A simple prompt" }, () => ({
    messages: [says("This is a simple prompt for testing.")],
  }));
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "A prompt with arguments", argsSchema: { arg1: z.string(), arg2: z.string() } },
    ({ arg1, arg2 }) => ({ messages: [says(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A prompt with a resource", argsSchema: { resourceUri: z.string() } },
    ({ resourceUri }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
          },
        },
        says("Please process the embedded resource above."),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "A prompt with an image" }, () => ({
    messages: [
      { role: "user", content: { type: "image", data: png, mimeType: "image/png" } },
      says("Please analyze the image above."),
    ],
  }));
}

/** Events of all streams, in memory. */
function eventStore(): EventStore {
  const events: { readonly id: string; readonly stream: string; readonly message: Parameters<EventStore["storeEvent"]>[1] }[] =
    [];
  return {
    storeEvent: async (stream, message) => {
      const id = `${stream}_${events.length}`;
      events.push({ id, stream, message });
      return id;
    },
    replayEventsAfter: async (last, { send }) => {
      const at = events.findIndex(({ id }) => id === last);
      const stream = events[at]?.stream ?? "";
      for (const event of events.slice(at + 1))
        if (event.stream === stream && Object.keys(event.message).length > 0) await send(event.id, event.message);
      return stream;
    },
  };
}

/** A fetch handler that serves fixtures: one for each client. `authority`: the `Host` values that are allowed. */
export function fixtureHandler(create: () => McpServer = createFixture): (request: Request) => Promise<Response> {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return async (request) => {
    const known = transports.get(request.headers.get("mcp-session-id") ?? "");
    if (known !== undefined) return known.handleRequest(request);
    const host = request.headers.get("host") ?? "";
    const isLocal = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host);
    if (!isLocal) return new Response(null, { status: 403 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
      eventStore: eventStore(),
      retryInterval: 1_000,
    });
    await create().connect(transport);
    return transport.handleRequest(request);
  };
}

/** A server that listens, and how to end it. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of this machine, at `/mcp`. */
export function listenOn(fetch: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  return new Promise((resolve) => {
    const server = serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}/mcp`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      }),
    );
  });
}
