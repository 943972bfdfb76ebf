/**
 * The reference servers `everything` and `filesystem` behind the gateway, with the official clients of both eras in front of it.
 */
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProcess } from "../../src/cli/mcp/process.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { createMcpHandler } from "../../src/surfaces/mcp/http.ts";
import { createSseHandler } from "../../src/surfaces/mcp/sse.ts";
import { stdioServer } from "../../src/surfaces/mcp/upstream-stdio.ts";
import type { UpstreamServer } from "../../src/surfaces/mcp/upstream.ts";
import { freeze, grantAll, openWorld, toolsOf, type World } from "./world.ts";

const require = createRequire(import.meta.url);
const scripts = {
  "server-everything": require.resolve("@modelcontextprotocol/server-everything/package.json"),
  "server-filesystem": require.resolve("@modelcontextprotocol/server-filesystem/package.json"),
} as const;
const scriptOf = (name: keyof typeof scripts): string => join(dirname(scripts[name]), "dist/index.js");

function processServer(name: string, script: string, args: readonly string[] = []): UpstreamServer {
  const start = (): ReturnType<typeof startProcess> =>
    startProcess({
      command: process.execPath,
      args: [script, ...args],
      env: { PATH: process.env.PATH ?? "", SECRET_OF_THE_OPERATOR: "hunter2" },
      onErrorOutput: () => {},
    });
  return stdioServer({ name, start });
}

const info = { name: "test", version: "1" };

/** A client of the SDK before 2.0, connected to a world. */
async function connectOld(world: World): Promise<Client> {
  const handler = createMcpHandler({ gateway: world.gateway, enforcer: world.enforcer });
  const client = new Client(info, { capabilities: { sampling: {}, elicitation: {} } });
  const transport = new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
    fetch: (url, init) => handler.fetch(new Request(url, init)),
    requestInit: { headers: { "sluice-session": world.token } },
  });
  await client.connect(transport as never);
  return client;
}

/** What a call showed. */
interface Shown {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: JsonObject;
}

const textOf = ({ content }: Shown): string => (content ?? []).map(({ text }) => text ?? "").join("\n");

describe("everything", () => {
  const server = processServer("everything", scriptOf("server-everything"));
  let world: World;
  let client: Client;

  beforeAll(async () => {
    world = await openWorld(grantAll(await toolsOf(server)), [server]);
    client = await connectOld(world);
  });
  afterAll(async () => {
    await client.close();
    await world.gateway.close();
  });
  const call = async (name: string, args: JsonObject = {}): Promise<Shown> =>
    (await client.callTool({ name: `everything__${name}`, arguments: args as never })) as Shown;

  test("its tools are listed by qualified names, and its texts, pictures, links and structures arrive as they are", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["everything__echo", "everything__get-sum"]));
    expect(textOf(await call("echo", { message: "hello" }))).toBe("Echo: hello");
    expect(textOf(await call("get-sum", { a: 2, b: 40 }))).toContain("42");
    expect((await call("get-tiny-image")).content?.some(({ type }) => type === "image")).toBe(true);
    expect((await call("get-resource-links", { count: 2 })).content?.filter(({ type }) => type === "resource_link")).toHaveLength(
      2,
    );
    const { structuredContent } = await call("get-structured-content", { location: "New York" });
    expect(structuredContent).toEqual({ temperature: 33, conditions: "Cloudy", humidity: 82 });
  });

  test("progress comes while a call runs, and a cancelled call ends at once", async () => {
    const seen: number[] = [];
    const name = "everything__trigger-long-running-operation";
    await client.callTool({ name, arguments: { duration: 0.3, steps: 3 } }, undefined, {
      onprogress: ({ progress }) => void seen.push(progress),
    });
    expect(seen).toEqual([1, 2, 3]);
    const begun = performance.now();
    const running = client.callTool({ name, arguments: { duration: 60, steps: 60 } }, undefined, {
      signal: AbortSignal.timeout(200),
    });
    await expect(running).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test("resources, templates, prompts and completions that the plan grants", async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.length).toBeGreaterThan(0);
    const { contents } = await client.readResource({ uri: "demo://resource/dynamic/text/1" });
    expect(JSON.stringify(contents)).toContain("Resource 1");
    const { prompts } = await client.listPrompts();
    const simple = prompts.find(({ name }) => name.endsWith("__simple-prompt"));
    expect((await client.getPrompt({ name: simple?.name ?? "" })).messages.length).toBeGreaterThan(0);
  });

  test("the server asks the client's model and user by way of the plan", async () => {
    client.setRequestHandler(CreateMessageRequestSchema, async () => ({
      role: "assistant",
      model: "m",
      content: { type: "text", text: "sampled!" },
    }));
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: "decline" }));
    // These two tools are there only for clients that can answer.
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(textOf(await call("trigger-sampling-request", { prompt: "say", maxTokens: 10 }))).toContain("sampled!");
    expect(textOf(await call("trigger-elicitation-request"))).toContain("declined");
    expect(names).toEqual(
      expect.arrayContaining(["everything__trigger-sampling-request", "everything__trigger-elicitation-request"]),
    );
  });

  test("a client of the stateless revision (2.4.0) lists and calls", async () => {
    const handler = createMcpHandler({ gateway: world.gateway, enforcer: world.enforcer });
    const modern = new ModernClient(info, { versionNegotiation: { mode: { pin: "2026-07-28" } } } as never);
    const asked: (string | null)[] = [];
    await modern.connect(
      new ModernTransport(new URL("http://localhost/mcp"), {
        fetch: (url, init) => {
          const request = new Request(url, init);
          asked.push(request.headers.get("mcp-protocol-version"));
          return handler.fetch(request);
        },
        requestInit: { headers: { "sluice-session": world.token } },
      }),
    );
    const { tools } = await modern.listTools();
    expect(tools.map(({ name }) => name)).toContain("everything__echo");
    expect(textOf((await modern.callTool({ name: "everything__echo", arguments: { message: "2026" } })) as Shown)).toBe(
      "Echo: 2026",
    );
    expect(new Set(asked)).toEqual(new Set(["2026-07-28"]));
    await modern.close();
  });

  test("a client of the transport of 2024 lists and calls", async () => {
    const handler = createSseHandler({ gateway: world.gateway, enforcer: world.enforcer });
    const old = new Client(info);
    const headers = { "sluice-session": world.token };
    const transport = new SSEClientTransport(new URL("http://localhost/sse"), {
      requestInit: { headers },
      fetch: (url, init) =>
        handler.fetch(new Request(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers } })),
    });
    await old.connect(transport as never);
    expect(textOf((await old.callTool({ name: "everything__echo", arguments: { message: "2024" } })) as Shown)).toBe(
      "Echo: 2024",
    );
    await old.close();
    await handler.close();
  });
});

describe("filesystem", () => {
  let folder: string;
  let tools: readonly JsonObject[];
  let server: UpstreamServer;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "sluice-files-")));
    server = processServer("files", scriptOf("server-filesystem"), [folder]);
    tools = await toolsOf(server);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test("a plan for one copy lets that copy through, and nothing else that a hijacked agent tries", async () => {
    await writeFile(join(folder, "in.txt"), "the text");
    await writeFile(join(folder, "secret.txt"), "hunter2");
    const plan = freeze(
      {
        sluice: 1,
        name: "copy",
        labels: { lab: { integrity: "trusted" } },
        nodes: {
          read: { tool: "files/read_text_file", args: { path: join(folder, "in.txt") } },
          write: {
            tool: "files/write_file",
            args: { path: join(folder, "out.txt"), content: { from: "read$.content" } },
          },
        },
      },
      tools,
    );
    const world = await openWorld(plan, [server]);
    const client = await connectOld(world);
    expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual([
      "files__read_text_file",
      "files__write_file",
    ]);
    const call = async (name: string, args: JsonObject): Promise<Shown> =>
      (await client.callTool({ name, arguments: args as never })) as Shown;
    const early = await call("files__write_file", {});
    expect([early.isError, textOf(early)]).toEqual([true, expect.stringContaining("CALL_OUT_OF_ORDER")]);
    const stolen = await call("files__read_text_file", { path: join(folder, "secret.txt") });
    expect([stolen.isError, textOf(stolen).includes("hunter2")]).toEqual([true, false]);
    expect(textOf(await call("files__read_text_file", {}))).toBe("the text");
    const other = await call("files__write_file", { content: "something else" });
    expect(other.isError).toBe(true);
    expect((await call("files__write_file", {})).isError).not.toBe(true);
    expect(await readFile(join(folder, "out.txt"), "utf8")).toBe("the text");
    const removed = await call("files__move_file", { source: join(folder, "secret.txt"), destination: join(folder, "x") });
    expect(removed.isError).toBe(true);
    expect(await readFile(join(folder, "secret.txt"), "utf8")).toBe("hunter2");
    await client.close();
    await world.gateway.close();
  });
});

test("threat 17: two servers with the same tool name do not shadow each other", async () => {
  const folders = await Promise.all(["a", "b"].map(async (name) => realpath(await mkdtemp(join(tmpdir(), `sluice-${name}-`)))));
  const [a, b] = folders as [string, string];
  await writeFile(join(a, "f.txt"), "of a");
  await writeFile(join(b, "f.txt"), "of b");
  const servers = [
    processServer("a", scriptOf("server-filesystem"), [a]),
    processServer("b", scriptOf("server-filesystem"), [b]),
  ];
  const tools = (await Promise.all(servers.map((server) => toolsOf(server)))).flat();
  const world = await openWorld(grantAll(tools, ["a/read_text_file", "b/read_text_file"]), servers);
  const client = await connectOld(world);
  expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual(["a__read_text_file", "b__read_text_file"]);
  const read = async (name: string, path: string): Promise<Shown> =>
    (await client.callTool({ name, arguments: { path } })) as Shown;
  expect(textOf(await read("a__read_text_file", join(a, "f.txt")))).toBe("of a");
  expect(textOf(await read("b__read_text_file", join(b, "f.txt")))).toBe("of b");
  expect((await read("read_text_file", join(a, "f.txt"))).isError).toBe(true);
  await client.close();
  await world.gateway.close();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});
