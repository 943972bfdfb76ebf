/**
 * Calls of tools through the gateway: what is listed, what is forwarded, what comes back.
 */
import { expect, test } from "vitest";
import { member } from "../../../src/json/value.ts";
import {
  catalogueOf,
  codeOf,
  connect,
  fakeServer,
  type FakeServer,
  freeze,
  text,
  textOf,
  tool,
  type World,
  worldOf,
} from "./world.ts";

const string = { type: "string" };
const trusted = { vault: { integrity: "trusted" }, desk: { integrity: "trusted" } };
const desk = { labels: ["desk"], effects: ["read"] };

function shop(): { readonly world: World; readonly server: FakeServer } {
  const server = fakeServer(
    "shop",
    [
      tool(
        "quote",
        { symbol: string },
        { outputSchema: { type: "object", properties: { price: { type: "number" } }, required: ["price"] } },
      ),
      tool("secret"),
      tool("send", { to: string, body: string, key: string }),
      tool("pay", { amount: { type: "number" } }),
      tool("other"),
    ],
    ({ params }) => {
      switch (member(params, "name")) {
        case "quote":
          return { ...text('{"price":5}'), structuredContent: { price: 5 }, isError: false };
        case "secret":
          return text("s3cret-value");
        default:
          return text(`did ${String(member(params, "name"))}`);
      }
    },
  );
  const facts = {
    "shop/quote": { ...desk, roles: { symbol: "selector" } },
    "shop/secret": { labels: ["vault"], effects: ["read"] },
    "shop/send": {
      labels: ["desk"],
      effects: ["message"],
      audience: ["ops"],
      roles: { to: "target", body: "content", key: "content" },
    },
    "shop/pay": { labels: ["desk"], effects: ["money"] },
  };
  const plan = freeze(
    {
      labels: trusted,
      nodes: {
        quote: {
          tool: "quote",
          args: { symbol: { choose: { enum: ["VTI", "BND"] } } },
          times: { min: 0, max: 9 },
          optional: true,
        },
        secret: { tool: "secret", show: "none", times: { min: 0, max: 9 }, optional: true },
        send: {
          tool: "send",
          args: { to: "ops", body: { write: { maxLength: 40, links: "none" } }, key: { from: "secret$" } },
          times: { min: 0, max: 3 },
          optional: true,
        },
        pay: { tool: "pay", args: { amount: 5 }, optional: true, constraints: { approve: "human" } },
      },
    },
    catalogueOf([server], facts),
  );
  return { world: worldOf(plan, [server]), server };
}

test("only the plan's tools are listed, with names that model APIs take and schemas that say what the agent may give", async () => {
  const { world } = shop();
  const client = await connect(world);
  const answer = await client.request("tools/list");
  const tools = member(member(answer, "result"), "tools") as readonly { readonly [name: string]: unknown }[];
  expect(tools.map(({ name }) => name)).toEqual(["shop__pay", "shop__quote", "shop__secret", "shop__send"]);
  const [pay, quote, secret, send] = tools;
  expect(quote).toMatchObject({
    inputSchema: {
      properties: { symbol: { type: "string", enum: ["VTI", "BND"] } },
      required: ["symbol"],
      additionalProperties: false,
    },
    outputSchema: { type: "object" },
  });
  expect(secret?.description).toContain("hidden");
  expect(pay?.description).toContain("A person must approve");
  expect(send).toMatchObject({
    inputSchema: { properties: { key: { type: "string", pattern: expect.stringContaining("sluice:h:") } }, required: ["body"] },
  });
  expect(JSON.stringify(tools)).not.toContain('"sluice"');
});

test("a call is forwarded with the filled arguments, and a result that the agent may see comes back whole", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  const result = await client.call("shop__quote", { symbol: "VTI" });
  expect(result).toMatchObject({ structuredContent: { price: 5 }, content: [{ type: "text", text: '{"price":5}' }] });
  expect(server.got.at(-1)?.params).toEqual({ name: "quote", arguments: { symbol: "VTI" } });
});

test("threat 9: a hidden result reaches the agent as a handle alone, and the handle reaches the server as the value", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  const hidden = await client.call("shop__secret");
  expect(JSON.stringify(hidden)).not.toContain("s3cret");
  const handle = member(member(hidden, "structuredContent"), "sluice_handle");
  expect(handle).toMatch(/^sluice:h:/);
  await client.call("shop__send", { body: "hello", key: handle ?? null });
  expect(server.got.at(-1)?.params).toEqual({
    name: "send",
    arguments: { to: "ops", body: "hello", key: "s3cret-value" },
  });
});

test("threat 19: a denial about hidden data is the same whatever the agent guessed, and repeats none of it", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  await client.call("shop__secret");
  const before = server.got.length;
  const right = await client.call("shop__send", { body: "hello", key: "s3cret-value" });
  const wrong = await client.call("shop__send", { body: "hello", key: "guess" });
  expect(right).toEqual(wrong);
  expect(codeOf(right)).toBe("HIDDEN");
  expect(JSON.stringify(right)).not.toMatch(/s3cret|guess/);
  expect(server.got.length).toBe(before);
});

test("a denial is an error result with a code and remedies; a tool with an output schema has it in its metadata", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  const denied = await client.call("shop__quote", { symbol: "GME" });
  expect(denied).toMatchObject({ isError: true, _meta: { "sluice/denial": { code: "ARG_CONSTRAINT" } } });
  expect(denied).not.toHaveProperty("structuredContent");
  expect(textOf(denied)).toContain("fix-argument");
  const unknown = await client.call("shop__other");
  expect(unknown).toMatchObject({ isError: true, structuredContent: { code: "CALL_NOT_IN_PLAN" } });
  expect(server.got).toEqual([]);
  expect(await world.denials(client.token)).toEqual(["ARG_CONSTRAINT", "CALL_NOT_IN_PLAN"]);
});

test("an error of a tool is recorded as one: nothing can refer to it", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = () => text("it broke", { isError: true });
  const hidden = await client.call("shop__secret");
  expect(JSON.stringify(hidden)).not.toContain("it broke");
  expect(codeOf(await client.call("shop__send", { body: "hello" }))).toBeDefined();
  const shown = await client.call("shop__quote", { symbol: "VTI" });
  expect(shown).toMatchObject({ isError: true, content: [{ text: "it broke" }] });
});

test("an error of JSON-RPC is the client's if it may see the result, and hidden if not", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = () => ({ ok: false, error: { code: -32_602, message: "no such symbol s3cret" } });
  expect(await client.call("shop__quote", { symbol: "VTI" })).toMatchObject({ error: { code: -32_602 } });
  expect(JSON.stringify(await client.call("shop__secret"))).not.toContain("s3cret");
});

test("progress is told under the client's token, and not of a hidden result", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = ({ call }) => {
    call.onProgress?.({ progress: 1, total: 2, message: "half of s3cret", other: "dropped" });
    return text("s3cret");
  };
  await client.call("shop__secret", {}, { progressToken: "p0" });
  expect(client.sent).toEqual([]);
  server.answer = ({ call }) => {
    call.onProgress?.({ progress: 1, total: 2, message: "half", progressToken: 7 });
    return text("x");
  };
  await client.call("shop__quote", { symbol: "VTI" }, { progressToken: "p1" });
  expect(client.sent).toEqual([
    { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: "p1", progress: 1, total: 2, message: "half" } },
  ]);
});

test("a cancelled call is cancelled at the server, is not answered, and counts as an error", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = () => new Promise(() => undefined);
  const answer = client.raw({ jsonrpc: "2.0", id: "c1", method: "tools/call", params: { name: "shop__secret" } });
  await until(() => server.got.length === 1);
  expect(await client.raw({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "c1" } })).toBeUndefined();
  expect(await answer).toBeUndefined();
  expect(server.got[0]?.call.signal.aborted).toBe(true);
});

test("an id that is in use is refused, so that no answer can go to another question", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = () => new Promise(() => undefined);
  void client.raw({ jsonrpc: "2.0", id: 77, method: "tools/call", params: { name: "shop__secret" } });
  await until(() => server.got.length === 1);
  expect(await client.raw({ jsonrpc: "2.0", id: 77, method: "ping" })).toMatchObject({ id: 77, error: { code: -32_600 } });
});

test("a call that needs approval waits for a person, and the approved bytes go out once", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  const held = await client.call("shop__pay");
  expect(codeOf(held)).toBe("CALL_NEEDS_APPROVAL");
  const remedies = member(member(held, "structuredContent"), "remedies") as readonly { readonly approval?: string }[];
  const approval = remedies.find((remedy) => remedy.approval !== undefined)?.approval ?? "";
  expect(server.got).toEqual([]);
  await world.enforcer.approve(approval, { by: "eve", decision: "approve" });
  expect(textOf(await client.call("shop__pay", {}, { "sluice/approval": approval }))).toBe("did pay");
  expect(server.got.at(-1)?.params).toEqual({ name: "pay", arguments: { amount: 5 } });
  expect(codeOf(await client.call("shop__pay", {}, { "sluice/approval": approval }))).toBe("APPROVAL_STALE");
});

test("a server that cannot be reached is a denial, and nothing is spent on it", async () => {
  const { world, server } = shop();
  server.isDown = true;
  const client = await connect(world);
  for (let i = 0; i < 5; i++) expect(codeOf(await client.call("shop__send", { body: "x" }))).toBe("UPSTREAM_FAILED");
  server.isDown = false;
  await client.call("shop__secret");
  for (let i = 0; i < 3; i++) expect(textOf(await client.call("shop__send", { body: "x" }))).toContain("sluice:h:");
});

test("an answer that is none, and one that is too large, are denials", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  server.answer = () => ({ content: "text" });
  expect(codeOf(await client.call("shop__quote", { symbol: "VTI" }))).toBe("RESULT_MALFORMED");
  server.answer = () => text("x".repeat(17 * 1024 * 1024));
  expect(codeOf(await client.call("shop__quote", { symbol: "VTI" }))).toBe("RESULT_TOO_LARGE");
});

test("a task is answered at once and asked after, by its own session alone", async () => {
  const { world, server } = shop();
  const client = await connect(world);
  let release: (value: { content: { type: string; text: string }[] }) => void = () => undefined;
  server.answer = () => new Promise((resolve) => (release = resolve as typeof release));
  const made = await client.request("tools/call", { name: "shop__quote", arguments: { symbol: "VTI" }, task: { ttl: 60_000 } });
  const taskId = String(member(member(member(made, "result"), "task"), "taskId"));
  expect(await client.request("tasks/get", { taskId })).toMatchObject({ result: { status: "working" } });
  const stranger = await connect(world);
  for (const method of ["tasks/get", "tasks/result", "tasks/cancel"])
    expect(await stranger.request(method, { taskId })).toMatchObject({ error: { code: -32_602 } });
  expect(await stranger.request("tasks/list")).toMatchObject({ result: { tasks: [] } });
  const waited = client.request("tasks/result", { taskId });
  await until(() => server.got.length === 1);
  release({ content: [{ type: "text", text: "late" }] });
  expect(await waited).toMatchObject({ result: { content: [{ text: "late" }] } });
  expect(await client.request("tasks/get", { taskId })).toMatchObject({ result: { status: "completed" } });
});

test("the stateless revision needs no hello, and says what it must", async () => {
  const { world } = shop();
  const token = await world.open();
  const relay = world.gateway.relay();
  const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
  const ask = (method: string, params = {}, own: object = meta): Promise<unknown> =>
    relay.receive(
      { jsonrpc: "2.0", id: method, method, params: { ...params, _meta: { ...own } } },
      {
        token,
        signal: new AbortController().signal,
        send: () => undefined,
      },
    );
  expect(await ask("server/discover")).toMatchObject({
    result: {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: "private",
    },
  });
  expect(await ask("tools/call", { name: "shop__quote", arguments: { symbol: "VTI" } })).toMatchObject({
    result: { resultType: "complete", structuredContent: { price: 5 } },
  });
  expect(await ask("ping")).toMatchObject({ error: { code: -32_601 } });
  expect(await ask("tools/list", {}, { ...meta, "io.modelcontextprotocol/protocolVersion": "2027-01-01" })).toMatchObject({
    error: { code: -32_022, data: { supported: ["2026-07-28"], requested: "2027-01-01" } },
  });
  expect(await ask("tools/list", {}, { "io.modelcontextprotocol/protocolVersion": "2026-07-28" })).toMatchObject({
    error: { code: -32_602 },
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}
