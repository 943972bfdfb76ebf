/**
 * MCP clients of several processes over one store: what any process can go on with, and what stays where it began.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson } from "../../../src/json/read.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { err } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { clientIdOf, readClientId } from "../../../src/surfaces/mcp/client-id.ts";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import { admittingOver, eventsOf, type FakeGateway, fakeGateway, type Script, tokens } from "./fake-gateway.ts";

const url = "http://localhost:8787/mcp";
const revision = "2025-11-25";
const helloWith = (capabilities: Json): Json => ({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: revision, capabilities },
});
const list: Json = { jsonrpc: "2.0", id: 1, method: "tools/list" };

interface Process {
  readonly gateway: FakeGateway;
  send(method: string, client: string, options?: { body?: Json; token?: string; last?: string }): Promise<Response>;
}

/** Handlers over one store, each as in a process of its own. */
function processes(count: number, over: { readonly store?: Store; readonly script?: Script } = {}): readonly Process[] {
  const store = over.store ?? createMemoryStore();
  return Array.from({ length: count }, () => {
    const gateway = fakeGateway(over.script);
    const handler = createMcpHandler({ gateway, enforcer: admittingOver(store) });
    return {
      gateway,
      send: (method, client, { body, token = tokens.ours, last } = {}) =>
        handler.fetch(
          new Request(url, {
            method,
            headers: {
              host: "localhost:8787",
              accept: "application/json, text/event-stream",
              "content-type": "application/json",
              "sluice-session": token,
              ...(client === "" ? {} : { "mcp-session-id": client, "mcp-protocol-version": revision }),
              ...(last === undefined ? {} : { "last-event-id": last }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          }),
        ),
    };
  });
}

async function greet(process: Process, capabilities: Json = {}): Promise<string> {
  const response = await process.send("POST", "", { body: helloWith(capabilities) });
  expect(response.status).toBe(200);
  return response.headers.get("mcp-session-id") ?? "";
}

describe("a client of several processes", () => {
  test("goes on at any of them with what it said to the first, under the same id", async () => {
    const [first, second, third] = processes(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three processes");
    const capabilities = { elicitation: { form: {} }, roots: { listChanged: true }, experimental: { "\u00fcber": 1 } };
    const id = await greet(first, capabilities);
    for (const process of [second, third, first, second]) {
      const response = await process.send("POST", id, { body: list });
      expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, id]);
      expect((await eventsOf(response)).at(-1)?.data).toContain("tools/list");
    }
    expect(first.gateway.hellos).toEqual([undefined]);
    expect(second.gateway.hellos).toEqual([{ revision, capabilities }]);
    expect(third.gateway.hellos).toEqual([{ revision, capabilities }]);
  });

  test("is taken up once, however many requests come at once", async () => {
    const [first, second] = processes(2);
    if (first === undefined || second === undefined) throw new Error("two processes");
    const id = await greet(first);
    const all = await Promise.all(Array.from({ length: 20 }, () => second.send("POST", id, { body: list })));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(second.gateway.hellos).toHaveLength(1);
  });

  test("has ended everywhere else once it has said goodbye to one", async () => {
    const [first, second, third] = processes(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three processes");
    const [id, other] = [await greet(first), await greet(first)];
    expect((await second.send("DELETE", id)).status).toBe(200);
    for (const process of [second, third]) expect((await process.send("POST", id, { body: list })).status).toBe(404);
    expect((await third.send("POST", other, { body: list })).status).toBe(200);
  });

  test("threat 13: opens nothing for another session's token, nor for a changed id, by the answer of an unknown one", async () => {
    const [first, second] = processes(2);
    if (first === undefined || second === undefined) throw new Error("two processes");
    const id = await greet(first);
    const unknown = await (await second.send("POST", "0".repeat(48), { body: list })).text();
    const foreign = await second.send("POST", id, { body: list, token: tokens.theirs });
    expect([foreign.status, await foreign.text()]).toEqual([404, unknown]);
    await fc.assert(
      fc.asyncProperty(fc.nat(id.length - 1), fc.constantFrom(..."0123456789abcdefXYZ_-."), async (at, character) => {
        fc.pre(id[at] !== character);
        const changed = `${id.slice(0, at)}${character}${id.slice(at + 1)}`;
        expect((await second.send("POST", changed, { body: list })).status).toBe(404);
      }),
      { numRuns: 100 },
    );
    expect(second.gateway.hellos).toEqual([]);
  });

  test("is not gone on with while the store does not say whether it has ended", async () => {
    const store = createMemoryStore();
    const [first, second] = processes(2, { store: { ...store, record: async () => err({ kind: "unavailable" }) } });
    if (first === undefined || second === undefined) throw new Error("two processes");
    const id = await greet(first);
    expect((await second.send("POST", id, { body: list })).status).toBe(503);
    expect((await first.send("POST", id, { body: list })).status).toBe(200);
    expect((await first.send("DELETE", id)).status).toBe(503);
  });

  test("of a session that has said goodbye too often to remember says hello again", async () => {
    const [first, second] = processes(2);
    if (first === undefined || second === undefined) throw new Error("two processes");
    const kept = await greet(first);
    for (let i = 0; i < 256; i++) await second.send("DELETE", await greet(second));
    expect((await second.send("POST", kept, { body: list })).status).toBe(404);
    expect((await first.send("POST", kept, { body: list })).status).toBe(200);
  });

  test("with more to say than a header holds is the first process's alone", async () => {
    const [first, second] = processes(2);
    if (first === undefined || second === undefined) throw new Error("two processes");
    const id = await greet(first, { experimental: { long: "x".repeat(3_000) } });
    expect(id).toHaveLength(48);
    expect((await first.send("POST", id, { body: list })).status).toBe(200);
    expect((await second.send("POST", id, { body: list })).status).toBe(404);
  });

  test("reads no stream of one process at another, and goes on with its own one", async () => {
    const script: Script = async (message) =>
      (message as { readonly method?: string }).method === "tools/list" ? { jsonrpc: "2.0", id: 1, result: {} } : undefined;
    const [first, second] = processes(2, { script });
    if (first === undefined || second === undefined) throw new Error("two processes");
    const id = await greet(first);
    const [prime] = await eventsOf(await first.send("POST", id, { body: list }));
    await eventsOf(await second.send("POST", id, { body: list }));
    expect(prime?.id).toMatch(/^p1x[0-9a-f]{8}-1$/);
    expect((await second.send("GET", id, { last: prime?.id ?? "" })).status).toBe(400);
    first.gateway.tell(1, { jsonrpc: "2.0", method: "notifications/first" });
    const [event] = await eventsOf(await first.send("GET", id), 1);
    second.gateway.tell(1, { jsonrpc: "2.0", method: "notifications/second" });
    const standalone = await second.send("GET", id, { last: event?.id ?? "" });
    expect((await eventsOf(standalone, 1))[0]?.data).toContain("notifications/second");
  });
});

test("an id says what was agreed on, to whoever has the secret, and to nobody else", () => {
  const object = fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
  fc.assert(
    fc.property(object, fc.string({ minLength: 64, maxLength: 64 }), (said, secret) => {
      const read = readJson(JSON.stringify(said));
      fc.pre(read.ok);
      const capabilities = (read.ok ? read.value : {}) as JsonObject;
      const named = { name: "a".repeat(48), hello: { revision, capabilities } };
      const id = clientIdOf(secret, named);
      fc.pre(id.length > 48);
      expect(id).toMatch(/^[\x21-\x7e]+$/);
      expect(readClientId(secret, id)).toEqual(named);
      expect(readClientId(`${secret}x`, id)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
