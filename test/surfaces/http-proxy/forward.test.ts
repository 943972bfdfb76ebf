import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createFirewall, createHttpProxy, fetchTool, httpFetchCatalogue } from "../../../src/surfaces/http-proxy.ts";
import { AddressRefused } from "../../../src/surfaces/http-proxy/connector.ts";
import { freeze, openScene, pets, replyOf, type Scene } from "./fixture.ts";

const read = readCatalogue(httpFetchCatalogue);
if (!read.ok) throw new Error(JSON.stringify(read.error));
const fetching = read.value;

const petsPlan = freeze(
  { sluice: 1, name: "pets", nodes: { one: { tool: "pets/getPet", args: { petId: "p-1" }, times: { min: 0, max: 9 } } } },
  pets,
);

/** A plan that may fetch from one host, and post to it. */
const fetchPlan: Plan = {
  sluice: 1,
  name: "fetch",
  nodes: {
    get: {
      tool: fetchTool,
      args: { method: "GET", url: { choose: { type: "string", format: "uri" } } },
      constraints: {
        hosts: ["news.example", "10.0.0.9"],
      },
      times: { min: 0, max: 50 },
      show: "none",
    },
    post: {
      tool: fetchTool,
      args: {
        method: "POST",
        url: "https://news.example/comments",
        headers: { object: { "content-type": { choose: { type: "string" } } } },
        body: { choose: {} },
      },
      optional: true,
    },
  },
};

const forward = { proxy: { forward: true } };

/** Asks as a client of a proxy does: an absolute address, and the Host header that goes with it. */
function askFor(
  scene: Scene,
  url: string,
  over: {
    readonly method?: string;
    readonly host?: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
  } = {},
) {
  const host = over.host ?? /^https?:\/\/([^/?]*)/.exec(url)?.[1] ?? "";
  return scene.ask(over.method ?? "GET", url, {
    headers: { host, ...over.headers },
    ...(over.body === undefined ? {} : { body: over.body }),
  });
}

describe("in forward mode, an absolute address", () => {
  it("of a known server is its operation, and plain http is sent as the https that the document says", async () => {
    const scene = await openScene(petsPlan, forward);
    expect((await askFor(scene, "http://api.pets.example/v1/pets/p-1")).status).toBe(200);
    expect((await askFor(scene, "http://API.pets.example/v1/pets/%7BpetId%7D")).status).toBe(200);
    expect(scene.sent.map(({ url }) => url)).toEqual(Array(2).fill("https://api.pets.example/v1/pets/p-1"));
  });

  it.each([
    "http://api.pets.example/v2/pets/p-1",
    "http://api.pets.example/v1x/pets/p-1",
    "http://api.pets.example:8080/v1/pets/p-1",
    "http://api.pets.example.evil.example/v1/pets/p-1",
    "http://evil.example/v1/pets/p-1",
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1/v1/pets/p-1",
  ])("%s is no operation of a plan without http/fetch", async (url) => {
    const scene = await openScene(petsPlan, forward);
    expect([(await askFor(scene, url)).code, scene.sent]).toEqual(["TOOL_UNKNOWN", []]);
  });

  it.each<readonly [string, string | undefined]>([
    ["http://user:pass@api.pets.example/v1/pets/p-1", "api.pets.example"],
    ["http://api.pets.example@evil.example/v1/pets/p-1", undefined],
    ["http://api.pets.example/v1/pets/p-1", "evil.example"],
    ["http://api.pets.example:80/v1/pets/p-1", "api.pets.example"],
    ["http://api.pets.example./v1/pets/p-1", undefined],
    ["http://api.pets.example\\@evil.example/v1/pets/p-1", undefined],
    ["http://api.pets.example#@evil.example/v1/pets/p-1", undefined],
    ["http://api.pets.example/v1/../v1/pets/p-1", undefined],
    ["http://api.pets.example/v1/pets/%2e%2e", undefined],
    ["http://[fe80::1%25eth0]/v1/pets/p-1", undefined],
    ["http://0x7f.1/v1/pets/p-1", undefined],
    ["http://2130706433/v1/pets/p-1", undefined],
    ["http:///v1/pets/p-1", undefined],
    ["http://api.pets.example:99999/v1/pets/p-1", undefined],
    ["ftp://api.pets.example/v1/pets/p-1", undefined],
    ["*", undefined],
    ["api.pets.example:443", undefined],
  ])("%s, with the Host %s, is refused: readers disagree about it (threat 4)", async (url, host) => {
    const scene = await openScene(petsPlan, forward);
    const reply = await askFor(scene, url, host === undefined ? {} : { host });
    expect([reply.code, scene.sent]).toEqual(["REQUEST_MALFORMED", []]);
  });

  it("twice in the Host header is refused", async () => {
    const scene = await openScene(petsPlan, forward);
    const response = await scene.proxy.handle({
      method: "GET",
      target: "http://api.pets.example/v1/pets/p-1",
      headers: [
        ["Host", "api.pets.example"],
        ["host", "evil.example"],
        ["sluice-session", scene.token],
      ],
      body: null,
      signal: new AbortController().signal,
    });
    expect([(await replyOf(response)).code, scene.sent]).toEqual(["REQUEST_MALFORMED", []]);
  });
});

describe("http/fetch", () => {
  it("sends what the plan's constraints allow, as it stands, without headers of the agent's", async () => {
    const scene = await openScene(freeze(fetchPlan, fetching), forward);
    const reply = await askFor(scene, "http://news.example/a/b?q=1%202", {
      headers: { accept: "*/*", cookie: "a=b", authorization: "Bearer x" },
    });
    expect(reply.status).toBe(200);
    expect(scene.sent).toEqual([
      {
        method: "GET",
        url: "http://news.example/a/b?q=1%202",
        headers: { accept: "application/json, text/*;q=0.9, */*;q=0.5", "accept-encoding": "identity", "user-agent": "sluice" },
        body: "",
      },
    ]);
  });

  it.each<readonly [string, string]>([
    ["http://evil.example/", "ARG_CONSTRAINT"],
    ["http://news.example.evil.example/", "ARG_CONSTRAINT"],
    ["http://xn--nws-rla.example/", "ARG_CONSTRAINT"],
    ["http://news.example/a/../b", "REQUEST_MALFORMED"],
    ["http://news.example/%2e%2e/b", "REQUEST_MALFORMED"],
    ["http://NEWS.example/", "REQUEST_MALFORMED"],
    ["http://news.example:80/", "REQUEST_MALFORMED"],
    ["http://news.example/a b", "REQUEST_MALFORMED"],
    ["http://news.example/a|b", "REQUEST_MALFORMED"],
  ])("for %s is denied with %s (threat 4)", async (url, code) => {
    const scene = await openScene(freeze(fetchPlan, fetching), forward);
    expect([(await askFor(scene, url)).code, scene.sent]).toEqual([code, []]);
  });

  it("does not reach a private address, also where the plan names the host", async () => {
    const scene = await openScene(freeze(fetchPlan, fetching), {
      ...forward,
      answer: ({ isPrivateOpen, url }) => {
        if (!isPrivateOpen && url.hostname === "10.0.0.9") throw new AddressRefused();
        return new Response("x");
      },
    });
    const visible = freeze({ ...fetchPlan, nodes: { get: { ...fetchPlan.nodes.get, show: "all" } } } as Plan, fetching);
    const seeing = await openScene(visible, { ...forward, answer: () => Promise.reject(new AddressRefused()) });
    expect((await askFor(seeing, "http://10.0.0.9/")).code).toBe("UPSTREAM_FORBIDDEN");
    // What is hidden says nothing of what there is in a network.
    expect((await askFor(scene, "http://10.0.0.9/")).code).toBeUndefined();
  });

  it("reads bodies strictly, and sends them in one form", async () => {
    const scene = await openScene(freeze(fetchPlan, fetching), forward);
    const json = { "content-type": "application/json" };
    const url = "https://news.example/comments";
    expect((await askFor(scene, url, { method: "POST", body: '{"a":1,"a":2}', headers: json })).code).toBe("REQUEST_MALFORMED");
    expect((await askFor(scene, url, { method: "POST", body: '{ "b": 1.0, "a": [] }', headers: json })).status).toBe(200);
    expect(scene.sent.map(({ method, body, headers }) => [method, body, headers["content-type"]])).toEqual([
      ["POST", '{"a":[],"b":1}', "application/json"],
    ]);
  });

  it("is not served where nobody checks addresses, nor where it is another server's tool", async () => {
    const enforcer = createFirewall({ plans: [freeze(fetchPlan, fetching)], store: createMemoryStore() });
    const connector = { checksAddresses: false, send: async () => new Response() };
    expect(() => createHttpProxy({ enforcer, connector, forward: true })).toThrow(/checks addresses/);
    const other = readCatalogue({ server: "http", tools: [{ name: "fetch", inputSchema: { type: "object" } }] });
    if (!other.ok) throw new Error("the catalogue");
    const wrong = createFirewall({
      plans: [freeze({ sluice: 1, name: "x", nodes: { a: { tool: fetchTool } } }, other.value)],
      store: createMemoryStore(),
    });
    expect(() => createHttpProxy({ enforcer: wrong, connector: { ...connector, checksAddresses: true }, forward: true })).toThrow(
      /http\/fetch/,
    );
  });
});

describe("a tunnel", () => {
  it("is never opened, and who has a session is told where else to ask", async () => {
    const scene = await openScene(petsPlan, forward);
    const headers: (readonly [string, string])[] = [["Proxy-Authorization", `Basic ${btoa(`session:${scene.token}`)}`]];
    const known = await replyOf(await scene.proxy.tunnel("api.pets.example:443", headers));
    expect([known.status, known.code, known.value]).toMatchObject([403, "TUNNEL_DENIED", { use: "/pets" }]);
    expect((await replyOf(await scene.proxy.tunnel("evil.example:443", headers))).value).not.toHaveProperty("use");
    expect((await replyOf(await scene.proxy.tunnel("api.pets.example:443", []))).code).toBe("SESSION_MISSING");
    expect(scene.sent).toEqual([]);
  });
});
